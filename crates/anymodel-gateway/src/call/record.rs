//! Call record: the one row that each identified request leaves, whatever way it ends.
//!
//! [`CallRecord::finish`] settles and writes it. A record that is dropped before, because the caller left or something
//! panicked, is written by a task: what was perhaps charged is booked, and the reservation ends.

use std::time::Instant;

use anymodel_client::CostBound;
use anymodel_sandbox::protocol::Decoded;
use anymodel_types::{Attempt, Error, Reply, Trail, Usage, is_simulated};
use axum::response::Response;
use rust_decimal::Decimal;

use super::{Protocol, set};
use crate::limits::Slot;
use crate::model::{Call, CallAttempt, Outcome};
use crate::money::Usd;
use crate::refusal::Refusal;
use crate::state::{Gateway, Holder};
use crate::store::Reserved;

/// The record of one request.
pub(super) struct CallRecord {
    gateway: Gateway,
    holder: Holder,
    call: Call,
    began: Instant,
    slot: Option<Slot>,
    reserved: Option<Reserved>,
    bounds: Vec<CostBound>,
    longest: Option<u32>,
    /// Whether the call was sent, and if so, whether its answer is streamed.
    sent: Option<bool>,
    /// Bytes of the answer that came.
    received: u64,
    simulated: bool,
    is_written: bool,
}

impl CallRecord {
    /// Begins the record of a holder's request.
    pub fn begin(gateway: &Gateway, holder: &Holder, protocol: Protocol, id: &str) -> Self {
        let call = Call {
            id: id.to_owned(),
            at: gateway.now(),
            key: holder.key.id.clone(),
            group: holder.key.group.clone(),
            route: protocol.route().to_owned(),
            model: String::new(),
            tried: Vec::new(),
            outcome: Outcome::Cancelled,
            status: 499,
            code: None,
            prompt_tokens: 0,
            completion_tokens: 0,
            cached_tokens: 0,
            cost: Usd::ZERO,
            seconds: 0.0,
            first_token_seconds: None,
            unsettled: false,
        };
        gateway.in_flight.send_modify(|calls| *calls += 1);
        CallRecord {
            gateway: gateway.clone(),
            holder: holder.clone(),
            call,
            began: Instant::now(),
            slot: None,
            reserved: None,
            bounds: Vec::new(),
            longest: None,
            sent: None,
            received: 0,
            simulated: false,
            is_written: false,
        }
    }

    /// The request id.
    pub fn id(&self) -> &str {
        &self.call.id
    }

    /// The model that was asked for, or that answers.
    pub fn model(&self) -> &str {
        &self.call.model
    }

    /// Seconds without a byte of a stream, after which there is a sign of life.
    pub fn ping_seconds(&self) -> u64 {
        self.gateway.settings.ping_seconds
    }

    /// Notes the model that was asked for.
    pub fn asked_for(&mut self, decoded: &Decoded) {
        let first = decoded.names().first().copied();
        self.call.model = first.unwrap_or_default().to_owned();
    }

    /// Keeps the place among the calls in flight.
    pub fn keep(&mut self, slot: Slot) {
        self.slot = Some(slot);
    }

    /// Notes what the call may cost.
    pub fn bounded(&mut self, bounds: &[CostBound], longest: Option<u32>) {
        self.bounds = bounds.to_vec();
        self.longest = longest;
    }

    /// Notes what was set aside.
    pub fn reserved(&mut self, reserved: &Reserved) {
        self.reserved = Some(reserved.clone());
    }

    /// The row that stands for the call if this process dies.
    pub fn if_this_process_dies(&self) -> Call {
        self.call.clone()
    }

    /// The request is about to be sent.
    pub fn sent(&mut self, streams: bool) {
        self.sent = Some(streams);
    }

    /// More bytes of a streamed answer came.
    pub fn received(&mut self, bytes: usize) {
        if self.received == 0 {
            self.call.first_token_seconds = Some(self.began.elapsed().as_secs_f64());
        }
        self.received += bytes as u64;
    }

    /// Notes an answer.
    pub fn answered(&mut self, reply: &Reply) {
        self.call.model.clone_from(&reply.model);
        self.simulated |= is_simulated(&reply.platform);
        self.tried(&reply.trail, reply.usage.as_ref());
    }

    /// Notes a failure.
    pub fn failed(&mut self, error: &Error) {
        let usage = error.trail().last().and_then(|attempt| attempt.usage);
        self.tried(error.trail(), usage.as_ref());
    }

    fn tried(&mut self, trail: &Trail, usage: Option<&Usage>) {
        let tried = trail.iter().map(|attempt| CallAttempt {
            model: attempt.model_asked.clone(),
            platform: attempt.platform.clone(),
            status: attempt.status,
            kind: attempt.failure.map(|kind| kind.to_string()),
            seconds: attempt.duration.as_secs_f64(),
        });
        self.call.tried = tried.collect();
        self.simulated |= trail.iter().any(Attempt::is_simulated);
        if let Some(usage) = usage {
            self.call.prompt_tokens = usage.prompt_tokens;
            self.call.completion_tokens = usage.completion_tokens;
            self.call.cached_tokens = usage.cached_tokens.unwrap_or(0);
        }
        let costs = trail
            .iter()
            .filter_map(|attempt| attempt.cost.or(attempt.estimate));
        let known: Decimal = costs.sum();
        // A last attempt that broke off without its usage is charged by what came of it.
        let broke = trail
            .last()
            .filter(|last| last.failure.is_some() && last.usage.is_none() && self.received > 0);
        let perhaps = broke.map_or(Decimal::ZERO, |_| self.perhaps_charged());
        self.call.cost = Usd::from_decimal(known + perhaps);
    }

