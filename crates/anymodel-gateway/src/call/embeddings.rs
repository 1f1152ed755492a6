//! Embeddings: the texts of a request, as far as its price needs them. The request itself passes through.

use anymodel_sandbox::protocol::{Decoded, Invalid};
use anymodel_types::Message;
use serde_json::Value;

/// Reads a request for embeddings: its model, and its texts as messages.
///
/// # Errors
/// [`Invalid`] for a body that is no JSON object, and for a missing field or one of the wrong type.
pub(super) fn read(body: &[u8]) -> Result<Decoded, Invalid> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| Invalid::body(format!("The body is no JSON: {error}")))?;
    let model = body["model"]
        .as_str()
        .ok_or_else(|| Invalid::at("model", "a text is needed"))?;
    let wrong = || Invalid::at("input", "a text, a list of texts or tokens is needed");
    let texts = match &body["input"] {
        Value::String(text) => vec![text.clone()],
        Value::Array(parts) if parts.is_empty() => return Err(wrong()),
        Value::Array(parts) => parts
            .iter()
            .map(text)
            .collect::<Option<_>>()
            .ok_or_else(wrong)?,
        _ => return Err(wrong()),
    };
    let mut decoded = Decoded::default();
    decoded.model = Some(model.to_owned());
    decoded.request.messages = texts.into_iter().map(Message::user).collect();
    Ok(decoded)
}

/// A text as long as this part of the input: a text, one token, or a list of tokens.
fn text(part: &Value) -> Option<String> {
    match part {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) => Some("a".to_owned()),
        Value::Array(tokens) if tokens.iter().all(Value::is_number) => {
            Some("a ".repeat(tokens.len()))
        }
        _ => None,
    }
}
