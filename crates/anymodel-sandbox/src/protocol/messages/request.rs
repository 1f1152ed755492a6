//! Decoding of a Messages request.

use anymodel_types::{Message, Reasoning, ResponseFormat, ToolChoice, ToolSpec};
use serde_json::{Map, Value};

use super::turns::turn;
use crate::protocol::fields::{Fields, object};
use crate::protocol::settings::{common, effort, function, join, lose};
use crate::protocol::{Decoded, Invalid};

/// Fields that change the answer and that a [`ChatRequest`](anymodel_types::ChatRequest) does not have.
const LOST: [&str; 4] = ["container", "context_management", "mcp_servers", "top_k"];

/// Decodes the body of a Messages request.
///
/// Reasoning of earlier turns is left out: only the vendor that signed it can use it.
///
/// # Errors
/// [`Invalid`] for a body that is no JSON object, and for a missing field or one of the wrong type.
pub fn read(body: &[u8]) -> Result<Decoded, Invalid> {
    read_map(&object(body)?, true)
}

/// Decodes the body of a request to count tokens, which needs no `max_tokens`.
///
/// # Errors
/// As [`read`].
pub fn read_to_count(body: &[u8]) -> Result<Decoded, Invalid> {
    read_map(&object(body)?, false)
}

fn read_map(map: &Map<String, Value>, needs_limit: bool) -> Result<Decoded, Invalid> {
    let root = Fields::root(map).dotted();
    let mut decoded = common(&root, 1.0)?;
    let (request, lost) = (&mut decoded.request, &mut decoded.lost);
    request.max_tokens = root.count("max_tokens")?;
    if needs_limit && request.max_tokens.is_none() {
        return Err(root.missing("max_tokens"));
    }
    if root.get("messages").is_none() {
        return Err(root.missing("messages"));
    }
    request.messages.extend(system(&root)?);
    let turns = root.objects("messages")?;
    if turns.is_empty() {
        return Err(Invalid::at("messages", "at least one message is required"));
    }
    for fields in turns {
        request.messages.extend(turn(&fields, lost)?);
    }
    request.stop = root.strings("stop_sequences")?;
    request.reasoning = thinking(&root)?;
    request.tools = tools(&root, lost)?;
    request.tool_choice = tool_choice(&root, lost)?;
    request.response_format = format(&root)?;
    lose(&root, &LOST, lost);
    Ok(decoded)
}

/// The system prompt: a string or text blocks.
fn system(root: &Fields<'_>) -> Result<Option<Message>, Invalid> {
    match root.get("system") {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(Message::system(text))),
        Some(Value::Array(_)) => {
            let blocks = root.objects("system")?;
            let texts: Result<Vec<&str>, Invalid> = blocks
                .iter()
                .map(|block| block.required_string("text"))
                .collect();
            let text = join(&texts?);
            Ok((!text.is_empty()).then(|| Message::system(text)))
        }
        Some(_) => Err(root.wrong("system", "a string or a list of text blocks")),
    }
}

fn thinking(root: &Fields<'_>) -> Result<Option<Reasoning>, Invalid> {
    let Some(thinking) = root.object("thinking")? else {
        return Ok(None);
    };
    match thinking.required_string("type")? {
        "disabled" => Ok(Some(Reasoning::Off)),
        // The model decides; the effort is its hint.
        "adaptive" => {
            let config = root.object("output_config")?;
            let effort = config.map(|config| effort(&config, "effort"));
            Ok(effort.transpose()?.flatten().or(Some(Reasoning::Medium)))
        }
        "enabled" => {
            let budget = thinking.count("budget_tokens")?;
            let budget = budget.ok_or_else(|| thinking.missing("budget_tokens"))?;
            Ok(Some(Reasoning::Tokens(budget)))
        }
        _ => Err(Invalid::at(
            thinking.path("type"),
            "must be enabled, adaptive or disabled",
        )),
    }
}

fn tools(root: &Fields<'_>, lost: &mut Vec<String>) -> Result<Vec<ToolSpec>, Invalid> {
    let mut tools = Vec::new();
    for tool in root.objects("tools")? {
        match tool.string("type")? {
            None | Some("custom") => {
                if tool.get("input_schema").is_none() {
                    return Err(tool.missing("input_schema"));
                }
                tools.push(function(&tool, "input_schema")?);
            }
            // A tool of the vendor's own.
            Some(_) => lost.push(tool.here().to_owned()),
        }
    }
    Ok(tools)
}

fn tool_choice(root: &Fields<'_>, lost: &mut Vec<String>) -> Result<ToolChoice, Invalid> {
    let Some(choice) = root.object("tool_choice")? else {
        return Ok(ToolChoice::Auto);
    };
    if choice.flag("disable_parallel_tool_use")? == Some(true) {
        lost.push(choice.path("disable_parallel_tool_use"));
    }
    match choice.required_string("type")? {
        "auto" => Ok(ToolChoice::Auto),
        "any" => Ok(ToolChoice::Required),
        "none" => Ok(ToolChoice::None),
        "tool" => Ok(ToolChoice::Named(
            choice.required_string("name")?.to_owned(),
        )),
        _ => Err(Invalid::at(
            choice.path("type"),
            "must be auto, any, tool or none",
        )),
    }
}

/// `output_config.format`, and its older name `output_format`.
fn format(root: &Fields<'_>) -> Result<ResponseFormat, Invalid> {
    let config = root.object("output_config")?;
    let newer = config.map(|config| config.object("format")).transpose()?;
    let Some(format) = newer
        .flatten()
        .map_or_else(|| root.object("output_format"), |f| Ok(Some(f)))?
    else {
        return Ok(ResponseFormat::Text);
    };
    match (format.string("type")?, format.object("schema")?) {
        (Some("json_schema"), Some(_)) => Ok(ResponseFormat::JsonSchema {
            name: "answer".to_owned(),
            schema: format.get("schema").cloned().unwrap_or_default(),
        }),
        _ => Err(Invalid::at(
            format.here(),
            "must be {\"type\": \"json_schema\", \"schema\": {…}}",
        )),
    }
}
