//! HTTP client: the connection pool under every call, and requests that go directly through `reqwest`.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, Url};

use super::Received;
use super::receive::{AskedFor, receive};
use crate::auth::Signer;
use crate::{
    Framing, Platform, PlatformError, PlatformRequest, PlatformResult, Preview, RequestBody,
};
use anymodel_types::{Error, ErrorKind, Result, words};

/// Timeout of a TCP and TLS handshake.
const CONNECT: Duration = Duration::from_secs(5);
/// Idle connections kept per host, so that the next calls save the handshake. With 10, which is often advised, 64 calls at
/// once took four times as long as with 64, and with 64 a thousand calls at once took three times as long as with a
/// thousand (`benches/README.md`). An idle connection is closed after 90 s.
const KEPT_PER_HOST: usize = 1024;

/// The URL of most requests to a platform, parsed once.
#[derive(Clone, Debug, Default)]
pub struct Address(OnceLock<Url>);

impl Address {
    /// `None` when it is no URL; the client gives a better error for it.
    fn parse(&self, text: &str) -> Option<Url> {
        if let Some(known) = self.0.get().filter(|known| known.as_str() == text) {
            return Some(known.clone());
        }
        let url = Url::parse(text).ok()?;
        let _ = self.0.set(url.clone());
        Some(url)
    }
}

/// hyper's error for a response with more headers than its buffer holds.
const HEAD_TOO_LARGE: &str = "message head is too large";

/// Builds the connection pool of one client.
///
/// Its own retries are off, because `call` owns them. It has no timeout over the whole request: that would also end a long
/// answer that is arriving well. Requests to this machine never go through a proxy.
pub(crate) fn client(base_url: &str) -> Result<reqwest::Client> {
    // The program chooses the cryptography library; if it chose none, use ring.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(KEPT_PER_HOST)
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .user_agent(concat!("anymodel/", env!("CARGO_PKG_VERSION")));
    if base_url.starts_with("http:") {
        // Reading the system's certificates takes tens of milliseconds, and plain HTTP needs none.
        builder = builder.tls_certs_only([]);
    }
    if is_loopback(base_url) {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| {
        Error::new(
            ErrorKind::Config,
            words::connections().cannot_set_up_https(&root_cause(&error)),
        )
        .with_hint(words::connections().check_the_systems_certificates())
    })
}

fn is_loopback(base_url: &str) -> bool {
    let Some(host) = Url::parse(base_url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
    else {
        return false;
    };
    let host = host.trim_end_matches('.');
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        // Servers print the unspecified address as their own.
        Ok(address) => {
            let address = address.to_canonical();
            address.is_loopback() || address.is_unspecified()
        }
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// The innermost cause of an error, which is the informative one ("connection refused").
pub fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// Sends one request, and reads the answer if it is not streamed.
pub(super) async fn send(
    platform: &Platform,
    ask: &PlatformRequest<'_>,
    body: RequestBody,
) -> PlatformResult<Received> {
    let request = build(platform, ask, written(body)?)?;
    // Boxed, because few platforms need a signature, and every call would hold the memory for it and for the request.
    let request = match &platform.signer {
        Some(signer) => Box::pin(signed(&**signer, request)).await?,
        None => request,
    };
    let response = platform
        .http
        .execute(request)
        .await
        .map_err(|error| unreachable(&error, &platform.base_url))?;
    receive(Box::new(response), ask.adapter(platform), AskedFor::of(ask)).await
}

/// The serialized body. The JSON value is dropped here: it is not needed while the request waits for the answer.
fn written(body: RequestBody) -> PlatformResult<Vec<u8>> {
    serde_json::to_vec(&body).map_err(|error| {
        Box::new(PlatformError::new(
            ErrorKind::InvalidRequest,
            words::connections().question_cannot_be_written_as_json(&error),
        ))
    })
}

fn build(platform: &Platform, ask: &PlatformRequest<'_>, json: Vec<u8>) -> PlatformResult<Request> {
    let adapter = ask.adapter(platform);
    let url = adapter.url(&platform.base_url, ask);
    let mut request = match platform.address.parse(&url) {
        Some(known) => Request::new(Method::POST, known),
        // The client's error says what is wrong with the URL.
        None => (platform.http.post(&url).build())
            .map_err(|error| unreachable(&error, &platform.base_url))?,
    };
    let mut headers = ask.headers(platform)?;
    headers
        .entry(CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
    let accepted = accepted(ask.stream, adapter.framing());
    headers.entry(ACCEPT).or_insert(accepted);
    *request.headers_mut() = headers;
    *request.body_mut() = Some(json.into());
    Ok(request)
}

async fn signed(signer: &dyn Signer, mut request: Request) -> PlatformResult<Request> {
    signer.sign(&mut request).await?;
    Ok(request)
}

/// The value of the header `Accept`.
pub(super) fn accepted(stream: bool, framing: Framing) -> HeaderValue {
    HeaderValue::from_static(match (stream, framing) {
        (true, Framing::AwsEventStream) => "application/vnd.amazon.eventstream, application/json",
        (true, _) => "text/event-stream, application/json",
        (false, _) => "application/json",
    })
}

/// The failure when `reqwest` got no response, or half of one.
pub(super) fn unreachable(error: &reqwest::Error, base_url: &str) -> Box<PlatformError> {
    let cause = root_cause(error);
    if cause.contains("certificate") {
        return Box::new(untrusted(base_url, &cause));
    }
    let message = if error.is_connect() && error.is_timeout() {
        words::connections().did_not_take_the_connection_in_time(&base_url)
    } else if error.is_connect() {
        words::connections().cannot_reach(&base_url, &cause)
    } else if cause.contains(HEAD_TOO_LARGE) {
        // A retry would get the same headers. A larger buffer would cost every call 64 bytes for each header.
        return Box::new(PlatformError {
            may_retry: Some(false),
            ..PlatformError::bad_reply(words::connections().response_has_more_than_100_headers())
        });
    } else {
        words::connections().connection_broke(&cause)
    };
    Box::new(PlatformError::new(ErrorKind::Network, message))
}

/// A certificate that fails verification stays refused: otherwise an attacker could read the key.
fn untrusted(base_url: &str, cause: &str) -> PlatformError {
    PlatformError {
        may_retry: Some(false),
        ..PlatformError::new(
            ErrorKind::Network,
            words::connections().cannot_trust(&base_url, &cause),
        )
    }
}

impl Platform {
    /// The HTTP request for `ask`, for inspection.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the platform does not support the request.
    pub fn preview(&self, ask: &PlatformRequest<'_>) -> Result<Preview> {
        Ok(Preview {
            url: self.adapter.url(&self.base_url, ask),
            key_header: self.key_header(),
            body: self.adapter.body(ask)?,
        })
    }

    /// The name of the header with the key, when there is a key.
    fn key_header(&self) -> Option<String> {
        let key = self.key.as_ref()?;
        let headers = self.adapter.headers(Some(key)).ok()?;
        let secret = headers.iter().find(|(_, value)| value.is_sensitive());
        secret.map(|(name, _)| name.as_str().to_owned())
    }
}
