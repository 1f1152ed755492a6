//! Checker of lesson 5: a model for each kind of question.

use super::Verdict;
use super::tried::tried;
use super::verdict::{Cases, failed};
use crate::{MATHEMATICIAN, MODEL, PROGRAMMER, QUESTIONS, WRITER};

/// Questions that are not in the notebook, so that a list learned by heart does not pass.
const OTHERS: [(&str, &str); 6] = [
    ("How do I reverse a list in Python?", PROGRAMMER),
    ("帮我看看这个 Rust 函数。", PROGRAMMER),
    ("Write a poem for my grandmother.", WRITER),
    ("写一封感谢信。", WRITER),
    ("Solve x² = 49.", MATHEMATICIAN),
    ("Hello!", MODEL),
];

/// Checks a function that chooses a model by the kind of question: programming, writing, mathematics, or any other.
///
/// A good list of words passes; so does [`task::classify`](anymodel_client::task::classify).
pub fn pick_model(learner: fn(&str) -> &'static str) -> Verdict {
    let mut cases = Cases::default();
    for (question, expected) in QUESTIONS.into_iter().chain(OTHERS) {
        let said = match tried(|| learner(question)) {
            Ok(said) => said,
            Err(reason) => return failed(reason),
        };
        cases.expect(said == expected, || {
            format!("{question:?} should go to {expected}, and goes to {said}")
        });
    }
    cases.verdict()
}
