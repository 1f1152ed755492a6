//! Usage metrics: the totals of one client in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rust_decimal::Decimal;

use super::price::is_same;
use super::quantiles::LatencyWindow;
use super::received_bytes::Sent;
use super::totals::{ModelTotals, Totals};
use anymodel_types::{Attempt, ErrorKind, Trail};

/// The most models with a row of their own. A server may answer with a new name each time, and memory is finite.
const MOST_ROWS: usize = 1000;
/// The row for models beyond that.
pub(super) const OTHERS: &str = "(others)";

/// Usage metrics of one client. Clones of the client share them.
///
/// The lock is held for the addition of a few numbers, and never while anything waits.
#[derive(Debug, Default)]
pub(crate) struct UsageMetrics {
    books: Mutex<Rows>,
}

#[derive(Debug, Default)]
struct Rows {
    platforms: BTreeMap<String, BTreeMap<String, MetricsRow>>,
    rows: usize,
}

#[derive(Clone, Debug, Default)]
struct MetricsRow {
    calls: u64,
    attempts: u64,
    successes: u64,
    cancelled: u64,
    failures: Vec<(ErrorKind, u64)>,
    prompt_tokens: u64,
    completion_tokens: u64,
    reasoning_tokens: u64,
    cached_tokens: u64,
    reported: Decimal,
    estimated: Decimal,
    unpriced: u64,
    checked: Decimal,
    check: Decimal,
    latency: LatencyWindow,
    first_token: LatencyWindow,
}

impl UsageMetrics {
    /// Books the last attempt of a trail. To be called after each attempt, so that nothing is lost when the call is
    /// cancelled later.
    pub fn record(&self, trail: &Trail) {
        let Some(attempt) = trail.last() else {
            return;
        };
        let model = booked_on(attempt);
        let earlier = trail.iter().take(trail.len() - 1);
        let is_new = is_new(earlier, &attempt.platform, model);
        let mut rows = self.rows();
        let row = rows.row(&attempt.platform, model);
        row.calls += u64::from(is_new);
        row.book(attempt);
    }

    /// Books a request that the caller cancelled, and what was perhaps charged for it. `is_new` means that the call had not
    /// been at this model before.
    pub fn record_cancelled(&self, sent: &Sent<'_>, is_new: bool, charged: Decimal) {
        let mut rows = self.rows();
        let row = rows.row(sent.platform, &sent.candidate.model);
        row.calls += u64::from(is_new);
        row.attempts += 1;
        row.cancelled += 1;
        row.estimated += charged;
    }

    /// Whether the call of this trail has not been at the model of this request before.
    pub fn is_new(trail: &Trail, sent: &Sent<'_>) -> bool {
        is_new(trail.iter(), sent.platform, &sent.candidate.model)
    }

    /// The totals at this moment.
    pub fn totals(&self) -> Totals {
        // Sorting is done on a copy, so that calls need not wait for it.
        let copy = self.rows().platforms.clone();
        let models = copy.into_iter().flat_map(|(platform, rows)| {
            rows.into_iter()
                .map(move |(model, row)| row.totals(platform.clone(), model))
        });
        Totals {
            models: models.collect(),
        }
    }

    /// Locks the counters. They are sound even when a thread panicked while it held the lock.
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The model that an attempt was about: the one that answered if another than the one asked did, else the one asked.
fn booked_on(attempt: &Attempt) -> &str {
    match &attempt.model_answered {
        Some(answered) if attempt.failure.is_none() && !is_same(answered, &attempt.model_asked) => {
            answered
        }
        _ => &attempt.model_asked,
    }
}

/// Whether a call has not been at this model before.
fn is_new<'a>(mut earlier: impl Iterator<Item = &'a Attempt>, platform: &str, model: &str) -> bool {
    earlier.all(|attempt| attempt.platform != platform || booked_on(attempt) != model)
}

impl Rows {
    fn row(&mut self, platform: &str, model: &str) -> &mut MetricsRow {
        let known = self
            .platforms
            .get(platform)
            .is_some_and(|models| models.contains_key(model));
        let model = if known || self.rows < MOST_ROWS {
            model
        } else {
            OTHERS
        };
        self.rows += usize::from(!known);
        let models = self.platforms.entry(platform.to_owned()).or_default();
        models.entry(model.to_owned()).or_default()
    }
}

impl MetricsRow {
    fn book(&mut self, attempt: &Attempt) {
        self.attempts += 1;
        match attempt.failure {
            None => {
                self.successes += 1;
                self.latency.add(attempt.duration);
            }
            Some(kind) => match self.failures.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += 1,
                None => self.failures.push((kind, 1)),
            },
        }
        if let Some(time) = attempt.time_to_first_token {
            self.first_token.add(time);
        }
        if let Some(usage) = attempt.usage {
            self.prompt_tokens += usage.prompt_tokens;
            self.completion_tokens += usage.completion_tokens;
            self.reasoning_tokens += usage.reasoning_tokens.unwrap_or(0);
            self.cached_tokens += usage.cached_tokens.unwrap_or(0);
        }
        match (attempt.cost, attempt.estimate) {
            (Some(reported), Some(estimate)) => {
                self.reported += reported;
                self.checked += reported;
                self.check += estimate;
            }
            (Some(reported), None) => self.reported += reported,
            (None, Some(estimate)) => self.estimated += estimate,
            (None, None) => self.unpriced += u64::from(attempt.failure.is_none()),
        }
    }

    fn totals(self, platform: String, model: String) -> ModelTotals {
        let mut failures = self.failures;
        failures.sort_by_key(|(kind, count)| (std::cmp::Reverse(*count), kind.as_str()));
        ModelTotals {
            platform,
            model,
            calls: self.calls,
            attempts: self.attempts,
            successes: self.successes,
            cancelled: self.cancelled,
            failures,
            prompt_tokens: self.prompt_tokens,
            completion_tokens: self.completion_tokens,
            reasoning_tokens: self.reasoning_tokens,
            cached_tokens: self.cached_tokens,
            reported: self.reported,
            estimated: self.estimated,
            unpriced: self.unpriced,
            checked: self.checked,
            check: self.check,
            latency: self.latency.spread(),
            time_to_first_token: self.first_token.spread(),
        }
    }
}
