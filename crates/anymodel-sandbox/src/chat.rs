//! Chat request handler for every vendor API: parses the request, chooses a host, applies the fault, sends the answer.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, FromRequest, Request};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::account::ApiKey;
use super::answer_builder::{self, AnswerSource};
use super::connection::ConnectionHandle;
use super::error_response::ErrorResponse;
use super::faults::{self, Fault, FaultKind, FaultOutcome};
use super::host_selection::{self, HostCandidate, HostChoice};
use super::reply::Pacing;
use super::request::SandboxRequest;
use super::send::{Serving, send, set};
use super::server::ServerState;
use super::sse_writer::pause;
use super::vendor_apis::VendorApi;

/// The pace of a fault model: 60 words at 15 ms each, unless the fault has its own.
fn fault_pace(fault: &Fault) -> Pacing {
    let (first, each) = match fault.act {
        FaultKind::Echo => (Duration::ZERO, Duration::ZERO),
        FaultKind::Steady(whole) => (whole, Duration::ZERO),
        _ => (Duration::from_millis(200), Duration::from_millis(15)),
    };
    Pacing { first, each }
}

/// A chat request before it is parsed.
pub(super) struct Incoming {
    pub shared: ServerState,
    pub line: ConnectionHandle,
    pub headers: HeaderMap,
    pub body: Result<Bytes, BytesRejection>,
}

impl Incoming {
    /// The body; an error when it is too large.
    pub fn bytes(&self) -> Result<&Bytes, ErrorResponse> {
        let body = self.body.as_ref();
        body.map_err(|_| ErrorResponse::new(413, "payload_too_large", "Request payload too large"))
    }
}

impl FromRequest<ServerState> for Incoming {
    type Rejection = Infallible;

    async fn from_request(request: Request, shared: &ServerState) -> Result<Self, Infallible> {
        let line = request.extensions().get::<ConnectInfo<ConnectionHandle>>();
        Ok(Self {
            shared: shared.clone(),
            line: line.map(|info| info.0.clone()).unwrap_or_default(),
            headers: request.headers().clone(),
            body: Bytes::from_request(request, shared).await,
        })
    }
}

/// Answers a chat request in one vendor API's format.
pub(super) async fn chat(incoming: Incoming, face: &dyn VendorApi) -> Response {
    respond(incoming, face)
        .await
        .unwrap_or_else(|failure| face.refuse(failure))
}

/// One attempt at a candidate: model, provider and status.
pub(super) type HostAttempt = (String, String, u16);

async fn respond(incoming: Incoming, face: &dyn VendorApi) -> Result<Response, ErrorResponse> {
    let (shared, headers) = (&incoming.shared, &incoming.headers);
    let line = incoming.line.clone();
    let key = face.caller(headers)?;
    let request = face.read(incoming.bytes()?)?;
    let plan = host_selection::plan_hosts(&request, shared.strict)?;
    let mut attempts: Vec<HostAttempt> = Vec::new();
    let mut last = ErrorResponse::new(404, "not_found", "No endpoints found for this request");
    for candidate in &plan.candidates {
        let (name, provider, tried) = match candidate {
            HostCandidate::Nowhere(name, failure) => {
                (name.clone(), String::new(), Err(failure.clone()))
            }
            HostCandidate::Model(pick) => {
                let tried = try_model(shared, &key, &request, *pick);
                (pick.model.id.clone(), pick.host.provider.clone(), tried)
            }
            HostCandidate::Fault(fault) => {
                let name = format!("sandbox/{}", fault.name);
                match try_fault(shared, &key, &request, fault) {
                    ChosenAnswer::Broken(long) => {
                        return Err(broken(&incoming, long).await);
                    }
                    ChosenAnswer::Tried(tried) => {
                        (name, "Sandbox".to_owned(), tried.map(|serving| *serving))
                    }
                }
            }
        };
        match tried {
            Ok(serving) => {
                attempts.push((name, provider, 200));
                let reply = answer_builder::reply(
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
    if answer_builder::wants_metadata(headers) {
        last.routing = Some(answer_builder::metadata(&plan, None, &attempts));
    }
    // An error takes as long as one round trip to the provider.
    pause(Duration::from_millis(60), shared.time_scale).await;
    Err(last)
}

fn try_model(
    shared: &ServerState,
    key: &ApiKey,
    request: &SandboxRequest,
    pick: HostChoice,
) -> Result<Serving<'static>, ErrorResponse> {
    answer_builder::check_length(request, pick.model)?;
    if pick.model.is_free() {
        shared.ledger().account(key).count_free()?;
    }
    let speed = pick.host.tokens_per_second.max(1);
    Ok(Serving {
        speaker: AnswerSource::Model(pick),
        pace: Pacing {
            first: Duration::from_millis(pick.host.ttft_ms),
            each: Duration::from_micros(1_000_000 / speed),
        },
        before_headers: Duration::ZERO,
        before_text: Duration::ZERO,
        quirk: None,
    })
}

enum ChosenAnswer<'a> {
    /// The connection breaks after this time.
    Broken(Duration),
    Tried(Result<Box<Serving<'a>>, ErrorResponse>),
}

fn try_fault<'a>(
    shared: &ServerState,
    key: &ApiKey,
    request: &SandboxRequest,
    fault: &'a Fault,
) -> ChosenAnswer<'a> {
    let prefilled = request
        .messages
        .last()
        .is_some_and(|m| m.role == "assistant");
    let mut ledger = shared.ledger();
    let history = ledger.account(key).faults.entry(fault.name).or_default();
    match faults::trigger(fault, history, prefilled, shared.time_scale) {
        FaultOutcome::Refused(failure) => ChosenAnswer::Tried(Err(failure)),
        FaultOutcome::Reset => ChosenAnswer::Broken(Duration::ZERO),
        FaultOutcome::Silence(long) => ChosenAnswer::Broken(long),
        FaultOutcome::Answer {
            before_headers,
            before_text,
            quirk,
        } => ChosenAnswer::Tried(Ok(Box::new(Serving {
            speaker: AnswerSource::Fault {
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

/// Breaks the connection after this time. It is closed then, so the error is not sent.
async fn broken(incoming: &Incoming, long: Duration) -> ErrorResponse {
    pause(long, incoming.shared.time_scale).await;
    incoming.line.reset();
    ErrorResponse::new(502, "provider_unavailable", "Connection reset")
}

/// The effect of a fault on a request that no model writes an answer to: an error, a broken connection or a delay. The
/// content of the answer stays as it is.
pub(super) async fn only_delay(
    incoming: &Incoming,
    key: &ApiKey,
    fault: &Fault,
) -> Result<(), ErrorResponse> {
    let shared = &incoming.shared;
    let outcome = {
        let mut ledger = shared.ledger();
        let history = ledger.account(key).faults.entry(fault.name).or_default();
        faults::trigger(fault, history, false, shared.time_scale)
    };
    match outcome {
        FaultOutcome::Refused(failure) => Err(failure),
        FaultOutcome::Reset => Err(broken(incoming, Duration::ZERO).await),
        FaultOutcome::Silence(long) => Err(broken(incoming, long).await),
        FaultOutcome::Answer {
            before_headers,
            before_text,
            ..
        } => {
            pause(before_headers + before_text, shared.time_scale).await;
            Ok(())
        }
    }
}
