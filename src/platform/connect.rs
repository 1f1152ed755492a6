//! A preset, its key and its address → a [`Platform`].

use std::sync::Arc;

use secrecy::SecretString;

use super::openai::{Dialect, OpenAi};
use super::{Adapter, Platform, Transport, http};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::preset::{Auth, Preset, Protocol};

/// What the settings say of a platform.
#[derive(Clone, Debug, Default)]
pub(crate) struct Destination {
    /// The name in trails, when it is not the preset's.
    pub name: Option<String>,
    /// Another address than the preset's.
    pub base_url: Option<String>,
    pub key: Option<SecretString>,
    /// What fills the words in braces of the base URL.
    pub places: Vec<(&'static str, String)>,
}

/// Connects nothing yet: settles where requests go, and how they look.
///
/// # Errors
/// [`ErrorKind::KeyMissing`] when the platform needs a key, [`ErrorKind::Config`] when a part of its address is not known.
pub(crate) fn connect(preset: &'static Preset, to: Destination) -> Result<Platform> {
    let base_url = match to.base_url {
        Some(url) => url,
        None => fill_in(preset, &to.places)?,
    };
    let key_header = match preset.auth {
        Auth::Header(name) => Some(name),
        _ => None,
    };
    let dialect = match preset.protocol {
        Protocol::OpenRouter => Dialect::OpenRouter,
        _ => Dialect::Plain,
    };
    let adapter: Arc<dyn Adapter> = match preset.protocol {
        Protocol::OpenAi | Protocol::OpenRouter => Arc::new(OpenAi {
            dialect,
            key_header,
        }),
        _ => return Err(not_yet(preset)),
    };
    Ok(Platform {
        http: http::client(&base_url)?,
        name: to.name.unwrap_or_else(|| preset.name.to_owned()),
        base_url,
        key: to.key,
        key_variables: preset.key_variables,
        adapter,
        transport: match preset.protocol {
            Protocol::OpenAi => Transport::Compatible,
            _ => Transport::Http,
        },
        signer: None,
        catalogue_names: preset.name.starts_with("openrouter"),
    })
}

/// Puts region, project and the like into the address.
fn fill_in(preset: &Preset, places: &[(&'static str, String)]) -> Result<String> {
    let mut url = preset.base_url.to_owned();
    for place in preset.places {
        let given = places.iter().find(|(word, _)| *word == place.word);
        let value = match (given, place.default) {
            (Some((_, value)), _) => value.as_str(),
            (None, Some(default)) => default,
            (None, None) => {
                return Err(Error::new(
                    ErrorKind::Config,
                    format!(
                        "{} needs its {}, and it is not set",
                        preset.title, place.word
                    ),
                )
                .with_hint(format!("set {}", place.variables.join(" or "))));
            }
        };
        url = url.replace(&format!("{{{}}}", place.word), value.trim_end_matches('/'));
    }
    Ok(url)
}

fn not_yet(preset: &Preset) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("{} cannot be reached by this program", preset.title),
    )
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
            catalogue_names: false,
        })
    }
}
