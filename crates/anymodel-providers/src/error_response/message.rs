//! Error messages: the outermost and the innermost text of a cause, sanitized and shortened.

use super::cause::Cause;
use anymodel_display::output::sanitize;
use anymodel_types::words;

/// The longest text of a platform in a message, in characters.
pub(super) const LONGEST: usize = 2_000;
/// The longest outer text when the whole message would be too long.
const LONGEST_AROUND: usize = 300;

/// The texts of a cause in one line: the outermost, and the deeper ones in parentheses. Without any text, the code words.
pub(super) fn message(cause: &Cause) -> Option<String> {
    let texts = &cause.texts;
    let Some((first_depth, first)) = texts.first() else {
        return words(cause);
    };
    let mut all = first.clone();
    let (mut last_depth, mut open) = (*first_depth, false);
    for (depth, text) in texts.iter().skip(1) {
        all += match (*depth == last_depth, open) {
            (true, _) => "; ",
            (false, true) => ": ",
            (false, false) => " (",
        };
        open |= *depth != last_depth;
        last_depth = *depth;
        all += text;
    }
    if open {
        all.push(')');
    }
    let deepest = texts.iter().skip(1).max_by_key(|(depth, _)| *depth);
    if let Some((_, deepest)) = deepest.filter(|_| is_longer(&all, LONGEST)) {
        let around = shorten(first, LONGEST_AROUND);
        let deepest = shorten(deepest, LONGEST - LONGEST_AROUND - 20);
        all = format!("{around} (… {deepest})");
    }
    Some(clean(&all))
}

/// The code words of an error without any text: `insufficient_quota`.
fn words(cause: &Cause) -> Option<String> {
    let says = |word: &&String| !matches!(word.as_str(), "error" | "0" | "none" | "null");
    let words = cause.words.iter().chain(&cause.inner_words).filter(says);
    let mut told: Vec<&str> = words.map(String::as_str).collect();
    told.sort_unstable();
    told.dedup();
    let is_status = |word: &str| {
        cause
            .status
            .is_some_and(|status| status.to_string() == word)
    };
    told.retain(|word| !is_status(word));
    (!told.is_empty()).then(|| clean(&words::answers().error_codes(&told.join(", "))))
}

/// Sanitizes a foreign text for display.
pub(crate) fn clean(text: &str) -> String {
    shorten(&sanitize(text), LONGEST)
}

fn is_longer(text: &str, most: usize) -> bool {
    text.char_indices().nth(most).is_some()
}

/// Shortens a text to so many characters. The cause stands at the beginning of a long text, or at its end as in a
/// traceback, so both are kept. The end begins with a whole word: the tail of a key could not be recognised.
fn shorten(text: &str, most: usize) -> String {
    if !is_longer(text, most) {
        return text.to_owned();
    }
    let tail = most / 4;
    let at = |from: usize| {
        text.char_indices()
            .nth(from)
            .map_or(text.len(), |(at, _)| at)
    };
    let start = text.char_indices().rev().nth(tail).map_or(0, |(at, _)| at);
    let end = text[start..]
        .split_once(char::is_whitespace)
        .map(|(_, rest)| rest.trim());
    match end.filter(|end| !end.is_empty()) {
        Some(end) => format!("{} … {end}", &text[..at(most - tail - 3)]),
        None => format!("{}…", &text[..at(most - 1)]),
    }
}
