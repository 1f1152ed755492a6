//! A preset, its key and its address → a [`Platform`].

use std::sync::Arc;

use secrecy::SecretString;

use super::anthropic::Anthropic;
#[cfg(feature = "bedrock")]
use super::converse::Converse;
use super::gemini::Gemini;
use super::openai::OpenAi;
use super::{Adapter, Platform, Transport, auth, http};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::platform_spec::{Auth, PlatformSpec, Protocol};

/// What the settings say of a platform.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlatformConfig {
    /// The name in trails, when it is not the preset's.
    pub name: Option<String>,
    /// Another address than the preset's.
    pub base_url: Option<String>,
    pub key: Option<SecretString>,
    /// What fills the words in braces of the base URL.
    pub places: Vec<(&'static str, String)>,
    /// What else may prove who asks, by the names of the variables.
    pub proof: Vec<(&'static str, SecretString)>,
}

/// Connects nothing yet: settles where requests go, and how they look.
///
/// # Errors
/// [`ErrorKind::KeyMissing`] when the platform needs a key, [`ErrorKind::Config`] when a part of its address is not known.
pub(crate) fn connect(preset: &'static PlatformSpec, mut to: PlatformConfig) -> Result<Platform> {
    let signer = auth::signer(preset, &mut to)?;
    let base_url = match to.base_url {
        Some(url) if preset.name == "ollama" => ollamas(url),
        Some(url) => url,
        None => (preset.filled_in(&to.places)).map_err(|word| not_set(preset, word))?,
    };
    Ok(Platform {
        address: http::Address::default(),
        http: http::client(&base_url)?,
        name: to.name.unwrap_or_else(|| preset.name.to_owned()),
        base_url,
        key: to.key,
        key_variables: preset.key_variables,
        adapter: adapter(preset)?,
        transport: match preset.protocol {
            Protocol::OpenAi => Transport::Compatible,
            _ => Transport::Http,
        },
        signer,
        can: Some(preset.can),
        catalogue_names: preset.name.starts_with("openrouter"),
    })
}

/// Ollama prints its address without a path, and its own interface is below `/api`; OpenAI's form is below `/v1` alone.
fn ollamas(url: String) -> String {
    const OWN: [&str; 3] = ["/api/chat", "/api/generate", "/api"];
    let own = OWN.iter().find_map(|path| url.strip_suffix(path));
    let base = own.unwrap_or(&url);
    let is_host = base
        .split_once("://")
        .is_some_and(|(_, host)| !host.contains('/'));
    match own.is_some() || is_host {
        true => format!("{base}/v1"),
        false => url,
    }
}

/// What speaks with the platform of this preset.
///
/// # Errors
/// [`ErrorKind::Config`] when this program was built without it.
pub(super) fn adapter(preset: &PlatformSpec) -> Result<Arc<dyn Adapter>> {
    let key_header = match preset.auth {
        Auth::Header(name) => Some(name),
        _ => None,
    };
    Ok(match preset.protocol {
        Protocol::OpenAi | Protocol::OpenRouter => Arc::new(OpenAi::of(preset)),
        Protocol::Anthropic => Arc::new(Anthropic { key_header }),
        Protocol::Gemini => Arc::new(Gemini { key_header }),
        #[cfg(feature = "bedrock")]
        Protocol::Converse => Arc::new(Converse),
        #[cfg(not(feature = "bedrock"))]
        Protocol::Converse => {
            return Err(auth::not_built_in(
                "bedrock",
                "use the platform bedrock-compatible with a key in AWS_BEARER_TOKEN_BEDROCK",
            ));
        }
    })
}

/// What fills one of the words in braces.
///
/// # Errors
/// [`ErrorKind::Config`] when nothing does.
#[cfg(feature = "bedrock")]
pub(super) fn place<'a>(
    preset: &PlatformSpec,
    word: &str,
    places: &'a [(&'static str, String)],
) -> Result<&'a str> {
    let found = preset.place(word, places);
    found.ok_or_else(|| not_set(preset, word))
}

fn not_set(preset: &PlatformSpec, word: &str) -> Error {
    let known = preset.places.iter().find(|known| known.word == word);
    let variables = known.map_or(&[][..], |known| known.variables);
    Error::new(
        ErrorKind::Config,
        format!("{} needs its {word}, and it is not set", preset.title),
    )
    .with_hint(format!("set {}", variables.join(" or ")))
}

impl Platform {
    /// A platform that this crate does not know by name.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when HTTPS cannot be set up.
    pub(crate) fn custom(
        name: String,
        base_url: String,
        key: Option<SecretString>,
        adapter: Arc<dyn Adapter>,
    ) -> Result<Self> {
        Ok(Platform {
            http: http::client(&base_url)?,
            name,
            base_url,
            key,
            key_variables: &[],
            adapter,
            transport: Transport::Http,
            signer: None,
            address: http::Address::default(),
            can: None,
            catalogue_names: false,
        })
    }
}
