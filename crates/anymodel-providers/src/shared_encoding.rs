//! Encoding and decoding that several protocols share.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::{Answer, StreamDelta, surrogates};
use anymodel_types::{Image, Message, Role};

/// Whether an event is only a keep-alive. Servers write keep-alives in many ways.
pub(super) fn says_nothing(name: &str, data: &str) -> bool {
    const SIGNS: [&str; 6] = ["", "null", "ping", "pong", "keepalive", "heartbeat"];
    const LONGEST: usize = 16;
    let is_sign = |text: &str| {
        let letters = text.chars().filter(char::is_ascii_alphanumeric);
        let word: String = letters.map(|c| c.to_ascii_lowercase()).collect();
        SIGNS.contains(&word.as_str())
    };
    let data = data.trim();
    if data.starts_with('{') {
        return false;
    }
    let is_named_so = !name.is_empty() && name.len() <= LONGEST && is_sign(name);
    is_named_so
        || data.starts_with(':')
        || (data.len() <= LONGEST && data.is_ascii() && is_sign(data))
}

/// A whole answer as the deltas of a stream.
pub(super) fn deltas_of(answer: Answer) -> Vec<StreamDelta> {
    let some = |text: String| (!text.is_empty()).then_some(text);
    let mut deltas: Vec<StreamDelta> = answer.id.map(StreamDelta::Id).into_iter().collect();
    deltas.extend(answer.model.map(StreamDelta::Model));
    deltas.extend(answer.usage.map(|usage| StreamDelta::Usage {
        prompt_tokens: Some(usage.prompt_tokens),
        completion_tokens: Some(usage.completion_tokens),
        total_tokens: Some(usage.total_tokens),
        reasoning_tokens: usage.reasoning_tokens,
        cached_tokens: usage.cached_tokens,
        cache_write_tokens: usage.cache_write_tokens,
    }));
    deltas.extend(answer.cost.map(StreamDelta::Cost));
    deltas.extend(answer.reasoning.and_then(some).map(StreamDelta::Reasoning));
    deltas.extend(some(answer.text).map(StreamDelta::Text));
    deltas.extend(answer.refusal.and_then(some).map(StreamDelta::Refusal));
    deltas.extend(
        answer
            .tool_calls
            .into_iter()
            .map(|call| StreamDelta::ToolCall {
                index: None,
                id: Some(call.id),
                name: Some(call.name),
                arguments: call.arguments,
                state: call.state,
            }),
    );
    match answer.state {
        Some(Value::Array(list)) => deltas.extend(list.into_iter().map(StreamDelta::State)),
        state => deltas.extend(state.map(StreamDelta::State)),
    }
    deltas.extend(answer.finish_reason.map(StreamDelta::Finish));
    deltas
}

/// The system prompt, for protocols with a separate field: its messages, one a line.
pub(super) fn system_text(messages: &[Message]) -> Option<String> {
    let system = messages
        .iter()
        .filter(|message| message.role == Role::System);
    let texts: Vec<&str> = system.map(|message| message.content.as_str()).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// A role, and its content parts.
pub(super) type Turn = (&'static str, Vec<Value>);

/// Adds a message's parts to the conversation. Neighbouring messages of the same role become one turn: all tool results
/// have to stand in the one turn after the calls.
pub(super) fn add_to_turns(turns: &mut Vec<Turn>, role: &'static str, parts: Vec<Value>) {
    match turns.last_mut() {
        Some((last, all)) if *last == role => all.extend(parts),
        _ => turns.push((role, parts)),
    }
}

/// The arguments of a call as a JSON object, which some platforms require instead of a string. A text that is no object is
/// kept under `arguments`.
pub(super) fn arguments(text: &str) -> Value {
    match serde_json::from_str(&surrogates::repair(text)) {
        Ok(Value::Object(map)) => Value::Object(map),
        _ if text.trim().is_empty() => Value::Object(Map::new()),
        _ => json!({ "arguments": text }),
    }
}

/// The arguments of a call as a JSON object in a string: unchanged when the model wrote an object.
pub(super) fn arguments_text(text: &str) -> Cow<'_, str> {
    match serde_json::from_str(text) {
        Ok(Value::Object(_)) => Cow::Borrowed(text),
        _ => Cow::Owned(arguments(text).to_string()),
    }
}

/// The arguments from a server, as a string: some servers send the object itself, and no value for empty arguments.
pub(super) fn arguments_of(wire: Option<&Value>) -> String {
    match wire {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// Media type and Base64 of an inline image; `None` for an image URL.
pub(super) fn data_url(image: &Image) -> Option<(&str, &str)> {
    match image {
        Image::Data { media_type, base64 } => Some((media_type, base64)),
        Image::Url(url) => url.strip_prefix("data:")?.split_once(";base64,"),
    }
}

/// A model's name, percent-encoded as part of a URL path. A slash separates path segments, as in `tunedModels/mine`.
pub(super) fn in_path(model: &str) -> String {
    let mut path = String::with_capacity(model.len());
    for byte in model.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                path.push(char::from(byte));
            }
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}
