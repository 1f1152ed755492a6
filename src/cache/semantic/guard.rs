//! Decides whether the answer of one question may be given for another.
//!
//! Only questions of one normal form can share an answer (`form`): another word, number, name, negation, direction, unit or tense
//! makes another form. Where the forms differ, the vetoes say why. Then a logistic model over the evidence, one for each
//! language, says how likely it is that both ask the same; it may refuse what the forms permit, never the other way round.
//! Weights and thresholds come from `cargo run --release --example tune_cache` (`weights.rs`). The guard refuses when in doubt:
//! most rewordings are asked again, so that wrong answers stay rare. `data/README.md` says how rare, measured on questions that
//! it was not made from.

use super::Embedder;
use super::compare::{EVIDENCE, Veto, compare};
use super::gist::Gist;
use super::weights;

/// Decides whether two questions ask the same.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    pub(super) english: &'static Model,
    pub(super) chinese: &'static Model,
}

/// A trained model: how much each piece of [`EVIDENCE`] speaks for the same answer.
#[derive(Debug)]
pub(super) struct Model {
    pub bias: f32,
    pub weights: [f32; EVIDENCE.len()],
    /// From this likelihood on an answer is served.
    pub threshold: f32,
}

/// What the guard says of two questions.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// How likely both deserve the same answer, from 0 to 1; 0 when forbidden.
    pub likelihood: f32,
    /// What forbids it.
    pub veto: Option<Veto>,
    /// The evidence, in the order of [`EVIDENCE`]; all 0 when forbidden.
    pub evidence: [f32; EVIDENCE.len()],
    threshold: f32,
}

impl Verdict {
    /// Whether the answer of one may be served for the other.
    pub fn serves(&self) -> bool {
        self.serves_from(self.threshold)
    }

    /// Whether it may be served at another threshold.
    pub fn serves_from(&self, threshold: f32) -> bool {
        self.veto.is_none() && self.likelihood >= threshold
    }
}

impl Guard {
    /// The guard for the vectors of [`Letters`](super::Letters).
    pub fn letters() -> Self {
        Guard {
            english: &weights::LETTERS[0],
            chinese: &weights::LETTERS[1],
        }
    }

    /// The guard that goes by the words alone, for vectors that it was not trained with.
    pub fn words() -> Self {
        Guard {
            english: &weights::WORDS[0],
            chinese: &weights::WORDS[1],
        }
    }

    /// Compares two questions, given how close their vectors are.
    pub(crate) fn compare(&self, a: &Gist, b: &Gist, cosine: f32) -> Verdict {
        let model = if a.han { self.chinese } else { self.english };
        let (veto, evidence) = compare(a, b, cosine);
        let sum: f32 = evidence
            .iter()
            .zip(model.weights)
            .map(|(value, weight)| value * weight)
            .sum();
        let likelihood = match veto {
            None | Some(Veto::Content | Veto::Frame) => 1.0 / (1.0 + (-(model.bias + sum)).exp()),
            Some(_) => 0.0,
        };
        Verdict {
            likelihood,
            veto,
            evidence,
            threshold: model.threshold,
        }
    }
}

/// What the guard says of two questions, with an embedder's vectors: to see why a question was answered from the cache, and
/// why another was not.
///
/// ```
/// use anymodel::{Letters, Veto, verdict};
///
/// let far = verdict(&Letters, "Convert 5 km to miles", "Convert 8 km to miles");
/// assert_eq!(far.veto, Some(Veto::Number));
/// ```
pub fn verdict(embedder: &dyn Embedder, a: &str, b: &str) -> Verdict {
    let cosine = embedder
        .embed(a)
        .iter()
        .zip(embedder.embed(b))
        .map(|(x, y)| x * y)
        .sum();
    embedder.guard().compare(&Gist::of(a), &Gist::of(b), cosine)
}
