//! Attempt: one HTTP request, recorded as one entry of the trail.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tokio::time::Instant;
use tracing::Instrument;

use super::accumulator::Accumulator;
use super::deadline::Deadline;
use super::stream_reader::StreamReader;
use super::{Call, Endpoint, spans};
use crate::route::RouteObserver;
use crate::spend::{ReceivedBytes, Reservation};
use anymodel_providers::{
    Answer, Body, PlatformError, PlatformRequest, PlatformResult, Received, StreamDelta,
    output_adaptation,
};
use anymodel_types::{Attempt, NextAction, Trail};
use anymodel_types::{ChatRequest, ErrorKind, Result};

/// Response metadata: what is known of a request when it is over, however it ended.
#[derive(Default)]
pub(super) struct ResponseMeta {
    status: Option<u16>,
    pub time_to_first_token: Option<Duration>,
    pub model: Option<String>,
}

/// A request, encoded for one endpoint.
struct EncodedRequest {
    /// Boxed so that all other requests stay small: few requests are changed.
    changed: Option<Box<ChatRequest>>,
    body: Value,
}

impl Call<'_> {
    /// Whether this endpoint can do what is asked, as far as that is known before the request is encoded.
    ///
    /// # Errors
    /// What the endpoint cannot do.
    pub(super) fn check(&self, endpoint: &Endpoint) -> Result<()> {
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
        let given = self.request;
        let mut changed = match output_adaptation::adapt_request(
            given,
            &endpoint.platform,
            &endpoint.candidate.model,
        ) {
            Cow::Borrowed(_) => None,
            Cow::Owned(fitted) => Some(Box::new(fitted)),
        };
        if most.is_some() && changed.as_deref().unwrap_or(given).max_tokens != most {
            let changed = changed.get_or_insert_with(|| Box::new(given.clone()));
            changed.max_tokens = most;
        }
        let ask = endpoint.ask(changed.as_deref().unwrap_or(given), self.live.is_some());
        let body = endpoint.platform.adapter.body(&ask)?;
        Ok(EncodedRequest { changed, body })
    }

    /// Sends one request to one endpoint and records the outcome.
    ///
    /// # Errors
    /// The outer error means that no request could be built.
    pub(super) async fn attempt(
        &mut self,
        endpoint: &Endpoint,
        (heard, hold): (&ReceivedBytes, Option<Box<Reservation<'_>>>),
        deadline: &mut Deadline,
        trail: &mut Trail,
    ) -> Result<PlatformResult<Box<Answer>>> {
        let given = self.request;
        let most = hold.as_deref().and_then(Reservation::max_tokens);
        let EncodedRequest { changed, body } = match self.write(endpoint, most) {
            Ok(written) => written,
            Err(error) => {
                if let Some(hold) = hold {
                    hold.release();
                }
                return Err(error);
            }
        };
        let ask = endpoint.ask(changed.as_deref().unwrap_or(given), self.live.is_some());
        let asked = &endpoint.candidate.model;
        let sent = endpoint.sent(given, heard);
        let held = hold.as_deref().and_then(Reservation::estimate);
        let underway = self.ledger.track_in_flight(trail, sent, held);
        let watched = endpoint.watch.as_ref().map(RouteObserver::begin);
        let span = spans::attempt(&endpoint.platform.name, asked);
        let started = SystemTime::now();
        let offset = deadline.elapsed();
        let mut seen = ResponseMeta::default();
        // Boxed so that the future of the call stays small: it would be copied at each level above.
        let exchange = (&ask, body);
        let exchange = Box::pin(self.exchange(endpoint, exchange, deadline, &mut seen, heard));
        let mut outcome = exchange
            .instrument(span.clone())
            .await
            .map(output_adaptation::unwrap_answer);
        if let Err(failure) = &mut outcome {
            endpoint.platform.hide_key(failure);
        }
        let answer = outcome.as_ref().ok();
        let failure = outcome.as_ref().err();
        let usage = match &outcome {
            Ok(answer) => answer.usage,
            Err(failure) => failure.usage,
        };
        let answered = answer
            .and_then(|answer| answer.model.clone())
            .or(seen.model);
        let names = (asked.as_str(), answered.as_deref());
        let platform = &endpoint.platform.name;
        let mut attempt = Attempt::new(asked, platform, started, offset);
        attempt.estimate = usage.and_then(|usage| self.ledger.estimate(platform, names, &usage));
        attempt.model_answered = answered;
        attempt.place = endpoint.platform.place();
        attempt.status = failure.and_then(|failure| failure.status).or(seen.status);
        attempt.failure = failure.map(|failure| failure.kind);
        attempt.message = failure.map(|failure| failure.message.clone());
        attempt.retry_after = failure.and_then(|failure| failure.retry_after);
        attempt.time_to_first_token = seen.time_to_first_token;
        attempt.duration = deadline.elapsed().saturating_sub(offset);
        attempt.usage = usage;
        attempt.cost = match &outcome {
            Ok(answer) => answer.cost,
            Err(failure) => failure.cost,
        };
        // After a failure the retry policy decides what follows.
        if outcome.is_ok() {
            attempt.next = NextAction::Answered;
        }
        trail.push(attempt);
        underway.ended(trail);
        if let Some(attempt) = trail.last() {
            if let Some(watched) = watched {
                watched.ended(attempt);
            }
            if let Some(hold) = hold {
                let settling = hold.settle(attempt, deadline.remaining_to_the_end());
                self.spent += Box::pin(settling).await;
            }
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
        (ask, json): (&PlatformRequest<'_>, Value),
        deadline: &mut Deadline,
        seen: &mut ResponseMeta,
        heard: &ReceivedBytes,
    ) -> PlatformResult<Box<Answer>> {
        let begun = Instant::now();
        let own = self
            .limits
            .first_token_timeout(ask.stream, deadline.another());
        let longer = self
            .limits
            .generation_allowance(ask.stream, self.request.max_tokens);
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
                    assembly: Accumulator::default(),
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
        heard: &ReceivedBytes,
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

pub(super) fn timed_out(limit: Duration, cut_short: bool, stream: bool) -> Box<PlatformError> {
    let seconds = limit.as_secs_f64();
    let what = if stream { "no first word" } else { "no answer" };
    let message = if cut_short {
        format!("{what} in the {seconds:.1} s that could be spared of the call")
    } else {
        format!("{what} in the {seconds:.1} s allowed for one attempt")
    };
    Box::new(PlatformError::new(ErrorKind::Timeout, message))
}
