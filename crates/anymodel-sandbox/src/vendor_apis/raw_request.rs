//! Request encoding: a decoded request of any protocol in OpenRouter's format, the sandbox's internal one.

use anymodel_types::{ChatRequest, Message, Reasoning, ResponseFormat, Role, ToolCall, ToolChoice};
use serde_json::{Map, Value, json};

use super::parts::{calling, image_part, schema_format, text_part, tool};
use crate::protocol::Decoded;
use crate::protocol::chat::tool_call;

/// OpenRouter's own fields, which mean in every protocol what they mean in a chat request.
pub(super) const OPENROUTER_FIELDS: [&str; 6] = [
    "provider",
    "route",
    "plugins",
    "session_id",
    "user",
    "debug",
];

/// The fields of a body that are OpenRouter's own.
pub(super) fn openrouter_fields(body: Map<String, Value>) -> impl Iterator<Item = (String, Value)> {
    body.into_iter()
        .filter(|(name, _)| OPENROUTER_FIELDS.contains(&name.as_str()))
}

/// The request in OpenRouter's format.
pub(super) fn raw_request(decoded: &Decoded) -> Map<String, Value> {
    let request = &decoded.request;
    let mut raw = Map::new();
    let mut set = |name: &str, value: Value| {
        if !value.is_null() {
            raw.insert(name.to_owned(), value);
        }
    };
    set("model", json!(decoded.model));
    set("models", list(&decoded.models));
    set("messages", request.messages.iter().map(message).collect());
    set("stream", json!(decoded.stream));
    set("max_tokens", json!(request.max_tokens));
    set("temperature", json!(request.temperature));
    set("top_p", json!(request.top_p));
    set("stop", list(&request.stop));
    set("reasoning", json!(request.reasoning.map(reasoning)));
    let tools = request.tools.iter();
    let tools: Vec<Value> = tools
        .map(|spec| {
            let description = json!(spec.description);
            tool(
                &json!(spec.name),
                Some(&description),
                Some(&spec.parameters),
            )
        })
        .collect();
    set("tools", list(&tools));
    set("tool_choice", tool_choice(request));
    set("response_format", format(&request.response_format));
    raw
}

/// A list; an empty one is left out.
fn list<T: serde::Serialize>(items: &[T]) -> Value {
    match items.is_empty() {
        true => Value::Null,
        false => json!(items),
    }
}

fn message(message: &Message) -> Value {
    let text = &message.content;
    match message.role {
        Role::Assistant => {
            let calls = message.tool_calls.iter().map(
                |ToolCall {
                     id,
                     name,
                     arguments,
                     ..
                 }| tool_call(id, name, arguments),
            );
            calling(text.clone(), calls.collect())
        }
        Role::Tool => {
            json!({ "role": "tool", "tool_call_id": message.tool_call_id, "content": text })
        }
        role if message.images.is_empty() => json!({ "role": role.as_str(), "content": text }),
        role => {
            let said = (!text.is_empty()).then(|| text_part(text));
            let images = message
                .images
                .iter()
                .map(|image| image_part(&image.to_url()));
            let parts: Vec<Value> = said.into_iter().chain(images).collect();
            json!({ "role": role.as_str(), "content": parts })
        }
    }
}

fn reasoning(reasoning: Reasoning) -> Value {
    match reasoning {
        Reasoning::Off => json!({ "enabled": false }),
        Reasoning::Low => json!({ "effort": "low" }),
        Reasoning::Medium => json!({ "effort": "medium" }),
        Reasoning::High => json!({ "effort": "high" }),
        Reasoning::Tokens(most) => json!({ "max_tokens": most }),
    }
}

fn tool_choice(request: &ChatRequest) -> Value {
    match &request.tool_choice {
        ToolChoice::Auto => Value::Null,
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!({ "type": "function", "function": { "name": name } }),
    }
}

fn format(format: &ResponseFormat) -> Value {
    match format {
        ResponseFormat::Text => Value::Null,
        ResponseFormat::JsonObject => json!({ "type": "json_object" }),
        ResponseFormat::JsonSchema { schema, .. } => schema_format(schema),
    }
}
