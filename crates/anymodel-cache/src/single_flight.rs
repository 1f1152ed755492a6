//! Cache look-up and single flight: one request is sent for many equal ones at the same time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::answer::CachedAnswer;
use super::key::{CacheKey, CacheScope};
use super::normal_form::normal_form;
use super::statistics::BypassReason;
use super::store::MAX_ENTRY;
use super::{Cache, CacheState, bypass_rules};
use anymodel_types::{Cached, ChatRequest, Error, ErrorKind, Reply};

/// The highest temperature at which an answer is kept; it is the usual default of platforms. Above it variety is wanted.
const WARMEST: f64 = 1.0;

/// Cache question: the part of a call that the cache needs.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The request that is looked up.
    pub request: &'a ChatRequest,
    /// The endpoints that may answer.
    pub scope: &'a [CacheScope<'a>],
    /// How a router chooses among them; without it they are asked in order.
    pub strategy: Option<&'static str>,
    /// Why it bypasses the cache, when that is known without reading the question.
    pub bypass: Option<BypassReason>,
    /// How long it may wait for another call's answer to the same question.
    pub patience: Duration,
}

/// The result of a look-up.
pub enum Lookup {
    /// An answer that was stored, or that another call has just received.
    Hit(Box<Reply>),
    /// Another call sent the same request and failed in a way that this call would share.
    Failed(Error),
    /// The model is to be asked.
    Miss(FlightGuard),
}

/// The result of a request for which other calls wait.
#[derive(Clone)]
pub(super) enum FlightResult {
    Answer(Arc<CachedAnswer>),
    Failed(Arc<Error>),
    /// The result must not be shared: every call that waits sends its own request.
    NotShared,
}

/// Flight guard: permission to ask the model. Dropped before it [completes](Self::complete), it passes to the next call.
#[must_use]
pub struct FlightGuard(Option<Box<Flight>>);

struct Flight {
    cache: Cache,
    key: Arc<CacheKey>,
    /// The normal form of the question, in a semantic cache.
    form: Option<String>,
    /// Whether other calls wait for it, or may.
    is_leader: bool,
}

/// What one look into the cache leads to.
enum Step {
    Done(Lookup),
    /// The same request is in flight.
    Wait(watch::Receiver<Option<FlightResult>>),
    /// The exact request is not known: the normal form is needed, which is computed outside the lock.
    NeedsForm,
}

impl Cache {
    /// Looks for the answer to a question; waits when another call is asking for it.
    #[doc(hidden)]
    pub async fn lookup(&self, question: Question<'_>) -> Lookup {
        let started = Instant::now();
        if let Some(reason) = self.bypass(&question) {
            self.state().statistics.bypass(reason);
            return Lookup::Miss(FlightGuard::none());
        }
        let Question {
            request,
            scope,
            strategy,
            patience,
            ..
        } = question;
        let key = Arc::new(CacheKey::new(request, scope, strategy));
        self.sync_from_disk().await;
        let mut form = None;
        loop {
            let mut flight = match self.step(&key, form.as_ref(), started) {
                Step::Done(lookup) => return lookup,
                Step::Wait(flight) => flight,
                Step::NeedsForm => {
                    form = Some(normal_form(&key.question));
                    continue;
                }
            };
            let left = patience.saturating_sub(started.elapsed());
            let result = tokio::time::timeout(left, flight.wait_for(Option::is_some)).await;
            match result.map(|result| result.ok().and_then(|result| result.clone())) {
                Ok(Some(FlightResult::Answer(answer))) => {
                    let mut state = self.state();
                    state.statistics.in_flight += 1;
                    return state.hit(&answer, Cached::Coalesced, started);
                }
                Ok(Some(FlightResult::Failed(error))) => {
                    self.state().statistics.misses += 1;
                    return Lookup::Failed(error.for_another_call());
                }
                // The call that asked gave up: the next one that waits asks.
                Ok(None) => {}
                Ok(Some(FlightResult::NotShared)) | Err(_) => {
                    self.state().statistics.misses += 1;
                    return Lookup::Miss(self.flight(key, form.flatten(), false));
                }
            }
        }
    }

    /// Looks for the request, for an equal one in flight, and for an equivalent question; without any, this call asks.
    fn step(&self, key: &Arc<CacheKey>, form: Option<&Option<String>>, started: Instant) -> Step {
        let now = self.now();
        let mut state = self.state();
        if let Some(answer) = state.store.exact(key, now) {
            state.statistics.exact += 1;
            return Step::Done(state.hit(&answer, Cached::Exact, started));
        }
        if let Some(flight) = state.flights.get(key) {
            return Step::Wait(flight.subscribe());
        }
        let form = match form {
            None if state.is_semantic => return Step::NeedsForm,
            None => None,
            Some(form) => form.as_deref(),
        };
        if let Some(form) = form
            && let Some((answer, question)) = state.store.equivalent(key, form, now)
        {
            state.statistics.semantic += 1;
            return Step::Done(state.hit(&answer, Cached::Semantic { question }, started));
        }
        state.statistics.misses += 1;
        let flight = watch::Sender::new(None);
        state.flights.insert(Arc::clone(key), flight);
        let guard = self.flight(Arc::clone(key), form.map(str::to_owned), true);
        Step::Done(Lookup::Miss(guard))
    }

