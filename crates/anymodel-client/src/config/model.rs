//! Model settings: single models in the configuration file, and the strategy that chooses among them.

use std::time::Duration;

use anymodel_catalog::model::Pricing;

/// The settings of a model that the configuration file names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelSettings {
    /// The name in the file, for targets, `default_model` and `fallback_chain`.
    pub name: String,
    /// The platform of the model; `None` is the client's own.
    pub provider: Option<String>,
    /// The platform's name of the model.
    pub model: String,
    /// The base URL, when it differs from the platform's usual one: `endpoint` without `/chat/completions`.
    pub base_url: Option<String>,
    /// Its price. It overrides the catalogue's price.
    pub pricing: Option<Pricing>,
    /// How many retries it may have.
    pub max_retries: Option<u32>,
    /// The timeout of one request to it.
    pub timeout: Option<Duration>,
}

impl ModelSettings {
    /// Its target, with the platform: `deepseek:deepseek-chat`.
    pub fn target(&self) -> String {
        match &self.provider {
            Some(provider) => format!("{provider}:{}", self.model),
            None => self.model.clone(),
        }
    }
}

/// The mode of requests to OpenRouter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProviderMode {
    /// Only OpenAI's fields.
    OpenaiCompatible,
    /// With OpenRouter's own fields: fallback on the server, provider preferences, cost.
    OpenrouterOfficial,
}

/// The routing strategy: how one of several models is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RoutingStrategy {
    /// One after the other.
    RoundRobin,
    /// A random one.
    Random,
    /// The model with the fewest calls.
    LeastUsed,
    /// The model with the fastest answers so far.
    FastestFirst,
    /// The first one, until it fails.
    Failover,
}

impl ProviderMode {
    pub(super) const ALL: [(&'static str, ProviderMode); 2] = [
        ("openai_compatible", ProviderMode::OpenaiCompatible),
        ("openrouter_official", ProviderMode::OpenrouterOfficial),
    ];
}

impl RoutingStrategy {
    pub(super) const ALL: [(&'static str, RoutingStrategy); 5] = [
        ("round_robin", RoutingStrategy::RoundRobin),
        ("random", RoutingStrategy::Random),
        ("least_used", RoutingStrategy::LeastUsed),
        ("fastest_first", RoutingStrategy::FastestFirst),
        ("failover", RoutingStrategy::Failover),
    ];
}

/// The default model of a platform, when the file names only the platform.
///
/// `deepseek-chat` is the article's own choice. The others are the vendors' usual ones, as their documentation named them
/// in 2026.
#[cfg(feature = "config")]
pub(super) fn usual(provider: &str) -> Option<&'static str> {
    match provider {
        "deepseek" => Some("deepseek-chat"),
        "qwen" => Some("qwen-plus"),
        "glm" => Some("glm-4.6"),
        _ => None,
    }
}
