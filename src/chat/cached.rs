//! How a reply was found without asking anybody.

use std::fmt;

/// How a reply was found without a request of its own. Stands in [`Reply::cached`](crate::Reply::cached).
///
/// It displays as a few words: `the same question`, `asked at the same moment`, `0.97 like "How do I …?"`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Cached {
    /// The same request was answered before: the same to the last character.
    Exact,
    /// The same request was being answered for another call at that moment.
    InFlight,
    /// A question in other words was answered before, with everything else the same.
    Semantic {
        /// That question.
        question: String,
        /// How sure it is that both ask the same, 0 to 1.
        similarity: f32,
    },
}

/// So much of a question is shown.
const SHOWN: usize = 60;

impl fmt::Display for Cached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cached::Exact => f.write_str("the same question"),
            Cached::InFlight => f.write_str("asked at the same moment"),
            Cached::Semantic {
                question,
                similarity,
            } => {
                let mut shown: String = question.chars().take(SHOWN).collect();
                if shown.len() < question.len() {
                    shown.push('…');
                }
                // Rounded up to 1.00 it would read as if they were the same.
                write!(f, "{:.2} like {shown:?}", similarity.min(0.99))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_in_other_words_is_never_shown_as_the_same() {
        let cached = |similarity| Cached::Semantic {
            question: "How do I …?".to_owned(),
            similarity,
        };
        assert_eq!(cached(0.999).to_string(), "0.99 like \"How do I …?\"");
        assert_eq!(cached(0.97).to_string(), "0.97 like \"How do I …?\"");
    }
}
