//! OpenRouter's Responses: OpenAI's protocol of that name, with OpenRouter's models, fields, prices and errors.

use std::sync::OnceLock;

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use anymodel_types::FinishReason;

use crate::account::{self, ApiKey};
use crate::chat::{self, Incoming};
use crate::error_response::ErrorResponse;
use crate::protocol::responses::{ResponseStream, read, usage_of};
use crate::protocol::{AnswerHead, ToolCallDelta};
use crate::reply::SandboxReply;
use crate::request::SandboxRequest;
use crate::sse_writer::SseEvent;
use crate::vendor_apis::VendorApi;
use crate::vendor_apis::parts::{count, object, text};
use crate::vendor_apis::raw_request::{openrouter_fields, raw_request};

/// One request, with what its response repeats.
#[derive(Default)]
struct ResponsesApi {
    echo: OnceLock<Map<String, Value>>,
}

/// `POST /responses`
pub(super) async fn responses(incoming: Incoming) -> Response {
    chat::chat(incoming, &ResponsesApi::default()).await
}

impl VendorApi for ResponsesApi {
    fn caller(&self, headers: &HeaderMap) -> Result<ApiKey, ErrorResponse> {
        account::caller(headers)
    }

    fn read(&self, body: &[u8]) -> Result<SandboxRequest, ErrorResponse> {
        let decoded = read(body)?;
        let mut raw = raw_request(&decoded);
        raw.extend(openrouter_fields(object(body)?));
        // A request is read once.
        self.echo.get_or_init(|| decoded.echo);
        SandboxRequest::read(Value::Object(raw).to_string().as_bytes())
    }

    fn body(&self, _: &SandboxReply, body: Value) -> Value {
        let mut writer = self.writer(&body, body.get("usage"));
        let choice = &body["choices"][0];
        writer.chunk(&body, &choice["message"]);
        let whole = writer.stream.take().pop().unwrap_or_default();
        let mut response = whole["response"].clone();
        if let (None, Some(fields)) = (body.get("choices"), response.as_object_mut()) {
            fields.remove("output");
        }
        response
    }

    fn events(&self, _: &SandboxRequest, _: &SandboxReply, events: Vec<SseEvent>) -> Vec<SseEvent> {
        let chunks = || events.iter().filter_map(chunk_of);
        let told = chunks().find_map(|chunk| chunk.get("usage"));
        let first = chunks().next().unwrap_or(&Value::Null);
        let mut writer = self.writer(first, told);
        let mut out = Vec::new();
        for event in events {
            let (chunk, half) = match event {
                SseEvent::Chunk(chunk) => (chunk, false),
                SseEvent::Half(chunk) => (chunk, true),
                rest => {
                    out.push(rest);
                    continue;
                }
            };
            writer.chunk(&chunk, &chunk["choices"][0]["delta"]);
            let written = writer.stream.take().into_iter();
            match half {
                true => out.extend(written.map(SseEvent::Half)),
                false => out.extend(written.map(SseEvent::Chunk)),
            }
        }
        out
    }

    fn names_events(&self) -> bool {
        true
    }

    fn refuse(&self, failure: ErrorResponse) -> Response {
        failure.into_response()
    }

    fn mark(&self, reply: &SandboxReply) -> Option<(&'static str, String)> {
        Some(("x-generation-id", reply.id.clone()))
    }
}

impl ResponsesApi {
    fn writer(&self, body: &Value, told: Option<&Value>) -> Writer {
        let echo = self.echo.get().cloned().unwrap_or_default();
        let usage = told.map_or(Value::Null, usage);
        Writer {
            stream: ResponseStream::new(head(body), echo).with_usage(usage),
        }
    }
}

fn chunk_of(event: &SseEvent) -> Option<&Value> {
    match event {
        SseEvent::Chunk(chunk) | SseEvent::Half(chunk) => Some(chunk),
        _ => None,
    }
}

/// Writes a chat completion, whole or in chunks, as a response.
struct Writer {
    stream: ResponseStream,
}

impl Writer {
    /// Writes a body or a chunk, whose message or delta is `said`.
    fn chunk(&mut self, body: &Value, said: &Value) {
        let choice = &body["choices"][0];
        if let Some(failed) = body.get("error").or(choice.get("error")) {
            let code = match &failed["code"] {
                Value::String(code) => code.clone(),
                code => code.to_string(),
            };
            let message = failed["message"].as_str();
            return self
                .stream
                .write_error(&code, message.unwrap_or("Internal server error"));
        }
        self.stream.begin();
        self.stream
            .write_reasoning(said["reasoning"].as_str().unwrap_or_default());
        self.stream.write_text(&text(said.get("content")));
        let calls = said["tool_calls"].as_array().into_iter().flatten();
        for (at, call) in calls.enumerate() {
            let function = &call["function"];
            let index = call["index"].as_u64().map(usize::try_from);
            self.stream.write_call(&ToolCallDelta {
                index: index.and_then(Result::ok).unwrap_or(at),
                id: call["id"].as_str(),
                name: function["name"].as_str(),
                arguments: function["arguments"].as_str().unwrap_or_default(),
            });
        }
        let finish = choice["finish_reason"].as_str();
        if let Some(reason) = finish.and_then(FinishReason::parse) {
            self.stream.write_end(&reason);
        }
    }
}

fn head(body: &Value) -> AnswerHead {
    let id = body["id"].as_str().unwrap_or_default();
    let id = id
        .strip_prefix("gen-")
        .map_or_else(|| id.to_owned(), |id| format!("resp_{id}"));
    let created = body["created"].as_u64().unwrap_or_default();
    AnswerHead::new(id, created, body["model"].as_str().unwrap_or_default())
}

/// Usage, with OpenRouter's price.
fn usage(told: &Value) -> Value {
    if told.is_null() {
        return Value::Null;
    }
    let mut usage = usage_of(
        count(told, "/prompt_tokens"),
        count(told, "/prompt_tokens_details/cached_tokens"),
        count(told, "/completion_tokens"),
        count(told, "/completion_tokens_details/reasoning_tokens"),
        count(told, "/total_tokens"),
    );
    for field in ["cost", "is_byok", "cost_details"] {
        if let Some(value) = told.get(field) {
            usage[field] = value.clone();
        }
    }
    usage
}
