//! Chat request parser, as lenient and as strict as OpenRouter.

use serde_json::{Map, Value};

use super::error_response::ErrorResponse;
use super::provider_preferences::{AutoRouter, ProviderPreferences};
use super::request_fields::{count, flag, number, string, strings};
use super::request_validation;
use super::schema_sampler::Format;
use super::tools::{SandboxToolChoice, Tool};

/// A parsed request: all fields that the sandbox uses.
#[derive(Debug)]
pub(super) struct SandboxRequest {
    pub model: Option<String>,
    pub models: Vec<String>,
    pub messages: Vec<SandboxMessage>,
    pub stream: bool,
    pub max_tokens: Option<u64>,
    pub stop: Vec<String>,
    pub tools: Vec<Tool>,
    pub tool_choice: SandboxToolChoice,
    pub format: Format,
    pub provider: ProviderPreferences,
    pub route: Option<String>,
    pub auto: AutoRouter,
    pub reasoning: bool,
    pub echo_upstream: bool,
    pub session_id: Option<String>,
    /// The whole request, unchanged.
    pub raw: Map<String, Value>,
}

/// One message of the conversation.
#[derive(Debug, Clone)]
pub(super) struct SandboxMessage {
    pub role: String,
    /// The text parts, joined.
    pub text: String,
    pub has_image: bool,
}

impl SandboxRequest {
    pub fn read(body: &[u8]) -> Result<Self, ErrorResponse> {
        let raw: Value = serde_json::from_slice(body).map_err(|error| {
            ErrorResponse::invalid(format!("The request body is no JSON: {error}"))
        })?;
        let Value::Object(raw) = raw else {
            return Err(ErrorResponse::invalid(
                "The request body must be a JSON object",
            ));
        };
        for (name, low, high) in NUMBERS {
            number(&raw, name, low, high)?;
        }
        let request = Self::from_raw(raw)?;
        request_validation::request(&request.raw)?;
        if request.models.len() > 3 {
            return Err(ErrorResponse::invalid(
                "'models' array must have 3 items or fewer.",
            ));
        }
        if request.stop.len() > 4 {
            return Err(ErrorResponse::invalid(
                "stop takes at most 4 sequences; more were sent",
            ));
        }
        Ok(request)
    }

    /// Parses these fields, without the limits of OpenRouter's protocol.
    pub fn from_raw(raw: Map<String, Value>) -> Result<Self, ErrorResponse> {
        request_validation::pictures(&raw)?;
        let stop = match raw.get("stop") {
            Some(Value::String(one)) => vec![one.clone()],
            _ => strings(&raw, "stop")?,
        };
        let reasoning = raw.get("reasoning").and_then(Value::as_object);
        let effort =
            |map: &Map<String, Value>, key| map.get(key).and_then(Value::as_str) != Some("none");
        let wants_reasoning = reasoning.is_some_and(|r| {
            r.get("enabled") != Some(&Value::Bool(false))
                && r.get("exclude") != Some(&Value::Bool(true))
                && effort(r, "effort")
        }) || (raw.get("reasoning_effort").is_some_and(Value::is_string)
            && effort(&raw, "reasoning_effort"));
        Ok(Self {
            model: string(&raw, "model")?,
            messages: messages(&raw)?,
            stream: flag(&raw, "stream")?.unwrap_or(false),
            max_tokens: match count(&raw, "max_completion_tokens")? {
                Some(most) => Some(most),
                None => count(&raw, "max_tokens")?,
            },
            tools: Tool::read_all(&raw)?,
            tool_choice: SandboxToolChoice::read(&raw)?,
            format: Format::read(&raw)?,
            provider: ProviderPreferences::read(&raw)?,
            route: string(&raw, "route")?,
            auto: AutoRouter::read(&raw),
            reasoning: wants_reasoning,
            echo_upstream: raw
                .get("debug")
                .is_some_and(|d| d.get("echo_upstream_body") == Some(&Value::Bool(true))),
            session_id: string(&raw, "session_id")?,
            models: strings(&raw, "models")?,
            stop,
            raw,
        })
    }

    /// The last message of the user.
    pub fn question(&self) -> &str {
        self.messages
            .iter()
            .rev()
            .find(|m| m.role == "user")
            .map_or("", |m| m.text.as_str())
    }

    /// Whether the conversation contains an image.
    pub fn shows_image(&self) -> bool {
        self.messages.iter().any(|m| m.has_image)
    }
}

/// Numeric fields and their allowed ranges.
const NUMBERS: [(&str, f64, f64); 10] = [
    ("temperature", 0.0, 2.0),
    ("top_p", 0.0, 1.0),
    ("top_k", 0.0, f64::MAX),
    ("top_a", 0.0, 1.0),
    ("min_p", 0.0, 1.0),
    ("frequency_penalty", -2.0, 2.0),
    ("presence_penalty", -2.0, 2.0),
    ("repetition_penalty", 0.0, 2.0),
    ("top_logprobs", 0.0, 20.0),
    ("seed", f64::MIN, f64::MAX),
];

const ROLES: [&str; 5] = ["system", "developer", "user", "assistant", "tool"];

fn messages(raw: &Map<String, Value>) -> Result<Vec<SandboxMessage>, ErrorResponse> {
    let Some(Value::Array(items)) = raw.get("messages") else {
        return Err(ErrorResponse::invalid(
            "messages is missing: send an array of {\"role\", \"content\"} objects",
        ));
    };
    if items.is_empty() {
        return Err(ErrorResponse::invalid(
            "messages is empty: send at least one {\"role\", \"content\"} object",
        ));
    }
    items.iter().enumerate().map(message).collect()
}

fn message((at, item): (usize, &Value)) -> Result<SandboxMessage, ErrorResponse> {
    let role = item.get("role").and_then(Value::as_str).unwrap_or_default();
    if !ROLES.contains(&role) {
        return Err(ErrorResponse::invalid(format!(
            "messages[{at}].role must be one of {}",
            ROLES.join(", ")
        )));
    }
    let calls = item.get("tool_calls").is_some_and(|calls| !calls.is_null());
    let mut has_image = false;
    let text = match item.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .filter_map(|part| {
                has_image |= part.get("image_url").is_some();
                part.get("text").and_then(Value::as_str)
            })
            .collect::<Vec<_>>()
            .join("\n"),
        None | Some(Value::Null) if role == "assistant" && calls => String::new(),
        _ => {
            return Err(ErrorResponse::invalid(format!(
                "messages[{at}].content must be a string or an array of parts"
            )));
        }
    };
    if role == "tool" && !item.get("tool_call_id").is_some_and(Value::is_string) {
        return Err(ErrorResponse::invalid(format!(
            "messages[{at}].tool_call_id is missing: a tool message names the call it answers"
        )));
    }
    Ok(SandboxMessage {
        role: role.to_owned(),
        text,
        has_image,
    })
}
