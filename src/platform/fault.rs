//! A response that is no answer → one [`Failure`] with its class.
//!
//! OpenRouter, OpenAI, Google, GLM and the rest agree neither on where the status stands nor on the type of `code`, so
//! everything that says something is gathered first and judged together. The forms are listed in OpenRouter's guide
//! "errors and debugging" and in the vendors' references, read in August 2026.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::Failure;
use crate::failure::ErrorKind;

/// The longest text of a platform that is passed on.
const LONGEST_MESSAGE: usize = 300;

/// Reads a response whose HTTP status is not 2xx.
pub(crate) fn read(status: u16, headers: &HeaderMap, body: &str) -> Failure {
    let mut failure = match serde_json::from_str::<Value>(body) {
        Ok(json) => read_error(Some(status), find_error(&json)),
        Err(_) => Failure::new(classify(Some(status), &[], ""), not_json(body)),
    };
    failure.status = Some(status);
    failure.retry_after = hint_in_headers(headers).or(failure.retry_after);
    failure
}

/// Reads an error object. `status` is that of the HTTP response, unless it was 2xx.
pub(crate) fn read_error(status: Option<u16>, error: &Value) -> Failure {
    let status = status.or_else(|| status_in(error));
    let metadata = &error["metadata"];
    let words: Vec<String> = [
        &error["code"],
        &error["type"],
        &error["error_type"],
        &error["status"],
        &metadata["error_type"],
        &error["availability"]["code"],
        &error["innererror"]["code"],
    ]
    .into_iter()
    .filter_map(word)
    .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let said = error["message"].as_str().or(error.as_str()).unwrap_or("");
    let mut kind = classify(status, &words, said);
    if kind == ErrorKind::Forbidden && is_moderation(metadata) {
        kind = ErrorKind::ContentRefused;
    }
    Failure {
        status,
        retry_after: hint_in_body(error),
        ..Failure::new(kind, message(said, metadata, status))
    }
}

/// One class for the status, the code words and the text.
fn classify(status: Option<u16>, words: &[&str], text: &str) -> ErrorKind {
    let any = |known: &[&str]| words.iter().any(|word| known.contains(word));
    let text = text.to_lowercase();
    if any(&[
        "context_length_exceeded",
        "exceed_context_size_error",
        "token_limit_exceeded",
        "string_too_long",
        "1261",
    ]) || text.contains("context length")
        || text.contains("range of input length")
    {
        return ErrorKind::ContextTooLong;
    }
    if any(&[
        "content_policy_violation",
        "refusal",
        "content_filter",
        "data_inspection_failed",
        "safety_check_failed",
        "1301",
    ]) {
        return ErrorKind::ContentRefused;
    }
    // Other calls hold the rest of the budget for a moment: that is no empty account.
    if any(&["in_flight_budget_exhausted"]) {
        return ErrorKind::RateLimited;
    }
    if any(&[
        "insufficient_quota",
        "insufficient_credit",
        "reject_no_credit",
        "payment_required",
        "billing_error",
        "1113",
    ]) {
        return ErrorKind::PaymentRequired;
    }
    if words.iter().any(|word| word.contains("image")) {
        return ErrorKind::InvalidRequest;
    }
    if any(&[
        "model_not_found",
        "region_restricted",
        "invalid_model",
        "model_not_available",
        "not_found",
        "1211",
    ]) || text.contains("not a valid model")
    {
        return ErrorKind::ModelNotFound;
    }
    if any(&[
        "invalid_api_key",
        "authentication",
        "authentication_error",
        "access_denied",
    ]) {
        return ErrorKind::KeyRefused;
    }
    match status {
        Some(401) => ErrorKind::KeyRefused,
        Some(402) => ErrorKind::PaymentRequired,
        Some(403) => ErrorKind::Forbidden,
        Some(404) => ErrorKind::ModelNotFound,
        Some(408 | 504 | 524) => ErrorKind::Timeout,
        Some(429) => ErrorKind::RateLimited,
        Some(503 | 529) => ErrorKind::Overloaded,
        Some(400..=499) => ErrorKind::InvalidRequest,
        Some(500..=599) => ErrorKind::Server,
        _ if any(&["rate_limit_exceeded", "rate_limit_error"]) => ErrorKind::RateLimited,
        _ if any(&["provider_overloaded", "overloaded_error"]) => ErrorKind::Overloaded,
        _ if any(&["timeout"]) => ErrorKind::Timeout,
        _ if any(&["invalid_request", "invalid_prompt", "invalid_request_error"]) => {
            ErrorKind::InvalidRequest
        }
        _ => ErrorKind::Server,
    }
}

