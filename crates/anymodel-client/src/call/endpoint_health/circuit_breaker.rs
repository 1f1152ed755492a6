//! Circuit breaker: after many failures an endpoint is left alone for a while, then probed by one request.
//!
//! Closed: requests pass. Open: no request passes until a known moment. Half open: one request goes ahead as a probe, and
//! the others wait for its result. Every function takes the time as an argument, so no test has to wait.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use anymodel_types::{Attempt, ErrorKind};

/// The window of time in which failures count.
const WINDOW: Duration = Duration::from_secs(30);
/// How many failures in the window open the circuit…
const FAILURES: usize = 5;
/// …if they are at least this part of all samples in it.
const RATE: f64 = 0.5;
/// The most samples that are kept of a model that is asked very often.
const SAMPLES: usize = 200;
/// How long the circuit stays open at first, and at most. A probe every ten seconds is no load for a model that is down.
/// A model that has recovered is soon asked again, even if calls are few.
const FIRST_OPEN: Duration = Duration::from_secs(5);
const LONGEST_OPEN: Duration = Duration::from_secs(10);

/// The outcome of a request, as the circuit breaker counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::call) enum AttemptOutcome {
    Success,
    Failure(ErrorKind),
    /// Says nothing about the model: an invalid request, or a call that the caller dropped.
    Neutral,
}

impl AttemptOutcome {
    /// What an attempt says of its model. `own_limit` is how long an attempt may be silent at its beginning. `over` means
    /// that the call's time is over: an attempt that got less time than `own_limit` did not fail.
    pub fn of(attempt: &Attempt, own_limit: Duration, over: bool) -> Self {
        use ErrorKind::*;
        let ours = attempt.status.is_none_or(|status| status < 400);
        let cut_short = match attempt.time_to_first_token {
            Some(_) => over,
            None => attempt.duration < own_limit,
        };
        match attempt.failure {
            None => AttemptOutcome::Success,
            Some(Timeout) if ours && cut_short => AttemptOutcome::Neutral,
            Some(
                kind @ (RateLimited | Overloaded | Server | Timeout | Network | BadReply
                | BrokenStream),
            ) => AttemptOutcome::Failure(kind),
            Some(_) => AttemptOutcome::Neutral,
        }
    }
}

/// Permit of the circuit breaker to send one request. A probe has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::call) struct ProbeId(Option<u64>);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum BreakerState {
    Closed,
    Open {
        until: Instant,
    },
    /// The probe that is in flight, and when it began.
    HalfOpen {
        probe: Option<(u64, Instant)>,
    },
}

#[derive(Debug)]
pub(super) struct CircuitBreaker {
    state: BreakerState,
    samples: VecDeque<(Instant, AttemptOutcome)>,
    /// How long it stays open the next time.
    open_for: Duration,
    probes: u64,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        CircuitBreaker {
            state: BreakerState::Closed,
            samples: VecDeque::new(),
            open_for: FIRST_OPEN,
            probes: 0,
        }
    }
}

impl CircuitBreaker {
    /// Admits a request, or `None`.
    pub fn admit(&mut self, now: Instant) -> Option<ProbeId> {
        match self.state(now) {
            BreakerState::Closed => Some(ProbeId(None)),
            BreakerState::Open { .. } => None,
            // A probe that takes very long may be a long answer, so another probe is admitted meanwhile.
            BreakerState::HalfOpen { probe } => match probe {
                Some((_, since)) if now.duration_since(since) < LONGEST_OPEN => None,
                _ => {
                    self.probes += 1;
                    self.state = BreakerState::HalfOpen {
                        probe: Some((self.probes, now)),
                    };
                    Some(ProbeId(Some(self.probes)))
                }
            },
        }
    }

    /// Admits a request for which no other endpoint is left.
    pub fn admit_anyway(&mut self, now: Instant) -> ProbeId {
        self.admit(now).unwrap_or(ProbeId(None))
    }

