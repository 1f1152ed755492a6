//! Error report of a failed call, in a learner's words: what happened, and what to do next.

use std::time::Duration;

use super::Endpoint;
use crate::config::SANDBOX;
use crate::spend::BudgetRefusal;
use anymodel_catalog::model::catalogue;
use anymodel_providers::{Platform, PlatformError};
use anymodel_types::{Error, ErrorKind};
use anymodel_types::{SkipReason, SpendingLimit, Trail};

/// One error for the whole call. The trail lists each attempt; the message sums up.
pub(super) fn failed(
    last: Option<(Box<PlatformError>, &Endpoint)>,
    endpoints: &[Endpoint],
    limits: (Duration, Duration),
    trail: Trail,
) -> Error {
    let Some((last, endpoint)) = last else {
        return Error::new(ErrorKind::InvalidRequest, "nobody was asked");
    };
    let asked = endpoint.candidate.model.as_str();
    let status = last
        .status
        .filter(|status| !(200..300).contains(status))
        .map(|status| format!(", HTTP {status}"))
        .unwrap_or_default();
    let of_several = if endpoints.len() > 1 && trail.len() > 1 {
        format!("none of {} models answered; the last, ", endpoints.len())
    } else {
        String::new()
    };
    let message = format!(
        "{of_several}{asked}: {}{status}: {}",
        last.kind, last.message
    );
    Error::new(last.kind, message)
        .with_hint(hint(&last, asked, &endpoint.platform, limits))
        .with_status(last.status)
        .with_retry_after(last.retry_after)
        .with_trail(trail)
}

/// No endpoint was asked, because none can do what is asked.
pub(super) fn unable(first: Option<Error>, endpoints: &[Endpoint], trail: Trail) -> Error {
    match first {
        None => Error::new(ErrorKind::InvalidRequest, "nobody was asked"),
        // With one endpoint, its error needs no second line.
        Some(error) if endpoints.len() == 1 => error,
        Some(error) => {
            let all = endpoints.len();
            let message = format!("none of {all} models can do what is asked; the first: {error}");
            let told = Error::new(error.kind(), message);
            match error.hint() {
                Some(hint) => told.with_hint(hint),
                None => told,
            }
            .with_trail(trail)
        }
    }
}

/// The failure that stands for a model that was not asked.
pub(super) fn not_asked(why: SkipReason) -> Box<PlatformError> {
    let wait = match why {
        SkipReason::LimitReached { wait, .. } | SkipReason::CircuitOpen { wait, .. } => Some(wait),
        _ => None,
    };
    let mut failure = PlatformError::new(ErrorKind::RateLimited, format!("not asked: {why}"));
    failure.retry_after = wait;
    Box::new(failure)
}

/// The call ended at a model that the budget does not cover. No request was sent to it.
pub(super) fn refused(
    refusal: &BudgetRefusal,
    endpoint: &Endpoint,
    endpoints: &[Endpoint],
    trail: Trail,
) -> Error {
    let asked = &endpoint.candidate.model;
    let of_several = match trail.is_empty() && endpoints.len() > 1 {
        true => format!("none of {} models fits the budget; ", endpoints.len()),
        false => String::new(),
    };
    let why = match &refusal.fault {
        Some(fault) => format!("{}: {fault}", refusal.why),
        None => refusal.why.to_string(),
    };
    let how_much = match refusal.why {
        SkipReason::OverBudget { .. } | SkipReason::MoneySetAside { .. }
            if refusal.estimate.is_known() =>
        {
            format!(
                " (counted: {} tokens of question and up to {} of answer, at its dearest host)",
                refusal.estimate.prompt, refusal.estimate.answer
            )
        }
        _ => String::new(),
    };
    let (kind, hint) = match refusal.why {
        SkipReason::OverBudget { limit, .. } => (
            ErrorKind::BudgetExceeded,
            for_less(limit, refusal),
        ),
        SkipReason::MoneySetAside { limit, .. } => {
            let hint = format!(
                "ask again in a moment: what the other calls do not use comes back; or {}",
                for_less(limit, refusal)
            );
            (ErrorKind::BudgetExceeded, hint)
        }
        SkipReason::LedgerFailed => (
            ErrorKind::Config,
            "check that the file's folder is there, can be written and has room; without a ledger the budget is kept in memory"
                .to_owned(),
        ),
        _ => (ErrorKind::BudgetExceeded, for_a_price(endpoint)),
    };
    Error::new(
        kind,
        format!("{of_several}{asked} was not asked: {why}{how_much}"),
    )
    .with_hint(hint)
    .with_trail(trail)
    .with_retry(refusal.may_retry, refusal.retry_after)
}

fn for_less(limit: SpendingLimit, refusal: &BudgetRefusal) -> String {
    let shorter = match refusal.affordable {
        Some(tokens) => {
            format!("allow a shorter answer with .max_tokens({tokens}), name a cheaper model")
        }
        None => "name a cheaper or a free model".to_owned(),
    };
    match limit {
        SpendingLimit::PerCall => format!("{shorter}, or allow a call more with Budget::per_call"),
        SpendingLimit::PerDay if refusal.retry_after.is_none() => {
            format!("{shorter}, or allow more with Budget::per_day")
        }
        SpendingLimit::PerDay => {
            format!("{shorter}, wait until midnight UTC, or allow more with Budget::per_day")
        }
        SpendingLimit::Total => format!("{shorter}, or allow more with Budget::total"),
    }
}

