//! How long and how often a call may try.

use std::time::Duration;

/// A call without a deadline takes at most this long, or [`PATIENCE`] attempts' time if that is longer: whoever lets one
/// attempt be silent for half a minute still wants the fallback after it.
const CALL: Duration = Duration::from_secs(30);
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
            attempt: Duration::from_secs(10),
            first_token: None,
            idle: None,
            deadline: None,
            retries: 3,
        }
    }
}

impl Limits {
    /// Until the answer, waits and fallbacks included. Of a streamed answer: until its first word.
    pub fn call(&self) -> Duration {
        let longest = self.attempt.max(self.first_token.unwrap_or_default());
        self.deadline
            .unwrap_or_else(|| CALL.max(longest.saturating_mul(PATIENCE)))
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
