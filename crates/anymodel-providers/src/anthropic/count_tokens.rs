//! Adapter for Anthropic's count of tokens, passed through: the count is the caller's, and costs nothing.
//!
//! Source: <https://platform.claude.com/docs/en/api/messages-count-tokens>, read in November 2026.

use reqwest::header::HeaderMap;
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use super::Anthropic;
use crate::adapter::read_json;
use crate::lenient::count;
use crate::{Adapter, Answer, PlatformRequest, PlatformResult, StreamDelta, error_response};
use anymodel_types::{Error, ErrorKind, Result, words};

/// The adapter for the count of tokens of a server that speaks Anthropic Messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct CountTokens(pub Anthropic);

impl Adapter for CountTokens {
    fn url(&self, base_url: &str, ask: &PlatformRequest<'_>) -> String {
        self.0.url(base_url, ask) + "/count_tokens"
    }

    fn headers(&self, key: Option<&SecretString>) -> PlatformResult<HeaderMap> {
        self.0.headers(key)
    }

    fn body(&self, _ask: &PlatformRequest<'_>) -> Result<Value> {
        let message = words::connections().request_is_only_passed_through();
        Err(Error::new(ErrorKind::InvalidRequest, message))
    }

    fn server(&self) -> &'static str {
        self.0.server()
    }

    fn answer(&self, body: &str) -> PlatformResult<Answer> {
        if read_json::<WireCount>(body)?.input_tokens.is_none() {
            let missing = "the answer holds no count of tokens";
            return Err(Box::new(error_response::instead_of_answer(body, missing)));
        }
        Ok(Answer {
            cost: Some(Decimal::ZERO),
            is_wordless: true,
            ..Answer::default()
        })
    }

    /// A count is not streamed.
    fn event(&self, _: &str, data: &str, _: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        Err(Box::new(error_response::in_event(data)))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireCount {
    #[serde(deserialize_with = "count")]
    input_tokens: Option<u64>,
}
