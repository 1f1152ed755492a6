//! Error responses in OpenRouter's format: `{"error": {"code", "message", "metadata"}, "user_id"}`.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::protocol::Invalid;

/// The format of `error.code`; all three have been seen in real responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    Number,
    /// The error's type as a string.
    Text,
    /// No code; `error_type` and `http_status` are fields beside the message.
    Missing,
}

/// An error response. It is boxed so that a `Result` with it stays small.
#[derive(Debug, Clone)]
pub(super) struct ErrorResponse(Box<ErrorDetails>);

/// The fields of an error.
#[derive(Debug, Clone)]
pub(super) struct ErrorDetails {
    pub status: u16,
    pub message: String,
    pub error_type: String,
    pub code: Code,
    /// More fields of `error`, beside code and message.
    pub extra: Map<String, Value>,
    /// Fields of `error.metadata`, beside the type.
    pub metadata: Map<String, Value>,
    pub headers: Vec<(&'static str, String)>,
    /// The wait before a retry, in any field of this format; the other vendor APIs have one field of their own for it.
    pub wait: Option<Duration>,
    /// The routing metadata, when requested; it is a field beside `error`.
    pub routing: Option<Value>,
    /// The whole body, in another server's format.
    pub body: Option<Value>,
}

impl ErrorResponse {
    pub fn new(status: u16, error_type: &str, message: impl Into<String>) -> Self {
        Self(Box::new(ErrorDetails {
            status,
            message: message.into(),
            error_type: error_type.to_owned(),
            code: Code::Number,
            extra: Map::new(),
            metadata: Map::new(),
            headers: Vec::new(),
            wait: None,
            routing: None,
            body: None,
        }))
    }

    /// An error for an invalid request.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", message)
    }

    /// Adds `error.availability`: the reason why no host could serve the request.
    pub fn with_availability(mut self, code: &str, models: &[&str], more: Value) -> Self {
        let mut availability = json!({
            "code": code,
            "retryable": matches!(self.status, 429 | 503),
            "requested_models": models,
            "docs_url": "https://openrouter.ai/docs/api-reference/errors",
        });
        if let (Some(all), Value::Object(more)) = (availability.as_object_mut(), more) {
            all.extend(more);
        }
        self.extra.insert("availability".into(), availability);
        self
    }

    /// Whether the requested model does not exist.
    pub fn names_no_model(&self) -> bool {
        let code = self.extra.get("availability").and_then(|a| a.get("code"));
        code.is_some_and(|code| code == "model_not_found")
    }

    /// Whether the content was refused, not the request.
    pub fn is_moderation(&self) -> bool {
        self.error_type == "content_policy_violation" || self.metadata.contains_key("reasons")
    }

    /// The `error` object.
    pub fn error(&self) -> Value {
        let mut metadata = self.metadata.clone();
        let mut error = Map::new();
        match self.code {
            Code::Number => error.insert("code".into(), self.status.into()),
            Code::Text => error.insert("code".into(), self.error_type.clone().into()),
            Code::Missing => {
                error.insert("error_type".into(), self.error_type.clone().into());
                error.insert("http_status".into(), self.status.into())
            }
        };
        error.insert("message".into(), self.message.clone().into());
        if self.code != Code::Missing {
            metadata
                .entry("error_type")
                .or_insert_with(|| self.error_type.clone().into());
        }
        error.insert("metadata".into(), metadata.into());
        error.extend(self.extra.clone());
        Value::Object(error)
    }

    /// The whole body.
    pub fn body(&self) -> Value {
        if let Some(body) = &self.body {
            return body.clone();
        }
        let mut body = json!({ "error": self.error(), "user_id": "user_sandbox" });
        if let Some(routing) = &self.routing {
            body["openrouter_metadata"] = routing.clone();
        }
        body
    }
}

impl From<Invalid> for ErrorResponse {
    fn from(invalid: Invalid) -> Self {
        let mut failure = Self::invalid(invalid.message);
        if let Some(param) = invalid.param {
            failure.extra.insert("param".into(), param.into());
        }
        failure
    }
}

impl std::ops::Deref for ErrorResponse {
    type Target = ErrorDetails;

    fn deref(&self) -> &ErrorDetails {
        &self.0
    }
}

impl std::ops::DerefMut for ErrorResponse {
    fn deref_mut(&mut self) -> &mut ErrorDetails {
        &mut self.0
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.body())).into_response();
        for (name, value) in self.0.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
