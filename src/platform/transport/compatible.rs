//! One request to an OpenAI-compatible server, through `async-openai`.
//!
//! This is the only file that names that crate. It is used in a way that loses nothing:
//! - its `byot` methods with raw JSON, which our own lenient decoder reads, because its types refuse what platforms really
//!   send;
//! - a service of ours under it, [`Carrier`], which signs, keeps status, headers and body of a refusal (the crate itself
//!   drops them), notices an answer of another type than asked for, and sends each request exactly once (the crate itself
//!   would retry);
//! - a configuration of ours, because the crate's own reads `OPENAI_*` variables meant for somebody else.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use async_openai::config::Config;
use async_openai::error::{OpenAIError, StreamError};
use async_openai::middleware::HttpRequestFactory;
use futures_util::StreamExt;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde_json::Value;
use serde_json::value::RawValue;

use super::http::{receive, refusal, unreachable};
use super::{Batch, Body, Received, comes_in_events, frames};
use crate::failure::ErrorKind;
use crate::platform::auth::Signer;
use crate::platform::whole::whole;
use crate::platform::{Adapter, Ask, Failure, Outcome, Platform, fault};

/// Sends one request, and reads the answer if it comes whole.
pub(super) async fn send(platform: &Platform, ask: &Ask<'_>, body: &Value) -> Outcome<Received> {
    let carrier = Carrier {
        http: platform.http.clone(),
        adapter: Arc::clone(&platform.adapter),
        signer: platform.signer.clone(),
        stream: ask.stream,
        status: Arc::default(),
    };
    let status = Arc::clone(&carrier.status);
    let client =
        async_openai::Client::build(platform.http.clone(), Destination::new(platform, ask)?)
            .with_http_service(carrier);
    let received = match ask.stream {
        true => stream(&client, body, platform).await,
        false => plain(&client, body, platform).await,
    };
    let status = status.get().copied();
    match received {
        Ok(body) => Ok(Received {
            status: status.unwrap_or(200),
            body,
        }),
        Err(Stop::Other(received)) => Ok(received),
        Err(Stop::Failed(failure)) => Err(Box::new(Failure {
            status: status.or(failure.status),
            ..*failure
        })),
    }
}

async fn plain(
    client: &async_openai::Client<Destination>,
    body: &Value,
    platform: &Platform,
) -> Result<Body, Stop> {
    let raw: Box<RawValue> = client
        .chat()
        .create_byot(body)
        .await
        .map_err(|error| Stop::read(error, &platform.base_url))?;
    let answer = platform.adapter.answer(raw.get()).and_then(whole);
    Ok(Body::Whole(Box::new(answer.map_err(Stop::Failed)?)))
}

async fn stream(
    client: &async_openai::Client<Destination>,
    body: &Value,
    platform: &Platform,
) -> Result<Body, Stop> {
    let events = client
        .chat()
        .create_stream_byot::<_, Box<RawValue>>(body)
        .await
        .map_err(|error| Stop::read(error, &platform.base_url))?;
    let adapter = Arc::clone(&platform.adapter);
    let batches = events.map(move |event| match event {
        Ok(raw) => frames::read(&*adapter, "", raw.get()),
        // An event that is no JSON.
        Err(OpenAIError::JSONDeserialize(_, text)) => frames::read(&*adapter, "", &text),
        Err(OpenAIError::StreamError(error)) => match *error {
            StreamError::EventStream(cause) => Batch::failed(Box::new(Failure::new(
                ErrorKind::BrokenStream,
                format!("the connection broke: {cause}"),
            ))),
            other => Batch::failed(Box::new(Failure::bad_reply(other.to_string()))),
        },
        Err(other) => Batch::failed(frames::broke(&other)),
    });
    Ok(Body::Events(batches.boxed()))
}

/// Why `async-openai` gave nothing.
enum Stop {
    Failed(Box<Failure>),
    /// The answer is of another type than was asked for, and was read here.
    Other(Received),
}

