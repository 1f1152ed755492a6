//! A question → the JSON that goes out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::chat::{
    ChatRequest, Image, Message, Reasoning, ResponseFormat, Role, ToolCall, ToolChoice,
};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::platform::Ask;

/// The fewest tokens that Claude takes for thinking.
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html>
const LEAST_THINKING: u32 = 1024;

/// Writes one request.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`] for what Converse cannot do.
pub(super) fn encode(ask: &Ask<'_>) -> Result<Value> {
    let request = ask.request;
    refuse_the_unknown(ask)?;
    let mut body = Map::new();
    let (system, messages) = conversation(&request.messages)?;
    body.insert("messages".to_owned(), messages);
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(field.to_owned(), value);
        }
    };
    set("system", system);
    set("inferenceConfig", limits(request));
    set("toolConfig", tools(request)?);
    set("outputConfig", form(&request.response_format)?);
    set("additionalModelRequestFields", thinking(ask)?);
    Ok(Value::Object(body))
}

fn cannot(what: &str, hint: &str) -> Error {
    Error::new(
        ErrorKind::InvalidRequest,
        format!("Bedrock's Converse {what}"),
    )
    .with_hint(hint)
}

/// What has no field in the protocol would be lost silently.
fn refuse_the_unknown(ask: &Ask<'_>) -> Result<()> {
    let request = ask.request;
    if ask.choice.is_some() {
        return Err(cannot(
            "does not choose a model by itself",
            "name a model or a list of models instead of Prefer",
        ));
    }
    let unknown = [
        ("seed", request.seed.is_some()),
        ("presence penalty", request.presence_penalty.is_some()),
        ("frequency penalty", request.frequency_penalty.is_some()),
    ];
    if let Some((name, _)) = unknown.into_iter().find(|(_, is_set)| *is_set) {
        return Err(cannot(
            &format!("knows no {name}"),
            "leave it out, or ask on another platform",
        ));
    }
    if request
        .temperature
        .is_some_and(|temperature| temperature > 1.0)
    {
        return Err(cannot(
            "takes a temperature from 0 to 1",
            "lower it, or leave it to the model",
        ));
    }
    Ok(())
}

fn limits(request: &ChatRequest) -> Option<Value> {
    let mut limits = Map::new();
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            limits.insert(field.to_owned(), value);
        }
    };
    set("maxTokens", request.max_tokens.map(Value::from));
    set("temperature", request.temperature.map(Value::from));
    set("topP", request.top_p.map(Value::from));
    set(
        "stopSequences",
        (!request.stop.is_empty()).then(|| json!(request.stop)),
    );
    (!limits.is_empty()).then_some(Value::Object(limits))
}

/// Orders stand apart, and the turns of user and assistant alternate: what a function gave back is the user's turn.
fn conversation(messages: &[Message]) -> Result<(Option<Value>, Value)> {
    let mut system = Vec::new();
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in messages {
        let (role, blocks) = match message.role {
            Role::System => {
                system.extend(text(&message.content));
                continue;
            }
            Role::User => ("user", user(message)?),
            Role::Assistant => ("assistant", assistant(message)),
            Role::Tool => ("user", vec![tool_result(message)]),
        };
        match turns.last_mut() {
            Some((last, said)) if *last == role => said.extend(blocks),
            _ => turns.push((role, blocks)),
        }
    }
    let turns = turns
        .into_iter()
        .map(|(role, content)| json!({ "role": role, "content": content }))
        .collect();
    Ok(((!system.is_empty()).then_some(Value::Array(system)), turns))
}

/// An empty text is refused by the models, and says nothing anyway.
fn text(content: &str) -> Option<Value> {
    (!content.is_empty()).then(|| json!({ "text": content }))
}

fn user(message: &Message) -> Result<Vec<Value>> {
    let pictures = message.images.iter().map(picture);
    text(&message.content)
        .map(Ok)
        .into_iter()
        .chain(pictures)
        .collect()
}

fn picture(image: &Image) -> Result<Value> {
    let Image::Data { media_type, base64 } = image else {
        return Err(cannot(
            "fetches no pictures from addresses",
            "fetch the picture yourself and send it with Image::data",
        ));
    };
    let format = match media_type.as_str() {
        "image/png" => "png",
        "image/jpeg" | "image/jpg" => "jpeg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        other => {
            return Err(cannot(
                &format!("takes no pictures of the kind {other}"),
                "convert it to image/png, image/jpeg, image/gif or image/webp",
            ));
        }
    };
    Ok(json!({ "image": { "format": format, "source": { "bytes": base64 } } }))
}

fn assistant(message: &Message) -> Vec<Value> {
    let calls = message.tool_calls.iter().map(tool_use);
    thoughts(message.state.as_ref())
        .into_iter()
        .chain(text(&message.content))
        .chain(calls)
        .collect()
}

fn tool_use(call: &ToolCall) -> Value {
    // The field holds an object. What a model wrote instead goes back to it as it was, so that it can mend it.
    let input = match serde_json::from_str(&call.arguments) {
        Ok(Value::Object(input)) => Value::Object(input),
        _ if call.arguments.trim().is_empty() => json!({}),
        _ => json!({ "not_an_object": call.arguments }),
    };
    json!({ "toolUse": { "toolUseId": call.id, "name": call.name, "input": input } })
}

fn tool_result(message: &Message) -> Value {
    let content: Vec<_> = text(&message.content).into_iter().collect();
    json!({ "toolResult": { "toolUseId": message.tool_call_id, "content": content } })
}

