//! The life of a call, on one page.
//!
//! - [`attempt`]: one HTTP request, one record in the trail
//! - [`judge`]: after a failure: the same model again, the next model, or stop
//! - [`deadline`]: one span of time for the whole call
//! - [`explain`]: a failed call in a learner's words
//!
//! Here, and nowhere below, a call sleeps, retries or moves on.

mod attempt;
mod deadline;
mod explain;
mod judge;

use std::collections::VecDeque;
use std::time::Duration;

use crate::chat::{ChatRequest, Reply};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::model::catalogue;
use crate::platform::{Answer, Failure, Platform};
use crate::spend::Ledger;
use crate::target::Candidate;
use crate::trail::{Step, Trail};
use deadline::Deadline;
use judge::{Situation, Verdict, judge};

/// How long and how often a call may try.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For the whole call, waits included.
    pub call: Duration,
    /// For one HTTP request.
    pub attempt: Duration,
    /// Requests to a model that has already failed, in the whole call.
    pub retries: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            call: Duration::from_secs(30),
            attempt: Duration::from_secs(10),
            retries: 3,
        }
    }
}

/// What every attempt of a call needs.
pub(crate) struct Call<'a> {
    pub http: &'a reqwest::Client,
    pub platform: &'a Platform,
    pub request: &'a ChatRequest,
    pub limits: Limits,
    pub ledger: &'a Ledger,
}

impl Call<'_> {
    /// Asks the candidates in order until one answers.
    pub(crate) async fn run(self, candidates: &[Candidate]) -> Result<Reply> {
        let deadline = Deadline::start(self.limits.call);
        let mut trail = Trail::default();
        let mut retries_left = self.limits.retries;
        let mut last = None;
        let mut rest: VecDeque<&Candidate> = candidates.iter().collect();

        while let Some(candidate) = rest.pop_front() {
            let mut retried = 0;
            loop {
                let outcome = self.attempt(candidate, &deadline, &mut trail).await?;
                let failure = match outcome {
                    Ok(answer) => {
                        return Ok(reply(answer, candidate, self.platform, &deadline, trail));
                    }
                    Err(failure) => failure,
                };
                if failure.kind == ErrorKind::ContextTooLong {
                    rest.retain(|other| may_read_more(other, candidate));
                }
                let situation = Situation {
                    another_model: !rest.is_empty(),
                    retries_left,
                    retried,
                    remaining: deadline.remaining(),
                };
                let verdict = judge(&failure, &situation);
                note(&mut trail, verdict);
                last = Some(failure);
                match verdict {
                    Verdict::Retry(wait) => {
                        tokio::time::sleep(wait).await;
                        retries_left -= 1;
                        retried += 1;
                    }
                    Verdict::NextModel => break,
                    Verdict::Stop => return Err(self.explain(last, candidates, trail)),
                }
            }
        }
        Err(self.explain(last, candidates, trail))
    }

    fn explain(&self, last: Option<Box<Failure>>, candidates: &[Candidate], trail: Trail) -> Error {
        explain::failed(last, candidates, self.platform, self.limits, trail)
    }
}

/// After "too long", only a model that is known to read no more is passed over.
fn may_read_more(other: &Candidate, failed: &Candidate) -> bool {
    let context = |candidate: &Candidate| catalogue().get(&candidate.model)?.context_length;
    match (context(other), context(failed)) {
        (Some(other), Some(failed)) => other > failed,
        _ => true,
    }
}

fn note(trail: &mut Trail, verdict: Verdict) {
    if let Some(attempt) = trail.last_mut() {
        attempt.next = match verdict {
            Verdict::Retry(wait) => Step::Retried(wait),
            Verdict::NextModel => Step::MovedOn,
            Verdict::Stop => Step::GaveUp,
        };
    }
}

fn reply(
    answer: Answer,
    candidate: &Candidate,
    platform: &Platform,
    deadline: &Deadline,
    trail: Trail,
) -> Reply {
    Reply {
        text: answer.text,
        model: answer.model.unwrap_or_else(|| candidate.model.clone()),
        platform: platform.name.clone(),
        usage: answer.usage,
        cost: answer.cost,
        latency: deadline.elapsed(),
        finish_reason: answer.finish_reason,
        id: answer.id,
        trail,
    }
}
