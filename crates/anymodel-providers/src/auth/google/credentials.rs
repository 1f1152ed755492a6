//! Google credentials file: its path, its format, and the errors of a token request.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use yup_oauth2::authenticator::DefaultAuthenticator;
use yup_oauth2::authorized_user::AuthorizedUserSecret;
use yup_oauth2::error::SendError;
use yup_oauth2::{AuthorizedUserAuthenticator, ServiceAccountAuthenticator, ServiceAccountKey};

use crate::auth::Get;
use crate::http::root_cause;
use crate::{PlatformError, PlatformResult};
use anymodel_types::{Error, ErrorKind, Result, words};

/// The token endpoint of a service account that names no other.
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
/// Timeout of one token request.
const PATIENCE: Duration = Duration::from_secs(10);

const VARIABLE: &str = "GOOGLE_APPLICATION_CREDENTIALS";
const LOGIN: &str = "gcloud auth application-default login";

/// The credentials file, kept as text: the types of `yup-oauth2` would show its secrets in `Debug`.
pub(super) struct CredentialsFile {
    kind: Kind,
    json: SecretString,
    /// For messages: the account and the file.
    pub owner: String,
    /// The project of the credentials.
    pub project: Option<String>,
    /// The project that is charged: <https://cloud.google.com/docs/quotas/set-quota-project>.
    pub quota_project: Option<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    ServiceAccount,
    /// The file that `gcloud auth application-default login` writes.
    AuthorizedUser,
}

impl CredentialsFile {
    /// Finds and reads the file.
    pub fn find(get: Get<'_>) -> Result<Self> {
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
                words::credentials().cannot_read_googles_credentials(&path.display(), &error),
            )
            .with_hint(words::credentials().set_the_key_file_or_unset_it(&VARIABLE, &LOGIN))
        })?;
        Self::read(&text, &path)
    }

    fn read(text: &str, path: &Path) -> Result<Self> {
        let wrong = |what: String| {
            Error::new(ErrorKind::Config, format!("{}: {what}", path.display()))
                .with_hint(words::credentials().download_the_key_file_or_log_in(&VARIABLE, &LOGIN))
        };
        // serde's message about invalid JSON contains a position, never a value.
        let mut json: Value = serde_json::from_str(text)
            .map_err(|error| wrong(words::credentials().this_is_no_json_file(&error)))?;
        let kind = match json["type"].as_str() {
            Some("service_account") => Kind::ServiceAccount,
            Some("authorized_user") => Kind::AuthorizedUser,
            Some(other) => {
                return Err(wrong(
                    words::credentials().type_is_not_supported(&format_args!("{other:?}")),
                ));
            }
            None => {
                return Err(wrong(
                    words::credentials()
                        .these_are_no_google_credentials()
                        .to_owned(),
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
                return Err(wrong(words::credentials().credentials_have_no(&name)));
            }
        }
        if matches!(kind, Kind::ServiceAccount) {
            let uri = json["token_uri"].as_str().unwrap_or(TOKEN_URI).to_owned();
            if reqwest::Url::parse(&uri).is_err() || uri.parse::<yup_oauth2::hyper::Uri>().is_err()
            {
                return Err(wrong(
                    words::credentials()
                        .its_token_uri_is_not_a_web_address()
                        .to_owned(),
                ));
            }
            json["token_uri"] = Value::String(uri);
        }
        let text_of = |name: &str| json[name].as_str().map(str::to_owned);
        let quota_project = text_of("quota_project_id");
        Ok(CredentialsFile {
            kind,
            owner: words::credentials()
                .owner_in_file(&text_of(who).unwrap_or_default(), &path.display()),
            project: text_of("project_id").or_else(|| quota_project.clone()),
            quota_project,
            json: SecretString::from(json.to_string()),
        })
    }

    /// The OAuth client that fetches tokens and caches each until its last minute.
    pub async fn authenticator(&self) -> PlatformResult<DefaultAuthenticator> {
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
        made.map_err(|error| {
            self.unusable(&words::credentials().download_the_json_key_once_more(&error))
        })
    }

    fn parse<T: serde::de::DeserializeOwned>(&self, json: &str) -> PlatformResult<T> {
        // The reason may repeat a value, and the values are secret.
        serde_json::from_str(json)
            .map_err(|_| self.unusable(words::credentials().field_is_not_text()))
    }

    fn unusable(&self, why: &str) -> Box<PlatformError> {
        let what = words::credentials().credentials_cannot_be_used(&self.owner, &why);
        Box::new(PlatformError::new(ErrorKind::Config, what))
    }

    /// A failed token request as a [`PlatformError`].
    pub fn no_token(&self, error: yup_oauth2::Error) -> Box<PlatformError> {
        use yup_oauth2::Error::*;
        let owner = &self.owner;
        let (kind, message) = match error {
            AuthError(said) if is_their_fault(said.error.as_str()) => (
                ErrorKind::Server,
                words::credentials().google_could_not_make_a_token(&owner, &said),
            ),
            AuthError(said) => {
                let renew = match self.kind {
                    Kind::ServiceAccount => {
                        words::credentials().make_a_new_key_for_the_service_account()
                    }
                    Kind::AuthorizedUser => {
                        words::credentials().run_gcloud_auth_application_default_login()
                    }
                };
                (
                    ErrorKind::KeyRefused,
                    words::credentials().google_refuses_the_credentials(&owner, &said, &renew),
                )
            }
            HttpClientError(SendError::Timeout) => (
                ErrorKind::Timeout,
                words::credentials().google_sent_no_token_in_time(&owner, &PATIENCE.as_secs()),
            ),
            HttpClientError(SendError::Hyper(cause)) => (
                ErrorKind::Network,
                words::credentials().cannot_fetch_a_token(&owner, &root_cause(&cause)),
            ),
            HttpError(cause) => (
                ErrorKind::Network,
                words::credentials()
                    .connection_broke_while_a_token_was_fetched(&owner, &root_cause(&cause)),
            ),
            JSONError(_) | MissingAccessToken => (
                ErrorKind::BadReply,
                words::credentials().what_came_is_no_token(&owner),
            ),
            other => (
                ErrorKind::Config,
                words::credentials().no_token(&owner, &other),
            ),
        };
        Box::new(PlatformError::new(kind, message))
    }
}

/// OAuth error codes for a temporary fault of the server.
fn is_their_fault(word: &str) -> bool {
    [
        "server_error",
        "temporarily_unavailable",
        "internal_failure",
    ]
    .contains(&word)
}

/// The path of `gcloud`'s credentials for the logged-in user.
/// <https://cloud.google.com/docs/authentication/application-default-credentials#personal>
fn gcloud_file(get: Get<'_>) -> Option<PathBuf> {
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
        words::credentials().no_google_credentials(&VARIABLE),
    )
    .with_hint(words::credentials().set_the_key_file_or_log_in(&VARIABLE, &LOGIN))
}
