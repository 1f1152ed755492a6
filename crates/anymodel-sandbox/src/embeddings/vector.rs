//! Embedding vector: a random projection of the words of a text, always the same for the same text.
//!
//! Each word, and with less weight each three letters of it, has a direction of its own, and a text has the sum of their
//! directions. So texts that share words are near to each other, and a search among them works.

/// A word or a part of one: its hash and its weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Feature {
    hash: u64,
    weight: f32,
}

/// The weights of a word and of three letters of it: whole numbers, whose sums are exact.
const WHOLE: f32 = 10.0;
const PART: f32 = 3.0;

impl Feature {
    pub fn whole(bytes: &[u8]) -> Self {
        Self {
            hash: fnv(bytes),
            weight: WHOLE,
        }
    }

    fn part(text: &str) -> Self {
        Self {
            // A word of three letters is not its own part.
            hash: fnv(format!("#{text}").as_bytes()),
            weight: PART,
        }
    }
}

/// The features of a text.
pub(super) fn features(text: &str) -> Vec<Feature> {
    let lower = text.to_lowercase();
    let mut features = Vec::new();
    for word in lower.split(|c: char| !c.is_alphanumeric()) {
        if word.is_empty() {
            continue;
        }
        let letters: Vec<char> = word.chars().collect();
        if word.is_ascii() {
            features.push(Feature::whole(word.as_bytes()));
            let parts = letters
                .windows(3)
                .map(|part| part.iter().collect::<String>());
            features.extend(parts.map(|part| Feature::part(&part)));
        } else {
            // Chinese has no spaces between words: single characters and pairs stand for them.
            let single = letters.iter().map(char::to_string);
            features.extend(single.map(|letter| Feature::whole(letter.as_bytes())));
            let pairs = letters
                .windows(2)
                .map(|pair| pair.iter().collect::<String>());
            features.extend(pairs.map(|pair| Feature::whole(pair.as_bytes())));
        }
    }
    if features.is_empty() {
        features.push(Feature::whole(text.as_bytes()));
    }
    features
}

/// The vector of these features, of this length and of unit norm. A shorter one is the beginning of the longer one,
/// stretched to unit norm.
pub(super) fn unit(features: &[Feature], length: usize) -> Vec<f32> {
    let mut sums = vec![0.0_f32; length];
    for feature in features {
        let mut state = feature.hash;
        for block in sums.chunks_mut(64) {
            let signs = split_mix(&mut state);
            for (at, sum) in block.iter_mut().enumerate() {
                *sum += match signs >> at & 1 {
                    0 => feature.weight,
                    _ => -feature.weight,
                };
            }
        }
    }
    let squares = sums.iter().map(|sum| f64::from(*sum) * f64::from(*sum));
    let norm = squares.sum::<f64>().sqrt();
    if norm == 0.0 {
        // Directions that cancel each other out.
        if let Some(first) = sums.first_mut() {
            *first = 1.0;
        }
        return sums;
    }
    let unit = sums.iter().map(|sum| (f64::from(*sum) / norm) as f32);
    unit.collect()
}

/// FNV-1a.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// SplitMix64: the next of a sequence of random numbers.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
