//! Decoded request, and the error for a request that cannot be decoded.

use std::fmt;

use anymodel_types::ChatRequest;
use serde_json::{Map, Value};

/// A decoded request body: the conversation, and what the server itself needs.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Decoded {
    /// The conversation and how to answer it.
    pub request: ChatRequest,
    /// The field `model`.
    pub model: Option<String>,
    /// The field `models`: a chain of models to try in this order.
    pub models: Vec<String>,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// Whether a stream ends with the usage. Anthropic's Messages and OpenAI's Responses always do.
    pub include_usage: bool,
    /// The paths of fields that the client set and [`ChatRequest`] cannot hold, such as `messages[0].content[1]` for a
    /// sound. A translation to another protocol would lose them. Fields that no module here knows are not listed.
    pub lost: Vec<String>,
    /// Responses alone: the fields that the answer repeats, as they were sent.
    pub echo: Map<String, Value>,
}

impl Decoded {
    /// The names of the requested models in order: `model`, then `models`, without repetitions.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.model.iter().chain(&self.models) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }
}

/// A mistake in a request body: status 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// What is wrong.
    pub message: String,
    /// The path of the wrong field, such as `messages[0].role`; `None` when the body is no JSON object.
    pub param: Option<String>,
}

impl Invalid {
    /// A mistake in the field at this path. The message begins with the path.
    pub fn at(path: impl Into<String>, why: impl fmt::Display) -> Self {
        let path = path.into();
        Self {
            message: format!("{path}: {why}"),
            param: Some(path),
        }
    }

    /// A mistake in the body as a whole.
    pub fn body(why: impl Into<String>) -> Self {
        Self {
            message: why.into(),
            param: None,
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Invalid {}
