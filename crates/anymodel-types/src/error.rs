//! The one error type.
//!
//! It is opaque: callers use its predicates ([`kind`](Error::kind), [`is_retryable`](Error::is_retryable), …) instead of
//! matching on its insides. `Display` is one sentence about what happened. `Debug` is what a learner sees when `main` or
//! a notebook cell ends with `?`, so it is a readable message too: what happened, what was tried, what to do next.

use std::fmt;
use std::time::Duration;

use crate::chat::{Message, ToolRun};
use crate::failure::ErrorKind;
use crate::language::Language;
use crate::trail::{SkipReason, Skipped, Trail};
use crate::words;
use anymodel_display::output::sanitize;

/// `std::result::Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Error: why a call gave no answer.
///
/// ```
/// # use anymodel::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anymodel::Result<()> {
/// let client = Client::sandbox()?;
/// let error = client.ask("openai/gpt-4o-mimi", "Hello").await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::ModelNotFound);
/// assert!(error.hint().unwrap().contains("openai/gpt-4o-mini"));
/// # Ok(())
/// # }
/// ```
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    status: Option<u16>,
    retry_after: Option<Duration>,
    /// Whether the same call may succeed later, where neither its class nor an attempt says so.
    time_mends: bool,
    trail: Trail,
    partial: Option<String>,
    tool_runs: Vec<ToolRun>,
    messages: Vec<Message>,
}

impl Error {
    /// An error of this kind, with a message that says what happened.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            hint: None,
            status: None,
            retry_after: None,
            time_mends: false,
            trail: Trail::default(),
            partial: None,
            tool_runs: Vec::new(),
            messages: Vec::new(),
        }))
    }

    /// The same error, with a hint that says what to do next.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same error, with the HTTP status that caused it.
    pub fn with_status(mut self, status: Option<u16>) -> Self {
        self.0.status = status;
        self
    }

    /// The same error, with how long the platform asked to wait before the next request.
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// Whether the same call may be made later, and when, if that is known.
    pub fn with_retry(mut self, may_succeed: bool, wait: Option<Duration>) -> Self {
        self.0.time_mends = may_succeed;
        self.with_retry_after(wait)
    }

    /// The same error, with the attempts that led to it.
    pub fn with_trail(mut self, trail: Trail) -> Self {
        self.0.trail = trail;
        self
    }

    /// The same error, with the text that had come before it.
    pub fn with_partial(mut self, text: Option<String>) -> Self {
        self.0.partial = text;
        self
    }

    /// Adds what was done before it: every attempt, and every function.
    pub fn set_runs(&mut self, trail: Trail, tool_runs: Vec<ToolRun>) {
        self.0.trail = trail;
        self.0.tool_runs = tool_runs;
    }

    /// The conversation to go on from.
    pub fn set_messages(&mut self, messages: Vec<Message>) {
        self.0.messages = messages;
    }

    /// The same failure for another call, which made no attempt itself.
    #[doc(hidden)]
    pub fn for_another_call(&self) -> Self {
        Error(self.0.clone()).with_trail(Trail::default())
    }

    /// The class of the failure. After a chain that failed entirely, that of the last model.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same call may succeed later, unchanged.
    ///
    /// A call that was over its budget may: when money is reserved for other calls that may cost less, or
    /// comes with the next day.
    ///
    /// Never once [a function was run](Self::tool_runs): the same call would run it again. A call that goes on from
    /// [`messages`](Self::messages) may succeed then.
    pub fn is_retryable(&self) -> bool {
        let set_aside = |skipped: &Skipped| matches!(skipped.why, SkipReason::MoneySetAside { .. });
        let may_succeed = self.0.time_mends
            || self.0.kind.is_retryable()
            || self.trail().skipped().iter().any(set_aside)
            || self
                .trail()
                .iter()
                .any(|attempt| attempt.failure.is_some_and(ErrorKind::is_retryable));
        may_succeed && self.tool_runs().is_empty()
    }

    /// How long the platform asked to wait before another try; for a budget of a day, the time until the next day.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The HTTP status of the last response, if one arrived.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Every HTTP attempt that was made before the call gave up.
    pub fn trail(&self) -> &Trail {
        &self.0.trail
    }

    /// The text of a streamed answer before it broke: it is incomplete.
    pub fn partial(&self) -> Option<&str> {
        self.0.partial.as_deref()
    }

    /// The functions that were run before the call gave up, in order. Their effects remain.
    pub fn tool_runs(&self) -> &[ToolRun] {
        &self.0.tool_runs
    }

    /// The conversation so far, to go on from: the question, and the calls and results of each round of tool calls. A call
    /// that goes on from it runs none of them again.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Order {
    ///     item: String,
    /// }
    ///
    /// async fn order(order: Order) -> Result<String, String> {
    ///     Ok(format!("one {} is ordered", order.item))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// # let client = Client::builder().platform("sandbox").sandbox_time_scale(0.0).build()?;
    /// let chat = client
    ///     .chat("openai/gpt-4o-mini")
    ///     .user("Order a lamp.")
    ///     .tool("order_item", "Orders one item.", order);
    /// let reply = match chat.send().await {
    ///     // It is ordered, and only the words about it are missing: another model is told so, and is given no tool.
    ///     Err(error) if !error.tool_runs().is_empty() => {
    ///         let chat = client.chat("anthropic/claude-haiku-4.5");
    ///         chat.history(error.messages()).send().await?
    ///     }
    ///     answered => answered?,
    /// };
    /// # assert_eq!(reply.tool_runs().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn messages(&self) -> Vec<Message> {
        self.0.messages.clone()
    }

    /// What to do next, in a sentence or two.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&sanitize(&self.0.message))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        if self.trail().len() > 1 {
            for (number, attempt) in self.trail().iter().enumerate() {
                let failure = attempt.failure.map_or_else(
                    || words::columns().answered(),
                    |kind| kind.name_in(Language::current()),
                );
                write!(f, "\n  {}. {}: {failure}", number + 1, attempt.model_asked)?;
                if let Some(message) = &attempt.message {
                    write!(f, " ({})", sanitize(message))?;
                }
            }
        }
        for skipped in self.trail().skipped() {
            write!(f, "\n  {}", sanitize(&skipped.to_string()))?;
        }
        match self.hint() {
            Some(hint) => f.write_str(&words::trail().hint(&hint)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
