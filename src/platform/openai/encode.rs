//! A question → the JSON that goes out.

use serde_json::{Map, Value, json};

use super::Dialect;
use crate::chat::{ChatRequest, Message, Reasoning, ResponseFormat, Role, ToolChoice};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::platform::Ask;
use crate::target::{Choice, Prefer};

/// The most models that OpenRouter takes in one request.
/// Source: its error text "'models' array must have 3 items or fewer.", seen in 2026-03.
const MOST_MODELS: usize = 3;

/// Writes one request.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] when the platform cannot do what the target asks.
pub(super) fn encode(ask: &Ask<'_>, dialect: Dialect) -> Result<Value> {
    let native = dialect == Dialect::OpenRouter;
    let mut body = Map::new();
    body.insert("model".to_owned(), ask.model.into());
    body.insert(
        "messages".to_owned(),
        messages(&ask.request.messages, native),
    );
    body.insert("stream".to_owned(), ask.stream.into());
    if ask.stream {
        // Without it OpenAI and others send no usage; OpenRouter sends it anyway.
        body.insert(
            "stream_options".to_owned(),
            json!({ "include_usage": true }),
        );
    }
    wishes(&mut body, ask.request, native);
    if let Some(choice) = ask.choice {
        if !native {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "this platform does not choose a model by itself",
            )
            .with_hint("name a model or a list of models instead of Prefer"));
        }
        choose(&mut body, choice)?;
    }
    Ok(Value::Object(body))
}

/// Everything that a caller may wish of the answer; what is not wished is not sent.
fn wishes(body: &mut Map<String, Value>, request: &ChatRequest, native: bool) {
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(field.to_owned(), value);
        }
    };
    set("temperature", request.temperature.map(Value::from));
    set("max_tokens", request.max_tokens.map(Value::from));
    set("top_p", request.top_p.map(Value::from));
    set("seed", request.seed.map(Value::from));
    set(
        "presence_penalty",
        request.presence_penalty.map(Value::from),
    );
    set(
        "frequency_penalty",
        request.frequency_penalty.map(Value::from),
    );
    set(
        "stop",
        (!request.stop.is_empty()).then(|| json!(request.stop)),
    );
    set("tools", tools(request));
    set("tool_choice", tool_choice(request));
    set("response_format", response_format(&request.response_format));
    match request.reasoning {
        Some(reasoning) if native => set("reasoning", Some(openrouter_reasoning(reasoning))),
        Some(reasoning) => set("reasoning_effort", effort(reasoning).map(Value::from)),
        None => {}
    }
}

fn openrouter_reasoning(reasoning: Reasoning) -> Value {
    match (reasoning, effort(reasoning)) {
        (Reasoning::Tokens(most), _) => json!({ "max_tokens": most }),
        (_, Some(word)) => json!({ "effort": word }),
        (_, None) => json!({ "effort": "none" }),
    }
}

/// OpenAI's word. Not every model takes every word, and a plain one takes none, so "off" is not said at all.
fn effort(reasoning: Reasoning) -> Option<&'static str> {
    match reasoning {
        Reasoning::Off => None,
        Reasoning::Low => Some("low"),
        Reasoning::Medium => Some("medium"),
        Reasoning::High => Some("high"),
        Reasoning::Tokens(most) => Some(match most {
            0..=2048 => "low",
            2049..=8192 => "medium",
            _ => "high",
        }),
    }
}

fn messages(messages: &[Message], native: bool) -> Value {
    messages
        .iter()
        .map(|message| turn(message, native))
        .collect()
}

fn turn(message: &Message, native: bool) -> Value {
    let mut turn = json!({ "role": message.role.as_str() });
    turn["content"] = match message.images.as_slice() {
        [] if message.content.is_empty() && !message.tool_calls.is_empty() => Value::Null,
        [] => message.content.as_str().into(),
        images => {
            let text = json!({ "type": "text", "text": message.content });
            let pictures = images.iter().map(
                |image| json!({ "type": "image_url", "image_url": { "url": image.to_url() } }),
            );
            std::iter::once(text).chain(pictures).collect()
        }
    };
    if !message.tool_calls.is_empty() {
        turn["tool_calls"] = message
            .tool_calls
            .iter()
            .map(|call| {
                json!({
                    "id": call.id, "type": "function",
                    "function": { "name": call.name, "arguments": call.arguments },
                })
            })
            .collect();
    }
    if let Some(id) = &message.tool_call_id {
        turn["tool_call_id"] = id.as_str().into();
    }
    if let (true, Role::Assistant, Some(state)) = (native, message.role, &message.state) {
        turn["reasoning_details"] = state.clone();
    }
    turn
}

fn tools(request: &ChatRequest) -> Option<Value> {
    let tool = |tool: &crate::chat::ToolSpec| {
        json!({
            "type": "function",
            "function": { "name": tool.name, "description": tool.description, "parameters": tool.parameters },
        })
    };
    (!request.tools.is_empty()).then(|| request.tools.iter().map(tool).collect())
}

fn tool_choice(request: &ChatRequest) -> Option<Value> {
    match &request.tool_choice {
        ToolChoice::Auto => None,
        ToolChoice::None => Some("none".into()),
        ToolChoice::Required => Some("required".into()),
        ToolChoice::Named(name) => {
            Some(json!({ "type": "function", "function": { "name": name } }))
        }
    }
}

fn response_format(format: &ResponseFormat) -> Option<Value> {
    match format {
        ResponseFormat::Text => None,
        ResponseFormat::JsonObject => Some(json!({ "type": "json_object" })),
        ResponseFormat::JsonSchema { name, schema } => Some(json!({
            "type": "json_schema",
            "json_schema": { "name": name, "strict": true, "schema": schema },
        })),
    }
}

/// Says "cheapest", "fastest" and "best" in the words that OpenRouter really knows.
///
/// `route: "cheapest"`, which some courses send, is none of them. Source: OpenRouter's guides "provider selection",
/// "model fallbacks" and "auto router", read in August 2026.
fn choose(body: &mut Map<String, Value>, choice: &Choice) -> Result<()> {
    let sort = match choice.prefer {
        Prefer::Cheapest => Some("price"),
        Prefer::Fastest => Some("throughput"),
        Prefer::Best => None,
    };
    let mut set = |field: &str, value: Value| body.insert(field.to_owned(), value);
    match sort {
        // Every endpoint of the few named models stands in one list, sorted: the first one serves.
        Some(by) if !choice.among.is_empty() => {
            if choice.among.len() > MOST_MODELS {
                return Err(Error::new(
                    ErrorKind::InvalidRequest,
                    format!(
                        "OpenRouter chooses among at most {MOST_MODELS} named models, and {} were named",
                        choice.among.len()
                    ),
                )
                .with_hint("name fewer models, or none: Prefer alone lets it choose among all"));
            }
            set("models", json!(choice.among));
            set(
                "provider",
                json!({ "sort": { "by": by, "partition": "none" } }),
            );
            body.remove("model");
        }
        // The auto router picks the model; the sort picks the host of that model.
        Some(by) => {
            set("provider", json!({ "sort": by }));
            if choice.prefer == Prefer::Cheapest {
                set(
                    "plugins",
                    json!([{ "id": "auto-router", "cost_tier": "low" }]),
                );
            }
        }
        None => {
            let mut plugin = json!({ "id": "auto-router", "cost_tier": "max" });
            if !choice.among.is_empty() {
                plugin["allowed_models"] = json!(choice.among);
            }
            set("plugins", json!([plugin]));
        }
    }
    Ok(())
}