/// The error object in a body: under `error`, in a list of one (Google), or the body itself (Qwen).
fn find_error(body: &Value) -> &Value {
    let body = match body {
        Value::Array(list) => list.first().unwrap_or(body),
        _ => body,
    };
    body.get("error").unwrap_or(body)
}

fn status_in(error: &Value) -> Option<u16> {
    let numeric = |value: &Value| {
        let number = value
            .as_u64()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number
            .and_then(|n| u16::try_from(n).ok())
            .filter(|n| (400..600).contains(n))
    };
    numeric(&error["code"]).or_else(|| numeric(&error["http_status"]))
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_lowercase()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// OpenRouter's 403 for flagged content names reasons or patterns; a plain 403 does not.
fn is_moderation(metadata: &Value) -> bool {
    ["reasons", "flagged_input", "patterns"]
        .iter()
        .any(|field| metadata.get(field).is_some_and(|value| !value.is_null()))
}

/// What the platform said, with the words of the host behind it where there are some.
fn message(said: &str, metadata: &Value, status: Option<u16>) -> String {
    let host = metadata["provider_name"].as_str();
    let raw = metadata["raw"]
        .as_str()
        .filter(|raw| !raw.is_empty() && !raw.starts_with('<'));
    let text = match (said, raw, host) {
        ("", None, _) => match status {
            Some(status) => format!("HTTP {status} without a message"),
            None => "an error without a message".to_owned(),
        },
        (said, Some(raw), Some(host)) => format!("{said} ({host}: {raw})"),
        (said, Some(raw), None) => format!("{said} ({raw})"),
        (said, None, Some(host)) => format!("{said} ({host})"),
        (said, None, None) => said.to_owned(),
    };
    shorten(text.trim())
}

/// Describes a body that is no JSON, without pouring a web page over the reader.
pub(crate) fn not_json(body: &str) -> String {
    let start = body.trim_start();
    if start.is_empty() {
        "an empty body instead of JSON".to_owned()
    } else if start.starts_with('<') {
        "a web page instead of JSON".to_owned()
    } else {
        match serde_json::from_str::<serde::de::IgnoredAny>(start) {
            Ok(_) => "JSON that is no chat completion".to_owned(),
            Err(error) if error.is_eof() && start.starts_with(['{', '[']) => {
                format!(
                    "JSON that breaks off after {} characters",
                    start.chars().count()
                )
            }
            Err(_) => {
                let beginning: String = start.chars().take(60).collect();
                format!("text that is no JSON: {beginning:?}")
            }
        }
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `Retry-After` in seconds or as a date, else `X-RateLimit-Reset` in milliseconds since 1970.
fn hint_in_headers(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let milliseconds = text("retry-after-ms")
        .and_then(|value| value.trim().parse::<f64>().ok())
        .and_then(|wait| seconds(wait / 1000.0));
    milliseconds
        .or_else(|| text("retry-after").and_then(wait))
        .or_else(|| text("x-ratelimit-reset").and_then(stamp))
}

/// The places in OpenRouter's body, most exact first.
fn hint_in_body(error: &Value) -> Option<Duration> {
    let metadata = &error["metadata"];
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let first = [
        &error["availability"]["retry_after"],
        &metadata["retry_after_seconds"],
        &metadata["headers"]["Retry-After"],
    ]
    .into_iter()
    .find_map(|place| text(place).and_then(|value| wait(&value)));
    first
        .or_else(|| text(&metadata["headers"]["X-RateLimit-Reset"]).and_then(|value| stamp(&value)))
}

/// A wait in seconds, whole or not. Negative means now; a day is the most that is believed.
fn seconds(wait: f64) -> Option<Duration> {
    wait.is_finite()
        .then(|| Duration::from_secs_f64(wait.clamp(0.0, 86_400.0)))
}

fn wait(text: &str) -> Option<Duration> {
    match text.trim().parse() {
        Ok(number) => seconds(number),
        Err(_) => date(text),
    }
}

/// A date. One that is over says nothing about a wait.
fn date(text: &str) -> Option<Duration> {
    let at = httpdate::parse_http_date(text.trim()).ok()?;
    at.duration_since(SystemTime::now()).ok()
}

/// Milliseconds since 1970. A time that is over, or a number that counts something else, says nothing about a wait.
fn stamp(text: &str) -> Option<Duration> {
    let at = UNIX_EPOCH.checked_add(Duration::from_millis(text.trim().parse().ok()?))?;
    at.duration_since(SystemTime::now()).ok()
}
