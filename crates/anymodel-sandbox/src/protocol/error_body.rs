//! Error body: one error in the formats of OpenAI and Anthropic.

use serde_json::{Value, json};

use super::Invalid;

/// An error as a server reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorBody {
    /// The HTTP status, from which Anthropic's type follows.
    pub status: u16,
    /// OpenAI's type, such as `invalid_request_error`.
    pub kind: String,
    /// What happened.
    pub message: String,
    /// The field of the request that caused it.
    pub param: Option<String>,
    /// OpenAI's code, such as `model_not_found`.
    pub code: Option<String>,
}

impl ErrorBody {
    /// An error with the type that OpenAI has for the status, without param and code.
    pub fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: openai_type(status).to_owned(),
            message: message.into(),
            param: None,
            code: None,
        }
    }

    /// The same with this code.
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// OpenAI's format: `{"error": {"message", "type", "param", "code"}}`.
    pub fn openai(&self) -> Value {
        json!({ "error": {
            "message": self.message, "type": self.kind, "param": self.param, "code": self.code,
        }})
    }

    /// Anthropic's format: `{"type": "error", "error": {"type", "message"}, "request_id"}`.
    pub fn anthropic(&self, request_id: &str) -> Value {
        anthropic(anthropic_type(self.status), &self.message, request_id)
    }
}

impl From<Invalid> for ErrorBody {
    fn from(invalid: Invalid) -> Self {
        Self {
            param: invalid.param,
            ..Self::new(400, invalid.message)
        }
    }
}

/// An error in Anthropic's format with this type.
pub(crate) fn anthropic(kind: &str, message: &str, request_id: &str) -> Value {
    json!({ "type": "error", "error": { "type": kind, "message": message }, "request_id": request_id })
}

/// OpenAI's type of an error.
fn openai_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        400..500 => "invalid_request_error",
        _ => "server_error",
    }
}

/// Anthropic's type of an error.
pub(crate) fn anthropic_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        409 => "conflict_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        408 | 504 | 524 => "timeout_error",
        400..500 => "invalid_request_error",
        _ => "api_error",
    }
}
