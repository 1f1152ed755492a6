//! Setting parser: validates and stores one setting, from the text of any layer.

use super::Settings;
use super::model::{ProviderMode, RoutingStrategy};
use super::source::Source;
use super::value::{self, base_url, shown};
use anymodel_types::{Error, ErrorKind, Result};

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
                self.temperature = Some(given.ok_or_else(|| wrong(value::TEMPERATURE))?);
            }
            "max_tokens" => {
                let given = value::tokens(number);
                self.max_tokens = Some(given.ok_or_else(|| wrong(value::TOKENS))?);
            }
            "disable_thinking" => {
                self.disable_thinking = value::flag(text).ok_or_else(|| wrong(value::FLAG))?;
            }
            "timeout" => {
                let given = value::seconds(number);
                self.timeout = Some(given.ok_or_else(|| wrong(value::SECONDS))?);
            }
            "deadline" => {
                let given = value::seconds(number);
                self.deadline = Some(given.ok_or_else(|| wrong(value::SECONDS))?);
            }
            "max_retries" => {
                let given = value::retries(number);
                self.max_retries = Some(given.ok_or_else(|| wrong(value::RETRIES))?);
            }
            "sandbox_time_scale" => {
                let given = value::scale(number);
                self.sandbox_time_scale = Some(given.ok_or_else(|| wrong(value::SCALE))?);
            }
            "cost_limit_per_call" => {
                let given = value::dollars(number);
                self.cost_limit_per_call = Some(given.ok_or_else(|| wrong(value::DOLLARS))?);
            }
            "ledger" => self.ledger = Some(text.into()),
            "label" => self.label = Some(text.to_owned()),
            "free_models_only" => {
                self.free_models_only = value::flag(text).ok_or_else(|| wrong(value::FLAG))?;
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
                return Err(
                    Error::new(ErrorKind::Config, format!("no setting is named {name}"))
                        .with_hint("`anymodel config show` lists the settings"),
                );
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
    let what = format!("{name} is {}, which is not {wanted}", shown(text));
    let hint = match source {
        Source::Environment(_) => {
            format!("set {name} to {wanted}, or unset it; look in `.env` too")
        }
        Source::DotEnv { .. } => format!("{source}: set {name} to {wanted}, or take the line out"),
        _ => format!("write {wanted}, or leave it out"),
    };
    Error::new(ErrorKind::Config, what).with_hint(hint)
}