    /// Records that the request is over.
    pub fn end(&mut self, probe_id: ProbeId, sample: AttemptOutcome, now: Instant) {
        if sample != AttemptOutcome::Neutral {
            self.samples.push_back((now, sample));
            if self.samples.len() > SAMPLES {
                self.samples.pop_front();
            }
        }
        let state = self.state(now);
        let is_the_probe = match state {
            BreakerState::HalfOpen {
                probe: Some((number, _)),
            } => probe_id.0 == Some(number),
            _ => false,
        };
        match (sample, state) {
            // A late answer is an answer too.
            (
                AttemptOutcome::Success,
                BreakerState::Open { .. } | BreakerState::HalfOpen { .. },
            ) => {
                self.state = BreakerState::Closed;
                self.open_for = FIRST_OPEN;
                self.samples.clear();
            }
            (AttemptOutcome::Failure(_), BreakerState::HalfOpen { .. }) if is_the_probe => {
                self.open(now)
            }
            (AttemptOutcome::Failure(_), BreakerState::Closed) if self.is_failing() => {
                self.open(now)
            }
            (AttemptOutcome::Neutral, _) if is_the_probe => {
                self.state = BreakerState::HalfOpen { probe: None }
            }
            _ => {}
        }
    }

    /// The present state: an open circuit becomes half open when its time is over.
    pub fn state(&mut self, now: Instant) -> BreakerState {
        while self
            .samples
            .front()
            .is_some_and(|(at, _)| now.duration_since(*at) > WINDOW)
        {
            self.samples.pop_front();
        }
        if let BreakerState::Open { until } = self.state
            && now >= until
        {
            self.state = BreakerState::HalfOpen { probe: None };
        }
        self.state
    }

    /// When the next request may pass; now, if it may.
    pub fn reopens(&mut self, now: Instant) -> Instant {
        match self.state(now) {
            BreakerState::Open { until } => until,
            _ => now,
        }
    }

    /// Failures and all samples of the window.
    pub fn counts(&self) -> (usize, usize) {
        let bad =
            |(_, sample): &&(Instant, AttemptOutcome)| matches!(sample, AttemptOutcome::Failure(_));
        (self.samples.iter().filter(bad).count(), self.samples.len())
    }

    /// The class of the latest failure.
    pub fn reason(&self) -> Option<ErrorKind> {
        self.samples
            .iter()
            .rev()
            .find_map(|(_, sample)| match sample {
                AttemptOutcome::Failure(kind) => Some(*kind),
                _ => None,
            })
    }

    fn is_failing(&self) -> bool {
        let (bad, all) = self.counts();
        bad >= FAILURES && bad as f64 >= RATE * all as f64
    }

