//! Attempt record: one attempt as it is stored.

#[cfg(feature = "ledger")]
use std::time::UNIX_EPOCH;
use std::time::{Duration, SystemTime};

use rust_decimal::Decimal;

use super::Fingerprint;
#[cfg(feature = "ledger")]
use anymodel_types::is_simulated;
use anymodel_types::{Attempt, Usage};

/// The outcome of a whole answer. Any other outcome is the class of a failure, or one of the next two.
pub(crate) const ANSWERED: &str = "answered";
/// The caller dropped the call.
pub(crate) const CANCELLED: &str = "cancelled";
/// The process ended before the answer came.
#[cfg(feature = "ledger")]
pub(crate) const KILLED: &str = "killed";

/// Attempt record: model, time, tokens, cost. It holds no text of the question unless the caller wants that.
#[derive(Clone, Debug)]
// Without a ledger on disk, most of it is never read.
#[cfg_attr(not(feature = "ledger"), allow(dead_code))]
pub(crate) struct AttemptRecord {
    pub at: SystemTime,
    pub platform: String,
    pub asked: String,
    pub answered: Option<String>,
    pub label: Option<String>,
    pub outcome: &'static str,
    pub status: Option<u16>,
    pub usage: Option<Usage>,
    /// US dollars as the platform reported them.
    pub reported: Option<Decimal>,
    /// US dollars by price × usage.
    pub estimate: Option<Decimal>,
    /// US dollars that count against a budget: the known cost, else what was perhaps charged.
    pub booked: Decimal,
    pub duration: Duration,
    pub first_token: Option<Duration>,
    pub fingerprint: Fingerprint,
    pub question: Option<String>,
}

impl AttemptRecord {
    /// The record of an attempt that ended, with an answer or a failure.
    pub fn of(attempt: &Attempt, booked: Decimal, fingerprint: Fingerprint) -> Self {
        AttemptRecord {
            at: attempt.started,
            platform: attempt.platform.clone(),
            asked: attempt.model_asked.clone(),
            answered: attempt.model_answered.clone(),
            label: None,
            outcome: attempt.failure.map_or(ANSWERED, |kind| kind.as_str()),
            status: attempt.status,
            usage: attempt.usage,
            reported: attempt.cost,
            estimate: attempt.estimate,
            booked,
            duration: attempt.duration,
            first_token: attempt.time_to_first_token,
            fingerprint,
            question: None,
        }
    }

    #[cfg(feature = "ledger")]
    pub fn is_simulated(&self) -> bool {
        is_simulated(&self.platform)
    }

    /// Milliseconds since 1970.
    #[cfg(feature = "ledger")]
    pub fn millis(&self) -> i64 {
        millis(self.at)
    }
}

/// Milliseconds since 1970, UTC.
#[cfg(feature = "ledger")]
pub(crate) fn millis(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
