//! Key and address of a platform, as somebody set them.

use secrecy::{ExposeSecret, SecretString};

use super::value::{base_url, clean_key};
use crate::error::Result;

/// What the environment says of one platform, unchecked: a bad key of a platform that nobody asks must not be in the way.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlatformCredentials {
    /// The variable and what it holds.
    pub(super) key: Option<(String, SecretString)>,
    pub(super) base_url: Option<(String, String)>,
    /// What fills the words in braces of its address.
    pub places: Vec<(&'static str, String)>,
    /// What else may prove who asks, by the names of the variables.
    pub proof: Vec<(&'static str, SecretString)>,
}

impl PlatformCredentials {
    /// Its key.
    ///
    /// # Errors
    /// [`ErrorKind::KeyMalformed`](crate::ErrorKind::KeyMalformed).
    pub fn key(&self) -> Result<Option<SecretString>> {
        let key = self.key.as_ref();
        key.map(|(name, raw)| clean_key(raw.expose_secret(), name))
            .transpose()
    }

    /// Another address than the platform's own.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config).
    pub fn base_url(&self) -> Result<Option<String>> {
        let url = self.base_url.as_ref();
        url.map(|(name, url)| base_url(url, name)).transpose()
    }
}
