//! The normal form of a question: the same for all wordings that are known to ask the same.

mod chinese;
mod chinese_order;
mod chinese_settle;
mod english;
mod english_moves;
mod english_order;
mod english_polite;
mod english_verbs;
mod english_words;
mod kinds;
mod rewrite;
mod text;

use super::mix;
use super::words::is_han;

/// The normal form as one number; 0 for a text without a word.
pub(super) fn seal(question: &str) -> u64 {
    let form = form(question);
    let bytes = form
        .bytes()
        .fold(0_u64, |all, byte| mix(all ^ u64::from(byte)));
    if form.is_empty() { 0 } else { bytes.max(1) }
}

/// The normal form of a question, as text.
pub fn form(text: &str) -> String {
    if text.chars().any(is_han) {
        return chinese::form(text);
    }
    english::form(text)
}
