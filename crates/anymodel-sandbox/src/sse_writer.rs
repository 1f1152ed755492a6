//! SSE writer: sends a streamed answer as server-sent events, with its pauses.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::Value;

use super::connection::ConnectionHandle;
use super::faults::{empty_error, truncated};

/// One step of a streamed answer.
#[derive(Debug, Clone)]
pub(super) enum SseEvent {
    /// A comment line, which keeps the connection alive.
    Comment(&'static str),
    /// One chunk of the answer.
    Chunk(Value),
    /// The first half of a chunk, which is no JSON.
    Half(Value),
    /// An error in another server's format, in an event of that name.
    Error(Value),
    /// The end marker.
    Done,
    Pause(Duration),
    /// The connection closes in the middle of the body.
    Cut,
    /// The connection is reset.
    Reset,
}

/// The format of events. The standard allows all of these variants, and clients must support them.
#[derive(Debug, Clone, Copy)]
pub(super) struct StreamFormat {
    pub newline: &'static str,
    /// Whether a space follows `data:`.
    pub space: bool,
    /// Whether one event is spread over several `data:` lines.
    pub several_lines: bool,
    /// Whether the bytes are sent in small parts that split characters.
    pub split: bool,
    /// Whether each event has the `type` of its chunk as its name.
    pub named: bool,
    /// Whether a blank line ends each event, and the last one.
    pub blank_lines: bool,
    pub last_blank_line: bool,
    /// Whether an empty `data:` comes before each event.
    pub empty_data: bool,
    /// Whether a byte order mark comes first.
    pub mark: bool,
    /// Whether placeholders are replaced by halves of characters.
    pub halves: bool,
    /// Whether an error has a field of its own.
    pub error_field: bool,
    /// Whether each event contains an empty error.
    pub empty_error: bool,
    /// The content type of the stream.
    pub kind: &'static str,
}

impl Default for StreamFormat {
    fn default() -> Self {
        Self {
            newline: "\n",
            space: true,
            several_lines: false,
            split: false,
            named: false,
            blank_lines: true,
            last_blank_line: true,
            empty_data: false,
            mark: false,
            halves: false,
            error_field: false,
            empty_error: false,
            kind: "text/event-stream",
        }
    }
}

impl StreamFormat {
    fn write(&self, event: &SseEvent) -> Vec<u8> {
        let data = match event {
            SseEvent::Comment(text) => return format!(": {text}{0}{0}", self.newline).into_bytes(),
            SseEvent::Chunk(value) if self.several_lines => {
                // A pretty-printed chunk: the client joins the lines with line feeds, which are white space in JSON.
                serde_json::to_string_pretty(value).unwrap_or_default()
            }
            SseEvent::Chunk(value) if self.error_field && value["error"].is_object() => {
                return format!("error: {}{1}{1}", value["error"], self.newline).into_bytes();
            }
            SseEvent::Error(error) => {
                return format!("event: error{0}data: {error}{0}{0}", self.newline).into_bytes();
            }
            SseEvent::Chunk(value) if self.empty_error => {
                let mut value = value.clone();
                value["error"] = empty_error();
                value.to_string()
            }
            SseEvent::Chunk(value) if self.halves => truncated(&value.to_string()),
            SseEvent::Chunk(value) => value.to_string(),
            SseEvent::Half(value) => {
                let text = value.to_string();
                text.chars().take(text.chars().count() / 2).collect()
            }
            SseEvent::Done => "[DONE]".to_owned(),
            SseEvent::Pause(_) | SseEvent::Cut | SseEvent::Reset => return Vec::new(),
        };
        let field = if self.space { "data: " } else { "data:" };
        let mut text = String::new();
        if self.empty_data {
            text = format!("{field}{0}{0}", self.newline);
        }
        if let (true, SseEvent::Chunk(value) | SseEvent::Half(value)) = (self.named, event) {
            let name = value.get("type").and_then(Value::as_str);
            let field = field.replace("data", "event");
            text.push_str(&format!(
                "{field}{}{}",
                name.unwrap_or("error"),
                self.newline
            ));
        }
        for line in data.lines() {
            text.push_str(field);
            text.push_str(line);
            text.push_str(self.newline);
        }
        if self.blank_lines {
            text.push_str(self.newline);
        }
        text.into_bytes()
    }
}

/// Waits, in simulated time: `scale` 1 is real time, 0 does not wait at all.
pub(super) async fn pause(duration: Duration, scale: f64) {
    let scaled = duration.mul_f64(scale);
    if scaled.is_zero() {
        // The bytes so far are sent before the next ones.
        tokio::task::yield_now().await;
    } else {
        tokio::time::sleep(scaled).await;
    }
}

/// The response with a streamed answer.
pub(super) fn stream_response(
    events: Vec<SseEvent>,
    dialect: StreamFormat,
    scale: f64,
    line: ConnectionHandle,
) -> Response {
    let last = events.len().saturating_sub(1);
    let written = |at: usize, event: &SseEvent| {
        let mut bytes = dialect.write(event);
        if at == last && !dialect.last_blank_line {
            bytes.truncate(bytes.len().saturating_sub(dialect.newline.len()));
        }
        match (at, dialect.mark) {
            (0, true) => ["\u{feff}".as_bytes(), &bytes].concat(),
            _ => bytes,
        }
    };
    let steps: VecDeque<WriteStep> = events
        .iter()
        .enumerate()
        .flat_map(|(at, event)| match event {
            SseEvent::Pause(duration) => vec![WriteStep::Pause(*duration)],
            SseEvent::Cut => vec![WriteStep::Cut],
            SseEvent::Reset => vec![WriteStep::Reset],
            other => bytes_in_steps(&written(at, other), dialect.split),
        })
        .collect();
    let headers = [(CONTENT_TYPE, dialect.kind), (CACHE_CONTROL, "no-cache")];
    (headers, body(steps, scale, line)).into_response()
}

/// The time that loopback needs to deliver the bytes before a reset.
const BEFORE_RESET: Duration = Duration::from_millis(10);

/// One step of a body.
#[derive(Debug)]
pub(super) enum WriteStep {
    Bytes(Vec<u8>),
    Pause(Duration),
    Cut,
    Reset,
}

/// Bytes as one step, or in parts of five bytes with a short pause between them.
pub(super) fn bytes_in_steps(bytes: &[u8], split: bool) -> Vec<WriteStep> {
    if !split {
        return vec![WriteStep::Bytes(bytes.to_vec())];
    }
    bytes
        .chunks(5)
        .flat_map(|piece| {
            [
                WriteStep::Bytes(piece.to_vec()),
                WriteStep::Pause(Duration::from_millis(1)),
            ]
        })
        .collect()
}

/// A response body that is sent step by step.
pub(super) fn body(steps: VecDeque<WriteStep>, scale: f64, line: ConnectionHandle) -> Body {
    Body::from_stream(stream::unfold(steps, move |mut steps| {
        let line = line.clone();
        async move {
            loop {
                match steps.pop_front()? {
                    WriteStep::Bytes(bytes) => return Some((Ok::<_, io::Error>(bytes), steps)),
                    WriteStep::Pause(duration) => pause(duration, scale).await,
                    WriteStep::Cut => {
                        // The bytes before the cut should arrive, so they get time to be sent.
                        tokio::task::yield_now().await;
                        return Some((Err(io::ErrorKind::ConnectionAborted.into()), steps));
                    }
                    WriteStep::Reset => {
                        // A reset discards the socket's unsent bytes, so a moment of real time is needed.
                        tokio::time::sleep(BEFORE_RESET).await;
                        line.reset();
                        return Some((Err(io::ErrorKind::ConnectionReset.into()), steps));
                    }
                }
            }
        }
    }))
}
