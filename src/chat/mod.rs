//! What is asked and what is answered: plain data, no I/O.
//!
//! - [`message`]: one turn of a conversation, with its pictures and calls of tools
//! - [`request`]: the conversation and how to answer it
//! - [`tool`]: the record of a function that was run
//! - [`cached`]: how a reply was found without asking
//! - [`finish`]: why a model stopped writing
//! - this file: the answer

mod cached;
mod finish;
mod message;
mod request;
mod tool;

use std::fmt;
use std::time::Duration;

use rust_decimal::Decimal;
use serde_json::Value;

pub use cached::Cached;
pub use finish::FinishReason;
pub(crate) use message::MessageOrigin;
pub use message::{Image, Message, Role, ToolCall};
pub use request::{ChatRequest, Reasoning, ResponseFormat, ToolChoice, ToolSpec};
pub use tool::ToolRun;

use crate::trail::Trail;
use crate::usage::{Cost, CostSource, Usage};
use anymodel_display::output::sanitize;

/// A whole answer.
///
/// It displays as its text, so `println!("{reply}")` prints what the model said.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply {
    /// What the model said.
    pub text: String,
    /// What it thought before, when the platform shows that.
    pub reasoning: Option<String>,
    /// The functions that it wants called.
    pub tool_calls: Vec<ToolCall>,
    /// The functions that were run on the way to it, in order.
    pub tool_runs: Vec<ToolRun>,
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
    /// How it was found, when nobody was asked for it: then the cost is 0, the trail has no attempt, and `usage` tells the
    /// tokens that it took when it was asked.
    pub cached: Option<Cached>,
    /// One record for every HTTP attempt.
    pub trail: Trail,
    /// What the vendor wants back unchanged in the next turn.
    pub(crate) state: Option<Value>,
    /// The conversation that led to it.
    pub(crate) earlier: Vec<Message>,
}

impl Reply {
    /// What this answer cost: as the platform reported it, or else as estimated. Failed attempts before it are not in
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

    /// The functions that were run on the way to it, in order, as [`Error::tool_runs`](crate::Error::tool_runs) says it of a
    /// call that failed.
    pub fn tool_runs(&self) -> &[ToolRun] {
        &self.tool_runs
    }

    /// The whole conversation, for the next question: what was asked, of each round of tool calls the model's calls and
    /// their results, and this answer. Of a typed answer that had to be repaired only the one that fits is in it.
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

    /// The answer as a turn of the conversation, for the next question. [`messages`](Self::messages) gives all turns.
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