impl Stop {
    fn read(error: OpenAIError, base_url: &str) -> Stop {
        let failure = match error {
            OpenAIError::Boxed(error) => match error.downcast::<Carried>() {
                Ok(carried) => return carried.into_stop(),
                Err(other) => Failure::new(ErrorKind::Network, other.to_string()),
            },
            OpenAIError::Reqwest(error) => {
                return Stop::Failed(unreachable(&error, base_url));
            }
            OpenAIError::JSONDeserialize(_, body) => {
                Failure::bad_reply(format!("the server sent {}", fault::not_json(&body)))
            }
            other => Failure::bad_reply(other.to_string()),
        };
        Stop::Failed(Box::new(failure))
    }
}

/// Address and headers, as `async-openai` asks for them.
#[derive(Clone)]
struct Destination {
    url: String,
    base_url: String,
    key: SecretString,
    headers: HeaderMap,
}

impl Destination {
    fn new(platform: &Platform, ask: &Ask<'_>) -> Outcome<Self> {
        Ok(Destination {
            url: platform.adapter.url(&platform.base_url, ask),
            base_url: platform.base_url.clone(),
            key: platform.key.clone().unwrap_or_default(),
            headers: platform.adapter.headers(platform.key.as_ref())?,
        })
    }
}

impl Config for Destination {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    /// The adapter knows the whole address; some end in another path, or in a query.
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

/// The bottom of the stack: signs, sends once, and takes out what `async-openai` would lose.
#[derive(Clone)]
struct Carrier {
    http: reqwest::Client,
    adapter: Arc<dyn Adapter>,
    signer: Option<Arc<dyn Signer>>,
    stream: bool,
    status: Arc<OnceLock<u16>>,
}

impl tower_service::Service<HttpRequestFactory> for Carrier {
    type Response = reqwest::Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let Carrier {
            http,
            adapter,
            signer,
            stream,
            status,
        } = self.clone();
        Box::pin(async move {
            let mut request = request.build().await?;
            if let Some(signer) = signer {
                signer.sign(&mut request).await.map_err(Carried::failure)?;
            }
            let response = http.execute(request).await?;
            let _ = status.set(response.status().as_u16());
            if !response.status().is_success() {
                return Err(Carried::failure(refusal(response, &*adapter).await));
            }
            if comes_in_events(response.headers(), stream) == stream {
                return Ok(match stream {
                    true => without_mark(response),
                    false => response,
                });
            }
            match receive(Box::new(response), &adapter, stream).await {
                Ok(received) => Err(Carried::received(received)),
                Err(failure) => Err(Carried::failure(failure)),
            }
        })
    }
}

/// The same response, without a byte order mark before its events: the parser below `async-openai` cannot take one.
fn without_mark(response: reqwest::Response) -> reqwest::Response {
    let mut head = http::Response::new(());
    *head.status_mut() = response.status();
    *head.headers_mut() = response.headers().clone();
    let body = reqwest::Body::wrap_stream(frames::without_mark(response.bytes_stream()));
    head.map(|()| body).into()
}

/// Carries what was read up through `async-openai`, which knows nothing but errors.
struct Carried(std::sync::Mutex<Option<Stop>>);

impl Carried {
    fn failure(failure: Box<Failure>) -> OpenAIError {
        Carried::up(Stop::Failed(failure))
    }

    fn received(received: Received) -> OpenAIError {
        Carried::up(Stop::Other(received))
    }

    fn up(stop: Stop) -> OpenAIError {
        OpenAIError::Boxed(Box::new(Carried(std::sync::Mutex::new(Some(stop)))))
    }

    fn into_stop(self) -> Stop {
        let stop = self
            .0
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        stop.unwrap_or_else(|| Stop::Failed(Box::new(Failure::bad_reply("nothing came"))))
    }
}

impl std::fmt::Debug for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Carried")
    }
}

impl std::fmt::Display for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no answer of the type that was asked for")
    }
}

impl std::error::Error for Carried {}
