//! Platform registry: at which address and with which key a platform is asked. The client's own platform, those of the
//! configuration file, and those that a target names.
//!
//! - [`sandbox`](mod@sandbox): the built-in sandbox in place of a platform

mod sandbox;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::model_aliases::platform_name;
use crate::config::{PlatformCredentials, SANDBOX, Settings, base_url};
use crate::target::NameResolver;
use anymodel_catalog::model::nearest;
use anymodel_catalog::platform_spec::{PlatformSpec, find, platform_specs};
use anymodel_providers::{Platform, PlatformConfig, connect};
#[cfg(feature = "sandbox")]
use anymodel_sandbox::Sandbox;
use anymodel_types::{Error, ErrorKind, Result, words};
use sandbox::sandbox;
#[cfg(feature = "sandbox")]
use sandbox::sandbox_platform;

/// The client's own platform.
pub(super) struct DefaultPlatform {
    platform: Arc<Platform>,
    /// Kept alive for as long as it may be asked.
    #[cfg(feature = "sandbox")]
    sandbox: Option<Sandbox>,
}

impl From<Arc<Platform>> for DefaultPlatform {
    fn from(platform: Arc<Platform>) -> Self {
        DefaultPlatform {
            platform,
            #[cfg(feature = "sandbox")]
            sandbox: None,
        }
    }
}

impl DefaultPlatform {
    /// Whether answers are simulated.
    pub fn is_sandbox(&self) -> bool {
        self.platform.name == SANDBOX
    }

    /// Turns settings into a platform: a named one, another address, or the sandbox.
    pub fn from_settings(
        settings: &Settings,
        custom: &[Arc<Platform>],
        or_sandbox: bool,
    ) -> Result<Self> {
        let name = settings.platform.as_deref();
        if name == Some(SANDBOX) {
            return sandbox(settings);
        }
        // An address that was set explicitly overrides the one in the file.
        let at_home = |one: &&Arc<Platform>| name == Some(one.name.as_str());
        if let (Some(platform), None) = (custom.iter().find(at_home), &settings.base_url) {
            return Ok(Arc::clone(platform).into());
        }
        let preset = match find(name.unwrap_or("openrouter")) {
            Some(preset) => preset,
            None => return Err(unknown_platform(name.unwrap_or_default(), custom)),
        };
        let mut to = destination(settings.credentials.get(preset.name), None)?;
        if let Some(key) = &settings.key {
            to.key = Some(key.clone());
        }
        if let Some(url) = &settings.base_url {
            let base_url = base_url(url, words::platforms().the_base_url())?;
            // A platform with another address keeps its name, prices and capabilities.
            to.name = name.is_none().then(|| host_of(&base_url));
            to.base_url = Some(base_url);
        } else if to.key.is_none() && preset.needs_key() {
            // A platform that was named is never replaced by another one, and simulated answers must be asked for.
            return if or_sandbox && name.is_none() {
                sandbox(settings)
            } else {
                Err(no_key(preset))
            };
        }
        Ok(Arc::new(connect(preset, to)?).into())
    }
}

/// How to connect to a platform: with all that the environment says of it, at this address if one is given.
fn destination(
    found: Option<&PlatformCredentials>,
    address: Option<&str>,
) -> Result<PlatformConfig> {
    let Some(found) = found else {
        return Ok(PlatformConfig {
            base_url: address.map(str::to_owned),
            ..PlatformConfig::default()
        });
    };
    Ok(PlatformConfig {
        name: None,
        base_url: match address {
            Some(url) => Some(url.to_owned()),
            None => found.base_url()?,
        },
        key: found.key()?,
        places: found.places.clone(),
        proof: found.proof.clone(),
    })
}

/// The platforms to which the configuration file gives an address, as far as they can be asked.
///
/// # Errors
/// [`ErrorKind::KeyMalformed`], when a key cannot be one.
pub(super) fn in_file(settings: &Settings) -> Result<Vec<Arc<Platform>>> {
    let mut made: Vec<Arc<Platform>> = Vec::new();
    for model in &settings.models {
        let (Some(provider), Some(url)) = (&model.provider, &model.base_url) else {
            continue;
        };
        let Some(name) = platform_name(model, settings) else {
            continue;
        };
        let is_made = made.iter().any(|platform| platform.name == name);
        // A platform that only the file knows is taken to speak OpenAI's protocol, as most do.
        let preset = find(provider).or_else(|| find("openai"));
        let (Some(preset), false) = (preset, is_made || settings.missing_key(model).is_some())
        else {
            continue;
        };
        let mut to = destination(settings.credentials.get(provider), Some(url))?;
        to.name = Some(name);
        to.key = settings.key_of(provider)?;
        let mut platform = connect(preset, to)?;
        if find(provider).is_none() {
            platform.key_variables = &[];
        }
        made.push(Arc::new(platform));
    }
    Ok(made)
}

