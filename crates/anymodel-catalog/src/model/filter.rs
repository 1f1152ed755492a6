//! Filters and sort orders of model lists.

use rust_decimal::Decimal;

use super::{Capability, Model, Models};

impl Models {
    /// Models for which `test` returns true.
    pub fn filter(&self, test: impl Fn(&Model) -> bool) -> Self {
        let list = self.list.iter().filter(|model| test(model)).cloned();
        self.with_list(list.collect())
    }

    /// Models that cost nothing.
    pub fn free(&self) -> Self {
        self.filter(Model::is_free)
    }

    /// Models with a price above zero.
    pub fn paid(&self) -> Self {
        self.filter(|model| model.pricing.is_known() && !model.pricing.is_zero())
    }

    /// Models with the capability; two calls require both.
    pub fn that_can(&self, ability: Capability) -> Self {
        self.filter(|model| model.can(ability))
    }

    /// Models with at least so many tokens of context. A model without a known limit is left out.
    pub fn with_context(&self, least: u64) -> Self {
        self.filter(|model| model.context_length.is_some_and(|has| has >= least))
    }

    /// Models of a family, such as `Claude` or `Qwen`.
    pub fn of_family(&self, family: &str) -> Self {
        self.filter(|model| model.family().eq_ignore_ascii_case(family.trim()))
    }

    /// Models that are not retired.
    pub fn not_retired(&self) -> Self {
        self.filter(|model| !model.is_retired(self.today()))
    }

    /// Models with every one of these words in their name or description.
    pub fn search(&self, words: &str) -> Self {
        let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
        self.filter(|model| {
            let text = format!(
                "{} {} {} {}",
                model.id,
                model.name,
                model.family(),
                model.description
            );
            let text = text.to_lowercase();
            words.iter().all(|word| text.contains(word))
        })
    }

    /// Sorts by price, cheapest first, as [`Pricing::blended`](super::Pricing::blended) counts it; models without a price
    /// come last.
    pub fn cheapest_first(&self) -> Self {
        self.sorted_by_key(|model| {
            if model.pricing.is_known() {
                (false, model.pricing.blended())
            } else {
                (true, Decimal::ZERO)
            }
        })
    }

    /// Sorts by context length, longest first.
    pub fn largest_context_first(&self) -> Self {
        self.sorted_by_key(|model| std::cmp::Reverse(model.context_length))
    }

    /// The first `n` models.
    pub fn first(&self, n: usize) -> Self {
        self.with_list(self.list.iter().take(n).cloned().collect())
    }

    fn sorted_by_key<K: Ord>(&self, key: impl Fn(&Model) -> K) -> Self {
        let mut sorted = self.clone();
        sorted.list.sort_by_key(|model| key(model));
        sorted
    }
}
