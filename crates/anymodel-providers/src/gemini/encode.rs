//! Request encoding for Gemini: a [`PlatformRequest`] → the JSON body.

use serde_json::{Map, Value, json};

use super::wire::is_made_up;
use crate::PlatformRequest;
use crate::capability_check::{check_model, no_choice};
use crate::shared_encoding::{add_to_turns, arguments, data_url, system_text};
use anymodel_types::{
    ChatRequest, Image, Message, Reasoning, ResponseFormat, Result, Role, ToolCall, ToolChoice,
    ToolSpec,
};

const WHO: &str = "Gemini";

/// Encodes one request.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](anymodel_types::ErrorKind::InvalidRequest) for features that this protocol does not have.
pub(super) fn encode(ask: &PlatformRequest<'_>) -> Result<Value> {
    let request = ask.request;
    check(ask)?;
    let mut body = Map::new();
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(field.to_owned(), value);
        }
    };
    set("systemInstruction", system(&request.messages));
    set("contents", Some(contents(&request.messages)));
    set("tools", tools(&request.tools));
    set("toolConfig", tool_config(&request.tool_choice));
    let options = options(request, ask.model);
    set(
        "generationConfig",
        (!options.is_empty()).then(|| options.into()),
    );
    Ok(Value::Object(body))
}

/// Capability check: refuses features that Gemini or the model does not have.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](anymodel_types::ErrorKind::InvalidRequest), and what to do instead.
pub(super) fn check(ask: &PlatformRequest<'_>) -> Result<()> {
    no_choice(WHO, ask)?;
    check_model(ask.request, ask.model, Some("google"))
}

/// The optional fields. An option that is not set is not sent.
fn options(request: &ChatRequest, model: &str) -> Map<String, Value> {
    let mut options = Map::new();
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            options.insert(field.to_owned(), value);
        }
    };
    set("temperature", request.temperature.map(Value::from));
    set("topP", request.top_p.map(Value::from));
    set("maxOutputTokens", request.max_tokens.map(Value::from));
    set(
        "stopSequences",
        (!request.stop.is_empty()).then(|| json!(request.stop)),
    );
    set("seed", request.seed.map(Value::from));
    set("presencePenalty", request.presence_penalty.map(Value::from));
    set(
        "frequencyPenalty",
        request.frequency_penalty.map(Value::from),
    );
    match &request.response_format {
        ResponseFormat::Text => {}
        ResponseFormat::JsonObject => set("responseMimeType", Some("application/json".into())),
        ResponseFormat::JsonSchema { schema, .. } => {
            set("responseMimeType", Some("application/json".into()));
            set("responseJsonSchema", Some(schema.clone()));
        }
    }
    set(
        "thinkingConfig",
        request
            .reasoning
            .and_then(|reasoning| thinking(reasoning, model)),
    );
    options
}

/// The reasoning budget. Models before 2.5 do not reason and refuse the field. Of the newer ones only the Flash models of
/// 2.5 can turn reasoning off; for the others the minimum is 128.
/// Source: <https://ai.google.dev/gemini-api/docs/thinking>.
fn thinking(reasoning: Reasoning, model: &str) -> Option<Value> {
    let name = model.rsplit('/').next().unwrap_or(model);
    let never = ["gemini-1", "gemini-2.0", "gemma"];
    if reasoning == Reasoning::Off {
        return match never.iter().any(|old| name.starts_with(old)) {
            true => None,
            false if name.starts_with("gemini-2.5-flash") => Some(json!({ "thinkingBudget": 0 })),
            false => Some(json!({ "thinkingBudget": 128 })),
        };
    }
    let budget = match reasoning {
        Reasoning::Off => 0,
        Reasoning::Low => 1024,
        Reasoning::Medium => 8192,
        Reasoning::High => 24_576,
        Reasoning::Tokens(most) => most,
    };
    Some(json!({ "includeThoughts": true, "thinkingBudget": budget }))
}

/// The system prompt stands outside the conversation.
fn system(messages: &[Message]) -> Option<Value> {
    system_text(messages).map(|text| json!({ "parts": [{ "text": text }] }))
}

/// The turns of the conversation.
fn contents(messages: &[Message]) -> Value {
    let mut turns = Vec::new();
    for (place, message) in messages.iter().enumerate() {
        let (role, parts) = match message.role {
            Role::System => continue,
            Role::Assistant => ("model", said(message)),
            Role::User => ("user", asked(message)),
            Role::Tool => ("user", vec![result(message, &messages[..place])]),
        };
        add_to_turns(&mut turns, role, parts);
    }
    turns
        .into_iter()
        .filter(|(_, parts)| !parts.is_empty())
        .map(|(role, parts)| json!({ "role": role, "parts": parts }))
        .collect()
}

