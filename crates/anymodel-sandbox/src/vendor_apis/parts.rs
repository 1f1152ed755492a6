//! Request decoding that several vendor APIs share.

use serde_json::{Map, Value, json};

use crate::error_response::ErrorResponse;

/// Parses a request body, which must be an object.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, ErrorResponse> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        ErrorResponse::invalid(format!("The request body is not valid JSON: {error}"))
    })?;
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(ErrorResponse::invalid(
            "The request body must be a JSON object",
        )),
    }
}

/// A message with tool calls, in OpenRouter's format.
pub(super) fn calling(text: String, calls: Vec<Value>) -> Value {
    let mut message = json!({ "role": "assistant", "content": text });
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
        if text.is_empty() {
            message["content"] = Value::Null;
        }
    }
    message
}

/// One call in OpenRouter's format.
pub(super) fn call(id: &str, name: &str, arguments: &Value) -> Value {
    json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments.to_string() } })
}

/// A tool in OpenRouter's format.
pub(super) fn tool(name: &Value, description: Option<&Value>, parameters: Option<&Value>) -> Value {
    let mut function = json!({ "name": name });
    if let Some(description) = description {
        function["description"] = description.clone();
    }
    if let Some(parameters) = parameters {
        function["parameters"] = parameters.clone();
    }
    json!({ "type": "function", "function": function })
}

/// A structured output format in OpenRouter's format.
pub(super) fn schema_format(schema: &Value) -> Value {
    json!({ "type": "json_schema", "json_schema": { "name": "answer", "schema": schema } })
}

/// A text part and an image part of a message, in OpenRouter's format.
pub(super) fn text_part(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

pub(super) fn image_part(url: &str) -> Value {
    json!({ "type": "image_url", "image_url": { "url": url } })
}

/// The arguments of a call as JSON. A fault may send invalid JSON, which stays a string.
pub(super) fn arguments(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

/// A token count of OpenRouter's usage.
pub(super) fn count(usage: &Value, path: &str) -> Value {
    usage.pointer(path).cloned().unwrap_or(json!(0))
}

/// The text of a message's content, which is a string, or a list of parts when a fault changed it.
pub(super) fn text(content: Option<&Value>) -> String {
    match content {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .filter_map(|part| part.get("text").and_then(Value::as_str))
            .collect(),
        _ => String::new(),
    }
}
