//! Endpoint health: what a client has learned of the endpoints that it asked, so that no call has to find it out again.
//!
//! - [`circuit_breaker`]: after many failures an endpoint is left alone for a while, then probed by one request
//! - [`retry_budget`]: how many retries are allowed at an endpoint
//! - [`rate_limiter`]: keeps known limits instead of running into them
//! - [`report`]: the same for people to read
//!
//! Clones of a client share it, and it ends with them. It decides which endpoints may be asked. Which of them a call asks,
//! and when it waits, is decided in [`call`](super).

mod circuit_breaker;
mod rate_limiter;
mod report;
mod retry_budget;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Endpoint;
pub(super) use circuit_breaker::{AttemptOutcome, ProbeId};
use circuit_breaker::{BreakerState, CircuitBreaker};
use rate_limiter::RateLimiter;
pub use report::{Circuit, CircuitState};
use retry_budget::RetryBudget;

use anymodel_types::{Attempt, SkipReason};

/// With more models than this, the healthy ones are forgotten.
const REMEMBERED: usize = 1000;

/// Circuit breakers, retry budgets and rate limiters of a client's endpoints.
#[derive(Debug)]
pub(crate) struct EndpointHealth {
    /// Whether circuit breakers are on.
    breaks: bool,
    memory: Mutex<EndpointStates>,
}

#[derive(Debug, Default)]
struct EndpointStates {
    routes: Routes,
    /// Rate limiters by address: platforms that share an address are asked with the same key.
    paces: HashMap<String, RateLimiter>,
}

/// The state of each endpoint, by platform and then by model name: a call looks it up by borrowed names and copies none.
#[derive(Debug, Default)]
struct Routes {
    platforms: HashMap<String, HashMap<String, EndpointState>>,
    models: usize,
}

#[derive(Debug)]
struct EndpointState {
    breaker: CircuitBreaker,
    budget: RetryBudget,
}

impl EndpointHealth {
    pub fn new(breaks: bool) -> Self {
        EndpointHealth {
            breaks,
            memory: Mutex::default(),
        }
    }

    /// Admits a request to this endpoint, or says why not.
    pub(super) fn admit(&self, endpoint: &Endpoint) -> Result<ProbeId, SkipReason> {
        let now = Instant::now();
        self.with(endpoint, now, |record| match record.breaker.admit(now) {
            Some(probe_id) => Ok(probe_id),
            None if !self.breaks => Ok(record.breaker.admit_anyway(now)),
            None => Err(SkipReason::CircuitOpen {
                reason: record.breaker.reason(),
                wait: record.breaker.reopens(now).saturating_duration_since(now),
            }),
        })
    }

    /// Admits a request for which no other endpoint is left.
    pub(super) fn admit_anyway(&self, endpoint: &Endpoint) -> ProbeId {
        let now = Instant::now();
        self.with(endpoint, now, |record| record.breaker.admit_anyway(now))
    }

    /// Tells the circuit breaker that an admitted request is over.
    pub(super) fn end(&self, endpoint: &Endpoint, probe_id: ProbeId, outcome: AttemptOutcome) {
        if let Some(record) = self.memory().routes.get_mut(endpoint) {
            record.breaker.end(probe_id, outcome, Instant::now());
        }
    }

    /// When this endpoint will be asked again.
    pub(super) fn reopens(&self, endpoint: &Endpoint) -> Instant {
        let now = Instant::now();
        self.with(endpoint, now, |record| record.breaker.reopens(now))
    }

    /// A call reaches this endpoint: adds to its retry budget.
    pub(super) fn deposit(&self, endpoint: &Endpoint) {
        let now = Instant::now();
        self.with(endpoint, now, |record| record.budget.deposit(now));
    }

    /// Takes one retry from the budget, if the calls to this endpoint are many enough.
    pub(super) fn try_withdraw_retry(&self, endpoint: &Endpoint) -> bool {
        let now = Instant::now();
        self.with(endpoint, now, |record| record.budget.try_withdraw(now))
    }

