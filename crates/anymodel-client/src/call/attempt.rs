//! Attempt: one HTTP request, recorded as one entry of the trail.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tracing::Instrument;

use super::accumulator::Accumulator;
use super::admission::Permit;
use super::deadline::Deadline;
use super::stream_reader::StreamReader;
use super::{Call, Endpoint, spans};
use crate::spend::ReceivedBytes;
use anymodel_providers::{
    Answer, Body, Passthrough, PlatformError, PlatformRequest, PlatformResult, Received,
    RequestBody, StreamDelta, output_adaptation,
};
use anymodel_types::{Attempt, ChatRequest, ErrorKind, NextAction, Result, Trail, words};

/// Response metadata: what is known of a request when it is over, however it ended.
#[derive(Default)]
pub(super) struct ResponseMeta {
    status: Option<u16>,
    pub time_to_first_token: Option<Duration>,
    pub model: Option<String>,
}

/// A request, encoded for one endpoint.
pub(super) struct EncodedRequest {
    /// Boxed so that all other requests stay small: few requests are changed.
    changed: Option<Box<Changed>>,
    body: RequestBody,
}

/// What differs from the call's request.
#[derive(Default)]
struct Changed {
    request: Option<ChatRequest>,
    /// Set when the body is the caller's own.
    way: Option<Passthrough>,
}

impl EncodedRequest {
    /// A raw request that goes this way.
    pub(super) fn passed(way: Passthrough, body: RequestBody) -> Self {
        let changed = Changed {
            request: None,
            way: Some(way),
        };
        EncodedRequest {
            changed: Some(Box::new(changed)),
            body,
        }
    }
}

impl<'a> Call<'a> {
    /// Whether this endpoint can do what is asked, as far as that is known before the request is encoded.
    ///
    /// # Errors
    /// What the endpoint cannot do.
    pub(super) fn check(&self, endpoint: &Endpoint) -> Result<()> {
        if let Some(way) = self.passthrough(endpoint)? {
            let ask = endpoint.ask(self.request, self.live.is_some());
            return way.adapter.check(&ask);
        }
        let request = output_adaptation::adapt_request(
            self.request,
            &endpoint.platform,
            &endpoint.candidate.model,
        );
        let ask = endpoint.ask(&request, self.live.is_some());
        endpoint.platform.adapter.check(&ask)
    }

    /// Encodes the request for this endpoint, with at most so many tokens of answer.
    ///
    /// # Errors
    /// What the endpoint cannot do.
    fn write(&self, endpoint: &Endpoint, most: Option<u32>) -> Result<EncodedRequest> {
        if let Some(passed) = self.pass(endpoint, most)? {
            return Ok(passed);
        }
        let given = self.request;
        let mut changed = match output_adaptation::adapt_request(
            given,
            &endpoint.platform,
            &endpoint.candidate.model,
        ) {
            Cow::Borrowed(_) => None,
            Cow::Owned(fitted) => Some(fitted),
        };
        if most.is_some() && changed.as_ref().unwrap_or(given).max_tokens != most {
            changed.get_or_insert_with(|| given.clone()).max_tokens = most;
        }
        let ask = endpoint.ask(changed.as_ref().unwrap_or(given), self.live.is_some());
        let body = RequestBody::Encoded(endpoint.platform.adapter.body(&ask)?);
        let changed = changed.map(|request| {
            Box::new(Changed {
                request: Some(request),
                way: None,
            })
        });
        Ok(EncodedRequest { changed, body })
    }