    fn open(&mut self, now: Instant) {
        self.state = BreakerState::Open {
            until: now + self.open_for,
        };
        self.open_for = (self.open_for * 2).min(LONGEST_OPEN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: AttemptOutcome = AttemptOutcome::Failure(ErrorKind::Overloaded);

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    /// A breaker that has just opened at `now`.
    fn opened(now: Instant) -> CircuitBreaker {
        let mut breaker = CircuitBreaker::default();
        for _ in 0..FAILURES {
            let probe_id = breaker.admit(now).unwrap();
            breaker.end(probe_id, BAD, now);
        }
        assert!(matches!(breaker.state(now), BreakerState::Open { .. }));
        breaker
    }

    #[test]
    fn a_few_failures_leave_it_closed_and_repeated_ones_open_it() {
        let now = Instant::now();
        let mut breaker = CircuitBreaker::default();
        for _ in 1..FAILURES {
            breaker.end(
                ProbeId(None),
                AttemptOutcome::Failure(ErrorKind::RateLimited),
                now,
            );
            assert_eq!(breaker.state(now), BreakerState::Closed);
        }
        breaker.end(ProbeId(None), BAD, now);
        assert!(matches!(breaker.state(now), BreakerState::Open { .. }));
        assert_eq!(breaker.reason(), Some(ErrorKind::Overloaded));
    }

    #[test]
    fn failures_that_are_few_among_many_answers_do_not_open_it() {
        let now = Instant::now();
        let mut breaker = CircuitBreaker::default();
        for _ in 0..40 {
            breaker.end(ProbeId(None), AttemptOutcome::Success, now);
            breaker.end(ProbeId(None), AttemptOutcome::Success, now);
            breaker.end(ProbeId(None), BAD, now);
        }
        assert_eq!(breaker.state(now), BreakerState::Closed);
    }

    #[test]
    fn failures_of_long_ago_do_not_count() {
        let start = Instant::now();
        let mut breaker = CircuitBreaker::default();
        for n in 0..20 {
            breaker.end(ProbeId(None), BAD, after(start, n * 10));
            assert_eq!(breaker.state(after(start, n * 10)), BreakerState::Closed);
        }
    }

    #[test]
    fn exactly_one_probe_goes_through_and_its_success_closes_the_circuit() {
        let start = Instant::now();
        let mut breaker = opened(start);
        assert_eq!(breaker.admit(after(start, 4)), None);
        let probe = breaker.admit(after(start, 5)).unwrap();
        assert_eq!(breaker.admit(after(start, 6)), None);
        breaker.end(probe, AttemptOutcome::Success, after(start, 7));
        assert_eq!(breaker.state(after(start, 7)), BreakerState::Closed);
        assert!(breaker.admit(after(start, 7)).is_some());
    }

    #[test]
    fn each_probe_that_fails_doubles_the_wait_up_to_a_cap() {
        let mut now = Instant::now();
        let mut breaker = opened(now);
        for seconds in [5, 10, 10, 10] {
            assert_eq!(breaker.admit(now + Duration::from_secs(seconds - 1)), None);
            now += Duration::from_secs(seconds);
            let probe = breaker.admit(now).unwrap();
            breaker.end(probe, BAD, now);
        }
    }

    #[test]
    fn a_probe_that_is_dropped_frees_its_place_and_says_nothing() {
        let start = Instant::now();
        let mut breaker = opened(start);
        let probe = breaker.admit(after(start, 5)).unwrap();
        breaker.end(probe, AttemptOutcome::Neutral, after(start, 6));
        assert!(breaker.admit(after(start, 6)).is_some());
    }

    #[test]
    fn a_success_that_began_before_and_ends_late_closes_it_too() {
        let start = Instant::now();
        for late in [1, 5, 50] {
            let mut breaker = CircuitBreaker::default();
            let early = breaker.admit(start).unwrap();
            for _ in 0..FAILURES {
                breaker.end(ProbeId(None), BAD, start);
            }
            breaker.end(early, AttemptOutcome::Success, after(start, late));
            assert_eq!(
                breaker.state(after(start, late)),
                BreakerState::Closed,
                "{late}"
            );
        }
    }

    #[test]
    fn a_failure_that_ends_late_does_not_prolong_the_wait() {
        let start = Instant::now();
        let mut breaker = opened(start);
        breaker.end(ProbeId(None), BAD, after(start, 4));
        assert!(breaker.admit(after(start, 5)).is_some());
        breaker.end(ProbeId(None), BAD, after(start, 6));
        assert!(matches!(
            breaker.state(after(start, 6)),
            BreakerState::HalfOpen { probe: Some(_) }
        ));
    }

    #[test]
    fn a_probe_that_takes_very_long_does_not_keep_others_out_for_ever() {
        let start = Instant::now();
        let mut breaker = opened(start);
        let slow = breaker.admit(after(start, 5)).unwrap();
        assert_eq!(breaker.admit(after(start, 14)), None);
        let second = breaker.admit(after(start, 15)).unwrap();
        breaker.end(slow, AttemptOutcome::Neutral, after(start, 16));
        assert_eq!(
            breaker.admit(after(start, 16)),
            None,
            "the second is under way"
        );
        breaker.end(second, AttemptOutcome::Success, after(start, 17));
        assert_eq!(breaker.state(after(start, 17)), BreakerState::Closed);
    }
}
