//! Request validation as hosts do it: strict schemas, tool names, the order of calls and results, images. A client under
//! test gets the same errors as from a real host: status 400, in OpenAI's words.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::error_response::ErrorResponse;
use anymodel_types::strict_schema;

/// The longest name of a tool or a schema.
const LONGEST_NAME: usize = 64;

/// Validates a request in OpenRouter's format.
pub(super) fn request(raw: &Map<String, Value>) -> Result<(), ErrorResponse> {
    format(raw)?;
    for (at, tool) in list(raw.get("tools")).enumerate() {
        if tool["type"] == "function" {
            function(at, &tool["function"])?;
        }
    }
    conversation(&list(raw.get("messages")).collect::<Vec<_>>())
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// An error that names the field.
fn refused(field: &str, message: String) -> ErrorResponse {
    let mut failure = ErrorResponse::invalid(message);
    failure.extra.insert("param".into(), field.into());
    failure
}

/// Validates the response format.
fn format(raw: &Map<String, Value>) -> Result<(), ErrorResponse> {
    let form = &raw.get("response_format").unwrap_or(&Value::Null)["json_schema"];
    if !form.is_object() {
        return Ok(());
    }
    // OpenRouter also accepts a format without a name.
    let named = form["name"].as_str().unwrap_or("answer");
    name("response_format.json_schema.name", named)?;
    if form["strict"] != true {
        return Ok(());
    }
    strict_schema::check(&form["schema"]).map_err(|loose| {
        refused(
            "response_format",
            format!("Invalid schema for response_format '{named}': {loose}"),
        )
    })
}

/// Validates one function tool.
fn function(at: usize, function: &Value) -> Result<(), ErrorResponse> {
    let field = format!("tools[{at}].function");
    let named = function["name"].as_str().unwrap_or_default();
    name(&format!("{field}.name"), named)?;
    if function["strict"] != true {
        return Ok(());
    }
    strict_schema::check(&function["parameters"]).map_err(|loose| {
        refused(
            &format!("{field}.parameters"),
            format!("Invalid schema for function '{named}': {loose}"),
        )
    })
}

/// Letters, digits, `_` and `-`.
fn name(field: &str, name: &str) -> Result<(), ErrorResponse> {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || !name.chars().all(known) {
        return Err(refused(
            field,
            format!(
                "Invalid '{field}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
            ),
        ));
    }
    match name.len() > LONGEST_NAME {
        true => Err(refused(
            field,
            format!(
                "Invalid '{field}': string too long. Expected a string with maximum length {LONGEST_NAME}, but got a string with length {} instead.",
                name.len()
            ),
        )),
        false => Ok(()),
    }
}

/// Checks that every call has its result in the messages right after it, and every result its call.
fn conversation(messages: &[&Value]) -> Result<(), ErrorResponse> {
    let mut open: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        if message["role"] == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            let Some(place) = open.iter().position(|call| *call == id) else {
                return Err(refused(
                    &format!("messages.[{at}].role"),
                    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
                        .to_owned(),
                ));
            };
            open.remove(place);
            continue;
        }
        unanswered(at, &open)?;
        open = calls(at, message)?;
    }
    unanswered(messages.len(), &open)
}

fn unanswered(at: usize, open: &[&str]) -> Result<(), ErrorResponse> {
    match open.is_empty() {
        true => Ok(()),
        false => Err(refused(
            &format!("messages.[{at}].role"),
            format!(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: {}",
                open.join(", ")
            ),
        )),
    }
}

/// The ids of the calls of one turn.
fn calls(at: usize, message: &Value) -> Result<Vec<&str>, ErrorResponse> {
    let mut ids = Vec::new();
    let mut seen = HashSet::new();
    for (n, call) in list(message.get("tool_calls")).enumerate() {
        let field = format!("messages[{at}].tool_calls[{n}]");
        name(
            &format!("{field}.function.name"),
            call["function"]["name"].as_str().unwrap_or_default(),
        )?;
        let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
        if let Some(wrong) = no_object(arguments) {
            let field = format!("{field}.function.arguments");
            return Err(refused(
                &field,
                format!("Invalid '{field}': expected the text of a JSON object, but {wrong}."),
            ));
        }
        let id = call["id"].as_str().unwrap_or_default();
        if id.is_empty() || !seen.insert(id) {
            let what = if id.is_empty() {
                "Missing"
            } else {
                "Duplicate"
            };
            return Err(refused(
                &format!("{field}.id"),
                format!("{what} value for '{field}.id': each call needs an id of its own."),
            ));
        }
        ids.push(id);
    }
    Ok(ids)
}

/// The reason why a text is no JSON object.
fn no_object(text: &str) -> Option<String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(_)) => None,
        Ok(_) => Some("it is another JSON value".to_owned()),
        Err(error) => Some(format!("it cannot be parsed: {error}")),
    }
}

/// Validates the images of a request in any protocol; errors are in OpenRouter's format.
pub(super) fn pictures(raw: &Map<String, Value>) -> Result<(), ErrorResponse> {
    for (at, message) in list(raw.get("messages")).enumerate() {
        for (n, part) in list(message.get("content")).enumerate() {
            let url = part["image_url"]["url"]
                .as_str()
                .or(part["image_url"].as_str());
            if let Some(data) = url.and_then(|url| url.strip_prefix("data:"))
                && !is_picture(data)
            {
                let field = format!("messages[{at}].content[{n}].image_url.url");
                return Err(refused(
                    &field,
                    format!(
                        "Invalid '{field}'. Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got a value that cannot be decoded."
                    ),
                ));
            }
        }
    }
    Ok(())
}

fn is_picture(data: &str) -> bool {
    let Some((kind, base64)) = data.split_once(";base64,") else {
        return false;
    };
    kind.starts_with("image/") && !base64.is_empty() && STANDARD.decode(base64).is_ok()
}
