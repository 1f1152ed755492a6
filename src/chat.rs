//! What is asked and what is answered: plain data, no I/O.

use std::fmt;
use std::time::Duration;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::output::harmless;
use crate::trail::Trail;
use crate::usage::{Cost, Usage};

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// Standing orders for the model.
    System,
    /// The person who asks.
    User,
    /// The model, in an earlier turn.
    Assistant,
}

impl Role {
    /// The word on the wire, such as `user`.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        }
    }
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: String,
}

impl Message {
    /// Standing orders for the model, such as "Answer in one sentence."
    pub fn system(content: impl Into<String>) -> Self {
        Message::new(Role::System, content)
    }

    /// A question or statement of the person who asks.
    pub fn user(content: impl Into<String>) -> Self {
        Message::new(Role::User, content)
    }

    /// What the model said in an earlier turn.
    pub fn assistant(content: impl Into<String>) -> Self {
        Message::new(Role::Assistant, content)
    }

    fn new(role: Role, content: impl Into<String>) -> Self {
        Message {
            role,
            content: content.into(),
        }
    }
}

/// A question to a model: the conversation so far and how to answer it. Which model answers is no part of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    /// The conversation, oldest turn first.
    pub messages: Vec<Message>,
    /// How freely the model chooses its words, 0 to 2; `None` leaves it to the model.
    pub temperature: Option<f64>,
    /// The longest answer allowed, in tokens; `None` leaves it to the model.
    pub max_tokens: Option<u32>,
    /// Asks a reasoning model to answer without thinking first.
    pub disable_thinking: bool,
}

/// Why the model stopped writing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FinishReason {
    /// It had said all it wanted to say.
    Stop,
    /// It reached the token limit: the text is cut.
    Length,
    /// It wants a tool to be called.
    ToolCalls,
    /// A filter stopped it.
    ContentFilter,
    /// A word this crate does not know, as it was sent.
    Other(String),
}

impl FinishReason {
    pub(crate) fn parse(word: &str) -> Self {
        match word {
            "stop" => FinishReason::Stop,
            "length" => FinishReason::Length,
            "tool_calls" => FinishReason::ToolCalls,
            "content_filter" => FinishReason::ContentFilter,
            other => FinishReason::Other(other.to_owned()),
        }
    }

    /// The word on the wire, such as `stop`.
    pub fn as_str(&self) -> &str {
        match self {
            FinishReason::Stop => "stop",
            FinishReason::Length => "length",
            FinishReason::ToolCalls => "tool_calls",
            FinishReason::ContentFilter => "content_filter",
            FinishReason::Other(word) => word,
        }
    }
}

impl fmt::Display for FinishReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A whole answer.
///
/// It displays as its text, so `println!("{reply}")` prints what the model said.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply {
    /// What the model said.
    pub text: String,
    /// The model that answered, which may be another than the one asked.
    pub model: String,
    /// Who served it, such as `openrouter`, or `sandbox` for a simulated answer.
    pub platform: String,
    /// Tokens as the platform reported them; `None` when it did not.
    pub usage: Option<Usage>,
    /// US dollars of this answer as the platform reported them; `None` when it did not.
    pub cost: Option<Decimal>,
    /// From the start of the call to the answer, failed attempts included.
    pub latency: Duration,
    /// Why the model stopped; `None` when the platform did not say.
    pub finish_reason: Option<FinishReason>,
    /// The platform's own number for this answer (OpenRouter: `gen-…`).
    pub id: Option<String>,
    /// One record for every HTTP attempt.
    pub trail: Trail,
}

impl Reply {
    /// What this answer cost: as the platform reported it, or else as estimated. Failed attempts before it are not in
    /// it: the trail has them.
    pub fn spent(&self) -> Option<Cost> {
        self.trail.last()?.spent()
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&harmless(&self.text))
    }
}
