//! Google's OAuth tokens, fetched and renewed through `yup-oauth2`.
//!
//! A token lives for about an hour. It is fetched when the first request goes out, kept for all that follow, and fetched
//! again in the last minute of its life, or when a server has refused it. However many calls want a token at once, one
//! of them fetches it and the others wait for that one.
//!
//! That crate writes the requests it sends, secrets included, into debug logs of its own (target `yup_oauth2`). This
//! crate collects none; a program that collects the debug logs of all its crates should leave that target out.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use yup_oauth2::authenticator::DefaultAuthenticator;
use yup_oauth2::authorized_user::AuthorizedUserSecret;
use yup_oauth2::error::SendError;
use yup_oauth2::{AuthorizedUserAuthenticator, ServiceAccountAuthenticator, ServiceAccountKey};

use super::Signer;
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::platform::http::root_cause;
use crate::platform::{Failure, Outcome};

/// What a token may be used for. <https://cloud.google.com/vertex-ai/generative-ai/docs/migrate/openai/auth-and-credentials>
const SCOPES: [&str; 1] = ["https://www.googleapis.com/auth/cloud-platform"];
/// Where a service account that names no other place asks for its tokens.
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
/// How long one fetch may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Calls that are under way together are refused together: within this time their refusals count as one.
const ONE_REFUSAL: Duration = Duration::from_secs(5);

const VARIABLE: &str = "GOOGLE_APPLICATION_CREDENTIALS";
const LOGIN: &str = "gcloud auth application-default login";

/// Puts a fresh token onto each request.
pub(super) struct Google {
    credentials: Credentials,
    /// Who pays, where the credentials say so: <https://cloud.google.com/docs/quotas/set-quota-project>.
    quota_project: Option<HeaderValue>,
    /// Made with the first token, because making it reads the system's certificates. Whoever holds it fetches alone.
    authenticator: tokio::sync::Mutex<Option<DefaultAuthenticator>>,
    refused: Mutex<Refused>,
}

/// The file of credentials, as text: the crate's own types would show its secrets.
struct Credentials {
    kind: Kind,
    json: SecretString,
    /// For messages: the file and whose it is.
    owner: String,
}

#[derive(Clone, Copy)]
enum Kind {
    ServiceAccount,
    /// What `gcloud auth application-default login` leaves behind.
    AuthorizedUser,
}

/// What is known of refusals.
#[derive(Default)]
struct Refused {
    /// A server refused the token: the next request needs another one.
    renewal_wanted: bool,
    /// When that was.
    at: Option<Instant>,
    /// Google itself gave no token: another try would bring the same.
    no_token: bool,
}

impl Google {
    /// Finds credentials, and the project they name.
    pub(super) fn find(get: &dyn Fn(&str) -> Option<String>) -> Result<(Self, Option<String>)> {
        let get = |name: &str| get(name).filter(|value| !value.trim().is_empty());
        let path = match get(VARIABLE) {
            Some(path) => PathBuf::from(path.trim()),
            None => gcloud_file(&get)
                .filter(|path| path.exists())
                .ok_or_else(nothing)?,
        };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Error::new(
                ErrorKind::Config,
                format!("cannot read Google's credentials in {}: {error}", path.display()),
            )
            .with_hint(format!(
                "set {VARIABLE} to the JSON key file of a service account, or unset it and run `{LOGIN}`"
            ))
        })?;
        Self::read(&text, &path)
    }

    fn read(text: &str, path: &Path) -> Result<(Self, Option<String>)> {
        let wrong = |what: String| {
            Error::new(ErrorKind::Config, format!("{}: {what}", path.display())).with_hint(format!(
                "download the JSON key of a service account once more and name the file in {VARIABLE}, or run `{LOGIN}`"
            ))
        };
        // What serde says of a text that is no JSON tells a place, never a value.
        let mut json: Value = serde_json::from_str(text)
            .map_err(|error| wrong(format!("this is no JSON file: {error}")))?;
        let kind = match json["type"].as_str() {
            Some("service_account") => Kind::ServiceAccount,
            Some("authorized_user") => Kind::AuthorizedUser,
            Some(other) => {
                return Err(wrong(format!(
                    "credentials of the type {other:?} are not supported; known are service_account and authorized_user"
                )));
            }
            None => {
                return Err(wrong(
                    "these are no Google credentials: they have no type".to_owned(),
                ));
            }
        };
        let (needed, who): (&[&str], &str) = match kind {
            Kind::ServiceAccount => (&["client_email", "private_key"], "client_email"),
            Kind::AuthorizedUser => (
                &["client_id", "client_secret", "refresh_token"],
                "client_id",
            ),
        };
        for name in needed {
            if json[name].as_str().is_none_or(str::is_empty) {
                return Err(wrong(format!("the credentials have no {name}")));
            }
        }
        if matches!(kind, Kind::ServiceAccount) {
            let uri = json["token_uri"].as_str().unwrap_or(TOKEN_URI).to_owned();
            if reqwest::Url::parse(&uri).is_err() || uri.parse::<yup_oauth2::hyper::Uri>().is_err()
            {
                return Err(wrong("its token_uri is not a web address".to_owned()));
            }
            json["token_uri"] = Value::String(uri);
        }
        let text_of = |name: &str| json[name].as_str().map(str::to_owned);
        let google = Google {
            credentials: Credentials {
                kind,
                owner: format!("{} in {}", text_of(who).unwrap_or_default(), path.display()),
                json: SecretString::from(json.to_string()),
            },
            quota_project: text_of("quota_project_id")
                .and_then(|id| HeaderValue::from_str(&id).ok()),
            authenticator: tokio::sync::Mutex::default(),
            refused: Mutex::default(),
        };
        Ok((
            google,
            text_of("project_id").or_else(|| text_of("quota_project_id")),
        ))
    }

    async fn token(&self) -> Outcome<SecretString> {
        let token = self.fetch_or_keep().await;
        self.with_refused(|refused| refused.no_token = token.is_err());
        token
    }

    async fn fetch_or_keep(&self) -> Outcome<SecretString> {
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
        let token = token.map_err(|error| self.credentials.refused(error))?;
        if renew {
            self.with_refused(|refused| refused.renewal_wanted = false);
        }
        let token = token.token().ok_or_else(|| {
            let what = format!("Google sent no token for {}", self.credentials.owner);
            Box::new(Failure::new(ErrorKind::BadReply, what))
        })?;
        Ok(SecretString::from(token))
    }

    fn wants_renewal(&self) -> bool {
        self.with_refused(|refused| refused.renewal_wanted)
    }

    fn with_refused<T>(&self, use_it: impl FnOnce(&mut Refused) -> T) -> T {
        use_it(
            &mut self
                .refused
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner()),
        )
    }
}

