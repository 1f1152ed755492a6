//! Gemini's vendor API: `generateContent`, plain and streamed, and the list of models.
//!
//! The same paths serve Vertex AI, which has `publishers/google/` before `models/` and a token as its key. `request` and
//! `turns` decode, `answer` encodes.

mod answer;
mod request;
mod turns;

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::VendorApi;
use super::vendor::Vendor;
use crate::account::ApiKey;
use crate::chat::{self, Incoming};
use crate::error_response::ErrorResponse;
use crate::reply::SandboxReply;
use crate::request::SandboxRequest;
use crate::server::ServerState;
use crate::sse_writer::{SseEvent, StreamFormat, stream_response};
use anymodel_catalog::model::Model;

const VENDOR: Vendor = Vendor("google");

/// One request. The path contains the model and the method.
struct GeminiApi {
    model: String,
    stream: bool,
}

pub(super) fn router() -> Router<ServerState> {
    Router::new()
        .route("/{version}/{*rest}", get(look_up).post(generate))
        .fallback(nowhere)
        .method_not_allowed_fallback(nowhere)
}

/// The model and the method: `models/NAME:method`, perhaps below other folders. A name with an author, or of a fault, may
/// come without `models/`, because clients take a name with a slash for a path.
fn target(path: &str) -> Option<(&str, Option<&str>)> {
    let name = match path.strip_prefix("models/") {
        Some(name) => name,
        None if path.starts_with("sandbox/") || path.starts_with("google/") => path,
        None => path.split_once("/models/")?.1,
    };
    // A fault's name has a slash and no colon.
    Some(
        name.rsplit_once(':')
            .map_or((name, None), |(name, verb)| (name, Some(verb))),
    )
}

/// `POST models/NAME:generateContent` and `:streamGenerateContent`
async fn generate(
    Path((_, rest)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    uri: Uri,
    incoming: Incoming,
) -> Response {
    let (model, stream) = match target(&rest) {
        Some((model, Some("generateContent"))) => (model, false),
        Some((model, Some("streamGenerateContent"))) => (model, true),
        _ => return nowhere(Method::POST, uri).await,
    };
    if stream && query.get("alt").map(String::as_str) != Some("sse") {
        let message = "The sandbox streams only as server-sent events: add ?alt=sse to the address";
        return refuse(&ErrorResponse::invalid(message));
    }
    let model = model.to_owned();
    chat::chat(incoming, &GeminiApi { model, stream }).await
}

impl VendorApi for GeminiApi {
    fn caller(&self, headers: &HeaderMap) -> Result<ApiKey, ErrorResponse> {
        caller(headers)
    }

    fn read(&self, body: &[u8]) -> Result<SandboxRequest, ErrorResponse> {
        request::read(body, VENDOR.qualify(&self.model), self.stream)
    }

    fn body(&self, _: &SandboxReply, body: Value) -> Value {
        answer::body(&body)
    }

    fn events(&self, _: &SandboxRequest, _: &SandboxReply, events: Vec<SseEvent>) -> Vec<SseEvent> {
        answer::events(events)
    }

    fn refuse(&self, failure: ErrorResponse) -> Response {
        if failure.is_moderation() {
            // A blocked prompt is no error here, but an answer without candidates.
            let body = answer::blocked(&self.model);
            return match self.stream {
                true => stream_response(
                    vec![SseEvent::Chunk(body)],
                    StreamFormat::default(),
                    0.0,
                    Default::default(),
                ),
                false => Json(body).into_response(),
            };
        }
        if failure.names_no_model() {
            let message = format!(
                "models/{} is not found for API version v1beta, or is not supported for generateContent ({})",
                self.model, failure.message
            );
            return refuse(&ErrorResponse::new(404, "not_found", message));
        }
        refuse(&failure)
    }

    fn mark(&self, _: &SandboxReply) -> Option<(&'static str, String)> {
        None
    }
}

/// A key, or a token as Vertex AI requires. A missing key is a 403 here and a bad one a 400.
fn caller(headers: &HeaderMap) -> Result<ApiKey, ErrorResponse> {
    let key = ApiKey::in_header(headers, "x-goog-api-key").or_else(|| ApiKey::bearer(headers));
    key.ok_or_else(|| match headers.contains_key("x-goog-api-key") {
        true => ErrorResponse::new(401, "authentication", "bad key"),
        false => ErrorResponse::new(
            403,
            "permission_denied",
            "The request has no key: send the header x-goog-api-key",
        ),
    })
}

/// The vendor's error body: a number, a word, and details.
fn refuse(failure: &ErrorResponse) -> Response {
    let (status, word) = match failure.status {
        401 => (400, "INVALID_ARGUMENT"),
        402 | 429 => (429, "RESOURCE_EXHAUSTED"),
        403 => (403, "PERMISSION_DENIED"),
        404 => (404, "NOT_FOUND"),
        412 => (400, "FAILED_PRECONDITION"),
        408 | 504 | 524 => (504, "DEADLINE_EXCEEDED"),
        503 | 529 => (503, "UNAVAILABLE"),
        400..500 => (400, "INVALID_ARGUMENT"),
        _ => (500, "INTERNAL"),
    };
    let message = match failure.status {
        401 => "API key not valid. Please pass a valid API key.",
        402 => "Your prepayment credits are depleted.",
        _ => failure.message.as_str(),
    };
    let mut error = json!({ "code": status, "message": message, "status": word });
    if failure.status == 401 {
        error["details"] = json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com",
            "metadata": { "service": "generativelanguage.googleapis.com" },
        }]);
    }
    if let Some(wait) = failure.wait {
        let delay = format!("{}s", wait.as_secs_f64());
        error["details"] =
            json!([{ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay }]);
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(json!({ "error": error }))).into_response()
}

/// `GET models` and `GET models/NAME`
async fn look_up(
    State(_): State<ServerState>,
    Path((_, rest)): Path<(String, String)>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if let Err(failure) = caller(&headers) {
        return refuse(&failure);
    }
    if rest == "models" {
        let models: Vec<Value> = VENDOR.models().map(told).collect();
        return Json(json!({ "models": models })).into_response();
    }
    let Some((name, None)) = target(&rest) else {
        return nowhere(Method::GET, uri).await;
    };
    let wanted = VENDOR.qualify(name);
    match VENDOR.models().find(|model| model.id == wanted) {
        Some(model) => Json(told(model)).into_response(),
        None => refuse(&ErrorResponse::new(
            404,
            "not_found",
            format!("models/{name} is not found"),
        )),
    }
}

fn told(model: &Model) -> Value {
    json!({
        "name": format!("models/{}", VENDOR.plain(&model.id)), "displayName": model.name, "version": "sandbox",
        "inputTokenLimit": model.context_length,
        "outputTokenLimit": model.max_completion_tokens,
        "supportedGenerationMethods": ["generateContent", "streamGenerateContent"],
    })
}

async fn nowhere(method: Method, uri: Uri) -> Response {
    let message = format!(
        "The sandbox has nothing at {method} /gemini{}. Its Gemini base URL ends in /gemini; below it are v1beta/models, \
         v1beta/models/NAME:generateContent and v1beta/models/NAME:streamGenerateContent?alt=sse",
        uri.path()
    );
    refuse(&ErrorResponse::new(404, "not_found", message))
}
