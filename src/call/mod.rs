//! The life of a call, on one page.
//!
//! - [`attempt`]: one HTTP request, one record in the trail
//! - [`reading`]: the events of a stream, until its end is proven
//! - [`assemble`]: the pieces of a streamed answer → the answer; [`tool_calls`]: those of its calls of functions
//! - [`live`]: what the caller of a stream sees of it
//! - [`queue`]: who is asked next
//! - [`judge`]: after a failure: the same model again, the next model, or stop
//! - [`health`]: what a client remembers of the models that it asked
//! - [`hold`](Call::hold): before each attempt the money that it may cost is set aside, where there is a budget
//! - [`deadline`], [`limits`]: one span of time for the whole call, and how it is shared out
//! - [`explain`]: a failed call in a learner's words
//! - [`spans`]: what a call tells those who listen with `tracing`
//! - [`generation`]: OpenRouter's record of an answer, afterwards
//!
//! Here, and nowhere below, a call sleeps, retries or moves on.

mod assemble;
mod attempt;
mod deadline;
mod explain;
mod generation;
mod health;
mod judge;
mod limits;
mod live;
mod queue;
mod reading;
mod spans;
mod tool_calls;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use tracing::Instrument;

use crate::chat::{ChatRequest, Reply};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::model::catalogue;
use crate::platform::{Answer, Ask, Failure, Platform};
use crate::route::Watch;
use crate::spend::{Cashier, Heard, Hold, Ledger, Refusal, Sent, Wanted};
use crate::target::Candidate;
use crate::trail::{Routed, Step, Trail, Why};
use deadline::Deadline;
pub(crate) use generation::generation;
pub(crate) use health::Health;
use health::Sample;
pub use health::{Circuit, CircuitState};
use judge::{Other, Situation, Verdict, judge, may_mend};
pub(crate) use limits::{Limits, Patience};
pub use live::Event;
pub(crate) use live::Live;
use queue::{Queue, pass_over};

/// One entry of a chain: whom to ask, and where.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub platform: Arc<Platform>,
    pub candidate: Candidate,
    pub patience: Patience,
    /// The router's eye on it, when one chose.
    pub watch: Option<Watch>,
}

impl Entry {
    /// Who chose, and why, if a router did.
    fn routed(&self) -> Option<&Routed> {
        self.watch.as_ref().map(Watch::routed)
    }

    /// This request to this entry, as its cost is counted.
    fn sent<'a>(&'a self, request: &'a ChatRequest, heard: &'a Heard) -> Sent<'a> {
        Sent {
            platform: &self.platform.name,
            candidate: &self.candidate,
            request,
            heard,
        }
    }

    /// What a request to this entry asks for.
    pub fn ask<'a>(&'a self, request: &'a ChatRequest, stream: bool) -> Ask<'a> {
        Ask {
            request,
            model: &self.candidate.model,
            choice: self.candidate.choice.as_ref(),
            stream,
        }
    }
}

/// What every attempt of a call needs.
pub(crate) struct Call<'a> {
    pub request: &'a ChatRequest,
    pub limits: Limits,
    pub health: &'a Health,
    pub ledger: &'a Ledger,
    /// Who keeps the budget, and writes down what was spent; nobody, where nobody wants that.
    pub cashier: Option<&'a Cashier>,
    /// What the call is for, in the caller's words.
    pub label: Option<&'a str>,
    /// US dollars that earlier requests of the same call have cost.
    pub spent: Decimal,
    /// Who watches the answer come; nobody, when it is wanted whole.
    pub live: Option<Live>,
}

impl<'a> Call<'a> {
    /// Asks the entries in order until one answers, and tells who listens.
    ///
    /// What it has cost, even when it failed, is added to `spent` where there is a cashier.
    pub(crate) async fn run(&mut self, entries: &[Entry]) -> Result<Reply> {
        let first = entries.first();
        let span = spans::call(first.map_or("", |entry| &entry.candidate.model));
        let answering = pin!(self.answer(entries));
        let result = answering.instrument(span.clone()).await;
        spans::call_ended(&span, &result);
        result
    }

