//! Request encoding for chat completions: a [`PlatformRequest`] → the JSON body.

use serde_json::{Map, Value, json};

use super::provider_preferences::{choose, limit_hosts};
use super::{Dialect, OpenAi, reasoning};
use crate::PlatformRequest;
use crate::capability_check::{check_abilities, check_model, no_choice, unsupported};
use crate::shared_encoding::arguments_text;
use anymodel_catalog::platform_spec::JsonSupport;
use anymodel_types::strict_schema;
use anymodel_types::{
    ChatRequest, Message, Reasoning, ResponseFormat, Result, Role, ToolChoice, words,
};

/// Encodes one request.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](anymodel_types::ErrorKind::InvalidRequest) for features that the platform or the model lacks.
pub(super) fn encode(ask: &PlatformRequest<'_>, to: &OpenAi) -> Result<Value> {
    let (request, dialect) = (ask.request, to.dialect);
    check(ask, to)?;
    let mut body = Map::new();
    body.insert("model".to_owned(), ask.model.into());
    body.insert("messages".to_owned(), messages(&request.messages, dialect));
    body.insert("stream".to_owned(), ask.stream.into());
    if ask.stream {
        // Without it OpenAI and others send no usage; OpenRouter sends it anyway. ZenMux refuses it without streaming.
        body.insert(
            "stream_options".to_owned(),
            json!({ "include_usage": true }),
        );
    }
    wishes(&mut body, ask, dialect);
    if dialect == Dialect::OpenRouter {
        if let Some(choice) = ask.choice {
            choose(&mut body, choice)?;
        }
        limit_hosts(&mut body, request);
    }
    Ok(Value::Object(body))
}

/// Capability check: refuses features that the platform or the model lacks.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](anymodel_types::ErrorKind::InvalidRequest), and what to do instead.
pub(super) fn check(ask: &PlatformRequest<'_>, to: &OpenAi) -> Result<()> {
    if to.is_raw {
        return check_abilities(ask.request, ask.model, to.author);
    }
    check_form(ask.request, to)?;
    check_sampling(ask, to)?;
    check_model(ask.request, ask.model, to.author)?;
    match (to.dialect, ask.choice) {
        (Dialect::OpenRouter, Some(choice)) => choose(&mut Map::new(), choice),
        (Dialect::OpenRouter, None) => Ok(()),
        _ => no_choice(to.title, ask),
    }
}

/// Refuses settings that the platform would refuse or silently ignore.
fn check_form(request: &ChatRequest, to: &OpenAi) -> Result<()> {
    let form = &request.response_format;
    match (to.json, form) {
        (_, ResponseFormat::Text)
        | (JsonSupport::Schema, _)
        | (JsonSupport::Object, ResponseFormat::JsonObject) => {}
        (JsonSupport::Object, ResponseFormat::JsonSchema { .. }) => {
            return Err(unsupported(
                to.title,
                words::capabilities().holds_no_answer_to_a_json_schema(),
                words::capabilities().ask_for_a_json_object(),
            ));
        }
        (JsonSupport::Tool, _) => {
            return Err(unsupported(
                to.title,
                words::capabilities().holds_no_answer_to_a_form_of_json_at_this_address(),
                words::capabilities().offer_a_tool_whose_arguments_have_that_form(),
            ));
        }
    }
    if to.dialect == Dialect::Glm && request.tool_choice != ToolChoice::Auto {
        return Err(unsupported(
            to.title,
            words::capabilities().knows_no_tool_choice_but_auto(),
            words::capabilities().leave_tool_choice_out_or_offer_no_tools(),
        ));
    }
    Ok(())
}

/// Refuses sampling settings for OpenAI's reasoning models, which accept only the default values.
/// Source: Azure's guide to them, <https://learn.microsoft.com/azure/ai-foundry/openai/how-to/reasoning>, section "Not
/// supported".
fn check_sampling(ask: &PlatformRequest<'_>, to: &OpenAi) -> Result<()> {
    let request = ask.request;
    // The chat models do not reason, and later models can turn reasoning off.
    let may_be_told = ask.model.contains("-chat")
        || (ask.model.starts_with("gpt-5.") && request.reasoning == Some(Reasoning::Off));
    if to.dialect != Dialect::OpenAi || !thinks(ask.model) || may_be_told {
        return Ok(());
    }
    let settings = [
        ("temperature", request.temperature, 1.0),
        ("top_p", request.top_p, 1.0),
        (
            words::capabilities().presence_penalty(),
            request.presence_penalty,
            0.0,
        ),
        (
            words::capabilities().frequency_penalty(),
            request.frequency_penalty,
            0.0,
        ),
    ];
    for (name, wished, usual) in settings {
        if wished.is_some_and(|wished| wished != usual) {
            return Err(unsupported(
                ask.model,
                &words::capabilities().thinks_before_it_answers(&name),
                &words::capabilities().leave_it_out_or_ask_one_that_does_not_think(&name),
            ));
        }
    }
    Ok(())
}

