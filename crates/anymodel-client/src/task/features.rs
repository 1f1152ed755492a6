//! Features of a question, as numbers: its runs of characters (n-grams), its words, and its shape.
//!
//! No feature knows what a word means. A run of characters becomes a number of 24 bits; what that number says about kinds
//! was learned. Each feature remembers its place in the question, so that a result can be explained in the question's own
//! words.

use super::text::{Letter, letters};
use anymodel_types::hash::{fnv32, fnv32_after};

/// The bits of a key. A model knows some twenty thousand keys, so one run of characters in a thousand is taken for another
/// one.
const BITS: u32 = 24;

/// Feature: one property that was found in a question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feature {
    /// Its key: a hash of 24 bits.
    pub key: u32,
    /// How much of it there is.
    pub value: f32,
    /// The bytes of the question that it was read from.
    pub from: usize,
    /// The end of these bytes. A feature of the whole question has none: `from` and `to` are the same.
    pub to: usize,
}

/// The weight of a family of features. Chosen by cross-validation within the training data.
const GRAMS: f32 = 1.5;
const WORDS: f32 = 1.0;
const SHAPE: f32 = 0.7;

/// The longest run of characters that is read, and the longest with a Chinese character in it.
const LONGEST: usize = 4;
const LONGEST_CHINESE: usize = 3;

/// The features of a question. Of a question of more than 300 characters the first 200 and the last 100 are read.
///
/// ```
/// let question = "用 Python 写一个函数";
/// let features = anymodel::task::features(question);
/// assert!(features.iter().any(|feature| &question[feature.from..feature.to] == "Python"));
/// ```
pub fn features(question: &str) -> Vec<Feature> {
    let letters = letters(question);
    let mut all = Vec::with_capacity(letters.len() * 5);
    family(&mut all, GRAMS, |found| grams(&letters, found));
    family(&mut all, WORDS, |found| words(&letters, found));
    family(&mut all, SHAPE, |found| {
        super::surface_features::shape(&letters, |name| found.push(whole(name)));
    });
    all
}

/// Adds the features that `find` finds; together they weigh the same for a short question as for a long one.
fn family(all: &mut Vec<Feature>, weight: f32, find: impl FnOnce(&mut Vec<Feature>)) {
    let start = all.len();
    find(all);
    let found = all.get_mut(start..).unwrap_or_default();
    let each = weight / (found.len().max(1) as f32).sqrt();
    for feature in found {
        feature.value = each;
    }
}

/// Runs of one to four characters; of one to three when a Chinese one is among them. The question's start and end count as
/// characters, so that "translate …" differs from "… translate".
fn grams(letters: &[Letter], found: &mut Vec<Feature>) {
    for start in 0..letters.len() {
        let mut hash = Hash::new('g');
        let mut chinese = false;
        for (length, letter) in letters.iter().skip(start).take(LONGEST).enumerate() {
            chinese |= letter.is_chinese();
            if chinese && length >= LONGEST_CHINESE {
                break;
            }
            hash.add(letter.shown);
            // A single Latin letter says nothing.
            if length > 0 || !letter.shown.is_ascii_alphanumeric() {
                let from = letters.get(start).map_or(letter.from, |first| first.from);
                found.push(at(&hash, from, letter.to));
            }
        }
    }
}

/// Words, and pairs of neighbours. Chinese has no spaces between words: its runs of characters serve instead.
fn words(letters: &[Letter], found: &mut Vec<Feature>) {
    let mut before: Option<(usize, &[Letter])> = None;
    for word in letters.split(|letter| !letter.is_in_word()) {
        let (Some(first), Some(last)) = (word.first(), word.last()) else {
            continue;
        };
        let mut hash = Hash::new('w');
        word.iter().for_each(|letter| hash.add(letter.shown));
        found.push(at(&hash, first.from, last.to));

        let mut pair = Hash::new('p');
        let start = before.map_or(first.from, |(from, _)| from);
        if let Some((_, before)) = before {
            before.iter().for_each(|letter| pair.add(letter.shown));
        }
        pair.add(' ');
        word.iter().for_each(|letter| pair.add(letter.shown));
        found.push(at(&pair, start, last.to));
        before = Some((first.from, word));
    }
}

fn at(hash: &Hash, from: usize, to: usize) -> Feature {
    Feature {
        key: hash.key(),
        value: 0.0,
        from,
        to,
    }
}

/// A feature of the whole question.
fn whole(name: &str) -> Feature {
    let mut hash = Hash::new('s');
    name.chars().for_each(|letter| hash.add(letter));
    at(&hash, 0, 0)
}

/// FNV-1a with a final mix, because its low bits alone are weak. The same on every machine.
struct Hash(u32);

impl Hash {
    fn new(family: char) -> Self {
        Hash(fnv32(&u32::from(family).to_le_bytes()))
    }

    fn add(&mut self, letter: char) {
        self.0 = fnv32_after(self.0, &u32::from(letter).to_le_bytes());
    }

    fn key(&self) -> u32 {
        let mut bits = self.0;
        bits = (bits ^ (bits >> 16)).wrapping_mul(0x7feb_352d);
        bits = (bits ^ (bits >> 15)).wrapping_mul(0x846c_a68b);
        bits ^= bits >> 16;
        bits >> (u32::BITS - BITS)
    }
}
