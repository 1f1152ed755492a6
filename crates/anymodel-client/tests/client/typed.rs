//! More than text: answers as Rust values, functions that models call, pictures and the rarer wishes.
//!
//! What goes over the wire is looked at with the server of `tests/support`; whole conversations are held with the sandbox.

mod abilities;
mod messages;
mod tools;
mod values;
mod wishes;

use anymodel::Client;
use serde_json::{Value, json};

use crate::support;

/// A sandbox that never waits.
pub fn sandbox() -> Client {
    let builder = Client::builder().platform("sandbox");
    builder.sandbox_time_scale(0.0).build().unwrap()
}

/// An answer of the model `acme/answering`, with these fields in its message.
pub fn said(message: Value, finish: &str) -> support::Play {
    let mut message = message;
    message["role"] = "assistant".into();
    let body = json!({
        "id": "gen-1", "model": "acme/answering",
        "choices": [{ "index": 0, "finish_reason": finish, "message": message }],
        "usage": { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 0.001 },
    });
    support::json(200, &body.to_string())
}

/// A text of the model.
pub fn text(text: &str) -> support::Play {
    said(json!({ "content": text }), "stop")
}

/// Calls of functions: name and arguments of each.
pub fn calls(calls: &[(&str, &str)]) -> support::Play {
    let calls: Vec<Value> = calls
        .iter()
        .enumerate()
        .map(|(at, (name, arguments))| {
            json!({ "id": format!("call_{at}"), "type": "function", "function": { "name": name, "arguments": arguments } })
        })
        .collect();
    said(
        json!({ "content": null, "tool_calls": calls }),
        "tool_calls",
    )
}
