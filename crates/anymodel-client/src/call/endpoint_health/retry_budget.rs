//! Retry budget: the retries at an endpoint are a share of the calls to it, and a few more.
//!
//! When a model is down, calls that retry three times each make the load four times as large. So each retry is taken from
//! a token bucket: each call adds a fifth of a retry, and each second adds one while fewer than ten are left.

use tokio::time::Instant;

const OF_EACH_CALL: f64 = 0.2;
const A_SECOND: f64 = 1.0;
/// The budget that time alone refills.
const FLOOR: f64 = 10.0;
/// The most that calls can add up to.
const MOST: f64 = 100.0;

#[derive(Debug)]
pub(super) struct RetryBudget {
    left: f64,
    at: Instant,
}

impl RetryBudget {
    pub fn new(now: Instant) -> Self {
        RetryBudget {
            left: FLOOR,
            at: now,
        }
    }

    /// Adds the share of one call.
    pub fn deposit(&mut self, now: Instant) {
        self.refill(now);
        self.left = (self.left + OF_EACH_CALL).min(MOST);
    }

    /// Takes one retry from the budget, if there is enough.
    pub fn try_withdraw(&mut self, now: Instant) -> bool {
        self.refill(now);
        let enough = self.left >= 1.0;
        if enough {
            self.left -= 1.0;
        }
        enough
    }

    fn refill(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        let filled = (self.left + seconds * A_SECOND).min(FLOOR);
        self.left = self.left.max(filled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn retries(budget: &mut RetryBudget, now: Instant) -> u32 {
        let mut made = 0;
        while budget.try_withdraw(now) {
            made += 1;
        }
        made
    }

    #[test]
    fn an_outage_is_multiplied_by_a_fifth_and_not_by_the_retries_of_each_call() {
        let now = Instant::now();
        let mut budget = RetryBudget::new(now);
        for _ in 0..200 {
            budget.deposit(now);
        }
        let made = retries(&mut budget, now);
        assert!((45..=50).contains(&made), "{made}");
    }

    #[test]
    fn a_few_retries_are_always_there_again_after_a_while() {
        let now = Instant::now();
        let mut budget = RetryBudget::new(now);
        assert_eq!(retries(&mut budget, now), 10);
        assert_eq!(retries(&mut budget, now + Duration::from_secs(3)), 3);
        assert_eq!(retries(&mut budget, now + Duration::from_secs(3600)), 10);
    }
}
