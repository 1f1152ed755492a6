//! Error classification: status, code words and text → one [`ErrorKind`].
//!
//! A code word counts for more than the status, because platforms use the same status for errors that need a wait, a
//! payment or another model. A text counts only when nothing else decides. The code words of an inner error count only when
//! the outer error has none.

use super::cause::Cause;
use super::vendor_codes::{
    TEXTS, TEXTS_WITHOUT_STATUS, TOO_LONG, TOO_MUCH_AT_ONCE, WITHOUT_STATUS, WORDS,
};
use anymodel_types::ErrorKind;

type ErrorWords = [(ErrorKind, &'static [&'static str])];

/// The class of an error; `None` when nothing in it decides.
pub(super) fn classify(status: Option<u16>, cause: &Cause) -> Option<ErrorKind> {
    let text = text(cause);
    if is_too_much_at_once(status, cause) {
        return Some(ErrorKind::RateLimited);
    }
    // An image that was not found means an invalid request, not a missing model.
    let picture = || {
        let named = cause.words.iter().any(|word| word.contains("image"));
        named.then_some(ErrorKind::InvalidRequest)
    };
    // The text counts only for a refused request: a server fault may quote any text.
    let explained = || {
        let too_long =
            matches!(status, None | Some(400 | 404 | 413 | 422)) && says(TOO_LONG, &text);
        let kind = too_long.then_some(ErrorKind::ContextTooLong);
        kind.or_else(|| told(TEXTS, &text))
            .filter(|_| status.is_none_or(|status| status < 500))
    };
    // A general status says as little as none, so the inner error counts.
    let inside = || match status {
        None | Some(400 | 422) => named(WORDS, &cause.inner_words),
        _ => None,
    };
    let without_status = || {
        named(WITHOUT_STATUS, &cause.words)
            .or_else(|| told(TEXTS_WITHOUT_STATUS, &text))
            .or_else(|| named(WITHOUT_STATUS, &cause.inner_words))
    };
    named(WORDS, &cause.words)
        .or_else(picture)
        .or_else(explained)
        .or_else(inside)
        .or_else(
            || match status.filter(|status| (300..600).contains(status)) {
                Some(status) => Some(of_status(status)),
                None => without_status(),
            },
        )
}

/// The class for a status alone.
///
/// 498 is Groq's "no capacity now" and 425 is "too early". 423 and 409 mean that another request holds a needed resource;
/// 424 and 499 mean that a service behind the server gave up.
fn of_status(status: u16) -> ErrorKind {
    match status {
        401 => ErrorKind::KeyRefused,
        402 => ErrorKind::PaymentRequired,
        403 => ErrorKind::Forbidden,
        404 | 410 => ErrorKind::ModelNotFound,
        408 | 504 | 524 | 598 => ErrorKind::Timeout,
        429 => ErrorKind::RateLimited,
        409 | 423 | 425 | 498 | 503 | 529 => ErrorKind::Overloaded,
        424 | 499 => ErrorKind::Server,
        501 => ErrorKind::InvalidRequest,
        400..=499 => ErrorKind::InvalidRequest,
        _ => ErrorKind::Server,
    }
}

/// Whether a request is larger than the tokens per minute allow (Groq: 413, OpenAI: 429). Waiting does not help.
pub(super) fn is_too_much_at_once(status: Option<u16>, cause: &Cause) -> bool {
    let text = text(cause);
    let too_large = status == Some(413) || text.contains("request too large");
    let of_the_minute = says(TOO_MUCH_AT_ONCE, &text)
        || cause.words.iter().any(|word| word == "rate_limit_exceeded");
    too_large && of_the_minute && matches!(status, None | Some(400 | 413 | 429))
}

fn text(cause: &Cause) -> String {
    let texts: Vec<&str> = cause.texts.iter().map(|(_, text)| text.as_str()).collect();
    texts.join("\n").to_lowercase()
}

fn says(parts: &[&str], text: &str) -> bool {
    parts.iter().any(|part| text.contains(part))
}

fn told(table: &ErrorWords, text: &str) -> Option<ErrorKind> {
    let row = table.iter().find(|(_, parts)| says(parts, text));
    row.map(|(kind, _)| *kind)
}

fn named(table: &ErrorWords, words: &[String]) -> Option<ErrorKind> {
    let row = table
        .iter()
        .find(|(_, known)| words.iter().any(|word| known.contains(&word.as_str())));
    row.map(|(kind, _)| *kind)
}
