//! The JSON that comes back, read leniently.
//!
//! Platforms differ and change without notice: a field is missing, null, a number instead of a string, an unknown word.
//! So no field can make reading fail; what cannot be used counts as absent. What an absence means is decided once, in
//! [`Reply::into_answer`].

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Answer, Failure, Outcome, fault};
use crate::chat::FinishReason;
use crate::failure::ErrorKind;
use crate::usage::Usage;

/// A chat completion under HTTP 2xx, which may still be an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Reply {
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
    tool_calls: Option<Vec<Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireUsage {
    #[serde(deserialize_with = "count")]
    prompt_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    completion_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    total_tokens: Option<u64>,
    #[serde(deserialize_with = "money")]
    cost: Option<Decimal>,
    #[serde(deserialize_with = "lenient")]
    prompt_tokens_details: Option<Details>,
    #[serde(deserialize_with = "lenient")]
    completion_tokens_details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(deserialize_with = "count")]
    cached_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    reasoning_tokens: Option<u64>,
}

impl Reply {
    /// Tells a whole answer from everything else that arrives under HTTP 2xx.
    pub(crate) fn into_answer(self, status: u16) -> Outcome {
        let cost = self.usage.as_ref().and_then(|usage| usage.cost);
        let usage = self.usage.and_then(WireUsage::into_usage);
        let failed = |failure: Failure| {
            Box::new(Failure {
                status: Some(status),
                usage,
                cost,
                ..failure
            })
        };
        if let Some(error) = &self.error {
            return Err(failed(fault::read_error(None, error)));
        }
        let Some(choice) = self.choices.into_iter().flatten().next() else {
            return Err(failed(Failure::new(
                ErrorKind::BadReply,
                "the answer holds no choices",
            )));
        };
        let finish = choice.finish_reason.filter(|word| !word.is_empty());
        if let Some(error) = &choice.error {
            return Err(failed(fault::read_error(None, error)));
        }
        if finish.as_deref() == Some("error") {
            return Err(failed(Failure::new(
                ErrorKind::Server,
                "the model broke off with an error",
            )));
        }
        let message = choice.message.unwrap_or_default();
        let text = message.content.as_ref().map(text_of).unwrap_or_default();
        let finish_reason = finish.as_deref().map(FinishReason::parse);
        let refused =
            message.refusal.is_some() || finish_reason == Some(FinishReason::ContentFilter);
        if text.is_empty() && refused {
            let words = message
                .refusal
                .unwrap_or_else(|| "a filter withheld the answer".to_owned());
            return Err(failed(Failure::new(ErrorKind::ContentRefused, words)));
        }
        let calls_tool = message.tool_calls.is_some_and(|calls| !calls.is_empty());
        if text.is_empty() && !calls_tool && finish_reason != Some(FinishReason::Length) {
            return Err(failed(Failure::new(
                ErrorKind::BadReply,
                "the answer is empty",
            )));
        }
        Ok(Answer {
            status,
            id: self.id,
            model: self.model,
            text,
            finish_reason,
            usage,
            cost,
        })
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
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part.get("text").and_then(Value::as_str))
            .collect(),
        _ => String::new(),
    }
}

/// Anything that does not fit counts as absent.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str::<Option<T>>(raw.get()).unwrap_or(None))
}

/// A number of tokens, which some servers write as `21.0`.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number: Option<f64> = lenient(deserializer)?;
    Ok(number
        .filter(|n| (0.0..9e15).contains(n))
        .map(|n| n.round() as u64))
}

/// An amount of money, read from the digits on the wire: it is never a float on the way.
fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let digits = raw.get().trim_matches('"');
    Ok(digits
        .parse()
        .or_else(|_| Decimal::from_scientific(digits))
        .ok())
}
