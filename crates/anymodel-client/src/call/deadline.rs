//! Deadline: one span of time for the whole call. Every attempt gets what is left of it.

use std::time::Duration;

use tokio::time::Instant;

use super::Limits;

/// Stands for "no limit": adding more to an `Instant` may overflow the clock.
const FOR_EVER: Duration = Duration::from_secs(366 * 86_400);

/// The moment `span` after `start`.
pub(super) fn later(start: Instant, span: Duration) -> Instant {
    start + span.min(FOR_EVER)
}

pub(super) struct Deadline {
    start: Instant,
    /// When the answer has to be there, or the first word of a streamed one. Without a limit for the whole call: when the
    /// last attempt has to have begun.
    until: Instant,
    call: Duration,
    /// When the answer has to be complete, where a limit was set.
    end: Option<Instant>,
    /// Whether another endpoint is left after the present attempt.
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

    /// The time for the next attempt: `own` by itself, and `longer` for an answer that may be long.
    ///
    /// With a limit for the whole call an attempt gets all that is left, or two thirds of it when another model may have to
    /// follow. Without one, only models that follow limit an attempt; the extra time of a long answer is not shared.
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

    /// Adds to the call the time that a long answer took beyond the usual time of an attempt.
    pub fn extend(&mut self, longer: Duration) {
        if self.end.is_none() {
            self.until = later(self.until, longer);
        }
    }

    /// Whether time has to be kept for another model.
    pub fn another(&self) -> bool {
        self.another
    }

    /// Sets whether time has to be kept for another model.
    pub fn keep_for_another(&mut self, another: bool) {
        self.another = another;
    }

    /// The time for an answer that is arriving: unlimited, unless a limit was set for the whole call.
    pub fn remaining_to_the_end(&self) -> Duration {
        match self.end {
            Some(end) => end.saturating_duration_since(Instant::now()),
            None => Duration::MAX,
        }
    }

    /// A stream broke after it had begun: another attempt gets the time that a new call would get.
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

    /// In whole seconds, because a test takes some microseconds itself.
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
        // The time of a long answer is not taken from the attempts that follow.
        let before = deadline.remaining();
        deadline.extend(LONGER);
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
        deadline.extend(LONGER);
        assert_eq!(rounded(deadline.remaining()), 6);
    }
}
