//! `generateContent` request parser. Names may be in camelCase or snake_case, as in all of Google's JSON; an unknown name is
//! refused.

use serde_json::{Map, Value, json};

use super::turns::conversation;
use crate::error_response::ErrorResponse;
use crate::request::SandboxRequest;
use crate::request_fields::{count, number, strings};
use crate::vendor_apis::parts::{object, schema_format, text, tool};

const FIELDS: [&str; 10] = [
    "model",
    "contents",
    "systemInstruction",
    "generationConfig",
    "tools",
    "toolConfig",
    "safetySettings",
    "cachedContent",
    "labels",
    "serviceTier",
];
const SETTINGS: [&str; 20] = [
    "temperature",
    "topP",
    "topK",
    "maxOutputTokens",
    "stopSequences",
    "candidateCount",
    "seed",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "thinkingConfig",
    "presencePenalty",
    "frequencyPenalty",
    "responseLogprobs",
    "logprobs",
    "responseModalities",
    "speechConfig",
    "mediaResolution",
    "imageConfig",
    "enableEnhancedCivicAnswers",
];

pub(super) fn read(
    body: &[u8],
    model: String,
    stream: bool,
) -> Result<SandboxRequest, ErrorResponse> {
    let asked = known(object(body)?, "", &FIELDS)?;
    let settings = match asked.get("generationConfig") {
        Some(Value::Object(settings)) => {
            known(settings.clone(), " at 'generation_config'", &SETTINGS)?
        }
        _ => Map::new(),
    };
    number(&settings, "temperature", 0.0, 2.0)?;
    number(&settings, "topP", 0.0, 1.0)?;
    if settings.get("candidateCount").is_some_and(|n| *n != 1) {
        return Err(ErrorResponse::invalid(
            "Multiple candidates is not enabled for this model",
        ));
    }
    let contents = match asked.get("contents") {
        Some(Value::Array(contents)) if !contents.is_empty() => contents,
        _ => {
            return Err(ErrorResponse::invalid(
                "* GenerateContentRequest.contents: contents is not specified",
            ));
        }
    };
    let mut messages = Vec::new();
    if let Some(system) = asked.get("systemInstruction") {
        messages.push(json!({ "role": "system", "content": said(system) }));
    }
    messages.extend(conversation(contents)?);
    let mut raw = Map::new();
    raw.insert("model".into(), model.into());
    raw.insert("stream".into(), stream.into());
    raw.insert("messages".into(), messages.into());
    raw.insert("stop".into(), strings(&settings, "stopSequences")?.into());
    if let Some(most) = count(&settings, "maxOutputTokens")? {
        raw.insert("max_tokens".into(), most.into());
    }
    for (ours, theirs) in [
        ("temperature", "temperature"),
        ("top_p", "topP"),
        ("top_k", "topK"),
        ("seed", "seed"),
    ] {
        if let Some(value) = settings.get(theirs) {
            raw.insert(ours.into(), value.clone());
        }
    }
    let thinking = settings.get("thinkingConfig");
    if thinking.and_then(|t| pick(t, "includeThoughts")) == Some(&Value::Bool(true)) {
        raw.insert("reasoning".into(), json!({ "enabled": true }));
    }
    if let Some(format) = format(&settings)? {
        raw.insert("response_format".into(), format);
    }
    if let Some(tools) = asked.get("tools") {
        raw.insert("tools".into(), read_tools(tools)?);
    }
    if let Some(choice) = asked
        .get("toolConfig")
        .and_then(|c| pick(c, "functionCallingConfig"))
    {
        raw.insert("tool_choice".into(), tool_choice(choice)?);
    }
    SandboxRequest::from_raw(raw)
}

/// The fields by their camelCase names; an unknown one is an error.
fn known(
    map: Map<String, Value>,
    place: &str,
    names: &[&str],
) -> Result<Map<String, Value>, ErrorResponse> {
    let mut fields = Map::new();
    for (key, value) in map {
        let name = camel(&key);
        if !names.contains(&name.as_str()) {
            return Err(ErrorResponse::invalid(format!(
                "Invalid JSON payload received. Unknown name \"{key}\"{place}: Cannot find field."
            )));
        }
        if !value.is_null() {
            fields.insert(name, value);
        }
    }
    Ok(fields)
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut whole, word| {
        let mut letters = word.chars();
        whole.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        whole + letters.as_str()
    })
}

/// A field of an object by its camelCase name, in either spelling.
pub(super) fn pick<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let found = value
        .as_object()?
        .iter()
        .find(|(key, _)| camel(key) == name);
    found
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

/// The text of a content's parts.
fn said(content: &Value) -> String {
    text(content.get("parts"))
}

fn format(settings: &Map<String, Value>) -> Result<Option<Value>, ErrorResponse> {
    let kind = settings.get("responseMimeType").and_then(Value::as_str);
    let schema = settings
        .get("responseJsonSchema")
        .or(settings.get("responseSchema"));
    match (kind, schema) {
        (Some("application/json"), Some(schema)) => Ok(Some(schema_format(&plain_schema(schema)))),
        (Some("application/json"), None) => Ok(Some(json!({ "type": "json_object" }))),
        (_, Some(_)) => Err(ErrorResponse::invalid(
            "A response schema is supported only with the response mime type application/json",
        )),
        (None | Some("text/plain"), None) => Ok(None),
        (Some(other), None) => Err(ErrorResponse::invalid(format!(
            "response_mime_type: {other:?} is not supported"
        ))),
    }
}

/// A schema with its types in lower case: this vendor's own format has them in upper case.
fn plain_schema(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| match (key.as_str(), value) {
                ("type", Value::String(kind)) => (key.clone(), kind.to_lowercase().into()),
                _ => (key.clone(), plain_schema(value)),
            })
            .collect(),
        Value::Array(items) => items.iter().map(plain_schema).collect(),
        other => other.clone(),
    }
}

fn read_tools(tools: &Value) -> Result<Value, ErrorResponse> {
    let mut found = Vec::new();
    for declared in tools.as_array().into_iter().flatten() {
        // The vendor's own tools, such as its search, have other fields; the sandbox has none of them.
        let functions = pick(declared, "functionDeclarations").and_then(Value::as_array);
        for function in functions.into_iter().flatten() {
            if !function["name"].is_string() {
                return Err(ErrorResponse::invalid(
                    "* tools.function_declarations.name: is missing",
                ));
            }
            let parameters =
                pick(function, "parametersJsonSchema").or_else(|| pick(function, "parameters"));
            let parameters = parameters.map(plain_schema);
            found.push(tool(
                &function["name"],
                function.get("description"),
                parameters.as_ref(),
            ));
        }
    }
    Ok(found.into())
}

fn tool_choice(config: &Value) -> Result<Value, ErrorResponse> {
    let allowed = pick(config, "allowedFunctionNames").and_then(Value::as_array);
    match (
        pick(config, "mode").and_then(Value::as_str),
        allowed.map(Vec::as_slice),
    ) {
        (None | Some("AUTO" | "VALIDATED" | "MODE_UNSPECIFIED"), _) => Ok(json!("auto")),
        (Some("NONE"), _) => Ok(json!("none")),
        (Some("ANY"), Some([name])) => {
            Ok(json!({ "type": "function", "function": { "name": name } }))
        }
        (Some("ANY"), _) => Ok(json!("required")),
        (Some(other), _) => Err(ErrorResponse::invalid(format!(
            "function_calling_config.mode: {other:?} is not known"
        ))),
    }
}
