//! Adapter for Anthropic Messages.
//!
//! - [`encode`]: request encoding
//! - [`count_tokens`]: the count of tokens, for requests that are passed through
//! - [`wire`]: response decoding, whole or streamed
//!
//! The main differences from OpenAI's format: the system prompt stands outside the conversation, the length of the answer
//! is a required field, a turn is a list of blocks, and reasoning comes back signed and has to be returned unchanged.
//! Source: <https://platform.claude.com/docs/en/api/messages>, version 2023-06-01, read in August to November 2026.

mod count_tokens;
mod encode;
mod wire;

use count_tokens::CountTokens;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde_json::Value;

use super::adapter::{bearer, read_json, with_key};
use super::capability_check::check_abilities;
use super::shared_encoding::says_nothing;
use super::{Adapter, Answer, Passthrough, PlatformRequest, PlatformResult, RawApi, StreamDelta};
use anymodel_types::{Result, words};

/// The protocol version that this adapter implements.
const VERSION: &str = "2023-06-01";

/// The adapter for a server that speaks Anthropic Messages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anthropic {
    /// The header that carries the key without a prefix; `None` is `Authorization: Bearer`.
    pub key_header: Option<&'static str>,
    /// Whether requests are passed through as they are: then the platform says itself which rarer settings it lacks.
    pub is_raw: bool,
}

impl Adapter for Anthropic {
    /// Anthropic's own tools take the bare host as base URL; some gateways document it with its `/v1`.
    fn url(&self, base_url: &str, _ask: &PlatformRequest<'_>) -> String {
        match base_url.ends_with("/v1") {
            true => format!("{base_url}/messages"),
            false => format!("{base_url}/v1/messages"),
        }
    }

    fn headers(&self, key: Option<&SecretString>) -> PlatformResult<HeaderMap> {
        let mut headers = match self.key_header {
            Some(name) => with_key(HeaderName::from_static(name), key)?,
            None => bearer(key)?,
        };
        headers.insert("anthropic-version", HeaderValue::from_static(VERSION));
        Ok(headers)
    }

    fn check(&self, ask: &PlatformRequest<'_>) -> Result<()> {
        match self.is_raw {
            true => check_abilities(ask.request, ask.model, Some("anthropic")),
            false => encode::check(ask).map(drop),
        }
    }

    fn body(&self, ask: &PlatformRequest<'_>) -> Result<Value> {
        encode::encode(ask)
    }

    fn passthrough(&self, api: RawApi, _model: &str) -> Option<Passthrough> {
        let adapter = Anthropic {
            is_raw: true,
            ..*self
        };
        match api {
            RawApi::Messages => Some(Passthrough::new(adapter, Some("max_tokens"))),
            RawApi::CountTokens => Some(Passthrough::new(CountTokens(*self), None)),
            _ => None,
        }
    }

    fn server(&self) -> &'static str {
        words::connections().server_that_speaks_anthropic_messages()
    }

    fn answer(&self, body: &str) -> PlatformResult<Answer> {
        let answer = read_json::<wire::WireReply>(body)?.into_answer(body)?;
        super::completeness::or_its_cause(answer, body)
    }

    fn event(&self, name: &str, data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        // Anthropic itself does not send this, but gateways that speak both protocols do.
        if data.trim() == "[DONE]" || says_nothing(name, data) {
            return Ok(());
        }
        wire::read_event(name, data, deltas)
    }
}