/// The name of a server without a platform's name: its address.
fn host_of(base_url: &str) -> String {
    let address = base_url
        .split_once("://")
        .map_or(base_url, |(_, rest)| rest);
    address.split('/').next().unwrap_or(address).to_owned()
}

/// All platforms that a client may ask.
pub(super) struct PlatformRegistry {
    home: DefaultPlatform,
    custom: Vec<Arc<Platform>>,
    credentials: HashMap<String, PlatformCredentials>,
    /// Whether the settings name a platform or an address. The sandbox plays every platform, so there it is false.
    is_placed: bool,
    /// The platforms that a target has named already.
    named: Mutex<HashMap<&'static str, Arc<Platform>>>,
}

impl PlatformRegistry {
    pub fn new(
        home: DefaultPlatform,
        custom: Vec<Arc<Platform>>,
        credentials: HashMap<String, PlatformCredentials>,
        is_placed: bool,
    ) -> Self {
        PlatformRegistry {
            is_placed: is_placed && !home.is_sandbox(),
            home,
            custom,
            credentials,
            named: Mutex::default(),
        }
    }

    pub fn home(&self) -> &Arc<Platform> {
        &self.home.platform
    }

    /// The platform that an endpoint of a chain names; the client's own when it names none.
    ///
    /// # Errors
    /// [`ErrorKind::KeyMissing`] or [`ErrorKind::Config`] when the environment does not say enough to reach it.
    pub fn find(&self, name: Option<&str>) -> Result<Arc<Platform>> {
        let Some(name) = name.filter(|name| *name != self.home().name) else {
            return Ok(Arc::clone(self.home()));
        };
        if let Some(platform) = self.custom.iter().find(|one| one.name == name) {
            return Ok(Arc::clone(platform));
        }
        let Some(preset) = find(name) else {
            return Err(unknown_platform(name, &self.custom));
        };
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(platform) = named.get(preset.name) {
            return Ok(Arc::clone(platform));
        }
        let platform = Arc::new(self.connect(preset)?);
        named.insert(preset.name, Arc::clone(&platform));
        Ok(platform)
    }

    fn connect(&self, preset: &'static PlatformSpec) -> Result<Platform> {
        #[cfg(feature = "sandbox")]
        if let Some(sandbox) = &self.home.sandbox {
            return sandbox_platform(sandbox, preset);
        }
        let to = destination(self.credentials.get(preset.name), None)?;
        if to.key.is_none() && preset.needs_key() {
            return Err(no_key(preset));
        }
        connect(preset, to)
    }
}

impl NameResolver for PlatformRegistry {
    fn is_platform(&self, name: &str) -> bool {
        name == SANDBOX || find(name).is_some() || self.custom.iter().any(|one| one.name == name)
    }

    fn is_placed(&self) -> bool {
        self.is_placed
    }
}

impl fmt::Debug for PlatformRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PlatformRegistry")
            .field(&self.home.platform.name)
            .finish()
    }
}

fn no_key(preset: &PlatformSpec) -> Error {
    let variable = preset
        .key_variables
        .join(words::platforms().or_between_names());
    let first = preset.key_variables.first().copied().unwrap_or_default();
    Error::new(
        ErrorKind::KeyMissing,
        words::platforms().is_not_set(&variable),
    )
    .with_hint(words::platforms().put_the_key_into_the_environment(&first))
}

fn unknown_platform(name: &str, custom: &[Arc<Platform>]) -> Error {
    let names = custom
        .iter()
        .map(|platform| platform.name.as_str())
        .chain(platform_specs().iter().map(|preset| preset.name))
        .chain([SANDBOX]);
    let near = nearest(name, 2, names).join(words::platforms().or_between_names());
    let guess = match near.is_empty() {
        true => String::new(),
        false => words::platforms().did_you_mean_and(&near),
    };
    Error::new(
        ErrorKind::Config,
        words::platforms().no_platform_is_named(&format_args!("{name:?}")),
    )
    .with_hint(words::platforms().anymodel_platforms_lists_all(&guess))
}
