//! Tool loop: several requests that are one call to the caller: a repair, or rounds of tool calls.
//!
//! They share one conversation, one trail, one cost, and the deadline when one was set. Without a deadline each request
//! has the time of a call, because their number is not known beforehand.
//!
//! The conversation only grows. A repair, the next model and another form of the answer all go on from it, because a
//! function that was run may have had an effect, and starting again would run it twice.

mod explain;

use std::borrow::Cow;
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, join_all};
use rust_decimal::Decimal;
use serde_json::Value;

use super::Client;
use super::tools::{RegisteredTool, ToolOutcome};
use crate::call::{Endpoint, Limits};
use anymodel_providers::output_adaptation::in_words;
use anymodel_types::{
    ChatRequest, Error, FinishReason, Message, Reply, Result, ToolCall, ToolChoice, ToolRun, Trail,
    Usage,
};

/// The most mistakes in arguments before the call is given up; a call of a tool that does not exist counts twice.
const MOST_MISTAKES: u32 = 3;
/// The result that stands for a function that was given up.
const UNFINISHED: &str =
    "it was not done when the call's time was over, and may have had its effect";

/// Several requests that are one call.
pub(super) struct ToolLoop<'a> {
    client: &'a Client,
    limits: Limits,
    functions: &'a [RegisteredTool],
    /// The most rounds of tool calls, and the rounds so far.
    max_rounds: u32,
    round: u32,
    /// The conversation so far, and how to answer it.
    pub request: ChatRequest,
    /// The schema of the answer, where it has to be written in words.
    pub in_words: Option<Value>,
    started: Instant,
    pub trail: Trail,
    usage: Option<Usage>,
    cost: Option<Decimal>,
    /// US dollars that count against a budget, those of failed requests included.
    spent: Decimal,
    runs: Vec<ToolRun>,
    mistakes: u32,
}

impl<'a> ToolLoop<'a> {
    pub fn new(
        client: &'a Client,
        limits: Limits,
        (functions, max_rounds): (&'a [RegisteredTool], u32),
        request: ChatRequest,
    ) -> Self {
        ToolLoop {
            client,
            limits,
            functions,
            max_rounds,
            round: 0,
            request,
            in_words: None,
            started: Instant::now(),
            trail: Trail::default(),
            usage: None,
            cost: None,
            spent: Decimal::ZERO,
            runs: Vec::new(),
            mistakes: 0,
        }
    }

    /// Asks, and runs the functions that the model calls, until it answers. The conversation grows with each round.
    ///
    /// # Errors
    /// When no model answers, and [`ToolLoop`](anymodel_types::ErrorKind::ToolLoop) when the model does not stop calling functions,
    /// or cannot call them.
    pub fn answer<'s>(&'s mut self, endpoints: &'s [Endpoint]) -> BoxFuture<'s, Result<Reply>> {
        Box::pin(self.rounds(endpoints))
    }

    async fn rounds(&mut self, endpoints: &[Endpoint]) -> Result<Reply> {
        loop {
            let reply = self.ask(endpoints).await?;
            let ours = |call: &ToolCall| !self.is_the_callers(call);
            if reply.tool_calls.is_empty()
                || self.functions.is_empty()
                || !reply.tool_calls.iter().all(ours)
            {
                return Ok(reply);
            }
            if self.round >= self.max_rounds {
                return Err(self.too_many_rounds(&reply.tool_calls));
            }
            self.round += 1;
            self.run_all(&reply).await?;
            // A model that was made to call a function is free to answer after the first round.
            self.request.tool_choice = ToolChoice::Auto;
        }
    }

    /// One request, with what is left of the time.
    async fn ask(&mut self, endpoints: &[Endpoint]) -> Result<Reply> {
        let after = self.started.elapsed();
        let mut limits = self.limits;
        limits.deadline = self.time_left();
        if limits.deadline.is_some_and(|left| left.is_zero()) {
            return Err(self.too_late());
        }
        let request = match &self.in_words {
            Some(schema) => Cow::Owned(in_words(&self.request, schema, false)),
            None => Cow::Borrowed(&self.request),
        };
        let mut call = self.client.call(&request, limits, None);
        call.spent = self.spent;
        let result = call.run(endpoints).await;
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
                Err(error)
            }
        }
    }

    /// What is left of the time, where it is limited.
    fn time_left(&self) -> Option<Duration> {
        let deadline = self.limits.deadline?;
        Some(deadline.saturating_sub(self.started.elapsed()))
    }

    /// Adds the trail and the runs of the whole loop to the reply or the error; returns the conversation.
    pub fn close(self, result: Result<&mut Reply, &mut Error>) -> Vec<Message> {
        match result {
            Ok(reply) => {
                reply.usage = self.usage;
                reply.cost = self.cost;
                reply.latency = self.started.elapsed();
                reply.trail = self.trail;
                reply.tool_runs = self.runs;
            }
            Err(error) => error.set_runs(self.trail, self.runs),
        }
        self.request.messages
    }

    /// Whether a call is of a tool that the caller runs.
    fn is_the_callers(&self, call: &ToolCall) -> bool {
        self.request.tools.iter().any(|tool| tool.name == call.name)
            && !self.functions.iter().any(|one| one.name == call.name)
    }

    /// Runs the calls of one round, all at once, and adds them and their results to the conversation.
    async fn run_all(&mut self, reply: &Reply) -> Result<()> {
        let calls = reply.tool_calls.iter().map(|call| self.run(call));
        let ran = join_all(calls).await;
        let mut gravest = 0;
        self.request.messages.push(reply.to_message());
        for (call, (run, mistake)) in reply.tool_calls.iter().zip(ran) {
            gravest = gravest.max(mistake);
            let told = Message::tool(&call.id, &run.result);
            self.request.messages.push(told);
            self.runs.push(run);
        }
        if self.time_left().is_some_and(|left| left.is_zero()) {
            return Err(self.too_late());
        }
        // Several calls of one round made the same mistake before the model could learn of it.
        self.mistakes += gravest;
        let cut = reply.finish_reason == Some(FinishReason::Length);
        match gravest > 0 && (cut || self.mistakes >= MOST_MISTAKES) {
            true => Err(self.does_not_fit(cut)),
            false => Ok(()),
        }
    }

    /// Runs one call; returns how many mistakes it counts as.
    async fn run(&self, call: &ToolCall) -> (ToolRun, u32) {
        let begun = Instant::now();
        let function = self.functions.iter().find(|one| one.name == call.name);
        let (told, mistakes) = match function {
            None => (Err(self.no_such_tool(&call.name)), 2),
            Some(function) => match self.in_time(function.run(&call.arguments)).await {
                None => (Err(UNFINISHED.to_owned()), 0),
                Some(ToolOutcome::Told(told)) => (told, 0),
                Some(ToolOutcome::BadArguments(misfit)) => {
                    let words = format!("the arguments do not fit: {misfit}");
                    (Err(words), 1)
                }
            },
        };
        let failed = told.is_err();
        let result = told.unwrap_or_else(|words| format!("error: {words}"));
        let run = ToolRun {
            round: self.round,
            name: call.name.clone(),
            arguments: call.arguments.clone(),
            result,
            failed,
            duration: begun.elapsed(),
        };
        (run, mistakes)
    }

    /// Waits for a function as long as the call has time.
    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        match self.time_left() {
            None => Some(work.await),
            Some(left) => tokio::time::timeout(left, work).await.ok(),
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
        cache_write_tokens: both(sum.cache_write_tokens, more.cache_write_tokens),
    })
}
