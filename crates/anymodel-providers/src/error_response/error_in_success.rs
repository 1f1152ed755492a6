//! Error detection under HTTP 200, and in events of a stream.
//!
//! Many servers put an empty `error` beside every answer, and some put a real one there.

use serde_json::{Map, Value};

use super::cause::{base_resp, is_named};

/// Codes that mean success.
const WELL: [&str; 7] = ["", "0", "200", "ok", "success", "none", "null"];
/// Field names that only an error has.
const ERRORS: [&str; 10] = [
    "error",
    "errors",
    "err",
    "errormsg",
    "errmsg",
    "errormessage",
    "errorcode",
    "detail",
    "fault",
    "exception",
];
/// Names of an error's text that other objects have as well.
const TEXTS: [&str; 3] = ["message", "msg", "statusmsg"];
/// Names of fields with the type of an object.
const KINDS: [&str; 4] = ["type", "object", "event", "status"];

/// The error that an answer, or an event, carries in one of these places: `error`, MiniMax's `base_resp`, Groq's
/// `x_groq.error`.
pub(crate) fn beside(
    error: Option<Value>,
    base_resp: Option<Value>,
    of_groq: Option<Value>,
) -> Option<Value> {
    let of_minimax = || {
        let resp = base_resp?;
        let failed = resp.get("status_code").is_some_and(says);
        failed.then(|| serde_json::json!({ "base_resp": resp }))
    };
    error
        .filter(says)
        .or_else(of_minimax)
        .or_else(|| of_groq.filter(says))
}

/// Whether the value of an error field is an error: an empty one is not.
pub(super) fn says(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_f64() != Some(0.0) && number.as_u64() != Some(200),
        Value::String(text) => !WELL.contains(&text.trim().to_lowercase().as_str()),
        Value::Array(list) => list.iter().any(says),
        Value::Object(fields) => fields.values().any(says),
    }
}

/// Whether a body or an event without any part of an answer is an error.
pub(crate) fn is_error(json: &Value) -> bool {
    match json {
        Value::Array(list) => list.iter().any(is_error),
        Value::Object(fields) => is_error_object(fields),
        _ => false,
    }
}

fn is_error_object(fields: &Map<String, Value>) -> bool {
    let named = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| is_named(key, name))
            .map(|(_, value)| value)
    };
    let failed = base_resp(fields)
        .and_then(|resp| resp.get("status_code"))
        .is_some_and(says);
    let is_named_so = ERRORS.iter().filter_map(|name| named(name)).any(says);
    let in_groq = named("xgroq")
        .and_then(|groq| groq.get("error"))
        .is_some_and(says);
    let unsuccessful = named("success") == Some(&Value::Bool(false));
    let kind = || KINDS.iter().filter_map(|name| named(name)?.as_str());
    let is_of_kind = kind().any(|kind| {
        let kind = kind.to_lowercase();
        ["error", "exception", "fail"]
            .iter()
            .any(|word| kind.contains(word))
    });
    // Ollama's own format has a message of the model under this name.
    let tells = |text: &Value| says(text) && text.get("role").is_none();
    let speaks = TEXTS.iter().filter_map(|name| named(name)).any(tells);
    let refused = ["statuscode", "status"]
        .iter()
        .filter_map(|name| named(name)?.as_u64());
    let went_well = ["code", "statuscode", "status"]
        .iter()
        .filter_map(|name| named(name))
        .any(|code| code.is_number() && !says(code));
    let coded = named("code").is_some_and(says) || refused.into_iter().any(|status| status >= 400);
    failed
        || is_named_so
        || in_groq
        || unsuccessful
        || is_of_kind
        || speaks && (coded || !went_well && kind().next().is_none())
}
