//! Error report of a failed call, in a learner's words: what happened, and what to do next.

use std::time::Duration;

use super::Endpoint;
use crate::config::SANDBOX;
use crate::spend::BudgetRefusal;
use anymodel_catalog::model::catalogue;
use anymodel_providers::{Platform, PlatformError};
use anymodel_types::{Error, ErrorKind, words};
use anymodel_types::{SkipReason, SpendingLimit, Trail};

/// One error for the whole call. The trail lists each attempt; the message sums up.
pub(super) fn failed(
    last: Option<(Box<PlatformError>, &Endpoint)>,
    endpoints: &[Endpoint],
    limits: (Duration, Duration),
    trail: Trail,
) -> Error {
    let Some((last, endpoint)) = last else {
        return Error::new(ErrorKind::InvalidRequest, words::calls().nobody_was_asked());
    };
    let asked = endpoint.candidate.model.as_str();
    let status = last
        .status
        .filter(|status| !(200..300).contains(status))
        .map(|status| words::calls().http_status(&status))
        .unwrap_or_default();
    let of_several = if endpoints.len() > 1 && trail.len() > 1 {
        words::calls().none_of_models_answered(&endpoints.len())
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
        None => Error::new(ErrorKind::InvalidRequest, words::calls().nobody_was_asked()),
        // With one endpoint, its error needs no second line.
        Some(error) if endpoints.len() == 1 => error,
        Some(error) => {
            let all = endpoints.len();
            let message = words::calls().none_of_models_can_do_what_is_asked(&all, &error);
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
    let mut failure = PlatformError::new(ErrorKind::RateLimited, words::calls().not_asked(&why));
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
        true => words::calls().none_of_models_fits_the_budget(&endpoints.len()),
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
            words::calls().counted_tokens(&refusal.estimate.prompt, &refusal.estimate.answer)
        }
        _ => String::new(),
    };
    let (kind, hint) = match refusal.why {
        SkipReason::OverBudget { limit, .. } => {
            (ErrorKind::BudgetExceeded, for_less(limit, refusal))
        }
        SkipReason::MoneySetAside { limit, .. } => {
            let hint = words::calls().ask_again_in_a_moment(&for_less(limit, refusal));
            (ErrorKind::BudgetExceeded, hint)
        }
        SkipReason::LedgerFailed => (
            ErrorKind::Config,
            words::calls()
                .check_that_the_files_folder_is_there()
                .to_owned(),
        ),
        _ => (ErrorKind::BudgetExceeded, for_a_price(endpoint)),
    };
    Error::new(
        kind,
        words::calls().was_not_asked(&of_several, &asked, &why, &how_much),
    )
    .with_hint(hint)
    .with_trail(trail)
    .with_retry(refusal.may_retry, refusal.retry_after)
}

fn for_less(limit: SpendingLimit, refusal: &BudgetRefusal) -> String {
    let shorter = match refusal.affordable {
        Some(tokens) => words::calls().allow_a_shorter_answer_with_max_tokens(&tokens),
        None => words::calls().name_a_cheaper_or_a_free_model().to_owned(),
    };
    match limit {
        SpendingLimit::PerCall => words::calls().or_allow_a_call_more(&shorter),
        SpendingLimit::PerDay if refusal.retry_after.is_none() => {
            words::calls().or_allow_more_a_day(&shorter)
        }
        SpendingLimit::PerDay => words::calls().or_wait_until_midnight(&shorter),
        SpendingLimit::Total => words::calls().or_allow_more_in_all(&shorter),
    }
}

fn for_a_price(endpoint: &Endpoint) -> String {
    match &endpoint.candidate.choice {
        Some(_) => words::calls().name_the_models_to_choose_among().to_owned(),
        None => words::calls()
            .write_its_price_into_the_configuration_file()
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
            Some(_) => words::calls().key_is_not_valid(&key_variable, &platform.name),
            None => words::calls().set_a_key(&key_variable, &platform.name),
        },
        ErrorKind::KeyMalformed => words::calls().copy_the_key_into_once_more(&key_variable),
        ErrorKind::PaymentRequired => match platform.catalogue_names {
            true => words::calls().add_credit_or_name_a_free_model(&platform.name),
            false => words::calls().add_credit_or_name_a_second_model(&platform.name, &asked),
        },
        ErrorKind::Forbidden => words::calls().key_may_not_do_this().to_owned(),
        ErrorKind::ModelNotFound => model_names(asked, platform),
        ErrorKind::InvalidRequest if last.status == Some(413) => words::calls()
            .request_is_larger_than_this_server_takes()
            .to_owned(),
        ErrorKind::InvalidRequest => words::calls().request_itself_is_wrong().to_owned(),
        ErrorKind::ContextTooLong => words::calls().shorten_the_conversation().to_owned(),
        ErrorKind::ContentRefused => words::calls()
            .model_or_its_host_declined_this_content()
            .to_owned(),
        ErrorKind::RateLimited => {
            let wait = last.retry_after.map_or_else(
                || words::calls().wait_a_minute().to_owned(),
                |wait| words::calls().wait_seconds(&wait.as_secs_f64().ceil()),
            );
            match platform.catalogue_names && asked.ends_with(":free") {
                // A second free model shares the same limit.
                true => words::calls().wait_or_name_a_paid_model(&wait),
                false => words::calls().wait_or_name_a_second_model(&wait, &asked),
            }
        }
        ErrorKind::Overloaded | ErrorKind::Server => {
            words::calls().fault_is_on_the_other_side(&asked)
        }
        ErrorKind::Timeout => words::calls()
            .allow_more_time_with_timeout(&limits.0.as_secs_f64(), &limits.1.as_secs_f64()),
        ErrorKind::Network => words::calls().check_that_it_can_be_reached(&platform.base_url),
        ErrorKind::BadReply => words::calls()
            .what_came_back_is_no_answer(&platform.base_url, &platform.adapter.server()),
        ErrorKind::BrokenStream => words::calls().what_came_is_not_whole(&asked),
        ErrorKind::Config
        | ErrorKind::SchemaMismatch
        | ErrorKind::ToolLoop
        | ErrorKind::BudgetExceeded => words::calls().check_the_settings_named_above().to_owned(),
    }
}

fn model_names(asked: &str, platform: &Platform) -> String {
    if !platform.catalogue_names {
        return words::calls().look_up_the_models_name(&platform.name);
    }
    let near = catalogue().nearest(asked, 3);
    let known = if near.is_empty() {
        words::calls().names_look_like_provider_model().to_owned()
    } else {
        words::calls().did_you_mean(&near.join(", "))
    };
    match platform.name.as_str() {
        "openrouter" | SANDBOX => known,
        other => words::calls().known_if_it_is_openrouter(&known, &other),
    }
}
