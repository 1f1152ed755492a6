//! A response that is no answer → one [`Failure`] with its class.
//!
//! OpenRouter, OpenAI, Google, GLM and the rest agree neither on where the status stands nor on the type of `code`, so
//! everything that says something is gathered first and judged together. The forms are listed in OpenRouter's guide
//! "errors and debugging" and in the vendors' references, read in August 2026.
//!
//! - [`class`]: status, words and text → one class
//! - [`hint`]: whether and when another try makes sense

mod class;
mod hint;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::Failure;
use crate::failure::ErrorKind;
use class::classify;

/// The longest text of a platform that is passed on.
const LONGEST_MESSAGE: usize = 300;

/// Reads a response whose HTTP status is not 2xx.
pub(crate) fn read(status: u16, headers: &HeaderMap, body: &str) -> Failure {
    let mut failure = match serde_json::from_str::<Value>(body) {
        Ok(json) => read_error(Some(status), find_error(&json)),
        Err(_) => Failure::new(classify(Some(status), &[], ""), not_json(body)),
    };
    failure.status = Some(status);
    failure.retry_after = match failure.retry_after {
        // A daily limit is over tomorrow, whatever a header says of the minute.
        Some(wait) if wait >= hint::NEXT_DAY => Some(wait),
        told => hint::in_headers(headers).or(told),
    };
    failure.may_retry = hint::may_retry(headers);
    failure
}

/// Reads an error object. `status` is that of the HTTP response, unless it was 2xx.
pub(crate) fn read_error(status: Option<u16>, error: &Value) -> Failure {
    let status = status.or_else(|| status_in(error));
    let metadata = &error["metadata"];
    let words = words(error);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let said = error["message"].as_str().or(error.as_str()).unwrap_or("");
    let mut kind = classify(status, &words, said);
    if kind == ErrorKind::Forbidden && is_moderation(metadata) {
        kind = ErrorKind::ContentRefused;
    }
    Failure {
        status,
        retry_after: hint::in_body(error, said),
        ..Failure::new(kind, message(said, metadata, status))
    }
}

/// Every word that tells what kind of error this is, in lower case: nobody agrees on where it stands.
fn words(error: &Value) -> Vec<String> {
    let details = error["details"].as_array().into_iter().flatten();
    let own = [
        &error["code"],
        &error["type"],
        &error["error_type"],
        &error["status"],
        &error["metadata"]["error_type"],
        &error["availability"]["code"],
        &error["innererror"]["code"],
        &error["details"]["error_code"],
    ];
    own.into_iter()
        .chain(details.map(|detail| &detail["reason"]))
        .filter_map(word)
        .collect()
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
    let words = |field: &str| metadata[field].as_str().map(str::trim);
    let host = words("provider_name").filter(|host| !host.is_empty());
    let raw = words("raw").filter(|raw| !raw.is_empty() && !raw.starts_with('<'));
    let text = match (said.trim(), raw, host) {
        ("", None, _) => match status {
            Some(status) => format!("HTTP {status} without a message"),
            None => "an error without a message".to_owned(),
        },
        ("", Some(raw), Some(host)) => format!("{host}: {raw}"),
        ("", Some(raw), None) => raw.to_owned(),
        (said, Some(raw), Some(host)) => format!("{said} ({host}: {raw})"),
        (said, Some(raw), None) => format!("{said} ({raw})"),
        (said, None, Some(host)) => format!("{said} ({host})"),
        (said, None, None) => said.to_owned(),
    };
    shorten(&text)
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
                // What cannot be printed is escaped, and takes up to ten characters each.
                shorten(&format!("text that is no JSON: {beginning:?}"))
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