    /// Waits until a known rate limit allows one more request, if that takes less than `patience`.
    ///
    /// # Errors
    /// Why no request can be made in time.
    pub(super) async fn acquire_slot(
        &self,
        endpoint: &Endpoint,
        patience: Duration,
    ) -> Result<(), SkipReason> {
        if !endpoint.is_free() {
            return Ok(());
        }
        let now = Instant::now();
        let account = &endpoint.platform.base_url;
        let taken = self.pace(account, |pace| pace.take(now, patience));
        let at = taken.map_err(|wait| SkipReason::LimitReached {
            a_minute: rate_limiter::FREE,
            wait,
        })?;
        if at > now {
            let mut place = RateLimitSlot {
                health: self,
                account,
                at: Some(at),
            };
            tokio::time::sleep_until(at).await;
            place.at = None;
        }
        Ok(())
    }

    /// Learns what an attempt says about more than its own request.
    pub(super) fn learn(&self, endpoint: &Endpoint, attempt: &Attempt) {
        if is_of_the_free_account(endpoint, attempt)
            && let Some(wait) = attempt.retry_after
        {
            let until = Instant::now() + wait;
            self.pace(&endpoint.platform.base_url, |pace| pace.close(until));
        }
    }

    fn with<T>(
        &self,
        endpoint: &Endpoint,
        now: Instant,
        work: impl FnOnce(&mut EndpointState) -> T,
    ) -> T {
        let routes = &mut self.memory().routes;
        match routes.get_mut(endpoint) {
            Some(record) => work(record),
            None => work(routes.add(endpoint, now)),
        }
    }

    fn pace<T>(&self, account: &str, work: impl FnOnce(&mut RateLimiter) -> T) -> T {
        let mut memory = self.memory();
        match memory.paces.get_mut(account) {
            Some(pace) => work(pace),
            None => work(memory.paces.entry(account.to_owned()).or_default()),
        }
    }

    fn memory(&self) -> MutexGuard<'_, EndpointStates> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Routes {
    fn get_mut(&mut self, endpoint: &Endpoint) -> Option<&mut EndpointState> {
        let models = self.platforms.get_mut(&endpoint.platform.name)?;
        models.get_mut(&endpoint.candidate.model)
    }

    /// Starts the state of a model.
    fn add(&mut self, endpoint: &Endpoint, now: Instant) -> &mut EndpointState {
        if self.models >= REMEMBERED {
            self.forget_the_well(now);
        }
        self.models += 1;
        let models = self.platforms.entry(endpoint.platform.name.clone());
        let record = models.or_default().entry(endpoint.candidate.model.clone());
        record.or_insert_with(|| EndpointState {
            breaker: CircuitBreaker::default(),
            budget: RetryBudget::new(now),
        })
    }

    fn forget_the_well(&mut self, now: Instant) {
        for models in self.platforms.values_mut() {
            models.retain(|_, record| {
                record.breaker.state(now) != BreakerState::Closed || record.breaker.counts().1 > 0
            });
        }
        self.platforms.retain(|_, models| !models.is_empty());
        self.models = self.platforms.values().map(HashMap::len).sum();
    }

    /// All states: platform, model, state.
    fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &str, &mut EndpointState)> {
        self.platforms.iter_mut().flat_map(|(platform, models)| {
            models
                .iter_mut()
                .map(|(model, record)| (platform.as_str(), model.as_str(), record))
        })
    }
}

/// Whether the account itself, and not the model's host, has used up its free requests.
fn is_of_the_free_account(endpoint: &Endpoint, attempt: &Attempt) -> bool {
    let message = attempt.message.as_deref();
    endpoint.is_free() && message.is_some_and(|message| message.contains("free-models-per"))
}

/// A slot in the minute that a call waits for. Dropped before its time, it is free for others.
struct RateLimitSlot<'a> {
    health: &'a EndpointHealth,
    account: &'a str,
    at: Option<Instant>,
}

impl Drop for RateLimitSlot<'_> {
    fn drop(&mut self) {
        if let Some(at) = self.at {
            self.health.pace(self.account, |pace| pace.release(at));
        }
    }
}
