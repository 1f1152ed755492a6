//! Several requests that are one call to whoever asked: a repair, or rounds of tool calls.
//!
//! They share one trail, one bill, and the deadline when one was set. Without a deadline each request has the time that a
//! call has: nobody knows beforehand how many there will be.

use std::time::Instant;

use futures_util::future::join_all;
use rust_decimal::Decimal;

use super::Client;
use super::tools::{Function, Ran};
use crate::call::{Entry, Limits};
use crate::chat::{ChatRequest, FinishReason, Message, Reply, ToolCall, ToolChoice, ToolRun};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::trail::Trail;
use crate::usage::Usage;

/// So often a model may write arguments that do not fit before the call is given up; a tool that does not exist counts
/// twice.
const MOST_MISTAKES: u32 = 3;

/// Requests that are one call.
pub(super) struct Talk<'a> {
    client: &'a Client,
    limits: Limits,
    functions: &'a [Function],
    /// So many times the model may call functions.
    max_rounds: u32,
    started: Instant,
    trail: Trail,
    usage: Option<Usage>,
    cost: Option<Decimal>,
    /// US dollars that count against a budget: of what failed as well.
    spent: Decimal,
    runs: Vec<ToolRun>,
    mistakes: u32,
}

impl<'a> Talk<'a> {
    pub fn new(
        client: &'a Client,
        limits: Limits,
        functions: &'a [Function],
        max_rounds: u32,
    ) -> Self {
        Talk {
            client,
            limits,
            functions,
            max_rounds,
            started: Instant::now(),
            trail: Trail::default(),
            usage: None,
            cost: None,
            spent: Decimal::ZERO,
            runs: Vec::new(),
            mistakes: 0,
        }
    }

    /// Asks, and runs the functions that the model calls, until it answers. `request` grows by what was said.
    ///
    /// # Errors
    /// When nobody answers, and [`ErrorKind::ToolLoop`] when the model does not stop calling functions, or cannot call them.
    pub async fn answer(&mut self, request: &mut ChatRequest, entries: &[Entry]) -> Result<Reply> {
        for round in 1..=self.max_rounds.saturating_add(1) {
            let mut reply = self.ask(request, entries).await?;
            name_calls(&mut reply.tool_calls, round);
            let ours = |call: &ToolCall| !self.is_the_callers(request, call);
            if reply.tool_calls.is_empty()
                || self.functions.is_empty()
                || !reply.tool_calls.iter().all(ours)
            {
                return Ok(self.close(reply));
            }
            if round > self.max_rounds {
                return Err(self.endless());
            }
            request.messages.push(reply.to_message());
            let told = self.run_all(&reply, round).await?;
            request.messages.extend(told);
            // Who was made to call a function once is not made to call it for ever.
            request.tool_choice = ToolChoice::Auto;
        }
        Err(self.endless())
    }

    /// One request, with what is left of the time.
    async fn ask(&mut self, request: &ChatRequest, entries: &[Entry]) -> Result<Reply> {
        let after = self.started.elapsed();
        let mut limits = self.limits;
        if let Some(deadline) = limits.deadline {
            let left = deadline.saturating_sub(after);
            if left.is_zero() {
                return Err(self.too_late());
            }
            limits.deadline = Some(left);
        }
        let mut call = self.client.call(request, limits, None);
        call.spent = self.spent;
        let result = call.run(entries).await;
        self.spent = call.spent;
        match result {
            Ok(reply) => {
                self.trail.append(&reply.trail, after);
                self.usage = added(self.usage, reply.usage);
                self.cost = match (self.cost, reply.cost) {
                    (Some(sum), Some(cost)) => Some(sum + cost),
                    (sum, cost) => sum.or(cost),
                };
                Ok(reply)
            }
            Err(error) => {
                self.trail.append(error.trail(), after);
                Err(error.with_trail(self.trail.clone()))
            }
        }
    }

    /// The reply with everything that led to it.
    pub fn close(&mut self, reply: Reply) -> Reply {
        Reply {
            usage: self.usage,
            cost: self.cost,
            latency: self.started.elapsed(),
            trail: self.trail.clone(),
            tool_runs: self.runs.clone(),
            ..reply
        }
    }

    /// The attempts so far.
    pub fn trail(&mut self) -> &mut Trail {
        &mut self.trail
    }

    /// Whether a call is of a tool that the caller runs.
    fn is_the_callers(&self, request: &ChatRequest, call: &ToolCall) -> bool {
        request.tools.iter().any(|tool| tool.name == call.name)
            && !self.functions.iter().any(|one| one.name == call.name)
    }

    /// Runs the calls of one turn, all at once; returns what the model is told.
    async fn run_all(&mut self, reply: &Reply, round: u32) -> Result<Vec<Message>> {
        let calls = reply.tool_calls.iter().map(|call| self.run(call, round));
        let calls = join_all(calls);
        let ran = match self.limits.deadline {
            None => calls.await,
            Some(deadline) => {
                let left = deadline.saturating_sub(self.started.elapsed());
                match tokio::time::timeout(left, calls).await {
                    Ok(ran) => ran,
                    Err(_) => return Err(self.too_late()),
                }
            }
        };
        let mut told = Vec::new();
        let mut gravest = 0;
        for (call, (run, mistake)) in reply.tool_calls.iter().zip(ran) {
            gravest = gravest.max(mistake);
            told.push(Message::tool(&call.id, &run.result));
            self.runs.push(run);
        }
        // Several calls of one turn made the same mistake before they could be told of it.
        self.mistakes += gravest;
        let cut = reply.finish_reason == Some(FinishReason::Length);
        match gravest > 0 && (cut || self.mistakes >= MOST_MISTAKES) {
            true => Err(self.mistaken(cut)),
            false => Ok(told),
        }
    }

