//! Configured prices: the prices in the configuration file.

use std::collections::HashMap;

use anymodel_catalog::model::Pricing;

/// Configured prices, by `platform:model`, or by the model alone when the file names no platform. They override the
/// catalogue's prices: for estimates, for budgets, and for what is free.
#[derive(Debug, Default)]
pub(crate) struct OwnPrices(HashMap<String, Pricing>);

impl OwnPrices {
    /// The price of a model on this platform. The sandbox's copy of a platform has that platform's prices.
    pub fn get(&self, platform: &str, model: &str) -> Option<&Pricing> {
        if self.0.is_empty() {
            return None;
        }
        let platform = platform.strip_prefix("sandbox:").unwrap_or(platform);
        let full = format!("{platform}:{model}");
        self.0.get(&full).or_else(|| self.0.get(model))
    }
}

impl FromIterator<(String, Pricing)> for OwnPrices {
    fn from_iter<I: IntoIterator<Item = (String, Pricing)>>(prices: I) -> Self {
        OwnPrices(prices.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anymodel_catalog::model::catalogue;

    #[test]
    fn a_price_counts_at_its_platform_and_in_the_sandboxs_part_of_it() {
        let price = &catalogue().get("openai/gpt-4o-mini").unwrap().pricing;
        let names = ["openai:gpt-99", "gpt-98"].map(|name| (name.to_owned(), price.clone()));
        let own: OwnPrices = names.into_iter().collect();
        for platform in ["openai", "sandbox:openai"] {
            assert_eq!(own.get(platform, "gpt-99"), Some(price), "{platform}");
        }
        assert_eq!(own.get("azure", "gpt-99"), None);
        assert_eq!(own.get("azure", "gpt-98"), Some(price));
    }
}
