//! Azure's vendor API: the OpenAI protocol without OpenRouter's fields. The path names the model by its deployment, and the
//! content filter results are in the answer.
//!
//! It serves both URLs: `openai/deployments/NAME/chat/completions?api-version=…`, and the newer
//! `openai/v1/chat/completions` without a version, where `model` names the deployment.

use std::collections::HashMap;

use axum::extract::{Path, Query};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::VendorApi;
use super::parts::object;
use super::vendor::Vendor;
use crate::account::ApiKey;
use crate::chat::{self, Incoming};
use crate::error_response::ErrorResponse;
use crate::reply::SandboxReply;
use crate::request::SandboxRequest;
use crate::send::set;
use crate::server::ServerState;
use crate::sse_writer::SseEvent;

const VENDOR: Vendor = Vendor("openai");

/// One request; for a deployment URL, with the deployment's name.
struct AzureApi {
    deployment: Option<String>,
}

pub(super) fn router() -> Router<ServerState> {
    Router::new()
        .route("/openai/v1/chat/completions", post(chat))
        .route("/openai/deployments/{*rest}", post(deployment))
        .fallback(nowhere)
        .method_not_allowed_fallback(nowhere)
}

async fn chat(incoming: Incoming) -> Response {
    chat::chat(incoming, &AzureApi { deployment: None }).await
}

async fn deployment(
    Path(rest): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    uri: Uri,
    incoming: Incoming,
) -> Response {
    // A fault's name has a slash, which some clients do not encode.
    let name = rest.strip_suffix("/chat/completions");
    let Some(name) = name.filter(|_| query.contains_key("api-version")) else {
        return nowhere(Method::POST, uri).await;
    };
    let face = AzureApi {
        deployment: Some(name.to_owned()),
    };
    chat::chat(incoming, &face).await
}

impl VendorApi for AzureApi {
    fn caller(&self, headers: &HeaderMap) -> Result<ApiKey, ErrorResponse> {
        let key = ApiKey::in_header(headers, "api-key").or_else(|| ApiKey::bearer(headers));
        key.ok_or_else(|| {
            let message = "Access denied due to invalid subscription key: send the header api-key, or a token";
            ErrorResponse::new(401, "authentication", message)
        })
    }

    fn read(&self, body: &[u8]) -> Result<SandboxRequest, ErrorResponse> {
        let mut raw = object(body)?;
        let named = raw.get("model").and_then(Value::as_str);
        let name = self.deployment.as_deref().or(named);
        let Some(name) = name else {
            return Err(ErrorResponse::invalid(
                "model is missing: name the deployment",
            ));
        };
        raw.insert("model".into(), VENDOR.qualify(name).into());
        if let Some(stranger) = ["models", "provider", "route", "plugins"]
            .iter()
            .find(|field| raw.contains_key(**field))
        {
            return Err(ErrorResponse::invalid(format!(
                "Unrecognized request argument supplied: {stranger}"
            )));
        }
        SandboxRequest::read(Value::Object(raw).to_string().as_bytes())
    }

    fn body(&self, _: &SandboxReply, mut body: Value) -> Value {
        if body.get("error").is_some() {
            return json!({ "error": error(&body["error"]) });
        }
        strip(&mut body);
        body["prompt_filter_results"] =
            json!([{ "prompt_index": 0, "content_filter_results": safe() }]);
        if body["choices"][0].is_object() {
            body["choices"][0]["content_filter_results"] = safe();
        }
        body
    }

    fn events(
        &self,
        request: &SandboxRequest,
        _: &SandboxReply,
        events: Vec<SseEvent>,
    ) -> Vec<SseEvent> {
        let options = request.raw.get("stream_options");
        let counts = options.is_some_and(|options| options["include_usage"] == true);
        let filter = json!({
            "id": "", "object": "", "created": 0, "model": "", "choices": [],
            "prompt_filter_results": [{ "prompt_index": 0, "content_filter_results": safe() }],
        });
        let rest = events.into_iter().filter_map(|event| match event {
            SseEvent::Comment(_) => None,
            SseEvent::Chunk(chunk) => bare(chunk, counts).map(SseEvent::Chunk),
            SseEvent::Half(chunk) => bare(chunk, counts).map(SseEvent::Half),
            rest => Some(rest),
        });
        std::iter::once(SseEvent::Chunk(filter))
            .chain(rest)
            .collect()
    }

