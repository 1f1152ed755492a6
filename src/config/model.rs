//! What the configuration file says of single models, and of choosing among them.

use std::time::Duration;

use crate::model::Pricing;

/// A model with a name of its own in the configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ModelSettings {
    /// The name in the file: what a target, `default_model` and `fallback_chain` call it.
    pub name: String,
    /// The platform that serves it; `None` is the client's own.
    pub provider: Option<String>,
    /// What the platform calls it.
    pub model: String,
    /// Where its platform is asked instead of its usual address: `endpoint` without `/chat/completions`.
    pub base_url: Option<String>,
    /// What it costs. It counts before the catalogue's price.
    pub pricing: Option<Pricing>,
    /// How often it may be asked again after a failure.
    pub max_retries: Option<u32>,
    /// The time for one request to it.
    pub timeout: Option<Duration>,
}

impl ModelSettings {
    /// What a target calls it, platform and all: `deepseek:deepseek-chat`.
    pub fn target(&self) -> String {
        match &self.provider {
            Some(provider) => format!("{provider}:{}", self.model),
            None => self.model.clone(),
        }
    }
}

/// How OpenRouter is spoken with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProviderMode {
    /// OpenAI's fields alone.
    OpenaiCompatible,
    /// With OpenRouter's own fields: fallback on the server, preferences, cost.
    OpenrouterOfficial,
}

/// How one of several models is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RoutingStrategy {
    /// One after the other.
    RoundRobin,
    /// Any of them.
    Random,
    /// The one that was asked least.
    LeastUsed,
    /// The one that answered fastest so far.
    FastestFirst,
    /// The first, until it fails.
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

/// The model that a platform is asked for where the file names the platform alone.
///
/// `deepseek-chat` is the article's own choice; the others are the vendors' usual ones, as their documentation named
/// them in 2026.
#[cfg(feature = "config")]
pub(super) fn usual(provider: &str) -> Option<&'static str> {
    match provider {
        "deepseek" => Some("deepseek-chat"),
        "qwen" => Some("qwen-plus"),
        "glm" => Some("glm-4.6"),
        _ => None,
    }
}
