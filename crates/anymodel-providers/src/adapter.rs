//! The [`Adapter`] trait and its types: it translates a request into one platform's protocol, and the response back.
//!
//! An adapter has no memory. It sends nothing, waits for nothing and retries nothing. It turns a [`PlatformRequest`] into
//! an HTTP request, and the response into an [`Answer`], [`StreamDelta`]s or a [`PlatformError`]. So a new platform is
//! about fifty lines. This one adds Acme, whose models are robots and whose streams are lines:
//!
//! ```
//! use anymodel::adapter::{Answer, PlatformRequest, Framing, PlatformResult, StreamDelta, read_json};
//! use anymodel::prelude::*;
//! use anymodel::{Adapter, FinishReason};
//! use serde_json::{Value, json};
//!
//! #[derive(Debug)]
//! struct Acme;
//!
//! impl Adapter for Acme {
//!     // The address. The key goes into `Authorization: Bearer` unless `headers` says otherwise.
//!     fn url(&self, base_url: &str, ask: &PlatformRequest<'_>) -> String {
//!         format!("{base_url}/robots/{}", ask.model)
//!     }
//!
//!     // Body out.
//!     fn body(&self, ask: &PlatformRequest<'_>) -> anymodel::Result<Value> {
//!         let messages = ask.request.messages.iter();
//!         let lines: Vec<_> = messages.map(|message| json!([message.role.as_str(), message.content])).collect();
//!         Ok(json!({ "lines": lines, "bit_by_bit": ask.stream }))
//!     }
//!
//!     // Body in. An answer without a finish reason is accepted when it came whole. An empty answer is always an error.
//!     fn answer(&self, body: &str) -> PlatformResult<Answer> {
//!         let said: Value = read_json(body)?;
//!         let text = said["says"].as_str().unwrap_or_default().to_owned();
//!         Ok(Answer { text, finish_reason: Some(FinishReason::Stop), ..Answer::default() })
//!     }
//!
//!     // A stream's event in. Only `Finish` proves that a stream is complete: without it the answer is an error.
//!     fn event(&self, _name: &str, line: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<()> {
//!         let said: Value = read_json(line)?;
//!         deltas.extend(said["says"].as_str().map(|text| StreamDelta::Text(text.to_owned())));
//!         if said["bell"] == true {
//!             deltas.push(StreamDelta::Finish(FinishReason::Stop));
//!         }
//!         Ok(())
//!     }
//!
//!     // One JSON object a line; the default is server-sent events.
//!     fn framing(&self) -> Framing {
//!         Framing::Lines
//!     }
//! }
//!
//! // Error in: the default knows the statuses, the common error formats and every place of a retry hint.
//! let client = Client::builder()
//!     .platform("acme")
//!     .adapter("acme", "https://acme.example/v1", Some("acme-key-0123456789"), Acme)
//!     .build()?;
//! let preview = client.chat("acme::poet").user("Hello").preview()?; // nothing is sent
//! assert_eq!(preview.url, "https://acme.example/v1/robots/poet");
//! assert_eq!(preview.body["lines"][0][1], "Hello");
//!
//! assert_eq!(Acme.answer(r#"{"says":"Good day."}"#).unwrap().text, "Good day.");
//! let mut deltas = Vec::new();
//! Acme.event("", r#"{"says":"Bye.","bell":true}"#, &mut deltas).unwrap();
//! assert_eq!(deltas.last(), Some(&StreamDelta::Finish(FinishReason::Stop)));
//! assert!(Acme.event("", "<html>", &mut deltas).is_err());
//! # Ok::<(), anymodel::Error>(())
//! ```
//!
//! `examples/any_platform.rs` calls a running server through such an adapter.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use rust_decimal::Decimal;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{Passthrough, Platform, RawApi, error_response, json_repair, lenient, surrogates};
use anymodel_types::{
    ChatRequest, ErrorKind, FinishReason, ModelChoice, Result, ToolCall, Usage, words,
};

/// The result of one request: a value or a [`PlatformError`].
pub type PlatformResult<T> = std::result::Result<T, Box<PlatformError>>;

