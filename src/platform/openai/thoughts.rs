//! What a model thought, kept for the next turn: several platforms want it back, most of all between a call of a function
//! and its result.
//!
//! It is kept as a list of what came. Only what this protocol knows goes out again, as a conversation may move from one
//! platform to another.

use serde_json::{Map, Value, json};

use super::Dialect;
use crate::chat::Message;

/// Thoughts in plain text, as they are kept.
pub(super) fn keep(text: &str) -> Value {
    json!({ "reasoning_content": text })
}

/// The field that gives thoughts back, and what stands in it.
///
/// OpenRouter wants its own list unchanged. DeepSeek refuses the result of a function without the thoughts that led to the
/// call, and GLM forgets what it had in mind. Others do not know either field.
pub(super) fn kept(message: &Message, dialect: Dialect) -> Option<(&'static str, Value)> {
    let list = message.state.as_ref()?.as_array()?;
    match dialect {
        Dialect::OpenRouter => {
            let details = join(list);
            (!details.is_empty()).then(|| ("reasoning_details", details.into()))
        }
        Dialect::DeepSeek | Dialect::Glm if !message.tool_calls.is_empty() => {
            let text: String = list
                .iter()
                .filter_map(|part| part["reasoning_content"].as_str())
                .collect();
            (!text.is_empty()).then(|| ("reasoning_content", text.into()))
        }
        _ => None,
    }
}

/// Puts OpenRouter's list together again: of a streamed answer it came in pieces, and those of one entry have one index.
fn join(list: &[Value]) -> Vec<Value> {
    let mut joined: Vec<Map<String, Value>> = Vec::new();
    for part in list.iter().filter_map(Value::as_object) {
        let kind = part.get("type").and_then(Value::as_str);
        if !kind.is_some_and(|kind| kind.starts_with("reasoning.")) {
            continue;
        }
        let open = joined.last_mut().filter(|last| {
            last.get("index").is_some_and(|index| index.is_u64())
                && last.get("index") == part.get("index")
                && last.get("type") == part.get("type")
        });
        let Some(entry) = open else {
            joined.push(part.clone());
            continue;
        };
        for (field, more) in part {
            let grows = matches!(field.as_str(), "text" | "summary" | "data");
            match (entry.get_mut(field), more) {
                (Some(Value::String(text)), Value::String(more)) if grows => text.push_str(more),
                (Some(_), Value::Null) => {}
                _ => {
                    entry.insert(field.clone(), more.clone());
                }
            }
        }
    }
    joined.into_iter().map(Value::Object).collect()
}
