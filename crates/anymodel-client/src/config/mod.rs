//! Settings: configuration file, `.env` and environment, merged by precedence into one value.
//!
//! Layers; each overrides the one before:
//!
//! 1. the defaults
//! 2. the configuration file: `ANYMODEL_CONFIG`, else `anymodel.yaml` in the current folder (feature `config`)
//! 3. the nearest `.env` file, from the current folder upwards
//! 4. the environment of the process
//! 5. the program, or the command line
//!
//! | variable | in the file | meaning |
//! |---|---|---|
//! | `LLM` | `platform` | the platform: `openrouter` (default), `zenmux`, …, or `sandbox` |
//! | `OPENROUTER_API_KEY` and its like | never | the key; without one `from_env` is an error, and `from_env_or_sandbox` asks the built-in sandbox |
//! | `OPENROUTER_BASE_URL` and its like | `base_url` | another server that speaks the same protocol |
//! | `OPENROUTER_MODEL` | `model`, `routing.default_model` | the model asked by [`Target::Default`](crate::Target::Default) |
//! | – | `routing.fallback_chain` | the models asked after that one |
//! | – | `enabled_models` | more models to choose among when a call names none |
//! | – | `routing_strategy` | how one of all these is chosen: `failover` (default), `round_robin`, `random`, `least_used`, `fastest_first` |
//! | – | `free_models_only` | `true`: a model that costs money, or may cost it, is not asked; without names, all free ones are |
//! | `TEMPERATURE` | `temperature` | 0 to 2 |
//! | `MAX_TOKENS` | `max_tokens` | the longest answer |
//! | `DISABLE_THINKING` | `disable_thinking` | `true`: reasoning models answer without thinking first |
//! | `ANYMODEL_TIMEOUT` | `timeout`, `timeout_per_model` | seconds for one request |
//! | `ANYMODEL_DEADLINE` | `deadline` | seconds for a whole call |
//! | `ANYMODEL_MAX_RETRIES` | `max_retries` | how often a call may ask a model again |
//! | `ANYMODEL_LEDGER` | `ledger` | the file that every attempt is written to (feature `ledger`) |
//! | `ANYMODEL_LABEL` | `label` | the purpose of the calls, for the ledger |
//! | – | `routing.cost_limit_per_call` | the most that a call may cost, in US dollars |
//! | `ANYMODEL_SANDBOX_TIME_SCALE` | `sandbox_time_scale` | how fast the sandbox's clock runs: 1 looks real, 0 never waits |
//!
//! The parts:
//!
//! - this file: [`Settings`], and the order of the layers
//! - [`variables`]: the environment and `.env` as one map
//! - [`environment`]: the names of the variables, and the keys of the platforms
//! - [`default_targets`]: the models of a call without a target, and their retries
//! - [`dot_env`]: parser of `.env` files, entry by entry
//! - [`credentials`]: the credentials of one platform
//! - [`set_value`]: parses and stores one setting, from any layer
//! - [`value`]: validation of a single value
//! - [`source`]: the source of each setting
//! - [`table`]: all settings as a table
//! - [`model`]: the settings of single models; [`own_prices`]: their prices
//! - `file`, `yaml_decoder`, `yaml`: the configuration file, its decoder, its YAML tree

mod credentials;
mod default_targets;
mod dot_env;
mod environment;
#[cfg(feature = "config")]
mod file;
mod model;
mod own_prices;
mod set_value;
mod source;
mod table;
mod value;
mod variables;
#[cfg(feature = "config")]
mod yaml;
#[cfg(feature = "config")]
mod yaml_decoder;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rust_decimal::Decimal;
use secrecy::SecretString;

use anymodel_catalog::{
    model::{Pricing, catalogue},
    platform_spec::find,
};
#[cfg(not(feature = "config"))]
use anymodel_types::ErrorKind;
use anymodel_types::{Error, Result, words};
use set_value::USUAL_PLATFORM;
use source::Sources;
use variables::EnvironmentVariables;

pub(crate) use credentials::PlatformCredentials;
pub use model::{ModelSettings, ProviderMode, RoutingStrategy};
pub(crate) use own_prices::OwnPrices;
pub use source::{Setting, Source};
pub(crate) use value::{base_url, check_url, clean_key};

/// The built-in platform, as `LLM` and trails name it.
pub(crate) const SANDBOX: &str = "sandbox";
/// The default timeout of one request.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);
/// The default deadline of a whole call, waits and fallbacks included.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
/// The default number of retries in a call.
pub(crate) const RETRIES: u32 = 3;

/// The name of the configuration file in a folder.
const USUAL_FILE: &str = "anymodel.yaml";
/// The variable with another path.
const FILE_VARIABLE: &str = "ANYMODEL_CONFIG";

