//! One HTTP request, one record in the trail.

use std::time::{Duration, SystemTime};

use super::deadline::Deadline;
use super::{Call, Limits};
use crate::error::Result;
use crate::failure::ErrorKind;
use crate::platform::{Failure, Outcome, encode, send};
use crate::spend::estimate;
use crate::target::Candidate;
use crate::trail::{Attempt, Step, Trail};

impl Call<'_> {
    /// Sends one request to one candidate and writes down what became of it.
    ///
    /// # Errors
    /// The outer error means that no request could be made of this at all.
    pub(super) async fn attempt(
        &self,
        candidate: &Candidate,
        deadline: &Deadline,
        trail: &mut Trail,
    ) -> Result<Outcome> {
        let body = encode(self.request, candidate, self.platform.dialect)?;
        let limit = self.limits.attempt.min(deadline.remaining());
        let underway = self
            .ledger
            .underway(trail, &self.platform.name, &candidate.model);
        let started = SystemTime::now();
        let offset = deadline.elapsed();
        let outcome = tokio::time::timeout(limit, send(self.http, self.platform, &body))
            .await
            .unwrap_or_else(|_| Err(timed_out(limit, self.limits)));
        let answer = outcome.as_ref().ok();
        let failure = outcome.as_ref().err();
        let usage = match &outcome {
            Ok(answer) => answer.usage,
            Err(failure) => failure.usage,
        };
        let model = answer
            .and_then(|answer| answer.model.as_ref())
            .unwrap_or(&candidate.model);
        let estimate = usage.and_then(|usage| estimate(&self.platform.name, model, &usage));
        trail.push(Attempt {
            model_asked: candidate.model.clone(),
            model_answered: answer.and_then(|answer| answer.model.clone()),
            platform: self.platform.name.clone(),
            status: match &outcome {
                Ok(answer) => Some(answer.status),
                Err(failure) => failure.status,
            },
            failure: failure.map(|failure| failure.kind),
            message: failure.map(|failure| failure.message.clone()),
            retry_after: failure.and_then(|failure| failure.retry_after),
            started,
            offset,
            time_to_first_token: None,
            duration: deadline.elapsed().saturating_sub(offset),
            usage,
            estimate,
            cost: match &outcome {
                Ok(answer) => answer.cost,
                Err(failure) => failure.cost,
            },
            // After a failure the judge says what follows.
            next: if outcome.is_ok() {
                Step::Answered
            } else {
                Step::GaveUp
            },
        });
        underway.ended(trail);
        Ok(outcome)
    }
}

fn timed_out(limit: Duration, limits: Limits) -> Box<Failure> {
    let seconds = limit.as_secs_f64();
    let message = if limit < limits.attempt {
        format!("no answer in the {seconds:.1} s that were left of the call")
    } else {
        format!("no answer in the {seconds:.1} s allowed for one attempt")
    };
    Box::new(Failure::new(ErrorKind::Timeout, message))
}
