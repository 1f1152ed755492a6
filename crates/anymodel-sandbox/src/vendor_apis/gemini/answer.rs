//! Encoding of a whole response and of a streamed one, which is a sequence of responses.

use serde_json::{Value, json};

use super::VENDOR;
use crate::sse_writer::SseEvent;
use crate::vendor_apis::parts::{arguments, count, text};

/// The signature of simulated function calls. A client has to return it unchanged.
pub(super) const SIGNATURE: &str = "c2FuZGJveC1zaWduYXR1cmU=";

/// Encodes an answer as a response.
pub(super) fn body(body: &Value) -> Value {
    let choice = &body["choices"][0];
    if let Some(failed) = body.get("error").or(choice.get("error")) {
        return error(failed);
    }
    let message = &choice["message"];
    let calls: Vec<Value> = message["tool_calls"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|call| PendingCall::of(call).part())
        .collect();
    let mut parts = spoken(message);
    parts.extend(calls);
    response(body, parts, &choice["finish_reason"], body.get("usage"))
}

/// A message or a delta, as parts.
fn spoken(said: &Value) -> Vec<Value> {
    let mut parts = Vec::new();
    if let Some(thinking) = said["reasoning"].as_str() {
        parts.push(json!({ "text": thinking, "thought": true }));
    }
    let text = text(said.get("content"));
    if !text.is_empty() {
        parts.push(json!({ "text": text }));
    }
    parts
}

/// A response; it has no candidates when the answer has no choices.
fn response(body: &Value, parts: Vec<Value>, finish: &Value, usage: Option<&Value>) -> Value {
    let mut response = json!({});
    match body.get("choices").and_then(Value::as_array) {
        None => {}
        Some(choices) if choices.is_empty() => response["candidates"] = json!([]),
        Some(_) => {
            let mut candidate = json!({ "content": { "role": "model" }, "index": 0 });
            if !parts.is_empty() {
                candidate["content"]["parts"] = parts.into();
            }
            if let Some(finish) = finish.as_str() {
                candidate["finishReason"] = json!(reason(finish));
            }
            response["candidates"] = json!([candidate]);
        }
    }
    if let Some(told) = usage {
        response["usageMetadata"] = metadata(told);
    }
    let model = body["model"].as_str().unwrap_or_default();
    response["modelVersion"] = json!(VENDOR.plain(model));
    response["responseId"] = body["id"].clone();
    response
}

/// `finishReason`. A call ends like any answer.
fn reason(finish: &str) -> String {
    match finish {
        "stop" | "tool_calls" => "STOP".to_owned(),
        "length" => "MAX_TOKENS".to_owned(),
        "content_filter" => "SAFETY".to_owned(),
        "error" => "OTHER".to_owned(),
        other => other.to_uppercase(),
    }
}

/// `usageMetadata`. Reasoning is beside the candidates' tokens, not in it.
fn metadata(told: &Value) -> Value {
    if told.is_null() {
        return Value::Null;
    }
    let completion = count(told, "/completion_tokens");
    let thoughts = count(told, "/completion_tokens_details/reasoning_tokens");
    let said = match (completion.as_u64(), thoughts.as_u64()) {
        (Some(all), Some(thoughts)) => json!(all.saturating_sub(thoughts)),
        _ => completion,
    };
    let prompt = count(told, "/prompt_tokens");
    let mut metadata = json!({
        "promptTokenCount": prompt, "candidatesTokenCount": said, "totalTokenCount": count(told, "/total_tokens"),
        "promptTokensDetails": [{ "modality": "TEXT", "tokenCount": prompt }],
    });
    if thoughts != 0 {
        metadata["thoughtsTokenCount"] = thoughts;
    }
    metadata
}

/// The response to a blocked prompt.
pub(super) fn blocked(model: &str) -> Value {
    json!({
        "promptFeedback": { "blockReason": "SAFETY", "safetyRatings": [] },
        "usageMetadata": { "promptTokenCount": 0, "totalTokenCount": 0 },
        "modelVersion": model,
    })
}

