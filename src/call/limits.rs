//! How long and how often a call may try.

use std::time::Duration;

use crate::config::{DEADLINE, RETRIES, TIMEOUT};

/// A call without a deadline takes at most this long, or [`PATIENCE`] attempts' time if that is longer: whoever lets one
/// attempt be silent for half a minute still wants the fallback after it.
const CALL: Duration = DEADLINE;
const PATIENCE: u32 = 3;

/// How long and how often a call may try.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The silence of one request: until the answer; of a streamed one until its first word, and between two words.
    pub attempt: Duration,
    /// Until the first word of a streamed answer, where it is not `attempt`.
    pub first_token: Option<Duration>,
    /// Between two words of a streamed answer, where it is not `attempt`.
    pub idle: Option<Duration>,
    /// For the whole call, from its beginning to the end of the answer. Without it a streamed answer that comes well may be
    /// as long as it is.
    pub deadline: Option<Duration>,
    /// Requests to a model that has already failed, in the whole call.
    pub retries: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            attempt: TIMEOUT,
            first_token: None,
            idle: None,
            deadline: None,
            retries: RETRIES,
        }
    }
}

impl Limits {
    /// The limits of an attempt at one entry, which may have its own.
    pub fn with(mut self, own: Patience) -> Self {
        if let Some(timeout) = own.timeout {
            self.attempt = timeout;
            self.first_token = None;
            self.idle = None;
        }
        self
    }

    /// Until the answer, waits and fallbacks included. Of a streamed answer: until its first word.
    pub fn call(&self) -> Duration {
        let longest = self.attempt.max(self.first_token.unwrap_or_default());
        self.deadline
            .unwrap_or_else(|| CALL.max(longest.saturating_mul(PATIENCE)))
    }

    /// The limits with the timeout of the entry that may take longest: without a deadline, a call makes room for it.
    pub fn widest(mut self, entries: impl Iterator<Item = Patience>) -> Self {
        let longest = entries.filter_map(|own| own.timeout).max();
        self.attempt = self.attempt.max(longest.unwrap_or_default());
        self
    }

    /// Until the answer, or until the first word of a streamed one.
    pub fn first_word(&self, stream: bool) -> Duration {
        match stream {
            true => self.first_token.unwrap_or(self.attempt),
            false => self.attempt,
        }
    }

    /// Between two words of a streamed answer.
    pub fn between_words(&self) -> Duration {
        self.idle.unwrap_or(self.attempt)
    }
}

/// How long and how often one entry of a chain may be tried, where it is not as for all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Patience {
    /// As [`Limits::attempt`].
    pub timeout: Option<Duration>,
    /// How often it may be asked again, be it more or less than the call says.
    pub retries: Option<u32>,
}

impl Patience {
    /// How often it may still be asked again: its own number counts, or else what the call has left.
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
        limits.attempt = seconds(40);
        assert_eq!(limits.call(), seconds(120));
        limits.attempt = Duration::MAX;
        assert_eq!(limits.call(), Duration::MAX);
        limits.deadline = Some(seconds(7));
        assert_eq!(limits.call(), seconds(7));
    }
}
