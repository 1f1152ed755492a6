//! Finds the numbers of a question, in figures and in words.

use super::numbers;
use super::words::{Script, Words};

/// A number word.
pub(super) enum NumberWord {
    Plain(f64),
    /// Multiplies what stands before it.
    Scale(f64),
    /// A numeral that counts for nothing, as the `一` of `一个`.
    None,
}

/// The number that begins at a token, and how many tokens it has.
pub(super) fn number_at(words: &Words, at: usize) -> Option<(usize, NumberWord)> {
    let token = words.tokens[at];
    let written = words.slice(at, at);
    let numerals = |from: usize| {
        let more = words.tokens[from..].iter().enumerate();
        more.take_while(|(i, t)| {
            t.script == Script::Han
                && words
                    .slice(from + i, from + i)
                    .chars()
                    .all(numbers::is_numeral)
        })
        .count()
    };
    match token.script {
        Script::Number => {
            let value = numbers::figures(written)?;
            // `5万`, but not the `千` of `5千米`.
            let large = words
                .tokens
                .get(at + 1)
                .is_some_and(|next| ["万", "亿"].contains(&&words.text[next.start..next.end]));
            let more = if large { numerals(at + 1) } else { 0 };
            let scaled = (more > 0)
                .then(|| numbers::chinese(words.slice(at + 1, at + more), Some(value)))
                .flatten();
            Some(match scaled {
                Some(scaled) => (1 + more, NumberWord::Plain(scaled)),
                None => (1, NumberWord::Plain(value)),
            })
        }
        Script::Latin => match numbers::english(written).or_else(|| {
            written
                .starts_with(|c: char| c.is_ascii_digit())
                .then(|| numbers::figures(written))?
        }) {
            Some(value) if value >= 100.0 && written.chars().all(char::is_alphabetic) => {
                Some((1, NumberWord::Scale(value)))
            }
            value => Some((1, NumberWord::Plain(value?))),
        },
        Script::Han => match numerals(at) {
            0 => None,
            n => match (words.slice(at, at + n - 1), n) {
                ("一", 1) => Some((1, NumberWord::None)),
                (run, _) => Some((n, NumberWord::Plain(numbers::chinese(run, None)?))),
            },
        },
        Script::Sign => None,
    }
}
