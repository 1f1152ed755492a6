//! Rate limiter: keeps known limits instead of running into them.
//!
//! OpenRouter answers 20 requests a minute to models whose names end in `:free`, all of them together, for one account
//! (its page "limits", read in August 2026). A refused request counts as well, so running into the limit makes it longer.
//! Each request therefore takes a slot in the minute: the first twenty at once, the next when the oldest slot is over.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Requests to free models in [`MINUTE`].
pub(super) const FREE: usize = 20;
/// A second more than a minute, because the arrival of a request counts.
const MINUTE: Duration = Duration::from_secs(61);

/// The rate limiter of one account.
#[derive(Debug, Default)]
pub(super) struct RateLimiter {
    /// When the requests are sent, oldest first; some of them are still to come.
    places: VecDeque<Instant>,
    /// Until then the account takes no request, by its own answer.
    closed_until: Option<Instant>,
}

impl RateLimiter {
    /// Takes the next slot, if it comes soon enough.
    ///
    /// # Errors
    /// How long the wait would be.
    pub fn take(&mut self, now: Instant, patience: Duration) -> Result<Instant, Duration> {
        while self
            .places
            .front()
            .is_some_and(|place| now.saturating_duration_since(*place) >= MINUTE)
        {
            self.places.pop_front();
        }
        let free_at = match self.places.len().checked_sub(FREE) {
            Some(oldest) => self.places.get(oldest).map_or(now, |place| *place + MINUTE),
            None => now,
        };
        let at = free_at.max(now).max(self.closed_until.unwrap_or(now));
        let wait = at.saturating_duration_since(now);
        if wait > Duration::ZERO && wait >= patience {
            return Err(wait);
        }
        self.places.push_back(at);
        Ok(at)
    }

    /// Frees the slot of a call that was dropped while it waited.
    pub fn release(&mut self, place: Instant) {
        if let Some(at) = self.places.iter().rposition(|taken| *taken == place) {
            self.places.remove(at);
        }
    }

    /// The account refuses all requests until then.
    pub fn close(&mut self, until: Instant) {
        self.closed_until = self.closed_until.max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENT: Duration = Duration::from_secs(600);

    #[test]
    fn twenty_go_at_once_and_each_of_the_next_when_a_place_is_free() {
        let now = Instant::now();
        let mut pace = RateLimiter::default();
        for _ in 0..FREE {
            assert_eq!(pace.take(now, Duration::ZERO), Ok(now));
        }
        for _ in 0..FREE {
            assert_eq!(pace.take(now, PATIENT), Ok(now + MINUTE));
        }
        assert_eq!(pace.take(now, PATIENT), Ok(now + 2 * MINUTE));
    }

    #[test]
    fn no_minute_ever_holds_more_than_twenty() {
        let start = Instant::now();
        let mut pace = RateLimiter::default();
        let mut sent = Vec::new();
        for n in 0..200_u64 {
            let now = start + Duration::from_millis(n * n % 977 + n * 700);
            sent.extend(pace.take(now, PATIENT));
        }
        assert_eq!(sent.len(), 200);
        for first in &sent {
            let in_it = sent
                .iter()
                .filter(|at| *at >= first && **at < *first + MINUTE);
            assert!(in_it.count() <= FREE);
        }
    }

    #[test]
    fn who_cannot_wait_takes_no_place_and_is_told_how_long_it_would_be() {
        let now = Instant::now();
        let mut pace = RateLimiter::default();
        for _ in 0..FREE {
            pace.take(now, PATIENT).unwrap();
        }
        let later = now + Duration::from_secs(1);
        let wait = MINUTE - Duration::from_secs(1);
        assert_eq!(pace.take(later, Duration::from_secs(5)), Err(wait));
        assert_eq!(pace.take(later, PATIENT), Ok(now + MINUTE));
    }

    #[test]
    fn a_place_that_is_given_back_is_there_for_the_next() {
        let now = Instant::now();
        let mut pace = RateLimiter::default();
        for _ in 0..FREE {
            pace.take(now, PATIENT).unwrap();
        }
        let waited_for = pace.take(now, PATIENT).unwrap();
        pace.release(waited_for);
        assert_eq!(pace.take(now, PATIENT), Ok(now + MINUTE));
    }

    #[test]
    fn an_account_that_says_it_is_used_up_is_left_alone_until_it_says() {
        let now = Instant::now();
        let mut pace = RateLimiter::default();
        pace.close(now + Duration::from_secs(30));
        assert_eq!(
            pace.take(now, Duration::from_secs(3)),
            Err(Duration::from_secs(30))
        );
        assert_eq!(pace.take(now, PATIENT), Ok(now + Duration::from_secs(30)));
    }
}
