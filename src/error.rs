//! The one error type.
//!
//! It is opaque: callers ask it questions ([`kind`](Error::kind), [`is_retryable`](Error::is_retryable), …) instead of
//! matching on its insides. `Display` is one sentence about what happened. `Debug` is what a learner sees when `main` or
//! a notebook cell ends with `?`, so it reads like a message too: what happened, what was tried, what to do next.

use std::fmt;
use std::time::Duration;

use crate::failure::ErrorKind;
use crate::output::harmless;
use crate::trail::Trail;

/// `std::result::Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call gave no answer.
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
    trail: Trail,
    partial: Option<String>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            hint: None,
            status: None,
            retry_after: None,
            trail: Trail::default(),
            partial: None,
        }))
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    pub(crate) fn with_status(mut self, status: Option<u16>) -> Self {
        self.0.status = status;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn with_trail(mut self, trail: Trail) -> Self {
        self.0.trail = trail;
        self
    }

    pub(crate) fn with_partial(mut self, text: Option<String>) -> Self {
        self.0.partial = text;
        self
    }

    /// The same failure for another call, which made no attempt itself.
    pub(crate) fn again(&self) -> Self {
        Error(self.0.clone()).with_trail(Trail::default())
    }

    /// The class of the failure. After a chain that failed entirely, that of the last model.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same call may succeed later, unchanged.
    pub fn is_retryable(&self) -> bool {
        self.0.kind.is_retryable()
            || self
                .trail()
                .iter()
                .any(|attempt| attempt.failure.is_some_and(ErrorKind::is_retryable))
    }

    /// How long the platform asked to wait before another try.
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

    /// What had come of a streamed answer before it broke: it is not whole.
    pub fn partial(&self) -> Option<&str> {
        self.0.partial.as_deref()
    }

    /// What to do next, in a sentence or two.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&harmless(&self.0.message))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        if self.trail().len() > 1 {
            for (number, attempt) in self.trail().iter().enumerate() {
                let failure = attempt.failure.map_or("answered", ErrorKind::as_str);
                write!(f, "\n  {}. {}: {failure}", number + 1, attempt.model_asked)?;
                if let Some(message) = &attempt.message {
                    write!(f, " ({})", harmless(message))?;
                }
            }
        }
        for skipped in self.trail().skipped() {
            write!(f, "\n  {}", harmless(&skipped.to_string()))?;
        }
        match self.hint() {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}
