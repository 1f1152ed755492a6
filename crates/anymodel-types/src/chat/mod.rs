//! Chat data: requests, messages and replies, as plain data without I/O.
//!
//! - [`message`]: one message of a conversation, with its pictures and tool calls
//! - [`request`]: the conversation and how to answer it
//! - [`tool`]: the record of a function that was run
//! - [`cached`]: how a reply was found without a request
//! - [`finish`]: why a model stopped writing
//! - `summary`: one line about a reply
//! - this file: the reply

mod cached;
mod finish;
mod message;
mod request;
mod summary;
mod tool;

use std::fmt;
use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::Value;

pub use cached::Cached;
pub use finish::FinishReason;
pub use message::MessageOrigin;
pub use message::{Image, Message, Role, ToolCall};
pub use request::{ChatRequest, Reasoning, ResponseFormat, ToolChoice, ToolSpec};
pub use tool::ToolRun;

use crate::trail::Trail;
use crate::usage::{Cost, CostSource, Usage};
use anymodel_display::output::sanitize;

/// Reply: a whole answer.
///
/// It displays as its text, so `println!("{reply}")` prints what the model said.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply {
    /// What the model said.
    pub text: String,
    /// The reasoning before the answer, when the platform shows it.
    pub reasoning: Option<String>,
    /// The functions that the model asks to run.
    pub tool_calls: Vec<ToolCall>,
    /// The functions that were run before this answer, in order.
    pub tool_runs: Vec<ToolRun>,
    /// The model that answered, which may differ from the one that was asked.
    pub model: String,
    /// The platform, such as `openrouter`, or `sandbox` for a simulated answer.
    pub platform: String,
    /// Tokens as the platform reported them; `None` when it did not.
    pub usage: Option<Usage>,
    /// US dollars of this answer as the platform reported them; `None` when it did not.
    pub cost: Option<Decimal>,
    /// From the start of the call to the answer, failed attempts included.
    pub latency: Duration,
    /// Why the model stopped; `None` when the platform did not say.
    pub finish_reason: Option<FinishReason>,
    /// The platform's id of this answer (OpenRouter: `gen-…`).
    pub id: Option<String>,
    /// The kind of cache hit, when no request was sent. Then the cost is 0, the trail has no attempt, and `usage` has the
    /// tokens of the original answer.
    pub cached: Option<Cached>,
    /// One record for every HTTP attempt.
    pub trail: Trail,
    /// Data that the vendor wants back unchanged in the next turn.
    pub state: Option<Value>,
    /// The conversation before this answer.
    pub earlier: Vec<Message>,
    /// The body of the answer as it was received, decompressed, when it answers a request that was passed through and came
    /// whole; `None` for every other one.
    pub raw: Option<Box<[u8]>>,
}

impl Reply {
    /// A reply with this text and nothing else: no model, no tokens, no cost, an empty trail.
    pub fn new(text: impl Into<String>) -> Self {
        Reply {
            text: text.into(),
            reasoning: None,
            tool_calls: Vec::new(),
            tool_runs: Vec::new(),
            model: String::new(),
            platform: String::new(),
            usage: None,
            cost: None,
            latency: Duration::ZERO,
            finish_reason: None,
            id: None,
            cached: None,
            trail: Trail::default(),
            state: None,
            earlier: Vec::new(),
            raw: None,
        }
    }

    /// The cost of this answer: as the platform reported it, or else as estimated. Failed attempts before it are not in
    /// it: the trail has them.
    pub fn spent(&self) -> Option<Cost> {
        if self.cached.is_some() {
            return Some(Cost {
                amount: Decimal::ZERO,
                source: CostSource::Reported,
            });
        }
        self.trail.last()?.spent()
    }

    /// The functions that were run before this answer, in order, as [`Error::tool_runs`](crate::Error::tool_runs) lists
    /// those of a call that failed.
    pub fn tool_runs(&self) -> &[ToolRun] {
        &self.tool_runs
    }

    /// The whole conversation, for the next question: the question, the calls and results of each round of tool calls, and
    /// this answer. Of a typed answer that had to be repaired only the one that fits is in it.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// # let client = Client::builder().platform("sandbox").sandbox_time_scale(0.0).build()?;
    /// let reply = client.ask("openai/gpt-4o-mini", "What is recursion?").await?;
    /// let chat = client.chat("anthropic/claude-haiku-4.5").history(reply.messages());
    /// let shorter = chat.user("In five words, please.").send().await?;
    /// assert_eq!(shorter.messages().len(), 4);
    /// # Ok(())
    /// # }
    /// ```
    pub fn messages(&self) -> Vec<Message> {
        let mut messages = self.earlier.clone();
        messages.push(self.to_message());
        messages
    }

    /// The answer as a message of the conversation, for the next question. [`messages`](Self::messages) gives all messages.
    pub fn to_message(&self) -> Message {
        let origin = self.trail.last().map(|attempt| MessageOrigin {
            platform: attempt.platform.clone(),
            place: attempt.place,
            model: attempt.model_asked.clone(),
        });
        Message {
            origin,
            tool_calls: self.tool_calls.clone(),
            state: self.state.clone(),
            ..Message::assistant(self.text.clone())
        }
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sanitize(&self.text))
    }
}
