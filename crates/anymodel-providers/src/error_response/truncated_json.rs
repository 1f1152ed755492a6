//! Repair of truncated JSON: closes an error body that was cut. The cause usually stands at its beginning.

use serde_json::Value;

/// The received part of an object or a list, with its brackets closed; `None` for any other text.
pub(super) fn repair(text: &str) -> Option<Value> {
    let text = text.trim_start();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let mut open = Vec::new();
    let (mut in_text, mut escaped) = (false, false);
    // Everything before the last comma is complete.
    let mut whole = None;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ if in_text => {}
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' => _ = open.pop(),
            ',' => whole = Some((at, open.clone())),
            _ => {}
        }
    }
    let text = match escaped {
        true => &text[..text.len() - 1],
        false => text,
    };
    let quote = if in_text { "\"" } else { "" };
    let closed = |text: &str, quote: &str, open: &[char]| {
        let ends: String = open.iter().rev().collect();
        serde_json::from_str(&format!("{text}{quote}{ends}")).ok()
    };
    closed(text, quote, &open).or_else(|| {
        let (at, open) = whole?;
        closed(text.get(..at)?, "", &open)
    })
}
