//! What is learnt of each model, and how a call is charged to one.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::RouteStatistics;
use crate::trail::Attempt;

/// How much the latest request counts in the averages that speed is judged by.
const LATEST: f64 = 0.3;
/// After so many places taken elsewhere, what was known of a model is old: the next request counts alone.
const OLD: u64 = 10;
/// More copies of the statistics than this are not kept.
const MOST_SPARE: usize = 16;
/// How long a model is passed over that another call is probing right now.
const PROBED: Duration = Duration::from_millis(500);

/// What a router remembers.
#[derive(Debug)]
pub(super) struct ModelStats {
    pub records: Vec<ModelRecord>,
    /// Choices so far, …
    pub choices: u64,
    /// … and places taken, which are more: a call that moves on takes another.
    pub turns: u64,
    /// Where the lots have got to.
    lots: fastrand::Rng,
    /// Copies of the statistics that nobody reads any more.
    spare: Vec<Vec<RouteStatistics>>,
}

/// What is remembered of one model.
#[derive(Debug)]
pub(super) struct ModelRecord {
    pub seen: RouteStatistics,
    /// Requests and places that count as use.
    pub used: u64,
    /// The place that was taken at it last; 0 when none was.
    pub turn: u64,
    /// Seconds of its latest answers, the latest counting most.
    pub seconds: Option<f64>,
    /// The part of its latest requests that succeeded, the latest counting most.
    pub luck: f64,
    /// Whether what is known of its speed is old.
    is_old: bool,
    /// Whether it was left alone when somebody chose last.
    was_away: bool,
}

impl ModelRecord {
    /// Whether it is left alone at this time.
    pub fn is_suspended(&self, now: Instant) -> bool {
        self.seen.alone_until.is_some_and(|until| now < until)
    }

    /// Whether nothing is known of it yet.
    pub fn is_new(&self) -> bool {
        self.seen.successes + self.seen.failures == 0
    }
}

impl ModelStats {
    pub fn new(models: &[Arc<str>]) -> Self {
        let record = |model: &Arc<str>| ModelRecord {
            seen: RouteStatistics::new(Arc::clone(model)),
            used: 0,
            turn: 0,
            seconds: None,
            luck: 1.0,
            is_old: false,
            was_away: false,
        };
        ModelStats {
            records: models.iter().map(record).collect(),
            choices: 0,
            turns: 0,
            // A number that differs from router to router; nobody's safety depends on it.
            lots: fastrand::Rng::new(),
            spare: Vec::new(),
        }
    }

    pub fn statistics(&self) -> Vec<RouteStatistics> {
        self.records
            .iter()
            .map(|record| record.seen.clone())
            .collect()
    }

    /// The same for a strategy that reads them while others choose, and [gives them back](Self::give_back).
    pub fn snapshot(&mut self) -> Vec<RouteStatistics> {
        let Some(mut lent) = self.spare.pop() else {
            return self.statistics();
        };
        for (known, record) in lent.iter_mut().zip(&self.records) {
            known.refresh(&record.seen);
        }
        lent
    }

    pub fn restore(&mut self, lent: Vec<RouteStatistics>) {
        if self.spare.len() < MOST_SPARE {
            self.spare.push(lent);
        }
    }

    /// Which models are not left alone.
    pub fn available(&self, now: Instant) -> Vec<bool> {
        let is_awake = |record: &ModelRecord| !record.is_suspended(now);
        self.records.iter().map(is_awake).collect()
    }

    /// Lets those join in that were left alone: as if they had been asked as often as the least used of the others.
    /// Tells how many are left alone now.
    pub fn readmit(&mut self, now: Instant) -> usize {
        let concerned = |one: &ModelRecord| one.was_away || one.seen.alone_until.is_some();
        if !self.records.iter().any(concerned) {
            return 0;
        }
        let mut away = 0;
        let stayed = |record: &&ModelRecord| !record.was_away && !record.is_suspended(now);
        let level = self.records.iter().filter(stayed).map(|one| one.used).min();
        for record in &mut self.records {
            let is_away = record.is_suspended(now);
            if record.was_away && !is_away {
                record.used = record.used.max(level.unwrap_or(0));
            }
            record.was_away = is_away;
            away += usize::from(is_away);
        }
        away
    }

    /// A call was given this model first.
    pub fn choose(&mut self, place: usize) {
        self.choices += 1;
        self.acquire(place);
    }

    /// A call takes its place at a model.
    pub fn acquire(&mut self, place: usize) {
        self.turns += 1;
        let turn = self.turns;
        if let Some(record) = self.records.get_mut(place) {
            record.used += 1;
            record.is_old |= turn - record.turn > OLD;
            record.turn = turn;
            record.seen.in_flight += 1;
        }
    }

    /// A call leaves. One that was never made is not charged.
    pub fn release(&mut self, place: usize, was_asked: bool) {
        if let Some(record) = self.records.get_mut(place) {
            record.seen.in_flight = record.seen.in_flight.saturating_sub(1);
            if !was_asked {
                record.used = record.used.saturating_sub(1);
            }
        }
    }

    /// A model was passed over, and will be for this long.
    pub fn suspend(&mut self, place: usize, wait: Duration) {
        if let Some(record) = self.records.get_mut(place) {
            record.seen.alone_until = Some(Instant::now() + wait.max(PROBED));
        }
    }

    /// A request is over.
    pub fn learn(&mut self, place: usize, attempt: &Attempt) {
        let Some(record) = self.records.get_mut(place) else {
            return;
        };
        let seen = &mut record.seen;
        let latest = if record.is_old { 1.0 } else { LATEST };
        record.is_old = false;
        seen.requests += 1;
        seen.simulated |= attempt.is_simulated();
        let well = match attempt.failure {
            None => {
                seen.successes += 1;
                seen.answering += attempt.duration;
                seen.alone_until = None;
                let seconds = attempt.duration.as_secs_f64();
                record.seconds = Some(match record.seconds {
                    Some(before) => before + latest * (seconds - before),
                    None => seconds,
                });
                1.0
            }
            Some(kind) => {
                seen.failures += 1;
                seen.last_failure = Some(kind);
                seen.last_failed = Some(attempt.started + attempt.duration);
                0.0
            }
        };
        record.luck += latest * (well - record.luck);
    }

    /// The caller gave up a request, which says nothing of the model.
    pub fn cancelled(&mut self, place: usize) {
        if let Some(record) = self.records.get_mut(place) {
            record.seen.requests += 1;
            record.seen.cancelled += 1;
        }
    }

    /// A number from 0 up to, but not including, 1.
    pub fn random(&mut self) -> f64 {
        self.lots.f64()
    }
}
