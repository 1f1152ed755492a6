//! One span of time for the whole call; every attempt gets what is left of it.

use std::time::Duration;

use tokio::time::Instant;

use super::Limits;

/// What stands for "no limit": adding more to a moment may be more than a clock can hold.
const FOR_EVER: Duration = Duration::from_secs(366 * 86_400);

/// The moment `span` after `start`.
pub(super) fn later(start: Instant, span: Duration) -> Instant {
    start + span.min(FOR_EVER)
}

pub(super) struct Deadline {
    start: Instant,
    /// By then the answer has to be there; of a streamed one, its first word.
    until: Instant,
    call: Duration,
    /// By then a streamed answer has to be whole.
    end: Option<Instant>,
    /// Whether somebody is left to ask after the present attempt.
    another: bool,
}

impl Deadline {
    pub fn start(limits: &Limits) -> Self {
        let start = Instant::now();
        Deadline {
            start,
            until: later(start, limits.call()),
            call: limits.call(),
            end: limits.deadline.map(|whole| later(start, whole)),
            another: false,
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    pub fn remaining(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// What the next attempt may take: all that is left, or two thirds of it when another model may have to follow.
    pub fn remaining_for_an_attempt(&self) -> Duration {
        match self.another {
            true => self.remaining() * 2 / 3,
            false => self.remaining(),
        }
    }

    /// Says whether something has to be kept for another model.
    pub fn keep_for_another(&mut self, another: bool) {
        self.another = another;
    }

    /// For a stream that has begun: no limit, unless one was set for the whole.
    pub fn remaining_to_the_end(&self) -> Duration {
        match self.end {
            Some(end) => end.saturating_duration_since(Instant::now()),
            None => Duration::MAX,
        }
    }

    /// A stream that had begun broke: another attempt gets the time that a new call would get.
    pub fn begin_again(&mut self) {
        let until = later(Instant::now(), self.call);
        self.until = self.end.map_or(until, |end| until.min(end));
    }
}
