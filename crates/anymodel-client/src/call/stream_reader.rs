//! Stream reader: reads a streamed answer until its end is proven.

use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::Instant;

use super::accumulator::Accumulator;
use super::attempt::{ResponseMeta, timed_out};
use super::deadline::{Deadline, later};
use super::{Call, Endpoint, EventSink, Limits};
use crate::spend::ReceivedBytes;
use anymodel_providers::{
    Answer, Batch, Events, PlatformError, PlatformResult, StreamDelta, check_complete,
};
use anymodel_types::{ErrorKind, words};

/// How long to wait for tokens, cost and the end of the response after the finish reason.
const FOR_USAGE: Duration = Duration::from_secs(2);
/// How long to read data that arrived before the time was over: the caller may have kept this thread busy.
const FOR_WHAT_CAME: Duration = Duration::from_millis(100);
/// How long to wait for the end of a response after its last event: reading the end keeps the connection usable.
const FOR_THE_END: Duration = Duration::from_millis(20);

/// A stream that is being read.
pub(super) struct StreamReader<'a> {
    pub endpoint: &'a Endpoint,
    pub begun: Instant,
    /// How long its first word may take.
    pub limit: Duration,
    /// Whether that is less than the usual limit.
    pub cut_short: bool,
    pub status: u16,
    pub assembly: Accumulator,
    pub seen: &'a mut ResponseMeta,
    pub heard: &'a mut ReceivedBytes,
}

impl Call<'_> {
    /// Reads a stream to its end, and returns one answer.
    pub(super) async fn stream(
        &mut self,
        mut events: Box<Events>,
        mut reading: StreamReader<'_>,
        deadline: &mut Deadline,
    ) -> PlatformResult<Box<Answer>> {
        let end = self.read(&mut events, &mut reading, deadline).await;
        let end = match end {
            Ok(Some(answer)) => {
                self.take_whole(reading.endpoint, &answer, reading.heard)
                    .await;
                return Ok(answer);
            }
            Ok(None) => Ok(()),
            Err(failure) => Err(failure),
        };
        let StreamReader {
            endpoint,
            status,
            assembly,
            seen,
            ..
        } = reading;
        seen.model = assembly.model().map(str::to_owned);
        if let (Err(failure), Some(live)) = (&end, &mut self.live) {
            live.break_off(failure.kind, assembly.text());
            if seen.time_to_first_token.is_some() {
                deadline.begin_again();
            }
        }
        if let Err(mut failure) = end {
            failure.status = Some(status);
            failure.usage = failure.usage.or(assembly.usage());
            failure.cost = failure.cost.or(assembly.cost());
            return Err(failure);
        }
        let answer = self.assembled(assembly, status, deadline)?;
        if let Some(live) = &mut self.live {
            live.finish(&answer, &endpoint.candidate.model, &endpoint.platform.name)
                .await;
        }
        Ok(answer)
    }

    /// The answer of a stream that ended well, if it is complete. Boxed, and not in the future of the stream: what is alive at
    /// an `await` is memory of every call in flight.
    fn assembled(
        &mut self,
        assembly: Accumulator,
        status: u16,
        deadline: &mut Deadline,
    ) -> PlatformResult<Box<Answer>> {
        let given = assembly.text().to_owned();
        check_complete(assembly.into_answer())
            .map(Box::new)
            .map_err(|mut failure| {
                if let Some(live) = &mut self.live {
                    live.break_off(failure.kind, &given);
                    deadline.begin_again();
                }
                failure.status = Some(status);
                failure
            })
    }

    /// Reads events until the end of the answer is proven; returns the answer if it is complete.
    async fn read(
        &mut self,
        events: &mut Events,
        reading: &mut StreamReader<'_>,
        deadline: &Deadline,
    ) -> PlatformResult<Option<Box<Answer>>> {
        let StreamReader {
            endpoint,
            begun,
            limit,
            cut_short,
            assembly,
            seen,
            heard,
            ..
        } = reading;
        // When the next word has to be there. Comments and empty events do not move it.
        let mut due = later(*begun, *limit);
        // Words came after the finish reason: then it was not the end, and the words are not proven to be complete.
        let mut unproven = false;
        // When the time was over, while data is still left to read.
        let mut over_since = None;
        loop {
            let wait = due.saturating_duration_since(Instant::now());
            let wait = wait.min(deadline.remaining_to_the_end());
            // A stream whose bytes are all there is never waited for, so no wait would end it.
            if wait.is_zero() {
                over_since.get_or_insert_with(Instant::now);
            } else {
                over_since = None;
            }
            let is_over = over_since.is_some_and(|since| since.elapsed() > FOR_WHAT_CAME);
            let next = match is_over {
                true => None,
                false => next_in(events, wait).await,
            };
            let Some(next) = next else {
                if assembly.is_finished() && !unproven {
                    return Ok(None);
                }
                return Err(match seen.time_to_first_token {
                    None => timed_out(*limit, *cut_short, true),
                    Some(_) => stalled(assembly, self.limits, deadline),
                });
            };
            let Some(batch) = next else {
                return match assembly.is_finished() {
                    true => Ok(None),
                    false => Err(broke_off(assembly)),
                };
            };
            if batch.answer.is_some() {
                return Ok(batch.answer);
            }
            // The frame of a failure is not passed on: the call's own error takes its place.
            if let (Some(frame), None, Some(live)) = (batch.raw, &batch.failure, &mut self.live)
                && live.take_frame(*frame, batch.last)
            {
                // Boxed so that the future of every other stream stays small.
                Box::pin(live.send_frames()).await;
            }
            let was_finished = assembly.is_finished();
            let says_end = |delta: &StreamDelta| matches!(delta, StreamDelta::Finish(_));
            let says_end = batch.deltas.iter().any(says_end);
            let mut progress = false;
            let mut words = false;
            for delta in batch.deltas {
                let Some(delta) = assembly.rest_of(delta) else {
                    continue;
                };
                let content = assembly.add(&delta);
                heard.add(words_of(&delta));
                progress |= content
                    || matches!(
                        delta,
                        StreamDelta::State(_) | StreamDelta::ServerTool { .. }
                    );
                words |= content;
                if content {
                    seen.time_to_first_token.get_or_insert(begun.elapsed());
                }
                if let Some(live) = &mut self.live
                    && !assembly.is_server_tool(&delta)
                {
                    let asked = &endpoint.candidate.model;
                    live.give(delta, assembly, asked, &endpoint.platform.name)
                        .await;
                }
            }
            if words || says_end {
                unproven = was_finished && words && !says_end;
            }
            if let Some(failure) = batch.failure {
                // After the end no failure counts any more.
                return match assembly.is_finished() && !unproven {
                    true => Ok(None),
                    false => Err(failure),
                };
            }
            // Events after the finish reason move the limit no further, unless they are more of the answer: some servers
            // send a finish reason with each word.
            let now = Instant::now();
            if assembly.is_finished() {
                if was_finished && words {
                    due = later(now, self.limits.idle_timeout());
                } else if !was_finished {
                    due = now + FOR_USAGE;
                }
                // A finish reason with words may come with each of them. One by itself, or the usage, is the last event.
                // The caller of a raw stream wants the end marker, too.
                let is_raw = self.live.as_ref().is_some_and(EventSink::is_raw);
                let is_all = assembly.usage().is_some() && !words && !unproven && !is_raw;
                if batch.last || is_all {
                    due = due.min(now + FOR_THE_END);
                }
            } else if progress {
                // Signed reasoning and the server's own tools are no words, but a model that sends them is not silent.
                due = match seen.time_to_first_token {
                    Some(_) => later(now, self.limits.idle_timeout()),
                    None => later(now, *limit),
                };
            }
        }
    }
}

