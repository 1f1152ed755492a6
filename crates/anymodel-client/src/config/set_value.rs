//! Setting parser: validates and stores one setting, from the text of any layer.

use super::Settings;
use super::model::{ProviderMode, RoutingStrategy};
use super::source::Source;
use super::value::{self, base_url, shown};
use anymodel_types::{Error, ErrorKind, Result, words};

/// The default platform.
pub(super) const USUAL_PLATFORM: &str = "openrouter";

impl Settings {
    /// Stores a value, over those of lower layers. Error messages call it `name`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when the text is no valid value of the setting.
    pub(super) fn put(
        &mut self,
        setting: &str,
        name: &str,
        text: &str,
        source: Source,
    ) -> Result<()> {
        let number = text.parse().unwrap_or(f64::NAN);
        let wrong = |wanted: &str| not_usable(name, text, wanted, &source);
        match setting {
            "platform" => self.choose_platform(&text.to_lowercase()),
            "base_url" => self.base_url = Some(base_url(text, name)?),
            "model" => self.model = Some(text.to_owned()),
            "temperature" => {
                let given = value::temperature(number);
                self.temperature = Some(given.ok_or_else(|| wrong(value::wanted_temperature()))?);
            }
            "max_tokens" => {
                let given = value::tokens(number);
                self.max_tokens = Some(given.ok_or_else(|| wrong(value::wanted_tokens()))?);
            }
            "disable_thinking" => {
                self.disable_thinking =
                    value::flag(text).ok_or_else(|| wrong(value::wanted_flag()))?;
            }
            "timeout" => {
                let given = value::seconds(number);
                self.timeout = Some(given.ok_or_else(|| wrong(value::wanted_seconds()))?);
            }
            "deadline" => {
                let given = value::seconds(number);
                self.deadline = Some(given.ok_or_else(|| wrong(value::wanted_seconds()))?);
            }
            "max_retries" => {
                let given = value::retries(number);
                self.max_retries = Some(given.ok_or_else(|| wrong(value::wanted_retries()))?);
            }
            "sandbox_time_scale" => {
                let given = value::scale(number);
                self.sandbox_time_scale = Some(given.ok_or_else(|| wrong(value::wanted_scale()))?);
            }
            "cost_limit_per_call" => {
                let given = value::dollars(number);
                self.cost_limit_per_call =
                    Some(given.ok_or_else(|| wrong(value::wanted_dollars()))?);
            }
            "ledger" => self.ledger = Some(text.into()),
            "label" => self.label = Some(text.to_owned()),
            "free_models_only" => {
                self.free_models_only =
                    value::flag(text).ok_or_else(|| wrong(value::wanted_flag()))?;
            }
            "provider_mode" => {
                let given = value::word(text, &ProviderMode::ALL);
                self.provider_mode = Some(given.map_err(|wanted| wrong(&wanted))?);
            }
            "routing_strategy" => {
                let given = value::word(text, &RoutingStrategy::ALL);
                self.routing_strategy = Some(given.map_err(|wanted| wrong(&wanted))?);
            }
            _ => {
                return Err(Error::new(
                    ErrorKind::Config,
                    words::settings().no_setting_is_named(&name),
                )
                .with_hint(words::settings().anymodel_config_show_lists_the_settings()));
            }
        }
        self.sources.set(setting, source);
        Ok(())
    }

    /// A base URL belongs to its platform: another platform's key must not be sent there.
    fn choose_platform(&mut self, name: &str) {
        if self.platform.as_deref().unwrap_or(USUAL_PLATFORM) != name {
            self.base_url = None;
            self.sources.forget("base_url");
        }
        self.platform = Some(name.to_owned());
        self.platform_follows = false;
    }
}

fn not_usable(name: &str, text: &str, wanted: &str, source: &Source) -> Error {
    let what = words::settings().is_not_what_is_wanted(&name, &shown(text), &wanted);
    let hint = match source {
        Source::Environment(_) => words::settings().set_it_or_unset_it(&name, &wanted),
        Source::DotEnv { .. } => {
            words::settings().set_it_or_take_the_line_out(&source, &name, &wanted)
        }
        _ => words::settings().write_it_or_leave_it_out(&wanted),
    };
    Error::new(ErrorKind::Config, what).with_hint(hint)
}
