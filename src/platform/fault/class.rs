//! Status, words and text → one class.
//!
//! A word counts for more than the status, because platforms use the same status for what needs a wait, a payment or
//! another model; a text counts only where nothing else tells.

use crate::failure::ErrorKind;

/// Words that say it by themselves, whatever the status. The first row that fits counts.
///
/// The words are those of OpenRouter, OpenAI, Azure, Anthropic, Google, ZenMux, Qwen (Model Studio), llama.cpp, and the
/// numbers of GLM (<https://docs.bigmodel.cn/cn/api/api-code>), in lower case.
const WORDS: &[(ErrorKind, &[&str])] = &[
    (
        ErrorKind::ContextTooLong,
        &[
            "context_length_exceeded",
            "token_limit_exceeded",
            "string_too_long",
            "exceed_context_size_error",
            "1261",
        ],
    ),
    (
        ErrorKind::ContentRefused,
        &[
            "content_policy_violation",
            "refusal",
            "content_filter",
            "responsibleaipolicyviolation",
            "data_inspection_failed",
            "datainspectionfailed",
            "safety_check_failed",
            "1301",
        ],
    ),
    // Other calls hold the rest of the budget for a moment: that is no empty account.
    (ErrorKind::RateLimited, &["in_flight_budget_exhausted"]),
    // The last three of GLM are plans that are used up or over, not limits to wait for.
    (
        ErrorKind::PaymentRequired,
        &[
            "insufficient_quota",
            "insufficient_credit",
            "reject_no_credit",
            "quote_exceeded",
            "payment_required",
            "billing_error",
            "enforced_spend_limit_reached",
            "throttling.allocationquota",
            "arrearage",
            "1113",
            "1304",
            "1308",
            "1309",
            "1310",
        ],
    ),
    (
        ErrorKind::ModelNotFound,
        &[
            "model_not_found",
            "modelnotfound",
            "deploymentnotfound",
            "region_restricted",
            "invalid_model",
            "model_not_available",
            "model_not_supported",
            "1211",
        ],
    ),
    (
        ErrorKind::KeyRefused,
        &[
            "invalid_api_key",
            "invalidapikey",
            "api_key_invalid",
            "authentication",
            "authentication_error",
            "unauthenticated",
            "access_denied",
            "1000",
            "1001",
            "1002",
            "1003",
            "1004",
        ],
    ),
    (ErrorKind::Forbidden, &["1110", "1111", "1112", "1121"]),
    (ErrorKind::Overloaded, &["1305"]),
    // The server will never do this, so it is no fault that passes.
    (ErrorKind::InvalidRequest, &["not_supported_error"]),
];

/// Words for an error inside a stream, which has no status.
const WITHOUT_STATUS: &[(ErrorKind, &[&str])] = &[
    (
        ErrorKind::RateLimited,
        &[
            "rate_limit_exceeded",
            "rate_limit_error",
            "rate_limit",
            "resource_exhausted",
            "throttling",
            "throttling.ratequota",
            "1302",
            "1303",
        ],
    ),
    (
        ErrorKind::Overloaded,
        &["provider_overloaded", "overloaded_error", "unavailable"],
    ),
    (
        ErrorKind::Timeout,
        &["timeout", "timeout_error", "deadline_exceeded"],
    ),
    (ErrorKind::ModelNotFound, &["not_found", "not_found_error"]),
    (
        ErrorKind::Forbidden,
        &["permission_error", "permission_denied", "accessdenied"],
    ),
    (
        ErrorKind::InvalidRequest,
        &[
            "invalid_request",
            "invalid_prompt",
            "invalid_request_error",
            "invalid_argument",
            "invalidparameter",
            "request_too_large",
        ],
    ),
];

/// What some platforms say in words alone.
const TEXTS: &[(ErrorKind, &[&str])] = &[
    (
        ErrorKind::ContextTooLong,
        &[
            "context length",
            "range of input length",
            "prompt is too long",
            "prompt too long",
            "exceeds the maximum number of tokens",
            "exceeds the available context size",
        ],
    ),
    (
        ErrorKind::PaymentRequired,
        &["credit balance is too low", "insufficient balance"],
    ),
    (ErrorKind::ModelNotFound, &["not a valid model"]),
    (
        ErrorKind::KeyRefused,
        &["api key not valid", "api key expired", "invalid api key"],
    ),
];

/// One class for the status, the code words and the text.
pub(super) fn classify(status: Option<u16>, words: &[&str], text: &str) -> ErrorKind {
    let said = |table: &[(ErrorKind, &[&str])]| {
        let row = table
            .iter()
            .find(|(_, known)| words.iter().any(|word| known.contains(word)));
        row.map(|(kind, _)| *kind)
    };
    let text = text.to_lowercase();
    let told = || {
        let row = TEXTS
            .iter()
            .find(|(_, known)| known.iter().any(|part| text.contains(part)));
        row.map(|(kind, _)| *kind)
    };
    // A picture that was not found is a wrong request, and no model that was not found.
    let picture = || {
        let named = words.iter().any(|word| word.contains("image"));
        named.then_some(ErrorKind::InvalidRequest)
    };
    said(WORDS)
        .or_else(picture)
        // Only a refused request explains itself: a fault of a server may quote anything.
        .or_else(|| told().filter(|_| status.is_none_or(|status| status < 500)))
        .unwrap_or_else(|| match status {
            Some(401) => ErrorKind::KeyRefused,
            Some(402) => ErrorKind::PaymentRequired,
            Some(403) => ErrorKind::Forbidden,
            Some(404) => ErrorKind::ModelNotFound,
            Some(408 | 504 | 524) => ErrorKind::Timeout,
            Some(429) => ErrorKind::RateLimited,
            Some(503 | 529) => ErrorKind::Overloaded,
            Some(501) => ErrorKind::InvalidRequest,
            Some(400..=499) => ErrorKind::InvalidRequest,
            Some(500..=599) => ErrorKind::Server,
            _ => said(WITHOUT_STATUS).unwrap_or(ErrorKind::Server),
        })
}