fn for_a_price(endpoint: &Endpoint) -> String {
    match &endpoint.candidate.choice {
        Some(_) => "name the models to choose among, each with a known price, as in \
                    Prefer::Cheapest.among([\"openai/gpt-4o-mini\", …])"
            .to_owned(),
        None => "write its price into the configuration file (price_per_1k_input, price_per_1k_output), or let the \
                 budget pass it with .allow_unknown_prices()"
            .to_owned(),
    }
}

/// `limits` are those of an attempt and of the call.
fn hint(
    last: &PlatformError,
    asked: &str,
    platform: &Platform,
    limits: (Duration, Duration),
) -> String {
    let variable = platform.key_variables.first();
    let key_variable = variable.copied().unwrap_or("OPENROUTER_API_KEY");
    match last.kind {
        ErrorKind::KeyMissing | ErrorKind::KeyRefused => match platform.key {
            Some(_) => format!(
                "the key in {key_variable} is not (or no longer) valid at {}: make a new one there, or set LLM=sandbox to \
                 work with the built-in sandbox",
                platform.name
            ),
            None => format!("set {key_variable} to a key of {}", platform.name),
        },
        ErrorKind::KeyMalformed => format!("copy the key into {key_variable} once more, whole and on one line"),
        ErrorKind::PaymentRequired => match platform.catalogue_names {
            true => format!(
                "add credit to the account at {}, name a model that costs less, or a free one (their names end in :free)",
                platform.name
            ),
            false => format!(
                "add credit to the account at {}, or name a second model that costs less or is somewhere else: \
                 [\"{asked}\", \"…\"]",
                platform.name
            ),
        },
        ErrorKind::Forbidden => "the key may not do this: look at its limits and permissions, or ask another model".to_owned(),
        ErrorKind::ModelNotFound => model_names(asked, platform),
        ErrorKind::InvalidRequest if last.status == Some(413) => {
            "the request is larger than this server takes: send less text or smaller pictures, or name a second model".to_owned()
        }
        ErrorKind::InvalidRequest => {
            "the request itself is wrong, so asking again cannot help: check the settings named above".to_owned()
        }
        ErrorKind::ContextTooLong => {
            "shorten the conversation, ask for a shorter answer, or name a model with a larger context".to_owned()
        }
        ErrorKind::ContentRefused => {
            "the model or its host declined this content: put the question differently, or ask another model".to_owned()
        }
        ErrorKind::RateLimited => {
            let wait = last.retry_after.map_or_else(
                || "wait a minute".to_owned(),
                |wait| format!("wait {:.0} s", wait.as_secs_f64().ceil()),
            );
            match platform.catalogue_names && asked.ends_with(":free") {
                // A second free model shares the same limit.
                true => format!("{wait} and ask again, or name a paid model behind it: free ones share this limit"),
                false => format!("{wait} and ask again, or name a second model: [\"{asked}\", \"…\"]"),
            }
        }
        ErrorKind::Overloaded | ErrorKind::Server => format!(
            "the fault is on the other side: ask again later, or name a second model: [\"{asked}\", \"…\"]"
        ),
        ErrorKind::Timeout => format!(
            "allow more time with .timeout(…) (now {:.1} s an attempt, {:.1} s a call), or name a faster model",
            limits.0.as_secs_f64(),
            limits.1.as_secs_f64()
        ),
        ErrorKind::Network => format!(
            "check that {} can be reached from here (network, proxy, address), or set LLM=sandbox to work with the \
             built-in sandbox",
            platform.base_url
        ),
        ErrorKind::BadReply => format!(
            "what came back is no answer: ask again, or check that {} is the address of {}",
            platform.base_url,
            platform.adapter.server()
        ),
        ErrorKind::BrokenStream => format!(
            "what came is not whole: ask again, or name a second model: [\"{asked}\", \"…\"]; .restart_on_break() lets a \
             stream begin anew by itself"
        ),
        ErrorKind::Config
        | ErrorKind::SchemaMismatch
        | ErrorKind::ToolLoop
        | ErrorKind::BudgetExceeded => {
            "check the settings named above".to_owned()
        }
    }
}

fn model_names(asked: &str, platform: &Platform) -> String {
    if !platform.catalogue_names {
        return format!("look up how {} spells the model's name", platform.name);
    }
    let near = catalogue().nearest(asked, 3);
    let known = if near.is_empty() {
        "names look like provider/model, such as openai/gpt-4o-mini; all of them: https://openrouter.ai/models"
            .to_owned()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    match platform.name.as_str() {
        "openrouter" | SANDBOX => known,
        other => format!(
            "{known} (if {other} is no OpenRouter: it has names of its own, and its address often ends in /v1)"
        ),
    }
}
