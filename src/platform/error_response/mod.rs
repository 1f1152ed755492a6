//! A response that is no answer → one [`PlatformError`] with its class.
//!
//! OpenRouter, OpenAI, Google, GLM and the rest agree neither on where the status stands nor on the type of `code`, so
//! everything that says something is gathered first and judged together. The forms are listed in OpenRouter's guide
//! "errors and debugging" and in the vendors' references, read in August 2026.
//!
//! - [`cause`]: a foreign error → its texts, its code words, its status; [`html_page`]: what a web page says
//! - [`truncated_json`]: as much of a body as came, where it breaks off
//! - [`nested_error`]: under which names a cause stands, and as JSON in a text
//! - [`classify`]: status, words and text → one class; [`vendor_codes`]: what platforms call their errors
//! - [`message`]: what is told of it: the outermost text and the innermost
//! - [`error_in_success`]: whether what stands under HTTP 200, or in an event, is an error
//! - [`retry_after`]: whether and when another try makes sense

mod cause;
mod classify;
mod error_in_success;
mod html_page;
mod message;
mod nested_error;
mod retry_after;
mod truncated_json;
mod vendor_codes;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::{PlatformError, json_repair, lenient, surrogates};
use crate::failure::ErrorKind;
use cause::Cause;
use classify::{classify, is_too_much_at_once};
pub(crate) use error_in_success::beside;
use error_in_success::is_error;
pub(crate) use message::clean;

/// Reads a response whose HTTP status is not 2xx.
pub(crate) fn read(status: u16, headers: &HeaderMap, body: &str) -> PlatformError {
    let json = parse(body).or_else(|| truncated_json::repair(body));
    let mut failure = match json {
        Some(json) => failure(
            Some(status),
            Cause::of(&json).or_leaves(&json),
            find_error(&json),
        ),
        None => {
            let told = failure(Some(status), Cause::of_text(body), &Value::Null);
            match html_page::is_page(body) || body.trim().is_empty() {
                true => PlatformError::new(told.kind, not_json(body)),
                false => told,
            }
        }
    };
    failure.status = Some(status);
    failure.retry_after = match failure.retry_after {
        // A daily limit is over tomorrow, whatever a header says of the minute.
        Some(wait) if wait >= retry_after::NEXT_DAY => Some(wait),
        told => retry_after::in_headers(headers).or(told),
    };
    failure.may_retry = retry_after::may_retry(headers).or(failure.may_retry);
    failure
}

/// Reads an error object. `status` is that of the HTTP response, unless it was 2xx.
pub(crate) fn read_error(status: Option<u16>, error: &Value) -> PlatformError {
    failure(status, Cause::of(error), error)
}

/// Reads the body of a response with HTTP 2xx that holds no answer: its error, else what is `missing` in it.
pub(crate) fn instead_of_answer(body: &str, missing: &str) -> PlatformError {
    match parse(body) {
        Some(json) if is_error(&json) => failure(None, Cause::of(&json), find_error(&json)),
        _ => PlatformError::bad_reply(missing),
    }
}

/// Reads an event of a stream that is named an error, whatever it holds.
pub(crate) fn in_event(data: &str) -> PlatformError {
    match parse(data) {
        Some(json) => failure(None, Cause::of(&json).or_leaves(&json), find_error(&json)),
        None => failure(None, Cause::of_text(data), &Value::Null),
    }
}

/// Reads an event of a stream that carries nothing of an answer: an error, or nothing at all.
pub(crate) fn in_other_event(name: &str, data: &str) -> Option<PlatformError> {
    if names_an_error(name) {
        return Some(in_event(data));
    }
    let json = parse(data)?;
    let says_so = !PASSING.contains(&name)
        || ["error", "code"]
            .iter()
            .any(|field| json.get(field).is_some());
    (says_so && is_error(&json)).then(|| in_event(data))
}

/// Whether the name of an event says that it is an error, whatever it holds.
pub(crate) fn names_an_error(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    ["error", "exception"]
        .iter()
        .any(|word| name.contains(word))
        || ["fail", "failed", "failure"]
            .iter()
            .any(|word| name.ends_with(word))
}

/// Names of events that tell how far a request is: a message in one is no error.
const PASSING: [&str; 8] = [
    "status", "progress", "info", "log", "queue", "queued", "notice", "warning",
];

/// What an object of a platform says in words, such as the reason of a refusal.
pub(crate) fn said(value: &Value) -> Option<String> {
    let cause = Cause::of(value);
    (!cause.texts.is_empty())
        .then(|| message::message(&cause))
        .flatten()
}

/// JSON, with halves of characters and fields that are written twice.
fn parse(text: &str) -> Option<Value> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if !text.starts_with(['{', '[', '"']) {
        return None;
    }
    let text = surrogates::repair(text);
    lenient::read(&text).or_else(|| lenient::read(&json_repair::repair(&text)?))
}

/// One failure for all that is known. `error` is where hints of another try stand.
fn failure(status: Option<u16>, cause: Cause, error: &Value) -> PlatformError {
    let status = status
        .filter(|status| !(200..300).contains(status))
        .or(cause.status);
    let mut kind = classify(status, &cause).unwrap_or(ErrorKind::Server);
    if kind == ErrorKind::Forbidden && is_moderation(&error["metadata"]) {
        kind = ErrorKind::ContentRefused;
    }
    let message = message::message(&cause).unwrap_or_else(|| match status {
        Some(status) => format!("HTTP {status} without a message"),
        None => "an error without a message".to_owned(),
    });
    PlatformError {
        status,
        retry_after: retry_after::in_body(error, &message),
        // The same request is as large the next time.
        may_retry: is_too_much_at_once(status, &cause).then_some(false),
        ..PlatformError::new(kind, message)
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

/// OpenRouter's 403 for flagged content names reasons or patterns; a plain 403 does not.
fn is_moderation(metadata: &Value) -> bool {
    ["reasons", "flagged_input", "patterns"]
        .iter()
        .any(|field| metadata.get(field).is_some_and(|value| !value.is_null()))
}

/// Describes a body that is no JSON, without pouring a web page over the reader.
pub(crate) fn not_json(body: &str) -> String {
    let start = body.trim_start();
    if start.is_empty() {
        return "an empty body instead of JSON".to_owned();
    }
    if html_page::is_page(start) {
        return match html_page::text(start) {
            Some(said) => clean(&format!("a web page instead of JSON: {said}")),
            None => "a web page instead of JSON".to_owned(),
        };
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(start) {
        Ok(_) => "JSON that is no chat completion".to_owned(),
        Err(error) if error.is_eof() && start.starts_with(['{', '[']) => {
            format!(
                "JSON that breaks off after {} characters",
                start.chars().count()
            )
        }
        Err(_) => {
            let text: String = start.chars().take(message::LONGEST).collect();
            clean(&format!("text that is no JSON: {:?}", text.trim_end()))
        }
    }
}
