//! What is known need not be asked: the way of a question through the client's cache.
//!
//! A client without a cache takes none of these steps.

use std::time::Instant;

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
    /// When it began to look for an answer; nobody looked without a cache.
    began: Option<Instant>,
}

impl Asked {
    /// It is asked whatever is known, and not kept.
    pub fn alone() -> Self {
        Asked {
            turn: Turn::alone(),
            began: None,
        }
    }

    /// The limits with what is left of the time.
    pub fn limits(&self, mut limits: Limits, live: bool) -> Limits {
        if let Some(began) = self.began {
            let waited = began.elapsed();
            limits.deadline = match (limits.deadline, live) {
                // A streamed answer has no deadline of its own, and gets none.
                (None, true) => None,
                _ => Some(limits.call().saturating_sub(waited)),
            };
        }
        limits
    }

    /// Says what came of it; the time that was waited counts, too.
    pub fn land(self, result: std::result::Result<&mut Reply, &mut Error>) {
        let result = match result {
            Ok(reply) => {
                if let Some(began) = self.began {
                    reply.latency = began.elapsed();
                }
                Ok(&*reply)
            }
            Err(error) => Err(&*error),
        };
        self.turn.land(result);
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
        let began = Instant::now();
        let router = self.router();
        let all = match router {
            // Any of them may have answered, and not only those whose turn it is.
            Some(router) => Some(self.found(router.into())?),
            None => None,
        };
        let whom = whom(all.as_deref().unwrap_or(entries));
        let strategy = router.map(Router::strategy);
        match cache.recall(self.question(request, &whom, strategy)).await {
            Recalled::Known(reply) => Ok(Known::Answer(reply)),
            Recalled::Failed(error) => Err(error),
            Recalled::Ask(turn) => Ok(Known::Nothing(Asked {
                turn,
                began: Some(began),
            })),
        }
    }

    fn question<'a>(
        &self,
        request: &'a ChatRequest,
        whom: &'a [Whom<'a>],
        strategy: Option<&'static str>,
    ) -> Question<'a> {
        let passed_by = match (self.no_cache, self.functions.is_empty()) {
            (true, _) => Some(PassedBy::OptedOut),
            (_, false) => Some(PassedBy::Functions),
            _ => None,
        };
        Question {
            request,
            whom,
            strategy,
            passed_by,
            patience: self.limits.call() / SHARE,
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
