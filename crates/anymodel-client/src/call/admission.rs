//! Admission control: all that surrounds an attempt, in one place.
//!
//! | gate | before the request | when it ended | when the caller drops the call |
//! |---|---|---|---|
//! | circuit breaker | admits it | success or failure | says nothing of the model |
//! | rate limiter | waits for a slot | a limit of the account closes it | frees a slot that it waits for |
//! | budget | reserves the most that it may cost | settles what it cost | books what was perhaps charged |
//! | usage metrics | | books the attempt | books a cancelled attempt |
//! | router | counts the call at the model | learns speed and success | counts a cancelled request |
//!
//! A call asks [`AdmissionControl`] for a [`Permit`] for each request and reports how it ended. It knows none of the gates.

use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;

use super::candidates::CandidateQueue;
use super::deadline::Deadline;
use super::endpoint_health::{AttemptOutcome, EndpointHealth, ProbeId};
use super::{Call, Endpoint};
use crate::config::OwnPrices;
use crate::spend::{
    BudgetGuard, BudgetRefusal, CostEstimate, ReceivedBytes, Reservation, ReservationRequest, Sent,
    UsageMetrics,
};
use anymodel_types::{ChatRequest, SkipReason, Trail, Usage};

/// Admission control: the gates of one client. Its clones share them.
#[derive(Debug)]
pub(crate) struct AdmissionControl {
    /// The prices of the configuration file.
    pub prices: Arc<OwnPrices>,
    /// Circuit breakers, retry budgets and rate limiters of the endpoints that were asked.
    pub health: EndpointHealth,
    /// What was spent so far.
    pub metrics: UsageMetrics,
    /// Keeps the budget and writes the ledger; `None` without them.
    pub budget: Option<BudgetGuard>,
}

/// Why a request is not sent after its circuit breaker admitted it.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A known rate limit allows none in time.
    RateLimit(SkipReason),
    Budget(Box<BudgetRefusal>),
}

impl Refusal {
    pub fn why(&self) -> SkipReason {
        match self {
            Refusal::RateLimit(why) => *why,
            Refusal::Budget(refusal) => refusal.why,
        }
    }
}

impl AdmissionControl {
    /// A permit for a call's first request to this endpoint, if its circuit breaker admits one.
    ///
    /// # Errors
    /// Why it does not.
    pub(super) fn admit<'a>(&'a self, endpoint: &'a Endpoint) -> Result<Permit<'a>, SkipReason> {
        let probe = self.health.admit(endpoint)?;
        self.health.deposit(endpoint);
        Ok(Permit::new(self, endpoint, probe))
    }

    /// The same where no other endpoint is left: it is admitted anyway.
    pub(super) fn admit_last<'a>(&'a self, endpoint: &'a Endpoint) -> Permit<'a> {
        let permit = self.admit_retry(endpoint);
        self.health.deposit(endpoint);
        permit
    }

    /// A permit for a retry at this endpoint.
    pub(super) fn admit_retry<'a>(&'a self, endpoint: &'a Endpoint) -> Permit<'a> {
        Permit::new(self, endpoint, self.health.admit_anyway(endpoint))
    }

    /// Takes one retry from the endpoint's budget of retries, if one is left.
    pub(super) fn may_retry(&self, endpoint: &Endpoint) -> bool {
        self.health.try_withdraw_retry(endpoint)
    }

    /// The most that this request to this endpoint may cost.
    pub(crate) fn estimate(&self, endpoint: &Endpoint, request: &ChatRequest) -> CostEstimate {
        self.sent(endpoint, request).estimate()
    }

    /// US dollars that this request to this endpoint costs at most; `None` when it is not known.
    pub(super) fn max_cost(&self, endpoint: &Endpoint, request: &ChatRequest) -> Option<Decimal> {
        let estimate = self.estimate(endpoint, request);
        estimate.is_known().then(|| estimate.cost())
    }

    fn sent<'a>(&'a self, endpoint: &'a Endpoint, request: &'a ChatRequest) -> Sent<'a> {
        Sent {
            prices: &self.prices,
            platform: &endpoint.platform.name,
            candidate: &endpoint.candidate,
            request,
        }
    }
}

/// Permit to send one request to one endpoint. Dropped while the request is in flight, the caller dropped the call.
#[derive(Debug)]
#[must_use = "a permit that is dropped gives its place to another request"]
pub(super) struct Permit<'a> {
    control: &'a AdmissionControl,
    pub endpoint: &'a Endpoint,
    /// Of the circuit breaker. Taken when it has been told the outcome.
    probe: Option<ProbeId>,
    reservation: Option<Box<Reservation<'a>>>,
    in_flight: Option<InFlight<'a>>,
}

