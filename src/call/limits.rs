//! How long and how often a call may try.

use std::time::Duration;

use crate::config::{DEADLINE, RETRIES, TIMEOUT};

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
            call: DEADLINE,
            attempt: TIMEOUT,
            first_token: None,
            idle: None,
            whole: None,
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

/// How long and how often one entry of a chain may be tried, where it is not as for all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Patience {
    /// As [`Limits::attempt`].
    pub timeout: Option<Duration>,
    /// How often it may be asked again.
    pub retries: Option<u32>,
}

impl Patience {
    /// How often it may still be asked again.
    pub fn retries_left(&self, retried: u32) -> u32 {
        self.retries
            .map_or(u32::MAX, |all| all.saturating_sub(retried))
    }
}
