//! Linear classifier: for each known feature, how much it counts for each kind, and for "hard".
//!
//! A model is a table of about twenty thousand rows, sorted by key; weights are whole numbers from -127 to 127. In a file:
//!
//! | bytes | what |
//! |---|---|
//! | 16 | `anymodel task 1` and a line feed |
//! | 4 | the number of rows |
//! | 24 | the six numbers of [`Calibration`], 32-bit floats |
//! | 3 × rows | keys, ascending |
//! | 7 × rows | weights, in the order of [`Kind::ALL`], then "hard" |
//! | 4 | FNV-1a of everything before |
//!
//! Numbers are little-endian.

use super::{Feature, Kind};
use anymodel_types::{Error, ErrorKind, Result, hash::fnv32, words};

const MAGIC: &[u8; 16] = b"anymodel task 1\n";
const KINDS: usize = Kind::ALL.len();
/// The kinds, and "hard".
const OUTPUTS: usize = KINDS + 1;
/// A file of more rows than this is not a model of ours.
const MOST: usize = 1 << 20;

/// Calibration: turns sums of weights into probabilities, and probabilities into decisions. Measured by
/// cross-validation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// The value of a weight of 1, for kinds.
    pub kind_unit: f32,
    /// The value of a weight of 1, for "hard".
    pub hard_unit: f32,
    /// Gain of the kinds: above 1 the probabilities are more decided than the sums.
    pub kind_gain: f32,
    /// The same for "hard".
    pub hard_gain: f32,
    /// Below this probability a kind is a guess.
    pub unsure_below: f32,
    /// From this probability on a question is called hard.
    pub hard_from: f32,
}

impl Default for Calibration {
    fn default() -> Self {
        Calibration {
            kind_unit: 1.0,
            hard_unit: 1.0,
            kind_gain: 1.0,
            hard_gain: 1.0,
            unsure_below: 0.5,
            hard_from: 0.5,
        }
    }
}

/// A trained classifier. [`classify`](crate::task::classify) uses the one that ships with the crate; one of your own can be
/// trained on questions of your own and read with [`Classifier::read`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Classifier {
    calibration: Calibration,
    keys: Vec<u32>,
    weights: Vec<[i8; OUTPUTS]>,
}

/// Scores: the probability of each kind, and of "hard".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// In the order of [`Kind::ALL`]; their sum is 1.
    pub kinds: [f32; KINDS],
    /// The probability that the question is hard.
    pub hard: f32,
}

impl Scores {
    /// The most likely kind, and its probability.
    pub fn best(&self) -> (Kind, f32) {
        self.ranked()[0]
    }

    /// All kinds, the most likely one first.
    pub fn ranked(&self) -> [(Kind, f32); KINDS] {
        let mut ranked = Kind::ALL.map(|kind| (kind, self.kinds[kind as usize]));
        ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        ranked
    }
}

impl Classifier {
    /// A model of these rows: a key, its weights for the kinds in the order of [`Kind::ALL`], and for "hard". The units
    /// follow from the largest weights; the rest of `calibration` is kept.
    pub fn new(rows: impl IntoIterator<Item = (u32, [f32; 7])>, calibration: Calibration) -> Self {
        let mut rows: Vec<_> = rows.into_iter().collect();
        rows.sort_by_key(|(key, _)| *key);
        rows.dedup_by_key(|(key, _)| *key);
        let largest = |outputs: std::ops::Range<usize>| {
            let weights = rows
                .iter()
                .flat_map(|(_, weights)| weights.get(outputs.clone()).unwrap_or_default());
            weights.fold(0.0_f32, |most, weight| most.max(weight.abs()))
        };
        let unit = |most: f32| if most > 0.0 { most / 127.0 } else { 1.0 };
        let calibration = Calibration {
            kind_unit: unit(largest(0..KINDS)),
            hard_unit: unit(largest(KINDS..OUTPUTS)),
            ..calibration
        };
        let mut model = Classifier {
            calibration,
            ..Classifier::default()
        };
        for (key, weights) in rows {
            let mut whole = [0_i8; OUTPUTS];
            for (output, (whole, weight)) in whole.iter_mut().zip(weights).enumerate() {
                let unit = if output < KINDS {
                    calibration.kind_unit
                } else {
                    calibration.hard_unit
                };
                *whole = (weight / unit).round() as i8; // `as` keeps within the bounds
            }
            // A row of zeros says nothing.
            if whole != [0; OUTPUTS] {
                model.keys.push(key);
                model.weights.push(whole);
            }
        }
        model
    }

