//! Decoding of the input of a Responses request: a text, or items.

use anymodel_types::{Image, Message, Role, ToolCall};
use serde_json::Value;

use crate::protocol::Invalid;
use crate::protocol::fields::Fields;
use crate::protocol::settings::{image, join};

/// Decodes `input` into messages.
pub(super) fn messages(root: &Fields<'_>, lost: &mut Vec<String>) -> Result<Vec<Message>, Invalid> {
    match root.get("input") {
        None => return Err(root.missing("input")),
        Some(Value::String(text)) => return Ok(vec![Message::user(text)]),
        Some(Value::Array(items)) if items.is_empty() => {
            return Err(Invalid::at("input", "must not be empty"));
        }
        Some(Value::Array(_)) => {}
        Some(_) => return Err(root.wrong("input", "a string or an array of items")),
    }
    let mut messages = Vec::new();
    // A result has a text alone, so that images of results are a message of the user behind all of them.
    let mut shown = Vec::new();
    for item in root.objects("input")? {
        let kind = item.string("type")?.unwrap_or("message");
        if kind != "function_call_output" {
            messages.extend(picture(&mut shown));
        }
        match kind {
            "message" => messages.push(message(&item, lost)?),
            "function_call" => call(&item, &mut messages)?,
            "function_call_output" => messages.push(result(&item, &mut shown, lost)?),
            // Only the vendor that made it can use it.
            "reasoning" => {}
            "item_reference" => {
                return Err(Invalid::at(
                    item.here(),
                    "refers to a stored item, and no answers are stored here: send the item itself",
                ));
            }
            _ => lost.push(item.here().to_owned()),
        }
    }
    messages.extend(picture(&mut shown));
    Ok(messages)
}

/// These images as a message of the user, and none are left.
fn picture(shown: &mut Vec<Image>) -> Option<Message> {
    let images = std::mem::take(shown);
    (!images.is_empty()).then(|| Message {
        images,
        ..Message::user("")
    })
}

fn message(item: &Fields<'_>, lost: &mut Vec<String>) -> Result<Message, Invalid> {
    let role = item.required_string("role")?;
    if item.get("content").is_none() {
        return Err(item.missing("content"));
    }
    let (text, images) = content(item, "content", lost)?;
    let mut message = match role {
        "system" | "developer" => Message::system(text),
        "user" => Message::user(text),
        "assistant" => Message::assistant(text),
        _ => {
            return Err(Invalid::at(
                item.path("role"),
                "must be system, developer, user or assistant",
            ));
        }
    };
    message.images = images;
    Ok(message)
}

/// Adds a call to the turn of the assistant before it.
fn call(item: &Fields<'_>, messages: &mut Vec<Message>) -> Result<(), Invalid> {
    let call = ToolCall::new(
        item.required_string("call_id")?,
        item.required_string("name")?,
        item.required_string("arguments")?,
    );
    match messages.last_mut() {
        Some(last) if last.role == Role::Assistant => last.tool_calls.push(call),
        _ => {
            let mut turn = Message::assistant("");
            turn.tool_calls.push(call);
            messages.push(turn);
        }
    }
    Ok(())
}

/// The result of a call.
fn result(
    item: &Fields<'_>,
    shown: &mut Vec<Image>,
    lost: &mut Vec<String>,
) -> Result<Message, Invalid> {
    let id = item.required_string("call_id")?;
    if item.get("output").is_none() {
        return Err(item.missing("output"));
    }
    let (text, images) = content(item, "output", lost)?;
    shown.extend(images);
    Ok(Message::tool(id, text))
}

/// The texts of a field as one, and its images.
fn content(
    item: &Fields<'_>,
    field: &str,
    lost: &mut Vec<String>,
) -> Result<(String, Vec<Image>), Invalid> {
    match item.get(field) {
        Some(Value::String(text)) => return Ok((text.clone(), Vec::new())),
        Some(Value::Array(_)) => {}
        _ => return Err(item.wrong(field, "a string or an array of parts")),
    }
    let (mut texts, mut images) = (Vec::new(), Vec::new());
    for part in item.objects(field)? {
        match part.required_string("type")? {
            "input_text" | "output_text" | "text" => texts.push(part.required_string("text")?),
            "refusal" => texts.push(part.required_string("refusal")?),
            "input_image" if part.get("image_url").is_some() => {
                let url = part.required_string("image_url")?;
                images.push(image(url, part.path("image_url"))?);
            }
            _ => lost.push(part.here().to_owned()),
        }
    }
    Ok((join(&texts), images))
}
