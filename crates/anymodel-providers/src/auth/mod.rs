//! Authentication that needs more than a key in a header: request signatures and OAuth tokens.
//!
//! Most platforms take a key, and the adapter puts it into a header. Two need more: AWS a signature over each request, and
//! Google a token that lives for an hour. A [`Signer`] makes both just before a request is sent.
//!
//! - [`sigv4`] (feature `bedrock`): AWS Signature Version 4
//! - [`google`] (feature `vertex`): OAuth tokens, fetched and renewed
//! - [`aws_credentials`]: AWS's shared credentials file
//!
//! [`signer`] makes the signer of a platform. Without the feature, its error names the feature.

#[cfg(feature = "bedrock")]
mod aws_credentials;
#[cfg(feature = "vertex")]
mod google;
#[cfg(feature = "bedrock")]
mod sigv4;

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use secrecy::ExposeSecret;

use super::PlatformResult;
use super::connect::PlatformConfig;
#[cfg(feature = "bedrock")]
use super::connect::place;
use anymodel_catalog::platform_spec::{Auth, PlatformSpec};
#[cfg(not(all(feature = "bedrock", feature = "vertex")))]
use anymodel_types::Error;
use anymodel_types::{ErrorKind, Result};

/// A request signer: it adds the authentication to a request.
pub trait Signer: fmt::Debug + Send + Sync {
    /// Called just before the request is sent, when its URL and body are final.
    ///
    /// # Errors
    /// When it cannot authenticate. The error becomes the result of the attempt.
    fn sign<'a>(&'a self, request: &'a mut reqwest::Request) -> BoxFuture<'a, PlatformResult<()>>;

    /// Called after the platform refused the authentication. Returns whether a retry makes sense, because the next
    /// [`sign`](Self::sign) will use new credentials.
    fn renew(&self) -> bool {
        false
    }
}

/// Looks up an environment variable that may hold credentials.
type Get<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The signer of a platform: none when there is a key, or when the platform takes only keys.
///
/// Google's credentials may name a project; it is used when no variable names one.
///
/// # Errors
/// [`ErrorKind::KeyMissing`] when there are no credentials, [`ErrorKind::KeyMalformed`] or [`ErrorKind::Config`] when they
/// cannot be used, when AWS's region is not known, or when the feature is not compiled in.
pub(super) fn signer(
    preset: &PlatformSpec,
    to: &mut PlatformConfig,
) -> Result<Option<Arc<dyn Signer>>> {
    if to.key.is_some() {
        return Ok(None);
    }
    let get = |name: &str| {
        let found = to.proof.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.expose_secret().to_owned())
    };
    let found = match preset.auth {
        Auth::Aws => aws(preset, to, &get),
        Auth::Google => google(&get).map(|(signer, project)| {
            if let Some(project) = project
                && !to.places.iter().any(|(word, _)| *word == "project")
            {
                to.places.push(("project", project));
            }
            signer
        }),
        _ => return Ok(None),
    };
    match found {
        // A server at a configured address may need no authentication at all.
        Err(error) if error.kind() == ErrorKind::KeyMissing && to.base_url.is_some() => Ok(None),
        found => found.map(Some),
    }
}

#[cfg(feature = "bedrock")]
fn aws(preset: &PlatformSpec, to: &PlatformConfig, get: Get<'_>) -> Result<Arc<dyn Signer>> {
    let credentials = aws_credentials::find(get)?;
    let region = place(preset, "region", &to.places)?;
    Ok(Arc::new(sigv4::SigV4::new(region, credentials)))
}

#[cfg(not(feature = "bedrock"))]
fn aws(_: &PlatformSpec, _: &PlatformConfig, _: Get<'_>) -> Result<Arc<dyn Signer>> {
    Err(not_built_in(
        "bedrock",
        anymodel_types::words::connections().put_a_bedrock_api_key_into_aws_bearer(),
    ))
}

#[cfg(feature = "vertex")]
fn google(get: Get<'_>) -> Result<(Arc<dyn Signer>, Option<String>)> {
    let (signer, project) = google::GoogleTokens::find(get)?;
    Ok((Arc::new(signer), project))
}

#[cfg(not(feature = "vertex"))]
fn google(_: Get<'_>) -> Result<(Arc<dyn Signer>, Option<String>)> {
    Err(not_built_in(
        "vertex",
        anymodel_types::words::connections().put_a_ready_token_into_vertex_api_key(),
    ))
}

#[cfg(not(all(feature = "bedrock", feature = "vertex")))]
pub(super) fn not_built_in(feature: &str, instead: &str) -> Error {
    Error::new(
        ErrorKind::Config,
        anymodel_types::words::connections().built_without_a_feature(&feature),
    )
    .with_hint(anymodel_types::words::connections().build_it_with_that_feature(&feature, &instead))
}
