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
    /// By then the answer has to be there, or of a streamed one its first word; without a limit for the whole, by then the
    /// last attempt has to be under way.
    until: Instant,
    call: Duration,
    /// By then the answer has to be whole, where a limit was set.
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

    /// What the next attempt may take, which by itself may take `own`, and so much longer because its answer may be long.
    ///
    /// A limit that was set for the whole counts: all that is left of it, or two thirds when another model may have to
    /// follow. Without one, only those who follow limit an attempt, and by no part of what a long answer takes.
    pub fn for_an_attempt(&self, own: Duration, longer: Duration) -> Duration {
        let share = match self.another {
            true => self.remaining() * 2 / 3,
            false => self.remaining(),
        };
        match (self.end, self.another) {
            (Some(_), _) => own.saturating_add(longer).min(share),
            (None, true) => own.min(share).saturating_add(longer),
            (None, false) => own.saturating_add(longer),
        }
    }

    /// Gives the call the time back that a long answer took beyond what an attempt usually may.
    pub fn forgive(&mut self, longer: Duration) {
        if self.end.is_none() {
            self.until = later(self.until, longer);
        }
    }

    /// Whether something has to be kept for another model.
    pub fn another(&self) -> bool {
        self.another
    }

    /// Says whether something has to be kept for another model.
    pub fn keep_for_another(&mut self, another: bool) {
        self.another = another;
    }

    /// For an answer that comes: no limit, unless one was set for the whole.
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

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Duration = Duration::from_secs(10);
    const LONGER: Duration = Duration::from_secs(80);

    /// In whole seconds, as a test takes some microseconds itself.
    fn rounded(span: Duration) -> u64 {
        (span.as_secs_f64() + 0.5) as u64
    }

    #[test]
    fn without_a_limit_for_the_whole_the_last_attempt_has_its_own_and_others_leave_a_third() {
        let mut deadline = Deadline::start(&Limits::default());
        let minute = Duration::from_secs(60);
        assert_eq!(deadline.for_an_attempt(minute, LONGER), minute + LONGER);
        deadline.keep_for_another(true);
        assert_eq!(deadline.for_an_attempt(OWN, LONGER), OWN + LONGER);
        let half = Duration::from_secs(30);
        assert_eq!(rounded(deadline.for_an_attempt(half, LONGER)), 20 + 80);
        // What a long answer took is not taken from those who follow.
        let before = deadline.remaining();
        deadline.forgive(LONGER);
        assert_eq!(rounded(deadline.remaining() - before), 80);
    }

    #[test]
    fn a_limit_for_the_whole_is_kept_to_by_the_last_attempt_too() {
        let limits = Limits {
            deadline: Some(Duration::from_secs(6)),
            ..Limits::default()
        };
        let mut deadline = Deadline::start(&limits);
        assert_eq!(rounded(deadline.for_an_attempt(OWN, LONGER)), 6);
        deadline.keep_for_another(true);
        assert_eq!(rounded(deadline.for_an_attempt(OWN, LONGER)), 4);
        deadline.forgive(LONGER);
        assert_eq!(rounded(deadline.remaining()), 6);
    }
}
