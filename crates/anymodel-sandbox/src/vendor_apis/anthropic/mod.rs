//! Anthropic's vendor API: Messages, plain and streamed, the count of tokens and the list of models.
//!
//! Written from the vendor's documentation and its official client. Features that the sandbox does not have, such as batches
//! and files, are a 404. `request` decodes, with the checks of
//! `turns`; `answer` and `stream` encode. OpenRouter serves Messages, too, with its own names of models.

mod answer;
mod request;
mod stream;
mod turns;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::VendorApi;
use super::vendor::Vendor;
use crate::account::ApiKey;
use crate::answer_builder::prompt_tokens;
use crate::chat::{self, Incoming};
use crate::error_response::ErrorResponse;
use crate::generation_record::timestamp;
use crate::host_selection::{self, HostCandidate};
use crate::protocol::messages::token_count;
use crate::protocol::{anthropic, anthropic_type};
use crate::reply::SandboxReply;
use crate::request::SandboxRequest;
use crate::send::set;
use crate::server::ServerState;
use crate::sse_writer::SseEvent;
use anymodel_catalog::model::Model;

const VENDOR: Vendor = Vendor("anthropic");

/// The service that speaks this protocol: the vendor, or OpenRouter with its names of models and its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    Anthropic,
    OpenRouter,
}

impl Service {
    /// The name of a model in the catalogue.
    fn qualify(self, name: &str) -> String {
        match self {
            Self::Anthropic => VENDOR.qualify(name),
            Self::OpenRouter => name.to_owned(),
        }
    }

    /// The service's name of a model.
    fn plain(self, id: &str) -> &str {
        match self {
            Self::Anthropic => VENDOR.plain(id),
            Self::OpenRouter => id,
        }
    }
}

/// One request. It has an id, as the vendor's requests do.
struct AnthropicApi {
    service: Service,
    request_id: String,
}

pub(super) fn router() -> Router<ServerState> {
    Router::new()
        .route(
            "/v1/messages",
            post(|request| messages(request, Service::Anthropic)),
        )
        .route(
            "/v1/messages/count_tokens",
            post(|request| count_tokens(request, Service::Anthropic)),
        )
        .route("/v1/models", get(models))
        .route("/v1/models/{*id}", get(model))
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
}

/// The routes of this protocol at OpenRouter.
pub(super) fn openrouter_routes() -> Router<ServerState> {
    Router::new()
        .route(
            "/messages",
            post(|request| messages(request, Service::OpenRouter)),
        )
        .route(
            "/messages/count_tokens",
            post(|request| count_tokens(request, Service::OpenRouter)),
        )
}

async fn messages(incoming: Incoming, service: Service) -> Response {
    let face = AnthropicApi::new(&incoming.shared, service);
    chat::chat(incoming, &face).await
}

async fn count_tokens(incoming: Incoming, service: Service) -> Response {
    let face = AnthropicApi::new(&incoming.shared, service);
    match face.count(&incoming).await {
        Ok(tokens) => {
            let mut response = Json(token_count(tokens)).into_response();
            set(&mut response, "request-id", &face.request_id);
            response
        }
        Err(failure) => face.refuse(failure),
    }
}

impl AnthropicApi {
    fn new(shared: &ServerState, service: Service) -> Self {
        Self {
            service,
            request_id: shared.ledger().next_request(),
        }
    }

    /// The tokens of a request, whose model must exist. It costs nothing.
    async fn count(&self, incoming: &Incoming) -> Result<u64, ErrorResponse> {
        let key = self.caller(&incoming.headers)?;
        let request = request::read(incoming.bytes()?, self.service, true)?;
        let plan = host_selection::plan_hosts(&request, incoming.shared.strict)?;
        match plan.candidates.into_iter().next() {
            Some(HostCandidate::Nowhere(_, failure)) => Err(failure),
            Some(HostCandidate::Fault(fault)) => {
                chat::only_delay(incoming, &key, fault).await?;
                Ok(prompt_tokens(&request))
            }
            _ => Ok(prompt_tokens(&request)),
        }
    }
}

impl VendorApi for AnthropicApi {
    fn caller(&self, headers: &HeaderMap) -> Result<ApiKey, ErrorResponse> {
        // The vendor's client sends its key as a bearer token since version 2; `x-api-key` is the older way.
        let key = ApiKey::in_header(headers, "x-api-key").or_else(|| ApiKey::bearer(headers));
        let key = key.ok_or_else(|| {
            let sent = headers.contains_key("x-api-key") || headers.contains_key("authorization");
            let message = match sent {
                true => "invalid x-api-key",
                false => "x-api-key header is required",
            };
            ErrorResponse::new(401, "authentication", message)
        })?;
        if self.service == Service::Anthropic && !headers.contains_key("anthropic-version") {
            return Err(ErrorResponse::invalid(
                "anthropic-version: header is required",
            ));
        }
        Ok(key)
    }

