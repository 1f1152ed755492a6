//! The life of a call: attempts, retries and fallbacks.
//!
//! - [`attempt`]: one HTTP request, one record in the trail
//! - [`stream_reader`]: the events of a stream, until its end is proven
//! - [`accumulator`]: the deltas of a streamed answer → the answer; [`tool_calls`]: the deltas of its tool calls
//! - [`event_sink`]: the events that the caller of a stream receives
//! - [`candidates`]: which endpoint is asked next
//! - [`decide`]: the retry policy after a failure: the same model again, the next model, or stop
//! - [`endpoint_health`]: circuit breakers, retry budgets and rate limiters
//! - [`reserve`](Call::reserve): before each attempt the money that it may cost is reserved, where there is a budget
//! - [`deadline`], [`limits`]: one span of time for the whole call, and how it is shared out
//! - [`error_report`]: a failed call in a learner's words
//! - [`spans`]: `tracing` spans of a call and its attempts
//! - [`generation`]: OpenRouter's generation record, after the answer
//!
//! Only this file retries or moves to the next model.

mod accumulator;
mod attempt;
mod candidates;
mod deadline;
mod endpoint_health;
mod error_report;
mod event_sink;
mod generation;
mod limits;
mod retry_policy;
mod spans;
mod stream_reader;
mod tool_calls;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use tracing::Instrument;

use crate::route::RouteObserver;
use crate::spend::{
    BudgetGuard, BudgetRefusal, ReceivedBytes, Reservation, ReservationRequest, Sent, UsageMetrics,
};
use anymodel_catalog::model::catalogue;
use anymodel_providers::{Answer, Platform, PlatformError, PlatformRequest};
use anymodel_types::{Candidate, ChatRequest, Error, ErrorKind, Reply, Result};
use anymodel_types::{NextAction, Routed, SkipReason, Trail};
use candidates::{CandidateQueue, skip};
use deadline::Deadline;
use endpoint_health::AttemptOutcome;
pub(crate) use endpoint_health::EndpointHealth;
pub use endpoint_health::{Circuit, CircuitState};
pub use event_sink::Event;
pub(crate) use event_sink::EventSink;
pub(crate) use generation::generation;
pub(crate) use limits::{EndpointLimits, Limits};
use retry_policy::{Alternative, AttemptContext, RetryDecision, decide, may_succeed};

/// Endpoint: a candidate together with the platform's address and its limits.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub platform: Arc<Platform>,
    pub candidate: Candidate,
    pub patience: EndpointLimits,
    /// Reports the outcome to the router, when a router chose.
    pub watch: Option<RouteObserver>,
}

impl Endpoint {
    /// The router that chose, and its reason, if one did.
    fn routed(&self) -> Option<&Routed> {
        self.watch.as_ref().map(RouteObserver::routed)
    }

    /// This request to this endpoint, for counting its cost.
    fn sent<'a>(&'a self, request: &'a ChatRequest, heard: &'a ReceivedBytes) -> Sent<'a> {
        Sent {
            platform: &self.platform.name,
            candidate: &self.candidate,
            request,
            heard,
        }
    }

    /// What a request to this endpoint asks for.
    pub fn ask<'a>(&'a self, request: &'a ChatRequest, stream: bool) -> PlatformRequest<'a> {
        let mut ask = PlatformRequest::new(request, &self.candidate.model);
        ask.choice = self.candidate.choice.as_ref();
        ask.stream = stream;
        ask
    }
}

/// A call: the parts that each of its attempts needs.
pub(crate) struct Call<'a> {
    pub request: &'a ChatRequest,
    pub limits: Limits,
    pub health: &'a EndpointHealth,
    pub ledger: &'a UsageMetrics,
    /// Keeps the budget and writes the ledger; `None` without them.
    pub budget_guard: Option<&'a BudgetGuard>,
    /// What the call is for, in the caller's words.
    pub label: Option<&'a str>,
    /// US dollars that earlier requests of the same call have cost.
    pub spent: Decimal,
    /// Receives the events of a stream; `None` for a call that is not streamed.
    pub live: Option<EventSink>,
}

