//! Sentence embeddings, offline: a MiniLM with three layers, compiled in (feature `semantic`).
//!
//! The model knows English. For English text half of the vector is the model's and half is that of [`Letters`]; for Chinese
//! text, of which the model knows single characters at best, all of it is that of `Letters`.

use std::fmt;

use pocket_encoder::Encoder;

use super::words::is_han;
use super::{Embedder, Letters, normalise};
use crate::error::Error;
use crate::failure::ErrorKind;

/// The dimensions of paraphrase-MiniLM-L3-v2.
const MODEL: usize = 384;

/// Sentence embeddings by paraphrase-MiniLM-L3-v2 in 4 bits, which is compiled in: no file, no network. One question takes
/// some milliseconds.
///
/// ```
/// use anymodel::{Embedder, MiniLm};
///
/// let embedder = MiniLm::new()?;
/// assert_eq!(embedder.embed("How do I reset my password?").len(), embedder.dimensions());
/// # Ok::<(), anymodel::Error>(())
/// ```
#[derive(Clone)]
pub struct MiniLm {
    encoder: Encoder,
}

impl MiniLm {
    /// Loads the model, once for the whole program.
    ///
    /// # Errors
    ///
    /// When the weights that were compiled in cannot be read.
    pub fn new() -> Result<Self, Error> {
        let encoder = Encoder::new().map_err(|cause| {
            Error::new(
                ErrorKind::Config,
                format!("the sentence embeddings cannot be loaded: {cause}"),
            )
            .with_hint("build the program anew, or use the built-in embedder: Cache::semantic()")
        })?;
        Ok(MiniLm { encoder })
    }
}

impl fmt::Debug for MiniLm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MiniLm").finish_non_exhaustive()
    }
}

impl Embedder for MiniLm {
    fn name(&self) -> &str {
        "minilm-l3-letters-1"
    }

    fn dimensions(&self) -> usize {
        MODEL + Letters.dimensions()
    }

    fn embed(&self, text: &str) -> Vec<f32> {
        // What the model refuses, as a text without a letter, is left to the letters.
        let meaning = match text.chars().any(is_han) {
            true => None,
            false => self
                .encoder
                .embed(&[text])
                .ok()
                .and_then(|mut vectors| vectors.pop())
                .filter(|vector| vector.len() == MODEL),
        };
        let mut vector = meaning.unwrap_or_else(|| vec![0.0; MODEL]);
        vector.extend(Letters.embed(text));
        normalise(&mut vector);
        vector
    }
}
