//! The faces of the sandbox: the same answers, prices and faults in the protocols of several vendors.
//!
//! The sandbox thinks in the OpenAI protocol as OpenRouter speaks it. A [`VendorApi`] puts a vendor's request into those words,
//! and what is said back into the vendor's. Faults bend the answer in between, so that each shows on every wire where it
//! has a meaning: a stream cut after 40 words is cut after 40 words everywhere.
//!
//! - `openrouter`: the home protocol, below `/api/v1`
//! - `anthropic`: Messages, below `/anthropic/v1`
//! - `gemini`: `generateContent`, below `/gemini/v1beta`
//! - `azure`: the OpenAI protocol as Azure serves it, below `/azure/openai`
//! - `parts`: what several of them need to read a request
//! - `vendor`: whose models they are, and their names there

mod anthropic;
mod azure;
mod gemini;
mod openrouter;
mod parts;
mod vendor;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use serde_json::Value;

use super::account::ApiKey;
use super::error_response::ErrorResponse;
use super::reply::SandboxReply;
use super::request::SandboxRequest;
use super::server::ServerState;
use super::sse_writer::SseEvent;

/// One vendor's protocol.
pub(super) trait VendorApi: Sync {
    /// Who calls, or why the call is refused before anything is read.
    fn caller(&self, headers: &HeaderMap) -> Result<ApiKey, ErrorResponse>;

    /// What is asked.
    fn read(&self, body: &[u8]) -> Result<SandboxRequest, ErrorResponse>;

    /// A whole answer. `body` is the one of the home protocol, perhaps bent by a fault.
    fn body(&self, reply: &SandboxReply, body: Value) -> Value;

    /// A streamed answer, from the events of the home protocol, perhaps bent.
    fn events(
        &self,
        request: &SandboxRequest,
        reply: &SandboxReply,
        events: Vec<SseEvent>,
    ) -> Vec<SseEvent>;

    /// Whether events carry the name of their type on a line of its own.
    fn names_events(&self) -> bool {
        false
    }

    /// A refusal.
    fn refuse(&self, failure: ErrorResponse) -> Response;

    /// A header that tells one answer from another.
    fn mark(&self, reply: &SandboxReply) -> Option<(&'static str, String)>;
}

/// The home protocol's route for chat.
pub(super) fn openrouter_routes() -> Router<ServerState> {
    Router::new().route("/chat/completions", post(openrouter::chat))
}

/// The other vendors' routes.
pub(super) fn vendor_routes() -> Router<ServerState> {
    Router::new()
        .nest("/anthropic", anthropic::router())
        .nest("/gemini", gemini::router())
        .nest("/azure", azure::router())
}
