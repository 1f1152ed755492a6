//! Message faults: reasoning among the parts of the content, tool calls in a later choice, or two calls under one index.
//! Without a tool in the request the last two are plain answers.

use serde_json::{Value, json};

use super::ResponseFault;
use crate::sse_writer::SseEvent;

/// Applies the fault to a plain answer.
pub(super) fn bend_plain(quirk: ResponseFault, body: &mut Value) {
    let choice = &mut body["choices"][0];
    match quirk {
        ResponseFault::ThoughtParts => think(&mut choice["message"]["content"]),
        ResponseFault::CallsUnderOneIndex => twice(&mut choice["message"]["tool_calls"]),
        _ if choice["message"]["tool_calls"].is_array() => {
            let mut other = choice.clone();
            other["index"] = json!(1);
            choice["message"] = json!({ "role": "assistant", "content": "I will look." });
            body["choices"] = json!([body["choices"][0].take(), other]);
        }
        _ => {}
    }
}

/// Applies the fault to the events of a streamed answer.
pub(super) fn bend_events(quirk: ResponseFault, events: &mut [SseEvent]) {
    let mut thought = false;
    for event in events {
        let SseEvent::Chunk(chunk) = event else {
            continue;
        };
        let Some(delta) = chunk.pointer_mut("/choices/0/delta") else {
            continue;
        };
        let speaks = delta["content"]
            .as_str()
            .is_some_and(|text| !text.is_empty());
        match quirk {
            ResponseFault::ThoughtParts if speaks && !thought => {
                thought = true;
                think(&mut delta["content"]);
            }
            ResponseFault::CallsUnderOneIndex => twice(&mut delta["tool_calls"]),
            ResponseFault::CallsInSecondChoice if delta["tool_calls"].is_array() => {
                chunk["choices"][0]["index"] = json!(1);
            }
            _ => {}
        }
    }
}

/// Turns a text into a part after a reasoning part, in Magistral's format.
fn think(content: &mut Value) {
    let text = content.take();
    let thought = json!([{ "type": "text", "text": "Let me think. " }]);
    *content =
        json!([{ "type": "thinking", "thinking": thought }, { "type": "text", "text": text }]);
}

/// Doubles each call's arguments: a second object directly follows.
fn twice(calls: &mut Value) {
    for call in calls.as_array_mut().into_iter().flatten() {
        let Some(arguments) = call.pointer_mut("/function/arguments") else {
            continue;
        };
        let first = arguments.as_str().unwrap_or_default().to_owned();
        if let Ok(Value::Object(mut other)) = serde_json::from_str(&first) {
            other.insert("again".to_owned(), json!(true));
            *arguments = json!(format!("{first}{}", Value::Object(other)));
        }
    }
}
