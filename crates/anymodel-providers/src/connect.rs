//! Builds a [`Platform`] from a [`PlatformSpec`], a key and an address.

use std::sync::Arc;

use secrecy::SecretString;

use super::anthropic::Anthropic;
#[cfg(feature = "bedrock")]
use super::converse::Converse;
use super::gemini::Gemini;
use super::openai::OpenAi;
use super::{Adapter, Platform, Transport, auth, http};
use anymodel_catalog::platform_spec::{Auth, PlatformSpec, Protocol};
use anymodel_types::{Error, ErrorKind, Result, words};

/// The settings of one platform: name, address, credentials.
#[derive(Clone, Debug, Default)]
pub struct PlatformConfig {
    /// The name in trails, when it differs from the platform spec's.
    pub name: Option<String>,
    /// The base URL, when it differs from the platform spec's.
    pub base_url: Option<String>,
    /// The API key, for platforms that take one.
    pub key: Option<SecretString>,
    /// Values of the placeholders in the base URL.
    pub places: Vec<(&'static str, String)>,
    /// Other credentials, by the names of their variables.
    pub proof: Vec<(&'static str, SecretString)>,
}

/// Builds the platform. No connection is opened yet.
///
/// # Errors
/// [`ErrorKind::KeyMissing`] when the platform needs a key, [`ErrorKind::Config`] when a placeholder has no value.
pub fn connect(preset: &'static PlatformSpec, mut to: PlatformConfig) -> Result<Platform> {
    let signer = auth::signer(preset, &mut to)?;
    let base_url = preset.address(to.base_url.as_deref(), &to.places);
    let base_url = base_url.map_err(|word| not_set(preset, word))?;
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

/// The adapter of a platform spec.
///
/// # Errors
/// [`ErrorKind::Config`] when this program was built without the adapter.
pub(super) fn adapter(preset: &PlatformSpec) -> Result<Arc<dyn Adapter>> {
    let key_header = match preset.auth {
        Auth::Header(name) => Some(name),
        _ => None,
    };
    Ok(match preset.protocol {
        Protocol::OpenAi | Protocol::OpenRouter => Arc::new(OpenAi::of(preset)),
        Protocol::Anthropic => Arc::new(Anthropic {
            key_header,
            is_raw: false,
        }),
        Protocol::Gemini => Arc::new(Gemini { key_header }),
        #[cfg(feature = "bedrock")]
        Protocol::Converse => Arc::new(Converse),
        #[cfg(not(feature = "bedrock"))]
        Protocol::Converse => {
            return Err(auth::not_built_in(
                "bedrock",
                words::connections().use_the_platform_bedrock_compatible(),
            ));
        }
    })
}

/// The value of a placeholder.
///
/// # Errors
/// [`ErrorKind::Config`] when it has none.
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
        words::connections().needs_its(&preset.title, &word),
    )
    .with_hint(
        words::connections().set_one_of(&variables.join(words::connections().or_between_names())),
    )
}

impl Platform {
    /// A platform that is not in the table of platform specs.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when HTTPS cannot be set up.
    pub fn custom(
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
