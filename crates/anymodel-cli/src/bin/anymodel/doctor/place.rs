//! Platform of the settings: its address, its key, its protocol.

use anymodel::{Auth, Protocol, Settings, platform_specs};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

/// The default platform.
const USUAL: &str = "openrouter";
/// The name of the built-in platform.
const SANDBOX: &str = "sandbox";

/// The platform that would answer.
pub enum PlatformChoice {
    /// The built-in sandbox, with the reason.
    Sandbox(String),
    /// A platform whose address is known.
    Platform(ConfiguredPlatform),
    /// An incomplete platform: its name, and what to do about it.
    Unknown(String, String),
}

/// A platform with its address and its key.
pub struct ConfiguredPlatform {
    /// `openrouter`, or the host when it is a server without a name.
    pub name: String,
    pub base_url: String,
    pub protocol: Protocol,
    pub auth: Auth,
    /// The variable of its key.
    pub key_variable: String,
    pub key: Option<SecretString>,
    /// Whether it has a custom address, and so keys of any form.
    pub is_elsewhere: bool,
}

impl ConfiguredPlatform {
    /// The platform in the settings.
    pub fn of(settings: &Settings) -> PlatformChoice {
        let name = settings.platform.as_deref().unwrap_or(USUAL);
        if name == SANDBOX {
            return PlatformChoice::Sandbox("the settings choose it".to_owned());
        }
        let preset = platform_specs().iter().find(|preset| preset.name == name);
        let key_variable = match preset {
            Some(preset) => preset.key_variables.join(" or "),
            None => format!("{}_API_KEY", name.to_uppercase().replace('-', "_")),
        };
        if settings.platform.is_none() && settings.key.is_none() && settings.base_url.is_none() {
            return PlatformChoice::Sandbox(format!("no key is set ({key_variable})"));
        }
        let Some(base_url) = settings.address(name) else {
            let hint = match preset {
                Some(preset) => {
                    let variables = preset
                        .places
                        .iter()
                        .map(|place| place.variables.join(" or "));
                    format!("set {}", variables.collect::<Vec<_>>().join(", "))
                }
                None => {
                    "`anymodel platforms` lists the platforms; any other server needs its base URL"
                        .to_owned()
                }
            };
            return PlatformChoice::Unknown(name.to_owned(), hint);
        };
        PlatformChoice::Platform(ConfiguredPlatform {
            name: name.to_owned(),
            protocol: preset.map_or(Protocol::OpenAi, |preset| preset.protocol),
            auth: preset.map_or(Auth::Bearer, |preset| preset.auth),
            is_elsewhere: preset.is_none_or(|preset| preset.base_url != base_url),
            key: settings.key.clone(),
            base_url,
            key_variable,
        })
    }

    /// Whether it is on this machine.
    pub fn is_local(&self) -> bool {
        let host = self.host();
        let host = host.trim_end_matches('.');
        ["localhost", "[::1]", "0.0.0.0", "[::]"].contains(&host) || host.starts_with("127.")
    }

    /// The host of its address.
    pub fn host(&self) -> String {
        let url = reqwest::Url::parse(&self.base_url).ok();
        url.and_then(|url| Some(url.host_str()?.to_owned()))
            .unwrap_or_default()
    }

    /// The headers that carry the key.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let Some(key) = &self.key else {
            return headers;
        };
        let key = key.expose_secret();
        let (name, value) = match self.auth {
            Auth::Header(name) => (HeaderName::from_static(name), key.to_owned()),
            _ => (AUTHORIZATION, format!("Bearer {key}")),
        };
        if let Ok(mut value) = HeaderValue::from_str(&value) {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        if self.protocol == Protocol::Anthropic {
            headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
        }
        headers
    }

    /// The URL of its list of models.
    pub fn models_url(&self) -> String {
        match self.protocol {
            Protocol::Anthropic => format!("{}/v1/models", self.base_url),
            _ => format!("{}/models", self.base_url),
        }
    }
}
