//! The trail: one record for every HTTP attempt of a call.
//!
//! A call that succeeded on its third model made three requests, took the time of three, and may have paid for more
//! than one. The trail says so. It comes back with every [`Reply`](crate::Reply) and with every
//! [`Error`](crate::Error).

use std::time::{Duration, SystemTime};

use rust_decimal::Decimal;

use crate::failure::ErrorKind;
use crate::usage::Usage;

/// One HTTP request and what became of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The model named in the request.
    pub model_asked: String,
    /// The model named in the answer: after a router or a server-side fallback it is another one.
    pub model_answered: Option<String>,
    /// Who was asked, such as `openrouter` or `sandbox`.
    pub platform: String,
    /// The HTTP status; `None` when no response arrived.
    pub status: Option<u16>,
    /// What went wrong; `None` on success.
    pub failure: Option<ErrorKind>,
    /// The platform's own words about the failure.
    pub message: Option<String>,
    /// The wait that the platform asked for before another try.
    pub retry_after: Option<Duration>,
    /// When the request was sent, by the wall clock.
    pub started: SystemTime,
    /// The same, counted from the start of the call.
    pub offset: Duration,
    /// Until the first token of a streamed answer; `None` for an answer that came whole.
    pub time_to_first_token: Option<Duration>,
    /// Until the answer was read, or the attempt was given up.
    pub duration: Duration,
    /// Tokens as the platform reported them.
    pub usage: Option<Usage>,
    /// US dollars as the platform reported them.
    pub cost: Option<Decimal>,
    /// What was done after this attempt.
    pub next: Step,
}

impl Attempt {
    /// Whether the sandbox answered: in its own part, or in that of another platform.
    pub fn is_simulated(&self) -> bool {
        is_simulated(&self.platform)
    }
}

/// Whether a platform of this name is the sandbox.
pub(crate) fn is_simulated(platform: &str) -> bool {
    platform == "sandbox" || platform.starts_with("sandbox:")
}

/// What followed an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// It was the answer.
    Answered,
    /// The same model was asked again after this wait.
    Retried(Duration),
    /// The next model of the chain was asked at once.
    MovedOn,
    /// The call ended here, without an answer.
    GaveUp,
}

/// All attempts of one call, in the order in which they were made.
///
/// ```
/// # use anymodel::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anymodel::Result<()> {
/// let client = Client::sandbox()?;
/// let reply = client.ask(["sandbox/down", "sandbox/echo"], "Hello").await?;
/// let kinds: Vec<_> = reply.trail.iter().map(|attempt| attempt.failure).collect();
/// assert_eq!(kinds, [Some(ErrorKind::Overloaded), None]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Trail(Vec<Attempt>);

impl Trail {
    pub(crate) fn push(&mut self, attempt: Attempt) {
        self.0.push(attempt);
    }

    pub(crate) fn last_mut(&mut self) -> Option<&mut Attempt> {
        self.0.last_mut()
    }

    /// Adds the attempts of a later request that belongs to the same call and began so long after it.
    pub(crate) fn append(&mut self, later: &Trail, after: Duration) {
        self.0.extend(later.iter().cloned().map(|mut attempt| {
            attempt.offset += after;
            attempt
        }));
    }

    /// The attempts in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Attempt> {
        self.0.iter()
    }

    /// How many HTTP requests were made.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the call ended before anything was sent.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The last attempt: on success, the one that answered.
    pub fn last(&self) -> Option<&Attempt> {
        self.0.last()
    }

    /// US dollars of all attempts whose cost is known, failed ones included.
    pub fn cost(&self) -> Decimal {
        self.iter().filter_map(|attempt| attempt.cost).sum()
    }
}

impl<'a> IntoIterator for &'a Trail {
    type Item = &'a Attempt;
    type IntoIter = std::slice::Iter<'a, Attempt>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
