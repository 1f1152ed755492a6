//! A question looks for its answer. When nobody knows it, it has a turn to ask: for itself, and for those who ask the same
//! while it is on its way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::answer::Answer;
use super::disk::LONGEST_KEPT;
use super::key::{Key, Whom};
use super::semantic::Reading;
use super::statistics::PassedBy;
use super::{Cache, State, never};
use crate::chat::{Cached, ChatRequest, Reply};
use crate::error::Error;
use crate::failure::ErrorKind;

/// The highest temperature at which an answer is kept; it is the usual default of platforms. Above it variety is wanted.
const WARMEST: f64 = 1.0;

/// The longest question that is compared by meaning, in bytes.
const LONGEST_READ: usize = 64 << 10;

/// A question, as far as a cache has to know it.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub request: &'a ChatRequest,
    /// Who may answer.
    pub whom: &'a [Whom<'a>],
    /// How a router chooses among them; without it they are asked in order.
    pub strategy: Option<&'static str>,
    /// Why it is asked in any case, when that is known without reading it.
    pub passed_by: Option<PassedBy>,
    /// How long it may wait for the answer to the same question of another call.
    pub patience: Duration,
}

/// What became of looking for the answer.
pub(crate) enum Recalled {
    Known(Box<Reply>),
    /// Another call asked the same, and met what any call would meet.
    Failed(Error),
    /// It is to be asked.
    Ask(Turn),
}

/// What came of a request for which others wait.
#[derive(Clone)]
pub(super) enum Landed {
    Answer(Arc<Answer>),
    Failed(Arc<Error>),
    /// What came is for the one who asked: everybody is to ask for themselves, and nobody to wait for the next.
    Alone,
}

/// The turn to ask. Dropping it before it [landed](Self::land) gives it to the next one that waits.
#[must_use]
pub(crate) struct Turn(Option<Box<Asking>>);

struct Asking {
    cache: Cache,
    key: Arc<Key>,
    reading: Option<Reading>,
    /// Whether others wait for it, or may.
    leads: bool,
}

impl Cache {
    /// Looks for the answer to a question; waits when it is being asked for.
    pub(crate) async fn recall(&self, question: Question<'_>) -> Recalled {
        let started = Instant::now();
        if let Some(why) = self.objection(&question) {
            self.state().statistics.pass_by(why);
            return Recalled::Ask(Turn::alone());
        }
        let Question {
            request,
            whom,
            strategy,
            patience,
            ..
        } = question;
        let key = Arc::new(Key::new(request, whom, strategy));
        self.hear_of_others().await;
        let mut reading = None;
        loop {
            let waiting = {
                let now = self.now();
                let mut state = self.state();
                if let Some(answer) = state.store.exact(&key, now) {
                    state.statistics.exact += 1;
                    return state.known(&answer, Cached::Exact, started);
                }
                match state.flights.get(&key) {
                    Some(flight) => Some(flight.subscribe()),
                    None if reading.is_some() || !state.compares(&key) => {
                        state.statistics.misses += 1;
                        let flight = watch::Sender::new(None);
                        state.flights.insert(Arc::clone(&key), flight);
                        return Recalled::Ask(self.turn(key, reading, true));
                    }
                    None => None,
                }
            };
            let Some(mut waiting) = waiting else {
                let read = self.reader().map(|reader| reader.read(key.question.trim()));
                if let Some(read) = &read
                    && let Some(known) = self.alike(&key, read, started)
                {
                    return known;
                }
                reading = read;
                continue;
            };
            let left = patience.saturating_sub(started.elapsed());
            let landed = tokio::time::timeout(left, waiting.wait_for(Option::is_some)).await;
            match landed.map(|landed| landed.ok().and_then(|landed| landed.clone())) {
                Ok(Some(Landed::Answer(answer))) => {
                    let mut state = self.state();
                    state.statistics.in_flight += 1;
                    return state.known(&answer, Cached::InFlight, started);
                }
                Ok(Some(Landed::Failed(error))) => {
                    self.state().statistics.misses += 1;
                    return Recalled::Failed(error.again());
                }
                // Whoever asked gave it up: it is somebody else's turn.
                Ok(None) => {}
                Ok(Some(Landed::Alone)) | Err(_) => {
                    self.state().statistics.misses += 1;
                    return Recalled::Ask(self.turn(key, reading, false));
                }
            }
        }
    }

