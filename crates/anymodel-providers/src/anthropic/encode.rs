//! Request encoding for Anthropic Messages: a [`PlatformRequest`] → the JSON body.

use serde_json::{Map, Value, json};

use crate::PlatformRequest;
use crate::capability_check::{check_model, no_choice, unsupported};
use crate::shared_encoding::{add_to_turns, arguments, data_url, system_text};
use anymodel_types::{
    ChatRequest, Image, Message, Reasoning, ResponseFormat, Result, Role, ToolChoice, ToolSpec,
    words,
};

const WHO: &str = "Anthropic";
/// `max_tokens` when the request sets none: Anthropic requires the field, and its oldest models write no more than this.
const MAX_TOKENS: u32 = 4096;
/// The smallest reasoning budget that Anthropic accepts.
const LEAST_THOUGHT: u32 = 1024;

/// Encodes one request.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](anymodel_types::ErrorKind::InvalidRequest) for features that this protocol does not have.
pub(super) fn encode(ask: &PlatformRequest<'_>) -> Result<Value> {
    let request = ask.request;
    let (max_tokens, thoughts) = check(ask)?;
    let mut body = Map::new();
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(field.to_owned(), value);
        }
    };
    set("model", Some(ask.model.into()));
    set("max_tokens", Some(max_tokens.into()));
    set("system", system_text(&request.messages).map(Value::from));
    set("messages", Some(turns(&request.messages)));
    set("stream", ask.stream.then_some(true.into()));
    set("temperature", request.temperature.map(Value::from));
    set("top_p", request.top_p.map(Value::from));
    set(
        "stop_sequences",
        (!request.stop.is_empty()).then(|| json!(request.stop)),
    );
    set("tools", tools(&request.tools));
    set("tool_choice", tool_choice(&request.tool_choice));
    set(
        "thinking",
        thoughts.map(|most| json!({ "type": "enabled", "budget_tokens": most })),
    );
    Ok(Value::Object(body))
}

/// Capability check: refuses features that Anthropic or the model does not have. Returns the [`lengths`].
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](anymodel_types::ErrorKind::InvalidRequest), and what to do instead.
pub(super) fn check(ask: &PlatformRequest<'_>) -> Result<(u32, Option<u32>)> {
    check_settings(ask.request)?;
    no_choice(WHO, ask)?;
    check_model(ask.request, ask.model, Some("anthropic"))?;
    lengths(ask.request)
}

/// Refuses settings that Anthropic would refuse or silently ignore.
fn check_settings(request: &ChatRequest) -> Result<()> {
    let absent = |field: &str, instead: &str| {
        let hint = words::capabilities().leave_it_out_or_ask_a_platform(&instead);
        Err(unsupported(
            WHO,
            &words::capabilities().has_no(&field),
            &hint,
        ))
    };
    if let Some(temperature) = request.temperature.filter(|one| *one > 1.0) {
        return Err(unsupported(
            WHO,
            &words::capabilities().takes_a_temperature_up_to_1(&temperature),
            words::capabilities().ask_for_1_at_most(),
        ));
    }
    let thinks = !matches!(request.reasoning, None | Some(Reasoning::Off));
    if thinks && request.temperature.is_some_and(|one| one < 1.0) {
        return Err(unsupported(
            WHO,
            words::capabilities().takes_no_temperature_while_a_model_thinks(),
            words::capabilities().leave_the_temperature_out(),
        ));
    }
    if thinks
        && matches!(
            request.tool_choice,
            ToolChoice::Required | ToolChoice::Named(_)
        )
    {
        return Err(unsupported(
            WHO,
            words::capabilities().forces_no_call_while_a_model_thinks(),
            words::capabilities().leave_tool_choice_out(),
        ));
    }
    if request.seed.is_some() {
        return absent("seed", "OpenAI, Gemini, OpenRouter");
    }
    if request.presence_penalty.is_some() {
        return absent("presence_penalty", "OpenAI, Gemini, OpenRouter");
    }
    if request.frequency_penalty.is_some() {
        return absent("frequency_penalty", "OpenAI, Gemini, OpenRouter");
    }
    if request.response_format != ResponseFormat::Text {
        return Err(unsupported(
            WHO,
            words::capabilities().holds_no_answer_to_a_form_of_json(),
            words::capabilities().offer_a_tool_whose_arguments_have_that_form(),
        ));
    }
    Ok(())
}

