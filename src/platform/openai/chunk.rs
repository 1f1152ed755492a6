//! One event of a streamed chat completion.

use serde::Deserialize;
use serde_json::Value;

use super::thoughts;
use super::wire::{WireCall, WireUsage, text_of};
use crate::chat::FinishReason;
use crate::platform::adapter::read_json;
use crate::platform::lenient::lenient;
use crate::platform::{Outcome, Piece, fault};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chunk {
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
    /// What kind of object this is; some servers (vLLM's older ones, FastChat) send an error as an object of its own.
    #[serde(deserialize_with = "lenient")]
    object: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    #[serde(deserialize_with = "lenient")]
    delta: Option<Delta>,
    #[serde(deserialize_with = "lenient")]
    finish_reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    #[serde(deserialize_with = "lenient")]
    content: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    refusal: Option<String>,
    #[serde(deserialize_with = "lenient")]
    reasoning: Option<String>,
    #[serde(deserialize_with = "lenient")]
    reasoning_content: Option<String>,
    #[serde(deserialize_with = "lenient")]
    reasoning_details: Option<Vec<Value>>,
    #[serde(deserialize_with = "lenient")]
    tool_calls: Option<Vec<WireCall>>,
}

/// Reads one event. An error inside the stream comes after HTTP 200, beside the choices or in one of them.
pub(super) fn read(data: &str, pieces: &mut Vec<Piece>) -> Outcome<()> {
    let chunk: Chunk = read_json(data)?;
    pieces.extend(chunk.id.map(Piece::Id));
    pieces.extend(
        chunk
            .model
            .filter(|model| !model.is_empty())
            .map(Piece::Model),
    );
    if let Some(usage) = chunk.usage {
        pieces.extend(usage.cost.map(Piece::Cost));
        pieces.push(Piece::Usage {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            reasoning_tokens: usage
                .completion_tokens_details
                .and_then(|details| details.reasoning_tokens),
            cached_tokens: usage
                .prompt_tokens_details
                .and_then(|details| details.cached_tokens),
        });
    }
    let choice = chunk.choices.into_iter().flatten().next();
    let (delta, finish, inner_error) = match choice {
        Some(choice) => (
            choice.delta.unwrap_or_default(),
            choice.finish_reason.filter(|word| !word.is_empty()),
            choice.error,
        ),
        None => Default::default(),
    };
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    match (delta.reasoning_details, &delta.reasoning_content) {
        (Some(details), _) => pieces.extend(details.into_iter().map(Piece::State)),
        (None, Some(text)) if !text.is_empty() => {
            pieces.push(Piece::State(thoughts::keep(text)));
        }
        _ => {}
    }
    pieces.extend(said(delta.reasoning.or(delta.reasoning_content)).map(Piece::Reasoning));
    pieces.extend(said(delta.content.as_ref().map(text_of)).map(Piece::Text));
    pieces.extend(said(delta.refusal).map(Piece::Refusal));
    for call in delta.tool_calls.into_iter().flatten() {
        let function = call.function.unwrap_or_default();
        pieces.push(Piece::ToolCall {
            index: call.index,
            id: call.id,
            name: function.name,
            arguments: match function.arguments {
                Some(Value::String(text)) => text,
                Some(Value::Null) | None => String::new(),
                Some(other) => other.to_string(),
            },
        });
    }
    let whole_error = || {
        let is_error = chunk.object.as_deref() == Some("error");
        is_error.then(|| read_json(data).ok()).flatten()
    };
    if let Some(error) = chunk.error.or(inner_error).or_else(whole_error) {
        return Err(Box::new(fault::read_error(None, &error)));
    }
    pieces.extend(
        finish
            .as_deref()
            .map(FinishReason::parse)
            .map(Piece::Finish),
    );
    Ok(())
}