impl Signer for Google {
    fn sign<'a>(&'a self, request: &'a mut reqwest::Request) -> BoxFuture<'a, Outcome<()>> {
        Box::pin(async move {
            let token = self.token().await?;
            let bearer = format!("Bearer {}", token.expose_secret());
            let mut bearer = HeaderValue::from_str(&bearer).map_err(|_| {
                let what = "Google sent a token that no header can carry";
                Box::new(Failure::new(ErrorKind::BadReply, what))
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

impl fmt::Debug for Google {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Google")
            .field("credentials", &self.credentials.owner)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    async fn authenticator(&self) -> Outcome<DefaultAuthenticator> {
        let json = self.json.expose_secret();
        let made = match self.kind {
            Kind::ServiceAccount => {
                let key: ServiceAccountKey = self.parse(json)?;
                let builder = ServiceAccountAuthenticator::builder(key);
                builder.with_timeout(PATIENCE).build().await
            }
            Kind::AuthorizedUser => {
                let secret: AuthorizedUserSecret = self.parse(json)?;
                let builder = AuthorizedUserAuthenticator::builder(secret);
                builder.with_timeout(PATIENCE).build().await
            }
        };
        made.map_err(|error| self.unusable(&format!("{error}; download the JSON key once more")))
    }

    fn parse<T: serde::de::DeserializeOwned>(&self, json: &str) -> Outcome<T> {
        // The reason may repeat a value, and values are secret here.
        serde_json::from_str(json)
            .map_err(|_| self.unusable("a field is not text; download the JSON file once more"))
    }

    fn unusable(&self, why: &str) -> Box<Failure> {
        let what = format!("the credentials of {} cannot be used: {why}", self.owner);
        Box::new(Failure::new(ErrorKind::Config, what))
    }

    /// Why there is no token, as one failure.
    fn refused(&self, error: yup_oauth2::Error) -> Box<Failure> {
        use yup_oauth2::Error::*;
        let owner = &self.owner;
        let (kind, message) = match error {
            AuthError(said) if is_their_fault(said.error.as_str()) => (
                ErrorKind::Server,
                format!("Google could not make a token for {owner}: {said}"),
            ),
            AuthError(said) => {
                let renew = match self.kind {
                    Kind::ServiceAccount => {
                        "make a new key for the service account, and check this machine's clock"
                    }
                    Kind::AuthorizedUser => "run `gcloud auth application-default login` again",
                };
                (
                    ErrorKind::KeyRefused,
                    format!("Google refuses the credentials of {owner}: {said}; {renew}"),
                )
            }
            HttpClientError(SendError::Timeout) => (
                ErrorKind::Timeout,
                format!(
                    "Google sent no token for {owner} within {} s",
                    PATIENCE.as_secs()
                ),
            ),
            HttpClientError(SendError::Hyper(cause)) => (
                ErrorKind::Network,
                format!("cannot fetch a token for {owner}: {}", root_cause(&cause)),
            ),
            HttpError(cause) => (
                ErrorKind::Network,
                format!(
                    "the connection broke while a token for {owner} was fetched: {}",
                    root_cause(&cause)
                ),
            ),
            JSONError(_) | MissingAccessToken => (
                ErrorKind::BadReply,
                format!("what came for {owner} is no token: check its token_uri"),
            ),
            other => (ErrorKind::Config, format!("no token for {owner}: {other}")),
        };
        Box::new(Failure::new(kind, message))
    }
}

/// Words of OAuth servers that say "later" instead of "no".
fn is_their_fault(word: &str) -> bool {
    [
        "server_error",
        "temporarily_unavailable",
        "internal_failure",
    ]
    .contains(&word)
}

/// Where `gcloud` keeps the credentials of the person who logged in.
/// <https://cloud.google.com/docs/authentication/application-default-credentials#personal>
fn gcloud_file(get: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let folder = match (get("CLOUDSDK_CONFIG"), get("APPDATA"), get("HOME")) {
        (Some(folder), _, _) => PathBuf::from(folder),
        (None, Some(roaming), _) if cfg!(windows) => Path::new(&roaming).join("gcloud"),
        (None, _, home) => Path::new(&home?).join(".config").join("gcloud"),
    };
    Some(folder.join("application_default_credentials.json"))
}

fn nothing() -> Error {
    Error::new(
        ErrorKind::KeyMissing,
        format!("no Google credentials: neither VERTEX_API_KEY nor {VARIABLE} is set, and nobody is logged in with gcloud"),
    )
    .with_hint(format!(
        "set {VARIABLE} to the JSON key file of a service account, or run `{LOGIN}`"
    ))
}
