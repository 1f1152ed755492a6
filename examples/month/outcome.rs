//! What came of a month.

use std::time::Duration;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::traffic::Kind;

/// One month of the bot. The counts are of people's questions, unless they say otherwise.
#[derive(Debug, Default)]
pub struct Outcome {
    /// US dollars, by the client's own books.
    pub bill: Decimal,
    /// The same, summed up from its replies.
    pub replies: Decimal,
    /// All calls, those of the feature included.
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
    /// How long each answer took: from a model in simulated time, from a cache in real time.
    pub times: Vec<Duration>,
    /// The day at whose end the feature was found and switched off.
    pub found: Option<usize>,
    /// Day by day.
    pub days: Vec<Sum>,
}

/// What counts in the end, of one day or several.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    /// US dollars.
    pub bill: Decimal,
    /// Answers that came from the cache, …
    pub hits: usize,
    /// … and those of them that were wrong.
    pub wrong: usize,
}

/// A kept answer that was given to a question which wanted another.
#[derive(Debug)]
pub struct Wrong {
    /// How it was found.
    pub hit: &'static str,
    pub kind: Kind,
    pub asked: String,
    /// The question that it answers.
    pub answers: String,
}

impl Outcome {
    pub fn hits(&self) -> usize {
        self.exact + self.in_flight + self.semantic
    }

    /// What counts, of all days.
    pub fn sum(&self) -> Sum {
        Sum {
            bill: self.bill,
            hits: self.hits(),
            wrong: self.wrong.len(),
        }
    }

    /// What counts, of the first days.
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

    /// The day that has ended: what is more than on the days before.
    pub fn end_day(&mut self) {
        let before = self.first(self.days.len());
        self.days.push(Sum {
            bill: self.replies - before.bill,
            hits: self.hits() - before.hits,
            wrong: self.wrong.len() - before.wrong,
        });
    }

    /// So long took so large a part of the answers at most.
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

    /// Of the answers that came from the cache, those that were wrong.
    pub fn wrong_rate(&self) -> f64 {
        share(self.wrong, self.hits)
    }
}

/// A part of a whole, 0 to 1.
pub fn share(part: usize, whole: usize) -> f64 {
    match whole {
        0 => 0.0,
        _ => part as f64 / whole as f64,
    }
}
