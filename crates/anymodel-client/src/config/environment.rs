//! Environment variables: their names, and the settings, keys and addresses that they set.
//!
//! The names that belong to a platform stand in its platform spec and nowhere else.

use secrecy::SecretString;

use super::model::{ModelSettings, ProviderMode};
use super::set_value::USUAL_PLATFORM;
use super::source::Source;
use super::variables::EnvironmentVariables;
use super::{FILE_VARIABLE, PlatformCredentials, SANDBOX, Settings};
use anymodel_catalog::platform_spec::{PlatformSpec, UrlVariable, find, platform_specs};
use anymodel_types::Result;

/// The platform for OpenRouter without its own fields.
const COMPATIBLE: &str = "openrouter-compatible";

/// Variables for all platforms, and their settings.
const SETTINGS: [(&str, &str); 11] = [
    ("LLM", "platform"),
    ("OPENROUTER_MODEL", "model"),
    ("TEMPERATURE", "temperature"),
    ("MAX_TOKENS", "max_tokens"),
    ("DISABLE_THINKING", "disable_thinking"),
    ("ANYMODEL_TIMEOUT", "timeout"),
    ("ANYMODEL_DEADLINE", "deadline"),
    ("ANYMODEL_MAX_RETRIES", "max_retries"),
    ("ANYMODEL_LEDGER", "ledger"),
    ("ANYMODEL_LABEL", "label"),
    ("ANYMODEL_SANDBOX_TIME_SCALE", "sandbox_time_scale"),
];

/// The names of all variables that this crate reads.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let fixed = SETTINGS.iter().map(|(name, _)| *name);
    let of_platforms = platform_specs().iter().flat_map(variables_of);
    fixed.chain([FILE_VARIABLE]).chain(of_platforms)
}

/// Whether this crate reads a variable of this name.
pub(super) fn is_ours(name: &str) -> bool {
    names().any(|ours| ours == name)
}

