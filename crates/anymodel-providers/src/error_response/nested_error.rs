//! Nested errors: the field names of a cause, and JSON in a text.

use serde_json::{Map, Value};

use super::cause::is_named;

/// Field names of a cause, by priority. They are compared without case, `_` and `-`.
pub(super) const TEXTS: [&str; 43] = [
    "title",
    "error",
    "err",
    "fault",
    "message",
    "msg",
    "errormsg",
    "errmsg",
    "errormessage",
    "errordescription",
    "statusmsg",
    "statusmessage",
    "faultstring",
    "detail",
    "description",
    "explanation",
    "reason",
    "failurereason",
    "originalmessage",
    "blockreasonmessage",
    "details",
    "errors",
    "reasons",
    "fieldviolations",
    "violations",
    "baseresp",
    "xgroq",
    "metadata",
    "raw",
    "innererror",
    "innerexception",
    "exception",
    "cause",
    "causes",
    "upstream",
    "upstreamerror",
    "providererror",
    "lasterror",
    "response",
    "body",
    "result",
    "data",
    "output",
];
/// JSON in a text, with the text before and after it. Inside a sentence it counts only when it contains a cause.
pub(super) fn json_in(text: &str) -> Option<(&str, Value, &str)> {
    let start = text.find(['{', '[', '"'])?;
    if start == 0 {
        if let Ok(Value::String(inner)) = serde_json::from_str(text) {
            return Some(("", Value::String(inner), ""));
        }
        if let Ok(json @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
            return Some(("", json, ""));
        }
    }
    let start = text.find(['{', '['])?;
    let (before, rest) = text.split_at(start);
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    let json = values.next()?.ok()?;
    let after = rest.get(values.byte_offset()..)?;
    let names_a_cause = |fields: &Map<String, Value>| {
        let causes = [
            "error", "errors", "message", "msg", "detail", "errormsg", "fault",
        ];
        fields
            .keys()
            .any(|key| causes.iter().any(|name| is_named(key, name)))
    };
    let says = match &json {
        Value::Object(fields) => names_a_cause(fields),
        Value::Array(list) => list.iter().filter_map(Value::as_object).any(names_a_cause),
        _ => false,
    };
    let edge = |c: char| c.is_whitespace() || matches!(c, ':' | '-' | '\'' | '"' | ',' | '.' | ')');
    says.then(|| {
        (
            before.trim_end_matches(edge),
            json,
            after.trim_start_matches(edge),
        )
    })
}