    /// US dollars that were perhaps charged for an answer that did not end.
    fn perhaps_charged(&self) -> Decimal {
        let Some(streams) = self.sent else {
            return Decimal::ZERO;
        };
        let cost = |bound: &CostBound| match streams {
            true => bound.cost_of_bytes(self.received),
            false => bound.cost(self.longest.map_or(bound.longest_answer(), u64::from)),
        };
        let costs = self.bounds.iter().filter_map(cost);
        let dearest = costs.max().unwrap_or_default();
        match &self.reserved {
            Some(reserved) => dearest.min(reserved.amount.to_decimal()),
            None => dearest,
        }
    }

    /// Writes the row of a request that the gateway refuses.
    pub async fn refuse(&mut self, refusal: &Refusal) {
        self.finish(Outcome::Refused, refusal.status(), Some(refusal.code()))
            .await;
    }

    /// Settles and writes the record.
    pub async fn finish(&mut self, outcome: Outcome, status: u16, code: Option<&str>) {
        self.is_written = true;
        let call = self.closed(outcome, status, code);
        if let Some(slot) = self.slot.take() {
            slot.used(call.prompt_tokens + call.completion_tokens);
        }
        let reservation = self.reserved.take().map(|reserved| reserved.id);
        // A row that cannot be written must not take the answer away: it was paid for. The reservation stays, and is booked
        // when this process is gone.
        let _ = self.gateway.store.settle(reservation, call).await;
    }

    fn closed(&mut self, outcome: Outcome, status: u16, code: Option<&str>) -> Call {
        self.call.outcome = outcome;
        self.call.status = status;
        self.call.code = code.map(str::to_owned);
        self.call.seconds = self.began.elapsed().as_secs_f64();
        self.call.clone()
    }

    /// The least that is left in any of the holder's accounts; `None` without a budget.
    pub async fn left(&self) -> Option<Usd> {
        let accounts = self.gateway.accounts(&self.holder);
        if accounts.is_empty() {
            return None;
        }
        let (accounts, limits): (Vec<_>, Vec<Usd>) = accounts.into_iter().unzip();
        let balances = self.gateway.store.balances(accounts).await.ok()?;
        let left = balances
            .iter()
            .zip(limits)
            .map(|(balance, limit)| balance.left(limit));
        left.min()
    }

    /// Sets the headers that say what became of the request.
    pub fn describe(&self, response: &mut Response, left: Option<Usd>) {
        self.describe_head(response);
        set(
            response,
            "x-anymodel-attempts",
            &self.call.tried.len().to_string(),
        );
        set(response, "x-anymodel-cost", &self.call.cost.to_string());
        if let Some(left) = left {
            set(response, "x-anymodel-budget-left", &left.to_string());
        }
    }

    /// The headers that are known before the answer ends.
    pub fn describe_head(&self, response: &mut Response) {
        set(response, "x-anymodel-model", &self.call.model);
        if self.simulated {
            set(response, "x-anymodel-simulated", "true");
        }
        let (owner, limits) = (
            format!("key:{}", self.holder.key.id),
            &self.holder.key.limits,
        );
        let remaining = self.gateway.rates.remaining(&owner, limits);
        if let Some((limit, left, reset)) = remaining.requests {
            set(response, "x-ratelimit-limit-requests", &limit.to_string());
            set(
                response,
                "x-ratelimit-remaining-requests",
                &left.to_string(),
            );
            set(
                response,
                "x-ratelimit-reset-requests",
                &format!("{}ms", reset.as_millis()),
            );
        }
        if let Some((limit, left, reset)) = remaining.tokens {
            set(response, "x-ratelimit-limit-tokens", &limit.to_string());
            set(response, "x-ratelimit-remaining-tokens", &left.to_string());
            set(
                response,
                "x-ratelimit-reset-tokens",
                &format!("{}ms", reset.as_millis()),
            );
        }
    }

    /// Notes the model and the platform that begin to answer.
    pub fn started(&mut self, model: &str, platform: &str) {
        model.clone_into(&mut self.call.model);
        self.simulated |= is_simulated(platform);
    }
}

impl Drop for CallRecord {
    fn drop(&mut self) {
        self.gateway.in_flight.send_modify(|calls| *calls -= 1);
        if std::mem::replace(&mut self.is_written, true) {
            return;
        }
        self.call.cost = Usd::from_decimal(self.perhaps_charged());
        let call = self.closed(Outcome::Cancelled, 499, Some("client_closed_request"));
        let reservation = self.reserved.take().map(|reserved| reserved.id);
        let store = std::sync::Arc::clone(&self.gateway.store);
        // Without a runtime the process is about to end; then the reservation is booked by the next one.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = store.settle(reservation, call).await;
            });
        }
    }
}
