//! Request encoding for Converse: a [`PlatformRequest`] → the JSON body.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::parameters::{
    check_tools, form, limits, refuse_the_unknown, thinking, tools, unsupported,
};
use crate::PlatformRequest;
use crate::shared_encoding::{add_to_turns, arguments, data_url};
use anymodel_types::{Image, Message, Result, Role, ToolCall, words};

/// Encodes one request.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](anymodel_types::ErrorKind::InvalidRequest) for features that Converse does not have.
pub(super) fn encode(ask: &PlatformRequest<'_>) -> Result<Value> {
    let request = ask.request;
    check(ask)?;
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
    set("toolConfig", tools(request));
    set("outputConfig", form(&request.response_format)?);
    set("additionalModelRequestFields", thinking(ask)?);
    Ok(Value::Object(body))
}

/// Capability check: refuses features that Converse does not have.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](anymodel_types::ErrorKind::InvalidRequest), and what to do instead.
pub(super) fn check(ask: &PlatformRequest<'_>) -> Result<()> {
    let request = ask.request;
    refuse_the_unknown(ask)?;
    // Only the user's images are sent.
    let users = (request.messages.iter()).filter(|message| message.role == Role::User);
    for image in users.flat_map(|message| &message.images) {
        picture_format(image)?;
    }
    check_tools(request)?;
    form(&request.response_format)?;
    thinking(ask).map(drop)
}

/// The system prompt is a separate field. Turns of user and assistant alternate; a tool result is a turn of the user.
fn conversation(messages: &[Message]) -> Result<(Option<Value>, Value)> {
    let mut system = Vec::new();
    let mut turns = Vec::new();
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
        add_to_turns(&mut turns, role, blocks);
    }
    let turns = turns
        .into_iter()
        .map(|(role, content)| json!({ "role": role, "content": content }))
        .collect();
    Ok(((!system.is_empty()).then_some(Value::Array(system)), turns))
}

/// The models refuse an empty text, and it carries no information.
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
    let (format, base64) = picture_format(image)?;
    Ok(json!({ "image": { "format": format, "source": { "bytes": base64 } } }))
}

/// Converse's name of an image format, and the image data.
fn picture_format(image: &Image) -> Result<(&'static str, &str)> {
    let Some((media_type, base64)) = data_url(image) else {
        return Err(unsupported(
            words::capabilities().fetches_no_pictures_from_addresses(),
            words::capabilities().fetch_the_picture_yourself(),
        ));
    };
    let format = match media_type {
        "image/png" => "png",
        "image/jpeg" | "image/jpg" => "jpeg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        other => {
            return Err(unsupported(
                &words::capabilities().takes_no_pictures_of_the_kind(&other),
                words::capabilities().convert_it_to_image_png(),
            ));
        }
    };
    Ok((format, base64))
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
    let input = arguments(&call.arguments);
    json!({ "toolUse": { "toolUseId": call.id, "name": call.name, "input": input } })
}

fn tool_result(message: &Message) -> Value {
    let content: Vec<_> = text(&message.content).into_iter().collect();
    json!({ "toolResult": { "toolUseId": message.tool_call_id, "content": content } })
}

/// The signed reasoning of an earlier turn, unchanged: the blocks of a whole answer, or the joined deltas of a stream.
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