    fn read(&self, body: &[u8]) -> Result<SandboxRequest, ErrorResponse> {
        request::read(body, self.service, false)
    }

    fn body(&self, reply: &SandboxReply, body: Value) -> Value {
        answer::body(self.service, reply, &body, &self.request_id)
    }

    fn events(
        &self,
        _: &SandboxRequest,
        reply: &SandboxReply,
        events: Vec<SseEvent>,
    ) -> Vec<SseEvent> {
        stream::events(self.service, reply, events, &self.request_id)
    }

    fn names_events(&self) -> bool {
        true
    }

    fn refuse(&self, failure: ErrorResponse) -> Response {
        let (status, kind) = kind(&failure);
        let message = match failure.names_no_model() {
            true => format!("model: not found ({})", failure.message),
            false => failure.message.clone(),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = anthropic(kind, &message, &self.request_id);
        let mut response = (status, Json(body)).into_response();
        set(&mut response, "request-id", &self.request_id);
        if let Some(wait) = retry_after(&failure) {
            set(&mut response, "retry-after", &wait);
        }
        response
    }

    fn mark(&self, _: &SandboxReply) -> Option<(&'static str, String)> {
        Some(("request-id", self.request_id.clone()))
    }
}

/// The status and the type of an error. Overload is a 529 here.
fn kind(failure: &ErrorResponse) -> (u16, &'static str) {
    if failure.error_type == "provider_overloaded" {
        return (529, "overloaded_error");
    }
    if failure.names_no_model() {
        return (404, "not_found_error");
    }
    (failure.status, anthropic_type(failure.status))
}

/// The vendor's only place for a retry hint: a header, in seconds, or as a date when the fault has a date.
fn retry_after(failure: &ErrorResponse) -> Option<String> {
    let written = failure
        .headers
        .iter()
        .find(|(name, _)| *name == "retry-after");
    match (written, failure.wait) {
        (Some((_, value)), _) => Some(value.clone()),
        (None, Some(wait)) => Some(wait.as_secs_f64().ceil().to_string()),
        (None, None) => None,
    }
}

/// `GET /v1/models`
async fn models(State(shared): State<ServerState>, headers: HeaderMap) -> Response {
    let face = AnthropicApi::new(&shared, Service::Anthropic);
    if let Err(failure) = face.caller(&headers) {
        return face.refuse(failure);
    }
    let data: Vec<Value> = VENDOR.models().map(told).collect();
    let id = |model: Option<&Value>| model.map_or(Value::Null, |model| model["id"].clone());
    Json(json!({ "first_id": id(data.first()), "last_id": id(data.last()), "has_more": false, "data": data }))
        .into_response()
}

/// `GET /v1/models/{id}`
async fn model(
    State(shared): State<ServerState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let face = AnthropicApi::new(&shared, Service::Anthropic);
    if let Err(failure) = face.caller(&headers) {
        return face.refuse(failure);
    }
    let wanted = VENDOR.qualify(&id);
    match VENDOR.models().find(|model| model.id == wanted) {
        Some(model) => Json(told(model)).into_response(),
        None => face.refuse(ErrorResponse::new(404, "not_found", format!("model: {id}"))),
    }
}

fn told(model: &Model) -> Value {
    json!({
        "type": "model", "id": VENDOR.plain(&model.id), "display_name": model.name,
        "created_at": timestamp(model.created),
        "max_input_tokens": model.context_length, "max_tokens": model.max_completion_tokens,
        "lifecycle": "active", "line": null, "retires_at": null,
    })
}

async fn nowhere(State(shared): State<ServerState>, method: Method, uri: Uri) -> Response {
    let message = format!(
        "The sandbox has nothing at {method} /anthropic{}. Its Anthropic base URL ends in /anthropic; below it are v1/messages, v1/messages/count_tokens and v1/models",
        uri.path()
    );
    AnthropicApi::new(&shared, Service::Anthropic).refuse(ErrorResponse::new(
        404,
        "not_found",
        message,
    ))
}

async fn wrong_method(State(shared): State<ServerState>, method: Method, uri: Uri) -> Response {
    let message = format!("{method} is not allowed at /anthropic{}", uri.path());
    AnthropicApi::new(&shared, Service::Anthropic).refuse(ErrorResponse::new(
        405,
        "invalid_request",
        message,
    ))
}
