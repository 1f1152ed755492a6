//! Google OAuth tokens, fetched and renewed through `yup-oauth2`.
//!
//! A token lives for about an hour. The first request fetches it and all later ones share it. It is renewed in the last
//! minute of its life, or after a server has refused it. When many calls need a token at once, one call fetches it and
//! the others wait for it.
//!
//! - [`credentials`]: the credentials file, and Google's errors about it
//!
//! `yup-oauth2` writes its requests, secrets included, into its own debug logs (target `yup_oauth2`). This crate collects
//! no logs; a program that collects the debug logs of all its crates should exclude that target. The token requests go
//! straight to Google, not through the proxy in `HTTPS_PROXY`.

mod credentials;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use yup_oauth2::authenticator::DefaultAuthenticator;

use super::{Get, Signer};
use crate::{PlatformError, PlatformResult};
use anymodel_types::{ErrorKind, Result, words};
use credentials::CredentialsFile;

/// OAuth scopes of the token. <https://cloud.google.com/vertex-ai/generative-ai/docs/migrate/openai/auth-and-credentials>
const SCOPES: [&str; 1] = ["https://www.googleapis.com/auth/cloud-platform"];
/// Concurrent calls are refused together: refusals within this time count as one.
const ONE_REFUSAL: Duration = Duration::from_secs(5);

/// The signer that adds a valid OAuth token to each request.
pub(super) struct GoogleTokens {
    credentials: CredentialsFile,
    /// The project that is charged, when the credentials name one.
    quota_project: Option<HeaderValue>,
    /// Created with the first token, because it reads the system's certificates. The lock lets only one call fetch.
    authenticator: tokio::sync::Mutex<Option<DefaultAuthenticator>>,
    refused: Mutex<TokenRefused>,
}

/// The state after refused tokens.
#[derive(Default)]
struct TokenRefused {
    /// A server refused the token: the next request needs a new one.
    renewal_wanted: bool,
    /// The time of the last refusal.
    at: Option<Instant>,
    /// Google itself refused to give a token: a retry would get the same result.
    no_token: bool,
}

impl GoogleTokens {
    /// Finds the credentials, and the project in them.
    pub(super) fn find(get: Get<'_>) -> Result<(Self, Option<String>)> {
        let credentials = CredentialsFile::find(get)?;
        let quota_project = credentials.quota_project.as_deref();
        let project = credentials.project.clone();
        let google = GoogleTokens {
            quota_project: quota_project.and_then(|id| HeaderValue::from_str(id).ok()),
            credentials,
            authenticator: tokio::sync::Mutex::default(),
            refused: Mutex::default(),
        };
        Ok((google, project))
    }

    async fn token(&self) -> PlatformResult<SecretString> {
        let token = self.fetch_or_keep().await;
        self.with_refused(|refused| refused.no_token = token.is_err());
        token
    }

    async fn fetch_or_keep(&self) -> PlatformResult<SecretString> {
        let mut held = self.authenticator.lock().await;
        let authenticator = match &mut *held {
            Some(authenticator) => authenticator,
            empty => empty.insert(self.credentials.authenticator().await?),
        };
        let renew = self.wants_renewal();
        let token = if renew {
            authenticator.force_refreshed_token(&SCOPES).await
        } else {
            authenticator.token(&SCOPES).await
        };
        let token = token.map_err(|error| self.credentials.no_token(error))?;
        if renew {
            self.with_refused(|refused| refused.renewal_wanted = false);
        }
        let token = token.token().ok_or_else(|| {
            let what = words::credentials().google_sent_no_token(&self.credentials.owner);
            Box::new(PlatformError::new(ErrorKind::BadReply, what))
        })?;
        Ok(SecretString::from(token))
    }

    fn wants_renewal(&self) -> bool {
        self.with_refused(|refused| refused.renewal_wanted)
    }

    fn with_refused<T>(&self, use_it: impl FnOnce(&mut TokenRefused) -> T) -> T {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        use_it(&mut refused)
    }
}

impl Signer for GoogleTokens {
    fn sign<'a>(&'a self, request: &'a mut reqwest::Request) -> BoxFuture<'a, PlatformResult<()>> {
        Box::pin(async move {
            let token = self.token().await?;
            let bearer = format!("Bearer {}", token.expose_secret());
            let mut bearer = HeaderValue::from_str(&bearer).map_err(|_| {
                let what = "Google sent a token that no header can carry";
                Box::new(PlatformError::new(ErrorKind::BadReply, what))
            })?;
            bearer.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, bearer);
            if let Some(project) = &self.quota_project {
                let name = HeaderName::from_static("x-goog-user-project");
                request.headers_mut().insert(name, project.clone());
            }
            Ok(())
        })
    }

    fn renew(&self) -> bool {
        self.with_refused(|refused| {
            if refused.no_token {
                return false;
            }
            let now = Instant::now();
            if refused
                .at
                .is_none_or(|at| now.duration_since(at) > ONE_REFUSAL)
            {
                refused.renewal_wanted = true;
                refused.at = Some(now);
            }
            true
        })
    }
}

impl fmt::Debug for GoogleTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleTokens")
            .field("credentials", &self.credentials.owner)
            .finish_non_exhaustive()
    }
}
