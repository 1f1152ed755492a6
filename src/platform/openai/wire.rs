//! The JSON that comes back, read leniently.
//!
//! Platforms differ and change without notice: a field is missing, null, a number instead of a string, an unknown word.
//! So no field can make reading fail; what cannot be used counts as absent. What an absence means is decided once for all
//! platforms, in `platform::whole`.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::thoughts;
use crate::chat::{FinishReason, ToolCall};
use crate::platform::lenient::{count, lenient, money};
use crate::platform::{Answer, Failure, Outcome, fault};
use crate::usage::Usage;

/// A chat completion under HTTP 2xx, which may still be an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reply {
    #[serde(deserialize_with = "lenient")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    model: Option<String>,
    #[serde(deserialize_with = "lenient")]
    choices: Option<Vec<Choice>>,
    #[serde(deserialize_with = "lenient")]
    usage: Option<WireUsage>,
    #[serde(deserialize_with = "lenient")]
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    #[serde(deserialize_with = "lenient")]
    message: Option<WireMessage>,
    #[serde(deserialize_with = "lenient")]
    finish_reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireMessage {
    #[serde(deserialize_with = "lenient")]
    content: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    refusal: Option<String>,
    #[serde(deserialize_with = "lenient")]
    tool_calls: Option<Vec<WireCall>>,
    #[serde(deserialize_with = "lenient")]
    reasoning: Option<String>,
    #[serde(deserialize_with = "lenient")]
    reasoning_content: Option<String>,
    #[serde(deserialize_with = "lenient")]
    reasoning_details: Option<Value>,
}

/// A call of a function, whole or in pieces.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireCall {
    #[serde(deserialize_with = "lenient")]
    pub index: Option<usize>,
    #[serde(deserialize_with = "lenient")]
    pub id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub function: Option<WireFunction>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireFunction {
    #[serde(deserialize_with = "lenient")]
    pub name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub arguments: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireUsage {
    #[serde(deserialize_with = "count")]
    pub prompt_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub completion_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    total_tokens: Option<u64>,
    #[serde(deserialize_with = "money")]
    pub cost: Option<Decimal>,
    #[serde(deserialize_with = "lenient")]
    pub prompt_tokens_details: Option<Details>,
    #[serde(deserialize_with = "lenient")]
    pub completion_tokens_details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Details {
    #[serde(deserialize_with = "count")]
    pub cached_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    pub reasoning_tokens: Option<u64>,
}

impl Reply {
    /// What the body says, be it an answer or an error under HTTP 2xx.
    pub(super) fn into_answer(self) -> Outcome<Answer> {
        let cost = self.usage.as_ref().and_then(|usage| usage.cost);
        let usage = self.usage.and_then(WireUsage::into_usage);
        let failed = |failure: Failure| {
            Box::new(Failure {
                usage,
                cost,
                ..failure
            })
        };
        if let Some(error) = &self.error {
            return Err(failed(fault::read_error(None, error)));
        }
        let Some(choice) = self.choices.into_iter().flatten().next() else {
            return Err(failed(Failure::bad_reply("the answer holds no choices")));
        };
        if let Some(error) = &choice.error {
            return Err(failed(fault::read_error(None, error)));
        }
        let message = choice.message.unwrap_or_default();
        let details = message.reasoning_details.filter(|list| !list.is_null());
        let state = details.or_else(|| {
            let text = message.reasoning_content.as_deref()?;
            (!text.is_empty()).then(|| Value::Array(vec![thoughts::keep(text)]))
        });
        Ok(Answer {
            id: self.id,
            model: self.model,
            text: message.content.as_ref().map(text_of).unwrap_or_default(),
            reasoning: message.reasoning.or(message.reasoning_content),
            tool_calls: message
                .tool_calls
                .into_iter()
                .flatten()
                .map(WireCall::into_call)
                .collect(),
            refusal: message.refusal,
            finish_reason: choice
                .finish_reason
                .filter(|word| !word.is_empty())
                .as_deref()
                .map(FinishReason::parse),
            usage,
            cost,
            state,
        })
    }
}

impl WireCall {
    fn into_call(self) -> ToolCall {
        let function = self.function.unwrap_or_default();
        let arguments = match function.arguments {
            Some(Value::String(text)) => text,
            // Some local servers send the object itself.
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        ToolCall::new(
            self.id.unwrap_or_default(),
            function.name.unwrap_or_default(),
            arguments,
        )
    }
}

impl WireUsage {
    fn into_usage(self) -> Option<Usage> {
        if self.prompt_tokens.is_none() && self.completion_tokens.is_none() {
            return None;
        }
        let prompt_tokens = self.prompt_tokens.unwrap_or(0);
        let completion_tokens = self.completion_tokens.unwrap_or(0);
        Some(Usage {
            prompt_tokens,
            completion_tokens,
            total_tokens: self
                .total_tokens
                .unwrap_or(prompt_tokens.saturating_add(completion_tokens)),
            reasoning_tokens: self
                .completion_tokens_details
                .and_then(|details| details.reasoning_tokens),
            cached_tokens: self
                .prompt_tokens_details
                .and_then(|details| details.cached_tokens),
        })
    }
}

/// The text of a message: a string, or the text parts of a list of parts.
pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part.get("text").and_then(Value::as_str))
            .collect(),
        _ => String::new(),
    }
}