    async fn answer(&mut self, entries: &[Entry]) -> Result<Reply> {
        let health = self.health;
        let usual = self.limits;
        let mut deadline =
            Deadline::start(&usual.widest(entries.iter().map(|entry| entry.patience)));
        let mut trail = Trail::begin(entries.first().and_then(Entry::routed));
        let mut retries_left = self.limits.retries;
        let mut last = None;
        let mut refused = None;
        let mut queue = Queue::new(entries, health);

        while let Some((entry, mut pass)) = queue.next(&mut trail, |entry| self.check(entry)) {
            self.limits = usual.with(entry.patience);
            queue.look_ahead(|other| self.check(other));
            let mut retried = 0;
            health.pay_in(entry);
            loop {
                let patience = queue.patience(entry, deadline.remaining());
                if let Err(why) = health.turn(entry, patience).await {
                    pass_over(entry, why, &mut trail);
                    last.get_or_insert_with(|| (explain::not_asked(why), entry));
                    if retried > 0 {
                        note(&mut trail, Verdict::Next);
                    }
                    break;
                }
                let heard = Heard::nothing(self.live.is_some());
                let patience = (deadline.remaining(), queue.wait(deadline.remaining()));
                let hold = match self.hold(entry, &heard, patience).await {
                    Ok(hold) => hold,
                    Err(refusal) => {
                        pass_over(entry, refusal.why, &mut trail);
                        refused = Some((refusal, entry));
                        if retried > 0 {
                            note(&mut trail, Verdict::Next);
                        }
                        break;
                    }
                };
                deadline.keep_for_another(!queue.is_empty());
                let asked = self.attempt(entry, (&heard, hold), &mut deadline, &mut trail);
                let outcome = match asked.await {
                    Ok(outcome) => outcome,
                    Err(error) => {
                        queue.cannot(entry, error, &mut trail);
                        break;
                    }
                };
                pass.end(self.sample(&trail, &deadline));
                let failure = match outcome {
                    Ok(answer) => return Ok(reply(answer, entry, &deadline, trail)),
                    Err(failure) => failure,
                };
                health.learn(entry, &failure);
                queue.retain(|other| may_mend(&failure, self.compare(entry, other)));
                let mut now = Situation {
                    another: !queue.is_empty(),
                    retries_left: entry.patience.retries_left(retried, retries_left),
                    retried,
                    remaining: deadline.remaining(),
                    final_words: self.live.as_ref().is_some_and(Live::gave_final_words),
                    renewed: failure.kind == ErrorKind::KeyRefused
                        && retried == 0
                        && entry.platform.renew(),
                };
                let mut verdict = judge(&failure, &now);
                if matches!(verdict, Verdict::Retry(_)) && !health.pay_for_a_retry(entry) {
                    pass_over(entry, Why::RetriesUsedUp, &mut trail);
                    now.retries_left = 0;
                    verdict = judge(&failure, &now);
                }
                note(&mut trail, verdict);
                last = Some((failure, entry));
                refused = None;
                match verdict {
                    Verdict::Retry(wait) => {
                        tokio::time::sleep(wait).await;
                        if entry.patience.retries.is_none() {
                            retries_left = retries_left.saturating_sub(1);
                        }
                        retried += 1;
                        pass = health.admit_anyway(entry);
                    }
                    Verdict::Next => break,
                    Verdict::Stop => return Err(self.explain(last, entries, trail)),
                }
            }
        }
        Err(match (refused, last) {
            (Some((refusal, entry)), _) => explain::refused(&refusal, entry, entries, trail),
            (None, None) => explain::unable(queue.what_it_cannot(), entries, trail),
            (None, last) => self.explain(last, entries, trail),
        })
    }

    /// Sets aside what a request to this entry may cost. It waits so long for the ledger, and so long for money that other
    /// calls may give back.
    async fn hold<'b>(
        &self,
        entry: &'b Entry,
        heard: &'b Heard,
        (patience, wait): (Duration, Duration),
    ) -> Result<Option<Box<Hold<'b>>>, Box<Refusal>>
    where
        'a: 'b,
    {
        let Some(cashier) = self.cashier else {
            return Ok(None);
        };
        let wanted = Wanted {
            sent: entry.sent(self.request, heard),
            label: self.label,
            spent: self.spent,
            patience,
            wait,
        };
        // A place of its own: what only budgets need would make every call in a task larger.
        let held = Box::pin(cashier.hold(wanted)).await;
        held.map(|hold| Some(Box::new(hold)))
    }

    /// What is known of another entry, beside one that failed.
    fn compare(&self, failed: &Entry, other: &Entry) -> Other {
        let context = |entry: &Entry| catalogue().get(&entry.candidate.model)?.context_length;
        let most = |entry: &Entry| {
            let name = &entry.platform.name;
            self.ledger.most(name, &entry.candidate, self.request)
        };
        let gift = health::is_free(other) && !health::is_free(failed);
        Other {
            same_platform: other.platform.name == failed.platform.name,
            reads_no_more: matches!((context(other), context(failed)), (Some(other), Some(failed)) if other <= failed),
            costs_no_less: !gift
                && matches!((most(other), most(failed)), (Some(other), Some(failed)) if other >= failed),
        }
    }

    /// What the latest attempt says of its model. One that the call itself cut short says nothing.
    fn sample(&self, trail: &Trail, deadline: &Deadline) -> Sample {
        let stream = self.live.is_some();
        let longer = self.limits.writing(stream, self.request.max_tokens);
        let own_limit = self.limits.first_word(stream, deadline.another()) + longer;
        let over = deadline.remaining_to_the_end().is_zero();
        trail.last().map_or(Sample::Neutral, |attempt| {
            Sample::of(attempt, own_limit, over)
        })
    }

    fn explain(
        &self,
        last: Option<(Box<Failure>, &Entry)>,
        entries: &[Entry],
        trail: Trail,
    ) -> Error {
        let partial = self.live.as_ref().and_then(Live::partial);
        let stream = self.live.is_some();
        let longer = self.limits.writing(stream, self.request.max_tokens);
        let attempt = self.limits.first_word(stream, false).saturating_add(longer);
        let call = self
            .limits
            .deadline
            .unwrap_or(self.limits.call().max(attempt));
        explain::failed(last, entries, (attempt, call), trail).with_partial(partial)
    }
}

fn note(trail: &mut Trail, verdict: Verdict) {
    if let Some(attempt) = trail.last_mut() {
        attempt.next = match verdict {
            Verdict::Retry(wait) => Step::Retried(wait),
            Verdict::Next => Step::MovedOn,
            Verdict::Stop => Step::GaveUp,
        };
    }
}

fn reply(answer: Box<Answer>, entry: &Entry, deadline: &Deadline, trail: Trail) -> Reply {
    let answer = *answer;
    Reply {
        text: answer.text,
        reasoning: answer.reasoning,
        tool_calls: answer.tool_calls,
        tool_runs: Vec::new(),
        model: answer
            .model
            .unwrap_or_else(|| entry.candidate.model.clone()),
        platform: entry.platform.name.clone(),
        usage: answer.usage,
        cost: answer.cost,
        latency: deadline.elapsed(),
        finish_reason: answer.finish_reason,
        id: answer.id,
        cached: None,
        trail,
        state: answer.state,
        earlier: Vec::new(),
    }
}
