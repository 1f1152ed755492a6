//! Small pictures of vectors: eight bits a number for closeness, one bit each for a first look.
//!
//! The bits are the signs after a random turn, so that vectors at a small angle differ in few of them: counting the bits in
//! which two sketches differ tells the near from the far among 100,000 entries in about a millisecond.

use super::mix;

/// Words of 64 bits in a sketch.
const LENGTH: usize = 4;

/// The signs of a vector after a random turn.
pub(super) type Sketch = [u64; LENGTH];

/// In how many bits two sketches differ.
pub(super) fn differ(a: &Sketch, b: &Sketch) -> u32 {
    a.iter().zip(b).map(|(x, y)| (x ^ y).count_ones()).sum()
}

/// The sketch of a vector.
pub(super) fn sketch(vector: &[f32]) -> Sketch {
    let width = vector.len().next_power_of_two().max(64);
    let mut sketch = [0; LENGTH];
    let mut done = 0;
    for turn in 0.. {
        let mut turned: Vec<f32> = vector
            .iter()
            .copied()
            .chain(std::iter::repeat(0.0))
            .take(width)
            .collect();
        for round in 0..2 {
            let seed = mix(turn * 2 + round);
            for (at, x) in turned.iter_mut().enumerate() {
                if mix(seed ^ at as u64) & 1 == 1 {
                    *x = -*x;
                }
            }
            hadamard(&mut turned);
        }
        for x in turned {
            if done == LENGTH * 64 {
                return sketch;
            }
            sketch[done / 64] |= u64::from(x > 0.0) << (done % 64);
            done += 1;
        }
    }
    sketch
}

/// The fast Walsh-Hadamard transform: spreads every number over all places.
fn hadamard(vector: &mut [f32]) {
    let mut half = 1;
    while half < vector.len() {
        for block in vector.chunks_exact_mut(half * 2) {
            let (left, right) = block.split_at_mut(half);
            for (x, y) in left.iter_mut().zip(right) {
                (*x, *y) = (*x + *y, *x - *y);
            }
        }
        half *= 2;
    }
}

/// A vector in eight bits a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Small {
    pub numbers: Box<[i8]>,
    /// 1 / length.
    scale: f32,
}

impl Small {
    /// Rounds a vector.
    pub fn of(vector: &[f32]) -> Self {
        let most = vector
            .iter()
            .fold(0.0_f32, |most, x| most.max(x.abs()))
            .max(f32::MIN_POSITIVE);
        Small::from_numbers(
            vector
                .iter()
                .map(|x| (x / most * 127.0).round() as i8)
                .collect(),
        )
    }

    /// Takes numbers that were rounded before.
    pub fn from_numbers(numbers: Box<[i8]>) -> Self {
        let squares: i32 = numbers.iter().map(|x| i32::from(*x) * i32::from(*x)).sum();
        Small {
            scale: if squares > 0 {
                1.0 / (squares as f32).sqrt()
            } else {
                0.0
            },
            numbers,
        }
    }

    /// The cosine of the angle between two vectors.
    pub fn cosine(&self, other: &Small) -> f32 {
        let product: i32 = self
            .numbers
            .iter()
            .zip(&other.numbers)
            .map(|(x, y)| i32::from(*x) * i32::from(*y))
            .sum();
        product as f32 * self.scale * other.scale
    }
}
