//! Parts of a request that several protocols write alike.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::chat::Image;

/// The arguments of a call as a JSON object, which some platforms want instead of text. A text that is no object is kept
/// under `arguments`.
pub(super) fn arguments(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Value::Object(map),
        _ if text.trim().is_empty() => Value::Object(Map::new()),
        _ => json!({ "arguments": text }),
    }
}

/// The arguments of a call as a JSON object in a text: as the model wrote them where they are one.
pub(super) fn arguments_text(text: &str) -> Cow<'_, str> {
    match serde_json::from_str(text) {
        Ok(Value::Object(_)) => Cow::Borrowed(text),
        _ => Cow::Owned(arguments(text).to_string()),
    }
}

/// The arguments that a server sent, as text: some send the object itself, and nothing for none.
pub(super) fn arguments_of(wire: Option<&Value>) -> String {
    match wire {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// Media type and Base64 of a picture that goes with the request; `None` for one at an address.
pub(super) fn data_url(image: &Image) -> Option<(&str, &str)> {
    match image {
        Image::Data { media_type, base64 } => Some((media_type, base64)),
        Image::Url(url) => url.strip_prefix("data:")?.split_once(";base64,"),
    }
}

/// A model's name as a part of an address: whatever is in it, it stays there. A slash parts a path, as in
/// `tunedModels/mine`.
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
