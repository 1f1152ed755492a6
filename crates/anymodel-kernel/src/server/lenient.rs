//! Lenient parsing: default values for fields that clients leave out.
//!
//! The protocol makes some fields of a request optional, and clients use that: Python's
//! `jupyter_client` asks for a range of the history without its end. The types of
//! `jupyter-protocol` require all fields, so the missing ones are added before a message is parsed.

use serde_json::{Value, json};

/// Adds the absent and null fields to the content of a request of this type.
pub(super) fn completed(msg_type: &str, mut content: Value) -> Value {
    let usual = match msg_type {
        "execute_request" => json!({
            "silent": false, "store_history": true, "user_expressions": {},
            "allow_stdin": true, "stop_on_error": true,
        }),
        "history_request" => json!({
            "hist_access_type": "range", "output": false, "raw": true, "session": 0, "start": 0,
            "stop": i32::MAX, "n": i32::MAX, "pattern": "*", "unique": false,
        }),
        "shutdown_request" => json!({ "restart": false }),
        "complete_request" | "inspect_request" => {
            // Without a cursor, the end of the code.
            let end = content["code"]
                .as_str()
                .map_or(0, |code| code.chars().count());
            json!({ "cursor_pos": end, "detail_level": 0 })
        }
        _ => return content,
    };
    if let (Value::Object(content), Value::Object(usual)) = (&mut content, usual) {
        for (field, value) in usual {
            if content.get(&field).is_none_or(Value::is_null) {
                content.insert(field, value);
            }
        }
    }
    content
}
