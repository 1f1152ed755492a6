//! OpenRouter's face: the protocol the sandbox thinks in, so nothing is translated.

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::Face;
use crate::sandbox::account::{self, Key};
use crate::sandbox::chat::{self, Incoming};
use crate::sandbox::failure::Failure;
use crate::sandbox::reply::Reply;
use crate::sandbox::script::Event;
use crate::sandbox::wire::ChatRequest;

struct OpenRouter;

/// `POST /chat/completions`
pub(super) async fn chat(incoming: Incoming) -> Response {
    chat::chat(incoming, &OpenRouter).await
}

impl Face for OpenRouter {
    fn caller(&self, headers: &HeaderMap) -> Result<Key, Failure> {
        account::caller(headers)
    }

    fn read(&self, body: &[u8]) -> Result<ChatRequest, Failure> {
        ChatRequest::read(body)
    }

    fn body(&self, _: &Reply, body: Value) -> Value {
        body
    }

    fn events(&self, _: &ChatRequest, _: &Reply, events: Vec<Event>) -> Vec<Event> {
        events
    }

    fn refuse(&self, failure: Failure) -> Response {
        failure.into_response()
    }

    fn mark(&self, reply: &Reply) -> Option<(&'static str, String)> {
        Some(("x-generation-id", reply.id.clone()))
    }
}
