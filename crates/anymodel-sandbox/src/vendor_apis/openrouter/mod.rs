//! OpenRouter's vendor API: chat completions in the sandbox's internal format, so nothing is translated, and `responses`.

mod responses;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::Value;

use super::VendorApi;
use crate::account::{self, ApiKey};
use crate::chat::{self, Incoming};
use crate::error_response::ErrorResponse;
use crate::reply::SandboxReply;
use crate::request::SandboxRequest;
use crate::server::ServerState;
use crate::sse_writer::SseEvent;

struct OpenRouterApi;

pub(super) fn router() -> Router<ServerState> {
    Router::new()
        .route("/chat/completions", post(chat))
        .route("/responses", post(responses::responses))
}

/// `POST /chat/completions`
async fn chat(incoming: Incoming) -> Response {
    chat::chat(incoming, &OpenRouterApi).await
}

impl VendorApi for OpenRouterApi {
    fn caller(&self, headers: &HeaderMap) -> Result<ApiKey, ErrorResponse> {
        account::caller(headers)
    }

    fn read(&self, body: &[u8]) -> Result<SandboxRequest, ErrorResponse> {
        SandboxRequest::read(body)
    }

    fn body(&self, _: &SandboxReply, body: Value) -> Value {
        body
    }

    fn events(&self, _: &SandboxRequest, _: &SandboxReply, events: Vec<SseEvent>) -> Vec<SseEvent> {
        events
    }

    fn refuse(&self, failure: ErrorResponse) -> Response {
        failure.into_response()
    }

    fn mark(&self, reply: &SandboxReply) -> Option<(&'static str, String)> {
        Some(("x-generation-id", reply.id.clone()))
    }
}