impl<'a> Call<'a> {
    /// Asks the endpoints in order until one answers, and sends the events of a stream.
    ///
    /// The cost, even of a call that failed, is added to `spent` where there is a budget guard.
    pub(crate) async fn run(&mut self, endpoints: &[Endpoint]) -> Result<Reply> {
        let first = endpoints.first();
        let span = spans::call(first.map_or("", |endpoint| &endpoint.candidate.model));
        let answering = pin!(self.answer(endpoints));
        let result = answering.instrument(span.clone()).await;
        spans::call_ended(&span, &result);
        result
    }

    async fn answer(&mut self, endpoints: &[Endpoint]) -> Result<Reply> {
        let health = self.health;
        let usual = self.limits;
        let mut deadline = Deadline::start(
            &usual.with_longest_timeout(endpoints.iter().map(|endpoint| endpoint.patience)),
        );
        let mut trail = Trail::begin(endpoints.first().and_then(Endpoint::routed));
        let mut retries_left = self.limits.retries;
        let mut last = None;
        let mut refused = None;
        let mut queue = CandidateQueue::new(endpoints, health);

        while let Some((endpoint, mut pass)) =
            queue.next(&mut trail, |endpoint| self.check(endpoint))
        {
            self.limits = usual.with(endpoint.patience);
            queue.look_ahead(|other| self.check(other));
            let mut retried = 0;
            health.deposit(endpoint);
            loop {
                let patience = queue.permit_timeout(endpoint, deadline.remaining());
                if let Err(why) = health.acquire_slot(endpoint, patience).await {
                    skip(endpoint, why, &mut trail);
                    last.get_or_insert_with(|| (error_report::not_asked(why), endpoint));
                    if retried > 0 {
                        note(&mut trail, RetryDecision::Next);
                    }
                    break;
                }
                let heard = ReceivedBytes::nothing(self.live.is_some());
                let patience = (deadline.remaining(), queue.wait(deadline.remaining()));
                let hold = match self.reserve(endpoint, &heard, patience).await {
                    Ok(hold) => hold,
                    Err(refusal) => {
                        skip(endpoint, refusal.why, &mut trail);
                        refused = Some((refusal, endpoint));
                        if retried > 0 {
                            note(&mut trail, RetryDecision::Next);
                        }
                        break;
                    }
                };
                deadline.keep_for_another(!queue.is_empty());
                let asked = self.attempt(endpoint, (&heard, hold), &mut deadline, &mut trail);
                let outcome = match asked.await {
                    Ok(outcome) => outcome,
                    Err(error) => {
                        queue.cannot(endpoint, error, &mut trail);
                        break;
                    }
                };
                pass.end(self.sample(&trail, &deadline));
                let failure = match outcome {
                    Ok(answer) => return Ok(reply(answer, endpoint, &deadline, trail)),
                    Err(failure) => failure,
                };
                health.learn(endpoint, &failure);
                queue.retain(|other| may_succeed(&failure, self.compare(endpoint, other)));
                let mut now = AttemptContext {
                    another: !queue.is_empty(),
                    retries_left: endpoint.patience.retries_left(retried, retries_left),
                    retried,
                    remaining: deadline.remaining(),
                    final_words: self.live.as_ref().is_some_and(EventSink::gave_final_words),
                    renewed: failure.kind == ErrorKind::KeyRefused
                        && retried == 0
                        && endpoint.platform.renew(),
                };
                let mut verdict = decide(&failure, &now);
                if matches!(verdict, RetryDecision::Retry(_))
                    && !health.try_withdraw_retry(endpoint)
                {
                    skip(endpoint, SkipReason::RetriesUsedUp, &mut trail);
                    now.retries_left = 0;
                    verdict = decide(&failure, &now);
                }
                note(&mut trail, verdict);
                last = Some((failure, endpoint));
                refused = None;
                match verdict {
                    RetryDecision::Retry(wait) => {
                        tokio::time::sleep(wait).await;
                        if endpoint.patience.retries.is_none() {
                            retries_left = retries_left.saturating_sub(1);
                        }
                        retried += 1;
                        pass = health.admit_anyway(endpoint);
                    }
                    RetryDecision::Next => break,
                    RetryDecision::Stop => return Err(self.explain(last, endpoints, trail)),
                }
            }
        }
        Err(match (refused, last) {
            (Some((refusal, endpoint)), _) => {
                error_report::refused(&refusal, endpoint, endpoints, trail)
            }
            (None, None) => error_report::unable(queue.what_it_cannot(), endpoints, trail),
            (None, last) => self.explain(last, endpoints, trail),
        })
    }

