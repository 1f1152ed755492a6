//! Proof of identity that takes more than a key in a header.
//!
//! Most platforms take a key, and an adapter puts it into a header. Two want more: AWS a signature over each request, and
//! Google a token that lives for an hour. Both are made just before a request goes out, by a [`Signer`].
//!
//! - [`sigv4`] (feature `bedrock`): signs with AWS Signature Version 4
//! - [`google`] (feature `vertex`): fetches an OAuth token and renews it
//! - [`profile`]: reads AWS's shared credentials file
//!
//! A client gets its signer from [`aws`] or [`vertex`]. Where the feature is not compiled in, they say which one it is.

#[cfg(feature = "vertex")]
mod google;
#[cfg(feature = "bedrock")]
mod profile;
#[cfg(feature = "bedrock")]
mod sigv4;

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::Failure;
use crate::error::{Error, Result};
use crate::failure::ErrorKind;

/// Puts the proof of who asks onto a request.
pub(crate) trait Signer: fmt::Debug + Send + Sync {
    /// Called just before the request is sent, when its address and body will not change any more.
    fn sign<'a>(
        &'a self,
        request: &'a mut reqwest::Request,
    ) -> BoxFuture<'a, Result<(), Box<Failure>>>;

    /// Called after HTTP 401. Says whether one more try makes sense, because the next [`sign`](Self::sign) will bring a
    /// new proof.
    fn renew(&self) -> bool {
        false
    }
}

/// A signer for AWS Bedrock in this region, from the access key in the variables or in the shared credentials file.
///
/// # Errors
/// [`ErrorKind::KeyMissing`] when there is no access key, [`ErrorKind::Config`] when half of one is set, when the file
/// cannot be used, or when the feature `bedrock` is not compiled in.
#[cfg(feature = "bedrock")]
pub(crate) fn aws(region: &str, get: &dyn Fn(&str) -> Option<String>) -> Result<Arc<dyn Signer>> {
    Ok(Arc::new(sigv4::SigV4::new(region, profile::find(get)?)))
}

#[cfg(not(feature = "bedrock"))]
pub(crate) fn aws(_: &str, _: &dyn Fn(&str) -> Option<String>) -> Result<Arc<dyn Signer>> {
    Err(not_built_in("bedrock", "AWS_BEARER_TOKEN_BEDROCK"))
}

/// A signer for GCP Vertex AI, and the project that its credentials belong to, when they name one.
///
/// # Errors
/// [`ErrorKind::KeyMissing`] when there are no credentials, [`ErrorKind::Config`] when they cannot be used or when the
/// feature `vertex` is not compiled in.
#[cfg(feature = "vertex")]
pub(crate) fn vertex(
    get: &dyn Fn(&str) -> Option<String>,
) -> Result<(Arc<dyn Signer>, Option<String>)> {
    let (signer, project) = google::Google::find(get)?;
    Ok((Arc::new(signer), project))
}

#[cfg(not(feature = "vertex"))]
pub(crate) fn vertex(
    _: &dyn Fn(&str) -> Option<String>,
) -> Result<(Arc<dyn Signer>, Option<String>)> {
    Err(not_built_in("vertex", "VERTEX_API_KEY"))
}

#[cfg_attr(all(feature = "bedrock", feature = "vertex"), allow(dead_code))]
fn not_built_in(feature: &str, bearer: &str) -> Error {
    Error::new(
        ErrorKind::Config,
        format!("this program was built without anymodel's feature `{feature}`"),
    )
    .with_hint(format!(
        "build it with that feature (cargo add anymodel --features {feature}), or put a ready token into {bearer}"
    ))
}
