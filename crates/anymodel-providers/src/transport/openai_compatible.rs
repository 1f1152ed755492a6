//! Transport through `async-openai`: one request to an OpenAI-compatible server.
//!
//! This is the only file that names that crate. The crate makes the request. The raw response is taken from it and decoded
//! like every other one ([`receive`]), because its own decoding loses information:
//! - its types refuse real responses of platforms, so its `byot` methods are used, with raw JSON;
//! - it drops status, headers and body of an error response, and would retry: [`RawHttpService`] below it signs and sends
//!   exactly once, and returns the raw response;
//! - its event parser is quadratic in the length of a line, and drops events that break the specification;
//! - its own configuration reads `OPENAI_*` variables of other programs, so this file has its own.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use reqwest::header::{ACCEPT, HeaderMap};
use secrecy::SecretString;
use serde_json::Value;

use super::Received;
use super::http::{accepted, unreachable};
use super::receive::{AskedFor, receive};
use crate::auth::Signer;
use crate::{Platform, PlatformError, PlatformRequest, PlatformResult, RequestBody};
use anymodel_types::{ErrorKind, words};

/// Sends one request, and reads the answer if it is not streamed.
pub(super) async fn send(
    platform: &Platform,
    ask: &PlatformRequest<'_>,
    body: &RequestBody,
) -> PlatformResult<Received> {
    let carrier = RawHttpService {
        http: platform.http.clone(),
        signer: platform.signer.clone(),
        base_url: platform.base_url.clone(),
    };
    let destination = ClientConfig::new(platform, ask)?;
    let client =
        async_openai::Client::build(platform.http.clone(), destination).with_http_service(carrier);
    let carried: Result<Value, OpenAIError> = client.chat().create_byot(body).await;
    let response = match carried {
        Err(error) => SmuggledResponse::out_of(error)?,
        Ok(_) => {
            return Err(Box::new(PlatformError::bad_reply(
                words::connections().answer_was_read_by_another(),
            )));
        }
    };
    receive(response, ask.adapter(platform), AskedFor::of(ask)).await
}

/// The configuration of `async-openai`: URL and headers.
#[derive(Clone)]
struct ClientConfig {
    url: String,
    base_url: String,
    key: SecretString,
    headers: HeaderMap,
}

impl ClientConfig {
    fn new(platform: &Platform, ask: &PlatformRequest<'_>) -> PlatformResult<Self> {
        let adapter = ask.adapter(platform);
        let mut headers = ask.headers(platform)?;
        let accepted = accepted(ask.stream, adapter.framing());
        headers.entry(ACCEPT).or_insert(accepted);
        Ok(ClientConfig {
            url: adapter.url(&platform.base_url, ask),
            base_url: platform.base_url.clone(),
            key: platform.key.clone().unwrap_or_default(),
            headers,
        })
    }
}

impl Config for ClientConfig {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    /// The adapter knows the whole URL; some end in another path, or in a query.
    fn url(&self, _path: &str) -> String {
        self.url.clone()
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

/// The HTTP service under `async-openai`: it signs, sends once, and returns the raw response.
#[derive(Clone)]
struct RawHttpService {
    http: reqwest::Client,
    signer: Option<Arc<dyn Signer>>,
    base_url: String,
}

impl tower_service::Service<HttpRequestFactory> for RawHttpService {
    type Response = reqwest::Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let RawHttpService {
            http,
            signer,
            base_url,
        } = self.clone();
        Box::pin(async move {
            let mut request = request.build().await?;
            if let Some(signer) = signer
                && let Err(failure) = signer.sign(&mut request).await
            {
                return Err(SmuggledResponse::up(Err(failure)));
            }
            let response = http.execute(request).await;
            Err(SmuggledResponse::up(match response {
                Ok(response) => Ok(Box::new(response)),
                Err(error) => Err(unreachable(&error, &base_url)),
            }))
        })
    }
}

type Sent = PlatformResult<Box<reqwest::Response>>;

/// Carries the raw response through `async-openai` as an error, because it parses everything else.
struct SmuggledResponse(Mutex<Option<Sent>>);

impl SmuggledResponse {
    fn up(sent: Sent) -> OpenAIError {
        OpenAIError::Boxed(Box::new(SmuggledResponse(Mutex::new(Some(sent)))))
    }

    /// The carried response; or the reason why `async-openai` sent no request.
    fn out_of(error: OpenAIError) -> Sent {
        let other = match error {
            OpenAIError::Boxed(error) => match error.downcast::<SmuggledResponse>() {
                Ok(carried) => {
                    let sent = carried.0.into_inner();
                    let sent = sent.unwrap_or_else(PoisonError::into_inner);
                    return sent.unwrap_or_else(|| {
                        Err(Box::new(PlatformError::bad_reply(
                            words::connections().nothing_came(),
                        )))
                    });
                }
                Err(other) => other.to_string(),
            },
            other => other.to_string(),
        };
        Err(Box::new(PlatformError::new(
            ErrorKind::InvalidRequest,
            other,
        )))
    }
}

impl std::fmt::Debug for SmuggledResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Carried")
    }
}

impl std::fmt::Display for SmuggledResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a response that is not read yet")
    }
}

impl std::error::Error for SmuggledResponse {}
