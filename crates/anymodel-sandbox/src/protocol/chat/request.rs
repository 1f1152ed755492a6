//! Decoding of a chat completions request, with OpenRouter's fields.

use anymodel_types::{ChatRequest, Reasoning, ToolSpec};
use rust_decimal::Decimal;

use super::message::message;
use crate::protocol::fields::{Fields, object};
use crate::protocol::settings::{common, effort, function, lose, response_format, tool_choice};
use crate::protocol::{Decoded, Invalid};

/// Fields that change the answer and that a [`ChatRequest`] does not have.
const LOST: [&str; 8] = [
    "audio",
    "functions",
    "function_call",
    "logit_bias",
    "logprobs",
    "modalities",
    "prediction",
    "web_search_options",
];

/// Decodes the body of a chat completions request.
///
/// # Errors
/// [`Invalid`] for a body that is no JSON object, and for a missing field or one of the wrong type.
pub fn read(body: &[u8]) -> Result<Decoded, Invalid> {
    let map = object(body)?;
    let root = Fields::root(&map);
    let mut decoded = common(&root, 2.0)?;
    let options = root.object("stream_options")?;
    let asked = options.map(|options| options.flag("include_usage"));
    decoded.include_usage = asked.transpose()?.flatten().unwrap_or(false);
    let (request, lost) = (&mut decoded.request, &mut decoded.lost);
    for fields in root.objects("messages")? {
        request.messages.extend(message(&fields, lost)?);
    }
    if root.get("messages").is_none() {
        return Err(root.missing("messages"));
    }
    if request.messages.is_empty() {
        return Err(Invalid::at("messages", "must not be empty"));
    }
    request.max_tokens = match root.count("max_completion_tokens")? {
        Some(most) => Some(most),
        None => root.count("max_tokens")?,
    };
    request.stop = root.one_or_more("stop")?;
    request.seed = root.integer("seed")?;
    request.presence_penalty = root.number("presence_penalty", -2.0, 2.0)?;
    request.frequency_penalty = root.number("frequency_penalty", -2.0, 2.0)?;
    request.reasoning = reasoning(&root)?;
    request.tools = tools(&root, lost)?;
    request.tool_choice = tool_choice(
        &root,
        |choice| {
            choice
                .object("function")?
                .map_or(Ok(None), |f| f.string("name"))
        },
        lost,
    )?;
    if let Some(format) = root.object("response_format")? {
        request.response_format = response_format(&format, |format| {
            format
                .object("json_schema")?
                .ok_or_else(|| format.missing("json_schema"))
        })?;
    }
    if root.integer("n")?.is_some_and(|n| n != 1) {
        lost.push("n".to_owned());
    }
    lose(&root, &LOST, lost);
    provider(&root, request)?;
    Ok(decoded)
}

fn reasoning(root: &Fields<'_>) -> Result<Option<Reasoning>, Invalid> {
    if let Some(effort) = effort(root, "reasoning_effort")? {
        return Ok(Some(effort));
    }
    let Some(asked) = root.object("reasoning")? else {
        return Ok(None);
    };
    if asked.flag("enabled")? == Some(false) {
        return Ok(Some(Reasoning::Off));
    }
    if let Some(most) = asked.count("max_tokens")? {
        return Ok(Some(Reasoning::Tokens(most)));
    }
    match effort(&asked, "effort")? {
        Some(effort) => Ok(Some(effort)),
        None => Ok(asked.flag("enabled")?.map(|_| Reasoning::Medium)),
    }
}

fn tools(root: &Fields<'_>, lost: &mut Vec<String>) -> Result<Vec<ToolSpec>, Invalid> {
    let mut tools = Vec::new();
    for tool in root.objects("tools")? {
        match tool.string("type")? {
            None | Some("function") => {
                let named = tool.object("function")?;
                let named = named.ok_or_else(|| tool.missing("function"))?;
                tools.push(function(&named, "parameters")?);
            }
            // A tool of the server's own.
            Some(_) => lost.push(tool.here().to_owned()),
        }
    }
    Ok(tools)
}

/// OpenRouter's `provider`: the hosts that may serve the request, and the highest price.
fn provider(root: &Fields<'_>, request: &mut ChatRequest) -> Result<(), Invalid> {
    let Some(provider) = root.object("provider")? else {
        return Ok(());
    };
    request.hosts = provider.strings("only")?;
    let Some(most) = provider.object("max_price")? else {
        return Ok(());
    };
    let price = |key: &str| -> Result<Option<Decimal>, Invalid> {
        let Some(value) = most.get(key) else {
            return Ok(None);
        };
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let price = text.parse().or_else(|_| Decimal::from_scientific(&text));
        price
            .map(Some)
            .map_err(|_| Invalid::at(most.path(key), "must be a price in US dollars"))
    };
    request.max_price = price("prompt")?.zip(price("completion")?);
    Ok(())
}
