//! The life of a call: attempts, retries and fallbacks.
//!
//! - [`admission`]: all that surrounds an attempt: circuit breaker, rate limit, budget, metrics, the router's load
//! - [`attempt`]: one HTTP request, one record in the trail
//! - [`stream_reader`]: the events of a stream, until its end is proven
//! - [`accumulator`]: the deltas of a streamed answer → the answer; [`tool_calls`]: the deltas of its tool calls
//! - [`event_sink`]: the events that the caller of a stream receives
//! - [`passthrough`]: a caller's raw request, and which endpoints get it
//! - [`endpoint`]: one model at one address; [`candidates`]: which of them is asked next
//! - [`decide`]: the retry policy after a failure: the same model again, the next model, or stop
//! - [`endpoint_health`]: circuit breakers, retry budgets and rate limiters
//! - [`deadline`], [`limits`]: one span of time for the whole call, and how it is shared out
//! - [`error_report`]: a failed call in a learner's words
//! - [`spans`]: `tracing` spans of a call and its attempts
//! - [`generation`]: OpenRouter's generation record, after the answer
//!
//! Only this file retries or moves to the next model.

mod accumulator;
mod admission;
mod attempt;
mod candidates;
mod deadline;
mod endpoint;
mod endpoint_health;
mod error_report;
mod event_sink;
mod generation;
mod limits;
mod passthrough;
mod retry_policy;
mod spans;
mod stream_reader;
mod tool_calls;

use std::pin::pin;
use std::time::Duration;

use rust_decimal::Decimal;
use tracing::Instrument;

pub(crate) use admission::AdmissionControl;
use admission::Refusal;
use anymodel_catalog::model::catalogue;
use anymodel_providers::{Answer, PlatformError};
use anymodel_types::{ChatRequest, Error, ErrorKind, Reply, Result};
use anymodel_types::{NextAction, SkipReason, Trail};
use candidates::CandidateQueue;
use deadline::Deadline;
pub(crate) use endpoint::Endpoint;
pub(crate) use endpoint_health::EndpointHealth;
pub use endpoint_health::{Circuit, CircuitState};
pub use event_sink::Event;
pub(crate) use event_sink::EventSink;
pub(crate) use generation::generation;
pub(crate) use limits::{EndpointLimits, Limits};
pub(crate) use passthrough::RawCall;
use retry_policy::{Alternative, AttemptContext, RetryDecision, decide, may_succeed};

/// A call: the parts that each of its attempts needs.
pub(crate) struct Call<'a> {
    pub request: &'a ChatRequest,
    pub limits: Limits,
    pub admission: &'a AdmissionControl,
    /// What the call is for, in the caller's words.
    pub label: Option<&'a str>,
    /// US dollars that earlier requests of the same call have cost.
    pub spent: Decimal,
    /// Receives the events of a stream; `None` for a call that is not streamed.
    pub live: Option<EventSink>,
    /// The caller's own JSON, for endpoints that speak its API.
    pub raw: Option<&'a RawCall>,
}

impl<'a> Call<'a> {
    /// Asks the endpoints in order until one answers, and sends the events of a stream.
    ///
    /// The cost, even of a call that failed, is added to `spent` where there is a budget or a ledger.
    pub(crate) async fn run(&mut self, endpoints: &[Endpoint]) -> Result<Reply> {
        let first = endpoints.first();
        let span = spans::call(first.map_or("", |endpoint| &endpoint.candidate.model));
        let answering = pin!(self.answer(endpoints));
        let result = answering.instrument(span.clone()).await;
        spans::call_ended(&span, &result);
        result
    }

