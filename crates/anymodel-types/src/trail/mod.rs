//! The trail (attempt log): one record for every HTTP attempt of a call, and one for every request that was skipped.
//!
//! A call that succeeded on its third model made three requests, took the time of three, and may have paid for more
//! than one. The trail records that. It is part of every [`Reply`](crate::Reply) and of every
//! [`Error`](crate::Error).

mod simulated;
mod table;

use std::fmt;
use std::time::{Duration, SystemTime};

use rust_decimal::Decimal;

pub use simulated::{captioned, is_simulated};

use crate::failure::ErrorKind;
use crate::usage::{Cost, CostSource, SpendingLimit, Usage, usd};
use crate::words;

/// Attempt: one HTTP request and its outcome.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The model named in the request.
    pub model_asked: String,
    /// The model named in the answer: after a router or a server-side fallback it may be another one.
    pub model_answered: Option<String>,
    /// The platform, such as `openrouter` or `sandbox`.
    pub platform: String,
    /// The HTTP status; `None` when no response arrived.
    pub status: Option<u16>,
    /// The class of the failure; `None` on success.
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
    /// US dollars by the catalogue's price × usage; `None` when the price or the usage is not known.
    pub estimate: Option<Decimal>,
    /// What was done after this attempt.
    pub next: NextAction,
    /// Distinguishes the platform's address from others: several platforms may have the same name.
    pub place: u64,
}

impl Attempt {
    /// An attempt that began `offset` after its call, and is not known to have had an outcome: no answer, no cost.
    pub fn new(
        model_asked: impl Into<String>,
        platform: impl Into<String>,
        started: SystemTime,
        offset: Duration,
    ) -> Self {
        Attempt {
            model_asked: model_asked.into(),
            model_answered: None,
            platform: platform.into(),
            status: None,
            failure: None,
            message: None,
            retry_after: None,
            started,
            offset,
            time_to_first_token: None,
            duration: Duration::ZERO,
            usage: None,
            cost: None,
            estimate: None,
            next: NextAction::GaveUp,
            place: 0,
        }
    }

    /// The cost: as the platform reported it, or else as estimated.
    pub fn spent(&self) -> Option<Cost> {
        let known = |amount: Option<Decimal>, source| {
            Some(Cost {
                amount: amount?,
                source,
            })
        };
        known(self.cost, CostSource::Reported).or(known(self.estimate, CostSource::Estimated))
    }

    /// Whether the sandbox answered: under its own name, or in place of another platform.
    pub fn is_simulated(&self) -> bool {
        is_simulated(&self.platform)
    }
}

/// The step that followed an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextAction {
    /// The attempt gave the answer.
    Answered,
    /// The same model was asked again after this wait.
    Retried(Duration),
    /// The next model of the chain was asked at once.
    MovedOn,
    /// The call ended here, without an answer.
    GaveUp,
}

/// Skipped request: a request that was not made, and why.
///
/// It displays as one line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Skipped {
    /// The model that was not asked.
    pub model: String,
    /// The platform of the model.
    pub platform: String,
    /// How many attempts the call had made before.
    pub after: usize,
    /// Why.
    pub why: SkipReason,
    /// What it cannot do, in words, where that is the reason.
    pub message: Option<String>,
}

