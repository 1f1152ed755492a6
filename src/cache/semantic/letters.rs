//! The embedder that needs nothing: hashed words and runs of letters.
//!
//! It knows no meaning beyond the lexicon's, works for English and Chinese alike, and reads a question in a few microseconds.
//! It finds candidates; whether one of them asks the same is the guard's to say.

use super::gist::Gist;
use super::words::{Script, Words};
use super::{Embedder, Guard, mix, normalise};

/// Words, stems and runs of letters, hashed into 256 dimensions.
///
/// ```
/// use anymodel::{Embedder, Letters};
///
/// let vector = Letters.embed("How do I reset my password?");
/// assert_eq!(vector.len(), 256);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Letters;

/// How many dimensions its vectors have.
const DIMENSIONS: usize = 256;

impl Embedder for Letters {
    fn name(&self) -> &str {
        "letters-1"
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn guard(&self) -> Guard {
        Guard::letters()
    }

    fn embed(&self, text: &str) -> Vec<f32> {
        let mut vector = vec![0.0; DIMENSIONS];
        // Content words count most: their keys are the same for words that say the same.
        for word in &Gist::of(text).content {
            add(
                &mut vector,
                mix(u64::from(word.key)),
                f32::from(word.weight) / 5.0,
            );
        }
        let words = Words::of(text);
        for (at, token) in words.tokens.iter().enumerate() {
            let written = &words.text[token.start..token.end];
            match token.script {
                Script::Han => {
                    add(&mut vector, feature(written, 1), 0.5);
                    if words
                        .tokens
                        .get(at + 1)
                        .is_some_and(|next| next.script == Script::Han)
                    {
                        add(&mut vector, feature(words.slice(at, at + 1), 2), 0.5);
                    }
                }
                Script::Number => add(&mut vector, feature(written, 3), 1.5),
                _ => runs(&mut vector, written),
            }
        }
        normalise(&mut vector);
        vector
    }
}

/// All runs of three letters of a word, its edges included.
fn runs(vector: &mut [f32], word: &str) {
    let letters: Vec<char> = [' '].into_iter().chain(word.chars()).chain([' ']).collect();
    for run in letters.windows(3) {
        let one = run
            .iter()
            .fold(4_u64, |all, c| mix(all ^ u64::from(*c as u32)));
        add(vector, one, 0.25);
    }
}

fn feature(text: &str, kind: u64) -> u64 {
    mix(u64::from(super::hash(text)) ^ kind << 40)
}

/// Half of the features count down, so that those that fall together cancel out on the whole.
fn add(vector: &mut [f32], feature: u64, weight: f32) {
    let sign = if feature >> 63 == 0 { weight } else { -weight };
    let at = (feature % vector.len() as u64) as usize;
    vector[at] += sign;
}
