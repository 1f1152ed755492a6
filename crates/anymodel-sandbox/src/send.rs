//! Response sender: plain or streamed, at its pace, and with its fault.

use std::collections::VecDeque;
use std::time::Duration;

use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answer_builder::AnswerSource;
use super::connection::ConnectionHandle;
use super::faults::{self, Plain, ResponseFault};
use super::reply::{Pacing, SandboxReply};
use super::request::SandboxRequest;
use super::server::ServerState;
use super::sse_writer::{self, SseEvent, WriteStep, bytes_in_steps, pause};
use super::vendor_apis::VendorApi;

/// An answer before it is sent: its source, pace and fault.
pub(super) struct Serving<'a> {
    pub speaker: AnswerSource<'a>,
    pub pace: Pacing,
    pub before_headers: Duration,
    pub before_text: Duration,
    pub quirk: Option<ResponseFault>,
}

/// Sends `reply` in the vendor API's format.
pub(super) async fn send(
    shared: &ServerState,
    line: ConnectionHandle,
    request: &SandboxRequest,
    serving: Serving<'_>,
    reply: &SandboxReply,
    face: &dyn VendorApi,
) -> Response {
    let scale = shared.time_scale;
    let mut pace = serving.pace;
    pace.first += serving.before_text;
    pause(serving.before_headers, scale).await;
    // An edge server sends a page or an empty body, also when a stream was requested.
    let edge = matches!(
        serving.quirk,
        Some(
            ResponseFault::Html
                | ResponseFault::EmptyBody
                | ResponseFault::JsonAsEvents
                | ResponseFault::ErrorAsEvents
        )
    );
    let mut response = if request.stream && !edge {
        let debug = request
            .echo_upstream
            .then(|| json!({ "echo_upstream_body": request.raw }));
        let events = reply.events(pace, debug);
        let (events, mut dialect) = match serving.quirk {
            Some(quirk) => faults::quirk_events(quirk, events),
            None => (events, sse_writer::StreamFormat::default()),
        };
        dialect.named = face.names_events();
        sse_writer::stream_response(face.events(request, reply, events), dialect, scale, line)
    } else if !serving.before_text.is_zero() {
        // The headers come at once, the body later.
        let steps = VecDeque::from([
            WriteStep::Pause(reply.duration(pace)),
            WriteStep::Bytes(face.body(reply, reply.body()).to_string().into_bytes()),
        ]);
        (
            [(CONTENT_TYPE, "application/json")],
            sse_writer::body(steps, scale, line),
        )
            .into_response()
    } else {
        pause(reply.duration(pace), scale).await;
        let write = |body| face.body(reply, body);
        plain(serving.quirk, reply.body(), write, scale, line)
    };
    if let Some((name, value)) = face.mark(reply) {
        set(&mut response, name, &value);
    }
    response
}

fn plain(
    quirk: Option<ResponseFault>,
    body: Value,
    write: impl Fn(Value) -> Value,
    scale: f64,
    line: ConnectionHandle,
) -> Response {
    let bent = match quirk {
        None => return Json(write(body)).into_response(),
        Some(quirk) => faults::quirk_plain(quirk, body, write),
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
                Some(SseEvent::Reset) => steps.push(WriteStep::Reset),
                Some(_) => steps.push(WriteStep::Cut),
                None => {}
            }
            (kind, steps)
        }
        Plain::Silence(bytes, long) => (
            "application/json",
            vec![
                WriteStep::Bytes(bytes),
                WriteStep::Pause(long),
                WriteStep::Cut,
            ],
        ),
    };
    let steps: VecDeque<WriteStep> = steps.drain(..).collect();
    ([(CONTENT_TYPE, kind)], sse_writer::body(steps, scale, line)).into_response()
}

/// Sets a header.
pub(super) fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
}
