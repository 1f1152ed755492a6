//! Settings table: all settings for display, each with its value and its source.

use std::time::Duration;

use rust_decimal::Decimal;
use secrecy::ExposeSecret;

use super::model::{ModelSettings, ProviderMode, RoutingStrategy};
use super::set_value::USUAL_PLATFORM;
use super::source::Setting;
use super::{SANDBOX, Settings};
use anymodel_catalog::model::Pricing;
use anymodel_types::{usd, words};

impl Settings {
    /// Every setting with its value and its source. For secrets only the length is shown.
    pub fn table(&self) -> Vec<Setting> {
        let mut rows = vec![
            self.row("platform", Some(self.platform_in_words())),
            self.row(
                "key",
                self.key.as_ref().map(|key| masked(key.expose_secret())),
            ),
            self.row("base_url", self.base_url.clone()),
            self.row("model", self.model.clone()),
            self.row("fallback_chain", list(&self.fallback_chain, " → ")),
            self.row("temperature", self.temperature.map(|t| t.to_string())),
            self.row("max_tokens", self.max_tokens.map(|n| n.to_string())),
            self.row("disable_thinking", Some(self.disable_thinking.to_string())),
            self.row("timeout", Some(self.timeout_in_words())),
            self.row("deadline", Some(self.deadline_in_words())),
            self.row(
                "max_retries",
                Some(self.max_retries.unwrap_or(super::RETRIES).to_string()),
            ),
            self.row("cost_limit_per_call", self.cost_limit_per_call.map(usd)),
            self.row(
                "provider_mode",
                self.provider_mode
                    .map(|mode| word(mode, &ProviderMode::ALL)),
            ),
            self.row("free_models_only", Some(self.free_models_only.to_string())),
            self.row(
                "routing_strategy",
                self.routing_strategy
                    .map(|strategy| word(strategy, &RoutingStrategy::ALL)),
            ),
            self.row("enabled_models", list(&self.enabled_models, ", ")),
            self.row(
                "ledger",
                self.ledger.as_ref().map(|path| path.display().to_string()),
            ),
            self.row("label", self.label.clone()),
            self.row(
                "sandbox_time_scale",
                Some(self.sandbox_time_scale.unwrap_or(1.0).to_string()),
            ),
        ];
        rows.extend(
            self.models
                .iter()
                .map(|model| self.row(&format!("models.{}", model.name), Some(in_words(model)))),
        );
        rows.extend(self.other_keys());
        rows
    }

    fn row(&self, name: &str, value: Option<String>) -> Setting {
        Setting {
            source: self.sources.get(name),
            is_used: name != "ledger" || cfg!(feature = "ledger"),
            name: name.to_owned(),
            value,
        }
    }

    fn platform_in_words(&self) -> String {
        match (&self.platform, &self.key, &self.base_url) {
            (Some(name), _, _) => name.clone(),
            (None, None, None) => words::settings().no_key_is_set(&SANDBOX),
            (None, _, _) => USUAL_PLATFORM.to_owned(),
        }
    }

    fn timeout_in_words(&self) -> String {
        match self.timeout {
            Some(timeout) => seconds(timeout),
            None => words::settings().timeout_or_more(&seconds(super::TIMEOUT)),
        }
    }

    fn deadline_in_words(&self) -> String {
        match self.deadline {
            Some(deadline) => seconds(deadline),
            None => words::settings().deadline_or_three_timeouts(&seconds(super::DEADLINE)),
        }
    }

    /// Keys of other platforms: a target may name these platforms.
    fn other_keys(&self) -> Vec<Setting> {
        let chosen = self.platform.as_deref().unwrap_or(USUAL_PLATFORM);
        let mut names: Vec<&String> = self
            .credentials
            .keys()
            .filter(|name| *name != chosen)
            .collect();
        names.sort();
        let row = |name: &String| {
            let (variable, raw) = self.credentials.get(name)?.key.as_ref()?;
            Some(Setting {
                name: words::settings().key_of(&name),
                value: Some(masked(raw.expose_secret())),
                source: self.sources.get(variable),
                is_used: true,
            })
        };
        names.into_iter().filter_map(row).collect()
    }
}

/// A masked secret: only its length is shown.
fn masked(secret: &str) -> String {
    words::settings().set_characters(&secret.chars().count())
}

fn list(names: &[String], between: &str) -> Option<String> {
    (!names.is_empty()).then(|| names.join(between))
}

fn seconds(span: Duration) -> String {
    format!("{} s", span.as_secs_f64())
}

fn word<T: Copy + PartialEq>(meaning: T, words: &[(&str, T)]) -> String {
    let found = words.iter().find(|(_, other)| *other == meaning);
    found.map_or_else(String::new, |(word, _)| (*word).to_owned())
}

fn in_words(model: &ModelSettings) -> String {
    let mut words = vec![model.target()];
    words.extend(
        model
            .base_url
            .as_ref()
            .map(|url| words::settings().at_url(&url)),
    );
    words.extend(model.pricing.as_ref().map(price));
    words.extend(
        model
            .timeout
            .map(|span| words::settings().timeout(&seconds(span))),
    );
    words.extend(model.max_retries.map(|n| words::settings().max_retries(&n)));
    words.join(", ")
}

fn price(pricing: &Pricing) -> String {
    let million = |price: Decimal| usd(price * Decimal::from(1_000_000));
    words::settings()
        .price_per_million_tokens(&million(pricing.prompt), &million(pricing.completion))
}
