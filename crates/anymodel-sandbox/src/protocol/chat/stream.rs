//! Encoding of a streamed chat completion: chunks, and `[DONE]` at the end.

use anymodel_types::{FinishReason, Usage};
use serde_json::{Value, json};

use super::answer::{chunk, delta_choice, usage};
use crate::protocol::stream_writer::{PING, data};
use crate::protocol::{AnswerHead, ErrorBody, StreamWriter, ToolCallDelta};

/// The end marker.
const DONE: &str = "data: [DONE]\n\n";

/// Stream writer for chat completions.
///
/// The usage has a chunk of its own with no choices, just before the end, when the client asked for it; then all other
/// chunks carry `usage: null`.
#[derive(Debug)]
pub struct ChatStream {
    head: AnswerHead,
    include_usage: bool,
    usage: Option<Usage>,
    started: bool,
    ended: bool,
}

impl ChatStream {
    /// A stream; `include_usage` as the client asked.
    pub fn new(head: AnswerHead, include_usage: bool) -> Self {
        Self {
            head,
            include_usage,
            usage: None,
            started: false,
            ended: false,
        }
    }

    fn chunk(&self, choices: Value) -> Value {
        let mut chunk = chunk(&self.head, choices);
        if self.include_usage {
            chunk["usage"] = Value::Null;
        }
        chunk
    }

    fn say(&mut self, delta: Value) -> String {
        if self.ended {
            return String::new();
        }
        let chunk = self.chunk(json!([delta_choice(delta, None)]));
        self.start() + &data(&[chunk])
    }
}

impl StreamWriter for ChatStream {
    fn start(&mut self) -> String {
        if self.started || self.ended {
            return String::new();
        }
        self.started = true;
        let delta = json!({ "role": "assistant", "content": "", "refusal": null });
        data(&[self.chunk(json!([delta_choice(delta, None)]))])
    }

    fn text(&mut self, piece: &str) -> String {
        match piece.is_empty() {
            true => String::new(),
            false => self.say(json!({ "content": piece })),
        }
    }

    fn reasoning(&mut self, piece: &str) -> String {
        match piece.is_empty() {
            true => String::new(),
            false => self.say(json!({ "reasoning_content": piece })),
        }
    }

    fn tool_call(&mut self, delta: &ToolCallDelta<'_>) -> String {
        let mut call =
            json!({ "index": delta.index, "function": { "arguments": delta.arguments } });
        if let Some(id) = delta.id {
            call["id"] = json!(id);
            call["type"] = json!("function");
        }
        if let Some(name) = delta.name {
            call["function"]["name"] = json!(name);
        }
        self.say(json!({ "tool_calls": [call] }))
    }

    fn usage(&mut self, usage: Usage) {
        self.usage = Some(usage);
    }

    fn finish(&mut self, reason: &FinishReason) -> String {
        if self.ended {
            return String::new();
        }
        let mut text = self.start();
        self.ended = true;
        let mut last = vec![self.chunk(json!([delta_choice(json!({}), Some(reason.as_str()))]))];
        if self.include_usage {
            let mut chunk = chunk(&self.head, json!([]));
            chunk["usage"] = usage(&self.usage.unwrap_or_default());
            last.push(chunk);
        }
        text += &data(&last);
        text + DONE
    }

    fn error(&mut self, error: &ErrorBody) -> String {
        if std::mem::replace(&mut self.ended, true) {
            return String::new();
        }
        data(&[error.openai()])
    }

    fn ping(&mut self) -> String {
        match self.ended {
            true => String::new(),
            false => PING.to_owned(),
        }
    }
}
