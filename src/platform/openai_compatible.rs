//! One HTTP request to an OpenAI-compatible server, through `async-openai`.
//!
//! This is the only file that names that crate. It is used in a way that loses nothing:
//! - its `byot` methods with our own lenient types, because its own types refuse what OpenRouter really sends;
//! - a service of ours under it, [`Recorder`], which keeps status, headers and body of a refusal (the crate itself
//!   drops them) and sends each request exactly once (the crate itself would retry);
//! - a configuration of ours, because the crate's own reads `OPENAI_*` variables meant for somebody else.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::encode::Body;
use super::http::root_cause;
use super::wire::Reply;
use super::{Failure, Outcome, Platform, fault};
use crate::failure::ErrorKind;

/// Where chat completions live, below the base URL.
pub(super) const PATH: &str = "/chat/completions";
/// The most that is read of a refusal, in bytes.
const LONGEST_REFUSAL: usize = 64 * 1024;

/// Sends one request and reads one answer.
pub(crate) async fn send(http: &reqwest::Client, platform: &Platform, body: &Body<'_>) -> Outcome {
    let status = Arc::new(OnceLock::new());
    let recorder = Recorder {
        http: http.clone(),
        status: Arc::clone(&status),
    };
    let client = async_openai::Client::build(http.clone(), Destination::new(platform)?)
        .with_http_service(recorder);
    let result = client.chat().create_byot::<_, Reply>(body).await;
    let status = status.get().copied();
    match result {
        Ok(reply) => reply.into_answer(status.unwrap_or(200)),
        Err(error) => Err(failure(error, status, &platform.base_url)),
    }
}

fn failure(error: OpenAIError, status: Option<u16>, base_url: &str) -> Box<Failure> {
    let failure = match error {
        OpenAIError::Boxed(error) => match error.downcast::<Refusal>() {
            Ok(refusal) => return refusal.0,
            Err(other) => Failure::new(ErrorKind::Network, other.to_string()),
        },
        OpenAIError::Reqwest(error) => {
            let cause = root_cause(&error);
            let message = if error.is_connect() && error.is_timeout() {
                format!("{base_url} did not take the connection in time")
            } else if error.is_connect() {
                format!("cannot reach {base_url}: {cause}")
            } else {
                format!("the connection broke: {cause}")
            };
            Failure::new(ErrorKind::Network, message)
        }
        OpenAIError::JSONDeserialize(_, body) => Failure::new(
            ErrorKind::BadReply,
            format!("the server sent {}", fault::not_json(&body)),
        ),
        other => Failure::new(ErrorKind::BadReply, other.to_string()),
    };
    Box::new(Failure { status, ..failure })
}

/// Address and headers, as `async-openai` asks for them.
#[derive(Clone)]
struct Destination {
    base_url: String,
    key: SecretString,
    headers: HeaderMap,
}

impl Destination {
    fn new(platform: &Platform) -> Result<Self, Box<Failure>> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &platform.key {
            let bearer = format!("Bearer {}", key.expose_secret());
            let mut value = HeaderValue::from_str(&bearer).map_err(|_| {
                Failure::new(
                    ErrorKind::KeyMalformed,
                    "the key has characters in it that no header can carry",
                )
            })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(Destination {
            base_url: platform.base_url.clone(),
            key: platform.key.clone().unwrap_or_default(),
            headers,
        })
    }
}

impl Config for Destination {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base_url
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}

/// The bottom of the stack: sends once, notes the status, turns a refusal into a [`Failure`] while its headers are at
/// hand.
#[derive(Clone)]
struct Recorder {
    http: reqwest::Client,
    status: Arc<OnceLock<u16>>,
}

impl tower_service::Service<HttpRequestFactory> for Recorder {
    type Response = reqwest::Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let Recorder { http, status } = self.clone();
        Box::pin(async move {
            let response = http.execute(request.build().await?).await?;
            let _ = status.set(response.status().as_u16());
            if response.status().is_success() {
                return Ok(response);
            }
            Err(OpenAIError::Boxed(Box::new(Refusal::read(response).await)))
        })
    }
}

/// Carries a [`Failure`] up through `async-openai`.
#[derive(Debug)]
struct Refusal(Box<Failure>);

impl Refusal {
    async fn read(mut response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let mut body = Vec::new();
        // A refusal that breaks off still tells its status, so what arrived is used.
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() >= LONGEST_REFUSAL {
                break;
            }
        }
        let body = String::from_utf8_lossy(&body);
        Refusal(Box::new(fault::read(status, response.headers(), &body)))
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Refusal {}
