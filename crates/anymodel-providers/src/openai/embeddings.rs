//! Adapter for OpenAI's embeddings, passed through: the vectors are the caller's, and only tokens and cost are read.
//!
//! Source: <https://platform.openai.com/docs/api-reference/embeddings>, read in November 2026.

use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::usage::WireUsage;
use super::{OpenAi, not_encoded};
use crate::adapter::read_json;
use crate::lenient::{lenient, list, object, word};
use crate::{
    Adapter, Answer, PlatformError, PlatformRequest, PlatformResult, StreamDelta, error_response,
};
use anymodel_types::Result;

/// The path of embeddings, below the base URL.
const EMBEDDINGS: &str = "/embeddings";

/// The adapter for the embeddings of an OpenAI-compatible server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Embeddings(pub OpenAi);

impl Adapter for Embeddings {
    fn url(&self, base_url: &str, ask: &PlatformRequest<'_>) -> String {
        self.0.url_of(EMBEDDINGS, base_url, ask)
    }

    fn headers(&self, key: Option<&SecretString>) -> PlatformResult<HeaderMap> {
        self.0.headers(key)
    }

    fn body(&self, _ask: &PlatformRequest<'_>) -> Result<Value> {
        not_encoded()
    }

    fn server(&self) -> &'static str {
        self.0.server()
    }

    fn answer(&self, body: &str) -> PlatformResult<Answer> {
        let read: WireEmbeddings = read_json(body)?;
        let cost = read.usage.as_ref().and_then(|usage| usage.cost);
        let usage = read.usage.and_then(|usage| usage.tokens().usage());
        let failed = |failure: PlatformError| {
            Box::new(PlatformError {
                usage,
                cost,
                ..failure
            })
        };
        if let Some(error) = error_response::beside(read.error, read.base_resp, None) {
            return Err(failed(error_response::read_error(None, &error)));
        }
        if read.data.is_none_or(|data| data.is_empty()) {
            let missing = "the answer holds no embeddings";
            return Err(failed(error_response::instead_of_answer(body, missing)));
        }
        Ok(Answer {
            id: read.id,
            model: read.model,
            usage,
            cost,
            is_wordless: true,
            ..Answer::default()
        })
    }

    /// Embeddings are not streamed.
    fn event(&self, _: &str, data: &str, _: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        Err(Box::new(error_response::in_event(data)))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireEmbeddings {
    #[serde(deserialize_with = "word")]
    id: Option<String>,
    #[serde(deserialize_with = "word")]
    model: Option<String>,
    #[serde(deserialize_with = "list")]
    data: Option<Vec<IgnoredAny>>,
    #[serde(deserialize_with = "object")]
    usage: Option<Box<WireUsage>>,
    #[serde(deserialize_with = "lenient")]
    error: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    base_resp: Option<Value>,
}