    /// Reserves what a request to this endpoint may cost. It waits up to `permit_timeout` for the ledger, and up to `wait` for
    /// money that other calls may release.
    async fn reserve<'b>(
        &self,
        endpoint: &'b Endpoint,
        heard: &'b ReceivedBytes,
        (patience, wait): (Duration, Duration),
    ) -> Result<Option<Box<Reservation<'b>>>, Box<BudgetRefusal>>
    where
        'a: 'b,
    {
        let Some(budget_guard) = self.budget_guard else {
            return Ok(None);
        };
        let wanted = ReservationRequest {
            sent: endpoint.sent(self.request, heard),
            label: self.label,
            spent: self.spent,
            patience,
            wait,
        };
        // Boxed so that the future stays small: only budgets need this part.
        let held = Box::pin(budget_guard.reserve(wanted)).await;
        held.map(|hold| Some(Box::new(hold)))
    }

    /// Compares another endpoint with one that failed.
    fn compare(&self, failed: &Endpoint, other: &Endpoint) -> Alternative {
        let context =
            |endpoint: &Endpoint| catalogue().get(&endpoint.candidate.model)?.context_length;
        let most = |endpoint: &Endpoint| {
            let name = &endpoint.platform.name;
            self.ledger
                .max_cost(name, &endpoint.candidate, self.request)
        };
        let gift = endpoint_health::is_free(other) && !endpoint_health::is_free(failed);
        Alternative {
            same_platform: other.platform.name == failed.platform.name,
            reads_no_more: matches!((context(other), context(failed)), (Some(other), Some(failed)) if other <= failed),
            costs_no_less: !gift
                && matches!((most(other), most(failed)), (Some(other), Some(failed)) if other >= failed),
        }
    }

    /// What the latest attempt says of its model. An attempt that the call itself cut short says nothing.
    fn sample(&self, trail: &Trail, deadline: &Deadline) -> AttemptOutcome {
        let stream = self.live.is_some();
        let longer = self
            .limits
            .generation_allowance(stream, self.request.max_tokens);
        let own_limit = self.limits.first_token_timeout(stream, deadline.another()) + longer;
        let over = deadline.remaining_to_the_end().is_zero();
        trail.last().map_or(AttemptOutcome::Neutral, |attempt| {
            AttemptOutcome::of(attempt, own_limit, over)
        })
    }

    fn explain(
        &self,
        last: Option<(Box<PlatformError>, &Endpoint)>,
        endpoints: &[Endpoint],
        trail: Trail,
    ) -> Error {
        let partial = self.live.as_ref().and_then(EventSink::partial);
        let stream = self.live.is_some();
        let longer = self
            .limits
            .generation_allowance(stream, self.request.max_tokens);
        let attempt = self
            .limits
            .first_token_timeout(stream, false)
            .saturating_add(longer);
        let call = self
            .limits
            .deadline
            .unwrap_or(self.limits.call().max(attempt));
        error_report::failed(last, endpoints, (attempt, call), trail).with_partial(partial)
    }
}

fn note(trail: &mut Trail, verdict: RetryDecision) {
    if let Some(attempt) = trail.last_mut() {
        attempt.next = match verdict {
            RetryDecision::Retry(wait) => NextAction::Retried(wait),
            RetryDecision::Next => NextAction::MovedOn,
            RetryDecision::Stop => NextAction::GaveUp,
        };
    }
}

fn reply(answer: Box<Answer>, endpoint: &Endpoint, deadline: &Deadline, trail: Trail) -> Reply {
    let answer = *answer;
    let mut reply = Reply::new(answer.text);
    reply.reasoning = answer.reasoning;
    reply.tool_calls = answer.tool_calls;
    reply.model = answer
        .model
        .unwrap_or_else(|| endpoint.candidate.model.clone());
    reply.platform.clone_from(&endpoint.platform.name);
    reply.usage = answer.usage;
    reply.cost = answer.cost;
    reply.latency = deadline.elapsed();
    reply.finish_reason = answer.finish_reason;
    reply.id = answer.id;
    reply.trail = trail;
    reply.state = answer.state;
    reply
}
