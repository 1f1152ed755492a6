//! What it takes to speak with a platform: an address, headers, a body out, a body in, a stream's event in, an error in.
//!
//! An adapter is a translator without memory. It sends nothing, waits for nothing and retries nothing: it turns an
//! [`PlatformRequest`] into a request, and what comes back into an [`Answer`], [`StreamDelta`]s or a [`PlatformError`]. So a new platform is about
//! fifty lines. This one adds Acme, whose models are robots and whose streams are lines:
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
//!     // Body in. Without a finish reason an answer that came whole is taken as it is; one that is empty never is.
//!     fn answer(&self, body: &str) -> PlatformResult<Answer> {
//!         let said: Value = read_json(body)?;
//!         let text = said["says"].as_str().unwrap_or_default().to_owned();
//!         Ok(Answer { text, finish_reason: Some(FinishReason::Stop), ..Answer::default() })
//!     }
//!
//!     // A stream's event in. Only `Finish` proves that a stream ended well: without it the answer is an error.
//!     fn event(&self, _name: &str, line: &str, pieces: &mut Vec<StreamDelta>) -> PlatformResult<()> {
//!         let said: Value = read_json(line)?;
//!         pieces.extend(said["says"].as_str().map(|text| StreamDelta::Text(text.to_owned())));
//!         if said["bell"] == true {
//!             pieces.push(StreamDelta::Finish(FinishReason::Stop));
//!         }
//!         Ok(())
//!     }
//!
//!     // One JSON object a line; without this, server-sent events.
//!     fn framing(&self) -> Framing {
//!         Framing::Lines
//!     }
//! }
//!
//! // Error in: the default knows the statuses, the common forms of an error and every place of a hint when to come back.
//! let client = Client::builder()
//!     .platform("acme")
//!     .adapter("acme", "https://acme.example/v1", Some("acme-key-0123456789"), Acme)
//!     .build()?;
//! let preview = client.chat("acme::poet").user("Hello").preview()?; // nothing is sent
//! assert_eq!(preview.url, "https://acme.example/v1/robots/poet");
//! assert_eq!(preview.body["lines"][0][1], "Hello");
//!
//! assert_eq!(Acme.answer(r#"{"says":"Good day."}"#).unwrap().text, "Good day.");
//! let mut pieces = Vec::new();
//! Acme.event("", r#"{"says":"Bye.","bell":true}"#, &mut pieces).unwrap();
//! assert_eq!(pieces.last(), Some(&StreamDelta::Finish(FinishReason::Stop)));
//! assert!(Acme.event("", "<html>", &mut pieces).is_err());
//! # Ok::<(), anymodel::Error>(())
//! ```
//!
//! `examples/any_platform.rs` speaks with one that runs.

use std::fmt;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use rust_decimal::Decimal;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{error_response, json_repair, lenient, surrogates};
use crate::chat::{ChatRequest, FinishReason, ToolCall};
use crate::error::Result;
use crate::failure::ErrorKind;
use crate::target::ModelChoice;
use crate::usage::Usage;

/// `Result` with a [`PlatformError`]: what one request came to.
pub type PlatformResult<T> = std::result::Result<T, Box<PlatformError>>;

/// Speaks one platform's protocol.
pub trait Adapter: fmt::Debug + Send + Sync + 'static {
    /// Where the request goes. `base_url` has no slash at its end.
    fn url(&self, base_url: &str, ask: &PlatformRequest<'_>) -> String;

    /// The headers, with the key in one of them. The default is `Authorization: Bearer KEY`.
    ///
    /// # Errors
    /// [`ErrorKind::KeyMalformed`] when no header can carry the key.
    fn headers(&self, key: Option<&SecretString>) -> PlatformResult<HeaderMap> {
        bearer(key)
    }

    /// Whether the platform can do what is asked. Each model of a chain is checked before one before it is asked, so this
    /// writes no request. The default takes all for possible; then an error of [`body`](Self::body) tells.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when it cannot: then the next model of a chain is asked.
    fn check(&self, _ask: &PlatformRequest<'_>) -> Result<()> {
        Ok(())
    }

    /// The JSON that goes out.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    fn body(&self, ask: &PlatformRequest<'_>) -> Result<Value>;

    /// Reads the body of a whole answer (HTTP 2xx).
    ///
    /// # Errors
    /// A [`PlatformError`] for everything that is no whole answer.
    fn answer(&self, body: &str) -> PlatformResult<Answer>;

    /// Reads one event of a streamed answer: the event's name (empty when it has none) and its data.
    ///
    /// # Errors
    /// A [`PlatformError`] when the event is an error, or cannot be read.
    fn event(&self, name: &str, data: &str, pieces: &mut Vec<StreamDelta>) -> PlatformResult<()>;

    /// Reads a response that is no answer (not HTTP 2xx). The default knows the forms of all common platforms.
    fn failure(&self, status: u16, headers: &HeaderMap, body: &str) -> PlatformError {
        error_response::read(status, headers, body)
    }

    /// What kind of server it speaks with, for messages: `a server of Acme's robots`.
    fn server(&self) -> &'static str {
        "the right server"
    }

    /// How a stream is cut into events.
    fn framing(&self) -> Framing {
        Framing::Sse
    }
}

