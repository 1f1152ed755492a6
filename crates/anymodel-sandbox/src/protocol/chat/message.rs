//! Decoding of one message of a chat completions request.

use anymodel_types::{Image, Message, ToolCall};
use serde_json::Value;

use crate::protocol::Invalid;
use crate::protocol::fields::Fields;
use crate::protocol::settings::{image, join};

/// Decodes a message; `None` for one that the types cannot hold, whose path is listed as lost.
pub(super) fn message(
    fields: &Fields<'_>,
    lost: &mut Vec<String>,
) -> Result<Option<Message>, Invalid> {
    let role = fields.required_string("role")?;
    let (text, images) = content(fields, lost)?;
    let mut message = match role {
        "system" | "developer" => Message::system(text),
        "user" => Message::user(text),
        "assistant" => Message::assistant(text),
        "tool" => Message::tool(fields.required_string("tool_call_id")?, text),
        // The result of a function in the protocol before tools.
        "function" => {
            lost.push(fields.here().to_owned());
            return Ok(None);
        }
        _ => {
            return Err(Invalid::at(
                fields.path("role"),
                "must be system, developer, user, assistant or tool",
            ));
        }
    };
    // An assistant that only calls tools, or was silent, has no content.
    if role != "assistant" && fields.get("content").is_none() {
        return Err(fields.missing("content"));
    }
    message.images = images;
    if role == "assistant" {
        for call in fields.objects("tool_calls")? {
            message.tool_calls.extend(tool_call(&call, lost)?);
        }
    }
    Ok(Some(message))
}

/// The texts of a message as one, and its images.
fn content(fields: &Fields<'_>, lost: &mut Vec<String>) -> Result<(String, Vec<Image>), Invalid> {
    match fields.get("content") {
        None => return Ok((String::new(), Vec::new())),
        Some(Value::String(text)) => return Ok((text.clone(), Vec::new())),
        Some(Value::Array(_)) => {}
        Some(_) => return Err(fields.wrong("content", "a string or an array of parts")),
    }
    let (mut texts, mut images) = (Vec::new(), Vec::new());
    for part in fields.objects("content")? {
        match part.string("type")? {
            Some("text") => texts.push(part.required_string("text")?),
            Some("refusal") => texts.push(part.required_string("refusal")?),
            Some("image_url") => images.push(image_part(&part)?),
            Some(_) => lost.push(part.here().to_owned()),
            None => return Err(part.missing("type")),
        }
    }
    Ok((join(&texts), images))
}

fn image_part(part: &Fields<'_>) -> Result<Image, Invalid> {
    // Some clients leave out the object around the address.
    if let Some(Value::String(url)) = part.get("image_url") {
        return image(url, part.path("image_url"));
    }
    let holder = part.object("image_url")?;
    let holder = holder.ok_or_else(|| part.missing("image_url"))?;
    image(holder.required_string("url")?, holder.path("url"))
}

fn tool_call(call: &Fields<'_>, lost: &mut Vec<String>) -> Result<Option<ToolCall>, Invalid> {
    if call.string("type")?.is_some_and(|kind| kind != "function") {
        lost.push(call.here().to_owned());
        return Ok(None);
    }
    let function = call.object("function")?;
    let function = function.ok_or_else(|| call.missing("function"))?;
    Ok(Some(ToolCall::new(
        call.required_string("id")?,
        function.required_string("name")?,
        function.string("arguments")?.unwrap_or_default(),
    )))
}