/// The signed thoughts of an earlier turn, unchanged: whole blocks as a whole answer brought them, or the parts that a
/// stream brought, put together.
fn thoughts(state: Option<&Value>) -> Vec<Value> {
    let items = match state {
        Some(Value::Array(items)) => items.as_slice(),
        Some(item) => std::slice::from_ref(item),
        None => &[],
    };
    let mut blocks = Vec::new();
    let mut streamed: BTreeMap<u64, (Map<String, Value>, Option<Value>)> = BTreeMap::new();
    for item in items {
        if item["reasoningContent"].is_object() {
            blocks.push(item.clone());
        }
        let Some(number) = item["block"].as_u64() else {
            continue;
        };
        let (words, redacted) = streamed.entry(number).or_default();
        for field in ["text", "signature"] {
            if let Some(more) = item["part"][field].as_str() {
                let so_far = words.get(field).and_then(Value::as_str).unwrap_or_default();
                let longer = format!("{so_far}{more}");
                words.insert(field.to_owned(), longer.into());
            }
        }
        if let Some(more) = item["part"].get("redactedContent") {
            *redacted = Some(more.clone());
        }
    }
    blocks.extend(
        streamed
            .into_values()
            .map(|(words, redacted)| match redacted {
                Some(redacted) => json!({ "reasoningContent": { "redactedContent": redacted } }),
                None => json!({ "reasoningContent": { "reasoningText": words } }),
            }),
    );
    blocks
}

fn tools(request: &ChatRequest) -> Result<Option<Value>> {
    let choice = match &request.tool_choice {
        ToolChoice::Auto => json!({ "auto": {} }),
        ToolChoice::Required => json!({ "any": {} }),
        ToolChoice::Named(name) => json!({ "tool": { "name": name } }),
        // There is no word for "none". To offer none does the same, unless the conversation already holds calls.
        ToolChoice::None
            if request
                .messages
                .iter()
                .any(|turn| !turn.tool_calls.is_empty()) =>
        {
            return Err(cannot(
                "cannot forbid tools in a conversation that holds calls of tools",
                "leave the choice of tools to the model",
            ));
        }
        ToolChoice::None => return Ok(None),
    };
    if request.tools.is_empty() {
        return Ok(None);
    }
    let tools: Vec<_> = request
        .tools
        .iter()
        .map(|tool| {
            let mut spec = json!({ "name": tool.name, "inputSchema": { "json": tool.parameters } });
            if !tool.description.is_empty() {
                spec["description"] = tool.description.as_str().into();
            }
            json!({ "toolSpec": spec })
        })
        .collect();
    Ok(Some(json!({ "tools": tools, "toolChoice": choice })))
}

/// Not every model takes it; one that does not says so.
fn form(format: &ResponseFormat) -> Result<Option<Value>> {
    match format {
        ResponseFormat::Text => Ok(None),
        ResponseFormat::JsonObject => Err(cannot(
            "knows no JSON without a schema",
            "give a schema, or ask for JSON in words",
        )),
        ResponseFormat::JsonSchema { name, schema } => Ok(Some(json!({
            "textFormat": {
                "type": "json_schema",
                "structure": { "jsonSchema": { "name": name, "schema": schema.to_string() } },
            },
        }))),
    }
}

/// How a model is told to think is the model's own affair, and no part of the protocol.
fn thinking(ask: &Ask<'_>) -> Result<Option<Value>> {
    let Some(reasoning) = ask.request.reasoning else {
        return Ok(None);
    };
    let (budget, effort) = match reasoning {
        // None of these models thinks unless it is told to, or it cannot be told not to.
        Reasoning::Off => return Ok(None),
        Reasoning::Low => (LEAST_THINKING, "low"),
        Reasoning::Medium => (4 * LEAST_THINKING, "medium"),
        Reasoning::High => (16 * LEAST_THINKING, "high"),
        Reasoning::Tokens(most) if most <= 2 * LEAST_THINKING => (most, "low"),
        Reasoning::Tokens(most) if most <= 8 * LEAST_THINKING => (most, "medium"),
        Reasoning::Tokens(most) => (most, "high"),
    };
    if ask.model.contains("anthropic.") {
        // The answer needs room beside the thinking.
        let room = ask
            .request
            .max_tokens
            .map_or(u32::MAX, |most| most.saturating_sub(1));
        let budget = budget.max(LEAST_THINKING).min(room);
        if budget < LEAST_THINKING {
            return Err(cannot(
                &format!("lets Claude think with {LEAST_THINKING} tokens at least"),
                "allow a longer answer (max_tokens), or switch reasoning off",
            ));
        }
        return Ok(Some(
            json!({ "thinking": { "type": "enabled", "budget_tokens": budget } }),
        ));
    }
    if ask.model.contains("openai.") {
        return Ok(Some(json!({ "reasoning_effort": effort })));
    }
    Err(cannot(
        "has no common word for reasoning, and the one of this model is not known here",
        "leave reasoning to the model",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(response_format: ResponseFormat) -> Result<Value> {
        let request = ChatRequest {
            messages: vec![Message::user("What colour is it?")],
            response_format,
            ..ChatRequest::default()
        };
        encode(&Ask::new(&request, "anthropic.claude-x-v1:0"))
    }

    #[test]
    fn a_schema_goes_out_as_text_and_json_without_one_is_refused() {
        let body_with = body(ResponseFormat::JsonSchema {
            name: "colour".to_owned(),
            schema: json!({ "type": "object" }),
        });
        assert_eq!(
            body_with.unwrap()["outputConfig"],
            json!({ "textFormat": {
                "type": "json_schema",
                "structure": { "jsonSchema": { "name": "colour", "schema": r#"{"type":"object"}"# } },
            } })
        );
        let refused = body(ResponseFormat::JsonObject).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidRequest);
    }
}
