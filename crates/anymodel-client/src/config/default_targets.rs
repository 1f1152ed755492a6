//! Default targets: the models of a call without a target, the routing strategy, and the retries of each model.

use super::{RoutingStrategy, Settings, Source};

impl Settings {
    /// The models of a call without a target: the default one, then the fallback chain, then the enabled models, each once.
    pub fn default_chain(&self) -> Vec<String> {
        let mut chain: Vec<String> = Vec::new();
        let named = self.model.iter().chain(&self.fallback_chain);
        for name in named.chain(&self.enabled_models) {
            if !chain.contains(name) {
                chain.push(name.clone());
            }
        }
        chain
    }

    /// The strategy that chooses among the default models; `None` when the settings need no router. A model that was set
    /// outside the file is asked first.
    pub(crate) fn routing(&self) -> Option<RoutingStrategy> {
        let first = RoutingStrategy::Failover;
        let wants_one = self.routing_strategy.is_some()
            || !self.enabled_models.is_empty()
            || self.free_models_only;
        let is_over_the_file = matches!(
            self.source("model"),
            Source::DotEnv { .. } | Source::Environment(_) | Source::CommandLine(_)
        );
        match self.routing_strategy.filter(|_| !is_over_the_file) {
            Some(strategy) => Some(strategy),
            None => wants_one.then_some(first),
        }
    }

    /// `max_retries` from the environment or the command line overrides the values of single models in the file.
    pub(crate) fn apply_precedence(&mut self) {
        let is_over_the_file = !matches!(
            self.source("max_retries"),
            Source::Default | Source::File { .. }
        );
        if let (Some(most), true) = (self.max_retries, is_over_the_file) {
            self.cap_retries(most);
        }
    }

    /// Limits the retries of every model in the file.
    pub(crate) fn cap_retries(&mut self, most: u32) {
        for model in &mut self.models {
            model.max_retries = model.max_retries.map(|own| own.min(most));
        }
    }
}
