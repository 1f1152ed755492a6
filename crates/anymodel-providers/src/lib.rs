//! One request to one platform: adapters that translate each protocol, and the transport that sends the requests.
//!
//! - [`adapter`]: the trait, and the types that every protocol is translated into and out of
//! - `openai`: adapter for OpenAI chat completions, with or without OpenRouter's own fields
//! - `anthropic`: adapter for Anthropic Messages
//! - `gemini`: adapter for Google's `generateContent`
//! - `capability_check`: refuses unsupported features before a request is sent
//! - `lenient`: lenient deserialization
//! - [`surrogates`]: lone surrogates in JSON
//! - `shared_encoding`: encoding shared by several protocols
//! - `tool_calls`: tool calls with one set of arguments and a unique id each
//! - `raw`: raw requests, passed through to a platform that speaks their API
//! - `raw_usage`: the token counts of a platform → a consistent usage
//! - `history`: a conversation in which each call has its result
//! - [`check_complete`]: the completeness check for all platforms
//! - `converse`: adapter for Amazon Bedrock's Converse
//! - [`output_adaptation`]: adapts the output format to platform and model
//! - `error_response`: an error response → one [`PlatformError`] with its class
//! - `transport`: one HTTP request, and its response
//! - `auth`: authentication that needs more than a key in a header
//! - [`connect`]: a platform spec, a key and an address → a [`Platform`]
//! - `api_format`: the same request in the formats of OpenAI, Anthropic and Gemini
//!
//! Nothing here retries, sleeps or falls back: only `anymodel-client` does.
//!
//! # Features
//! - `bedrock`: AWS Bedrock: signed requests, Converse with its binary event stream
//! - `vertex`: GCP Vertex AI: tokens that are fetched and renewed

#![cfg_attr(docsrs, feature(doc_cfg))]

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
pub mod output_adaptation;
mod raw;
mod raw_usage;
mod shared_encoding;
pub mod surrogates;
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
pub use auth::Signer;
pub use completeness::check_complete;
pub use connect::{PlatformConfig, connect};
pub use raw::{Passthrough, RawApi, RawRequest, RequestBody};
pub use raw_usage::RawUsage;
pub use tool_calls::normalize;
pub use transport::http;
pub use transport::{Batch, Body, Events, RawFrame, Received, Transport};

use anymodel_catalog::platform_spec::PlatformCapabilities;
use anymodel_types::is_simulated;

/// A platform with its adapter, address and key: where a request goes, and in which protocol.
#[derive(Clone, Debug)]
pub struct Platform {
    /// The name in trails and tables.
    pub name: String,
    /// The base URL, without a slash at its end.
    pub base_url: String,
    /// The API key; `None` where none is needed, or a signer has other credentials.
    pub key: Option<SecretString>,
    /// The variables that may hold its key; empty for a platform that is not in the table of platform specs.
    pub key_variables: &'static [&'static str],
    /// The protocol: it writes requests and reads answers.
    pub adapter: Arc<dyn Adapter>,
    /// The HTTP client that carries its requests.
    pub transport: Transport,
    /// Signs requests, where the platform takes no plain key.
    pub signer: Option<Arc<dyn Signer>>,
    /// The connection pool.
    pub http: reqwest::Client,
    /// The parsed URL of most requests.
    pub address: http::Address,
    /// Its capabilities; `None` when they are not known.
    pub can: Option<PlatformCapabilities>,
    /// Whether its models are named as in the catalogue: `author/model`.
    pub catalogue_names: bool,
}

impl Platform {
    /// Distinguishes its address from others with the same name, within one process. All sandboxes count as one address.
    pub fn place(&self) -> u64 {
        match is_simulated(&self.name) {
            true => 0,
            false => BuildHasherDefault::<DefaultHasher>::default().hash_one(&self.base_url),
        }
    }

    /// Removes the key from a server's error message: some servers repeat the request, and the message goes into errors,
    /// trails and logs.
    pub fn hide_key(&self, failure: &mut PlatformError) {
        if let Some(key) = &self.key {
            failure.message = hidden(key.expose_secret(), &failure.message);
        }
    }

    /// After the key was refused: whether the signer can get new credentials.
    pub fn renew(&self) -> bool {
        self.signer.as_ref().is_some_and(|signer| signer.renew())
    }
}

/// The shortest prefix of a key that is secret.
const TELLING: usize = 12;

/// `text` without `key`, and without a prefix of it: a long text may have been cut in the middle of the key.
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

/// The HTTP request that a call would send, for inspection. Made by `Chat::preview`.
///
/// It displays as the HTTP request, with the key hidden.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Preview {
    /// The URL.
    pub url: String,
    /// The header that carries the key, when there is one.
    pub key_header: Option<String>,
    /// The request body.
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
