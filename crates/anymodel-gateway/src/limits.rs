//! Rate and parallel limits of this process: requests and tokens of the last minute, calls in flight.
//!
//! Requests are counted when they are identified. A call that is refused for tokens or parallel calls takes nothing from
//! those limits, and a [`Slot`] gives its place back however the call ends.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::model::Limits;

/// The span of rate limits.
const MINUTE: Duration = Duration::from_secs(60);

/// Which limit refuses a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateLimit {
    /// Requests a minute.
    Requests,
    /// Tokens a minute.
    Tokens,
    /// Calls at the same time.
    Parallel,
}

/// A refusal by a rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateRefusal {
    /// Which.
    pub limit: RateLimit,
    /// How many are allowed.
    pub allowed: u64,
    /// When the next may succeed; for parallel calls a guess.
    pub retry_after: Duration,
}

/// What is left of the limits of a minute, for headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remaining {
    /// Allowed and left requests, and until the next comes back.
    pub requests: Option<(u64, u64, Duration)>,
    /// The same of tokens.
    pub tokens: Option<(u64, u64, Duration)>,
}

#[derive(Debug, Default)]
struct Counters {
    requests: VecDeque<Instant>,
    tokens: VecDeque<(Instant, u64)>,
    in_flight: u32,
}

impl Counters {
    fn forget(&mut self, now: Instant) {
        let old = |at: Instant| now.saturating_duration_since(at) >= MINUTE;
        while self.requests.front().is_some_and(|at| old(*at)) {
            self.requests.pop_front();
        }
        while self.tokens.front().is_some_and(|(at, _)| old(*at)) {
            self.tokens.pop_front();
        }
    }

    fn used_tokens(&self) -> u64 {
        self.tokens.iter().map(|(_, tokens)| tokens).sum()
    }
}

/// The counters of all keys and groups.
#[derive(Debug, Default)]
pub struct RateLimits(Mutex<HashMap<String, Counters>>);

impl RateLimits {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<String, Counters>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts a request of these owners, each with its limits, or refuses it and counts nothing.
    ///
    /// # Errors
    /// The limit that is reached.
    pub fn request(&self, owners: &[(String, &Limits)]) -> Result<(), RateRefusal> {
        let now = Instant::now();
        self.with(|all| {
            for (owner, limits) in owners {
                let counters = all.entry(owner.clone()).or_default();
                counters.forget(now);
                let allowed = limits
                    .requests_per_minute
                    .map_or(usize::MAX, |most| most as usize);
                if counters.requests.len() >= allowed {
                    return Err(RateRefusal {
                        limit: RateLimit::Requests,
                        allowed: allowed as u64,
                        retry_after: left_of(counters.requests.front().copied(), now),
                    });
                }
            }
            for (owner, limits) in owners {
                // Without a limit there is nothing to count.
                if let (Some(counters), Some(_)) = (all.get_mut(owner), limits.requests_per_minute)
                {
                    counters.requests.push_back(now);
                }
            }
            Ok(())
        })
    }

    /// Takes a place among the calls in flight of all these owners, or of none.
    ///
    /// # Errors
    /// The limit that is reached.
    pub fn enter(self: &Arc<Self>, owners: &[(String, &Limits)]) -> Result<Slot, RateRefusal> {
        let now = Instant::now();
        self.with(|all| {
            for (owner, limits) in owners {
                let counters = all.entry(owner.clone()).or_default();
                counters.forget(now);
                let used = counters.used_tokens();
                if let Some(allowed) = limits.tokens_per_minute
                    && used >= allowed
                {
                    let first = counters.tokens.front().map(|(at, _)| *at);
                    let retry_after = left_of(first, now);
                    return Err(RateRefusal {
                        limit: RateLimit::Tokens,
                        allowed,
                        retry_after,
                    });
                }
                if let Some(allowed) = limits.parallel
                    && counters.in_flight >= allowed
                {
                    let retry_after = Duration::from_secs(1);
                    let allowed = u64::from(allowed);
                    return Err(RateRefusal {
                        limit: RateLimit::Parallel,
                        allowed,
                        retry_after,
                    });
                }
            }
            for (owner, _) in owners {
                if let Some(counters) = all.get_mut(owner) {
                    counters.in_flight += 1;
                }
            }
            Ok(())
        })?;
        Ok(Slot {
            limits: Arc::clone(self),
            owners: owners
                .iter()
                .map(|(owner, limits)| (owner.clone(), limits.tokens_per_minute.is_some()))
                .collect(),
        })
    }

