//! OpenAI chat completions, as most platforms speak them, with or without OpenRouter's own fields.
//!
//! - [`encode`]: a question → the JSON that goes out
//! - [`completion`]: the JSON that comes back, read leniently; [`wire`] makes an answer of it, [`chunk`] pieces of one
//! - [`tool_calls`], [`content`], [`usage`]: calls of functions, texts with thoughts in them, and tokens, in all the forms in which they come
//! - [`provider_preferences`]: "cheapest", "fastest" and "best" in OpenRouter's words
//! - [`reasoning`]: what a model thought, kept for the next turn

mod chunk;
mod completion;
mod content;
mod encode;
mod provider_preferences;
mod reasoning;
mod tool_calls;
mod usage;
mod wire;

pub(super) use reasoning::is_plain as is_plain_thought;

use completion::Completion;
use reqwest::header::{HeaderMap, HeaderName};
use secrecy::SecretString;
use serde_json::Value;

use super::adapter::{bearer, read_json, with_key};
use super::shared_encoding::{in_path, says_nothing};
use super::{Adapter, Answer, PlatformRequest, PlatformResult, StreamDelta};
use crate::error::Result;
use crate::platform_spec::{Auth, JsonSupport, PlatformSpec};

/// Where chat completions live, below the base URL.
const PATH: &str = "/chat/completions";

/// Whose words are spoken: platforms that are compatible with OpenAI differ in a few fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// OpenRouter: `models`, `provider`, `plugins`, `reasoning`.
    OpenRouter,
    /// OpenAI itself.
    OpenAi,
    /// Azure, where a model may have any name.
    Azure,
    /// Azure's addresses of before August 2025.
    AzureLegacy,
    /// DeepSeek: `thinking`, and thoughts that have to be given back.
    DeepSeek,
    /// Qwen: `enable_thinking`.
    Qwen,
    /// GLM: `thinking`, and `tool_choice` that is always auto.
    Glm,
    /// The fields that all know.
    Plain,
}

/// A server that speaks OpenAI chat completions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenAi {
    /// The name people use, for messages.
    pub title: &'static str,
    pub dialect: Dialect,
    /// The header that carries the key alone; `None` is `Authorization: Bearer`.
    pub key_header: Option<&'static str>,
    /// How far it holds an answer to a form.
    pub json: JsonSupport,
    /// Who makes the models, where their names do not say it.
    pub author: Option<&'static str>,
}

impl OpenAi {
    /// How the platform of this preset speaks.
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
        }
    }
}

impl Adapter for OpenAi {
    /// Azure's older address names the deployment in its path; every other one only grows at its end.
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

    fn server(&self) -> &'static str {
        "an OpenAI-compatible server"
    }

    fn answer(&self, body: &str) -> PlatformResult<Answer> {
        let answer = read_json::<Completion>(body)?.into_answer(body)?;
        super::completeness::or_its_cause(answer, body)
    }

    fn event(&self, name: &str, data: &str, pieces: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        if data.trim() == "[DONE]" || says_nothing(name, data) {
            return Ok(());
        }
        chunk::read(name, data, pieces)
    }
}

#[cfg(test)]
pub(super) fn read(body: &str) -> PlatformResult<Answer> {
    read_json::<Completion>(body)?.into_answer(body)
}