    /// Its calibration.
    pub fn calibration(&self) -> Calibration {
        self.calibration
    }

    /// The same weights with another calibration; the units stay.
    pub fn calibrated(self, calibration: Calibration) -> Self {
        let Calibration {
            kind_unit,
            hard_unit,
            ..
        } = self.calibration;
        Classifier {
            calibration: Calibration {
                kind_unit,
                hard_unit,
                ..calibration
            },
            ..self
        }
    }

    /// How many features it knows.
    pub fn rows(&self) -> usize {
        self.keys.len()
    }

    /// The probability of each kind, and of "hard", for these [`features`](super::features()).
    pub fn scores(&self, features: &[Feature]) -> Scores {
        let mut sums = [0.0_f32; OUTPUTS];
        for feature in features {
            if let Some(weights) = self.weights(feature.key) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += feature.value * f32::from(*weight);
                }
            }
        }
        let [kinds @ .., hard] = sums;
        let Calibration {
            kind_unit,
            hard_unit,
            kind_gain,
            hard_gain,
            ..
        } = self.calibration;
        let most = kinds.into_iter().fold(f32::MIN, f32::max);
        let shares = kinds.map(|sum| ((sum - most) * kind_unit * kind_gain).exp());
        let whole: f32 = shares.iter().sum();
        Scores {
            kinds: shares.map(|share| share / whole),
            hard: 1.0 / (1.0 + (-hard * hard_unit * hard_gain).exp()),
        }
    }

    pub(super) fn weights(&self, key: u32) -> Option<&[i8; OUTPUTS]> {
        let row = self.keys.binary_search(&key).ok()?;
        self.weights.get(row)
    }

    /// The model as a file.
    pub fn write(&self) -> Vec<u8> {
        let Calibration {
            kind_unit,
            hard_unit,
            kind_gain,
            hard_gain,
            unsure_below,
            hard_from,
        } = self.calibration;
        let mut bytes = MAGIC.to_vec();
        bytes.extend((self.keys.len() as u32).to_le_bytes());
        for number in [
            kind_unit,
            hard_unit,
            kind_gain,
            hard_gain,
            unsure_below,
            hard_from,
        ] {
            bytes.extend(number.to_le_bytes());
        }
        for key in &self.keys {
            bytes.extend(key.to_le_bytes().iter().take(3));
        }
        for weights in &self.weights {
            bytes.extend(weights.iter().map(|weight| weight.to_le_bytes()[0]));
        }
        bytes.extend(fnv32(&bytes).to_le_bytes());
        bytes
    }

    /// Reads a model that [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when the bytes are something else, or damaged.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        parse(bytes).ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                words::tasks().these_bytes_are_no_classifier(&bytes.len()),
            )
            .with_hint(words::tasks().make_it_anew())
        })
    }
}

fn parse(bytes: &[u8]) -> Option<Classifier> {
    let (rest, sum) = bytes.split_last_chunk::<4>()?;
    if fnv32(rest) != u32::from_le_bytes(*sum) {
        return None;
    }
    let rest = rest.strip_prefix(MAGIC)?;
    let (count, mut rest) = rest.split_first_chunk::<4>()?;
    let count = u32::from_le_bytes(*count) as usize;
    if count > MOST {
        return None;
    }
    let mut numbers = [0.0_f32; 6];
    for number in &mut numbers {
        let (bytes, after) = rest.split_first_chunk::<4>()?;
        *number = f32::from_le_bytes(*bytes);
        rest = after;
        if !number.is_finite() || *number < 0.0 {
            return None;
        }
    }
    let [
        kind_unit,
        hard_unit,
        kind_gain,
        hard_gain,
        unsure_below,
        hard_from,
    ] = numbers;
    let (keys, weights) = rest.split_at_checked(3 * count)?;
    if weights.len() != OUTPUTS * count {
        return None;
    }
    let (keys, _) = keys.as_chunks::<3>();
    let keys: Vec<u32> = keys
        .iter()
        .map(|[a, b, c]| u32::from_le_bytes([*a, *b, *c, 0]))
        .collect();
    if !keys.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let (weights, _) = weights.as_chunks::<OUTPUTS>();
    Some(Classifier {
        calibration: Calibration {
            kind_unit,
            hard_unit,
            kind_gain,
            hard_gain,
            unsure_below,
            hard_from,
        },
        keys,
        weights: weights
            .iter()
            .map(|row| row.map(|byte| i8::from_le_bytes([byte])))
            .collect(),
    })
}
