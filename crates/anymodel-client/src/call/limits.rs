//! Call limits: timeouts, deadline and number of retries.

use std::time::Duration;

use crate::config::{DEADLINE, RETRIES, TIMEOUT};

/// A call without a deadline takes at most this long, or [`ATTEMPTS_PER_DEADLINE`] attempts' time if that is longer: with a
/// timeout of half a minute the fallback is still wanted. The last attempt may take longer.
const DEFAULT_DEADLINE: Duration = DEADLINE;
const ATTEMPTS_PER_DEADLINE: u32 = 3;

/// An answer that is not streamed is silent until it is complete. Where no other model follows, giving it up early is of
/// no use, so it may take this long.
const WHOLE: Duration = Duration::from_secs(60);
/// The extra time for each token that the answer may have: models write about fifty a second.
const TOKEN: Duration = Duration::from_millis(20);

/// Call limits: timeouts, deadline and number of retries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The timeout of one request, where one was set: until the answer; for a streamed one, until its first word and between
    /// two words.
    pub attempt: Option<Duration>,
    /// Until the first word of a streamed answer, where it differs from `attempt`.
    pub first_token: Option<Duration>,
    /// Between two words of a streamed answer, where it differs from `attempt`.
    pub idle: Option<Duration>,
    /// For the whole call, from its beginning to the end of the answer. Without it, an answer that keeps coming has no time
    /// limit.
    pub deadline: Option<Duration>,
    /// Retries in the whole call.
    pub retries: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            attempt: None,
            first_token: None,
            idle: None,
            deadline: None,
            retries: RETRIES,
        }
    }
}

impl Limits {
    /// The limits of an attempt at one endpoint, which may have its own.
    pub fn with(mut self, own: EndpointLimits) -> Self {
        if own.timeout.is_some() {
            self.attempt = own.timeout;
            self.first_token = None;
            self.idle = None;
        }
        self
    }

    /// The timeout of a request that asks for no answer, or of a part of a stream.
    pub fn attempt_timeout(&self) -> Duration {
        self.attempt.unwrap_or(TIMEOUT)
    }

    /// Until the answer, waits and fallbacks included; the last attempt may end later where no deadline was set.
    pub fn call(&self) -> Duration {
        let longest = self
            .attempt_timeout()
            .max(self.first_token.unwrap_or_default());
        self.deadline
            .unwrap_or_else(|| DEFAULT_DEADLINE.max(longest.saturating_mul(ATTEMPTS_PER_DEADLINE)))
    }

    /// The limits with the longest timeout of these endpoints: without a deadline, a call makes room for it.
    pub fn with_longest_timeout(mut self, limits: impl Iterator<Item = EndpointLimits>) -> Self {
        let longest = limits.filter_map(|own| own.timeout).max();
        self.attempt = longest
            .map(|own| own.max(self.attempt_timeout()))
            .or(self.attempt);
        self
    }

    /// Until the answer, or until the first word of a streamed one. `another` means that a model is left to ask.
    pub fn first_token_timeout(&self, stream: bool, another: bool) -> Duration {
        match (stream, self.attempt) {
            (true, _) => self.first_token.unwrap_or(self.attempt_timeout()),
            (false, Some(limit)) => limit,
            (false, None) if another => TIMEOUT,
            (false, None) => WHOLE,
        }
    }

    /// The extra time for an answer of at most so many tokens, where no other limit was set.
    pub fn generation_allowance(&self, stream: bool, max_tokens: Option<u32>) -> Duration {
        match (stream, self.attempt) {
            (false, None) => TOKEN * max_tokens.unwrap_or(0),
            _ => Duration::ZERO,
        }
    }

    /// Between two words of a streamed answer.
    pub fn idle_timeout(&self) -> Duration {
        self.idle.unwrap_or(self.attempt_timeout())
    }
}

/// Limits of one endpoint of a chain, where they differ from those of the call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EndpointLimits {
    /// As [`Limits::attempt`].
    pub timeout: Option<Duration>,
    /// Retries at this endpoint, more or fewer than the call allows.
    pub retries: Option<u32>,
}

impl EndpointLimits {
    /// Retries left at this endpoint: by its own number, or else by what the call has left.
    pub fn retries_left(&self, retried: u32, of_the_call: u32) -> u32 {
        match self.retries {
            Some(own) => own.saturating_sub(retried),
            None => of_the_call,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_timeout_leaves_time_for_a_fallback_and_a_deadline_is_kept_to() {
        let seconds = Duration::from_secs;
        let mut limits = Limits::default();
        assert_eq!(limits.call(), seconds(30));
        limits.attempt = Some(seconds(40));
        assert_eq!(limits.call(), seconds(120));
        limits.attempt = Some(Duration::MAX);
        assert_eq!(limits.call(), Duration::MAX);
        limits.deadline = Some(seconds(7));
        assert_eq!(limits.call(), seconds(7));
    }

    #[test]
    fn an_answer_that_comes_whole_has_a_minute_where_nothing_was_set_and_nobody_follows() {
        let seconds = Duration::from_secs;
        let limits = Limits::default();
        assert_eq!(limits.first_token_timeout(false, false), seconds(60));
        assert_eq!(limits.first_token_timeout(false, true), seconds(10));
        assert_eq!(limits.first_token_timeout(true, false), seconds(10));
        assert_eq!(limits.generation_allowance(false, Some(4_000)), seconds(80));
        assert_eq!(
            limits.generation_allowance(true, Some(4_000)),
            Duration::ZERO
        );
        let own = EndpointLimits {
            timeout: Some(seconds(5)),
            ..EndpointLimits::default()
        };
        for limits in [
            limits.with(own),
            limits.with_longest_timeout([own].into_iter()).with(own),
        ] {
            assert_eq!(limits.first_token_timeout(false, false), seconds(5));
            assert_eq!(
                limits.generation_allowance(false, Some(4_000)),
                Duration::ZERO
            );
        }
    }
}
