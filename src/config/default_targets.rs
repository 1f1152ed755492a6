//! Whom a call asks that names nobody, how one of them is chosen, and how often each is asked again.

use super::{RoutingStrategy, Settings, Source};

impl Settings {
    /// The models that a call asks when it names none: the default one, then the fallback chain, then the enabled models,
    /// each once.
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

    /// How one of the default models is chosen, where the settings want a router at all. A model that was named outside the
    /// file is the one to ask first.
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

    /// What the environment or the command line says of retries counts more than what the file says of single models.
    pub(crate) fn obey_the_higher_layer(&mut self) {
        let is_over_the_file = !matches!(
            self.source("max_retries"),
            Source::Default | Source::File { .. }
        );
        if let (Some(most), true) = (self.max_retries, is_over_the_file) {
            self.cap_retries(most);
        }
    }

    /// No model of the file is asked again more often than this.
    pub(crate) fn cap_retries(&mut self, most: u32) {
        for model in &mut self.models {
            model.max_retries = model.max_retries.map(|own| own.min(most));
        }
    }
}
