//! Duplicates: questions that were paid for more than once, and what a cache would have saved.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rust_decimal::Decimal;

use super::Fingerprint;
use super::record::{ANSWERED, AttemptRecord};
use anymodel_types::is_simulated;

/// The most questions that are remembered; beyond that the oldest are forgotten.
const REMEMBERED: usize = 10_000;

/// Duplicates: questions that were paid for more than once, the dearest first.
///
/// It displays as a table. Made by [`Client::duplicates`](crate::Client::duplicates), and from a ledger on disk by
/// `anymodel spend --repeated`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Duplicates {
    /// One for each question and model.
    pub questions: Vec<Duplicate>,
}

/// Duplicate: a question that one model answered more than once, for money.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Duplicate {
    /// The fingerprint of the question.
    pub fingerprint: Fingerprint,
    /// The text of the question, where it is kept.
    pub question: Option<String>,
    /// The platform, such as `openrouter`.
    pub platform: String,
    /// The model that was asked.
    pub model: String,
    /// How often it answered.
    pub times: u64,
    /// US dollars for all its answers.
    pub cost: Decimal,
    /// US dollars for all but the first.
    pub wasted: Decimal,
}

impl Duplicates {
    /// Whether no question was paid for twice.
    pub fn is_empty(&self) -> bool {
        self.questions.is_empty()
    }

    /// US dollars that a cache would have saved.
    pub fn wasted(&self) -> Decimal {
        self.questions.iter().map(|one| one.wasted).sum()
    }

    pub(crate) fn of(questions: impl IntoIterator<Item = Duplicate>) -> Self {
        let paid_again = |one: &Duplicate| one.times > 1 && !one.wasted.is_zero();
        let mut questions: Vec<_> = questions.into_iter().filter(paid_again).collect();
        questions.sort_by(|one, other| {
            let key = |of: &Duplicate| (std::cmp::Reverse(of.wasted), of.fingerprint);
            key(one)
                .cmp(&key(other))
                .then_with(|| one.model.cmp(&other.model))
        });
        Duplicates { questions }
    }

    pub(crate) fn is_simulated(&self) -> bool {
        self.questions.iter().any(|one| is_simulated(&one.platform))
    }
}

/// Duplicate log: the questions of one client, in memory.
#[derive(Debug, Default)]
pub(crate) struct DuplicateLog(Mutex<Pages>);

type DuplicateKey = (Fingerprint, String, String);

#[derive(Debug, Default)]
struct Pages {
    questions: HashMap<DuplicateKey, Duplicate>,
    /// In the order in which they first came.
    order: VecDeque<DuplicateKey>,
}

impl DuplicateLog {
    /// Remembers an answer.
    pub fn note(&self, record: &AttemptRecord) {
        if record.outcome != ANSWERED {
            return;
        }
        let key = (
            record.fingerprint,
            record.platform.clone(),
            record.asked.clone(),
        );
        let mut pages = self.pages();
        if let Some(known) = pages.questions.get_mut(&key) {
            known.times += 1;
            known.cost += record.booked;
            known.wasted += record.booked;
            return;
        }
        if pages.order.len() >= REMEMBERED
            && let Some(oldest) = pages.order.pop_front()
        {
            pages.questions.remove(&oldest);
        }
        pages.order.push_back(key.clone());
        let first = Duplicate {
            fingerprint: record.fingerprint,
            question: record.question.clone(),
            platform: record.platform.clone(),
            model: record.asked.clone(),
            times: 1,
            cost: record.booked,
            wasted: Decimal::ZERO,
        };
        pages.questions.insert(key, first);
    }

    pub fn duplicates(&self) -> Duplicates {
        Duplicates::of(self.pages().questions.values().cloned())
    }

    /// Locks the counters. They are sound even when a thread panicked while it held the lock.
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
