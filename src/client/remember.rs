//! What is known need not be asked: the way of a question through the client's cache.
//!
//! A client without a cache takes none of these steps.

use std::time::{Duration, Instant};

use super::Chat;
use crate::cache::{PassedBy, Question, Recalled, Turn, Whom};
use crate::call::{Entry, Limits};
use crate::chat::{ChatRequest, Reply};
use crate::error::{Error, Result};
use crate::route::Router;

/// A part of its time that a call may wait for another call's answer to the same question.
const SHARE: u32 = 2;

/// What is known of a question.
pub(super) enum Known {
    Answer(Box<Reply>),
    Nothing(Asked),
}

/// A question that is to be asked.
pub(super) struct Asked {
    turn: Turn,
    looked: Option<Box<Looked>>,
}

/// Looking for an answer; nobody looks without a cache.
struct Looked {
    began: Instant,
    /// What the call may take as a whole.
    call: Duration,
    /// Platform and model of the entry whose answer is wanted, where the others only stand in for it. A router wants no one
    /// more than another.
    first: Option<(String, String)>,
}

impl Asked {
    /// It is asked whatever is known, and not kept.
    pub fn alone() -> Self {
        Asked {
            turn: Turn::alone(),
            looked: None,
        }
    }

    /// The limits with what is left of the time. An answer for which no deadline was set gets none: however long another
    /// call was waited for, one that comes well is not cut off.
    pub fn limits(&self, mut limits: Limits) -> Limits {
        if let Some(looked) = &self.looked {
            let left = |_| looked.call.saturating_sub(looked.began.elapsed());
            limits.deadline = limits.deadline.map(left);
        }
        limits
    }

    /// Says what came of it; the time that was waited counts, too. What it gives is done when a file of answers is written.
    pub fn land(
        self,
        result: std::result::Result<&mut Reply, &mut Error>,
    ) -> impl Future<Output = ()> + Send + use<> {
        let mut stands_in = false;
        let result = match result {
            Ok(reply) => {
                if let Some(looked) = &self.looked {
                    reply.latency = looked.began.elapsed();
                    stands_in = looked.is_stand_in(reply);
                }
                Ok(&*reply)
            }
            Err(error) => Err(&*error),
        };
        let writing = self.turn.land(result, stands_in);
        async move {
            if let Some(writing) = writing {
                // It fails only when the runtime ends, and nobody is left to be told.
                let _ = writing.await;
            }
        }
    }
}

impl Looked {
    fn is_stand_in(&self, reply: &Reply) -> bool {
        match (&self.first, reply.trail.last()) {
            (Some((platform, model)), Some(last)) => {
                *platform != last.platform || *model != last.model_asked
            }
            _ => false,
        }
    }
}

impl Chat {
    /// Looks for the answer to a request of this question.
    ///
    /// # Errors
    /// When another call asked the same, and met what any call would meet.
    pub(super) async fn recall(&self, request: &ChatRequest, entries: &[Entry]) -> Result<Known> {
        let Some(cache) = &self.client.cache else {
            return Ok(Known::Nothing(Asked::alone()));
        };
        let looked = self.looked(entries);
        let all = self.all()?;
        let whom = whom(all.as_deref().unwrap_or(entries));
        let question = self.question(request, &whom, looked.call);
        // A place of its own: what only caches need would make every call in a task larger.
        match Box::pin(cache.recall(question)).await {
            Recalled::Known(reply) => Ok(Known::Answer(reply)),
            Recalled::Failed(error) => Err(error),
            Recalled::Ask(turn) => Ok(Known::Nothing(Asked {
                turn,
                looked: Some(Box::new(looked)),
            })),
        }
    }

    /// Asks although an answer is kept, which the new one replaces.
    ///
    /// # Errors
    /// As [`recall`](Self::recall).
    pub(super) fn ask_anew(&self, request: &ChatRequest, entries: &[Entry]) -> Result<Asked> {
        let Some(cache) = &self.client.cache else {
            return Ok(Asked::alone());
        };
        let looked = self.looked(entries);
        let all = self.all()?;
        let whom = whom(all.as_deref().unwrap_or(entries));
        let turn = cache.anew(&self.question(request, &whom, looked.call));
        Ok(Asked {
            turn,
            looked: Some(Box::new(looked)),
        })
    }

    /// All models of a router: any of them may have answered, and not only those whose turn it is.
    fn all(&self) -> Result<Option<Vec<Entry>>> {
        match self.router() {
            Some(router) => Ok(Some(self.found(router.into())?)),
            None => Ok(None),
        }
    }

    fn looked(&self, entries: &[Entry]) -> Looked {
        let first = match self.router() {
            Some(_) => None,
            None => entries.first(),
        };
        let named = |entry: &Entry| {
            let Entry {
                platform,
                candidate,
                ..
            } = entry;
            (platform.name.to_string(), candidate.model.to_string())
        };
        let patience = entries.iter().map(|entry| entry.patience);
        Looked {
            began: Instant::now(),
            call: self.limits.widest(patience).call(),
            first: first.map(named),
        }
    }

    fn question<'a>(
        &self,
        request: &'a ChatRequest,
        whom: &'a [Whom<'a>],
        call: Duration,
    ) -> Question<'a> {
        let passed_by = match (self.no_cache, self.functions.is_empty()) {
            (true, _) => Some(PassedBy::OptedOut),
            (_, false) => Some(PassedBy::Functions),
            _ => None,
        };
        Question {
            request,
            whom,
            strategy: self.router().map(Router::strategy),
            passed_by,
            patience: call / SHARE,
        }
    }
}

fn whom(entries: &[Entry]) -> Vec<Whom<'_>> {
    let mut whom = Vec::with_capacity(entries.len());
    for entry in entries {
        whom.push(Whom {
            platform: &entry.platform,
            candidate: &entry.candidate,
        });
    }
    whom
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_for_an_answer_without_waiting_shortens_no_timeout() {
        let asked = Asked {
            turn: Turn::alone(),
            looked: Some(Box::new(Looked {
                began: Instant::now(),
                call: Duration::from_secs(240),
                first: None,
            })),
        };
        let usual = Limits::default();
        assert_eq!(usual.deadline, None);
        assert_eq!(asked.limits(usual).deadline, None);
        let deadline = Some(Duration::from_secs(240));
        let given = asked.limits(Limits { deadline, ..usual });
        assert!(given.deadline <= deadline && given.deadline > Some(Duration::from_secs(230)));
    }
}
