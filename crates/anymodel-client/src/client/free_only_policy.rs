//! Free-only policy: which models may be asked when nothing may be spent (`free_models_only`).
//!
//! A model is free when the configuration file gives it a price of 0, when the catalogue says so, or when its platform
//! runs on this machine. A model without a known price is not taken for free.

use std::sync::Arc;

use crate::call::Endpoint;
use crate::config::{OwnPrices, Settings, Source};
use anymodel_catalog::{model::catalogue, platform_spec::find};
use anymodel_providers::Platform;
use anymodel_types::{Error, ErrorKind, Result, is_simulated, words};

/// OpenRouter's own router over its free models.
const FREE_ROUTER: &str = "openrouter/free";

/// Decides which models are free.
#[derive(Debug)]
pub(super) struct FreeOnlyPolicy {
    prices: Arc<OwnPrices>,
    /// The setting that asks for it.
    source: Source,
}

/// All free models of the catalogue that answer in words, the most popular first.
pub(super) fn all() -> Vec<String> {
    let speaks = |kind: &String| kind == "text";
    catalogue()
        .models()
        .filter(|model| model.is_free() && model.output_modalities.iter().all(speaks))
        .map(|model| model.id.clone())
        .collect()
}

impl FreeOnlyPolicy {
    /// By the settings; these prices override the catalogue's.
    pub fn new(settings: &Settings, prices: Arc<OwnPrices>) -> Self {
        FreeOnlyPolicy {
            prices,
            source: settings.source("free_models_only"),
        }
    }

    /// Refuses an endpoint that costs money, or may cost it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`], with a free model to ask instead.
    pub fn check(&self, endpoint: &Endpoint) -> Result<()> {
        let model = &endpoint.candidate.model;
        let asked: Vec<&String> = match &endpoint.candidate.choice {
            Some(choice) if !choice.among.is_empty() => choice.among.iter().collect(),
            Some(_) if model != FREE_ROUTER => {
                return Err(
                    self.refused(words::requests().platform_may_choose_a_model_that_costs_money())
                );
            }
            _ => vec![model],
        };
        for model in asked {
            match self.is_free(&endpoint.platform, model) {
                Some(true) => {}
                Some(false) => return Err(self.refused(&words::requests().costs_money(&model))),
                None => {
                    let what = words::requests()
                        .nobody_knows_what_it_costs(&model, &endpoint.platform.name);
                    return Err(self.refused(&what));
                }
            }
        }
        Ok(())
    }

    /// `None` when it is not known.
    fn is_free(&self, platform: &Platform, model: &str) -> Option<bool> {
        if let Some(own) = self.prices.get(&platform.name, model) {
            return Some(own.is_zero());
        }
        if is_simulated(&platform.name) && model.starts_with("sandbox/") {
            return Some(true);
        }
        if platform.catalogue_names {
            let listed = || Some(catalogue().get(model)?.is_free());
            return match model == FREE_ROUTER || model.ends_with(":free") {
                true => Some(true),
                false => listed(),
            };
        }
        let preset = find(&platform.name)?;
        (!preset.needs_key() && preset.base_url.starts_with("http://")).then_some(true)
    }

    fn refused(&self, what: &str) -> Error {
        let instead = all();
        let instead = instead.first().map_or(FREE_ROUTER, String::as_str);
        let source = match &self.source {
            Source::Default => String::new(),
            source => format!(" ({source})"),
        };
        Error::new(
            ErrorKind::InvalidRequest,
            words::requests().only_free_models_may_be_asked(&what, &source),
        )
        .with_hint(words::requests().ask_a_free_model(&instead))
    }
}
