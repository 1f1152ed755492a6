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
    routes: Routes,
    /// By address: platforms that share one are asked with the same key.
    paces: HashMap<String, Pace>,
}

/// What is known of each model: by its platform, then by its name, so that a call looks it up by the words that it has and
/// copies none.
#[derive(Debug, Default)]
struct Routes {
    platforms: HashMap<String, HashMap<String, Record>>,
    models: usize,
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
    pub(super) fn admit<'a>(&'a self, entry: &'a Entry) -> Result<Pass<'a>, Why> {
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
    pub(super) fn admit_anyway<'a>(&'a self, entry: &'a Entry) -> Pass<'a> {
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

    fn pass<'a>(&'a self, entry: &'a Entry, ticket: Ticket) -> Pass<'a> {
        Pass {
            health: self,
            entry,
            ticket: Some(ticket),
        }
    }

    fn with<T>(&self, entry: &Entry, now: Instant, work: impl FnOnce(&mut Record) -> T) -> T {
        let routes = &mut self.memory().routes;
        match routes.get_mut(entry) {
            Some(record) => work(record),
            None => work(routes.add(entry, now)),
        }
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

impl Routes {
    fn get_mut(&mut self, entry: &Entry) -> Option<&mut Record> {
        let models = self.platforms.get_mut(&entry.platform.name)?;
        models.get_mut(&entry.candidate.model)
    }

    /// Begins to remember a model.
    fn add(&mut self, entry: &Entry, now: Instant) -> &mut Record {
        if self.models >= REMEMBERED {
            self.forget_the_well(now);
        }
        self.models += 1;
        let models = self.platforms.entry(entry.platform.name.clone());
        let record = models.or_default().entry(entry.candidate.model.clone());
        record.or_insert_with(|| Record {
            breaker: Breaker::default(),
            budget: Budget::new(now),
        })
    }

    fn forget_the_well(&mut self, now: Instant) {
        for models in self.platforms.values_mut() {
            models.retain(|_, record| {
                record.breaker.state(now) != State::Closed || record.breaker.counts().1 > 0
            });
        }
        self.platforms.retain(|_, models| !models.is_empty());
        self.models = self.platforms.values().map(HashMap::len).sum();
    }

    /// Everything that is remembered: platform, model, record.
    fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &str, &mut Record)> {
        self.platforms.iter_mut().flat_map(|(platform, models)| {
            models
                .iter_mut()
                .map(|(model, record)| (platform.as_str(), model.as_str(), record))
        })
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
    entry: &'a Entry,
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
        if let Some(record) = self.health.memory().routes.get_mut(self.entry) {
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