    /// What is left for an owner.
    pub fn remaining(&self, owner: &str, limits: &Limits) -> Remaining {
        let now = Instant::now();
        self.with(|all| {
            let counters = all.entry(owner.to_owned()).or_default();
            counters.forget(now);
            let first = left_of(counters.requests.front().copied(), now);
            let first_token = left_of(counters.tokens.front().map(|(at, _)| *at), now);
            let used = counters.used_tokens();
            Remaining {
                requests: limits.requests_per_minute.map(|most| {
                    let most = u64::from(most);
                    (
                        most,
                        most.saturating_sub(counters.requests.len() as u64),
                        first,
                    )
                }),
                tokens: limits
                    .tokens_per_minute
                    .map(|most| (most, most.saturating_sub(used), first_token)),
            }
        })
    }
}

/// How long until what happened at `first` is a minute old.
fn left_of(first: Option<Instant>, now: Instant) -> Duration {
    first.map_or(Duration::ZERO, |first| {
        MINUTE.saturating_sub(now.saturating_duration_since(first))
    })
}

/// A place among the calls in flight. It is given back when this is dropped.
#[derive(Debug)]
pub struct Slot {
    limits: Arc<RateLimits>,
    /// Each with whether its tokens are counted.
    owners: Vec<(String, bool)>,
}

impl Slot {
    /// Counts tokens that the call has used.
    pub fn used(&self, tokens: u64) {
        let now = Instant::now();
        self.limits.with(|all| {
            for (owner, _) in self
                .owners
                .iter()
                .filter(|(_, counts)| *counts && tokens > 0)
            {
                if let Some(counters) = all.get_mut(owner) {
                    counters.tokens.push_back((now, tokens));
                }
            }
        });
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.limits.with(|all| {
            for (owner, _) in &self.owners {
                if let Some(counters) = all.get_mut(owner) {
                    counters.in_flight = counters.in_flight.saturating_sub(1);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(requests: Option<u32>, parallel: Option<u32>) -> Limits {
        Limits {
            requests_per_minute: requests,
            parallel,
            ..Limits::default()
        }
    }

    #[test]
    fn a_place_comes_back_when_the_call_is_dropped() {
        let rates = Arc::new(RateLimits::default());
        let one = limits(None, Some(1));
        let owners = [("key:a".to_owned(), &one)];
        let slot = rates.enter(&owners).unwrap();
        assert_eq!(rates.enter(&owners).unwrap_err().limit, RateLimit::Parallel);
        drop(slot);
        assert!(rates.enter(&owners).is_ok());
    }

    #[test]
    fn a_call_that_the_group_refuses_takes_no_place_of_the_key() {
        let rates = Arc::new(RateLimits::default());
        let (key, group) = (limits(None, Some(1)), limits(None, Some(0)));
        let both = [("key:a".to_owned(), &key), ("group:g".to_owned(), &group)];
        assert!(rates.enter(&both).is_err());
        assert!(rates.enter(&both[..1]).is_ok());
    }

    #[test]
    fn requests_of_a_minute_are_counted_once_each() {
        let rates = RateLimits::default();
        let two = limits(Some(2), None);
        let owners = [("key:a".to_owned(), &two)];
        assert!(rates.request(&owners).is_ok() && rates.request(&owners).is_ok());
        let refusal = rates.request(&owners).unwrap_err();
        assert_eq!((refusal.limit, refusal.allowed), (RateLimit::Requests, 2));
        assert!(refusal.retry_after > Duration::from_secs(50));
    }
}
