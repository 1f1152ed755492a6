//! Validation and decoding of turns: calls and their results are in neighbouring turns, reasoning comes back unchanged.

use serde_json::{Value, json};

use super::answer::SIGNATURE;
use crate::error_response::ErrorResponse;
use crate::vendor_apis::parts::{call, calling, image_part, text, text_part};

/// Every call must have its result in the next turn, and every result its call.
pub(super) fn check(turns: &[Value]) -> Result<(), ErrorResponse> {
    let ids = |turn: Option<&Value>, kind: &str, key: &str| -> Vec<String> {
        let blocks = turn
            .and_then(|t| t.get("content"))
            .and_then(Value::as_array);
        blocks
            .into_iter()
            .flatten()
            .filter(|block| block["type"] == kind)
            .map(|block| block[key].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    for (at, turn) in turns.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| turns.get(at));
        let called = ids(before, "tool_use", "id");
        for id in ids(Some(turn), "tool_result", "tool_use_id") {
            if !called.contains(&id) {
                return Err(ErrorResponse::invalid(format!(
                    "messages.{at}.content: a `tool_result` names {id:?}, but no `tool_use` of that id stands in the message before"
                )));
            }
        }
        let answered = ids(turns.get(at + 1), "tool_result", "tool_use_id");
        let open = ids(Some(turn), "tool_use", "id");
        if let Some(id) = open.iter().find(|id| !answered.contains(id)) {
            return Err(ErrorResponse::invalid(format!(
                "messages.{at}: the `tool_use` {id:?} has no `tool_result` in the message after it"
            )));
        }
    }
    Ok(())
}

/// Decodes one turn. It becomes several messages when it contains tool results.
pub(super) fn message(at: usize, turn: &Value) -> Result<Vec<Value>, ErrorResponse> {
    let wrong = |what: String| ErrorResponse::invalid(format!("messages.{at}.{what}"));
    let role = turn["role"].as_str().unwrap_or_default();
    if role != "user" && role != "assistant" {
        return Err(wrong(format!(
            "role: must be 'user' or 'assistant', not {role:?}; instructions go into the top-level `system`"
        )));
    }
    let blocks = match &turn["content"] {
        Value::String(text) if text.is_empty() => {
            return Err(wrong("content: must not be empty".into()));
        }
        Value::String(text) => return Ok(vec![json!({ "role": role, "content": text })]),
        Value::Array(blocks) if !blocks.is_empty() => blocks,
        _ => {
            return Err(wrong(
                "content: must be a string or a list of blocks, and not empty".into(),
            ));
        }
    };
    let (mut parts, mut calls, mut messages) = (Vec::new(), Vec::new(), Vec::new());
    for (n, block) in blocks.iter().enumerate() {
        let wrong = |what: &str| wrong(format!("content.{n}: {what}"));
        match (block["type"].as_str().unwrap_or_default(), role) {
            ("text", _) => match block["text"].as_str() {
                Some(text) if !text.is_empty() => parts.push(text_part(text)),
                _ => return Err(wrong("text content blocks must be non-empty")),
            },
            ("image", "user") => parts.push(image_part(&image(&block["source"]))),
            ("document", "user") => parts.push(text_part(block["source"]["data"].as_str().unwrap_or("(document)"))),
            ("tool_result", "user") => messages.push(json!({
                "role": "tool", "tool_call_id": block["tool_use_id"], "content": result(&block["content"]),
            })),
            ("tool_use", "assistant") => {
                let (Some(id), Some(name)) = (block["id"].as_str(), block["name"].as_str()) else {
                    return Err(wrong("tool_use needs an id and a name"));
                };
                if !block["input"].is_object() {
                    return Err(wrong("tool_use.input: Input should be a valid dictionary"));
                }
                calls.push(call(id, name, &block["input"]));
            }
            ("thinking", "assistant") if block["signature"] != SIGNATURE => {
                return Err(wrong("Invalid `signature` in `thinking` block"));
            }
            ("thinking" | "redacted_thinking", "assistant") => {}
            (kind, _) => return Err(wrong(&format!("blocks of type {kind:?} do not belong here"))),
        }
    }
    if role == "assistant" {
        let text = text(Some(&parts.into()));
        return Ok(vec![calling(text, calls)]);
    }
    if !parts.is_empty() {
        messages.push(json!({ "role": "user", "content": parts }));
    }
    Ok(messages)
}

fn image(source: &Value) -> String {
    match source["url"].as_str() {
        Some(url) => url.to_owned(),
        None => format!(
            "data:{};base64,{}",
            source["media_type"].as_str().unwrap_or_default(),
            source["data"].as_str().unwrap_or_default()
        ),
    }
}

/// A tool result, as text.
fn result(content: &Value) -> String {
    match content {
        Value::Null => String::new(),
        content => text(Some(content)),
    }
}