fn variables_of(preset: &'static PlatformSpec) -> impl Iterator<Item = &'static str> {
    let places = preset.places.iter().flat_map(|place| place.variables);
    let proofs = preset.auth.variables();
    let all = preset.key_variables.iter().chain(preset.url_variables);
    all.chain(places).chain(proofs).copied()
}

/// The variable for the key of a platform that only the configuration file defines.
pub(crate) fn own_key_variable(platform: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    platform
        .chars()
        .map(letter)
        .chain("_API_KEY".chars())
        .collect()
}

impl Settings {
    /// Applies the variables to the settings.
    pub(super) fn read_variables(&mut self, variables: &EnvironmentVariables) -> Result<()> {
        for (variable, setting) in SETTINGS {
            if let Some((text, source)) = variables.get(variable) {
                self.put(setting, variable, text, source)?;
            }
        }
        for preset in platform_specs() {
            let found = credentials(preset, variables);
            self.credentials.insert(preset.name.to_owned(), found);
        }
        for name in self.own_platforms() {
            let variable = own_key_variable(&name);
            let raw = variables
                .get(&variable)
                .map(|(raw, _)| SecretString::from(raw));
            let found = PlatformCredentials {
                key: raw.map(|raw| (variable, raw)),
                ..PlatformCredentials::default()
            };
            self.credentials.insert(name, found);
        }
        self.note_sources(variables);
        self.choose_credentials()?;
        self.follow_the_models()?;
        self.follow_the_mode()
    }

    /// The variables that this crate reads, from any source.
    pub(super) fn look_up(&self, get: impl Fn(&str) -> Option<String>) -> EnvironmentVariables {
        let own = self.own_platforms();
        let own = own.iter().map(|name| own_key_variable(name));
        EnvironmentVariables::of_lookup(get, names().map(str::to_owned).chain(own))
    }

    /// The platforms that only the configuration file defines.
    fn own_platforms(&self) -> Vec<String> {
        let providers = self
            .models
            .iter()
            .filter_map(|model| model.provider.as_ref());
        providers
            .filter(|name| find(name).is_none())
            .cloned()
            .collect()
    }

    /// Without a configured platform, and without a key for the usual one, the platform is that of the first usable model:
    /// in the default chain, or when there is none, in all models.
    fn follow_the_models(&mut self) -> Result<()> {
        if self.platform.is_some() || !self.resolves_to_sandbox() {
            return Ok(());
        }
        let chain = self.default_chain();
        let in_question: Vec<&ModelSettings> = if chain.is_empty() {
            self.models.iter().collect()
        } else {
            chain
                .iter()
                .filter_map(|name| self.model_named(name))
                .collect()
        };
        let first = in_question
            .into_iter()
            .find(|model| self.can_be_asked(model));
        if let Some(model) = first {
            let source = self.source(&format!("models.{}", model.name));
            self.platform = model.provider.clone();
            self.platform_follows = true;
            self.sources.set("platform", source);
            self.choose_credentials()?;
        }
        Ok(())
    }

    /// OpenRouter with OpenAI's fields alone is a platform of its own.
    fn follow_the_mode(&mut self) -> Result<()> {
        let is_openrouter = match self.platform.as_deref() {
            Some(name) => name == USUAL_PLATFORM,
            None => !self.resolves_to_sandbox(),
        };
        if is_openrouter && self.provider_mode == Some(ProviderMode::OpenaiCompatible) {
            self.platform_follows |= self.platform.is_none();
            self.platform = Some(COMPATIBLE.to_owned());
            self.sources
                .set("platform", self.sources.get("provider_mode"));
            self.choose_credentials()?;
        }
        Ok(())
    }

    fn can_be_asked(&self, model: &ModelSettings) -> bool {
        let Some(provider) = &model.provider else {
            return false;
        };
        let is_local = model
            .base_url
            .as_ref()
            .is_some_and(|url| url.starts_with("http://"));
        let has_key = self
            .credentials
            .get(provider)
            .is_some_and(|found| found.key.is_some());
        has_key || is_local || find(provider).is_some_and(|preset| !preset.needs_key())
    }

    /// Records the source of each key and address, by the name of its variable.
    fn note_sources(&mut self, variables: &EnvironmentVariables) {
        for found in self.credentials.values() {
            let key = found.key.iter().map(|(name, _)| name);
            let url = found.base_url.iter().map(|(name, _)| name);
            for name in key.chain(url) {
                if let Some((_, source)) = variables.get(name) {
                    self.sources.set(name, source);
                }
            }
        }
    }

    /// Sets the key and the address of the chosen platform. The sandbox needs none.
    pub(super) fn choose_credentials(&mut self) -> Result<()> {
        self.key = None;
        self.sources.forget("key");
        let name = self.platform.as_deref().unwrap_or(USUAL_PLATFORM);
        let Some(chosen) = self.credentials.get(name).filter(|_| name != SANDBOX) else {
            return Ok(());
        };
        if let (Some((variable, _)), Some(key)) = (&chosen.key, chosen.key()?) {
            let source = self.sources.get(variable);
            self.key = Some(key);
            self.sources.set("key", source);
        }
        let is_typed = matches!(self.sources.get("base_url"), Source::CommandLine(_));
        if let (Some((variable, _)), Some(url), false) =
            (&chosen.base_url, chosen.base_url()?, is_typed)
        {
            let source = self.sources.get(variable);
            self.base_url = Some(url);
            self.sources.set("base_url", source);
        }
        Ok(())
    }
}

/// The configured credentials of one platform.
fn credentials(preset: &PlatformSpec, variables: &EnvironmentVariables) -> PlatformCredentials {
    let first = |names: &[&'static str]| {
        let (name, value, _) = variables.first(names)?;
        Some((name.to_owned(), value.to_owned()))
    };
    let key = first(preset.key_variables);
    let place = |place: &UrlVariable| {
        let (_, mut value) = first(place.variables)?;
        // Azure's portal shows the endpoint with the path of the requests.
        if let Some(path) = value.find("/openai/").filter(|_| place.word == "endpoint") {
            value.truncate(path);
        }
        Some((place.word, value))
    };
    let proof = |name: &&'static str| {
        let (value, _) = variables.get(name)?;
        Some((*name, SecretString::from(value)))
    };
    PlatformCredentials {
        key: key.map(|(name, raw)| (name, SecretString::from(raw))),
        base_url: first(preset.url_variables),
        places: preset.places.iter().filter_map(place).collect(),
        proof: preset.auth.variables().iter().filter_map(proof).collect(),
    }
}
