//! What is told of a cause: the outermost text and the innermost, made harmless, of bounded length.

use super::cause::Cause;
use anymodel_display::output::sanitize;

/// The longest text of a platform that is passed on, in characters.
pub(super) const LONGEST: usize = 2_000;
/// Of the text around the cause, where all together would be too long.
const LONGEST_AROUND: usize = 300;

/// The texts of a cause in one line: the outermost, and in parentheses what stands deeper. Without any text, the words.
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

/// The words of an error that says nothing else: `insufficient_quota`.
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
    (!told.is_empty()).then(|| clean(&format!("error {}", told.join(", "))))
}

/// A foreign text that may be shown.
pub(crate) fn clean(text: &str) -> String {
    shorten(&sanitize(text), LONGEST)
}

fn is_longer(text: &str, most: usize) -> bool {
    text.char_indices().nth(most).is_some()
}

/// At most so many characters. A long text has its cause at its beginning, or at its end as a traceback has, so both are
/// kept. The end begins with a whole word: the rest of a key could not be told from other letters.
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
