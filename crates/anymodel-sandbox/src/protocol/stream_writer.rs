//! Stream writer: the interface of the encoders for streamed answers, and the framing of their events.

use anymodel_types::{FinishReason, Usage};
use serde_json::Value;

use super::ErrorBody;

/// The head of an answer: what stands in its first fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerHead {
    /// The id of the answer, such as `chatcmpl-…`, `msg_…` or `resp_…`.
    pub id: String,
    /// When it was made, in Unix seconds.
    pub created: u64,
    /// The model that answers.
    pub model: String,
}

impl AnswerHead {
    /// The head of an answer.
    pub fn new(id: impl Into<String>, created: u64, model: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            created,
            model: model.into(),
        }
    }
}

/// More of a tool call. Deltas with the same index belong together; another id under the same index begins another call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToolCallDelta<'a> {
    /// The index of the call among the calls of this answer.
    pub index: usize,
    /// Its id, in the first delta.
    pub id: Option<&'a str>,
    /// The name of the function, in the first delta.
    pub name: Option<&'a str>,
    /// More of the JSON text of its arguments.
    pub arguments: &'a str,
}

/// Stream writer: encodes a streamed answer as server-sent events.
///
/// Each method returns the text to send now, which may be empty. The first delta also writes the beginning of the stream.
/// After [`finish`](Self::finish) or [`error`](Self::error) the stream has ended, and nothing more is written.
pub trait StreamWriter: Send {
    /// The beginning of the stream, unless it was written already.
    fn start(&mut self) -> String;

    /// More text.
    fn text(&mut self, piece: &str) -> String;

    /// More of the reasoning.
    fn reasoning(&mut self, piece: &str) -> String;

    /// More of a tool call.
    fn tool_call(&mut self, delta: &ToolCallDelta<'_>) -> String;

    /// The tokens of the whole answer, which are written at the end. Known before the start, those of the prompt are also
    /// written where the protocol has a place for them.
    fn usage(&mut self, usage: Usage);

    /// The whole end of the stream, with the usage.
    fn finish(&mut self, reason: &FinishReason) -> String;

    /// An error, which ends the stream without an end marker.
    fn error(&mut self, error: &ErrorBody) -> String;

    /// A sign of life: a comment, or an event that says nothing.
    fn ping(&mut self) -> String;
}

/// The comment that keeps a connection alive.
pub(super) const PING: &str = ": ping\n\n";

/// Writes events without a name.
pub(super) fn data(events: &[Value]) -> String {
    let frames = events.iter().map(|event| format!("data: {event}\n\n"));
    frames.collect()
}

/// Writes events whose name is their type.
pub(super) fn named(events: &[Value]) -> String {
    let frame = |event: &Value| {
        let name = event["type"].as_str().unwrap_or("message");
        format!("event: {name}\ndata: {event}\n\n")
    };
    events.iter().map(frame).collect()
}
