//! Encoding of a whole chat completion, and the parts that a streamed one shares.

use anymodel_types::{Reply, ToolCall, Usage};
use serde_json::{Value, json};

use crate::protocol::AnswerHead;

/// Encodes a whole answer as the body of a chat completion.
pub fn answer(reply: &Reply, head: &AnswerHead) -> Value {
    let calls = reply.tool_calls.iter().map(
        |ToolCall {
             id,
             name,
             arguments,
             ..
         }| tool_call(id, name, arguments),
    );
    let mut message = message_of(&reply.text, calls.collect());
    if let Some(reasoning) = &reply.reasoning {
        message["reasoning_content"] = json!(reasoning);
    }
    let finish = match &reply.finish_reason {
        Some(reason) => reason.as_str(),
        None if !reply.tool_calls.is_empty() => "tool_calls",
        None => "stop",
    };
    let choice =
        json!({ "index": 0, "message": message, "logprobs": null, "finish_reason": finish });
    completion(head, choice, usage(&reply.usage.unwrap_or_default()))
}

/// A completion with one choice.
pub(crate) fn completion(head: &AnswerHead, choice: Value, usage: Value) -> Value {
    json!({
        "id": head.id, "object": "chat.completion", "created": head.created, "model": head.model,
        "choices": [choice], "usage": usage, "system_fingerprint": null, "service_tier": "default",
    })
}

/// The message of the model. Its content is `null` when it only calls tools.
pub(crate) fn message_of(text: &str, calls: Vec<Value>) -> Value {
    let mut message = json!({ "role": "assistant", "content": text, "refusal": null });
    if !calls.is_empty() {
        if text.is_empty() {
            message["content"] = Value::Null;
        }
        message["tool_calls"] = calls.into();
    }
    message
}

/// One call of a function.
pub(crate) fn tool_call(id: &str, name: &str, arguments: &str) -> Value {
    json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } })
}

/// One chunk of a stream.
pub(crate) fn chunk(head: &AnswerHead, choices: Value) -> Value {
    json!({
        "id": head.id, "object": "chat.completion.chunk", "created": head.created, "model": head.model,
        "choices": choices,
    })
}

/// The choice of a chunk.
pub(crate) fn delta_choice(delta: Value, finish: Option<&str>) -> Value {
    json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish })
}

/// The tokens of an answer.
pub(crate) fn usage(usage: &Usage) -> Value {
    json!({
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_tokens.unwrap_or(0),
            "cache_write_tokens": usage.cache_write_tokens.unwrap_or(0),
        },
        "completion_tokens_details": { "reasoning_tokens": usage.reasoning_tokens.unwrap_or(0) },
    })
}
