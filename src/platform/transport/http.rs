//! The HTTP client under every call, and requests that go through it directly.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, Url};
use serde_json::Value;

use super::{Body, Received, comes_in_events, frames};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::platform::whole::whole;
use crate::platform::{Adapter, Ask, Failure, Framing, Outcome, Platform, Preview};

/// The most that is read of a refusal, in bytes.
const LONGEST_REFUSAL: usize = 64 * 1024;
/// How long to wait for more of it.
const FOR_MORE_REFUSAL: Duration = Duration::from_secs(1);

/// How long to wait for a TCP and TLS handshake.
const CONNECT: Duration = Duration::from_secs(5);
/// Connections kept open to one host, so that the next calls save the handshake. With 10, which is often advised, 64
/// calls at once took four times as long as with 64, and with 64 a thousand calls at once took three times as long as with
/// a thousand (`benches/README.md`); a connection that nobody uses is closed after 90 s.
const KEPT_PER_HOST: usize = 1024;

/// The address that most requests of a platform go to, taken apart once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Address(OnceLock<Url>);

impl Address {
    /// `None` when it is no address; what is wrong with it the client says better.
    fn parse(&self, text: &str) -> Option<Url> {
        if let Some(known) = self.0.get().filter(|known| known.as_str() == text) {
            return Some(known.clone());
        }
        let url = Url::parse(text).ok()?;
        let _ = self.0.set(url.clone());
        Some(url)
    }
}

/// Builds the connection pool of one client.
///
/// Its own retries are off, because `call` owns them. It has no timeout over the whole request: that one would also end
/// a long answer that is arriving well. A server on this machine is never asked through a proxy.
pub(crate) fn client(base_url: &str) -> Result<reqwest::Client> {
    // Which library does the cryptography is a choice of the program; if it made none, take ring.
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
            format!("cannot set up HTTPS: {}", root_cause(&error)),
        )
        .with_hint("check the system's certificates (Debian: apt-get install ca-certificates)")
    })
}

fn is_loopback(base_url: &str) -> bool {
    reqwest::Url::parse(base_url).is_ok_and(|url| match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.starts_with("127."),
        None => false,
    })
}

/// The innermost cause of an error, which is the one that tells something ("connection refused").
pub(crate) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// Sends one request, and reads the answer if it comes whole.
pub(super) async fn send(platform: &Platform, ask: &Ask<'_>, body: Value) -> Outcome<Received> {
    let request = build(platform, ask, written(body)?).await?;
    let response = platform
        .http
        .execute(request)
        .await
        .map_err(|error| unreachable(&error, &platform.base_url))?;
    receive(Box::new(response), &platform.adapter, ask.stream).await
}

/// The body as it goes out. What it is made from is dropped here: during the wait for the answer it would only grow cold.
fn written(body: Value) -> Outcome<Vec<u8>> {
    serde_json::to_vec(&body).map_err(|error| {
        Box::new(Failure::new(
            ErrorKind::InvalidRequest,
            format!("the question cannot be written as JSON: {error}"),
        ))
    })
}

async fn build(platform: &Platform, ask: &Ask<'_>, json: Vec<u8>) -> Outcome<Request> {
    let url = platform.adapter.url(&platform.base_url, ask);
    let mut request = match platform.address.parse(&url) {
        Some(known) => Request::new(Method::POST, known),
        // It says what is wrong with it.
        None => (platform.http.post(&url).build())
            .map_err(|error| unreachable(&error, &platform.base_url))?,
    };
    let mut headers = platform.adapter.headers(platform.key.as_ref())?;
    headers
        .entry(CONTENT_TYPE)
        .or_insert(HeaderValue::from_static("application/json"));
    let accepted = match (ask.stream, platform.adapter.framing()) {
        (true, Framing::AwsEventStream) => "application/vnd.amazon.eventstream, application/json",
        (true, _) => "text/event-stream, application/json",
        (false, _) => "application/json",
    };
    headers
        .entry(ACCEPT)
        .or_insert(HeaderValue::from_static(accepted));
    *request.headers_mut() = headers;
    *request.body_mut() = Some(json.into());
    if let Some(signer) = &platform.signer {
        signer.sign(&mut request).await?;
    }
    Ok(request)
}

/// Reads a response for what it is. It comes boxed, as every step of reading it would hold it again.
pub(super) async fn receive(
    response: Box<reqwest::Response>,
    adapter: &Arc<dyn Adapter>,
    asked_for_events: bool,
) -> Outcome<Received> {
    let status = response.status().as_u16();
    if !response.status().is_success() {
        return Err(Box::pin(refusal(*response, &**adapter)).await);
    }
    if comes_in_events(response.headers(), asked_for_events) {
        let events = frames::events(Arc::clone(adapter), response.bytes_stream());
        return Ok(Received {
            status,
            body: Body::Events(events),
        });
    }
    let with_status = |failure: Box<Failure>| {
        Box::new(Failure {
            status: Some(status),
            ..*failure
        })
    };
    let bytes = response
        .bytes()
        .await
        .map_err(|error| with_status(unreachable(&error, "")))?;
    // The strict reading is the fast one, and what nearly all servers send.
    let text = str::from_utf8(&bytes).map(Cow::Borrowed);
    let text = text.unwrap_or_else(|_| String::from_utf8_lossy(&bytes));
    let answer = adapter.answer(&text).and_then(whole).map_err(with_status)?;
    Ok(Received {
        status,
        body: Body::Whole(Box::new(answer)),
    })
}

/// Reads a response that is no answer, while its headers are at hand.
pub(super) async fn refusal(response: reqwest::Response, adapter: &dyn Adapter) -> Box<Failure> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    // A refusal that breaks off or stalls still tells its status, so what arrived is used.
    while let Ok(Some(Ok(chunk))) = tokio::time::timeout(FOR_MORE_REFUSAL, chunks.next()).await {
        body.extend_from_slice(&chunk);
        if body.len() >= LONGEST_REFUSAL {
            break;
        }
    }
    let body = String::from_utf8_lossy(&body);
    let failure = adapter.failure(status, &headers, &body);
    Box::new(Failure {
        status: Some(status),
        ..failure
    })
}

/// What `reqwest` says of a request that brought no response, or half of one.
pub(super) fn unreachable(error: &reqwest::Error, base_url: &str) -> Box<Failure> {
    let cause = root_cause(error);
    let message = if error.is_connect() && error.is_timeout() {
        format!("{base_url} did not take the connection in time")
    } else if error.is_connect() {
        format!("cannot reach {base_url}: {cause}")
    } else {
        format!("the connection broke: {cause}")
    };
    Box::new(Failure::new(ErrorKind::Network, message))
}

impl Platform {
    /// The request that `ask` comes to, for people to read.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the platform cannot do what is asked.
    pub(crate) fn preview(&self, ask: &Ask<'_>) -> Result<Preview> {
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
