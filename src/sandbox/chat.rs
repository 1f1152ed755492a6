//! The life of a chat request, whatever its face: read, choose, meet the fault or answer, write.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::account::Key;
use super::choose::{self, Candidate, Pick};
use super::compose::{self, Speaker};
use super::connection::Line;
use super::faces::Face;
use super::failure::Failure;
use super::faults::{self, Act, Fault, Meeting};
use super::reply::Pace;
use super::script::pause;
use super::send::{Serving, send, set};
use super::server::Shared;
use super::wire::ChatRequest;

/// The pace of a model that exists only as a fault: 60 words at 15 ms each, unless its line says otherwise.
fn fault_pace(fault: &Fault) -> Pace {
    let (first, each) = match fault.act {
        Act::Echo => (Duration::ZERO, Duration::ZERO),
        Act::Steady(whole) => (whole, Duration::ZERO),
        _ => (Duration::from_millis(200), Duration::from_millis(15)),
    };
    Pace { first, each }
}

/// A chat request as it came in.
pub(super) struct Incoming {
    pub shared: Shared,
    pub line: Line,
    pub headers: HeaderMap,
    pub body: Result<Bytes, BytesRejection>,
}

impl FromRequest<Shared> for Incoming {
    type Rejection = Infallible;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Infallible> {
        let line = request.extensions().get::<ConnectInfo<Line>>();
        Ok(Self {
            shared: shared.clone(),
            line: line.map(|info| info.0.clone()).unwrap_or_default(),
            headers: request.headers().clone(),
            body: Bytes::from_request(request, shared).await,
        })
    }
}

/// Answers in the shape of `face`.
pub(super) async fn chat(incoming: Incoming, face: &dyn Face) -> Response {
    respond(incoming, face)
        .await
        .unwrap_or_else(|failure| face.refuse(failure))
}

/// One candidate that was tried: who, where, and the status it gave.
pub(super) type Attempt = (String, String, u16);

async fn respond(incoming: Incoming, face: &dyn Face) -> Result<Response, Failure> {
    let Incoming {
        shared,
        line,
        headers,
        body,
    } = incoming;
    let (shared, headers) = (&shared, &headers);
    let key = face.caller(headers)?;
    let body =
        body.map_err(|_| Failure::new(413, "payload_too_large", "Request payload too large"))?;
    let request = face.read(&body)?;
    let plan = choose::plan(&request, shared.strict)?;
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut last = Failure::new(404, "not_found", "No endpoints found for this request");
    for candidate in &plan.candidates {
        let (name, provider, tried) = match candidate {
            Candidate::Nowhere(name, failure) => {
                (name.clone(), String::new(), Err(failure.clone()))
            }
            Candidate::Model(pick) => {
                let tried = try_model(shared, &key, &request, *pick);
                (pick.model.id.clone(), pick.host.provider.clone(), tried)
            }
            Candidate::Fault(fault) => {
                let name = format!("sandbox/{}", fault.name);
                match try_fault(shared, &key, &request, fault) {
                    Met::Broken(long) => {
                        pause(long, shared.time_scale).await;
                        line.reset();
                        // The connection is gone; nobody reads this.
                        return Err(Failure::new(
                            502,
                            "provider_unavailable",
                            "Connection reset",
                        ));
                    }
                    Met::Tried(tried) => {
                        (name, "Sandbox".to_owned(), tried.map(|serving| *serving))
                    }
                }
            }
        };
        match tried {
            Ok(serving) => {
                attempts.push((name, provider, 200));
                let reply = compose::reply(
                    shared,
                    &key,
                    headers,
                    &request,
                    &plan,
                    &serving.speaker,
                    &attempts,
                )
                .await?;
                let mut response = send(shared, line, &request, serving, &reply, face).await;
                if let Some(note) = &plan.note {
                    set(&mut response, "x-sandbox-note", note);
                }
                return Ok(response);
            }
            Err(failure) => {
                attempts.push((name, provider, failure.status));
                last = failure;
            }
        }
    }
    let before = attempts.len().saturating_sub(1);
    if before > 0 {
        let earlier = attempts.iter().take(before).map(|(_, provider, status)| {
            json!({ "provider": provider, "code": status, "status": status })
        });
        last.metadata
            .insert("previous_errors".into(), earlier.collect());
    }
    if compose::wants_metadata(headers) {
        last.routing = Some(compose::metadata(&plan, None, &attempts));
    }
    // An error takes as long as a word with the provider.
    pause(Duration::from_millis(60), shared.time_scale).await;
    Err(last)
}

fn try_model(
    shared: &Shared,
    key: &Key,
    request: &ChatRequest,
    pick: Pick,
) -> Result<Serving<'static>, Failure> {
    compose::check_length(request, pick.model)?;
    if pick.model.is_free() {
        shared.ledger().account(key).count_free()?;
    }
    let speed = pick.host.tokens_per_second.max(1);
    Ok(Serving {
        speaker: Speaker::Model(pick),
        pace: Pace {
            first: Duration::from_millis(pick.host.ttft_ms),
            each: Duration::from_micros(1_000_000 / speed),
        },
        before_headers: Duration::ZERO,
        before_text: Duration::ZERO,
        quirk: None,
    })
}

enum Met<'a> {
    /// After so long the connection breaks.
    Broken(Duration),
    Tried(Result<Box<Serving<'a>>, Failure>),
}

fn try_fault<'a>(shared: &Shared, key: &Key, request: &ChatRequest, fault: &'a Fault) -> Met<'a> {
    let prefilled = request
        .messages
        .last()
        .is_some_and(|m| m.role == "assistant");
    let mut ledger = shared.ledger();
    let history = ledger.account(key).faults.entry(fault.name).or_default();
    match faults::meet(fault, history, prefilled, shared.time_scale) {
        Meeting::Refused(failure) => Met::Tried(Err(failure)),
        Meeting::Reset => Met::Broken(Duration::ZERO),
        Meeting::Silence(long) => Met::Broken(long),
        Meeting::Answer {
            before_headers,
            before_text,
            quirk,
        } => Met::Tried(Ok(Box::new(Serving {
            speaker: Speaker::Fault {
                fault,
                sixty_words: quirk.is_some(),
            },
            pace: fault_pace(fault),
            before_headers,
            before_text,
            quirk,
        }))),
    }
}