fn asked(message: &Message) -> Vec<Value> {
    let text = (!message.content.is_empty()).then(|| json!({ "text": message.content }));
    let images = message.images.iter().map(image);
    images.chain(text).collect()
}

/// The model's parts, with the signatures that it requires back: signatures of calls on the calls, that of the text on the
/// text. A signature without text, which streams send at the end, becomes a last part of its own.
fn said(message: &Message) -> Vec<Value> {
    let kept = message.state.as_ref().and_then(Value::as_array);
    let signature = |call: Option<&str>| {
        let mut all = kept.into_iter().flatten();
        let one = all.find(|one| {
            one["call"].as_str() == call
                && one["alone"].is_null()
                && one["thoughtSignature"].is_string()
        });
        one.map(|one| one["thoughtSignature"].clone())
    };
    let signed = |mut part: Value, signature: Option<Value>| {
        if let Some(signature) = signature {
            part["thoughtSignature"] = signature;
        }
        part
    };
    let mut parts = Vec::new();
    let of_text = signature(None);
    if !message.content.is_empty() || of_text.is_some() {
        parts.push(signed(json!({ "text": message.content }), of_text));
    }
    parts.extend(message.tool_calls.iter().map(|call| {
        let mut function = json!({ "name": call.name, "args": arguments(&call.arguments) });
        number(&mut function, &call.id);
        signed(
            json!({ "functionCall": function }),
            signature(Some(&call.id)),
        )
    }));
    let alone = kept
        .into_iter()
        .flatten()
        .filter(|one| one["alone"] == true);
    parts.extend(
        alone.map(|one| json!({ "text": "", "thoughtSignature": one["thoughtSignature"] })),
    );
    parts
}

/// A tool result. Gemini matches it with the call by the function's name, which stands in the call.
fn result(message: &Message, before: &[Message]) -> Value {
    let id = message.tool_call_id.as_deref().unwrap_or_default();
    let call: Option<&ToolCall> = before
        .iter()
        .rev()
        .flat_map(|turn| &turn.tool_calls)
        .find(|call| call.id == id);
    let response = match serde_json::from_str(&message.content) {
        Ok(Value::Object(map)) => Value::Object(map),
        _ => json!({ "result": message.content }),
    };
    let mut function = json!({
        "name": call.map_or(id, |call| call.name.as_str()),
        "response": response,
    });
    number(&mut function, id);
    json!({ "functionResponse": function })
}

/// Adds the id of a call, if it is Google's own.
fn number(function: &mut Value, id: &str) {
    if !id.is_empty() && !is_made_up(id) {
        function["id"] = id.into();
    }
}

fn image(image: &Image) -> Value {
    match (data_url(image), media_type(&image.to_url())) {
        (Some((media_type, base64)), _) => {
            json!({ "inlineData": { "mimeType": media_type, "data": base64 } })
        }
        (None, Some(media_type)) => {
            json!({ "fileData": { "mimeType": media_type, "fileUri": image.to_url() } })
        }
        (None, None) => json!({ "fileData": { "fileUri": image.to_url() } }),
    }
}

/// The media type of an image URL, by its extension.
fn media_type(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    match path.rsplit('.').next()?.to_ascii_lowercase().as_str() {
        "png" => Some("image/png"),
        "jpg" | "jpeg" => Some("image/jpeg"),
        "webp" => Some("image/webp"),
        "gif" => Some("image/gif"),
        "heic" => Some("image/heic"),
        _ => None,
    }
}

/// Google's own field `parameters` supports only a part of JSON Schema; this one supports all of it.
fn tools(tools: &[ToolSpec]) -> Option<Value> {
    let functions: Vec<Value> = tools
        .iter()
        .map(|tool| {
            json!({
                "name": tool.name, "description": tool.description,
                "parametersJsonSchema": tool.parameters,
            })
        })
        .collect();
    (!functions.is_empty()).then(|| json!([{ "functionDeclarations": functions }]))
}

fn tool_config(choice: &ToolChoice) -> Option<Value> {
    let config = match choice {
        ToolChoice::Auto => return None,
        ToolChoice::None => json!({ "mode": "NONE" }),
        ToolChoice::Required => json!({ "mode": "ANY" }),
        ToolChoice::Named(name) => json!({ "mode": "ANY", "allowedFunctionNames": [name] }),
    };
    Some(json!({ "functionCallingConfig": config }))
}
