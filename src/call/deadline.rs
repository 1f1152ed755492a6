//! One span of time for the whole call; every attempt gets what is left of it.

use std::time::{Duration, Instant};

use super::Limits;

pub(super) struct Deadline {
    start: Instant,
    /// By then the answer has to be there; of a streamed one, its first word.
    until: Instant,
    call: Duration,
    /// By then a streamed answer has to be whole.
    end: Option<Instant>,
}

impl Deadline {
    pub fn start(limits: &Limits) -> Self {
        let start = Instant::now();
        Deadline {
            start,
            until: start + limits.call,
            call: limits.call,
            end: limits.whole.map(|whole| start + whole),
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    pub fn remaining(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
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
        let until = Instant::now() + self.call;
        self.until = self.end.map_or(until, |end| until.min(end));
    }
}
