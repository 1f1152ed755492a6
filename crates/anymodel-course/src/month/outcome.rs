//! The outcome of a month: cost, hits, errors, times.

use std::time::Duration;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::traffic::Kind;

/// The outcome of one month. The counts are of people's questions, unless they say otherwise.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// US dollars, by the client's usage metrics.
    pub bill: Decimal,
    /// The same, as the sum over its replies.
    pub replies: Decimal,
    /// All calls, including the feature's.
    pub calls: usize,
    pub people: usize,
    pub exact: usize,
    pub in_flight: usize,
    pub semantic: usize,
    pub wrong: Vec<Wrong>,
    pub hard: usize,
    /// Hard questions that the weak model answered.
    pub hard_to_weak: usize,
    /// Simple questions that the strong model answered.
    pub easy_to_strong: usize,
    /// The duration of each answer: from a model in simulated time, from a cache in real time.
    pub times: Vec<Duration>,
    /// The day on which the feature was found and switched off.
    pub found: Option<usize>,
    /// Day by day.
    pub days: Vec<Sum>,
}

/// The sum of one day or several.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sum {
    /// US dollars.
    pub bill: Decimal,
    /// Answers from the cache, …
    pub hits: usize,
    /// … and the wrong ones among them.
    pub wrong: usize,
}

/// A cached answer that belongs to another question.
#[derive(Debug)]
pub(super) struct Wrong {
    /// The kind of cache hit.
    pub hit: &'static str,
    pub kind: Kind,
    pub asked: String,
    /// The question that the answer belongs to.
    pub answers: String,
}

impl Outcome {
    pub fn hits(&self) -> usize {
        self.exact + self.in_flight + self.semantic
    }

    /// The sum of all days.
    pub fn sum(&self) -> Sum {
        Sum {
            bill: self.bill,
            hits: self.hits(),
            wrong: self.wrong.len(),
        }
    }

    /// The sum of the first days.
    pub fn first(&self, days: usize) -> Sum {
        self.days
            .iter()
            .take(days)
            .fold(Sum::default(), |all, day| Sum {
                bill: all.bill + day.bill,
                hits: all.hits + day.hits,
                wrong: all.wrong + day.wrong,
            })
    }

    /// Ends a day: its sum is the difference from the days before.
    pub fn end_day(&mut self) {
        let before = self.first(self.days.len());
        self.days.push(Sum {
            bill: self.replies - before.bill,
            hits: self.hits() - before.hits,
            wrong: self.wrong.len() - before.wrong,
        });
    }

    /// A percentile of the durations; `part` is 0 to 1.
    pub fn time(&self, part: f64) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        let at = (times.len() as f64 * part) as usize;
        let last = times.len().saturating_sub(1);
        times.get(at.min(last)).copied().unwrap_or_default()
    }
}

impl Sum {
    /// The part of a bill that this one saves.
    pub fn saved(&self, nothing: &Sum) -> f64 {
        let part = self.bill.checked_div(nothing.bill);
        1.0 - part.and_then(|part| part.to_f64()).unwrap_or(1.0)
    }

    /// The part of the answers from the cache that was wrong.
    pub fn wrong_rate(&self) -> f64 {
        share(self.wrong, self.hits)
    }
}

/// A part of a whole, 0 to 1.
pub(super) fn share(part: usize, whole: usize) -> f64 {
    match whole {
        0 => 0.0,
        _ => part as f64 / whole as f64,
    }
}
