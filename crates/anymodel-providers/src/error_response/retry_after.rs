//! Retry hints: whether and when a retry makes sense, from headers and body.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::HeaderMap;
use serde_json::Value;

/// The least time until a daily limit ends, when the platform does not say it.
pub(super) const NEXT_DAY: Duration = Duration::from_secs(3600);

/// `Retry-After` in seconds or as a date, else `X-RateLimit-Reset` in milliseconds since 1970.
pub(super) fn in_headers(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let milliseconds = text("retry-after-ms")
        .and_then(|value| value.trim().parse::<f64>().ok())
        .and_then(|wait| seconds(wait / 1000.0));
    milliseconds
        .or_else(|| text("retry-after").and_then(wait))
        .or_else(|| text("x-ratelimit-reset").and_then(stamp))
}

/// The wait in the body. For a daily limit it is at least [`NEXT_DAY`].
pub(super) fn in_body(error: &Value, said: &str) -> Option<Duration> {
    let told = told_in_body(error).or_else(|| told_in_words(said));
    match is_of_the_day(error, said) {
        true => Some(told.unwrap_or(NEXT_DAY).max(NEXT_DAY)),
        false => told,
    }
}

/// Whether this is a daily limit. OpenRouter says so in its message, Google in the names of the quotas, beside a wait of
/// seconds.
fn is_of_the_day(error: &Value, said: &str) -> bool {
    let details = error["details"].as_array().into_iter().flatten();
    let mut quotas = details
        .filter_map(|detail| detail["violations"].as_array())
        .flatten()
        .filter_map(|violation| violation["quotaId"].as_str());
    said.contains("free-models-per-day") || quotas.any(|quota| quota.contains("PerDay"))
}

/// Whether the server says that a retry makes sense, or that it does not.
pub(super) fn may_retry(headers: &HeaderMap) -> Option<bool> {
    match headers.get("x-should-retry")?.to_str().ok()?.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The fields in OpenRouter's body, most exact first; then Google's.
fn told_in_body(error: &Value) -> Option<Duration> {
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
        .or_else(|| {
            let mut details = error["details"].as_array()?.iter();
            let span = details.find_map(|detail| detail["retryDelay"].as_str())?;
            seconds(span.strip_suffix('s')?.parse().ok()?)
        })
}

/// "Please try again in 1m2.5s", as OpenAI and Groq write it; Azure, Moonshot and LiteLLM say "in 32 seconds" or "after".
fn told_in_words(said: &str) -> Option<Duration> {
    let said = said.to_lowercase();
    let mut rest = [
        "try again in ",
        "try again after ",
        "retry after ",
        "retry in ",
    ]
    .iter()
    .find_map(|words| said.split_once(words))
    .map(|(_, rest)| rest)?;
    let mut sum = None;
    loop {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let digits = &rest[..rest.len() - number.len()];
        let unit = number.trim_start();
        let behind = unit.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let factor = match &unit[..unit.len() - behind.len()] {
            "ms" | "millisecond" | "milliseconds" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86_400.0,
            _ => break,
        };
        let Ok(number) = digits.parse::<f64>() else {
            break;
        };
        sum = Some(sum.unwrap_or(0.0) + number * factor);
        rest = behind.trim_start_matches([' ', ',']);
    }
    seconds(sum?)
}

/// A wait in seconds, whole or not. A negative number means now; the maximum is a day.
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

/// A date. A past one gives no wait.
fn date(text: &str) -> Option<Duration> {
    let at = httpdate::parse_http_date(text.trim()).ok()?;
    at.duration_since(SystemTime::now()).ok()
}

/// Milliseconds since 1970. A past time, or a number that counts something else, gives no wait.
fn stamp(text: &str) -> Option<Duration> {
    let at = UNIX_EPOCH.checked_add(Duration::from_millis(text.trim().parse().ok()?))?;
    at.duration_since(SystemTime::now()).ok()
}
