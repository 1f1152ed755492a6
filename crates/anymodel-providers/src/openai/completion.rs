//! Chat completion types for response decoding. Whole answers and events of a stream have the same fields.
//!
//! Platforms differ and change without notice: a field is missing, null, a number instead of a string, or has an unknown
//! value. So no field can make decoding fail, and an unusable value counts as absent. The meaning of an absent field is
//! decided once for all platforms, in `completeness`. Fields that are rare in a stream are boxed, because each
//! event is moved several times while it is decoded.

use serde::Deserialize;
use serde_json::Value;

use super::tool_calls::WireFunction;
use super::usage::{Groq, WireUsage};
use crate::lenient::{count, is_there, lenient, list, object, object_or_text, reason, word};

/// A chat completion, or one event of it, under HTTP 2xx. It may still be an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Completion {
    #[serde(deserialize_with = "word")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "word")]
    pub(super) model: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(super) choices: Option<Vec<Choice>>,
    #[serde(deserialize_with = "object")]
    pub(super) usage: Option<Box<WireUsage>>,
    #[serde(deserialize_with = "lenient")]
    pub(super) x_groq: Option<Box<Groq>>,
    #[serde(deserialize_with = "lenient")]
    pub(super) error: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    pub(super) base_resp: Option<Value>,
}

/// One choice. All choices are parts of one answer: this crate never requests several answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    /// Moonshot writes the usage here.
    #[serde(deserialize_with = "lenient")]
    pub(super) usage: Option<Box<WireUsage>>,
    #[serde(deserialize_with = "count")]
    pub(super) index: Option<u64>,
    #[serde(deserialize_with = "object_or_text")]
    pub(super) delta: Option<Message>,
    /// Servers that cannot stream put the whole message into one event; some send deltas when no stream was requested.
    #[serde(deserialize_with = "object_or_text")]
    pub(super) message: Option<Box<Message>>,
    /// The text of legacy completions.
    #[serde(deserialize_with = "word")]
    text: Option<String>,
    #[serde(deserialize_with = "reason")]
    pub(super) finish_reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) error: Option<Value>,
}

/// A message of the model, or a delta of one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    pub(super) content: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    pub(super) refusal: Option<String>,
    #[serde(deserialize_with = "word")]
    pub(super) reasoning: Option<String>,
    #[serde(deserialize_with = "word")]
    pub(super) reasoning_content: Option<String>,
    /// Other names of the reasoning: Copilot's, and Ollama's own.
    #[serde(deserialize_with = "word")]
    pub(super) reasoning_text: Option<String>,
    #[serde(deserialize_with = "word")]
    pub(super) thinking: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(super) reasoning_details: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    pub(super) tool_calls: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    pub(super) function_call: Option<Box<WireFunction>>,
    #[serde(deserialize_with = "lenient")]
    pub(super) extra_content: Option<Value>,
    /// A voice, and images: OpenAI's field, and OpenRouter's.
    #[serde(deserialize_with = "is_there")]
    pub(super) audio: bool,
    #[serde(deserialize_with = "is_there")]
    pub(super) images: bool,
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Message {
            content: Some(text.into()),
            ..Message::default()
        }
    }
}

impl From<String> for Box<Message> {
    fn from(text: String) -> Self {
        Box::new(text.into())
    }
}

impl Message {
    /// Whether it has content that is no text.
    pub(super) fn has_media(&self) -> bool {
        self.audio || self.images
    }

    fn says_nothing(&self) -> bool {
        let content = match &self.content {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty(),
            Some(_) => false,
        };
        content && self.tool_calls.is_none() && self.function_call.is_none() && !self.has_media()
    }
}

impl Choice {
    /// The message, from any of its fields, and whether it is the whole answer so far: MiniMax ends a stream with it, and
    /// Perplexity writes it beside each delta.
    pub(super) fn said(&mut self) -> (Message, bool) {
        let is_beside = self.delta.is_some();
        let said = self.delta.take().unwrap_or_default();
        if !said.says_nothing() {
            return (said, false);
        }
        match (self.message.take(), self.text.take()) {
            (Some(whole), _) => (*whole, is_beside || self.finish_reason.is_some()),
            (None, Some(text)) if !text.is_empty() => (
                Message {
                    content: Some(text.into()),
                    ..said
                },
                false,
            ),
            _ => (said, false),
        }
    }
}
