//! Decoding of a Responses request.

use anymodel_types::{Message, ToolSpec};
use serde_json::{Map, Value};

use super::items::messages;
use crate::protocol::fields::{Fields, object};
use crate::protocol::settings::{common, effort, function, lose, response_format, tool_choice};
use crate::protocol::{Decoded, Invalid};

/// Fields that change the answer and that a [`ChatRequest`](anymodel_types::ChatRequest) does not have.
const LOST: [&str; 3] = ["include", "max_tool_calls", "top_logprobs"];

/// Fields that a response repeats as they were sent.
const ECHO: [&str; 11] = [
    "instructions",
    "max_output_tokens",
    "metadata",
    "parallel_tool_calls",
    "reasoning",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_p",
    "user",
];

/// Decodes the body of a Responses request.
///
/// # Errors
/// [`Invalid`] for a body that is no JSON object, for a missing field or one of the wrong type, and for a request that
/// needs stored answers: `previous_response_id`, `conversation`, `prompt`, `background`, items that refer to others.
pub fn read(body: &[u8]) -> Result<Decoded, Invalid> {
    let map = object(body)?;
    let root = Fields::root(&map);
    stateless(&root)?;
    let mut decoded = common(&root, 2.0)?;
    decoded.echo = echo(&map);
    let (request, lost) = (&mut decoded.request, &mut decoded.lost);
    if let Some(instructions) = root.string("instructions")? {
        request.messages.push(Message::system(instructions));
    }
    request.messages.extend(messages(&root, lost)?);
    request.max_tokens = root.count("max_output_tokens")?;
    if let Some(reasoning) = root.object("reasoning")? {
        request.reasoning = effort(&reasoning, "effort")?;
    }
    request.tools = tools(&root, lost)?;
    request.tool_choice = tool_choice(&root, |choice| choice.string("name"), lost)?;
    let text = root.object("text")?;
    if let Some(format) = text
        .map(|text| text.object("format"))
        .transpose()?
        .flatten()
    {
        request.response_format = response_format(&format, |format| Ok(format.clone()))?;
    }
    if root.flag("parallel_tool_calls")? == Some(false) {
        lost.push("parallel_tool_calls".to_owned());
    }
    lose(&root, &LOST, lost);
    Ok(decoded)
}

/// Refuses what needs stored answers.
fn stateless(root: &Fields<'_>) -> Result<(), Invalid> {
    for (field, cure) in [
        (
            "previous_response_id",
            "send the whole conversation in `input`",
        ),
        ("conversation", "send the whole conversation in `input`"),
        ("prompt", "send its text in `instructions` and `input`"),
    ] {
        if root.get(field).is_some() {
            return Err(Invalid::at(
                field,
                format_args!("is not supported, because no answers are stored here: {cure}"),
            ));
        }
    }
    match root.flag("background")? {
        Some(true) => Err(Invalid::at(
            "background",
            "is not supported, because no answers are stored here: use `stream`, or wait for the answer",
        )),
        _ => Ok(()),
    }
}

fn echo(map: &Map<String, Value>) -> Map<String, Value> {
    let sent = map
        .iter()
        .filter(|(name, value)| ECHO.contains(&name.as_str()) && !value.is_null());
    sent.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn tools(root: &Fields<'_>, lost: &mut Vec<String>) -> Result<Vec<ToolSpec>, Invalid> {
    let mut tools = Vec::new();
    for tool in root.objects("tools")? {
        match tool.required_string("type")? {
            "function" => tools.push(function(&tool, "parameters")?),
            // A tool of the server's own, or one whose input is no JSON.
            _ => lost.push(tool.here().to_owned()),
        }
    }
    Ok(tools)
}
