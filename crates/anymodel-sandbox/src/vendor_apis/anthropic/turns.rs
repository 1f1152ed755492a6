//! Validation of turns: calls and their results are in neighbouring turns, reasoning comes back unchanged.

use serde_json::Value;

use super::answer::SIGNATURE;
use crate::error_response::ErrorResponse;

/// The types of blocks that the sandbox knows.
const KINDS: [&str; 7] = [
    "text",
    "image",
    "document",
    "tool_use",
    "tool_result",
    "thinking",
    "redacted_thinking",
];

/// Checks the content of each turn. Every call must have its result in the next turn, and every result its call.
pub(super) fn check(messages: Option<&Value>) -> Result<(), ErrorResponse> {
    let turns = messages.and_then(Value::as_array);
    let turns = turns.map(Vec::as_slice).unwrap_or_default();
    for (at, turn) in turns.iter().enumerate() {
        content(at, turn)?;
    }
    results(turns)
}

/// Checks the order of calls and results.
fn results(turns: &[Value]) -> Result<(), ErrorResponse> {
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

/// Checks the content of one turn. Its form was checked before.
fn content(at: usize, turn: &Value) -> Result<(), ErrorResponse> {
    let wrong = |what: String| Err(ErrorResponse::invalid(format!("messages.{at}.{what}")));
    let blocks = match &turn["content"] {
        Value::String(text) if text.is_empty() => {
            return wrong("content: must not be empty".into());
        }
        Value::Array(blocks) if blocks.is_empty() => {
            return wrong("content: must not be empty".into());
        }
        Value::Array(blocks) => blocks,
        _ => return Ok(()),
    };
    for (n, block) in blocks.iter().enumerate() {
        let why = match block["type"].as_str().unwrap_or_default() {
            "text" if block["text"] == "" => "text content blocks must be non-empty".to_owned(),
            "thinking" if block["signature"] != SIGNATURE => {
                "Invalid `signature` in `thinking` block".to_owned()
            }
            kind if KINDS.contains(&kind) => continue,
            kind => format!("blocks of type {kind:?} do not belong here"),
        };
        return wrong(format!("content.{n}: {why}"));
    }
    Ok(())
}
