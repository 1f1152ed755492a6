//! Chat request: the conversation and how to answer it. The model that answers is no part of it.

use rust_decimal::Decimal;
use serde_json::Value;

use super::Message;

/// Chat request: the conversation so far and how to answer it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    /// The conversation, oldest message first.
    ///
    /// Hosts refuse a tool call without its result, a result without its call, and two calls with one id. So in the request
    /// that is sent each result stands right behind its call and each call has its own id; a call without a result, and a
    /// result without a call, are left out.
    pub messages: Vec<Message>,
    /// The temperature, 0 to 2: how freely the model chooses its words; `None` leaves it to the model.
    pub temperature: Option<f64>,
    /// The longest answer allowed, in tokens; `None` leaves it to the model.
    pub max_tokens: Option<u32>,
    /// Nucleus sampling: chooses among the likeliest tokens that together have this probability, 0 to 1.
    pub top_p: Option<f64>,
    /// Stop sequences: texts at which the answer ends.
    pub stop: Vec<String>,
    /// The same seed gives the same answer, where a platform tries to.
    pub seed: Option<i64>,
    /// Lowers the chance of words that are in the text already, -2 to 2.
    pub presence_penalty: Option<f64>,
    /// Lowers the chance of words by how often they are in the text already, -2 to 2.
    pub frequency_penalty: Option<f64>,
    /// How long a reasoning model thinks before it answers; `None` leaves it to the model.
    pub reasoning: Option<Reasoning>,
    /// Functions that the model may call.
    pub tools: Vec<ToolSpec>,
    /// Whether the model may, must or must not call them.
    pub tool_choice: ToolChoice,
    /// The form of the answer.
    pub response_format: ResponseFormat,
    /// The only hosts that may serve it, where a platform passes requests on to hosts (OpenRouter: `provider.only`); empty
    /// means any.
    pub hosts: Vec<String>,
    /// The most that a million tokens may cost there, in US dollars: of the question, and of the answer.
    pub max_price: Option<(Decimal, Decimal)>,
}

/// Reasoning effort: how long a reasoning model thinks before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reasoning {
    /// Not at all.
    Off,
    /// A little.
    Low,
    /// Some time.
    Medium,
    /// Long.
    High,
    /// At most so many tokens.
    Tokens(u32),
}

/// Tool specification: a function that a model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    /// The name: letters, digits, `_` and `-`, at most 64.
    pub name: String,
    /// What it does and when to call it, for the model.
    pub description: String,
    /// The JSON schema of its arguments, an object.
    pub parameters: Value,
}

impl ToolSpec {
    /// A function with the JSON schema of its arguments.
    pub fn new(name: impl Into<String>, description: impl Into<String>, parameters: Value) -> Self {
        ToolSpec {
            name: name.into(),
            description: description.into(),
            parameters,
        }
    }
}

/// Tool choice: whether a model may, must or must not call functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ToolChoice {
    /// The model decides.
    #[default]
    Auto,
    /// The model must not call any.
    None,
    /// The model must call at least one.
    Required,
    /// The model must call this one.
    Named(String),
}

/// Response format: the form of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ResponseFormat {
    /// Text.
    #[default]
    Text,
    /// JSON of any form.
    JsonObject,
    /// JSON that obeys a schema: structured output.
    JsonSchema {
        /// A name for the schema: letters, digits, `_` and `-`.
        name: String,
        /// The schema.
        schema: Value,
    },
}
