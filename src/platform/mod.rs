//! Who can be reached, and how to speak with them.
//!
//! - [`auth`]: proof of identity that takes more than a key: AWS signatures, Google tokens
//! - [`preset`]: the platforms known by name, with address, key variable and naming of models
//! - [`encode`]: our request → the JSON that goes out
//! - [`wire`]: the JSON that comes back, read leniently
//! - [`fault`]: a response that is no answer → one [`Failure`] with its class
//! - [`openai_compatible`]: one HTTP request through `async-openai`, the only file that names that crate
//! - [`shape`]: the same question as OpenAI, Anthropic and Gemini each want it
//!
//! Nothing in this room retries, sleeps or falls back: that is `call`'s alone.

pub(crate) mod auth;
mod encode;
mod fault;
pub(crate) mod http;
mod openai_compatible;
mod preset;
mod shape;
mod wire;

#[cfg(test)]
mod properties;

use std::fmt;
use std::time::Duration;

use rust_decimal::Decimal;
use secrecy::SecretString;

use crate::chat::FinishReason;
use crate::failure::ErrorKind;
use crate::usage::Usage;

pub(crate) use encode::encode;
pub(crate) use openai_compatible::send;
pub(crate) use preset::known;
pub use preset::{Preset, presets};
pub use shape::Shape;

/// A platform with its address and key: where a request goes.
#[derive(Clone, Debug)]
pub(crate) struct Platform {
    /// The name in trails and tables.
    pub name: String,
    /// Without a slash at its end.
    pub base_url: String,
    pub key: Option<SecretString>,
    pub dialect: Dialect,
}

/// What a server understands beyond OpenAI's own fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// OpenRouter: `models`, `provider`, `plugins`, `reasoning`.
    OpenRouter,
    /// OpenAI's fields and nothing else.
    Plain,
}

/// A whole answer, as read from the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub id: Option<String>,
    pub model: Option<String>,
    pub text: String,
    pub finish_reason: Option<FinishReason>,
    pub usage: Option<Usage>,
    pub cost: Option<Decimal>,
}

/// What one request came to.
pub(crate) type Outcome = Result<Answer, Box<Failure>>;

/// A request that brought no answer.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub kind: ErrorKind,
    pub status: Option<u16>,
    /// The platform's words, or ours when it said nothing.
    pub message: String,
    pub retry_after: Option<Duration>,
    /// Some failures are paid for.
    pub usage: Option<Usage>,
    pub cost: Option<Decimal>,
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Failure {
            kind,
            status: None,
            message: message.into(),
            retry_after: None,
            usage: None,
            cost: None,
        }
    }
}

/// The request that a call would send, for people to read. Made by [`Chat::preview`](crate::Chat::preview).
///
/// It displays as the HTTP request, with the key hidden.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Preview {
    /// The address.
    pub url: String,
    /// Whether a key goes with it.
    pub has_key: bool,
    /// The JSON that goes out.
    pub body: serde_json::Value,
}

impl Preview {
    pub(crate) fn new(platform: &Platform, body: serde_json::Value) -> Self {
        Preview {
            url: format!("{}{}", platform.base_url, openai_compatible::PATH),
            has_key: platform.key.is_some(),
            body,
        }
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "POST {}", self.url)?;
        if self.has_key {
            writeln!(f, "authorization: Bearer (hidden)")?;
        }
        writeln!(f, "content-type: application/json\n")?;
        write!(f, "{:#}", self.body)
    }
}
