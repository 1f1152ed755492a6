//! The normal form of a question: the same for all wordings that are known to ask the same.
//!
//! The words of a question are brought into one order and one wording, by rules and by lists (`lexicon/form_*.txt`), each of which
//! is safe in nearly any question; all else stays as it is written. So a word that no list knows counts, as do every number, name
//! and tense, and two questions whose forms are equal ask the same, as far as the rules are right. What is not known to ask the
//! same is another question: that costs hits, not wrong answers. The steps:
//!
//! 1. `text`: words, numbers, signs; nothing that tells two questions apart is lost
//! 2. what is said for politeness goes; what is asked (how, why, when, how much …) gets one name and stands first
//! 3. `rewrite`: words and phrases that say the same get one name
//! 4. phrases that may stand elsewhere are put in one place: *in Git, how …*, *a list in Python*, *the area of a circle*; `把密码修改`
//! 5. questions that are asked in several constructions get one: *what does it cost*, *what is the price of it*
//!
//! Steps 2 to 5 are `english`, `english_*` and `kinds` for English, `chinese`, `chinese_*` for Chinese.

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
