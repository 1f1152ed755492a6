//! Decoding of one turn of a Messages request.

use anymodel_types::{Image, Message, ToolCall};
use serde_json::Value;

use crate::protocol::Invalid;
use crate::protocol::fields::Fields;
use crate::protocol::settings::{image, join};

/// The content of a turn, taken apart.
#[derive(Default)]
struct Blocks<'a> {
    texts: Vec<&'a str>,
    images: Vec<Image>,
    calls: Vec<ToolCall>,
    results: Vec<Message>,
}

/// Decodes one turn. It becomes several messages when it contains tool results, which come first.
pub(super) fn turn(fields: &Fields<'_>, lost: &mut Vec<String>) -> Result<Vec<Message>, Invalid> {
    let role = fields.required_string("role")?;
    if role != "user" && role != "assistant" {
        return Err(Invalid::at(
            fields.path("role"),
            format_args!(
                "must be 'user' or 'assistant', not {role:?}; instructions go into the top-level `system`"
            ),
        ));
    }
    let blocks = content(fields, role, lost)?;
    let text = join(&blocks.texts);
    if role == "assistant" {
        let mut message = Message::assistant(text);
        message.tool_calls = blocks.calls;
        return Ok(vec![message]);
    }
    let mut messages = blocks.results;
    if messages.is_empty() || !text.is_empty() || !blocks.images.is_empty() {
        let mut message = Message::user(text);
        message.images = blocks.images;
        messages.push(message);
    }
    Ok(messages)
}

fn content<'a>(
    fields: &Fields<'a>,
    role: &str,
    lost: &mut Vec<String>,
) -> Result<Blocks<'a>, Invalid> {
    let mut blocks = Blocks::default();
    match fields.get("content") {
        None => return Err(fields.missing("content")),
        Some(Value::String(text)) => {
            blocks.texts.push(text);
            return Ok(blocks);
        }
        Some(Value::Array(_)) => {}
        Some(_) => return Err(fields.wrong("content", "a string or a list of blocks")),
    }
    for block in fields.objects("content")? {
        match (block.required_string("type")?, role) {
            ("text", _) => blocks.texts.push(block.required_string("text")?),
            ("image", "user") => blocks.images.push(source(&block)?),
            ("document", "user") => document(&block, &mut blocks, lost)?,
            ("tool_result", "user") => {
                let result = tool_result(&block, &mut blocks.images, lost)?;
                blocks.results.push(result);
            }
            ("tool_use", "assistant") => blocks.calls.push(tool_use(&block)?),
            ("thinking" | "redacted_thinking", "assistant") => {}
            ("image" | "document" | "tool_result" | "tool_use" | "thinking", _) => {
                return Err(Invalid::at(
                    block.path("type"),
                    format_args!("does not belong into a turn of the role '{role}'"),
                ));
            }
            _ => lost.push(block.here().to_owned()),
        }
    }
    Ok(blocks)
}

fn tool_use(block: &Fields<'_>) -> Result<ToolCall, Invalid> {
    let (id, name) = (block.required_string("id")?, block.required_string("name")?);
    block.object("input")?;
    let input = block.get("input").ok_or_else(|| block.missing("input"))?;
    Ok(ToolCall::new(id, name, input.to_string()))
}

/// A tool result. Its images move into the message of the user that follows: a result has a text alone.
fn tool_result(
    block: &Fields<'_>,
    images: &mut Vec<Image>,
    lost: &mut Vec<String>,
) -> Result<Message, Invalid> {
    let id = block.required_string("tool_use_id")?;
    let text = match block.get("content") {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(_)) => {
            let mut texts = Vec::new();
            for part in block.objects("content")? {
                match part.required_string("type")? {
                    "text" => texts.push(part.required_string("text")?),
                    "image" => images.push(source(&part)?),
                    _ => lost.push(part.here().to_owned()),
                }
            }
            join(&texts)
        }
        Some(_) => return Err(block.wrong("content", "a string or a list of blocks")),
    };
    Ok(Message::tool(id, text))
}

/// The source of an image: its bytes or its address.
fn source(block: &Fields<'_>) -> Result<Image, Invalid> {
    let source = block.object("source")?;
    let source = source.ok_or_else(|| block.missing("source"))?;
    match source.required_string("type")? {
        "url" => image(source.required_string("url")?, source.path("url")),
        "base64" => Ok(Image::Data {
            media_type: source.required_string("media_type")?.to_owned(),
            base64: source.required_string("data")?.to_owned(),
        }),
        _ => Err(Invalid::at(source.path("type"), "must be base64 or url")),
    }
}

/// A document. Only a plain text can be held.
fn document<'a>(
    block: &Fields<'a>,
    blocks: &mut Blocks<'a>,
    lost: &mut Vec<String>,
) -> Result<(), Invalid> {
    let source = block.object("source")?;
    let source = source.ok_or_else(|| block.missing("source"))?;
    match source.string("type")? {
        Some("text") => blocks.texts.push(source.required_string("data")?),
        _ => lost.push(block.here().to_owned()),
    }
    Ok(())
}
