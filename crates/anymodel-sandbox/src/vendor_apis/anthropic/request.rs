//! Messages request parser. It is as strict as the vendor, so that a client finds its errors here.

use serde_json::{Map, Value};

use super::{Service, turns};
use crate::error_response::ErrorResponse;
use crate::protocol::messages;
use crate::request::SandboxRequest;
use crate::request_fields::number;
use crate::vendor_apis::parts::object;
use crate::vendor_apis::raw_request::{OPENROUTER_FIELDS, openrouter_fields, raw_request};

/// The fields of the vendor's API; any other is refused.
const FIELDS: [&str; 24] = [
    "model",
    "messages",
    "max_tokens",
    "system",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "stop_sequences",
    "tools",
    "tool_choice",
    "thinking",
    "metadata",
    "service_tier",
    "output_config",
    "output_format",
    "cache_control",
    "container",
    "context_management",
    "mcp_servers",
    "inference_geo",
    "speed",
    "diagnostics",
    "betas",
];
/// The smallest reasoning budget.
const LEAST_BUDGET: u64 = 1024;

/// Parses a request for a message, or one to count its tokens, which needs no limit.
pub(super) fn read(
    body: &[u8],
    service: Service,
    to_count: bool,
) -> Result<SandboxRequest, ErrorResponse> {
    let asked = object(body)?;
    let known = |key: &str| {
        let own =
            service == Service::OpenRouter && (key == "models" || OPENROUTER_FIELDS.contains(&key));
        own || FIELDS.contains(&key)
    };
    if let Some(stranger) = asked.keys().find(|key| !known(key)) {
        return Err(ErrorResponse::invalid(format!(
            "{stranger}: Extra inputs are not permitted"
        )));
    }
    let mut decoded = match to_count {
        true => messages::read_to_count(body)?,
        false => messages::read(body)?,
    };
    number(&asked, "top_k", 0.0, f64::MAX)?;
    thinking(&asked)?;
    tools(&asked)?;
    turns::check(asked.get("messages"))?;
    decoded.model = decoded.model.map(|name| service.qualify(&name));
    let mut raw = raw_request(&decoded);
    raw.extend(openrouter_fields(asked));
    SandboxRequest::from_raw(raw)
}

/// Checks the reasoning budget.
fn thinking(asked: &Map<String, Value>) -> Result<(), ErrorResponse> {
    let budget = asked
        .get("thinking")
        .and_then(|thinking| thinking["budget_tokens"].as_u64());
    let most = asked.get("max_tokens").and_then(Value::as_u64);
    match budget {
        Some(..LEAST_BUDGET) => Err(ErrorResponse::invalid(format!(
            "thinking.enabled.budget_tokens: Input should be greater than or equal to {LEAST_BUDGET}"
        ))),
        Some(budget) if most.is_some_and(|most| budget >= most) => Err(ErrorResponse::invalid(
            "`max_tokens` must be greater than `thinking.budget_tokens`",
        )),
        _ => Ok(()),
    }
}

/// Checks the schemas of the client's own tools.
fn tools(asked: &Map<String, Value>) -> Result<(), ErrorResponse> {
    let tools = asked.get("tools").and_then(Value::as_array);
    for (at, tool) in tools.into_iter().flatten().enumerate() {
        if let Some(schema) = tool.get("input_schema")
            && schema["type"] != "object"
        {
            return Err(ErrorResponse::invalid(format!(
                "tools.{at}.custom.input_schema.type: Input should be 'object'"
            )));
        }
    }
    Ok(())
}