    async fn answer(&mut self, endpoints: &[Endpoint]) -> Result<Reply> {
        let admission = self.admission;
        let usual = self.limits;
        let mut deadline = Deadline::start(
            &usual.with_longest_timeout(endpoints.iter().map(|endpoint| endpoint.patience)),
        );
        let mut trail = Trail::begin(endpoints.first().and_then(Endpoint::routed));
        let mut retries_left = usual.retries;
        let mut last = None;
        let mut refused = None;
        let mut queue = CandidateQueue::new(endpoints, admission);

        loop {
            let next = queue.next(&mut trail, |endpoint| self.check(endpoint));
            let Some(mut permit) = next else { break };
            let endpoint = permit.endpoint;
            self.limits = usual.with(endpoint.patience);
            queue.look_ahead(|other| self.check(other));
            let mut retried = 0;
            loop {
                if let Err(refusal) = permit.reserve(self, &queue, &deadline).await {
                    endpoint.skip(refusal.why(), &mut trail);
                    match refusal {
                        Refusal::Budget(refusal) => refused = Some((refusal, endpoint)),
                        Refusal::RateLimit(why) => {
                            last.get_or_insert_with(|| (error_report::not_asked(why), endpoint));
                        }
                    }
                    if retried > 0 {
                        note(&mut trail, RetryDecision::Next);
                    }
                    break;
                }
                deadline.keep_for_another(!queue.is_empty());
                let outcome = self.attempt(&mut permit, &mut deadline, &mut trail);
                let failure = match outcome.await {
                    Ok(Ok(answer)) => return Ok(reply(answer, endpoint, &deadline, trail)),
                    Ok(Err(failure)) => failure,
                    Err(error) => {
                        queue.cannot(endpoint, error, &mut trail);
                        break;
                    }
                };
                let retries = (retried, retries_left);
                let decision = self.judge(
                    &failure, endpoint, &mut queue, retries, &deadline, &mut trail,
                );
                last = Some((failure, endpoint));
                refused = None;
                match decision {
                    RetryDecision::Retry(wait) => {
                        tokio::time::sleep(wait).await;
                        if endpoint.patience.retries.is_none() {
                            retries_left = retries_left.saturating_sub(1);
                        }
                        retried += 1;
                        permit = admission.admit_retry(endpoint);
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

    /// Decides what follows a failure, and notes it in the trail. `retried` is how often this endpoint was asked again
    /// already.
    fn judge(
        &self,
        failure: &PlatformError,
        endpoint: &Endpoint,
        queue: &mut CandidateQueue<'_>,
        (retried, retries_left): (u32, u32),
        deadline: &Deadline,
        trail: &mut Trail,
    ) -> RetryDecision {
        queue.retain(|other| may_succeed(failure, self.compare(endpoint, other)));
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
        let mut decision = decide(failure, &now);
        if matches!(decision, RetryDecision::Retry(_)) && !self.admission.may_retry(endpoint) {
            endpoint.skip(SkipReason::RetriesUsedUp, trail);
            now.retries_left = 0;
            decision = decide(failure, &now);
        }
        note(trail, decision);
        decision
    }

    /// Compares another endpoint with one that failed.
    fn compare(&self, failed: &Endpoint, other: &Endpoint) -> Alternative {
        let context =
            |endpoint: &Endpoint| catalogue().get(&endpoint.candidate.model)?.context_length;
        let most = |endpoint| self.admission.max_cost(endpoint, self.request);
        let gift = other.is_free() && !failed.is_free();
        Alternative {
            same_platform: other.platform.name == failed.platform.name,
            reads_no_more: matches!((context(other), context(failed)), (Some(other), Some(failed)) if other <= failed),
            costs_no_less: !gift
                && matches!((most(other), most(failed)), (Some(other), Some(failed)) if other >= failed),
        }
    }

    /// How long an attempt may be silent at its beginning: the usual time, and more for an answer that may be long. `another`
    /// means that a model is left to ask.
    fn silence(&self, another: bool) -> (Duration, Duration) {
        let stream = self.live.is_some();
        let most = self.request.max_tokens;
        (
            self.limits.first_token_timeout(stream, another),
            self.limits.generation_allowance(stream, most),
        )
    }

    fn explain(
        &self,
        last: Option<(Box<PlatformError>, &Endpoint)>,
        endpoints: &[Endpoint],
        trail: Trail,
    ) -> Error {
        let partial = self.live.as_ref().and_then(EventSink::partial);
        let (own, longer) = self.silence(false);
        let attempt = own.saturating_add(longer);
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
    reply.raw = answer.raw;
    reply
}
