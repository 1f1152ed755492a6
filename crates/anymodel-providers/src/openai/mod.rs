//! Adapter for OpenAI chat completions, as most platforms speak them, with or without OpenRouter's own fields.
//!
//! - [`encode`]: request encoding
//! - [`completion`]: the types of a response; [`wire`] makes an answer of it, [`chunk`] deltas
//! - [`tool_calls`], [`content`], [`usage`]: tool calls, texts with reasoning in them, and tokens, in all their formats
//! - [`embeddings`], [`responses`]: OpenAI's other APIs, for requests that are passed through
//! - [`provider_preferences`]: "cheapest", "fastest" and "best" as OpenRouter's provider preferences
//! - [`reasoning`]: the reasoning, kept for the next turn

mod chunk;
mod completion;
mod content;
mod embeddings;
mod encode;
mod provider_preferences;
mod reasoning;
mod responses;
mod tool_calls;
mod usage;
mod wire;

pub(super) use reasoning::is_plain as is_plain_thought;

use completion::Completion;
use embeddings::Embeddings;
use reqwest::header::{HeaderMap, HeaderName};
use responses::Responses;
use secrecy::SecretString;
use serde_json::Value;

use super::adapter::{bearer, read_json, with_key};
use super::shared_encoding::{in_path, says_nothing};
use super::{Adapter, Answer, Passthrough, PlatformRequest, PlatformResult, RawApi, StreamDelta};
use anymodel_catalog::platform_spec::{Auth, JsonSupport, PlatformSpec};
use anymodel_types::{Error, ErrorKind, Result, words};

/// The path of chat completions, below the base URL.
const PATH: &str = "/chat/completions";

/// The dialect: OpenAI-compatible platforms differ in a few fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// OpenRouter: `models`, `provider`, `plugins`, `reasoning`.
    OpenRouter,
    /// OpenAI itself.
    OpenAi,
    /// Azure: a deployment of a model may have any name.
    Azure,
    /// Azure's URLs from before August 2025.
    AzureLegacy,
    /// DeepSeek: `thinking`, and reasoning that has to be sent back.
    DeepSeek,
    /// Qwen: `enable_thinking`.
    Qwen,
    /// GLM: `thinking`, and `tool_choice` that is always `auto`.
    Glm,
    /// Only the fields that all platforms support.
    Plain,
}

/// The adapter for a server that speaks OpenAI chat completions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenAi {
    /// The display name, for messages.
    pub title: &'static str,
    pub dialect: Dialect,
    /// The header that carries the key without a prefix; `None` is `Authorization: Bearer`.
    pub key_header: Option<&'static str>,
    /// The supported structured output.
    pub json: JsonSupport,
    /// The maker of the models, when their names do not contain it.
    pub author: Option<&'static str>,
    /// Whether requests are passed through as they are: then the platform says itself which rarer settings it lacks.
    pub is_raw: bool,
}

impl OpenAi {
    /// The adapter for a platform spec.
    pub fn of(preset: &PlatformSpec) -> Self {
        let (dialect, author) = match preset.name {
            "openrouter" => (Dialect::OpenRouter, None),
            "openai" => (Dialect::OpenAi, Some("openai")),
            "azure" => (Dialect::Azure, None),
            "azure-legacy" => (Dialect::AzureLegacy, None),
            "deepseek" => (Dialect::DeepSeek, Some("deepseek")),
            "qwen" => (Dialect::Qwen, Some("qwen")),
            "glm" => (Dialect::Glm, Some("z-ai")),
            "gemini-compatible" => (Dialect::Plain, Some("google")),
            "anthropic-compatible" => (Dialect::Plain, Some("anthropic")),
            _ => (Dialect::Plain, None),
        };
        OpenAi {
            title: preset.title,
            dialect,
            key_header: match preset.auth {
                Auth::Header(name) => Some(name),
                _ => None,
            },
            json: preset.can.json,
            author,
            is_raw: false,
        }
    }

    /// The URL of another API of the same platform, which ends in `path`.
    fn url_of(&self, path: &str, base_url: &str, ask: &PlatformRequest<'_>) -> String {
        let url = self.url(base_url, ask);
        match url.rsplit_once(PATH) {
            Some((before, after)) => [before, path, after].concat(),
            None => url,
        }
    }

    /// Whether the platform is known to have OpenAI's Responses.
    fn has_responses(&self) -> bool {
        matches!(
            self.dialect,
            Dialect::OpenAi | Dialect::OpenRouter | Dialect::Azure
        )
    }
}

/// The encoding of an API whose requests are only passed through.
fn not_encoded() -> Result<Value> {
    let message = words::connections().request_is_only_passed_through();
    Err(Error::new(ErrorKind::InvalidRequest, message))
}

impl Adapter for OpenAi {
    /// Azure's legacy URL names the deployment in its path; every other URL only grows at its end.
    fn url(&self, base_url: &str, ask: &PlatformRequest<'_>) -> String {
        match base_url.contains("{model}") {
            true => base_url.replace("{model}", &in_path(ask.model)),
            false => [base_url.trim_end_matches('/'), PATH].concat(),
        }
    }

    fn headers(&self, key: Option<&SecretString>) -> PlatformResult<HeaderMap> {
        match self.key_header {
            Some(name) => with_key(HeaderName::from_static(name), key),
            None => bearer(key),
        }
    }

    fn check(&self, ask: &PlatformRequest<'_>) -> Result<()> {
        encode::check(ask, self)
    }

    fn body(&self, ask: &PlatformRequest<'_>) -> Result<Value> {
        encode::encode(ask, self)
    }

    fn passthrough(&self, api: RawApi, model: &str) -> Option<Passthrough> {
        match api {
            RawApi::ChatCompletions => Some(Passthrough::new(
                OpenAi {
                    is_raw: true,
                    ..*self
                },
                Some(encode::longest(self.dialect, model)),
            )),
            RawApi::Embeddings => Some(Passthrough::new(Embeddings(*self), None)),
            RawApi::Responses if self.has_responses() => {
                let adapter = Responses(OpenAi {
                    is_raw: true,
                    ..*self
                });
                Some(Passthrough::new(adapter, Some("max_output_tokens")))
            }
            _ => None,
        }
    }

    fn server(&self) -> &'static str {
        words::connections().openai_compatible_server()
    }

    fn answer(&self, body: &str) -> PlatformResult<Answer> {
        let mut answer = read_json::<Completion>(body)?.into_answer(body)?;
        // Whose caller does not get the bytes has nothing of an image.
        answer.is_wordless &= self.is_raw;
        super::completeness::or_its_cause(answer, body)
    }

    fn event(&self, name: &str, data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        if data.trim() == "[DONE]" || says_nothing(name, data) {
            return Ok(());
        }
        chunk::read(name, data, self.is_raw, deltas)
    }
}

#[cfg(test)]
pub(super) fn read(body: &str) -> PlatformResult<Answer> {
    read_json::<Completion>(body)?.into_answer(body)
}
