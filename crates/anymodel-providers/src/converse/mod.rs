//! Adapter for AWS Bedrock's Converse, one protocol for all models that Bedrock hosts: requests, answers and errors. Signing is
//! `auth::sigv4`.
//!
//! Sources: AWS's reference of `Converse` and `ConverseStream`
//! (<https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>), and the service description
//! that AWS's own SDKs are made from, as botocore 1.44.5 carries it; both read in November 2026.
//!
//! - [`encode`]: request encoding; [`parameters`]: the optional fields
//! - [`wire`]: response decoding, whole or streamed
//! - [`error_names`]: AWS's error names → [`ErrorKind`](anymodel_types::ErrorKind)
//!
//! A stream comes in binary frames, not as server-sent events: `transport::aws_frames` decodes them.

mod encode;
mod error_names;
mod parameters;
mod wire;

#[cfg(test)]
mod properties;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::{
    Adapter, Answer, Framing, PlatformError, PlatformRequest, PlatformResult, StreamDelta,
};
use anymodel_types::Result;

/// The adapter for a server that speaks Converse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Converse;

impl Adapter for Converse {
    fn url(&self, base_url: &str, ask: &PlatformRequest<'_>) -> String {
        let operation = match ask.stream {
            true => "converse-stream",
            false => "converse",
        };
        format!("{base_url}/model/{}/{operation}", in_path(ask.model))
    }

    fn check(&self, ask: &PlatformRequest<'_>) -> Result<()> {
        encode::check(ask)
    }

    fn body(&self, ask: &PlatformRequest<'_>) -> Result<Value> {
        encode::encode(ask)
    }

    fn server(&self) -> &'static str {
        "Amazon Bedrock's Converse"
    }

    fn answer(&self, body: &str) -> PlatformResult<Answer> {
        wire::answer(body)
    }

    fn event(&self, name: &str, data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        wire::event(name, data, deltas)
    }

    fn failure(&self, status: u16, headers: &HeaderMap, body: &str) -> PlatformError {
        error_names::read(status, headers, body)
    }

    fn framing(&self) -> Framing {
        Framing::AwsEventStream
    }
}

/// Percent-encodes a model name: it may contain colons, and an ARN slashes. A URL path cannot contain them as they are.
fn in_path(model: &str) -> String {
    let mut path = String::with_capacity(model.len() + 8);
    for byte in model.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                path.push(char::from(byte));
            }
            other => path.push_str(&format!("%{other:02X}")),
        }
    }
    path
}
