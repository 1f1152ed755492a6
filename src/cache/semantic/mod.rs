//! Questions that mean the same.
//!
//! Closeness alone does not tell a rewording from a question that differs in one number, name or negation. So every question is
//! brought to a normal form, and only questions of one form can share an answer; the index looks them up by it. An [`Embedder`]
//! makes a vector of every question, which is one piece of the evidence; a [`Guard`] reads both questions and decides whether the
//! answer of one may be given for the other.
//!
//! - `letters`: the built-in embedder; `minilm`: sentence embeddings, feature `semantic`
//! - `words`, `numbers`, `counted`, `lexicon`, `markers`, `gist`: a question taken apart
//! - `form`: the normal form of a question, the same for all wordings known to ask the same; only equal forms are served
//! - `matched`, `compare`, `guard`, `weights`: the evidence, the decision, and what the training found
//! - `sketch`, `index`: the nearest among many, in little time and memory; `questions`: the same for anyone's use
//! - `data/`: pairs of questions to train on and to be measured by; `cargo run --release --example tune_cache` trains

mod compare;
mod counted;
mod form;
mod gist;
mod guard;
mod index;
mod letters;
mod lexicon;
mod markers;
mod matched;
#[cfg(feature = "semantic")]
mod minilm;
mod numbers;
mod questions;
mod sketch;
mod weights;
mod words;

use std::fmt;
use std::sync::Arc;

pub use compare::{EVIDENCE, Veto};
pub use guard::{Guard, Verdict, verdict};
pub(crate) use index::{EntryId, Group, Index, Reader, Reading};
pub use letters::Letters;
#[cfg(feature = "semantic")]
pub use minilm::MiniLm;
pub use questions::Questions;

/// Turns texts into vectors: texts that mean the same come to lie close together.
pub trait Embedder: Send + Sync + fmt::Debug + 'static {
    /// A name that stands in the cache's file: vectors of another embedder are not comparable.
    fn name(&self) -> &str;

    /// How many dimensions the vectors have.
    fn dimensions(&self) -> usize {
        self.embed("dimensions").len()
    }

    /// The vector of a text, of length 1.
    fn embed(&self, text: &str) -> Vec<f32>;

    /// Who decides whether a near question asks the same. Unless the guard was trained with this embedder's vectors, it goes
    /// by the words alone.
    fn guard(&self) -> Guard {
        Guard::words()
    }
}

/// The embedder that needs nothing.
pub(crate) fn built_in() -> Arc<dyn Embedder> {
    Arc::new(Letters)
}

/// A word's key: FNV-1a.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |all, byte| {
        (all ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Scatters the bits of a number: the finalizer of splitmix64.
fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

/// Brings a vector to length 1; nothing stays nothing.
fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|x| *x /= length);
    }
}
