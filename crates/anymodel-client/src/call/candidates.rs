//! Candidate selection: which endpoint of a chain is asked next. Endpoints that cannot do what is asked are skipped, and so
//! are endpoints whose circuit breaker is open.
//!
//! What an endpoint cannot do is known before its request is encoded. An endpoint with an open circuit is skipped without
//! an HTTP attempt, and the trail records that. When no other endpoint is left, the one that reopens first is asked once
//! nevertheless: a model that may be down is better than no answer.

use std::collections::VecDeque;
use std::time::Duration;

use super::admission::Permit;
use super::retry_policy::SHORT_WAIT;
use super::{AdmissionControl, Endpoint};
use anymodel_types::{Error, Result, SkipReason, Trail};

pub(super) struct CandidateQueue<'a> {
    admission: &'a AdmissionControl,
    rest: VecDeque<QueuedEndpoint<'a>>,
    /// The endpoints that were skipped; `None` after one of them was asked.
    passed_over: Option<Vec<&'a Endpoint>>,
    /// The error of the first endpoint that cannot do what is asked.
    cannot: Option<Error>,
}

struct QueuedEndpoint<'a> {
    endpoint: &'a Endpoint,
    can: Feasibility,
}

/// Whether an endpoint can do what is asked.
enum Feasibility {
    /// Not checked yet.
    Unknown,
    Yes,
    No(Error),
}

impl QueuedEndpoint<'_> {
    fn may(&self) -> bool {
        !matches!(self.can, Feasibility::No(_))
    }
}

impl<'a> CandidateQueue<'a> {
    pub fn new(endpoints: &'a [Endpoint], admission: &'a AdmissionControl) -> Self {
        let place = |endpoint| QueuedEndpoint {
            endpoint,
            can: Feasibility::Unknown,
        };
        CandidateQueue {
            admission,
            rest: endpoints.iter().map(place).collect(),
            passed_over: Some(Vec::new()),
            cannot: None,
        }
    }

    /// The next endpoint that can do what is asked, by `check`, and the permit to ask it.
    pub fn next(
        &mut self,
        trail: &mut Trail,
        check: impl Fn(&Endpoint) -> Result<()>,
    ) -> Option<Permit<'a>> {
        while let Some(QueuedEndpoint { endpoint, can }) = self.rest.pop_front() {
            let can = match can {
                Feasibility::No(error) => Err(error),
                Feasibility::Yes => Ok(()),
                Feasibility::Unknown => check(endpoint),
            };
            if let Err(error) = can {
                self.cannot(endpoint, error, trail);
                continue;
            }
            match self.admission.admit(endpoint) {
                Ok(permit) => return Some(permit),
                Err(why) => {
                    endpoint.skip(why, trail);
                    if let Some(others) = &mut self.passed_over {
                        others.push(endpoint);
                    }
                }
            }
        }
        let endpoint = self
            .passed_over
            .take()?
            .into_iter()
            .min_by_key(|endpoint| self.admission.health.reopens(endpoint))?;
        Some(self.admission.admit_last(endpoint))
    }

    /// Finds out whether an endpoint is left that can do what is asked. The trail records a skipped one when its turn comes.
    pub fn look_ahead(&mut self, check: impl Fn(&Endpoint) -> Result<()>) {
        for place in &mut self.rest {
            if let Feasibility::Unknown = place.can {
                place.can = match check(place.endpoint) {
                    Ok(()) => Feasibility::Yes,
                    Err(error) => Feasibility::No(error),
                };
            }
            if place.may() {
                return;
            }
        }
    }

    /// An endpoint cannot do what is asked: it is skipped.
    pub fn cannot(&mut self, endpoint: &Endpoint, error: Error, trail: &mut Trail) {
        endpoint.skip(SkipReason::CannotDoIt, trail);
        if let Some(skipped) = trail.last_skipped() {
            skipped.message = Some(error.to_string());
        }
        self.cannot.get_or_insert(error);
    }

    /// What the first skipped endpoint could not do.
    pub fn what_it_cannot(self) -> Option<Error> {
        self.cannot
    }

    /// Drops the endpoints that cannot do better.
    pub fn retain(&mut self, may_do: impl Fn(&Endpoint) -> bool) {
        self.rest.retain(|place| may_do(place.endpoint));
        if let Some(others) = &mut self.passed_over {
            others.retain(|endpoint| may_do(endpoint));
        }
    }

    /// Whether no endpoint is left, as far as was [looked ahead](Self::look_ahead).
    pub fn is_empty(&self) -> bool {
        !self.rest.iter().any(QueuedEndpoint::may)
            && self.passed_over.as_ref().is_none_or(Vec::is_empty)
    }

    /// How long to wait for money that other calls may release: the time left, or a moment if an endpoint is left that may
    /// cost less.
    pub fn wait(&self, remaining: Duration) -> Duration {
        match self.is_empty() {
            true => remaining,
            false => remaining.min(SHORT_WAIT),
        }
    }

    /// How long to wait for a permit to ask `endpoint`: the time left, or a moment if an endpoint is left that needs no such
    /// permit.
    pub fn permit_timeout(&self, endpoint: &Endpoint, remaining: Duration) -> Duration {
        let shares = |other: &Endpoint| {
            other.is_free() && other.platform.base_url == endpoint.platform.base_url
        };
        let mut others = self.rest.iter().filter(|place| place.may());
        match others.all(|place| shares(place.endpoint)) {
            true => remaining,
            false => remaining.min(SHORT_WAIT),
        }
    }
}
