//! Platform credentials: the configured key and address of one platform.

use secrecy::{ExposeSecret, SecretString};

use super::value::{base_url, clean_key};
use anymodel_types::Result;

/// The credentials of one platform, unchecked: a bad key of an unused platform must not cause an error.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlatformCredentials {
    /// The variable and its value.
    pub(super) key: Option<(String, SecretString)>,
    pub(super) base_url: Option<(String, String)>,
    /// Values of the placeholders in its base URL.
    pub places: Vec<(&'static str, String)>,
    /// Other credentials, by the names of their variables.
    pub proof: Vec<(&'static str, SecretString)>,
}

impl PlatformCredentials {
    /// Its key.
    ///
    /// # Errors
    /// [`ErrorKind::KeyMalformed`](anymodel_types::ErrorKind::KeyMalformed).
    pub fn key(&self) -> Result<Option<SecretString>> {
        let key = self.key.as_ref();
        key.map(|(name, raw)| clean_key(raw.expose_secret(), name))
            .transpose()
    }

    /// The configured base URL, when it differs from the platform's own.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](anymodel_types::ErrorKind::Config).
    pub fn base_url(&self) -> Result<Option<String>> {
        let url = self.base_url.as_ref();
        url.map(|(name, url)| base_url(url, name)).transpose()
    }
}
