//! A reader of server-sent events as the standard has it, and builders.

use anymodel_sandbox::protocol::{AnswerHead, ToolCallDelta};
use anymodel_types::{Reply, ToolCall, Usage};
use serde_json::Value;

/// One event of a stream: its name, empty when it has none, and its data.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub name: String,
    pub data: String,
}

impl Event {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {}", self.data))
    }
}

/// Parses a stream by the rules of <https://html.spec.whatwg.org/multipage/server-sent-events.html>.
pub fn events(text: &str) -> Vec<Event> {
    let mut events = Vec::new();
    let (mut name, mut data): (String, Vec<String>) = Default::default();
    assert!(text.is_empty() || text.ends_with("\n\n"), "{text:?}");
    for line in text.split('\n') {
        if line.is_empty() {
            if !data.is_empty() {
                events.push(Event {
                    name: std::mem::take(&mut name),
                    data: std::mem::take(&mut data).join("\n"),
                });
            }
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
        match field {
            "" => {}
            "event" => name = value,
            "data" => data.push(value),
            other => panic!("no field of an event: {other:?}"),
        }
    }
    events
}

/// The data of all events as JSON, without the end marker.
pub fn data(text: &str) -> Vec<Value> {
    let all = events(text);
    let json = all.iter().filter(|event| event.data != "[DONE]");
    json.map(Event::json).collect()
}

pub fn head(id: &str) -> AnswerHead {
    AnswerHead::new(id, 1_764_547_200, "openai/gpt-4o")
}

pub fn tokens() -> Usage {
    Usage {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        reasoning_tokens: Some(7),
        cached_tokens: Some(60),
        cache_write_tokens: Some(10),
    }
}

pub fn reply() -> Reply {
    let mut reply = Reply::new("Good day.");
    reply.reasoning = Some("A greeting.".to_owned());
    reply.tool_calls = vec![ToolCall::new("call_1", "look_up", r#"{"q":"北京"}"#)];
    reply.usage = Some(tokens());
    reply
}

/// The first delta of a call.
pub fn begins<'a>(index: usize, id: &'a str, name: &'a str) -> ToolCallDelta<'a> {
    ToolCallDelta {
        index,
        id: Some(id),
        name: Some(name),
        arguments: "",
    }
}

/// More arguments of a call.
pub fn goes_on(index: usize, arguments: &str) -> ToolCallDelta<'_> {
    ToolCallDelta {
        index,
        arguments,
        ..ToolCallDelta::default()
    }
}
