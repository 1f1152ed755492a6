//! Model statistics: what a router has learned of each model, and the calls counted at it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::RouteStatistics;
use anymodel_types::Attempt;

/// Weight of the latest request in the moving averages of speed and success.
const LATEST: f64 = 0.3;
/// After so many calls at other models, what was learned of a model is old: the next request counts alone.
const OLD: u64 = 10;
/// The most spare copies of the statistics.
const MOST_SPARE: usize = 16;
/// How long a model is skipped that another call is probing.
const PROBED: Duration = Duration::from_millis(500);

/// Model statistics of a router.
#[derive(Debug)]
pub(super) struct ModelStats {
    pub records: Vec<ModelRecord>,
    /// Choices so far, …
    pub choices: u64,
    /// … and models that calls came to, which are more: a fallback counts again.
    pub turns: u64,
    /// The random number generator.
    lots: fastrand::Rng,
    /// Copies of the statistics that are no longer in use.
    spare: Vec<Vec<RouteStatistics>>,
}

/// Statistics of one model.
#[derive(Debug)]
pub(super) struct ModelRecord {
    pub seen: RouteStatistics,
    /// Requests and calls in flight that count as use.
    pub used: u64,
    /// The turn in which a call last came to it; 0 when none did.
    pub turn: u64,
    /// Moving average of the seconds of its answers.
    pub seconds: Option<f64>,
    /// Moving average of its success rate.
    pub luck: f64,
    /// Whether what was learned of its speed is old.
    is_old: bool,
    /// Whether it was left alone at the last choice.
    was_away: bool,
}

impl ModelRecord {
    /// Whether it is left alone at this time.
    pub fn is_suspended(&self, now: Instant) -> bool {
        self.seen.alone_until.is_some_and(|until| now < until)
    }

    /// Whether nothing has been learned of it yet.
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
            // A seed that differs from router to router; security does not depend on it.
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

    /// The same for a strategy that reads them while other calls choose, and [gives them back](Self::give_back).
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

    /// Lets models that were left alone join in again, with the use of the least used of the others. Returns how many models
    /// are left alone now.
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

    /// A call chose this model first.
    pub fn choose(&mut self, place: usize) {
        self.choices += 1;
        self.acquire(place);
    }

    /// A call comes to a model.
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

    /// A call leaves a model. A call that made no request does not count as use.
    pub fn release(&mut self, place: usize, was_asked: bool) {
        if let Some(record) = self.records.get_mut(place) {
            record.seen.in_flight = record.seen.in_flight.saturating_sub(1);
            if !was_asked {
                record.used = record.used.saturating_sub(1);
            }
        }
    }

    /// A model was skipped, and will be for this long.
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

    /// The caller cancelled a request, which says nothing of the model.
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