/// The optional fields. An option that is not set is not sent.
fn wishes(body: &mut Map<String, Value>, ask: &PlatformRequest<'_>, dialect: Dialect) {
    let request = ask.request;
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(field.to_owned(), value);
        }
    };
    set("temperature", request.temperature.map(Value::from));
    set(
        longest(dialect, ask.model),
        request.max_tokens.map(Value::from),
    );
    set("top_p", request.top_p.map(Value::from));
    set("seed", request.seed.map(Value::from));
    set(
        "presence_penalty",
        request.presence_penalty.map(Value::from),
    );
    set(
        "frequency_penalty",
        request.frequency_penalty.map(Value::from),
    );
    set(
        "stop",
        (!request.stop.is_empty()).then(|| json!(request.stop)),
    );
    set("tools", tools(request));
    set("tool_choice", tool_choice(request));
    set("response_format", response_format(&request.response_format));
    if dialect == Dialect::Qwen && !ask.stream && thinks_only_streamed(ask.model) {
        set("enable_thinking", Some(false.into()));
    }
    if let Some(reasoning) = request.reasoning {
        for (field, value) in thinking(reasoning, dialect, ask.model) {
            set(field, Some(value));
        }
    }
}

/// Whether this is one of Qwen 3's open models. They reason by default, and refuse to reason without streaming. Newer models
/// that always or never reason say so in their names.
/// Source: <https://help.aliyun.com/en/model-studio/deep-thinking>; seen in
/// <https://github.com/QuantumNous/new-api/pull/1109>.
fn thinks_only_streamed(model: &str) -> bool {
    let size = model.strip_prefix("qwen3-").unwrap_or_default();
    let only = ["instruct", "thinking"]
        .iter()
        .any(|word| size.contains(word));
    size.starts_with(|c: char| c.is_ascii_digit()) && size.contains('b') && !only
}

/// The field for the longest answer. OpenAI's reasoning models refuse the old field. On Azure the name of a deployment does
/// not tell its model, so the new one is used; but Azure's older API does not know the new one for other models.
/// Source: <https://platform.openai.com/docs/api-reference/chat/create>.
pub(super) fn longest(dialect: Dialect, model: &str) -> &'static str {
    let new = match dialect {
        Dialect::OpenAi | Dialect::Azure => true,
        Dialect::AzureLegacy => thinks(model),
        _ => false,
    };
    match new {
        true => "max_completion_tokens",
        false => "max_tokens",
    }
}

/// Whether this is the name of one of OpenAI's reasoning models.
fn thinks(model: &str) -> bool {
    ["o1", "o3", "o4", "gpt-5"]
        .iter()
        .any(|family| model.starts_with(family))
}

/// The reasoning setting, in each platform's fields.
///
/// Sources: OpenRouter's guide "reasoning tokens", <https://api-docs.deepseek.com/guides/thinking_mode>,
/// <https://docs.z.ai/guides/capabilities/thinking-mode>, <https://help.aliyun.com/en/model-studio/deep-thinking> and
/// OpenAI's guide "reasoning".
fn thinking(reasoning: Reasoning, dialect: Dialect, model: &str) -> Vec<(&'static str, Value)> {
    let off = reasoning == Reasoning::Off;
    let switch = json!({ "type": if off { "disabled" } else { "enabled" } });
    let effort = effort(reasoning, dialect, model).map(|word| ("reasoning_effort", word.into()));
    match (dialect, reasoning) {
        (Dialect::OpenRouter, _) => vec![("reasoning", openrouter_reasoning(reasoning))],
        (Dialect::DeepSeek, _) => [("thinking", switch)].into_iter().chain(effort).collect(),
        (Dialect::Glm, _) => vec![("thinking", switch)],
        (Dialect::Qwen, Reasoning::Tokens(most)) => {
            vec![
                ("enable_thinking", true.into()),
                ("thinking_budget", most.into()),
            ]
        }
        (Dialect::Qwen, _) => vec![("enable_thinking", (!off).into())],
        _ => effort.into_iter().collect(),
    }
}