/// What one request asks for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PlatformRequest<'a> {
    /// The conversation and how to answer it.
    pub request: &'a ChatRequest,
    /// The model, as the platform names it.
    pub model: &'a str,
    /// Set when the platform is to choose the model.
    pub(crate) choice: Option<&'a ModelChoice>,
    /// Whether the answer is to come word by word.
    pub stream: bool,
}

impl<'a> PlatformRequest<'a> {
    /// Asks one model for a whole answer.
    pub fn new(request: &'a ChatRequest, model: &'a str) -> Self {
        PlatformRequest {
            request,
            model,
            choice: None,
            stream: false,
        }
    }
}

/// How a stream is cut into events.
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

/// A whole answer, as read from the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The platform's own number for it.
    pub id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// What it said.
    pub text: String,
    /// What it thought before.
    pub reasoning: Option<String>,
    /// The functions that it wants called.
    pub tool_calls: Vec<ToolCall>,
    /// Why it refused, in its own words.
    pub refusal: Option<String>,
    /// Why it stopped.
    pub finish_reason: Option<FinishReason>,
    /// Tokens as the platform reported them.
    pub usage: Option<Usage>,
    /// US dollars as the platform reported them.
    pub cost: Option<Decimal>,
    /// What the vendor wants back unchanged in the next turn.
    pub state: Option<Value>,
}

/// One step of a streamed answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StreamDelta {
    /// The platform's own number for the answer.
    Id(String),
    /// The model that answers.
    Model(String),
    /// More text.
    Text(String),
    /// More of what it thinks.
    Reasoning(String),
    /// More of a refusal.
    Refusal(String),
    /// One of the pieces above, or [`State`](Self::State), once more from its beginning: some servers end a stream with the
    /// whole answer. What of it came already is not said again.
    Again(Box<StreamDelta>),
    /// More of a call of a function. Pieces with the same index belong together. Where servers lose count, what the pieces
    /// say decides: another id, another name, or arguments that were complete already begin another call.
    ToolCall {
        /// Which call.
        index: Option<usize>,
        /// Its number, once.
        id: Option<String>,
        /// The function, once.
        name: Option<String>,
        /// More of the JSON text of its arguments.
        arguments: String,
        /// What the vendor wants back unchanged with this call.
        state: Option<Value>,
    },
    /// A tool that the server runs itself begins: pieces of arguments under this index are no call for the caller.
    ServerTool {
        /// Which call.
        index: Option<usize>,
    },
    /// Tokens so far. A later one replaces what it names: a platform may tell of the question first, of the answer at the
    /// end.
    Usage {
        /// Of the question.
        prompt_tokens: Option<u64>,
        /// Of the answer.
        completion_tokens: Option<u64>,
        /// Both together. What is more in it than in both is taken for thoughts.
        total_tokens: Option<u64>,
        /// The part of the answer spent on reasoning.
        reasoning_tokens: Option<u64>,
        /// The part of the question read from a cache.
        cached_tokens: Option<u64>,
        /// The part of the question written to a cache.
        cache_write_tokens: Option<u64>,
    },
    /// US dollars.
    Cost(Decimal),
    /// Why it stopped: the proof that the answer is whole.
    Finish(FinishReason),
    /// What the vendor wants back unchanged in the next turn; several are kept as a list.
    State(Value),
}

/// A request that brought no answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PlatformError {
    /// The class.
    pub kind: ErrorKind,
    /// The HTTP status, when a response arrived.
    pub status: Option<u16>,
    /// The platform's words, or ours when it said nothing.
    pub message: String,
    /// How long the platform asked to wait.
    pub retry_after: Option<Duration>,
    /// Whether the platform said that another try makes sense, or that it does not; `None` when it said neither.
    pub may_retry: Option<bool>,
    /// Some failures are paid for.
    pub usage: Option<Usage>,
    /// US dollars, likewise.
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

    /// What came is not what the protocol says.
    pub fn bad_reply(message: impl Into<String>) -> Self {
        PlatformError::new(ErrorKind::BadReply, message)
    }
}

/// Reads JSON into a lenient type of the adapter.
///
/// # Errors
/// [`ErrorKind::BadReply`], with a description of what came instead.
pub fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> PlatformResult<T> {
    let text =
        surrogates::repair(text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace()));
    let read = lenient::read(&text).or_else(|| lenient::read(&json_repair::repair(&text)?));
    read.ok_or_else(|| {
        Box::new(PlatformError::bad_reply(format!(
            "the server sent {}",
            error_response::not_json(&text)
        )))
    })
}

/// `Authorization: Bearer KEY`; without a key no header at all.
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
                "the key has characters in it that no header can carry",
            )
        })?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}