    fn refuse(&self, failure: ErrorResponse) -> Response {
        let status =
            StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (status, body) = match () {
            () if failure.names_no_model() => (
                StatusCode::NOT_FOUND,
                json!({ "code": "DeploymentNotFound", "message": format!("The API deployment for this resource does not exist. ({})", failure.message) }),
            ),
            () if failure.is_moderation() => (
                StatusCode::BAD_REQUEST,
                json!({
                    "code": "content_filter", "message": "The response was filtered: the prompt triggered the content management policy.",
                    "param": "prompt", "type": null, "status": 400,
                    "innererror": {
                        "code": "ResponsibleAIPolicyViolation",
                        "content_filter_result": { "violence": { "filtered": true, "severity": "medium" } },
                    },
                }),
            ),
            () => (
                status,
                json!({ "code": code(&failure), "message": failure.message, "type": null, "param": null }),
            ),
        };
        let mut response = (status, Json(json!({ "error": body }))).into_response();
        if let Some(wait) = failure.wait {
            set(
                &mut response,
                "retry-after",
                &wait.as_secs_f64().ceil().to_string(),
            );
            set(
                &mut response,
                "retry-after-ms",
                &wait.as_millis().to_string(),
            );
        }
        response
    }

    fn mark(&self, reply: &SandboxReply) -> Option<(&'static str, String)> {
        Some(("apim-request-id", reply.id.clone()))
    }
}

/// The code of an error: a word, or the status as a string.
fn code(failure: &ErrorResponse) -> String {
    match failure.error_type.as_str() {
        "context_length_exceeded" => failure.error_type.clone(),
        _ => failure.status.to_string(),
    }
}

/// An error inside an answer.
fn error(failed: &Value) -> Value {
    json!({ "message": failed["message"], "type": "server_error", "param": null, "code": null })
}

/// A chunk without OpenRouter's own fields; `None` when it has only usage that was not requested.
fn bare(mut chunk: Value, counts: bool) -> Option<Value> {
    if chunk.get("error").is_some() {
        return Some(json!({ "error": error(&chunk["error"]) }));
    }
    let silent =
        chunk["choices"].as_array().is_some_and(Vec::is_empty) && chunk.get("usage").is_some();
    if silent && !counts {
        return None;
    }
    strip(&mut chunk);
    if !counts {
        remove(&mut chunk, &["usage"]);
    } else if chunk.get("usage").is_none() {
        chunk["usage"] = Value::Null;
    }
    Some(chunk)
}

/// Removes OpenRouter's own fields, and renames the others.
fn strip(body: &mut Value) {
    remove(body, &["provider", "openrouter_metadata", "debug"]);
    if let Some(id) = body["id"].as_str().and_then(|id| id.strip_prefix("gen-")) {
        body["id"] = json!(format!("chatcmpl-{id}"));
    }
    if let Some(model) = body["model"].as_str() {
        body["model"] = json!(VENDOR.plain(model));
    }
    for at in [
        "/choices/0",
        "/choices/0/message",
        "/choices/0/delta",
        "/usage",
    ] {
        if let Some(part) = body.pointer_mut(at) {
            remove(
                part,
                &[
                    "native_finish_reason",
                    "error",
                    "reasoning",
                    "reasoning_details",
                    "cost",
                    "cost_details",
                    "is_byok",
                ],
            );
        }
    }
}

fn remove(value: &mut Value, fields: &[&str]) {
    if let Some(map) = value.as_object_mut() {
        map.retain(|name, _| !fields.contains(&name.as_str()));
    }
}

/// The content filter results of harmless text.
fn safe() -> Value {
    let safe = json!({ "filtered": false, "severity": "safe" });
    json!({ "hate": safe, "self_harm": safe, "sexual": safe, "violence": safe })
}

async fn nowhere(method: Method, uri: Uri) -> Response {
    let message = format!(
        "Resource not found: the sandbox has nothing at {method} /azure{}. Below /azure are openai/v1/chat/completions and \
         openai/deployments/NAME/chat/completions?api-version=…",
        uri.path()
    );
    let body = json!({ "error": { "code": "404", "message": message } });
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}
