//! One HTTP request, one record in the trail.

use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use serde_json::Value;
use tokio::time::Instant;
use tracing::Instrument;

use super::assemble::Assembly;
use super::deadline::{Deadline, later};
use super::{Call, Entry, Limits, spans};
use crate::error::Result;
use crate::failure::ErrorKind;
use crate::platform::{Answer, Ask, Batch, Body, Failure, Outcome, Piece, Received, form, whole};
use crate::route::Watch;
use crate::spend::Hold;
use crate::trail::{Attempt, Step, Trail};

/// How long to wait for tokens, cost and the end of the response after the end of the answer was said.
const FOR_USAGE: Duration = Duration::from_secs(2);
/// How long to wait for the end of a response that said it was its last word: an end that is seen saves the connection.
const FOR_THE_END: Duration = Duration::from_millis(20);

/// What is known of a request when it is over, however it ended.
#[derive(Default)]
struct Seen {
    status: Option<u16>,
    time_to_first_token: Option<Duration>,
    model: Option<String>,
}

impl Call<'_> {
    /// Sends one request to one entry and writes down what became of it.
    ///
    /// # Errors
    /// The outer error means that no request could be made of this at all.
    pub(super) async fn attempt(
        &mut self,
        entry: &Entry,
        hold: Option<Box<Hold<'_>>>,
        deadline: &mut Deadline,
        trail: &mut Trail,
    ) -> Result<Outcome<Answer>> {
        let mut request = form::fit(self.request, &entry.platform, &entry.candidate.model);
        if let Some(most) = hold.as_deref().and_then(Hold::max_tokens)
            && request.max_tokens != Some(most)
        {
            request.to_mut().max_tokens = Some(most);
        }
        let ask = entry.ask(&request, self.live.is_some());
        // What cannot be written is an error of the call, not of an attempt.
        let body = match entry.platform.adapter.body(&ask) {
            Ok(body) => body,
            Err(error) => {
                if let Some(hold) = hold {
                    hold.give_back();
                }
                return Err(error);
            }
        };
        let asked = &entry.candidate.model;
        let underway = self.ledger.underway(trail, &entry.platform.name, asked);
        let watched = entry.watch.as_ref().map(Watch::begin);
        let span = spans::attempt(&entry.platform.name, asked);
        let started = SystemTime::now();
        let offset = deadline.elapsed();
        let mut seen = Seen::default();
        // A place of its own: inside the future of the call it would be copied at each level above.
        let exchange = (&ask, &body);
        let exchange =
            Box::pin(self.exchange(entry, exchange, deadline, &mut seen, hold.as_deref()));
        let mut outcome = exchange.instrument(span.clone()).await.map(form::settle);
        if let Err(failure) = &mut outcome {
            entry.platform.hide_key(failure);
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
        let platform = &entry.platform.name;
        trail.push(Attempt {
            model_asked: asked.clone(),
            estimate: usage.and_then(|usage| self.ledger.estimate(platform, names, &usage)),
            model_answered: answered,
            platform: entry.platform.name.clone(),
            status: failure.and_then(|failure| failure.status).or(seen.status),
            failure: failure.map(|failure| failure.kind),
            message: failure.map(|failure| failure.message.clone()),
            retry_after: failure.and_then(|failure| failure.retry_after),
            started,
            offset,
            time_to_first_token: seen.time_to_first_token,
            duration: deadline.elapsed().saturating_sub(offset),
            usage,
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
        if let Some(attempt) = trail.last() {
            if let Some(watched) = watched {
                watched.ended(attempt);
            }
            if let Some(hold) = hold {
                let patience = match ask.stream {
                    true => deadline.remaining_to_the_end(),
                    false => deadline.remaining(),
                };
                self.spent += Box::pin(hold.settle(attempt, patience)).await;
            }
            let id = answer.and_then(|answer| answer.id.as_deref());
            let finish = answer.and_then(|answer| answer.finish_reason.as_ref());
            spans::attempt_ended(&span, attempt, id, finish);
        }
        Ok(outcome)
    }

    /// Request and response, within the time allowed.
    async fn exchange(
        &mut self,
        entry: &Entry,
        (ask, json): (&Ask<'_>, &Value),
        deadline: &mut Deadline,
        seen: &mut Seen,
        hold: Option<&Hold<'_>>,
    ) -> Outcome<Answer> {
        let begun = Instant::now();
        let limit = self
            .limits
            .first_word(ask.stream)
            .min(deadline.remaining_for_an_attempt());
        let received = tokio::time::timeout(limit, entry.platform.send(ask, json)).await;
        let Received { status, body } =
            received.unwrap_or_else(|_| Err(timed_out(limit, self.limits, ask.stream)))?;
        seen.status = Some(status);
        match body {
            Body::Whole(answer) => {
                if let Some(hold) = hold {
                    hold.hear(answer.text.len() + answer.reasoning.as_ref().map_or(0, String::len));
                }
                if self.live.is_some() {
                    Box::pin(self.show(entry, &answer)).await;
                }
                Ok(*answer)
            }
            Body::Events(mut events) => {
                let mut reading = Reading {
                    entry,
                    begun,
                    limit,
                    assembly: Assembly::default(),
                    seen,
                    hold,
                };
                // A place of its own: what only streams need would make every call in a task larger.
                let end = Box::pin(self.read(&mut events, &mut reading, deadline)).await;
                let assembly = reading.assembly;
                seen.model = assembly.model().map(str::to_owned);
                if let (Err(failure), Some(live)) = (&end, &mut self.live) {
                    live.break_off(failure.kind, assembly.text());
                    if seen.time_to_first_token.is_some() {
                        deadline.begin_again();
                    }
                }
                if let Err(failure) = end {
                    return Err(Box::new(Failure {
                        status: Some(status),
                        usage: failure.usage.or(assembly.usage()),
                        cost: failure.cost.or(assembly.cost()),
                        ..*failure
                    }));
                }
                let given = assembly.text().to_owned();
                let answer = whole(assembly.into_answer());
                if let (Err(failure), Some(live)) = (&answer, &mut self.live) {
                    live.break_off(failure.kind, &given);
                    deadline.begin_again();
                }
                let answer = answer.map_err(|failure| {
                    Box::new(Failure {
                        status: Some(status),
                        ..*failure
                    })
                })?;
                if let Some(live) = &mut self.live {
                    live.give_usage(answer.usage, answer.cost).await;
                }
                Ok(answer)
            }
        }
    }

    /// Reads events until the end of the answer is proven.
    async fn read(
        &mut self,
        events: &mut (impl StreamExt<Item = Batch> + Unpin),
        reading: &mut Reading<'_>,
        deadline: &Deadline,
    ) -> Outcome<()> {
        let Reading {
            entry,
            begun,
            limit,
            assembly,
            seen,
            hold,
        } = reading;
        // When the next word has to be there. What says nothing (comments, empty events) does not move it.
        let mut due = later(*begun, *limit);
        // Words after the end was said: then that word was not the end, and these are not proven to be whole.
        let mut unproven = false;
        loop {
            let wait = due.saturating_duration_since(Instant::now());
            let wait = match seen.time_to_first_token {
                Some(_) => wait.min(deadline.remaining_to_the_end()),
                None => wait,
            };
            let mut next = tokio::time::timeout(wait, events.next()).await;
            if next.is_err() {
                // The caller may have kept this thread busy for so long: what has come meanwhile counts.
                tokio::task::yield_now().await;
                next = tokio::time::timeout(Duration::ZERO, events.next()).await;
            }
            let Ok(next) = next else {
                if assembly.is_finished() && !unproven {
                    return Ok(());
                }
                return Err(match seen.time_to_first_token {
                    None => timed_out(*limit, self.limits, true),
                    Some(_) => stalled(assembly, self.limits, deadline),
                });
            };
            let Some(batch) = next else {
                return match assembly.is_finished() {
                    true => Ok(()),
                    false => Err(broke_off(assembly)),
                };
            };
            let was_finished = assembly.is_finished();
            let says_end = |piece: &Piece| matches!(piece, Piece::Finish(_));
            let says_end = batch.pieces.iter().any(says_end);
            let mut progress = false;
            let mut words = false;
            for piece in batch.pieces {
                let content = assembly.add(&piece);
                if let Some(hold) = hold {
                    hold.hear(words_of(&piece));
                }
                progress |= content || matches!(piece, Piece::State(_));
                words |= content;
                if content {
                    seen.time_to_first_token.get_or_insert(begun.elapsed());
                }
                if let Some(live) = &mut self.live {
                    let asked = &entry.candidate.model;
                    live.give(piece, assembly, asked, &entry.platform.name)
                        .await;
                }
            }
            if words || says_end {
                unproven = was_finished && words && !says_end;
            }
            if let Some(failure) = batch.failure {
                // After the end, nothing can break any more.
                return match assembly.is_finished() && !unproven {
                    true => Ok(()),
                    false => Err(failure),
                };
            }
            // What is said after the end moves its limit no further, unless it is more of the answer: some servers say the
            // end with each word.
            let now = Instant::now();
            if assembly.is_finished() {
                if was_finished && words {
                    due = later(now, self.limits.between_words());
                } else if !was_finished {
                    due = now + FOR_USAGE;
                }
                // An end that came with words may be said with each of them; one by itself, and the tokens, are the last.
                if batch.last || (assembly.usage().is_some() && !words && !unproven) {
                    due = due.min(now + FOR_THE_END);
                }
            } else if progress && seen.time_to_first_token.is_some() {
                due = later(now, self.limits.between_words());
            }
        }
    }

    /// An answer that came whole, for somebody who watches.
    async fn show(&mut self, entry: &Entry, answer: &Answer) {
        let Some(live) = &mut self.live else { return };
        let mut assembly = Assembly::default();
        let mut pieces: Vec<Piece> = answer.model.clone().map(Piece::Model).into_iter().collect();
        pieces.extend(answer.reasoning.clone().map(Piece::Reasoning));
        if !answer.text.is_empty() {
            pieces.push(Piece::Text(answer.text.clone()));
        }
        pieces.extend(answer.tool_calls.iter().map(|call| Piece::ToolCall {
            index: None,
            id: Some(call.id.clone()),
            name: Some(call.name.clone()),
            arguments: call.arguments.clone(),
        }));
        for piece in pieces {
            assembly.add(&piece);
            live.give(
                piece,
                &assembly,
                &entry.candidate.model,
                &entry.platform.name,
            )
            .await;
        }
        live.give_usage(answer.usage, answer.cost).await;
    }
}

/// Bytes of a piece that the model wrote.
fn words_of(piece: &Piece) -> usize {
    match piece {
        Piece::Text(text) | Piece::Reasoning(text) | Piece::Refusal(text) => text.len(),
        Piece::ToolCall { arguments, .. } => arguments.len(),
        _ => 0,
    }
}

/// A stream that is being read.
struct Reading<'a> {
    entry: &'a Entry,
    begun: Instant,
    limit: Duration,
    assembly: Assembly,
    seen: &'a mut Seen,
    hold: Option<&'a Hold<'a>>,
}

fn timed_out(limit: Duration, limits: Limits, stream: bool) -> Box<Failure> {
    let seconds = limit.as_secs_f64();
    let what = if stream { "no first word" } else { "no answer" };
    let message = if limit < limits.first_word(stream) {
        format!("{what} in the {seconds:.1} s that could be spared of the call")
    } else {
        format!("{what} in the {seconds:.1} s allowed for one attempt")
    };
    Box::new(Failure::new(ErrorKind::Timeout, message))
}

fn stalled(assembly: &Assembly, limits: Limits, deadline: &Deadline) -> Box<Failure> {
    let so_far = assembly.text().chars().count();
    let message = if deadline.remaining_to_the_end().is_zero() {
        format!("the call's time was over after {so_far} characters of the answer")
    } else {
        format!(
            "silence for {:.1} s after {so_far} characters of the answer",
            limits.between_words().as_secs_f64()
        )
    };
    Box::new(Failure::new(ErrorKind::Timeout, message))
}

fn broke_off(assembly: &Assembly) -> Box<Failure> {
    let message = match assembly.text().chars().count() {
        0 => "the stream ended without an answer".to_owned(),
        so_far => {
            format!("the answer broke off after {so_far} characters, without a finish reason")
        }
    };
    Box::new(Failure::new(ErrorKind::BrokenStream, message))
}
