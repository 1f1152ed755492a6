//! Cache hit: how a reply was found without a request.

use crate::words;
use std::fmt;

/// Kind of cache hit: how a reply was found without a request. Stands in [`Reply::cached`](crate::Reply::cached).
///
/// It displays as a few words: `the same question`, `asked at the same moment`, `like "How do I …?"`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cached {
    /// Exact hit: the same request was answered before, the same to the last character.
    Exact,
    /// Single flight: the same request was being answered for another call at that moment.
    Coalesced,
    /// Semantic hit: a question in other words was answered before, with everything else the same.
    Semantic {
        /// The earlier question.
        question: String,
    },
}

/// The most characters of a question that are shown.
const SHOWN: usize = 60;

impl fmt::Display for Cached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cached::Exact => f.write_str(words::replies().same_question()),
            Cached::Coalesced => f.write_str(words::replies().asked_at_the_same_moment()),
            Cached::Semantic { question } => {
                let mut shown: String = question.chars().take(SHOWN).collect();
                if shown.len() < question.len() {
                    shown.push('…');
                }
                f.write_str(&words::replies().like(&format_args!("{shown:?}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_in_other_words_is_shown_and_a_long_one_is_cut() {
        let cached = |question: &str| {
            let question = question.to_owned();
            Cached::Semantic { question }.to_string()
        };
        assert_eq!(cached("How do I?"), "like \"How do I?\"");
        let long = cached(&"很".repeat(SHOWN + 1));
        assert_eq!(long, format!("like \"{}…\"", "很".repeat(SHOWN)));
    }
}
