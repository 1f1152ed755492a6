//! Encoding of a whole message, and the parts that a streamed one shares: usage, stop reason, error.

use serde_json::{Value, json};

use super::VENDOR;
use crate::reply::SandboxReply;
use crate::vendor_apis::parts::{arguments, count, text};

/// The signature of simulated reasoning. A client has to return it unchanged.
pub(super) const SIGNATURE: &str = "c2FuZGJveC1zaWduYXR1cmU=";

/// Encodes an answer as a message.
pub(super) fn body(reply: &SandboxReply, body: &Value, request_id: &str) -> Value {
    let choice = &body["choices"][0];
    let failed = body.get("error").or(choice.get("error"));
    if let Some(failed) = failed {
        return error(
            "api_error",
            failed["message"]
                .as_str()
                .unwrap_or("Internal server error"),
            request_id,
        );
    }
    let mut message = opening(body);
    if body.get("choices").is_some() {
        message["content"] = content(&choice["message"]);
    } else if let Some(fields) = message.as_object_mut() {
        fields.remove("content");
    }
    let (reason, sequence) = stop(reply, &choice["finish_reason"]);
    message["stop_reason"] = reason;
    message["stop_sequence"] = sequence;
    if let Some(told) = body.get("usage") {
        message["usage"] = usage(told);
    }
    message
}

/// An empty message.
pub(super) fn opening(body: &Value) -> Value {
    let id = body["id"].as_str().unwrap_or_default();
    let model = body["model"].as_str().unwrap_or_default();
    json!({
        "id": id.strip_prefix("gen-").map_or_else(|| id.to_owned(), |id| format!("msg_{id}")),
        "type": "message", "role": "assistant", "model": VENDOR.plain(model),
        "content": [], "stop_reason": null, "stop_sequence": null,
    })
}

fn content(message: &Value) -> Value {
    let mut blocks = Vec::new();
    if let Some(thinking) = message["reasoning"].as_str() {
        blocks.push(json!({ "type": "thinking", "thinking": thinking, "signature": SIGNATURE }));
    }
    let said = text(message.get("content"));
    if !said.is_empty() {
        blocks.push(json!({ "type": "text", "text": said, "citations": null }));
    }
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        let input = arguments(call["function"]["arguments"].as_str().unwrap_or("{}"));
        blocks.push(tool_use(&call["id"], &call["function"]["name"], input));
    }
    blocks.into()
}

pub(super) fn tool_use(id: &Value, name: &Value, input: Value) -> Value {
    let id = id.as_str().unwrap_or_default().replace("call_", "toolu_");
    json!({ "type": "tool_use", "id": id, "name": name, "input": input })
}

/// `stop_reason` and `stop_sequence`.
pub(super) fn stop(reply: &SandboxReply, finish: &Value) -> (Value, Value) {
    let reason = match finish.as_str() {
        Some("stop") if reply.stopped_by.is_some() => {
            return (json!("stop_sequence"), json!(reply.stopped_by));
        }
        Some("stop") => "end_turn",
        Some("length") => "max_tokens",
        Some("tool_calls") => "tool_use",
        Some("content_filter") => "refusal",
        Some(other) => other,
        None => return (Value::Null, Value::Null),
    };
    (json!(reason), Value::Null)
}

/// Usage. Cached tokens are beside `input_tokens`, not in it.
pub(super) fn usage(told: &Value) -> Value {
    if told.is_null() {
        return Value::Null;
    }
    let cached = count(told, "/prompt_tokens_details/cached_tokens");
    let written = count(told, "/prompt_tokens_details/cache_write_tokens");
    json!({
        "input_tokens": count(told, "/prompt_tokens"),
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": cached,
        "cache_creation": { "ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0 },
        "output_tokens": count(told, "/completion_tokens"),
        "service_tier": "standard",
    })
}

/// The error body.
pub(super) fn error(kind: &str, message: &str, request_id: &str) -> Value {
    json!({ "type": "error", "error": { "type": kind, "message": message }, "request_id": request_id })
}
