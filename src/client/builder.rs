//! Everything about a client, said explicitly; and which platform that comes to.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::{Client, Inner};
use crate::call::Limits;
use crate::chat::ChatRequest;
use crate::config::{SANDBOX, Settings, check_url, clean_key};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
#[cfg(feature = "sandbox")]
use crate::platform::Dialect;
use crate::platform::{Platform, http, known, presets};
#[cfg(feature = "sandbox")]
use crate::sandbox::Sandbox;
use crate::spend::Ledger;

/// The sandbox takes any key that looks like one, as it counts the limits of free models by key.
#[cfg(feature = "sandbox")]
const SANDBOX_KEY: &str = "sk-or-v1-sandbox";

/// Everything about a client, said explicitly.
///
/// ```
/// let client = anymodel::Client::builder()
///     .platform("zenmux")
///     .key("sk-demo-0123456789abcdef")
///     .build()?;
/// assert_eq!(client.base_url(), "https://zenmux.ai/api/v1");
/// # Ok::<(), anymodel::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    settings: Settings,
    raw_key: Option<SecretString>,
    limits: Option<Limits>,
}

impl ClientBuilder {
    pub(super) fn from_settings(settings: Settings) -> Self {
        ClientBuilder {
            settings,
            ..Default::default()
        }
    }

    /// Chooses a platform by name: one of [`presets`](crate::presets), or `sandbox`. The default is `openrouter`.
    pub fn platform(mut self, name: &str) -> Self {
        self.settings.platform = Some(name.to_lowercase());
        self
    }

    /// The key. It is cleaned of what a paste may bring along, and checked by [`build`](Self::build).
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.raw_key = Some(SecretString::from(key.into()));
        self
    }

    /// Another server that speaks the same protocol. It needs no key unless the server asks for one.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.settings.base_url = Some(url.into());
        self
    }

    /// The model asked by [`Target::Default`](crate::Target::Default).
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.settings.model = Some(model.into());
        self
    }

    /// How freely models choose their words, 0 to 2, where a call says nothing else.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.settings.temperature = Some(temperature);
        self
    }

    /// The longest answer in tokens, where a call says nothing else.
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.settings.max_tokens = Some(tokens);
        self
    }

    /// The time for one HTTP request. The default is 10 s.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limits.get_or_insert_default().attempt = limit;
        self
    }

    /// The time for a whole call, waits and fallbacks included. The default is 30 s.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.limits.get_or_insert_default().call = limit;
        self
    }

    /// How often a call may ask a model again that has failed. The default is 3 in all; 0 means never.
    pub fn retries(mut self, retries: u32) -> Self {
        self.limits.get_or_insert_default().retries = retries;
        self
    }

    /// How fast the sandbox's clock runs: 1 looks real, 0 never waits. Without effect elsewhere.
    pub fn sandbox_time_scale(mut self, scale: f64) -> Self {
        self.settings.sandbox_time_scale = Some(scale);
        self
    }

    /// Connects nothing yet: the first call does.
    ///
    /// # Errors
    /// [`ErrorKind::KeyMissing`], [`ErrorKind::KeyMalformed`] or [`ErrorKind::Config`], each with what to do about it.
    pub fn build(self) -> Result<Client> {
        let ClientBuilder {
            mut settings,
            raw_key,
            limits,
        } = self;
        if let Some(key) = raw_key {
            settings.key = Some(clean_key(key.expose_secret(), "the key")?);
        }
        let defaults = ChatRequest {
            messages: Vec::new(),
            temperature: settings.temperature,
            max_tokens: settings.max_tokens,
            disable_thinking: settings.disable_thinking,
        };
        let model = settings.model.clone();
        let place = settle(settings)?;
        Ok(Client {
            inner: Arc::new(Inner {
                http: http::client(&place.platform.base_url)?,
                platform: place.platform,
                limits: limits.unwrap_or_default(),
                defaults,
                model,
                ledger: Ledger::default(),
                #[cfg(feature = "sandbox")]
                _sandbox: place.sandbox,
            }),
        })
    }
}

/// Where requests will go.
struct Place {
    platform: Platform,
    #[cfg(feature = "sandbox")]
    sandbox: Option<Sandbox>,
}

impl From<Platform> for Place {
    fn from(platform: Platform) -> Self {
        Place {
            platform,
            #[cfg(feature = "sandbox")]
            sandbox: None,
        }
    }
}

/// Turns settings into a place: a named platform, another address, or the sandbox.
fn settle(settings: Settings) -> Result<Place> {
    let name = settings.platform.as_deref();
    if name == Some(SANDBOX) {
        return sandbox(&settings);
    }
    let preset = match known(name.unwrap_or("openrouter")) {
        Some(preset) => preset,
        None => return Err(unknown_platform(name.unwrap_or_default())),
    };
    let at = |name: String, base_url: String, key| {
        Place::from(Platform {
            name,
            base_url,
            key,
            dialect: preset.dialect,
        })
    };
    if let Some(url) = &settings.base_url {
        let base_url = check_url(url, "the base URL")?;
        return Ok(at(host_of(&base_url), base_url, settings.key));
    }
    match settings.key {
        Some(key) => Ok(at(
            preset.name.to_owned(),
            preset.base_url.to_owned(),
            Some(key),
        )),
        // A platform that was named is not silently replaced by another one.
        None if name.is_some() => Err(no_key(preset.key_variable)),
        None => sandbox(&settings),
    }
}

/// A server that has no name of its own is called by its address.
fn host_of(base_url: &str) -> String {
    let address = base_url
        .split_once("://")
        .map_or(base_url, |(_, rest)| rest);
    address.split('/').next().unwrap_or(address).to_owned()
}

#[cfg(feature = "sandbox")]
fn sandbox(settings: &Settings) -> Result<Place> {
    let mut builder = Sandbox::builder();
    if let Some(scale) = settings.sandbox_time_scale {
        builder = builder.time_scale(scale);
    }
    let sandbox = builder.start().map_err(|error| {
        Error::new(
            ErrorKind::Network,
            format!("the built-in sandbox cannot start: {error}"),
        )
        .with_hint("it needs a free port on 127.0.0.1: check that loopback connections are allowed")
    })?;
    Ok(Place {
        platform: Platform {
            name: SANDBOX.to_owned(),
            base_url: sandbox.base_url().to_owned(),
            key: Some(SecretString::from(SANDBOX_KEY)),
            dialect: Dialect::OpenRouter,
        },
        sandbox: Some(sandbox),
    })
}

#[cfg(not(feature = "sandbox"))]
fn sandbox(settings: &Settings) -> Result<Place> {
    match settings.platform.as_deref() {
        Some(SANDBOX) => Err(Error::new(
            ErrorKind::Config,
            "this program was built without the sandbox",
        )
        .with_hint("build anymodel with its feature `sandbox`")),
        _ => Err(no_key("OPENROUTER_API_KEY")),
    }
}

fn no_key(variable: &str) -> Error {
    Error::new(ErrorKind::KeyMissing, format!("{variable} is not set")).with_hint(format!(
        "put the key into the environment or into a file named .env: {variable}=… ; without a key, LLM=sandbox gives \
         simulated answers"
    ))
}

fn unknown_platform(name: &str) -> Error {
    let names: Vec<&str> = presets().iter().map(|preset| preset.name).collect();
    Error::new(ErrorKind::Config, format!("no platform is named {name:?}")).with_hint(format!(
        "known are {} and sandbox; for any other server set OPENROUTER_BASE_URL",
        names.join(", ")
    ))
}
