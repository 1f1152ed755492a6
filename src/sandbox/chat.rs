//! `POST /chat/completions`: read, choose, meet the fault or answer, write.

use std::collections::VecDeque;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::account::{self, Key};
use super::choose::{self, Candidate, Pick};
use super::compose::{self, Speaker};
use super::connection::Line;
use super::failure::Failure;
use super::faults::{self, Act, Fault, Meeting, Plain, Quirk};
use super::reply::{Pace, Reply};
use super::script::{self, Event, Step, bytes_in_steps, pause};
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

pub(super) async fn chat(
    State(shared): State<Shared>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    respond(&shared, line, &headers, body)
        .await
        .unwrap_or_else(Failure::into_response)
}

/// One candidate that was tried: who, where, and the status it gave.
pub(super) type Attempt = (String, String, u16);

/// What is to be sent, once somebody answers.
struct Serving<'a> {
    speaker: Speaker<'a>,
    pace: Pace,
    before_headers: Duration,
    before_text: Duration,
    quirk: Option<Quirk>,
}

async fn respond(
    shared: &Shared,
    line: Line,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let key = account::caller(headers)?;
    let body =
        body.map_err(|_| Failure::new(413, "payload_too_large", "Request payload too large"))?;
    let request = ChatRequest::read(&body)?;
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
                return Ok(send(shared, line, &request, serving, reply, &plan.note).await);
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

async fn send(
    shared: &Shared,
    line: Line,
    request: &ChatRequest,
    serving: Serving<'_>,
    reply: Reply,
    note: &Option<String>,
) -> Response {
    let scale = shared.time_scale;
    let mut pace = serving.pace;
    pace.first += serving.before_text;
    pause(serving.before_headers, scale).await;
    // A page or an empty body is what the edge sends, whatever was asked for.
    let edge = matches!(serving.quirk, Some(Quirk::Html | Quirk::EmptyBody));
    let mut response = if request.stream && !edge {
        let debug = request
            .echo_upstream
            .then(|| json!({ "echo_upstream_body": request.raw }));
        let events = reply.events(pace, debug);
        let (events, dialect) = match serving.quirk {
            Some(quirk) => faults::quirk_events(quirk, events),
            None => (events, script::Dialect::default()),
        };
        script::stream_response(events, dialect, scale, line)
    } else if !serving.before_text.is_zero() {
        // Headers at once, the body later.
        let steps = VecDeque::from([
            Step::Pause(reply.duration(pace)),
            Step::Bytes(reply.body().to_string().into_bytes()),
        ]);
        (
            [(CONTENT_TYPE, "application/json")],
            script::body(steps, scale, line),
        )
            .into_response()
    } else {
        pause(reply.duration(pace), scale).await;
        plain(serving.quirk, reply.body(), scale, line)
    };
    set(&mut response, "x-generation-id", &reply.id);
    if let Some(note) = note {
        set(&mut response, "x-sandbox-note", note);
    }
    response
}

fn plain(quirk: Option<Quirk>, body: Value, scale: f64, line: Line) -> Response {
    let bent = match quirk {
        None => return Json(body).into_response(),
        Some(quirk) => faults::quirk_plain(quirk, body),
    };
    let (kind, mut steps) = match bent {
        Plain::Json(body) => return Json(body).into_response(),
        Plain::Bytes {
            kind,
            bytes,
            split,
            then,
        } => {
            let mut steps = bytes_in_steps(&bytes, split);
            match then {
                Some(Event::Reset) => steps.push(Step::Reset),
                Some(_) => steps.push(Step::Cut),
                None => {}
            }
            (kind, steps)
        }
        Plain::Silence(bytes, long) => (
            "application/json",
            vec![Step::Bytes(bytes), Step::Pause(long), Step::Cut],
        ),
    };
    let steps: VecDeque<Step> = steps.drain(..).collect();
    ([(CONTENT_TYPE, kind)], script::body(steps, scale, line)).into_response()
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
}
