//! Vendor APIs: the same answers, prices and faults in the protocols of several vendors.
//!
//! Inside, the sandbox uses OpenRouter's format. A [`VendorApi`] decodes a vendor's request into this format, and encodes
//! the answer in the vendor's. Faults change the answer in between, so that they work in every protocol: a stream cut after
//! 40 words is cut after 40 words everywhere.
//!
//! - `openrouter`: OpenRouter's chat completions and Responses, below `/api/v1`
//! - `anthropic`: Messages, below `/anthropic/v1` and at `/api/v1/messages`
//! - `gemini`: `generateContent`, below `/gemini/v1beta`
//! - `azure`: the OpenAI protocol as Azure serves it, below `/azure/openai`
//! - `parts`: shared request decoding
//! - `raw_request`: a decoded request in the internal format
//! - `vendor`: the vendors' models and their names

mod anthropic;
mod azure;
mod gemini;
mod openrouter;
mod parts;
mod raw_request;
mod vendor;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;

use super::account::ApiKey;
use super::error_response::ErrorResponse;
use super::reply::SandboxReply;
use super::request::SandboxRequest;
use super::server::ServerState;
use super::sse_writer::SseEvent;

/// A vendor API: decodes requests of one vendor's protocol and encodes the answers.
pub(super) trait VendorApi: Sync {
    /// The client's key, or the error when it is refused; called before the body is read.
    fn caller(&self, headers: &HeaderMap) -> Result<ApiKey, ErrorResponse>;

    /// Decodes the request.
    fn read(&self, body: &[u8]) -> Result<SandboxRequest, ErrorResponse>;

    /// Encodes a whole answer. `body` is in OpenRouter's format, with any fault applied.
    fn body(&self, reply: &SandboxReply, body: Value) -> Value;

    /// Encodes a streamed answer, from events in OpenRouter's format, with any fault applied.
    fn events(
        &self,
        request: &SandboxRequest,
        reply: &SandboxReply,
        events: Vec<SseEvent>,
    ) -> Vec<SseEvent>;

    /// Whether events have a line with the name of their type.
    fn names_events(&self) -> bool {
        false
    }

    /// Encodes an error.
    fn refuse(&self, failure: ErrorResponse) -> Response;

    /// A header with the id of the answer.
    fn mark(&self, reply: &SandboxReply) -> Option<(&'static str, String)>;
}

/// The routes of OpenRouter's protocol that ask a model.
pub(super) fn openrouter_routes() -> Router<ServerState> {
    openrouter::router().merge(anthropic::openrouter_routes())
}

/// The routes of the other vendors.
pub(super) fn vendor_routes() -> Router<ServerState> {
    Router::new()
        .nest("/anthropic", anthropic::router())
        .nest("/gemini", gemini::router())
        .nest("/azure", azure::router())
}
