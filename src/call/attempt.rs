//! One HTTP request, one record in the trail.

use std::time::{Duration, SystemTime};

use super::deadline::Deadline;
use super::{Call, Limits};
use crate::error::Result;
use crate::failure::ErrorKind;
use crate::platform::{Answer, Failure, Outcome, encode, send};
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
        let started = SystemTime::now();
        let offset = deadline.elapsed();
        let outcome = tokio::time::timeout(limit, send(self.http, self.platform, &body))
            .await
            .unwrap_or_else(|_| Err(timed_out(limit, self.limits)));
        trail.push(Attempt {
            started,
            offset,
            duration: deadline.elapsed().saturating_sub(offset),
            model_asked: candidate.model.clone(),
            platform: self.platform.name.clone(),
            ..outcome
                .as_ref()
                .map_or_else(|failure| of_failure(failure), of_answer)
        });
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

fn of_answer(answer: &Answer) -> Attempt {
    Attempt {
        model_answered: answer.model.clone(),
        status: Some(answer.status),
        usage: answer.usage,
        cost: answer.cost,
        next: Step::Answered,
        ..blank()
    }
}

fn of_failure(failure: &Failure) -> Attempt {
    Attempt {
        status: failure.status,
        failure: Some(failure.kind),
        message: Some(failure.message.clone()),
        retry_after: failure.retry_after,
        usage: failure.usage,
        cost: failure.cost,
        ..blank()
    }
}

fn blank() -> Attempt {
    Attempt {
        model_asked: String::new(),
        model_answered: None,
        platform: String::new(),
        status: None,
        failure: None,
        message: None,
        retry_after: None,
        started: SystemTime::UNIX_EPOCH,
        offset: Duration::ZERO,
        time_to_first_token: None,
        duration: Duration::ZERO,
        usage: None,
        cost: None,
        next: Step::GaveUp,
    }
}
