//! Adapter for Google's `generateContent`: the Gemini API with a key, and Vertex AI with a token.
//!
//! - [`encode`]: request encoding
//! - [`wire`]: response decoding, whole or streamed
//!
//! The main differences from OpenAI's format: the model stands in the URL, the only roles are `user` and `model`, a turn is
//! a list of parts, and a blocked prompt is HTTP 200 without an answer.
//! Source: <https://ai.google.dev/api/generate-content>, read in August to November 2026.

mod encode;
mod wire;

use reqwest::header::{HeaderMap, HeaderName};
use secrecy::SecretString;
use serde_json::Value;

use super::adapter::{bearer, with_key};
use super::shared_encoding::{in_path, says_nothing};
use super::{Adapter, Answer, PlatformRequest, PlatformResult, StreamDelta, error_response};
use anymodel_types::{Result, words};

/// Prefixes of full model names.
const NAMED_WHOLE: [&str; 2] = ["models/", "tunedModels/"];

/// The adapter for a server that speaks `generateContent`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gemini {
    /// The header that carries the key without a prefix; `None` is `Authorization: Bearer`. The URL never contains the key:
    /// URLs are logged.
    pub key_header: Option<&'static str>,
}

impl Adapter for Gemini {
    /// Without `alt=sse` a stream comes as one JSON list.
    fn url(&self, base_url: &str, ask: &PlatformRequest<'_>) -> String {
        let model = match NAMED_WHOLE.iter().any(|list| ask.model.starts_with(list)) {
            true => in_path(ask.model),
            false => format!("models/{}", in_path(ask.model)),
        };
        match ask.stream {
            true => format!("{base_url}/{model}:streamGenerateContent?alt=sse"),
            false => format!("{base_url}/{model}:generateContent"),
        }
    }

    fn headers(&self, key: Option<&SecretString>) -> PlatformResult<HeaderMap> {
        match self.key_header {
            Some(name) => with_key(HeaderName::from_static(name), key),
            None => bearer(key),
        }
    }

    fn check(&self, ask: &PlatformRequest<'_>) -> Result<()> {
        encode::check(ask)
    }

    fn body(&self, ask: &PlatformRequest<'_>) -> Result<Value> {
        encode::encode(ask)
    }

    fn server(&self) -> &'static str {
        words::connections().server_that_speaks_gemini()
    }

    fn answer(&self, body: &str) -> PlatformResult<Answer> {
        let mut deltas = Vec::new();
        let found = wire::read(body, &mut deltas)?;
        super::completeness::or_its_cause(wire::answer(deltas, found, body)?, body)
    }

    fn event(&self, name: &str, data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        if data.trim() == "[DONE]" || says_nothing(name, data) {
            return Ok(());
        }
        if error_response::names_an_error(name) {
            return Err(Box::new(error_response::in_event(data)));
        }
        let (known, found) = (deltas.len(), wire::read(data, deltas)?);
        let nothing = !found && deltas.len() == known;
        match nothing
            .then(|| error_response::in_other_event(name, data))
            .flatten()
        {
            Some(failure) => Err(Box::new(failure)),
            None => Ok(()),
        }
    }
}
