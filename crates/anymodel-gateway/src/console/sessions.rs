//! Sessions: who is signed in to the console, and the pause after each wrong token.
//!
//! A session is a random id in a cookie. It is kept in memory as its hash, so that it ends with the process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderValue};
use tokio::sync::Semaphore;

use crate::model::SecretHash;
use crate::request_head::cookies;
use crate::secret;
use crate::state::Gateway;

/// The cookie of a session.
const SESSION: &str = "anymodel_session";
/// How long a session lasts.
const LASTS: Duration = Duration::from_secs(12 * 3600);
/// Tokens that are looked at at the same time.
const AT_ONCE: usize = 4;
/// The pause after the first wrong token. Each further one doubles it.
const PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// How long a sign-in waits for those before it.
const PATIENCE: Duration = Duration::from_secs(15);

/// One session of an administrator.
pub(super) struct Session {
    id: SecretHash,
    /// The token that each form of this session carries.
    pub csrf: String,
    until: Instant,
}

/// The sessions of this process.
pub(super) struct Sessions {
    open: Mutex<HashMap<SecretHash, Arc<Session>>>,
    wrong_tokens: AtomicU32,
    guesses: Arc<Semaphore>,
}

/// What became of a sign-in.
pub(super) enum SignIn {
    /// The cookie of the new session.
    Cookie(HeaderValue),
    /// The token is wrong.
    WrongToken,
    /// Too many are tried at the moment.
    TooMany,
}

impl Sessions {
    pub fn new() -> Arc<Sessions> {
        Arc::new(Sessions {
            open: Mutex::default(),
            wrong_tokens: AtomicU32::new(0),
            guesses: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<SecretHash, Arc<Session>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session of a request.
    pub fn find(&self, headers: &HeaderMap) -> Option<Arc<Session>> {
        let id = secret::hash(cookies(headers, SESSION).next()?);
        let session = self.open().get(&id).cloned()?;
        (Instant::now() < session.until).then_some(session)
    }

    /// Ends a session. Returns the cookie that takes its cookie away.
    pub fn end(&self, session: &Session) -> HeaderValue {
        self.open().remove(&session.id);
        HeaderValue::from_static("anymodel_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0")
    }

    /// Begins a session when the token is the administrator's; else waits, the longer the more wrong ones came before.
    ///
    /// It runs to its end even when the client leaves, so that leaving does not shorten the pause.
    pub async fn sign_in(
        self: Arc<Self>,
        gateway: Gateway,
        token: String,
        is_https: bool,
    ) -> SignIn {
        let guesses = Arc::clone(&self.guesses);
        let Ok(Ok(turn)) = tokio::time::timeout(PATIENCE, guesses.acquire_owned()).await else {
            return SignIn::TooMany;
        };
        let tried = tokio::spawn(async move {
            let _turn = turn;
            if gateway.is_admin(Some(token.trim())) {
                self.wrong_tokens.store(0, Ordering::Relaxed);
                return self.begin(is_https).map_or(SignIn::TooMany, SignIn::Cookie);
            }
            let before = self.wrong_tokens.fetch_add(1, Ordering::Relaxed);
            let pause = PAUSE.saturating_mul(1 << before.min(8));
            tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
            SignIn::WrongToken
        });
        tried.await.unwrap_or(SignIn::TooMany)
    }

    /// A new session's cookie; `None` when the system has no random numbers.
    fn begin(&self, is_https: bool) -> Option<HeaderValue> {
        let text = secret::random_hex(32).ok()?;
        let session = Session {
            id: secret::hash(&text),
            csrf: secret::random_hex(32).ok()?,
            until: Instant::now() + LASTS,
        };
        let secure = if is_https { "; Secure" } else { "" };
        let seconds = LASTS.as_secs();
        let cookie = format!(
            "{SESSION}={text}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}"
        );
        let mut open = self.open();
        open.retain(|_, session| Instant::now() < session.until);
        open.insert(session.id, Arc::new(session));
        HeaderValue::from_str(&cookie).ok()
    }
}

impl Session {
    /// Whether a form was made for this session.
    pub fn made(&self, csrf: &str) -> bool {
        secret::same(&secret::hash(csrf), &secret::hash(&self.csrf))
    }
}