    /// Permission to ask although an answer is kept; the new answer takes its place.
    #[doc(hidden)]
    pub fn refresh(&self, question: &Question<'_>) -> FlightGuard {
        if self.bypass(question).is_some() {
            return FlightGuard::none();
        }
        let key = CacheKey::new(question.request, question.scope, question.strategy);
        let is_semantic = self.state().is_semantic;
        let form = is_semantic.then(|| normal_form(&key.question)).flatten();
        self.flight(Arc::new(key), form, false)
    }

    /// Why a question bypasses the cache.
    fn bypass(&self, question: &Question<'_>) -> Option<BypassReason> {
        let request = question.request;
        let warm = request.temperature.is_some_and(|warmth| warmth > WARMEST);
        if let Some(reason) = question.bypass {
            return Some(reason);
        }
        if warm && request.seed.is_none() {
            return Some(BypassReason::Temperature);
        }
        let rules = Arc::clone(&self.state().bypass_rules);
        bypass_rules::check(request, &rules)
    }

    /// Keeps an answer: in memory now, and in the file, when there is one.
    fn insert(
        &self,
        key: &CacheKey,
        answer: &Arc<CachedAnswer>,
        form: Option<String>,
    ) -> Option<JoinHandle<()>> {
        let now = self.now();
        let id = self
            .state()
            .store
            .insert(key, Arc::clone(answer), now, form);
        self.write(id, key, Arc::clone(answer), now)
    }

    fn flight(&self, key: Arc<CacheKey>, form: Option<String>, is_leader: bool) -> FlightGuard {
        FlightGuard(Some(Box::new(Flight {
            cache: self.clone(),
            key,
            form,
            is_leader,
        })))
    }
}

impl CacheState {
    /// Returns a kept answer, and counts what the hit saves.
    fn hit(&mut self, answer: &CachedAnswer, cached: Cached, started: Instant) -> Lookup {
        let (sent, received) = answer.tokens();
        self.statistics.prompt_tokens_saved += sent;
        self.statistics.completion_tokens_saved += received;
        self.statistics.simulated |= answer.is_simulated();
        match answer.cost() {
            Some(cost) => self.statistics.saved += cost,
            None => self.statistics.unpriced += 1,
        }
        Lookup::Hit(Box::new(answer.reply(cached, started.elapsed())))
    }
}

impl FlightGuard {
    /// A guard without effect: no call waits for the answer, and it is not kept.
    pub fn none() -> Self {
        FlightGuard(None)
    }

    /// Reports the result: a whole answer is kept, and the waiting calls are notified. The task that it returns, if any,
    /// ends when the answer is in the file.
    pub fn complete(
        mut self,
        result: Result<&Reply, &Error>,
        is_fallback: bool,
    ) -> Option<JoinHandle<()>> {
        self.0.take()?.complete(result, is_fallback)
    }
}

impl Flight {
    fn complete(
        mut self,
        result: Result<&Reply, &Error>,
        is_fallback: bool,
    ) -> Option<JoinHandle<()>> {
        let result = match result {
            Ok(reply) => Some(match CachedAnswer::of(reply, is_fallback) {
                Some(answer) => FlightResult::Answer(Arc::new(answer)),
                None => FlightResult::NotShared,
            }),
            Err(error) if fails_for_all(error.kind()) => {
                Some(FlightResult::Failed(Arc::new(error.for_another_call())))
            }
            Err(_) => None,
        };
        let writing = match &result {
            Some(FlightResult::Answer(answer)) if self.fits(answer) => {
                let form = self.form.take();
                self.cache.insert(&self.key, answer, form)
            }
            _ => {
                self.cache.state().statistics.not_kept += 1;
                None
            }
        };
        if self.is_leader
            && let Some(flight) = self.cache.state().flights.remove(&self.key)
        {
            self.is_leader = false;
            flight.send_replace(result);
        }
        writing
    }

    /// Whether the answer is small enough to keep: an eighth of all memory, and at most a few megabytes.
    fn fits(&self, answer: &CachedAnswer) -> bool {
        let bytes = self.key.context.len() + self.key.question.len() + answer.bytes();
        bytes <= MAX_ENTRY.min(self.cache.state().store.limits.bytes / 8)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if self.is_leader {
            self.cache.state().flights.remove(&self.key);
        }
    }
}

/// Whether the same request meets the same failure, whichever call makes it and however long it waits.
fn fails_for_all(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::InvalidRequest | ErrorKind::ContextTooLong | ErrorKind::ContentRefused
    )
}