/// A request in flight.
#[derive(Debug)]
struct InFlight<'a> {
    sent: Sent<'a>,
    /// Whether the call had not been at this model before.
    is_new: bool,
    heard: ReceivedBytes,
}

impl<'a> Permit<'a> {
    fn new(control: &'a AdmissionControl, endpoint: &'a Endpoint, probe: ProbeId) -> Self {
        Permit {
            control,
            endpoint,
            probe: Some(probe),
            reservation: None,
            in_flight: None,
        }
    }

    /// Waits for the rate limit, and reserves what the request may cost. How long it waits depends on the endpoints that are
    /// left, and on the time.
    ///
    /// # Errors
    /// Why the request may not be sent.
    pub async fn reserve(
        &mut self,
        call: &Call<'a>,
        queue: &CandidateQueue<'_>,
        deadline: &Deadline,
    ) -> Result<(), Refusal> {
        let AdmissionControl { health, budget, .. } = self.control;
        let patience = queue.permit_timeout(self.endpoint, deadline.remaining());
        let slot = health.acquire_slot(self.endpoint, patience).await;
        slot.map_err(Refusal::RateLimit)?;
        let Some(budget) = budget else {
            return Ok(());
        };
        let wanted = ReservationRequest {
            sent: self.control.sent(self.endpoint, call.request),
            label: call.label,
            spent: call.spent,
            patience: deadline.remaining(),
            wait: queue.wait(deadline.remaining()),
        };
        // Boxed so that the future stays small: only budgets need this part.
        let reserved = Box::pin(budget.reserve(wanted)).await;
        self.reservation = Some(Box::new(reserved.map_err(Refusal::Budget)?));
        Ok(())
    }

    /// The longest answer that money was reserved for.
    pub fn max_tokens(&self) -> Option<u32> {
        self.reservation
            .as_deref()
            .and_then(Reservation::max_tokens)
    }

    /// The request is sent. Returns where the bytes of its answer are counted.
    pub fn begin(
        &mut self,
        request: &'a ChatRequest,
        streams: bool,
        trail: &Trail,
    ) -> &mut ReceivedBytes {
        let sent = self.control.sent(self.endpoint, request);
        if let Some(watch) = &self.endpoint.watch {
            watch.begin();
        }
        let in_flight = self.in_flight.insert(InFlight {
            sent,
            is_new: UsageMetrics::is_new(trail, &sent),
            heard: ReceivedBytes::nothing(streams),
        });
        &mut in_flight.heard
    }

    /// US dollars for these tokens by the price list, of the request that was sent.
    pub fn cost(&self, answered: Option<&str>, usage: &Usage) -> Option<Decimal> {
        self.in_flight.as_ref()?.sent.cost(answered, usage)
    }

    /// The attempt ended, with an answer or a failure, and is the last in the trail: every gate is told. `silence` is how
    /// long it might be silent at its beginning. Returns what was booked where there is a budget or a ledger.
    pub async fn ended(
        &mut self,
        trail: &Trail,
        silence: Duration,
        deadline: &Deadline,
    ) -> Decimal {
        let (Some(attempt), Some(InFlight { heard, .. })) = (trail.last(), self.in_flight.take())
        else {
            return Decimal::ZERO;
        };
        self.control.metrics.record(trail);
        if let Some(watch) = &self.endpoint.watch {
            watch.ended(attempt);
        }
        let booked = match self.reservation.take() {
            Some(reservation) => {
                let patience = deadline.remaining_to_the_end();
                Box::pin(reservation.settle(attempt, &heard, patience)).await
            }
            None => Decimal::ZERO,
        };
        let is_over = deadline.remaining_to_the_end().is_zero();
        self.report(AttemptOutcome::of(attempt, silence, is_over));
        self.control.health.learn(self.endpoint, attempt);
        booked
    }

    /// Reports the outcome to the circuit breaker.
    fn report(&mut self, outcome: AttemptOutcome) {
        if let Some(probe) = self.probe.take() {
            self.control.health.end(self.endpoint, probe, outcome);
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let reservation = self.reservation.take();
        if let Some(InFlight {
            sent,
            is_new,
            heard,
        }) = self.in_flight.take()
        {
            let held = reservation.as_deref().and_then(Reservation::estimate);
            let charged = sent.charged_so_far(held, &heard);
            let metrics = &self.control.metrics;
            metrics.record_cancelled(&sent, is_new, charged);
            if let Some(watch) = &self.endpoint.watch {
                watch.cancelled();
            }
            if let Some(reservation) = reservation {
                reservation.cancel(charged);
            }
        } else if let Some(reservation) = reservation {
            reservation.release();
        }
        self.report(AttemptOutcome::Neutral);
    }
}
