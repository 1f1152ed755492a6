//! How long and how often a call may try.

use std::time::Duration;

/// How long and how often a call may try.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Until the answer, waits and fallbacks included. Of a streamed answer: until its first word.
    pub call: Duration,
    /// The silence of one request: until the answer; of a streamed one until its first word, and between two words.
    pub attempt: Duration,
    /// Until the first word of a streamed answer, where it is not `attempt`.
    pub first_token: Option<Duration>,
    /// Between two words of a streamed answer, where it is not `attempt`.
    pub idle: Option<Duration>,
    /// For a streamed answer from its beginning to its end; none, because one that comes well may be long.
    pub whole: Option<Duration>,
    /// Requests to a model that has already failed, in the whole call.
    pub retries: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            call: Duration::from_secs(30),
            attempt: Duration::from_secs(10),
            first_token: None,
            idle: None,
            whole: None,
            retries: 3,
        }
    }
}

impl Limits {
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

    /// One number for the whole call, streamed or not.
    pub fn set_deadline(&mut self, limit: Duration) {
        self.call = limit;
        self.whole = Some(limit);
    }
}