    /// Sends the request that was permitted, and records the outcome.
    ///
    /// # Errors
    /// The outer error means that no request could be built.
    pub(super) async fn attempt<'p>(
        &mut self,
        permit: &mut Permit<'p>,
        deadline: &mut Deadline,
        trail: &mut Trail,
    ) -> Result<PlatformResult<Box<Answer>>>
    where
        'a: 'p,
    {
        let given = self.request;
        let endpoint = permit.endpoint;
        let EncodedRequest { changed, body } = self.write(endpoint, permit.max_tokens())?;
        let changed = changed.as_deref();
        let request = changed.and_then(|changed| changed.request.as_ref());
        let mut ask = endpoint.ask(request.unwrap_or(given), self.live.is_some());
        ask.raw = changed.and_then(|changed| changed.way.as_ref());
        let span = spans::attempt(&endpoint.platform.name, &endpoint.candidate.model);
        let started = SystemTime::now();
        let offset = deadline.elapsed();
        let silence = self.silence(deadline.another());
        let mut seen = ResponseMeta::default();
        let heard = permit.begin(given, ask.stream, trail);
        // Boxed so that the future of the call stays small: it would be copied at each level above.
        let exchange = (&ask, body, silence);
        let exchange = Box::pin(self.exchange(endpoint, exchange, deadline, &mut seen, heard));
        let mut outcome = exchange.instrument(span.clone()).await;
        if ask.raw.is_none() {
            outcome = outcome.map(output_adaptation::unwrap_answer);
        }
        if let Err(failure) = &mut outcome {
            endpoint.platform.hide_key(failure);
        }
        // In a block of its own: what is alive at an `await` is memory of every call in flight.
        trail.push({
            let Endpoint {
                candidate,
                platform,
                ..
            } = endpoint;
            let begun = Attempt::new(&candidate.model, &platform.name, started, offset);
            let mut attempt = recorded(begun, &outcome, seen);
            attempt.place = platform.place();
            attempt.duration = deadline.elapsed().saturating_sub(offset);
            let answered = attempt.model_answered.as_deref();
            let cost = |usage| permit.cost(answered, &usage);
            attempt.estimate = attempt.usage.and_then(cost);
            attempt
        });
        let (own, longer) = silence;
        let silence = own.saturating_add(longer);
        self.spent += permit.ended(trail, silence, deadline).await;
        if let Some(attempt) = trail.last() {
            let answer = outcome.as_ref().ok();
            let id = answer.and_then(|answer| answer.id.as_deref());
            let finish = answer.and_then(|answer| answer.finish_reason.as_ref());
            spans::attempt_ended(&span, attempt, id, finish);
        }
        Ok(outcome)
    }

    /// Sends the request and reads the response, within the time allowed.
    async fn exchange(
        &mut self,
        endpoint: &Endpoint,
        (ask, json, (own, longer)): (&PlatformRequest<'_>, RequestBody, (Duration, Duration)),
        deadline: &mut Deadline,
        seen: &mut ResponseMeta,
        heard: &mut ReceivedBytes,
    ) -> PlatformResult<Box<Answer>> {
        let begun = Instant::now();
        let limit = deadline.for_an_attempt(own, longer);
        let cut_short = limit < own.saturating_add(longer);
        let received = tokio::time::timeout(limit, endpoint.platform.send(ask, json)).await;
        deadline.extend(begun.elapsed().saturating_sub(own).min(longer));
        let Received { status, body } =
            received.unwrap_or_else(|_| Err(timed_out(limit, cut_short, ask.stream)))?;
        seen.status = Some(status);
        match body {
            Body::Whole(answer) => {
                self.take_whole(endpoint, &answer, heard).await;
                Ok(answer)
            }
            // Boxed so that the future stays small: only streams need this part.
            Body::Events(events) => {
                let reading = StreamReader {
                    endpoint,
                    begun,
                    limit,
                    cut_short,
                    status,
                    assembly: match ask.raw {
                        Some(_) => Accumulator::bounded(),
                        None => Accumulator::default(),
                    },
                    seen,
                    heard,
                };
                Box::pin(self.stream(events, reading, deadline)).await
            }
        }
    }

    /// Counts a complete answer and passes it on.
    pub(super) async fn take_whole(
        &mut self,
        endpoint: &Endpoint,
        answer: &Answer,
        heard: &mut ReceivedBytes,
    ) {
        heard.add(answer.text.len() + answer.reasoning.as_ref().map_or(0, String::len));
        // Boxed so that the future of any other call stays small: few answers to a request for a stream come in one piece.
        if self.live.is_some() {
            Box::pin(self.show(endpoint, answer)).await;
        }
    }

    /// Passes a complete answer to the caller of a stream.
    async fn show(&mut self, endpoint: &Endpoint, answer: &Answer) {
        let Some(live) = &mut self.live else { return };
        let mut assembly = Accumulator::default();
        let mut deltas: Vec<StreamDelta> = answer
            .model
            .clone()
            .map(StreamDelta::Model)
            .into_iter()
            .collect();
        deltas.extend(answer.reasoning.clone().map(StreamDelta::Reasoning));
        if !answer.text.is_empty() {
            deltas.push(StreamDelta::Text(answer.text.clone()));
        }
        deltas.extend(answer.tool_calls.iter().map(|call| StreamDelta::ToolCall {
            index: None,
            id: Some(call.id.clone()),
            name: Some(call.name.clone()),
            arguments: call.arguments.clone(),
            state: call.state.clone(),
        }));
        for delta in deltas {
            assembly.add(&delta);
            live.give(
                delta,
                &assembly,
                &endpoint.candidate.model,
                &endpoint.platform.name,
            )
            .await;
        }
        live.give_usage(answer.usage, answer.cost).await;
    }
}

/// The record of an attempt, with what is known of its response.
fn recorded(
    mut attempt: Attempt,
    outcome: &PlatformResult<Box<Answer>>,
    seen: ResponseMeta,
) -> Attempt {
    attempt.status = seen.status;
    attempt.model_answered = seen.model;
    attempt.time_to_first_token = seen.time_to_first_token;
    match outcome {
        Ok(answer) => {
            attempt.model_answered = answer.model.clone().or(attempt.model_answered);
            attempt.usage = answer.usage;
            attempt.cost = answer.cost;
            // After a failure the retry policy decides what follows.
            attempt.next = NextAction::Answered;
        }
        Err(failure) => {
            attempt.status = failure.status.or(seen.status);
            attempt.failure = Some(failure.kind);
            attempt.message = Some(failure.message.clone());
            attempt.retry_after = failure.retry_after;
            attempt.usage = failure.usage;
            attempt.cost = failure.cost;
        }
    }
    attempt
}

pub(super) fn timed_out(limit: Duration, cut_short: bool, stream: bool) -> Box<PlatformError> {
    let seconds = limit.as_secs_f64();
    let what = if stream {
        words::calls().no_first_word()
    } else {
        words::calls().no_answer()
    };
    let message = if cut_short {
        words::calls().nothing_in_the_time_spared(&what, &seconds)
    } else {
        words::calls().nothing_in_the_time_of_an_attempt(&what, &seconds)
    };
    Box::new(PlatformError::new(ErrorKind::Timeout, message))
}