    /// Runs one call; tells how grave a mistake it was.
    async fn run(&self, call: &ToolCall, round: u32) -> (ToolRun, u32) {
        let begun = Instant::now();
        let function = self.functions.iter().find(|one| one.name == call.name);
        let (told, mistakes) = match function {
            None => (Err(self.no_such_tool(&call.name)), 2),
            Some(function) => match function.run(&call.arguments).await {
                Ran::Told(told) => (told, 0),
                Ran::BadArguments(misfit) => {
                    let words = format!("the arguments do not fit: {misfit}");
                    (Err(words), 1)
                }
            },
        };
        let failed = told.is_err();
        let result = told.unwrap_or_else(|words| format!("error: {words}"));
        let run = ToolRun {
            round,
            name: call.name.clone(),
            arguments: call.arguments.clone(),
            result,
            failed,
            duration: begun.elapsed(),
        };
        (run, mistakes)
    }

    fn no_such_tool(&self, name: &str) -> String {
        let names: Vec<&str> = self.functions.iter().map(|one| one.name.as_str()).collect();
        format!(
            "there is no tool named {name:?}; the tools are {}",
            names.join(", ")
        )
    }

    fn endless(&self) -> Error {
        let (model, rounds) = (self.model(), self.max_rounds);
        let message = format!(
            "{model}: no answer after {rounds} {} of tool calls: {}",
            if rounds == 1 { "round" } else { "rounds" },
            self.called()
        );
        self.given_up(
            message,
            "let the tools say more clearly when their work is done, or allow more with .max_rounds(…)",
        )
    }

    fn mistaken(&self, cut: bool) -> Error {
        let run = self.runs.iter().rev().find(|run| run.failed);
        let (name, words) = run.map_or(("", ""), |run| (&run.name, &run.result));
        let words = words.trim_start_matches("error: ");
        let model = self.model();
        if cut {
            return self.given_up(
                format!(
                    "{model}: a call of the tool {name:?} was cut at the limit of tokens: {words}"
                ),
                "allow a longer answer with .max_tokens(…)",
            );
        }
        self.given_up(
            format!(
                "{model}: cannot call the tools, though it was told what is wrong; the last was {name:?}: {words}"
            ),
            "describe the tools and their fields better (a /// comment on a field is told to the model), or name a \
             model that is better at calling tools",
        )
    }

    fn too_late(&self) -> Error {
        let limit = self.limits.deadline.unwrap_or_default().as_secs_f64();
        let called = match self.runs.is_empty() {
            true => String::new(),
            false => format!(", after {}", self.called()),
        };
        Error::new(
            ErrorKind::Timeout,
            format!(
                "{}: the call's {limit:.1} s were over before the answer was there{called}",
                self.model()
            ),
        )
        .with_hint("allow more time with .deadline(…)")
        .with_trail(self.trail.clone())
    }

    fn given_up(&self, message: String, hint: &str) -> Error {
        Error::new(ErrorKind::ToolLoop, message)
            .with_hint(hint)
            .with_trail(self.trail.clone())
    }

    fn model(&self) -> &str {
        self.trail
            .last()
            .map_or("", |attempt| attempt.model_asked.as_str())
    }

    /// The functions that were run and how often, such as `get_weather 8 times`.
    fn called(&self) -> String {
        let mut counts: Vec<(&str, u32)> = Vec::new();
        for run in &self.runs {
            match counts.iter_mut().find(|(name, _)| *name == run.name) {
                Some((_, count)) => *count += 1,
                None => counts.push((&run.name, 1)),
            }
        }
        let words: Vec<String> = counts
            .into_iter()
            .map(|(name, count)| match count {
                1 => format!("{name} once"),
                _ => format!("{name} {count} times"),
            })
            .collect();
        words.join(", ")
    }
}

/// Some servers give calls no number, and an answer has to name one.
fn name_calls(calls: &mut [ToolCall], round: u32) {
    for (at, call) in calls.iter_mut().enumerate() {
        if call.id.is_empty() {
            call.id = format!("call_{round}_{at}");
        }
    }
}

fn added(sum: Option<Usage>, more: Option<Usage>) -> Option<Usage> {
    let (Some(sum), Some(more)) = (sum, more) else {
        return sum.or(more);
    };
    let both = |one: Option<u64>, other: Option<u64>| match (one, other) {
        (None, None) => None,
        (one, other) => Some(one.unwrap_or(0).saturating_add(other.unwrap_or(0))),
    };
    Some(Usage {
        prompt_tokens: sum.prompt_tokens.saturating_add(more.prompt_tokens),
        completion_tokens: sum.completion_tokens.saturating_add(more.completion_tokens),
        total_tokens: sum.total_tokens.saturating_add(more.total_tokens),
        reasoning_tokens: both(sum.reasoning_tokens, more.reasoning_tokens),
        cached_tokens: both(sum.cached_tokens, more.cached_tokens),
    })
}