/// The merged and validated settings of all layers.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Settings {
    /// The platform's name, in lower case.
    pub platform: Option<String>,
    /// The key of that platform. `Debug` does not show it.
    pub key: Option<SecretString>,
    /// Its base URL, when it differs from the platform's own; without a slash at its end.
    pub base_url: Option<String>,
    /// The model of a call that names none.
    pub model: Option<String>,
    /// The models asked after that one, in order.
    pub fallback_chain: Vec<String>,
    /// 0 to 2.
    pub temperature: Option<f64>,
    /// At least 1.
    pub max_tokens: Option<u32>,
    /// Whether reasoning models answer without thinking first.
    pub disable_thinking: bool,
    /// The timeout of one request.
    pub timeout: Option<Duration>,
    /// The deadline of a whole call.
    pub deadline: Option<Duration>,
    /// How many retries a call may make.
    pub max_retries: Option<u32>,
    /// The models that the configuration file names.
    pub models: Vec<ModelSettings>,
    /// The most that a call may cost, in US dollars: [`Budget::per_call`](crate::Budget::per_call).
    pub cost_limit_per_call: Option<Decimal>,
    /// The mode of requests to OpenRouter.
    pub provider_mode: Option<ProviderMode>,
    /// Whether only free models may be asked.
    pub free_models_only: bool,
    /// The routing strategy for the default models; without one the first model leads.
    pub routing_strategy: Option<RoutingStrategy>,
    /// More models for the routing strategy, after the default one and the fallback chain.
    pub enabled_models: Vec<String>,
    /// The ledger on disk, where the feature `ledger` is on.
    pub ledger: Option<PathBuf>,
    /// The purpose of the calls, for the ledger.
    pub label: Option<String>,
    /// How fast the sandbox's clock runs.
    pub sandbox_time_scale: Option<f64>,
    /// The credentials of each platform, by its name.
    pub(crate) credentials: HashMap<String, PlatformCredentials>,
    /// Whether the platform was not configured: it follows from the models of the file, or from the mode.
    pub(crate) platform_follows: bool,
    file: Option<PathBuf>,
    sources: Sources,
}

impl Settings {
    /// Reads all layers around the process: configuration file, `.env`, environment.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](anymodel_types::ErrorKind::Config) when a file cannot be read or a value is invalid,
    /// [`ErrorKind::KeyMalformed`](anymodel_types::ErrorKind::KeyMalformed) when the key is malformed. No message repeats a value
    /// that may be secret.
    pub fn from_env() -> Result<Self> {
        let variables = EnvironmentVariables::of_process(environment::is_ours)?;
        let mut settings = Settings::default();
        if let Some(path) = usual_file(&variables) {
            settings.read_file(&path)?;
        }
        settings.read_variables(&variables)?;
        Ok(settings)
    }

