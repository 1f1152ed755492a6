//! OpenAI chat completions, as most platforms speak them, with or without OpenRouter's own fields.
//!
//! - [`encode`]: a question → the JSON that goes out
//! - [`wire`]: the JSON that comes back, read leniently
//! - [`chunk`]: one event of a stream

mod chunk;
mod encode;
mod wire;

use reqwest::header::{HeaderMap, HeaderName};
use secrecy::SecretString;
use serde_json::Value;

use super::adapter::{bearer, read_json, with_key};
use super::{Adapter, Answer, Ask, Outcome, Piece};
use crate::error::Result;

/// Where chat completions live, below the base URL.
const PATH: &str = "/chat/completions";

/// The words that mean "choose for me" and the like: who understands them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// OpenRouter: `models`, `provider`, `plugins`, `reasoning`.
    OpenRouter,
    /// OpenAI's fields and nothing else.
    Plain,
}

/// A server that speaks OpenAI chat completions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenAi {
    pub dialect: Dialect,
    /// The header that carries the key alone; `None` is `Authorization: Bearer`.
    pub key_header: Option<&'static str>,
}

impl Adapter for OpenAi {
    /// Azure's older address names the deployment in its path; every other one only grows at its end.
    fn url(&self, base_url: &str, ask: &Ask<'_>) -> String {
        match base_url.contains("{model}") {
            true => base_url.replace("{model}", ask.model),
            false => format!("{}{PATH}", base_url.trim_end_matches('/')),
        }
    }

    fn headers(&self, key: Option<&SecretString>) -> Outcome<HeaderMap> {
        match self.key_header {
            Some(name) => with_key(HeaderName::from_static(name), key),
            None => bearer(key),
        }
    }

    fn body(&self, ask: &Ask<'_>) -> Result<Value> {
        encode::encode(ask, self.dialect)
    }

    fn answer(&self, body: &str) -> Outcome<Answer> {
        read_json::<wire::Reply>(body)?.into_answer()
    }

    fn event(&self, _name: &str, data: &str, pieces: &mut Vec<Piece>) -> Outcome<()> {
        if data.trim() == "[DONE]" {
            return Ok(());
        }
        chunk::read(data, pieces)
    }
}

#[cfg(test)]
pub(super) fn read(body: &str) -> Outcome<Answer> {
    read_json::<wire::Reply>(body)?.into_answer()
}