fn openrouter_reasoning(reasoning: Reasoning) -> Value {
    match (reasoning, level(reasoning)) {
        (Reasoning::Tokens(most), _) => json!({ "max_tokens": most }),
        (_, Some(word)) => json!({ "effort": word }),
        (_, None) => json!({ "effort": "none" }),
    }
}

/// OpenAI's `reasoning_effort`. Each model accepts other values, and a model without reasoning accepts none, so "off" is
/// sent only to models that have a value for it.
fn effort(reasoning: Reasoning, dialect: Dialect, model: &str) -> Option<&'static str> {
    let openai = matches!(
        dialect,
        Dialect::OpenAi | Dialect::Azure | Dialect::AzureLegacy
    );
    match level(reasoning) {
        None if openai && model.starts_with("gpt-5.") => Some("none"),
        None if openai && model.starts_with("gpt-5") => Some("minimal"),
        level => level,
    }
}

fn level(reasoning: Reasoning) -> Option<&'static str> {
    match reasoning {
        Reasoning::Off => None,
        Reasoning::Low => Some("low"),
        Reasoning::Medium => Some("medium"),
        Reasoning::High => Some("high"),
        Reasoning::Tokens(most) => Some(match most {
            0..=2048 => "low",
            2049..=8192 => "medium",
            _ => "high",
        }),
    }
}

fn messages(messages: &[Message], dialect: Dialect) -> Value {
    messages
        .iter()
        .map(|message| turn(message, dialect))
        .collect()
}

fn turn(message: &Message, dialect: Dialect) -> Value {
    let mut turn = json!({ "role": message.role.as_str() });
    turn["content"] = match message.images.as_slice() {
        [] if message.content.is_empty() && !message.tool_calls.is_empty() => Value::Null,
        [] => message.content.as_str().into(),
        images => {
            let text = json!({ "type": "text", "text": message.content });
            let pictures = images.iter().map(
                |image| json!({ "type": "image_url", "image_url": { "url": image.to_url() } }),
            );
            std::iter::once(text).chain(pictures).collect()
        }
    };
    if !message.tool_calls.is_empty() {
        turn["tool_calls"] = message
            .tool_calls
            .iter()
            .map(|call| {
                let mut written = json!({
                    "id": call.id, "type": "function",
                    "function": { "name": call.name, "arguments": arguments_text(&call.arguments) },
                });
                if let (Some(written), Some(Value::Object(signed))) =
                    (written.as_object_mut(), &call.state)
                {
                    written.extend(signed.clone());
                }
                written
            })
            .collect();
    }
    if let Some(id) = &message.tool_call_id {
        turn["tool_call_id"] = id.as_str().into();
    }
    if message.role == Role::Assistant {
        reasoning::give_back(message, dialect, &mut turn);
    }
    turn
}

fn tools(request: &ChatRequest) -> Option<Value> {
    let tool = |tool: &anymodel_types::ToolSpec| {
        json!({
            "type": "function",
            "function": { "name": tool.name, "description": tool.description, "parameters": tool.parameters },
        })
    };
    (!request.tools.is_empty()).then(|| request.tools.iter().map(tool).collect())
}

fn tool_choice(request: &ChatRequest) -> Option<Value> {
    match &request.tool_choice {
        ToolChoice::Auto => None,
        ToolChoice::None => Some("none".into()),
        ToolChoice::Required => Some("required".into()),
        ToolChoice::Named(name) => {
            Some(json!({ "type": "function", "function": { "name": name } }))
        }
    }
}

fn response_format(format: &ResponseFormat) -> Option<Value> {
    match format {
        ResponseFormat::Text => None,
        ResponseFormat::JsonObject => Some(json!({ "type": "json_object" })),
        ResponseFormat::JsonSchema { name, schema } => Some(json!({
            "type": "json_schema",
            "json_schema": { "name": name, "strict": strict_schema::check(schema).is_ok(), "schema": schema },
        })),
    }
}
