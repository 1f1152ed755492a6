//! Fewer models, and models in another order.

use rust_decimal::Decimal;

use super::{Capability, Model, Models};

impl Models {
    /// Those for which `test` holds.
    pub fn filter(&self, test: impl Fn(&Model) -> bool) -> Self {
        let list = self.list.iter().filter(|model| test(model)).cloned();
        self.with_list(list.collect())
    }

    /// Those that cost nothing.
    pub fn free(&self) -> Self {
        self.filter(Model::is_free)
    }

    /// Those that have a price, and it is not zero.
    pub fn paid(&self) -> Self {
        self.filter(|model| model.pricing.is_known() && !model.pricing.is_zero())
    }

    /// Those that can; called twice, those that can both.
    pub fn that_can(&self, ability: Capability) -> Self {
        self.filter(|model| model.can(ability))
    }

    /// Those that read at least so many tokens. One whose limit is not known is left out.
    pub fn with_context(&self, least: u64) -> Self {
        self.filter(|model| model.context_length.is_some_and(|has| has >= least))
    }

    /// Those of a family, such as `Claude` or `Qwen`.
    pub fn of_family(&self, family: &str) -> Self {
        self.filter(|model| model.family().eq_ignore_ascii_case(family.trim()))
    }

    /// Those that have not been retired.
    pub fn living(&self) -> Self {
        self.filter(|model| !model.is_retired(self.today()))
    }

    /// Those that have every one of these words in their name or description.
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

    /// The cheapest first, as [`Pricing::blended`](super::Pricing::blended) counts it; without a price comes last.
    pub fn cheapest_first(&self) -> Self {
        self.sorted_by_key(|model| {
            if model.pricing.is_known() {
                (false, model.pricing.blended())
            } else {
                (true, Decimal::ZERO)
            }
        })
    }

    /// The longest context first.
    pub fn longest_first(&self) -> Self {
        self.sorted_by_key(|model| std::cmp::Reverse(model.context_length))
    }

    /// At most so many, from the front.
    pub fn first(&self, n: usize) -> Self {
        self.with_list(self.list.iter().take(n).cloned().collect())
    }

    fn sorted_by_key<K: Ord>(&self, key: impl Fn(&Model) -> K) -> Self {
        let mut sorted = self.clone();
        sorted.list.sort_by_key(|model| key(model));
        sorted
    }
}
