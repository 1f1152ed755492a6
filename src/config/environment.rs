//! What the names of the environment mean: settings, and the keys and addresses of the platforms.
//!
//! The names that belong to a platform stand in its preset and nowhere else.

use super::layer::USUAL_PLATFORM;
use super::source::Source;
use super::variables::Variables;
use super::{Credentials, FILE_VARIABLE, SANDBOX, Settings, check_url, clean_key};
use crate::error::Result;
use crate::preset::{Preset, known, presets};

/// Variables that mean the same whatever the platform, and their settings.
const SETTINGS: [(&str, &str); 9] = [
    ("LLM", "platform"),
    ("OPENROUTER_MODEL", "model"),
    ("TEMPERATURE", "temperature"),
    ("MAX_TOKENS", "max_tokens"),
    ("DISABLE_THINKING", "disable_thinking"),
    ("ANYMODEL_TIMEOUT", "timeout"),
    ("ANYMODEL_DEADLINE", "deadline"),
    ("ANYMODEL_MAX_RETRIES", "max_retries"),
    ("ANYMODEL_SANDBOX_TIME_SCALE", "sandbox_time_scale"),
];

/// The names of all variables that are read here.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let fixed = SETTINGS.iter().map(|(name, _)| *name);
    let of_platforms = presets().iter().flat_map(variables_of);
    fixed.chain([FILE_VARIABLE]).chain(of_platforms)
}

/// Whether a variable of this name is read here.
pub(super) fn is_ours(name: &str) -> bool {
    names().any(|ours| ours == name)
}

fn variables_of(preset: &'static Preset) -> impl Iterator<Item = &'static str> {
    let places = preset.places.iter().flat_map(|place| place.variables);
    let all = preset.key_variables.iter().chain(preset.url_variables);
    all.chain(places).copied()
}

/// The variable that holds the key of a platform that only the configuration file knows.
pub(crate) fn own_key_variable(platform: &str) -> String {
    let letter = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_uppercase(),
        false => '_',
    };
    platform
        .chars()
        .map(letter)
        .chain("_API_KEY".chars())
        .collect()
}

impl Settings {
    /// Puts what the variables say over the settings.
    pub(super) fn read_variables(&mut self, variables: &Variables) -> Result<()> {
        for (variable, setting) in SETTINGS {
            if let Some((text, source)) = variables.get(variable) {
                self.put(setting, variable, text, source)?;
            }
        }
        for preset in presets() {
            self.read_credentials(preset, variables)?;
        }
        for name in self.own_platforms() {
            let variable = own_key_variable(&name);
            if let Some((raw, source)) = variables.get(&variable) {
                let key = Some(clean_key(raw, &variable)?);
                self.sources.set(&format!("key of {name}"), source);
                let found = Credentials {
                    key,
                    ..Default::default()
                };
                self.credentials.insert(name, found);
            }
        }
        self.choose_credentials();
        Ok(())
    }

    /// The variables from anywhere, as far as they are read here.
    pub(super) fn look_up(&self, get: impl Fn(&str) -> Option<String>) -> Variables {
        let own = self.own_platforms();
        let own = own.iter().map(|name| own_key_variable(name));
        Variables::of_lookup(get, names().map(str::to_owned).chain(own))
    }

    /// The platforms that only the configuration file knows.
    fn own_platforms(&self) -> Vec<String> {
        let providers = self
            .models
            .iter()
            .filter_map(|model| model.provider.as_ref());
        providers
            .filter(|name| known(name).is_none())
            .cloned()
            .collect()
    }

    fn read_credentials(&mut self, preset: &'static Preset, variables: &Variables) -> Result<()> {
        let mut found = Credentials::default();
        let is_chosen = self.platform.as_deref().unwrap_or(USUAL_PLATFORM) == preset.name;
        if let Some((variable, raw, source)) = variables.first(preset.key_variables) {
            match clean_key(raw, variable) {
                Ok(key) => {
                    found.key = Some(key);
                    self.sources.set(&format!("key of {}", preset.name), source);
                }
                // Only the key that would be sent has to be good.
                Err(error) if is_chosen => return Err(error),
                Err(_) => {}
            }
        }
        if let Some((variable, url, source)) = variables.first(preset.url_variables) {
            match check_url(url, variable) {
                Ok(url) => {
                    found.base_url = Some(url);
                    self.sources
                        .set(&format!("address of {}", preset.name), source);
                }
                Err(error) if is_chosen => return Err(error),
                Err(_) => {}
            }
        }
        for place in preset.places {
            if let Some((_, value, _)) = variables.first(place.variables) {
                found.places.push((place.word, value.to_owned()));
            }
        }
        if found.key.is_some() || found.base_url.is_some() || !found.places.is_empty() {
            self.credentials.insert(preset.name.to_owned(), found);
        }
        Ok(())
    }

    /// The key and the address of the chosen platform. The sandbox needs none.
    pub(super) fn choose_credentials(&mut self) {
        let name = self
            .platform
            .clone()
            .unwrap_or_else(|| USUAL_PLATFORM.to_owned());
        self.key = None;
        self.sources.forget("key");
        if name == SANDBOX {
            return;
        }
        let Some(chosen) = self.credentials.get(&name).cloned() else {
            return;
        };
        if chosen.key.is_some() {
            self.key = chosen.key;
            let source = self.sources.get(&format!("key of {name}"));
            self.sources.set("key", source);
        }
        let is_typed = matches!(self.sources.get("base_url"), Source::CommandLine(_));
        if chosen.base_url.is_some() && !is_typed {
            self.base_url = chosen.base_url;
            let source = self.sources.get(&format!("address of {name}"));
            self.sources.set("base_url", source);
        }
    }
}
