//! Which word of one question is which of the other, and in what order they stand.

use super::gist::Word;
use super::lexicon::Lexicon;

/// Which word of one question is which of the other.
pub(super) struct Matched {
    /// For each word of the first, its partner, and how much of it is left without one, in tenths.
    pub in_a: Vec<(Option<usize>, u8)>,
    pub in_b: Vec<(Option<usize>, u8)>,
}

impl Matched {
    pub fn of(a: &[Word], b: &[Word], lexicon: &Lexicon) -> Self {
        let alone = |words: &[Word]| words.iter().map(|w| (None, w.weight)).collect();
        let mut matched = Matched {
            in_a: alone(a),
            in_b: alone(b),
        };
        matched.pair(a, b, 0, |x, y| x.key == y.key);
        // A word of the same family is nearly the same word.
        matched.pair(a, b, 2, |x, y| {
            x.root != 0 && x.root == y.root && !x.name && !lexicon.apart(x.key, y.key)
        });
        matched
    }

    fn pair(&mut self, a: &[Word], b: &[Word], left: u8, same: impl Fn(&Word, &Word) -> bool) {
        for (i, x) in a
            .iter()
            .enumerate()
            .filter(|(i, _)| self.in_a[*i].0.is_none())
            .collect::<Vec<_>>()
        {
            let partner = b
                .iter()
                .enumerate()
                .find(|(j, y)| self.in_b[*j].0.is_none() && same(x, y));
            if let Some((j, _)) = partner {
                self.in_a[i] = (Some(j), left);
                self.in_b[j] = (Some(i), left);
            }
        }
    }

    /// The weight of what has no partner.
    pub fn left(&self, words: &[Word], of: &[(Option<usize>, u8)]) -> f32 {
        words
            .iter()
            .zip(of)
            .map(|(_, (_, left))| f32::from(*left))
            .sum::<f32>()
            / 10.0
    }

    /// The words that have no partner.
    pub fn lone<'w>(
        &self,
        words: &'w [Word],
        of: &'w [(Option<usize>, u8)],
    ) -> impl Iterator<Item = Word> + use<'w> {
        words
            .iter()
            .zip(of)
            .filter(|(_, (partner, _))| partner.is_none())
            .map(|(word, _)| *word)
    }

    /// Whether three words stand the other way round, as in *accounts bound to a number* and *numbers bound to an account*. A
    /// part that only moved, as in *to read Spanish, how many words?*, turns round no more than two.
    pub fn reversed(&self) -> bool {
        let partners: Vec<usize> = self
            .in_a
            .iter()
            .filter_map(|(partner, _)| *partner)
            .collect();
        (0..partners.len()).any(|i| {
            (i + 1..partners.len()).any(|j| {
                partners[j] < partners[i] && partners[j + 1..].iter().any(|p| *p < partners[j])
            })
        })
    }

    /// Whether two numbers have changed places.
    pub fn numbers_swapped(&self, a: &[Word]) -> bool {
        let numbers: Vec<usize> = a
            .iter()
            .zip(&self.in_a)
            .filter(|(w, _)| w.number)
            .filter_map(|(_, (partner, _))| *partner)
            .collect();
        numbers.windows(2).any(|two| two[0] > two[1])
    }

    /// How many of the words in common stand in another order, as a share: all but the longest run that keeps it.
    pub fn disorder(&self) -> f32 {
        let partners: Vec<usize> = self
            .in_a
            .iter()
            .filter_map(|(partner, _)| *partner)
            .collect();
        let mut runs: Vec<usize> = Vec::with_capacity(partners.len());
        for (i, partner) in partners.iter().enumerate() {
            let before = (0..i)
                .filter(|j| partners[*j] < *partner)
                .map(|j| runs[j])
                .max();
            runs.push(before.unwrap_or(0) + 1);
        }
        let longest = runs.iter().copied().max().unwrap_or(0);
        if partners.is_empty() {
            0.0
        } else {
            1.0 - longest as f32 / partners.len() as f32
        }
    }
}