/// An adapter: it translates requests and responses of one platform's protocol.
pub trait Adapter: fmt::Debug + Send + Sync + 'static {
    /// The URL of the request. `base_url` has no slash at its end.
    fn url(&self, base_url: &str, ask: &PlatformRequest<'_>) -> String;

    /// The headers, with the key in one of them. The default is `Authorization: Bearer KEY`.
    ///
    /// # Errors
    /// [`ErrorKind::KeyMalformed`] when no header can carry the key.
    fn headers(&self, key: Option<&SecretString>) -> PlatformResult<HeaderMap> {
        bearer(key)
    }

    /// Capability check: whether the platform can serve the request. It runs for each model of a chain before the model is
    /// asked, so it builds no body. The default accepts every request; then [`body`](Self::body) reports the error.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the platform cannot; then the next model of the chain is asked.
    fn check(&self, _ask: &PlatformRequest<'_>) -> Result<()> {
        Ok(())
    }

    /// The request body.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    fn body(&self, ask: &PlatformRequest<'_>) -> Result<Value>;

    /// Decodes the body of a whole answer (HTTP 2xx).
    ///
    /// # Errors
    /// A [`PlatformError`] for every body that is not a whole answer.
    fn answer(&self, body: &str) -> PlatformResult<Answer>;

    /// Decodes one event of a streamed answer: the event's name (empty when it has none) and its data.
    ///
    /// # Errors
    /// A [`PlatformError`] when the event is an error, or cannot be decoded.
    fn event(&self, name: &str, data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<()>;

    /// Decodes an error response (not HTTP 2xx). The default knows the formats of all common platforms.
    fn failure(&self, status: u16, headers: &HeaderMap, body: &str) -> PlatformError {
        error_response::read(status, headers, body)
    }

    /// The kind of server, for messages: `a server of Acme's robots`.
    fn server(&self) -> &'static str {
        words::connections().right_server()
    }

    /// The framing: how a stream is cut into events.
    fn framing(&self) -> Framing {
        Framing::Sse
    }

    /// Whether the platform speaks this API itself, so that a caller's raw request to this model and its answer pass through
    /// unchanged, and how. The default speaks none.
    fn passthrough(&self, _api: RawApi, _model: &str) -> Option<Passthrough> {
        None
    }
}

/// One request as an adapter gets it: the conversation, the model, streamed or whole.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PlatformRequest<'a> {
    /// The conversation and its options.
    pub request: &'a ChatRequest,
    /// The model's name on the platform.
    pub model: &'a str,
    /// Set when the platform chooses the model.
    pub choice: Option<&'a ModelChoice>,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// The way of a request that is passed through; the answer's bytes are kept then.
    pub raw: Option<&'a Passthrough>,
}

impl<'a> PlatformRequest<'a> {
    /// A request to one model for a whole answer.
    pub fn new(request: &'a ChatRequest, model: &'a str) -> Self {
        PlatformRequest {
            request,
            model,
            choice: None,
            stream: false,
            raw: None,
        }
    }

    /// The adapter that this request goes by.
    pub(super) fn adapter(&self, platform: &'a Platform) -> &'a Arc<dyn Adapter> {
        self.raw.map_or(&platform.adapter, |way| &way.adapter)
    }

    /// The headers, with those that the caller of a raw request passes on in place of the adapter's.
    ///
    /// # Errors
    /// As [`Adapter::headers`].
    pub(super) fn headers(&self, platform: &'a Platform) -> PlatformResult<HeaderMap> {
        let mut headers = self.adapter(platform).headers(platform.key.as_ref())?;
        if let Some(way) = self.raw {
            headers.extend(way.headers.clone());
        }
        Ok(headers)
    }
}

/// The framing of a stream: how it is cut into events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Framing {
    /// Server-sent events.
    Sse,
    /// One JSON object a line.
    Lines,
    /// AWS's binary frames (`application/vnd.amazon.eventstream`).
    AwsEventStream,
}

/// A whole answer, decoded from the response body.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The platform's id of the answer.
    pub id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// The text.
    pub text: String,
    /// The reasoning before the text.
    pub reasoning: Option<String>,
    /// The tool calls of the model.
    pub tool_calls: Vec<ToolCall>,
    /// The refusal, in the model's own words.
    pub refusal: Option<String>,
    /// Why the model stopped.
    pub finish_reason: Option<FinishReason>,
    /// Tokens as the platform reported them.
    pub usage: Option<Usage>,
    /// US dollars as the platform reported them.
    pub cost: Option<Decimal>,
    /// Opaque state that the vendor requires back unchanged in the next turn.
    pub state: Option<Value>,
    /// Whether it is complete without text and tool calls: embeddings, an image, a voice.
    pub is_wordless: bool,
    /// The body as it was received, of a request that was passed through.
    pub raw: Option<Box<[u8]>>,
}