/// The next event, if it comes in time.
async fn next_in(events: &mut Events, wait: Duration) -> Option<Option<Batch>> {
    // Data that is already there is taken without a look at the clock.
    if let Some(batch) = events.cut() {
        return Some(Some(batch));
    }
    if let Ok(next) = tokio::time::timeout(wait, events.next()).await {
        return Some(next);
    }
    // The caller may have kept this thread busy for so long: data that has come meanwhile counts.
    tokio::task::yield_now().await;
    tokio::time::timeout(Duration::ZERO, events.next())
        .await
        .ok()
}

/// Bytes of a delta that the model wrote.
fn words_of(delta: &StreamDelta) -> usize {
    match delta {
        StreamDelta::Text(text) | StreamDelta::Reasoning(text) | StreamDelta::Refusal(text) => {
            text.len()
        }
        StreamDelta::ToolCall { arguments, .. } => arguments.len(),
        _ => 0,
    }
}

fn stalled(assembly: &Accumulator, limits: Limits, deadline: &Deadline) -> Box<PlatformError> {
    let so_far = assembly.text().chars().count();
    let message = if deadline.remaining_to_the_end().is_zero() {
        words::answers().time_was_over_after_characters(&so_far)
    } else {
        words::answers().silence_after_characters(&limits.idle_timeout().as_secs_f64(), &so_far)
    };
    Box::new(PlatformError::new(ErrorKind::Timeout, message))
}

fn broke_off(assembly: &Accumulator) -> Box<PlatformError> {
    let message = match assembly.text().chars().count() {
        0 => words::answers().stream_ended_without_an_answer().to_owned(),
        so_far => words::answers().answer_broke_off_after_characters(&so_far),
    };
    Box::new(PlatformError::new(ErrorKind::BrokenStream, message))
}
