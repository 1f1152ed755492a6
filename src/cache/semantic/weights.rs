//! What the training found.

use super::guard::Model;

pub(super) const LETTERS: [Model; 2] = [PLAIN, PLAIN];
pub(super) const WORDS: [Model; 2] = [PLAIN, PLAIN];
#[cfg(feature = "semantic")]
pub(super) const MINILM: [Model; 2] = [PLAIN, PLAIN];
const PLAIN: Model = Model {
    bias: 0.0,
    weights: [0.0; 18],
    threshold: 0.9,
};