/// An error inside an answer; the vendor's streams send it under status 200.
fn error(failed: &Value) -> Value {
    let message = failed["message"].as_str().unwrap_or("Internal error");
    json!({ "error": { "code": 503, "message": message, "status": "UNAVAILABLE" } })
}

/// A function call, which this protocol never sends in fragments.
struct PendingCall {
    id: Value,
    name: Value,
    arguments: String,
}

impl PendingCall {
    fn of(call: &Value) -> Self {
        let function = &call["function"];
        Self {
            id: call["id"].clone(),
            name: function["name"].clone(),
            arguments: function["arguments"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    fn part(&self) -> Value {
        json!({
            "functionCall": { "id": self.id, "name": self.name, "args": arguments(&self.arguments) },
            "thoughtSignature": SIGNATURE,
        })
    }
}

/// OpenRouter's chunks as responses.
pub(super) fn events(events: Vec<SseEvent>) -> Vec<SseEvent> {
    let told = events.iter().find_map(|event| match event {
        SseEvent::Chunk(chunk) | SseEvent::Half(chunk) => chunk.get("usage").cloned(),
        _ => None,
    });
    let last = events.iter().rev().find_map(|event| match event {
        SseEvent::Chunk(chunk) if chunk["choices"][0].is_object() => Some(chunk.clone()),
        _ => None,
    });
    let mut calls: Vec<PendingCall> = Vec::new();
    let mut out = Vec::new();
    for event in events {
        match event {
            // This vendor sends no comments and no end marker: the finish reason is the end.
            SseEvent::Comment(_) | SseEvent::Done => {}
            SseEvent::Chunk(chunk) => {
                out.extend(chunk_of(&chunk, told.as_ref(), &mut calls).map(SseEvent::Chunk))
            }
            SseEvent::Half(chunk) => {
                out.extend(chunk_of(&chunk, told.as_ref(), &mut calls).map(SseEvent::Half))
            }
            rest @ (SseEvent::Error(_) | SseEvent::Pause(_) | SseEvent::Cut | SseEvent::Reset) => {
                out.push(rest)
            }
        }
    }
    if let (true, Some(last)) = (
        out.iter().all(|event| matches!(event, SseEvent::Pause(_))),
        last,
    ) {
        // An empty answer is one response.
        out.push(SseEvent::Chunk(response(
            &last,
            Vec::new(),
            &Value::Null,
            told.as_ref(),
        )));
    }
    out
}

/// The response for a chunk; `None` for one with only usage or a fragment of a call.
fn chunk_of(chunk: &Value, told: Option<&Value>, calls: &mut Vec<PendingCall>) -> Option<Value> {
    let choice = &chunk["choices"][0];
    if let Some(failed) = chunk.get("error").or(choice.get("error")) {
        return Some(error(failed));
    }
    let delta = &choice["delta"];
    for call in delta["tool_calls"].as_array().into_iter().flatten() {
        match calls.last_mut() {
            Some(last) if !call["id"].is_string() => {
                last.arguments += call["function"]["arguments"].as_str().unwrap_or_default();
            }
            _ => calls.push(PendingCall::of(call)),
        }
    }
    let mut parts = spoken(delta);
    let finish = &choice["finish_reason"];
    let ends = !finish.is_null();
    if ends {
        parts.extend(calls.drain(..).map(|call| call.part()));
    }
    let silent = parts.is_empty() && !ends && !choice.is_null();
    let only_usage = choice.is_null() && chunk.get("usage").is_some();
    if silent || only_usage {
        return None;
    }
    // Every response contains the usage so far; the last one counts.
    let mut usage = told.cloned();
    if let (Some(Value::Object(usage)), false) = (&mut usage, ends) {
        usage.insert("completion_tokens".into(), json!(0));
        let prompt = usage.get("prompt_tokens").cloned();
        usage.insert("total_tokens".into(), prompt.unwrap_or_default());
        usage.remove("completion_tokens_details");
    }
    Some(response(chunk, parts, finish, usage.as_ref()))
}