    /// As [`from_env`](Self::from_env), with this configuration file only.
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env); a missing file is an error too.
    #[cfg(feature = "config")]
    pub fn from_config(path: impl AsRef<Path>) -> Result<Self> {
        let mut settings = Settings::default();
        settings.read_file(path.as_ref())?;
        settings.read_variables(&EnvironmentVariables::of_process(environment::is_ours)?)?;
        Ok(settings)
    }

    /// As [`from_config`](Self::from_config), with the variables from any source.
    ///
    /// # Errors
    /// As [`from_config`](Self::from_config).
    #[cfg(feature = "config")]
    pub fn from_config_and(
        path: impl AsRef<Path>,
        get: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        let mut settings = Settings::default();
        settings.read_file(path.as_ref())?;
        settings.read_variables(&settings.look_up(get))?;
        Ok(settings)
    }

    /// Reads one file in the format of `.env`, and no other source.
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env); a missing file is an error too.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        let mut settings = Settings::default();
        settings.read_variables(&EnvironmentVariables::of_file(
            path.as_ref(),
            environment::is_ours,
        )?)?;
        Ok(settings)
    }

    /// Reads the variables from any source, and no file.
    ///
    /// ```
    /// let settings = anymodel::Settings::from_variables(|name| match name {
    ///     "TEMPERATURE" => Some("0.2".to_owned()),
    ///     _ => None,
    /// })?;
    /// assert_eq!(settings.temperature, Some(0.2));
    /// # Ok::<(), anymodel::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env).
    pub fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let mut settings = Settings::default();
        settings.read_variables(&settings.look_up(get))?;
        Ok(settings)
    }

    /// All errors in a configuration file, in the order of its lines; empty when it is valid.
    ///
    /// # Errors
    /// When it cannot be read, or is no YAML.
    #[cfg(feature = "config")]
    pub fn check(path: impl AsRef<Path>) -> Result<Vec<Error>> {
        file::apply(path.as_ref(), &mut Settings::default())
    }

    /// The path of the configuration file that [`from_env`](Self::from_env) would read.
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env), for `.env`.
    pub fn file() -> Result<Option<PathBuf>> {
        Ok(usual_file(&EnvironmentVariables::of_process(
            environment::is_ours,
        )?))
    }

    /// Sets one setting by its name in the configuration file, as the command line does; error messages name `word`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](anymodel_types::ErrorKind::Config) when there is no such setting, or the value is invalid.
    pub fn set(&mut self, setting: &str, value: &str, word: &str) -> Result<()> {
        let source = Source::CommandLine(word.to_owned());
        self.put(setting, word, value, source)?;
        match setting {
            "platform" => self.choose_credentials(),
            _ => Ok(()),
        }
    }

    /// The configuration file that was read.
    pub fn configuration_file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The base URL of a platform, when it is known: its own, unless another one is configured.
    pub fn address(&self, platform: &str) -> Option<String> {
        let chosen = self.platform.as_deref().unwrap_or(USUAL_PLATFORM);
        let own = || {
            self.models
                .iter()
                .find(|model| model.provider.as_deref() == Some(platform))
        };
        let set = self.credentials.get(platform);
        let configured = match &self.base_url {
            Some(url) if platform == chosen => Some(url.clone()),
            _ => set.and_then(|set| set.base_url().ok().flatten()),
        };
        let configured = configured.or_else(|| own()?.base_url.clone());
        let places = set.map_or(&[][..], |set| &set.places);
        match find(platform) {
            Some(preset) => preset.address(configured.as_deref(), places).ok(),
            None => configured,
        }
    }

    /// The key of a platform, when one is configured.
    pub(crate) fn key_of(&self, platform: &str) -> Result<Option<SecretString>> {
        if self.platform.as_deref() == Some(platform) && self.key.is_some() {
            return Ok(self.key.clone());
        }
        let found = self.credentials.get(platform);
        Ok(found.map(PlatformCredentials::key).transpose()?.flatten())
    }

    /// The variable for the missing key of a model in the file.
    pub(crate) fn missing_key(&self, model: &ModelSettings) -> Option<String> {
        let provider = model.provider.as_deref()?;
        // Whether a platform that only the file defines needs a key is not known.
        let preset = find(provider)?;
        let is_local = model
            .base_url
            .as_deref()
            .is_some_and(|url| url.starts_with("http://"));
        let is_fine = is_local || !preset.needs_key() || !matches!(self.key_of(provider), Ok(None));
        (!is_fine).then(|| preset.key_variables.join(" or "))
    }

    /// Whether the settings can mean only the sandbox.
    pub(crate) fn resolves_to_sandbox(&self) -> bool {
        match self.platform.as_deref() {
            Some(name) => name == SANDBOX,
            None => self.key.is_none() && self.base_url.is_none(),
        }
    }

    /// Whether a platform or an address is configured.
    pub(crate) fn says_where(&self) -> bool {
        self.base_url.is_some() || (self.platform.is_some() && !self.platform_follows)
    }

    /// The source of a setting, by its name in the configuration file: `max_tokens`, `models.qwen`.
    pub fn source(&self, setting: &str) -> Source {
        self.sources.get(setting)
    }

    /// The model of this name in the configuration file.
    pub fn model_named(&self, name: &str) -> Option<&ModelSettings> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The price of a model: from the configuration file, else from the catalogue. It is found by its name in the file, by
    /// the platform's own name, and by both: `deepseek`, `deepseek-chat`, `deepseek:deepseek-chat`.
    pub fn pricing(&self, model: &str) -> Option<&Pricing> {
        let called =
            |own: &&ModelSettings| own.name == model || own.model == model || own.target() == model;
        let in_file = self
            .models
            .iter()
            .filter(called)
            .find_map(|own| own.pricing.as_ref());
        in_file.or_else(|| Some(&catalogue().get(model)?.pricing))
    }

    /// The prices in the configuration file.
    pub(crate) fn own_prices(&self) -> OwnPrices {
        let priced = |own: &ModelSettings| Some((own.target(), own.pricing.clone()?));
        self.models.iter().filter_map(priced).collect()
    }

    #[cfg(feature = "config")]
    fn read_file(&mut self, path: &Path) -> Result<()> {
        let mut problems = file::apply(path, self)?;
        self.file = Some(path.to_owned());
        let more = problems.len().saturating_sub(1);
        if problems.is_empty() {
            return Ok(());
        }
        let first = problems.swap_remove(0);
        if more == 0 {
            return Err(first);
        }
        let hint = words::settings()
            .more_of_its_lines_cannot_be_used(&first.hint().unwrap_or_default(), &more);
        Err(first.with_hint(hint))
    }

    #[cfg(not(feature = "config"))]
    fn read_file(&mut self, path: &Path) -> Result<()> {
        let what = words::settings().cannot_be_read_by_this_program(&path.display());
        Err(Error::new(ErrorKind::Config, what)
            .with_hint(words::settings().build_anymodel_with_its_feature_config()))
    }
}

/// The path of the usual configuration file.
fn usual_file(variables: &EnvironmentVariables) -> Option<PathBuf> {
    match variables.get(FILE_VARIABLE) {
        Some((path, _)) => Some(PathBuf::from(path)),
        None => Some(PathBuf::from(USUAL_FILE)).filter(|path| path.exists()),
    }
}
