//! Encoding of a whole message, and the parts that a streamed one shares: head, stop reason, usage.

use serde_json::Value;

use super::Service;
use crate::protocol::messages::{self, Content, StopReason, input, tool_use, usage_of};
use crate::protocol::{AnswerHead, anthropic};
use crate::reply::SandboxReply;
use crate::vendor_apis::parts::{count, text};

/// The signature of simulated reasoning. A client has to return it unchanged.
pub(super) const SIGNATURE: &str = "c2FuZGJveC1zaWduYXR1cmU=";

/// Encodes an answer as a message.
pub(super) fn body(
    service: Service,
    reply: &SandboxReply,
    body: &Value,
    request_id: &str,
) -> Value {
    let choice = &body["choices"][0];
    let failed = body.get("error").or(choice.get("error"));
    if let Some(failed) = failed {
        return error(failed, request_id);
    }
    let said = &choice["message"];
    let content = Content {
        reasoning: said["reasoning"].as_str(),
        signature: SIGNATURE,
        text: &text(said.get("content")),
    };
    let calls = said["tool_calls"].as_array().into_iter().flatten();
    let calls = calls.map(|call| {
        let function = &call["function"];
        let arguments = function["arguments"].as_str().unwrap_or_default();
        let name = function["name"].as_str().unwrap_or_default();
        tool_use(&call_id(&call["id"]), name, input(arguments))
    });
    let stop = stop(reply, &choice["finish_reason"]);
    let mut message = messages::body(&head(service, body), content, calls.collect(), stop);
    if let (None, Some(fields)) = (body.get("choices"), message.as_object_mut()) {
        fields.remove("content");
    }
    if let Some(told) = body.get("usage") {
        message["usage"] = usage(told);
    }
    message
}

/// The head of a message, from a body or a chunk.
pub(super) fn head(service: Service, body: &Value) -> AnswerHead {
    let id = body["id"].as_str().unwrap_or_default();
    let model = body["model"].as_str().unwrap_or_default();
    let id = id
        .strip_prefix("gen-")
        .map_or_else(|| id.to_owned(), |id| format!("msg_{id}"));
    AnswerHead::new(id, 0, service.plain(model))
}

/// The vendor's form of a call's id.
pub(super) fn call_id(id: &Value) -> String {
    id.as_str().unwrap_or_default().replace("call_", "toolu_")
}

/// `stop_reason` and `stop_sequence`.
pub(super) fn stop(reply: &SandboxReply, finish: &Value) -> StopReason {
    match (finish.as_str(), &reply.stopped_by) {
        (Some("stop"), Some(sequence)) => StopReason::at_sequence(sequence),
        (Some(word), _) => StopReason::of(word),
        (None, _) => StopReason::default(),
    }
}

/// Usage.
pub(super) fn usage(told: &Value) -> Value {
    if told.is_null() {
        return Value::Null;
    }
    usage_of(
        count(told, "/prompt_tokens"),
        count(told, "/prompt_tokens_details/cached_tokens"),
        count(told, "/prompt_tokens_details/cache_write_tokens"),
        count(told, "/completion_tokens"),
    )
}

/// The body of an error inside an answer.
pub(super) fn error(failed: &Value, request_id: &str) -> Value {
    let message = failed["message"].as_str();
    anthropic(
        "api_error",
        message.unwrap_or("Internal server error"),
        request_id,
    )
}
