//! What a client remembers of the models that it asked, so that no call has to find it out again.
//!
//! - [`breaker`]: after many failures a model is left alone for a while, then probed by one request
//! - [`budget`]: how many retries a model is worth
//! - [`pace`]: limits that are known are kept, not run into
//! - [`report`]: the same for people to read
//!
//! Clones of a client share it; nothing of it outlives them. It says who may be asked; whom a call asks, and when it waits,
//! is said in [`call`](super).

mod breaker;
mod budget;
mod pace;
mod report;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Entry;
pub(super) use breaker::Sample;
use breaker::{Breaker, State, Ticket};
use budget::Budget;
use pace::Pace;
pub use report::{Circuit, CircuitState};

use crate::platform::Failure;
use crate::trail::Why;

/// Beyond so many models, those that are well are forgotten.
const REMEMBERED: usize = 1000;

/// What a client remembers.
#[derive(Debug)]
pub(crate) struct Health {
    /// Whether models are left alone at all.
    breaks: bool,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    routes: HashMap<Route, Record>,
    /// By address: platforms that share one are asked with the same key.
    paces: HashMap<String, Pace>,
}

/// A model at a platform.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Route {
    platform: String,
    model: String,
}

#[derive(Debug)]
struct Record {
    breaker: Breaker,
    budget: Budget,
}

impl Health {
    pub fn new(breaks: bool) -> Self {
        Health {
            breaks,
            memory: Mutex::default(),
        }
    }

    /// Lets a request to this entry through, or says why not.
    pub(super) fn admit(&self, entry: &Entry) -> Result<Pass<'_>, Why> {
        let now = Instant::now();
        self.with(entry, now, |record| match record.breaker.admit(now) {
            Some(ticket) => Ok(ticket),
            None if !self.breaks => Ok(record.breaker.admit_anyway(now)),
            None => Err(Why::CircuitOpen {
                reason: record.breaker.reason(),
                wait: record.breaker.reopens(now).saturating_duration_since(now),
            }),
        })
        .map(|ticket| self.pass(entry, ticket))
    }

    /// Lets a request through that has nowhere else to go.
    pub(super) fn admit_anyway(&self, entry: &Entry) -> Pass<'_> {
        let now = Instant::now();
        let ticket = self.with(entry, now, |record| record.breaker.admit_anyway(now));
        self.pass(entry, ticket)
    }

    /// When this entry will be asked again.
    pub(super) fn reopens(&self, entry: &Entry) -> Instant {
        let now = Instant::now();
        self.with(entry, now, |record| record.breaker.reopens(now))
    }

    /// A call comes to this entry.
    pub(super) fn pay_in(&self, entry: &Entry) {
        let now = Instant::now();
        self.with(entry, now, |record| record.budget.pay_in(now));
    }

    /// Pays for one more retry, if the calls to this entry are many enough.
    pub(super) fn pay_for_a_retry(&self, entry: &Entry) -> bool {
        let now = Instant::now();
        self.with(entry, now, |record| record.budget.pay_out(now))
    }

    /// Waits until a known limit allows one more request, if that takes less than `patience`.
    ///
    /// # Errors
    /// Why no request can be made in time.
    pub(super) async fn turn(&self, entry: &Entry, patience: Duration) -> Result<(), Why> {
        if !is_free(entry) {
            return Ok(());
        }
        let now = Instant::now();
        let account = &entry.platform.base_url;
        let taken = self.pace(account, |pace| pace.take(now, patience));
        let at = taken.map_err(|wait| Why::LimitReached {
            a_minute: pace::FREE,
            wait,
        })?;
        if at > now {
            let mut place = Place {
                health: self,
                account,
                at: Some(at),
            };
            tokio::time::sleep_until(at).await;
            place.at = None;
        }
        Ok(())
    }

    /// Keeps in mind what a failure says about more than its own request.
    pub(super) fn learn(&self, entry: &Entry, failure: &Failure) {
        if is_of_the_free_account(entry, failure)
            && let Some(wait) = failure.retry_after
        {
            let until = Instant::now() + wait;
            self.pace(&entry.platform.base_url, |pace| pace.close(until));
        }
    }

    fn pass(&self, entry: &Entry, ticket: Ticket) -> Pass<'_> {
        Pass {
            health: self,
            route: route(entry),
            ticket: Some(ticket),
        }
    }

    fn with<T>(&self, entry: &Entry, now: Instant, work: impl FnOnce(&mut Record) -> T) -> T {
        let mut memory = self.memory();
        let route = route(entry);
        if memory.routes.len() >= REMEMBERED && !memory.routes.contains_key(&route) {
            memory.routes.retain(|_, record| {
                record.breaker.state(now) != State::Closed || record.breaker.counts().1 > 0
            });
        }
        work(memory.routes.entry(route).or_insert_with(|| Record {
            breaker: Breaker::default(),
            budget: Budget::new(now),
        }))
    }

    fn pace<T>(&self, account: &str, work: impl FnOnce(&mut Pace) -> T) -> T {
        let mut memory = self.memory();
        match memory.paces.get_mut(account) {
            Some(pace) => work(pace),
            None => work(memory.paces.entry(account.to_owned()).or_default()),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn route(entry: &Entry) -> Route {
    Route {
        platform: entry.platform.name.clone(),
        model: entry.candidate.model.clone(),
    }
}

/// Whether a request counts against the limit that OpenRouter's free models share.
pub(super) fn is_free(entry: &Entry) -> bool {
    entry.platform.catalogue_names && entry.candidate.model.ends_with(":free")
}

/// Whether the account itself, and not the model's host, has had enough free requests.
fn is_of_the_free_account(entry: &Entry, failure: &Failure) -> bool {
    is_free(entry) && failure.message.contains("free-models-per")
}

/// The leave to send one request. Dropped without a word, it says that the caller went away.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    health: &'a Health,
    route: Route,
    ticket: Option<Ticket>,
}

impl Pass<'_> {
    /// The request is over.
    pub fn end(mut self, sample: Sample) {
        self.hand_in(sample);
    }

    fn hand_in(&mut self, sample: Sample) {
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        if let Some(record) = self.health.memory().routes.get_mut(&self.route) {
            record.breaker.end(ticket, sample, Instant::now());
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.hand_in(Sample::Neutral);
    }
}

/// A place in the minute that somebody waits for. Dropped before it comes, it is free for others.
struct Place<'a> {
    health: &'a Health,
    account: &'a str,
    at: Option<Instant>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(at) = self.at {
            self.health.pace(self.account, |pace| pace.give_back(at));
        }
    }
}