/// Skip reason: why a request was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// Its circuit breaker is open: the model failed many times. No wait means that another call probes it right now.
    CircuitOpen {
        /// The class of its latest failure.
        reason: Option<ErrorKind>,
        /// How long it is left alone.
        wait: Duration,
    },
    /// Rate limiter: a known limit would be exceeded, and the wait is longer than the time left.
    LimitReached {
        /// Requests a minute that the platform allows.
        a_minute: usize,
        /// Until the next one is allowed.
        wait: Duration,
    },
    /// The model or its platform cannot do what is asked, such as reading a picture or keeping to a seed.
    CannotDoIt,
    /// Retry budget: other calls have used up the retries at this endpoint.
    RetriesUsedUp,
    /// It may cost more than a `Budget` has left.
    OverBudget {
        /// Which limit.
        limit: SpendingLimit,
        /// US dollars that are left of it, less what requests in flight may cost.
        left: Decimal,
        /// US dollars that the request may cost at most.
        cost: Decimal,
    },
    /// It would fit into a `Budget` if other requests in flight cost less than is reserved for them, and
    /// they took longer than the call could wait.
    MoneySetAside {
        /// Which limit.
        limit: SpendingLimit,
        /// US dollars that are left of it, less what requests in flight may cost.
        left: Decimal,
        /// US dollars that the request may cost at most.
        cost: Decimal,
    },
    /// Its price is not known, so a `Budget` cannot be kept.
    PriceUnknown,
    /// The ledger on disk, where a `Budget` is kept, cannot be used.
    LedgerFailed,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SkipReason::CircuitOpen { reason, wait } => {
                let reason = reason.map_or(String::new(), |kind| format!(" ({kind})"));
                match wait.is_zero() {
                    true => f.write_str(&words::trail().another_call_is_probing_it(&reason)),
                    false => f.write_str(
                        &words::trail().failed_and_is_left_alone(&reason, &wait.as_secs_f64()),
                    ),
                }
            }
            SkipReason::LimitReached { a_minute, wait } => f.write_str(
                &words::trail().requests_a_minute_are_allowed(&a_minute, &wait.as_secs_f64()),
            ),
            SkipReason::CannotDoIt => f.write_str(words::trail().it_cannot_do_what_is_asked()),
            SkipReason::RetriesUsedUp => {
                f.write_str(words::trail().other_calls_have_used_up_its_retries())
            }
            // A request that costs nothing is never over a budget.
            SkipReason::OverBudget { limit, left, cost } if cost.is_zero() => f.write_str(
                &words::trail().nobody_knows_its_price_and_little_is_left(&usd(*left), &limit),
            ),
            SkipReason::OverBudget { limit, left, cost } => f.write_str(
                &words::trail().it_may_cost_more_than_is_left(&usd(*cost), &usd(*left), &limit),
            ),
            SkipReason::MoneySetAside { limit, left, cost } => {
                f.write_str(&words::trail().it_may_cost_more_than_other_calls_leave(
                    &usd(*cost),
                    &usd(*left),
                    &limit,
                ))
            }
            SkipReason::PriceUnknown => {
                f.write_str(words::trail().nobody_knows_its_price_and_there_is_a_budget())
            }
            SkipReason::LedgerFailed => {
                f.write_str(words::trail().ledger_that_keeps_the_budget_cannot_be_used())
            }
        }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let again = match self.why {
            SkipReason::RetriesUsedUp => words::trail().again(),
            _ => "",
        };
        f.write_str(&words::trail().was_not_asked(&self.model, &again, &self.why))?;
        match &self.message {
            Some(message) => write!(f, ": {message}"),
            None => Ok(()),
        }
    }
}

/// Routing record: the router's strategy and its reason for the first model. It displays as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// The router's strategy, such as `round robin` or `by kind`.
    pub strategy: String,
    /// Its reason, in words.
    pub because: String,
}

impl fmt::Display for Routed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.strategy, self.because)
    }
}

/// The trail (attempt log): all attempts of one call, in the order in which they were made.
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
pub struct Trail {
    attempts: Vec<Attempt>,
    skipped: Vec<Skipped>,
    routed: Option<Box<Routed>>,
}

impl Trail {
    /// The trail of a call that begins, with the router's choice if there was one.
    pub fn begin(routed: Option<&Routed>) -> Self {
        Trail {
            routed: routed.cloned().map(Box::new),
            ..Trail::default()
        }
    }

    /// The strategy of the `Router` that chose the first model, and its reason; `None` without a router.
    pub fn routed(&self) -> Option<&Routed> {
        self.routed.as_deref()
    }

    /// Adds an attempt, the latest.
    pub fn push(&mut self, attempt: Attempt) {
        // Most calls make one attempt, and an attempt is large.
        if self.attempts.is_empty() {
            self.attempts.reserve_exact(1);
        }
        self.attempts.push(attempt);
    }

    /// The latest attempt.
    pub fn last_mut(&mut self) -> Option<&mut Attempt> {
        self.attempts.last_mut()
    }

    /// Adds a request that was not made, after the attempts so far.
    pub fn push_skipped(&mut self, model: &str, platform: &str, why: SkipReason) {
        self.skipped.push(Skipped {
            model: model.to_owned(),
            platform: platform.to_owned(),
            after: self.len(),
            why,
            message: None,
        });
    }

    /// The latest request that was not made.
    pub fn last_skipped(&mut self) -> Option<&mut Skipped> {
        self.skipped.last_mut()
    }

    /// The requests that were not made, and why, in order.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// Adds the attempts of a later request of the same call, which began so long after it.
    pub fn append(&mut self, later: &Trail, after: Duration) {
        let before = self.len();
        if self.routed.is_none() {
            self.routed.clone_from(&later.routed);
        }
        self.skipped
            .extend(later.skipped.iter().cloned().map(|mut skipped| {
                skipped.after += before;
                skipped
            }));
        self.attempts
            .extend(later.iter().cloned().map(|mut attempt| {
                attempt.offset += after;
                attempt
            }));
    }

    /// The attempts in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Attempt> {
        self.attempts.iter()
    }

    /// How many HTTP requests were made.
    pub fn len(&self) -> usize {
        self.attempts.len()
    }

    /// Whether the call ended before anything was sent.
    pub fn is_empty(&self) -> bool {
        self.attempts.is_empty()
    }

    /// The last attempt: on success, the one that answered.
    pub fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
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
