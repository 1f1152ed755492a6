//! Settings that several protocols share: names of models, sampling, reasoning, response format, tools, images.

use anymodel_types::{Image, Reasoning, ResponseFormat, ToolChoice, ToolSpec};
use serde_json::{Value, json};

use super::fields::Fields;
use super::{Decoded, Invalid};

/// Reads the fields that all protocols have: `model`, `models`, `stream`, `temperature` and `top_p`.
pub(super) fn common(root: &Fields<'_>, warmest: f64) -> Result<Decoded, Invalid> {
    let mut decoded = Decoded {
        model: root.owned_string("model")?,
        models: root.strings("models")?,
        stream: root.flag("stream")?.unwrap_or(false),
        include_usage: true,
        ..Decoded::default()
    };
    if decoded.names().is_empty() {
        return Err(root.missing("model"));
    }
    if let Some(at) = decoded
        .names()
        .iter()
        .position(|name| name.trim().is_empty())
    {
        let field = if at == 0 { "model" } else { "models" };
        return Err(Invalid::at(field, "must not be empty"));
    }
    decoded.request.temperature = root.number("temperature", 0.0, warmest)?;
    decoded.request.top_p = root.number("top_p", 0.0, 1.0)?;
    Ok(decoded)
}

/// Lists those of these fields that are set as lost.
pub(super) fn lose(root: &Fields<'_>, fields: &[&str], lost: &mut Vec<String>) {
    let empty =
        |value: &Value| value.as_array().is_some_and(Vec::is_empty) || *value == Value::Bool(false);
    let set = fields
        .iter()
        .filter(|field| root.get(field).is_some_and(|value| !empty(value)));
    lost.extend(set.map(|field| root.path(field)));
}

/// A word for the reasoning effort.
pub(super) fn effort(fields: &Fields<'_>, key: &str) -> Result<Option<Reasoning>, Invalid> {
    let Some(word) = fields.string(key)? else {
        return Ok(None);
    };
    match word {
        "none" => Ok(Some(Reasoning::Off)),
        "minimal" | "low" => Ok(Some(Reasoning::Low)),
        "medium" => Ok(Some(Reasoning::Medium)),
        "high" | "xhigh" | "max" => Ok(Some(Reasoning::High)),
        _ => Err(Invalid::at(
            fields.path(key),
            "must be none, minimal, low, medium, high or xhigh",
        )),
    }
}

/// A response format. The name and the schema are fields of `holder`.
pub(super) fn response_format<'a>(
    format: &Fields<'a>,
    holder: impl FnOnce(&Fields<'a>) -> Result<Fields<'a>, Invalid>,
) -> Result<ResponseFormat, Invalid> {
    match format.required_string("type")? {
        "text" => Ok(ResponseFormat::Text),
        "json_object" => Ok(ResponseFormat::JsonObject),
        "json_schema" => {
            let holder = holder(format)?;
            let schema = holder.object("schema")?;
            let schema = schema.and_then(|_| holder.get("schema"));
            Ok(ResponseFormat::JsonSchema {
                name: holder.string("name")?.unwrap_or("answer").to_owned(),
                schema: schema.ok_or_else(|| holder.missing("schema"))?.clone(),
            })
        }
        _ => Err(Invalid::at(
            format.path("type"),
            "must be text, json_object or json_schema",
        )),
    }
}

/// A function tool with the schema of its arguments in the field `schema`.
pub(super) fn function(fields: &Fields<'_>, schema: &str) -> Result<ToolSpec, Invalid> {
    fields.object(schema)?;
    let parameters = fields.get(schema).cloned();
    Ok(ToolSpec::new(
        fields.required_string("name")?,
        fields.string("description")?.unwrap_or_default(),
        parameters.unwrap_or_else(|| json!({ "type": "object", "properties": {} })),
    ))
}

/// `tool_choice` as OpenAI has it: a word, or the name of a function, which `name` finds. A choice among several tools is
/// lost.
pub(super) fn tool_choice<'a>(
    root: &Fields<'a>,
    name: impl FnOnce(&Fields<'a>) -> Result<Option<&'a str>, Invalid>,
    lost: &mut Vec<String>,
) -> Result<ToolChoice, Invalid> {
    const WANTED: &str = "must be none, auto, required or an object that names a function";
    let wrong = || Invalid::at("tool_choice", WANTED);
    match root.get("tool_choice") {
        None => Ok(ToolChoice::Auto),
        Some(Value::String(word)) => match word.as_str() {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::None),
            "required" => Ok(ToolChoice::Required),
            _ => Err(wrong()),
        },
        Some(Value::Object(_)) => {
            let choice = root.object("tool_choice")?.ok_or_else(wrong)?;
            match choice.string("type")? {
                None | Some("function") => Ok(ToolChoice::Named(
                    name(&choice)?.ok_or_else(wrong)?.to_owned(),
                )),
                Some(_) => {
                    lost.push("tool_choice".to_owned());
                    Ok(ToolChoice::Auto)
                }
            }
        }
        Some(_) => Err(wrong()),
    }
}

/// An image at an address, or in a `data:` address.
pub(super) fn image(url: &str, path: String) -> Result<Image, Invalid> {
    let Some(data) = url.strip_prefix("data:") else {
        return match url.is_empty() {
            true => Err(Invalid::at(path, "must not be empty")),
            false => Ok(Image::url(url)),
        };
    };
    match data.split_once(";base64,") {
        Some((kind, base64)) if kind.starts_with("image/") && !base64.is_empty() => {
            Ok(Image::Data {
                media_type: kind.to_owned(),
                base64: base64.to_owned(),
            })
        }
        _ => Err(Invalid::at(
            path,
            "must be an address, or a data URL such as data:image/png;base64,…",
        )),
    }
}

/// The texts of several parts as one.
pub(super) fn join(texts: &[&str]) -> String {
    texts.join("\n")
}
