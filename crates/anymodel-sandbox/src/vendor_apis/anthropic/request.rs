//! Messages request parser. It is as strict as the vendor, so that a client finds its errors here.

use serde_json::{Map, Value, json};

use super::{VENDOR, turns};
use crate::error_response::ErrorResponse;
use crate::request::SandboxRequest;
use crate::request_fields::{count, flag, number, string, strings};
use crate::vendor_apis::parts::{object, schema_format, tool};

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

pub(super) fn read(body: &[u8]) -> Result<SandboxRequest, ErrorResponse> {
    let asked = object(body)?;
    if let Some(stranger) = asked.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(ErrorResponse::invalid(format!(
            "{stranger}: Extra inputs are not permitted"
        )));
    }
    let missing = |field: &str| ErrorResponse::invalid(format!("{field}: Field required"));
    let model = string(&asked, "model")?.ok_or_else(|| missing("model"))?;
    let most = count(&asked, "max_tokens")?.ok_or_else(|| missing("max_tokens"))?;
    number(&asked, "temperature", 0.0, 1.0)?;
    number(&asked, "top_p", 0.0, 1.0)?;
    number(&asked, "top_k", 0.0, f64::MAX)?;
    let Some(Value::Array(turns)) = asked.get("messages") else {
        return Err(missing("messages"));
    };
    if turns.is_empty() {
        return Err(ErrorResponse::invalid(
            "messages: at least one message is required",
        ));
    }
    let thinks = thinks(&asked, most)?;
    turns::check(turns)?;
    let mut messages = system(&asked)?;
    for (at, turn) in turns.iter().enumerate() {
        messages.extend(turns::message(at, turn)?);
    }
    let mut raw = Map::new();
    raw.insert("model".into(), VENDOR.qualify(&model).into());
    raw.insert("max_tokens".into(), most.into());
    raw.insert("messages".into(), messages.into());
    raw.insert(
        "stream".into(),
        flag(&asked, "stream")?.unwrap_or(false).into(),
    );
    raw.insert("stop".into(), strings(&asked, "stop_sequences")?.into());
    if thinks {
        raw.insert("reasoning".into(), json!({ "enabled": true }));
    }
    for field in ["temperature", "top_p", "top_k"] {
        if let Some(value) = asked.get(field) {
            raw.insert(field.into(), value.clone());
        }
    }
    if let Some(tools) = asked.get("tools") {
        raw.insert("tools".into(), read_tools(tools)?);
    }
    if let Some(choice) = asked.get("tool_choice") {
        raw.insert("tool_choice".into(), tool_choice(choice)?);
    }
    let format = asked.get("output_config").and_then(|c| c.get("format"));
    if let Some(format) = format
        .or(asked.get("output_format"))
        .filter(|f| !f.is_null())
    {
        match format.get("schema") {
            Some(schema) if format["type"] == "json_schema" && schema.is_object() => {
                raw.insert("response_format".into(), schema_format(schema));
            }
            _ => {
                return Err(ErrorResponse::invalid(
                    "output_config.format: must be {\"type\": \"json_schema\", \"schema\": {…}}",
                ));
            }
        }
    }
    SandboxRequest::from_raw(raw)
}

/// Whether the request asks for visible reasoning.
fn thinks(asked: &Map<String, Value>, most: u64) -> Result<bool, ErrorResponse> {
    let Some(thinking) = asked.get("thinking").filter(|t| !t.is_null()) else {
        return Ok(false);
    };
    match thinking["type"].as_str() {
        Some("disabled") => Ok(false),
        Some("adaptive") => Ok(true),
        Some("enabled") => match thinking["budget_tokens"].as_u64() {
            None => Err(ErrorResponse::invalid(
                "thinking.enabled.budget_tokens: Field required",
            )),
            Some(..LEAST_BUDGET) => Err(ErrorResponse::invalid(format!(
                "thinking.enabled.budget_tokens: Input should be greater than or equal to {LEAST_BUDGET}"
            ))),
            Some(budget) if budget >= most => Err(ErrorResponse::invalid(
                "`max_tokens` must be greater than `thinking.budget_tokens`",
            )),
            Some(_) => Ok(true),
        },
        _ => Err(ErrorResponse::invalid(
            "thinking.type: must be enabled, adaptive or disabled",
        )),
    }
}

fn system(asked: &Map<String, Value>) -> Result<Vec<Value>, ErrorResponse> {
    let text = match asked.get("system") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(blocks)) => blocks
            .iter()
            .filter_map(|block| block["text"].as_str())
            .collect::<Vec<_>>()
            .join("\n"),
        Some(_) => {
            return Err(ErrorResponse::invalid(
                "system: must be a string or a list of text blocks",
            ));
        }
    };
    Ok(vec![json!({ "role": "system", "content": text })])
}

fn read_tools(tools: &Value) -> Result<Value, ErrorResponse> {
    let Some(tools) = tools.as_array() else {
        return Err(ErrorResponse::invalid(
            "tools: Input should be a valid list",
        ));
    };
    // The vendor's own server tools have other types; the sandbox has none of them.
    let ours = tools.iter().enumerate().filter(|(_, tool)| {
        let kind = tool.get("type").and_then(Value::as_str);
        matches!(kind, None | Some("custom"))
    });
    ours.map(|(at, asked)| {
        let Some(schema) = asked.get("input_schema") else {
            return Err(ErrorResponse::invalid(format!(
                "tools.{at}.custom.input_schema: Field required"
            )));
        };
        if schema["type"] != "object" {
            return Err(ErrorResponse::invalid(format!(
                "tools.{at}.custom.input_schema.type: Input should be 'object'"
            )));
        }
        Ok(tool(&asked["name"], asked.get("description"), Some(schema)))
    })
    .collect()
}

fn tool_choice(choice: &Value) -> Result<Value, ErrorResponse> {
    match choice["type"].as_str() {
        Some("auto") => Ok(json!("auto")),
        Some("any") => Ok(json!("required")),
        Some("none") => Ok(json!("none")),
        Some("tool") => Ok(json!({ "type": "function", "function": { "name": choice["name"] } })),
        _ => Err(ErrorResponse::invalid(
            "tool_choice.type: must be auto, any, tool or none",
        )),
    }
}
