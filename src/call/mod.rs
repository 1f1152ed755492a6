//! The life of a call, on one page.
//!
//! - [`attempt`]: one HTTP request, one record in the trail
//! - [`assemble`]: the pieces of a streamed answer → the answer
//! - [`live`]: what the caller of a stream sees of it
//! - [`judge`]: after a failure: the same model again, the next model, or stop
//! - [`deadline`]: one span of time for the whole call
//! - [`explain`]: a failed call in a learner's words
//!
//! Here, and nowhere below, a call sleeps, retries or moves on.

mod assemble;
mod attempt;
mod deadline;
mod explain;
mod judge;
mod limits;
mod live;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::chat::{ChatRequest, Reply};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::model::catalogue;
use crate::platform::{Answer, Ask, Failure, Platform};
use crate::target::Candidate;
use crate::trail::{Step, Trail};
use deadline::Deadline;
use judge::{Situation, Verdict, judge};
pub(crate) use limits::Limits;
pub use live::Event;
pub(crate) use live::Live;

/// One entry of a chain: whom to ask, and where.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub platform: Arc<Platform>,
    pub candidate: Candidate,
}

impl Entry {
    /// What a request to this entry asks for.
    pub fn ask<'a>(&'a self, request: &'a ChatRequest, stream: bool) -> Ask<'a> {
        Ask {
            request,
            model: &self.candidate.model,
            choice: self.candidate.choice.as_ref(),
            stream,
        }
    }
}

/// What every attempt of a call needs.
pub(crate) struct Call<'a> {
    pub request: &'a ChatRequest,
    pub limits: Limits,
    /// Who watches the answer come; nobody, when it is wanted whole.
    pub live: Option<Live>,
}

impl Call<'_> {
    /// Asks the entries in order until one answers.
    pub(crate) async fn run(mut self, entries: &[Entry]) -> Result<Reply> {
        let mut deadline = Deadline::start(&self.limits);
        let mut trail = Trail::default();
        let mut retries_left = self.limits.retries;
        let mut last = None;
        let mut rest: VecDeque<&Entry> = entries.iter().collect();

        while let Some(entry) = rest.pop_front() {
            let mut retried = 0;
            loop {
                let outcome = self.attempt(entry, &mut deadline, &mut trail).await?;
                let failure = match outcome {
                    Ok(answer) => return Ok(reply(answer, entry, &deadline, trail)),
                    Err(failure) => failure,
                };
                rest.retain(|other| may_mend(&failure, entry, other));
                let verdict = judge(
                    &failure,
                    &Situation {
                        another: !rest.is_empty(),
                        retries_left,
                        retried,
                        remaining: deadline.remaining(),
                        final_words: self.live.as_ref().is_some_and(Live::gave_final_words),
                        renewed: failure.kind == ErrorKind::KeyRefused
                            && retried == 0
                            && entry.platform.renew(),
                    },
                );
                note(&mut trail, verdict);
                last = Some((failure, entry));
                match verdict {
                    Verdict::Retry(wait) => {
                        tokio::time::sleep(wait).await;
                        retries_left = retries_left.saturating_sub(1);
                        retried += 1;
                    }
                    Verdict::Next => break,
                    Verdict::Stop => return Err(self.explain(last, entries, trail)),
                }
            }
        }
        Err(self.explain(last, entries, trail))
    }

    fn explain(
        &self,
        last: Option<(Box<Failure>, &Entry)>,
        entries: &[Entry],
        trail: Trail,
    ) -> Error {
        let partial = self.live.as_ref().and_then(Live::partial);
        explain::failed(last, entries, self.limits, trail).with_partial(partial)
    }
}

/// Whether `other` may succeed where `failed` did not.
///
/// After "too long", a model that is known to read no more is passed over; a key or an account that was refused is refused
/// for every model of that platform.
fn may_mend(failure: &Failure, failed: &Entry, other: &Entry) -> bool {
    let context = |entry: &Entry| catalogue().get(&entry.candidate.model)?.context_length;
    if failure.kind == ErrorKind::ContextTooLong {
        return match (context(other), context(failed)) {
            (Some(other), Some(failed)) => other > failed,
            _ => true,
        };
    }
    !judge::is_of_the_account(failure.kind) || other.platform.name != failed.platform.name
}

fn note(trail: &mut Trail, verdict: Verdict) {
    if let Some(attempt) = trail.last_mut() {
        attempt.next = match verdict {
            Verdict::Retry(wait) => Step::Retried(wait),
            Verdict::Next => Step::MovedOn,
            Verdict::Stop => Step::GaveUp,
        };
    }
}

fn reply(answer: Answer, entry: &Entry, deadline: &Deadline, trail: Trail) -> Reply {
    Reply {
        text: answer.text,
        reasoning: answer.reasoning,
        tool_calls: answer.tool_calls,
        tool_runs: Vec::new(),
        model: answer
            .model
            .unwrap_or_else(|| entry.candidate.model.clone()),
        platform: entry.platform.name.clone(),
        usage: answer.usage,
        cost: answer.cost,
        latency: deadline.elapsed(),
        finish_reason: answer.finish_reason,
        id: answer.id,
        trail,
        state: answer.state,
    }
}
