//! Signed reasoning, kept for the next turn: several platforms require it back, above all between a tool call and its
//! result.
//!
//! It is kept as a list of the received values, each under the name of its field, and is sent back in the same field.
//! `output_adaptation` removes it when the next request goes to another model or platform.

use serde_json::{Map, Value, json};

use super::Dialect;
use anymodel_types::Message;

/// The fields for reasoning in plain text.
const PLAIN: [&str; 2] = ["reasoning_content", "reasoning"];

/// The reasoning of a message or of a delta, from all its fields.
#[derive(Debug, Default)]
pub(super) struct SavedReasoning {
    pub reasoning: Option<String>,
    pub reasoning_content: Option<String>,
    /// OpenRouter's list.
    pub details: Option<Value>,
    /// Gemini's signature of a text.
    pub extra: Option<Value>,
    /// The reasoning parts of the content.
    pub in_content: String,
}

impl SavedReasoning {
    /// The values to keep for the next turn.
    pub fn kept(&self) -> Vec<Value> {
        let mut kept = match &self.details {
            Some(Value::Array(list)) => list.clone(),
            Some(one @ Value::Object(_)) => vec![one.clone()],
            _ => Vec::new(),
        };
        let plain = some(&self.reasoning_content).map(|text| json!({ "reasoning_content": text }));
        let plain =
            plain.or_else(|| some(&self.reasoning).map(|text| json!({ "reasoning": text })));
        kept.extend(plain);
        // A flag that marks a text as reasoning is no signature.
        let extra = self.extra.as_ref().filter(|extra| extra.is_object());
        let extra = extra.filter(|extra| extra["google"]["thought"].is_null());
        kept.extend(extra.map(|extra| json!({ "extra_content": extra })));
        kept
    }

    /// The reasoning text, for display.
    pub fn words(&self) -> Option<String> {
        let plain = some(&self.reasoning).or(some(&self.reasoning_content));
        let mut words = match (plain, &self.details) {
            (Some(plain), _) => plain.to_owned(),
            (None, Some(Value::Array(list))) => list.iter().filter_map(word).collect(),
            _ => String::new(),
        };
        words.push_str(&self.in_content);
        (!words.is_empty()).then_some(words)
    }
}

fn some(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

/// The text of one item of OpenRouter's list.
fn word(entry: &Value) -> Option<&str> {
    entry["text"].as_str().or(entry["summary"].as_str())
}

/// Whether a kept value is reasoning in plain text, which every model can read.
pub(crate) fn is_plain(kept: &Value) -> bool {
    PLAIN.iter().any(|field| kept[field].is_string())
}

/// Writes the kept reasoning into the turn that is sent back.
///
/// OpenRouter and MiniMax require their list unchanged; without a list OpenRouter accepts the plain text. DeepSeek, Kimi,
/// SiliconFlow and others refuse a tool result without the reasoning that led to the call, and GLM loses its plan. Without
/// a call the reasoning is not needed, and it would be charged. Gemini signs in `extra_content`.
pub(super) fn give_back(message: &Message, dialect: Dialect, turn: &mut Value) {
    let Some(list) = message.state.as_ref().and_then(Value::as_array) else {
        return;
    };
    let text = |field: &str| -> String {
        list.iter()
            .filter_map(|part| part[field].as_str())
            .collect()
    };
    let details = join(list);
    let [content, reasoning] = PLAIN.map(text);
    if dialect == Dialect::OpenRouter {
        if details.is_empty() && !(content.is_empty() && reasoning.is_empty()) {
            turn["reasoning"] = [reasoning, content].concat().into();
        }
    } else if !content.is_empty() && !message.tool_calls.is_empty() {
        turn["reasoning_content"] = content.into();
    }
    if !details.is_empty() {
        turn["reasoning_details"] = details.into();
    }
    let signed = list
        .iter()
        .rev()
        .find(|part| part["extra_content"].is_object());
    if let Some(signed) = signed {
        turn["extra_content"] = signed["extra_content"].clone();
    }
}

/// Joins OpenRouter's list: a streamed answer sends it in deltas, and the deltas of one item have one index.
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
