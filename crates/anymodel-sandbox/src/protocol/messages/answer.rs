//! Encoding of a whole message, and the parts that a streamed one shares.

use anymodel_types::{FinishReason, Reply, ToolCall, Usage};
use serde_json::{Value, json};

use crate::protocol::AnswerHead;

/// The content of a message.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Content<'a> {
    pub reasoning: Option<&'a str>,
    /// The signature of the reasoning.
    pub signature: &'a str,
    pub text: &'a str,
}

/// `stop_reason` and `stop_sequence`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StopReason {
    pub reason: Value,
    pub sequence: Value,
}

/// Encodes a whole answer as a message.
pub fn answer(reply: &Reply, head: &AnswerHead) -> Value {
    let content = Content {
        reasoning: reply.reasoning.as_deref(),
        signature: "",
        text: &reply.text,
    };
    let calls = reply.tool_calls.iter().map(
        |ToolCall {
             id,
             name,
             arguments,
             ..
         }| tool_use(id, name, input(arguments)),
    );
    let stop = match &reply.finish_reason {
        Some(reason) => stop_reason(reason),
        None if !reply.tool_calls.is_empty() => stop_reason(&FinishReason::ToolCalls),
        None => stop_reason(&FinishReason::Stop),
    };
    let mut message = body(head, content, calls.collect(), stop);
    message["usage"] = usage(&reply.usage.unwrap_or_default());
    message
}

/// The answer to a request to count tokens.
pub fn token_count(input_tokens: u64) -> Value {
    json!({ "input_tokens": input_tokens })
}

/// A message without usage.
pub(crate) fn body(
    head: &AnswerHead,
    content: Content<'_>,
    calls: Vec<Value>,
    stop: StopReason,
) -> Value {
    let mut blocks = Vec::new();
    if let Some(thinking) = content.reasoning {
        let signature = content.signature;
        blocks.push(json!({ "type": "thinking", "thinking": thinking, "signature": signature }));
    }
    if !content.text.is_empty() {
        blocks.push(json!({ "type": "text", "text": content.text, "citations": null }));
    }
    blocks.extend(calls);
    let mut message = opening(head);
    message["content"] = blocks.into();
    message["stop_reason"] = stop.reason;
    message["stop_sequence"] = stop.sequence;
    message
}

/// An empty message.
pub(crate) fn opening(head: &AnswerHead) -> Value {
    json!({
        "id": head.id, "type": "message", "role": "assistant", "model": head.model,
        "content": [], "stop_reason": null, "stop_sequence": null,
    })
}

/// A call of a tool.
pub(crate) fn tool_use(id: &str, name: &str, input: Value) -> Value {
    json!({ "type": "tool_use", "id": id, "name": name, "input": input })
}

/// The arguments of a call as JSON. What the model wrote may be invalid; then it stays a string.
pub(crate) fn input(arguments: &str) -> Value {
    match arguments.trim().is_empty() {
        true => json!({}),
        false => serde_json::from_str(arguments).unwrap_or_else(|_| json!(arguments)),
    }
}

/// The stop reason for a finish reason.
pub(crate) fn stop_reason(reason: &FinishReason) -> StopReason {
    StopReason::of(reason.as_str())
}

impl StopReason {
    /// The stop reason for the word that OpenAI has for it. Any other word stays as it is.
    pub fn of(word: &str) -> Self {
        let reason = match word {
            "stop" => "end_turn",
            "length" => "max_tokens",
            "tool_calls" => "tool_use",
            "content_filter" => "refusal",
            other => other,
        };
        Self {
            reason: json!(reason),
            sequence: Value::Null,
        }
    }

    /// The stop reason for a text that ended at this stop sequence.
    pub fn at_sequence(sequence: &str) -> Self {
        Self {
            reason: json!("stop_sequence"),
            sequence: json!(sequence),
        }
    }
}

/// The tokens of an answer. Cached tokens are beside `input_tokens`, not in it.
pub(super) fn usage(usage: &Usage) -> Value {
    let cached = usage.cached_tokens.unwrap_or(0);
    let written = usage.cache_write_tokens.unwrap_or(0);
    let counted = cached.saturating_add(written);
    usage_of(
        json!(usage.prompt_tokens.saturating_sub(counted)),
        json!(cached),
        json!(written),
        json!(usage.completion_tokens),
    )
}

/// The tokens of an answer: of the prompt without cached ones, read from the cache, written to it, and of the answer.
pub(crate) fn usage_of(input: Value, cached: Value, written: Value, output: Value) -> Value {
    json!({
        "input_tokens": input,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": cached,
        "cache_creation": { "ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0 },
        "output_tokens": output,
        "service_tier": "standard",
    })
}
