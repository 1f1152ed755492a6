//! Error responses: an HTTP error response → one [`PlatformError`] with its class.
//!
//! OpenRouter, OpenAI, Google, GLM and others use different places for the status and different types for `code`. So all
//! information is collected first and then classified together. The formats are listed in OpenRouter's guide "errors and
//! debugging" and in the vendors' references, read in August 2026.
//!
//! - [`cause`]: an error body → its texts, code words, status; [`html_page`]: the text of a web page
//! - [`truncated_json`]: repairs a body that was cut
//! - [`nested_error`]: the names of a cause's fields, and JSON in a text
//! - [`classify`]: status, words and text → one class; [`vendor_codes`]: the error codes of the vendors
//! - [`message`]: the message: the outermost and the innermost text
//! - [`error_in_success`]: errors under HTTP 200, and in events
//! - [`retry_after`]: whether and when a retry makes sense

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
use anymodel_types::{ErrorKind, words};
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
        // A daily limit ends tomorrow, even if a header names the end of a minute limit.
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

/// Decodes the body of a response with HTTP 2xx without an answer: its error, else a failure with `missing`.
pub(crate) fn instead_of_answer(body: &str, missing: &str) -> PlatformError {
    match parse(body) {
        Some(json) if is_error(&json) => failure(None, Cause::of(&json), find_error(&json)),
        _ => PlatformError::bad_reply(missing),
    }
}

/// Decodes an event whose name says that it is an error.
pub(crate) fn in_event(data: &str) -> PlatformError {
    match parse(data) {
        Some(json) => failure(None, Cause::of(&json).or_leaves(&json), find_error(&json)),
        None => failure(None, Cause::of_text(data), &Value::Null),
    }
}

/// Decodes an event without any part of an answer: an error, or none.
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

/// Whether the name of an event says that it is an error.
pub(crate) fn names_an_error(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    ["error", "exception"]
        .iter()
        .any(|word| name.contains(word))
        || ["fail", "failed", "failure"]
            .iter()
            .any(|word| name.ends_with(word))
}

/// Names of progress events: a message in one is no error.
const PASSING: [&str; 8] = [
    "status", "progress", "info", "log", "queue", "queued", "notice", "warning",
];

/// The text of a platform's object, such as the reason of a refusal.
pub(crate) fn said(value: &Value) -> Option<String> {
    let cause = Cause::of(value);
    (!cause.texts.is_empty())
        .then(|| message::message(&cause))
        .flatten()
}

/// Parses JSON, also with lone surrogates and repeated fields.
fn parse(text: &str) -> Option<Value> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if !text.starts_with(['{', '[', '"']) {
        return None;
    }
    let text = surrogates::repair(text);
    lenient::read(&text).or_else(|| lenient::read(&json_repair::repair(&text)?))
}

/// Builds one failure. `error` is the object that may contain retry hints.
fn failure(status: Option<u16>, cause: Cause, error: &Value) -> PlatformError {
    let status = status
        .filter(|status| !(200..300).contains(status))
        .or(cause.status);
    let mut kind = classify(status, &cause).unwrap_or(ErrorKind::Server);
    if kind == ErrorKind::Forbidden && is_moderation(&error["metadata"]) {
        kind = ErrorKind::ContentRefused;
    }
    let message = message::message(&cause).unwrap_or_else(|| match status {
        Some(status) => words::answers().http_without_a_message(&status),
        None => words::answers().error_without_a_message().to_owned(),
    });
    PlatformError {
        status,
        retry_after: retry_after::in_body(error, &message),
        // A retry would send a request of the same size.
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

/// Describes a body that is no JSON, without repeating a whole web page.
pub(crate) fn not_json(body: &str) -> String {
    let start = body.trim_start();
    if start.is_empty() {
        return words::answers().empty_body_instead_of_json().to_owned();
    }
    if html_page::is_page(start) {
        return match html_page::text(start) {
            Some(said) => clean(&words::answers().web_page_that_says(&said)),
            None => words::answers().web_page_instead_of_json().to_owned(),
        };
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(start) {
        Ok(_) => words::answers()
            .json_that_is_no_chat_completion()
            .to_owned(),
        Err(error) if error.is_eof() && start.starts_with(['{', '[']) => {
            words::answers().json_that_breaks_off_after_characters(&start.chars().count())
        }
        Err(_) => {
            let text: String = start.chars().take(message::LONGEST).collect();
            clean(&words::answers().text_that_is_no_json(&format_args!("{:?}", text.trim_end())))
        }
    }
}
