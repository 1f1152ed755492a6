//! JSON report of `anymodel ask --json`.

use anymodel::{Attempt, Error, ErrorKind, NextAction, Reply, Skipped, Trail, Usage};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The report of one call, one JSON object. Unknown fields are null, never absent.
#[derive(Serialize)]
pub struct AskReport {
    /// The answer. Null when there is none: an incomplete answer is in `partial`.
    content: Option<String>,
    /// The received part of an answer that broke off.
    partial: Option<String>,
    model: Option<String>,
    platform: Option<String>,
    finish_reason: Option<String>,
    usage: Option<Tokens>,
    /// The cost of all attempts, failed ones included, in US dollars as reported.
    cost: Option<Money>,
    /// Seconds.
    latency: Option<f64>,
    error: Option<Problem>,
    trail: Vec<Try>,
    /// The requests that were skipped, with the reasons.
    skipped: Vec<NotMade>,
}

#[derive(Serialize)]
struct NotMade {
    model: String,
    platform: String,
    why: String,
    /// The number of attempts before it.
    after: usize,
}

#[derive(Serialize)]
struct Problem {
    kind: String,
    message: String,
    hint: Option<String>,
    status: Option<u16>,
    /// Seconds.
    retry_after: Option<f64>,
}

#[derive(Serialize)]
struct Tokens {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    reasoning_tokens: Option<u64>,
    cached_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
}

/// One HTTP request. Times are seconds; `offset` counts from the start of the call.
#[derive(Serialize)]
struct Try {
    model: String,
    model_answered: Option<String>,
    platform: String,
    status: Option<u16>,
    error: Option<String>,
    message: Option<String>,
    retry_after: Option<f64>,
    offset: f64,
    time_to_first_token: Option<f64>,
    duration: f64,
    usage: Option<Tokens>,
    cost: Option<Money>,
    next: &'static str,
    /// Seconds before the same model was asked again.
    wait: Option<f64>,
}

/// An amount as a JSON number, with exactly the amount's digits.
struct Money(Decimal);

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = self.0.normalize().to_string();
        RawValue::from_string(digits)
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl AskReport {
    /// The report of a reply. `cut` is set when the answer ended at a limit: its kind, what happened, and what to do.
    pub fn of_reply(reply: &Reply, cut: Option<(&str, &str, &str)>) -> Self {
        AskReport {
            content: Some(reply.text.clone()),
            partial: None,
            model: Some(reply.model.clone()),
            platform: Some(reply.platform.clone()),
            finish_reason: reply.finish_reason.as_ref().map(ToString::to_string),
            usage: reply.usage.map(Tokens::from),
            cost: cost(&reply.trail),
            latency: Some(reply.latency.as_secs_f64()),
            error: cut.map(|(kind, message, hint)| Problem {
                kind: kind.to_owned(),
                message: message.to_owned(),
                hint: Some(hint.to_owned()),
                status: None,
                retry_after: None,
            }),
            trail: reply.trail.iter().map(Try::from).collect(),
            skipped: skipped(&reply.trail),
        }
    }

    pub fn of_error(error: &Error) -> Self {
        AskReport {
            content: None,
            partial: error.partial().map(str::to_owned),
            model: None,
            platform: None,
            finish_reason: None,
            usage: None,
            cost: cost(error.trail()),
            latency: None,
            error: Some(Problem {
                kind: word(error.kind()),
                message: error.to_string(),
                hint: error.hint().map(str::to_owned),
                status: error.status(),
                retry_after: error.retry_after().map(|wait| wait.as_secs_f64()),
            }),
            trail: error.trail().iter().map(Try::from).collect(),
            skipped: skipped(error.trail()),
        }
    }
}

fn skipped(trail: &Trail) -> Vec<NotMade> {
    let not_made = |skipped: &Skipped| NotMade {
        model: skipped.model.clone(),
        platform: skipped.platform.clone(),
        why: skipped.why.to_string(),
        after: skipped.after,
    };
    trail.skipped().iter().map(not_made).collect()
}

/// The kind in snake case: `rate limited` → `rate_limited`.
fn word(kind: ErrorKind) -> String {
    kind.as_str().replace(' ', "_")
}

/// The sum of the known costs; null when none is known.
fn cost(trail: &Trail) -> Option<Money> {
    let known = trail.iter().any(|attempt| attempt.cost.is_some());
    known.then(|| Money(trail.cost()))
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        Tokens {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            total_tokens: usage.total_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            cached_tokens: usage.cached_tokens,
            cache_write_tokens: usage.cache_write_tokens,
        }
    }
}

impl From<&Attempt> for Try {
    fn from(attempt: &Attempt) -> Self {
        let (next, wait) = match attempt.next {
            NextAction::Answered => ("answered", None),
            NextAction::Retried(wait) => ("retried", Some(wait.as_secs_f64())),
            NextAction::MovedOn => ("moved_on", None),
            _ => ("gave_up", None),
        };
        Try {
            model: attempt.model_asked.clone(),
            model_answered: attempt.model_answered.clone(),
            platform: attempt.platform.clone(),
            status: attempt.status,
            error: attempt.failure.map(word),
            message: attempt.message.clone(),
            retry_after: attempt.retry_after.map(|wait| wait.as_secs_f64()),
            offset: attempt.offset.as_secs_f64(),
            time_to_first_token: attempt.time_to_first_token.map(|time| time.as_secs_f64()),
            duration: attempt.duration.as_secs_f64(),
            usage: attempt.usage.map(Tokens::from),
            cost: attempt.cost.map(Money),
            next,
            wait,
        }
    }
}
