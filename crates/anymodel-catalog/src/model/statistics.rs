//! Statistics of a list of models.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::recommend::SOON;
use super::{Capability, Model, Models};

/// Statistics of a list of models.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Statistics {
    /// The number of models.
    pub models: usize,
    /// The number of free models.
    pub free: usize,
    /// The number of models in each family, the largest first.
    pub families: Vec<(String, usize)>,
    /// The number of models of each author, the largest first.
    pub authors: Vec<(String, usize)>,
    /// The number of models with each capability.
    pub abilities: Vec<(Capability, usize)>,
    /// The longest context, and the first model that has it.
    pub longest: Option<(String, u64)>,
    /// The median context length, in tokens.
    pub median_context: Option<u64>,
    /// US dollars for a prompt token, over all models that cost something.
    pub input: Option<Quartiles>,
    /// The same for a token of the answer.
    pub output: Option<Quartiles>,
    /// The number of retired models.
    pub retired: usize,
    /// The number of models that end within 30 days.
    pub ending: usize,
    pub(crate) provenance: String,
}

/// Price quartiles, in US dollars for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quartiles {
    /// The lowest.
    pub lowest: Decimal,
    /// A quarter costs at most this.
    pub lower: Decimal,
    /// Half costs at most this.
    pub median: Decimal,
    /// Three quarters cost at most this.
    pub upper: Decimal,
    /// The highest.
    pub highest: Decimal,
}

impl Quartiles {
    /// By rank: each value is a real price in the list. `None` without prices.
    fn of(mut prices: Vec<Decimal>) -> Option<Self> {
        prices.sort();
        let at = |quarter: usize| {
            let rank = (prices.len() * quarter).div_ceil(4).max(1);
            prices.get(rank - 1).copied()
        };
        Some(Quartiles {
            lowest: at(0)?,
            lower: at(1)?,
            median: at(2)?,
            upper: at(3)?,
            highest: at(4)?,
        })
    }
}

impl Models {
    /// The statistics of these models: counts, authors, capabilities, prices. Routers are not counted.
    ///
    /// ```
    /// let numbers = anymodel::model::Models::built_in().statistics();
    /// println!("{} models, {} of them free", numbers.models, numbers.free);
    /// assert!(numbers.free > 0 && numbers.input.unwrap().lowest > 0.into());
    /// ```
    pub fn statistics(&self) -> Statistics {
        let models: Vec<&Model> = self.iter().filter(|model| !model.is_router()).collect();
        let count =
            |test: &dyn Fn(&Model) -> bool| models.iter().filter(|model| test(model)).count();
        let prices = |price: fn(&Model) -> Decimal| {
            let paid = self.paid();
            Quartiles::of(paid.iter().map(price).collect())
        };
        let mut contexts: Vec<u64> = models
            .iter()
            .filter_map(|model| model.context_length)
            .collect();
        contexts.sort_unstable();
        let longest = contexts.last().copied();
        let left = |model: &Model| model.ends().map(|end| self.today().days_until(end));
        Statistics {
            models: models.len(),
            free: count(&Model::is_free),
            families: largest_first(models.iter().map(|model| model.family())),
            authors: largest_first(models.iter().map(|model| model.author())),
            abilities: Capability::ALL
                .map(|can| (can, count(&|model| model.can(can))))
                .to_vec(),
            longest: longest.and_then(|most| {
                let first = models
                    .iter()
                    .find(|model| model.context_length == Some(most))?;
                Some((first.id.clone(), most))
            }),
            median_context: contexts.get(contexts.len() / 2).copied(),
            input: prices(|model| model.pricing.prompt),
            output: prices(|model| model.pricing.completion),
            retired: count(&|model| model.is_retired(self.today())),
            ending: count(&|model| left(model).is_some_and(|days| (1..=SOON).contains(&days))),
            provenance: self.provenance(),
        }
    }
}

fn largest_first<'a>(names: impl Iterator<Item = &'a str>) -> Vec<(String, usize)> {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names.filter(|name| !name.is_empty()) {
        *counted.entry(name).or_default() += 1;
    }
    let mut counted: Vec<(String, usize)> = counted
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count))
        .collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted
}
