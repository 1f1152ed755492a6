//! One span of time for the whole call; every attempt gets what is left of it.

use std::time::{Duration, Instant};

pub(super) struct Deadline {
    start: Instant,
    allowed: Duration,
}

impl Deadline {
    pub fn start(allowed: Duration) -> Self {
        Deadline {
            start: Instant::now(),
            allowed,
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    pub fn remaining(&self) -> Duration {
        self.allowed.saturating_sub(self.elapsed())
    }
}