/// The longest answer, and the reasoning budget in it: Anthropic counts reasoning as part of the answer.
fn lengths(request: &ChatRequest) -> Result<(u32, Option<u32>)> {
    let share = |hundredths: u32| match request.max_tokens {
        Some(most) => (most / 100 * hundredths).clamp(LEAST_THOUGHT, 32_000),
        None => 320 * hundredths,
    };
    let thoughts = match request.reasoning {
        None | Some(Reasoning::Off) => {
            return Ok((request.max_tokens.unwrap_or(MAX_TOKENS), None));
        }
        Some(Reasoning::Low) => share(20),
        Some(Reasoning::Medium) => share(50),
        Some(Reasoning::High) => share(80),
        Some(Reasoning::Tokens(most)) => most.max(LEAST_THOUGHT),
    };
    match request.max_tokens {
        None => Ok((thoughts.saturating_add(MAX_TOKENS), Some(thoughts))),
        Some(most) if most > thoughts => Ok((most, Some(thoughts))),
        Some(most) => Err(unsupported(
            WHO,
            &words::capabilities().counts_thoughts_as_part_of_the_answer(&thoughts, &most),
            &words::capabilities().allow_more_tokens_than_thoughts(&thoughts),
        )),
    }
}

/// The turns of the conversation.
fn turns(messages: &[Message]) -> Value {
    let mut turns = Vec::new();
    for message in messages {
        let role = match message.role {
            Role::System => continue,
            Role::Assistant => "assistant",
            Role::User | Role::Tool => "user",
        };
        add_to_turns(&mut turns, role, blocks(message));
    }
    turns
        .into_iter()
        .filter(|(_, blocks)| !blocks.is_empty())
        .map(|(role, blocks)| json!({ "role": role, "content": content(blocks) }))
        .collect()
}

/// A single text is written as a string.
fn content(blocks: Vec<Value>) -> Value {
    match blocks.as_slice() {
        [only] if only["type"] == "text" => only["text"].clone(),
        _ => blocks.into(),
    }
}

/// The content blocks of one turn. Signed reasoning comes first, unchanged. Blank text is left out: Anthropic refuses it.
fn blocks(message: &Message) -> Vec<Value> {
    if message.role == Role::Tool {
        return vec![json!({
            "type": "tool_result",
            "tool_use_id": id(message.tool_call_id.as_deref().unwrap_or_default()),
            "content": message.content,
        })];
    }
    let mut blocks = thoughts(message);
    blocks.extend(message.images.iter().map(image));
    if !message.content.trim().is_empty() {
        blocks.push(json!({ "type": "text", "text": message.content }));
    }
    blocks.extend(message.tool_calls.iter().map(|call| {
        json!({
            "type": "tool_use", "id": id(&call.id), "name": call.name,
            "input": arguments(&call.arguments),
        })
    }));
    blocks
}

/// A call id that Anthropic accepts: letters, digits, `_` and `-`. The id may come from another platform.
fn id(id: &str) -> String {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    id.chars().map(|c| if known(c) { c } else { '_' }).collect()
}

/// Joins signed reasoning: a streamed answer is kept as the deltas in which the reasoning came.
fn thoughts(message: &Message) -> Vec<Value> {
    let kept = message.state.as_ref().and_then(Value::as_array);
    let mut blocks: Vec<(Option<u64>, Map<String, Value>)> = Vec::new();
    for part in kept.into_iter().flatten().filter_map(Value::as_object) {
        let kind = part.get("type").and_then(Value::as_str);
        if !matches!(kind, Some("thinking" | "redacted_thinking")) {
            continue;
        }
        let mut part = part.clone();
        let index = part.remove("index").and_then(|index| index.as_u64());
        let open = blocks
            .iter_mut()
            .find(|(other, _)| index.is_some() && *other == index);
        let Some((_, block)) = open else {
            blocks.push((index, part));
            continue;
        };
        for (field, more) in part {
            match (block.get_mut(&field), more) {
                (_, _) if field == "type" => {}
                (Some(Value::String(text)), Value::String(more)) => text.push_str(&more),
                (_, more) => {
                    block.insert(field, more);
                }
            }
        }
    }
    blocks
        .into_iter()
        .map(|(_, block)| Value::Object(block))
        .collect()
}

fn image(image: &Image) -> Value {
    let source = match (image, data_url(image)) {
        (_, Some((media_type, base64))) => {
            json!({ "type": "base64", "media_type": media_type, "data": base64 })
        }
        (image, None) => json!({ "type": "url", "url": image.to_url() }),
    };
    json!({ "type": "image", "source": source })
}

fn tools(tools: &[ToolSpec]) -> Option<Value> {
    let tool = |tool: &ToolSpec| json!({ "name": tool.name, "description": tool.description, "input_schema": tool.parameters });
    (!tools.is_empty()).then(|| tools.iter().map(tool).collect())
}

fn tool_choice(choice: &ToolChoice) -> Option<Value> {
    match choice {
        ToolChoice::Auto => None,
        ToolChoice::None => Some(json!({ "type": "none" })),
        ToolChoice::Required => Some(json!({ "type": "any" })),
        ToolChoice::Named(name) => Some(json!({ "type": "tool", "name": name })),
    }
}
