//! Who can be reached, and how to speak with them.
//!
//! - [`adapter`]: the trait, and the words that every protocol is translated into and out of
//! - [`openai`]: OpenAI chat completions, with or without OpenRouter's own fields
//! - [`anthropic`]: Anthropic Messages
//! - [`gemini`]: Google's `generateContent`
//! - [`capability_check`]: what cannot be done is said before a request goes out
//! - [`lenient`]: fields that cannot make reading fail
//! - [`surrogates`]: halves of a character in JSON
//! - [`shared_encoding`]: what several protocols write alike
//! - [`tool_calls`]: calls of functions as models write them → one set of arguments and an id of its own each
//! - [`raw_usage`]: what a platform told of tokens → a usage that adds up
//! - [`history`]: a conversation in which each call has its result
//! - [`check_complete`]: what counts as a whole answer, for all of them
//! - [`converse`]: Amazon Bedrock's Converse
//! - [`output_adaptation`]: a question as one platform can take it
//! - [`strict_schema`]: which JSON schema OpenAI's strict mode takes
//! - [`error_response`]: a response that is no answer → one [`PlatformError`] with its class
//! - [`transport`]: one HTTP request, and its response as it comes
//! - [`auth`]: proof of who sends, where it takes more than a key in a header
//! - [`connect`]: a preset, its key and its address → a [`Platform`]
//! - [`api_format`]: the same question as OpenAI, Anthropic and Gemini each want it
//!
//! Nothing in this room retries, sleeps or falls back: that is `call`'s alone.

pub mod adapter;
mod anthropic;
mod api_format;
mod auth;
mod capability_check;
mod completeness;
mod connect;
#[cfg(feature = "bedrock")]
mod converse;
mod error_response;
mod gemini;
mod history;
mod json_repair;
mod lenient;
mod openai;
pub(crate) mod output_adaptation;
mod raw_usage;
mod shared_encoding;
pub(crate) mod strict_schema;
pub(crate) mod surrogates;
mod tool_calls;
mod transport;

#[cfg(test)]
mod properties;

use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

pub use adapter::{
    Adapter, Answer, Framing, PlatformError, PlatformRequest, PlatformResult, StreamDelta,
};
pub use api_format::ApiFormat;
use auth::Signer;
pub(crate) use completeness::check_complete;
pub(crate) use connect::{PlatformConfig, connect};
pub(crate) use raw_usage::RawUsage;
#[cfg(test)]
pub(crate) use tool_calls::normalize;
pub(crate) use transport::http;
pub(crate) use transport::{Batch, Body, Events, Received, Transport};

use crate::platform_spec::PlatformCapabilities;
use crate::trail::is_simulated;

/// A platform with its address and key: where a request goes.
#[derive(Clone, Debug)]
pub(crate) struct Platform {
    /// The name in trails and tables.
    pub name: String,
    /// Without a slash at its end.
    pub base_url: String,
    pub key: Option<SecretString>,
    /// The variables in which a key is looked for; none when it is known by no name.
    pub key_variables: &'static [&'static str],
    pub adapter: Arc<dyn Adapter>,
    pub transport: Transport,
    pub signer: Option<Arc<dyn Signer>>,
    /// The pool of connections.
    pub http: reqwest::Client,
    pub address: http::Address,
    /// What it can do; `None` when nobody has said it.
    pub can: Option<PlatformCapabilities>,
    /// Whether its models are named as in the catalogue: `author/model`.
    pub catalogue_names: bool,
}

impl Platform {
    /// Tells its address from those of others that go by the same name, within one process. All sandboxes are one place.
    pub(crate) fn place(&self) -> u64 {
        match is_simulated(&self.name) {
            true => 0,
            false => BuildHasherDefault::<DefaultHasher>::default().hash_one(&self.base_url),
        }
    }

    /// Takes the key out of what a server said: some repeat what they refuse, and the words of a failure go into errors,
    /// trails and logs.
    pub(crate) fn hide_key(&self, failure: &mut PlatformError) {
        if let Some(key) = &self.key {
            failure.message = hidden(key.expose_secret(), &failure.message);
        }
    }

    /// After the key was refused: whether a new proof can be had.
    pub(crate) fn renew(&self) -> bool {
        self.signer.as_ref().is_some_and(|signer| signer.renew())
    }
}

/// The shortest beginning of a key that gives something of it away.
const TELLING: usize = 12;

/// `text` without `key`, and without the beginning of one: a long text may have been cut in the middle of it.
fn hidden(key: &str, text: &str) -> String {
    let beginning = key.get(..TELLING).unwrap_or(key);
    if beginning.is_empty() {
        return text.to_owned();
    }
    let mut parts = text.split(beginning);
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = key.bytes().skip(beginning.len()).zip(part.bytes());
        let of_the_key = rest.take_while(|(one, other)| one == other).count();
        told += "(key)";
        told += part.get(of_the_key..).unwrap_or_default();
    }
    told
}

/// The request that a call would send, for people to read. Made by [`Chat::preview`](crate::Chat::preview).
///
/// It displays as the HTTP request, with the key hidden.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Preview {
    /// The address.
    pub url: String,
    /// The header that carries the key, when there is one.
    pub key_header: Option<String>,
    /// The JSON that goes out.
    pub body: serde_json::Value,
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "POST {}", self.url)?;
        match self.key_header.as_deref() {
            Some("authorization") => writeln!(f, "authorization: Bearer (hidden)")?,
            Some(name) => writeln!(f, "{name}: (hidden)")?,
            None => {}
        }
        writeln!(f, "content-type: application/json\n")?;
        write!(f, "{:#}", self.body)
    }
}
