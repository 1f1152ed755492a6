//! Model aliases: the names that a configuration file gives to models, and the models behind them.

use super::free_only_policy;
use crate::call::EndpointLimits;
use crate::config::{ModelSettings, RoutingStrategy, Settings};
use crate::route::Router;
use crate::target::Target;
use anymodel_catalog::{
    model::catalogue,
    platform_spec::{Protocol, find},
};
use anymodel_types::{Candidate, words};

/// The models of a configuration file, and the default chain for [`Target::Default`].
#[derive(Debug)]
pub(super) struct ModelAliases {
    models: Vec<Named>,
    chain: Vec<String>,
    /// The models of the chain that cannot be asked, each with the variable that would hold the key.
    left_out: Vec<(String, String)>,
}

#[derive(Debug)]
struct Named {
    settings: ModelSettings,
    /// The platform of the model, under the name that it has in this client.
    platform: Option<String>,
    /// The model's name on the platform.
    model: String,
}

impl ModelAliases {
    /// From the settings; in the sandbox every model can be asked.
    pub fn new(settings: &Settings, in_sandbox: bool) -> Self {
        let named = |model: &ModelSettings| Named {
            platform: platform_name(model, settings)
                .filter(|name| !in_sandbox || find(name).is_some()),
            model: match in_sandbox {
                true => in_the_sandbox(model),
                false => model.model.clone(),
            },
            settings: model.clone(),
        };
        let mut all = settings.default_chain();
        if all.is_empty() && settings.free_models_only {
            all = free_only_policy::all();
        }
        let missing = |name: &String| {
            let model = settings.model_named(name)?;
            Some((name.clone(), settings.missing_key(model)?))
        };
        let mut left_out: Vec<_> = match in_sandbox {
            true => Vec::new(),
            false => all.iter().filter_map(missing).collect(),
        };
        // When no model is left, the error of the call names the missing key.
        if left_out.len() == all.len() {
            left_out.clear();
        }
        let is_left = |name: &String| !left_out.iter().any(|(out, _)| out == name);
        ModelAliases {
            models: settings.models.iter().map(named).collect(),
            chain: all.into_iter().filter(is_left).collect(),
            left_out,
        }
    }

    /// The router over the default models, where the settings ask for one.
    pub fn router(&self, settings: &Settings) -> Option<Router> {
        let strategy = settings.routing()?;
        let router = Router::new(self.chain.iter().cloned());
        (!self.chain.is_empty()).then(|| match strategy {
            RoutingStrategy::RoundRobin => router.round_robin(),
            RoutingStrategy::Random => router.random(),
            RoutingStrategy::LeastUsed => router.least_used(),
            RoutingStrategy::FastestFirst => router.fastest_first(),
            RoutingStrategy::Failover => router.failover(),
        })
    }

    /// The target with the platforms' names in place of the file's.
    pub fn resolve(&self, target: Target) -> Target {
        match target {
            Target::Default if !self.chain.is_empty() => {
                Target::Chain(self.all(self.chain.clone()))
            }
            Target::Model(name) => Target::Model(self.one(name)),
            Target::Chain(names) => Target::Chain(self.all(names)),
            Target::Among(prefer, names) => Target::Among(prefer, self.all(names)),
            Target::Router(router) => {
                Target::Chain(self.all(router.models().map(str::to_owned).collect()))
            }
            other => other,
        }
    }

    /// The limits of this endpoint, where the file sets them.
    pub fn endpoint_limits(&self, candidate: &Candidate) -> EndpointLimits {
        let of =
            |named: &&Named| named.platform == candidate.platform && named.model == candidate.model;
        let found = self.models.iter().find(of);
        found.map_or_else(EndpointLimits::default, |named| EndpointLimits {
            timeout: named.settings.timeout,
            retries: named.settings.max_retries,
        })
    }

    /// The models that the chain names and that cannot be asked, in words.
    pub fn skipped_models(&self) -> Option<String> {
        let parts: Vec<String> = self
            .left_out
            .iter()
            .map(|(name, variable)| words::platforms().left_out_because_not_set(&name, &variable))
            .collect();
        (!parts.is_empty())
            .then(|| words::platforms().left_out_of_the_fallback_chain(&parts.join(", ")))
    }

    fn all(&self, names: Vec<String>) -> Vec<String> {
        names.into_iter().map(|name| self.one(name)).collect()
    }

    fn one(&self, name: String) -> String {
        match self
            .models
            .iter()
            .find(|named| named.settings.name == name.trim())
        {
            Some(Named {
                platform: Some(platform),
                model,
                ..
            }) => format!("{platform}::{model}"),
            Some(named) => named.model.clone(),
            None => name,
        }
    }
}

/// The name under which the client asks the platform of a model: the provider's. Where the file gives one provider
/// several addresses, only the first has that name, and the others are named after their models.
pub(super) fn platform_name(model: &ModelSettings, settings: &Settings) -> Option<String> {
    let provider = model.provider.as_ref()?;
    let first = settings
        .models
        .iter()
        .find(|other| other.provider.as_ref() == Some(provider) && other.base_url.is_some());
    let is_the_first = first.is_none_or(|first| first.base_url == model.base_url);
    Some(match is_the_first || model.base_url.is_none() {
        true => provider.clone(),
        false => model.name.clone(),
    })
}

/// The sandbox has the catalogue's names, `author/model`, for each platform that speaks OpenAI's protocol.
fn in_the_sandbox(model: &ModelSettings) -> String {
    let preset = model.provider.as_deref().and_then(find);
    let is_native = preset
        .is_some_and(|preset| !matches!(preset.protocol, Protocol::OpenAi | Protocol::OpenRouter));
    if is_native || model.model.contains('/') {
        return model.model.clone();
    }
    let end = format!("/{}", model.model);
    let found = catalogue().models().find(|known| known.id.ends_with(&end));
    found.map_or_else(|| model.model.clone(), |known| known.id.clone())
}