/// One delta of a streamed answer.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamDelta {
    /// The platform's id of the answer.
    Id(String),
    /// The model that answers.
    Model(String),
    /// More text.
    Text(String),
    /// More of the reasoning.
    Reasoning(String),
    /// More of a refusal.
    Refusal(String),
    /// One of the deltas above, or [`State`](Self::State), again from its beginning: some servers end a stream with the
    /// whole answer. The part that was received before is not emitted again.
    Repeated(Box<StreamDelta>),
    /// More of a tool call. Deltas with the same index belong together. Some servers repeat an index for another call; then
    /// a new call begins with another id, another name, or after arguments that were complete already.
    ToolCall {
        /// The index of the call.
        index: Option<usize>,
        /// Its id, sent once.
        id: Option<String>,
        /// The name of the function, sent once.
        name: Option<String>,
        /// More of the JSON text of its arguments.
        arguments: String,
        /// Opaque state that the vendor requires back unchanged with this call.
        state: Option<Value>,
    },
    /// The start of a tool that the server runs itself. Argument deltas under this index are no call for the caller.
    ServerTool {
        /// The index of the call.
        index: Option<usize>,
    },
    /// Tokens so far. A later report replaces the fields that it contains: a platform may report the prompt first and the
    /// answer at the end.
    Usage {
        /// Tokens of the prompt.
        prompt_tokens: Option<u64>,
        /// Tokens of the answer.
        completion_tokens: Option<u64>,
        /// Sum of both. A larger total means that the rest is reasoning.
        total_tokens: Option<u64>,
        /// The part of the answer spent on reasoning.
        reasoning_tokens: Option<u64>,
        /// The part of the prompt that was read from a cache.
        cached_tokens: Option<u64>,
        /// The part of the prompt that was written to a cache.
        cache_write_tokens: Option<u64>,
    },
    /// Content that is no text, such as an image or a voice. It is not kept: the caller of a raw stream has its bytes.
    Media,
    /// US dollars.
    Cost(Decimal),
    /// Why the model stopped. This proves that the answer is complete.
    Finish(FinishReason),
    /// Opaque state that the vendor requires back unchanged in the next turn; several are kept as a list.
    State(Value),
}

/// A failed request: its class, HTTP status, message and retry hint.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PlatformError {
    /// The error class.
    pub kind: ErrorKind,
    /// The HTTP status, when a response arrived.
    pub status: Option<u16>,
    /// The platform's message, or the crate's own when the platform sent none.
    pub message: String,
    /// How long the platform asked to wait.
    pub retry_after: Option<Duration>,
    /// Whether the platform said that a retry makes sense (`true`) or not (`false`); `None` when it said neither.
    pub may_retry: Option<bool>,
    /// The usage. Some failed requests are charged.
    pub usage: Option<Usage>,
    /// US dollars, for the same reason.
    pub cost: Option<Decimal>,
}

impl PlatformError {
    /// A failure of this class.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        PlatformError {
            kind,
            status: None,
            message: message.into(),
            retry_after: None,
            may_retry: None,
            usage: None,
            cost: None,
        }
    }

    /// A failure because the response does not follow the protocol.
    pub fn bad_reply(message: impl Into<String>) -> Self {
        PlatformError::new(ErrorKind::BadReply, message)
    }
}

/// Decodes JSON into a lenient type of the adapter.
///
/// # Errors
/// [`ErrorKind::BadReply`], with a description of the actual body.
pub fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> PlatformResult<T> {
    let text =
        surrogates::repair(text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace()));
    let read = lenient::read(&text).or_else(|| lenient::read(&json_repair::repair(&text)?));
    read.ok_or_else(|| {
        Box::new(PlatformError::bad_reply(
            words::answers().server_sent(&error_response::not_json(&text)),
        ))
    })
}

/// The header `Authorization: Bearer KEY`; no header without a key.
///
/// # Errors
/// [`ErrorKind::KeyMalformed`] when no header can carry the key.
pub fn bearer(key: Option<&SecretString>) -> PlatformResult<HeaderMap> {
    let key = key.map(|key| SecretString::from(["Bearer ", key.expose_secret()].concat()));
    with_key(AUTHORIZATION, key.as_ref())
}

/// The key alone in the header `name`.
///
/// # Errors
/// [`ErrorKind::KeyMalformed`] when no header can carry the key.
pub fn with_key(name: HeaderName, key: Option<&SecretString>) -> PlatformResult<HeaderMap> {
    let mut headers = HeaderMap::new();
    if let Some(key) = key {
        let mut value = HeaderValue::from_str(key.expose_secret()).map_err(|_| {
            PlatformError::new(
                ErrorKind::KeyMalformed,
                words::connections().no_header_can_carry_the_key(),
            )
        })?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}