    /// The turn to ask whatever is kept; the new answer takes its place.
    pub(crate) fn anew(&self, question: &Question<'_>) -> Turn {
        if self.objection(question).is_some() {
            return Turn::alone();
        }
        let key = Key::new(question.request, question.whom, question.strategy);
        self.turn(Arc::new(key), None, false)
    }

    fn objection(&self, question: &Question<'_>) -> Option<PassedBy> {
        let request = question.request;
        let warm = request.temperature.is_some_and(|warmth| warmth > WARMEST);
        if let Some(why) = question.passed_by {
            return Some(why);
        }
        if warm && request.seed.is_none() {
            return Some(PassedBy::Temperature);
        }
        let lists = Arc::clone(&self.state().lists);
        never::objection(request, &lists)
    }

    fn alike(&self, key: &Key, reading: &Reading, started: Instant) -> Option<Recalled> {
        let now = self.now();
        let mut state = self.state();
        let (answer, question, similarity) = state.store.alike(key, reading, now)?;
        state.statistics.semantic += 1;
        let cached = Cached::Semantic {
            question,
            similarity,
        };
        Some(state.known(&answer, cached, started))
    }

    fn turn(&self, key: Arc<Key>, reading: Option<Reading>, leads: bool) -> Turn {
        Turn(Some(Box::new(Asking {
            cache: self.clone(),
            key,
            reading,
            leads,
        })))
    }
}

impl State {
    /// Whether a question is compared by meaning.
    fn compares(&self, key: &Key) -> bool {
        self.embedder.is_some()
            && !key.question.trim().is_empty()
            && key.question.len() <= LONGEST_READ
    }

    /// Gives a kept answer, and counts what that saves.
    fn known(&mut self, answer: &Answer, cached: Cached, started: Instant) -> Recalled {
        let (sent, received) = answer.tokens();
        self.statistics.prompt_tokens_saved += sent;
        self.statistics.completion_tokens_saved += received;
        self.statistics.simulated |= answer.is_simulated();
        match answer.cost() {
            Some(cost) => self.statistics.saved += cost,
            None => self.statistics.unpriced += 1,
        }
        Recalled::Known(Box::new(answer.reply(cached, started.elapsed())))
    }
}

impl Turn {
    /// A turn that nobody waits for, and whose answer is not kept.
    pub fn alone() -> Self {
        Turn(None)
    }

    /// Says what came of it: a whole answer is kept, and those who wait are told. What it gives ends when the answer is in
    /// the file.
    pub fn land(
        mut self,
        result: Result<&Reply, &Error>,
        stands_in: bool,
    ) -> Option<JoinHandle<()>> {
        self.0.take()?.land(result, stands_in)
    }
}

impl Asking {
    fn land(mut self, result: Result<&Reply, &Error>, stands_in: bool) -> Option<JoinHandle<()>> {
        let landed = match result {
            Ok(reply) => Some(match Answer::of(reply, stands_in) {
                Some(answer) => Landed::Answer(Arc::new(answer)),
                None => Landed::Alone,
            }),
            Err(error) if is_everybodys(error.kind()) => {
                Some(Landed::Failed(Arc::new(error.again())))
            }
            Err(_) => None,
        };
        let writing = match &landed {
            Some(Landed::Answer(answer)) if self.fits(answer) => {
                let reading = self.reading.take();
                self.cache.keep(&self.key, Answer::clone(answer), reading)
            }
            _ => {
                self.cache.state().statistics.not_kept += 1;
                None
            }
        };
        if self.leads
            && let Some(flight) = self.cache.state().flights.remove(&self.key)
        {
            self.leads = false;
            flight.send_replace(landed);
        }
        writing
    }

    /// Whether it is no longer than what is kept: an eighth of all, and what fits a record.
    fn fits(&self, answer: &Answer) -> bool {
        let bytes = self.key.context.len() + self.key.question.len() + answer.bytes();
        bytes <= LONGEST_KEPT.min(self.cache.state().store.bounds.bytes / 8)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if self.leads {
            self.cache.state().flights.remove(&self.key);
        }
    }
}

/// Whether the same request meets the same failure, whoever makes it and however long they wait.
fn is_everybodys(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::InvalidRequest | ErrorKind::ContextTooLong | ErrorKind::ContentRefused
    )
}
