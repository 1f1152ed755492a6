//! Optional request fields in Converse's format, and errors for options that Converse does not have.

use serde_json::{Map, Value, json};

use crate::{PlatformRequest, capability_check};
use anymodel_types::{ChatRequest, Error, Reasoning, ResponseFormat, Result, ToolChoice, words};

const WHO: &str = "Bedrock's Converse";

/// The smallest reasoning budget that Claude accepts, in tokens.
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html>
const LEAST_THINKING: u32 = 1024;

/// The error for an option that Converse does not have, and what to do instead.
pub(super) fn unsupported(what: &str, hint: &str) -> Error {
    capability_check::unsupported(WHO, what, hint)
}

/// Refuses options without a field in the protocol: they would be lost silently.
pub(super) fn refuse_the_unknown(ask: &PlatformRequest<'_>) -> Result<()> {
    let request = ask.request;
    capability_check::no_choice(WHO, ask)?;
    let unknown = [
        ("seed", request.seed.is_some()),
        (
            words::capabilities().presence_penalty(),
            request.presence_penalty.is_some(),
        ),
        (
            words::capabilities().frequency_penalty(),
            request.frequency_penalty.is_some(),
        ),
    ];
    if let Some((name, _)) = unknown.into_iter().find(|(_, is_set)| *is_set) {
        return Err(unsupported(
            &words::capabilities().knows_no(&name),
            words::capabilities().leave_it_out_or_ask_elsewhere(),
        ));
    }
    if request
        .temperature
        .is_some_and(|temperature| temperature > 1.0)
    {
        return Err(unsupported(
            words::capabilities().takes_a_temperature_from_0_to_1(),
            words::capabilities().lower_it(),
        ));
    }
    Ok(())
}

pub(super) fn limits(request: &ChatRequest) -> Option<Value> {
    let mut limits = Map::new();
    let mut set = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            limits.insert(field.to_owned(), value);
        }
    };
    set("maxTokens", request.max_tokens.map(Value::from));
    set("temperature", request.temperature.map(Value::from));
    set("topP", request.top_p.map(Value::from));
    set(
        "stopSequences",
        (!request.stop.is_empty()).then(|| json!(request.stop)),
    );
    (!limits.is_empty()).then_some(Value::Object(limits))
}

/// Converse has no tool choice "none". Sending no tools does the same, unless the conversation already holds calls.
pub(super) fn check_tools(request: &ChatRequest) -> Result<()> {
    let mut turns = request.messages.iter();
    if request.tool_choice == ToolChoice::None && turns.any(|turn| !turn.tool_calls.is_empty()) {
        return Err(unsupported(
            words::capabilities().cannot_forbid_tools_in_a_conversation(),
            words::capabilities().leave_the_choice_of_tools_to_the_model(),
        ));
    }
    Ok(())
}

pub(super) fn tools(request: &ChatRequest) -> Option<Value> {
    let choice = match &request.tool_choice {
        ToolChoice::Auto => json!({ "auto": {} }),
        ToolChoice::Required => json!({ "any": {} }),
        ToolChoice::Named(name) => json!({ "tool": { "name": name } }),
        ToolChoice::None => return None,
    };
    if request.tools.is_empty() {
        return None;
    }
    let tools: Vec<_> = request
        .tools
        .iter()
        .map(|tool| {
            let mut spec = json!({ "name": tool.name, "inputSchema": { "json": tool.parameters } });
            if !tool.description.is_empty() {
                spec["description"] = tool.description.as_str().into();
            }
            json!({ "toolSpec": spec })
        })
        .collect();
    Some(json!({ "tools": tools, "toolChoice": choice }))
}

/// The response format. Some models do not support it, and Bedrock then returns an error.
pub(super) fn form(format: &ResponseFormat) -> Result<Option<Value>> {
    match format {
        ResponseFormat::Text => Ok(None),
        ResponseFormat::JsonObject => Err(unsupported(
            words::capabilities().knows_no_json_without_a_schema(),
            words::capabilities().give_a_schema(),
        )),
        ResponseFormat::JsonSchema { name, schema } => Ok(Some(json!({
            "textFormat": {
                "type": "json_schema",
                "structure": { "jsonSchema": { "name": name, "schema": schema.to_string() } },
            },
        }))),
    }
}

/// The reasoning setting. Each model has its own field for it, outside the protocol.
pub(super) fn thinking(ask: &PlatformRequest<'_>) -> Result<Option<Value>> {
    let Some(reasoning) = ask.request.reasoning else {
        return Ok(None);
    };
    let (budget, effort) = match reasoning {
        // These models reason only on request, or reasoning cannot be turned off.
        Reasoning::Off => return Ok(None),
        Reasoning::Low => (LEAST_THINKING, "low"),
        Reasoning::Medium => (4 * LEAST_THINKING, "medium"),
        Reasoning::High => (16 * LEAST_THINKING, "high"),
        Reasoning::Tokens(most) if most <= 2 * LEAST_THINKING => (most, "low"),
        Reasoning::Tokens(most) if most <= 8 * LEAST_THINKING => (most, "medium"),
        Reasoning::Tokens(most) => (most, "high"),
    };
    if ask.model.contains("anthropic.") {
        // The answer needs tokens besides the reasoning.
        let room = ask
            .request
            .max_tokens
            .map_or(u32::MAX, |most| most.saturating_sub(1));
        let budget = budget.max(LEAST_THINKING).min(room);
        if budget < LEAST_THINKING {
            return Err(unsupported(
                &words::capabilities().lets_claude_think_with_at_least(&LEAST_THINKING),
                words::capabilities().allow_a_longer_answer(),
            ));
        }
        return Ok(Some(
            json!({ "thinking": { "type": "enabled", "budget_tokens": budget } }),
        ));
    }
    if ask.model.contains("openai.") {
        return Ok(Some(json!({ "reasoning_effort": effort })));
    }
    Err(unsupported(
        words::capabilities().has_no_common_word_for_reasoning(),
        words::capabilities().leave_reasoning_to_the_model(),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::encode::encode;
    use super::*;
    use anymodel_types::{ErrorKind, Message};

    fn body(response_format: ResponseFormat) -> Result<Value> {
        let request = ChatRequest {
            messages: vec![Message::user("What colour is it?")],
            response_format,
            ..ChatRequest::default()
        };
        encode(&PlatformRequest::new(&request, "anthropic.claude-x-v1:0"))
    }

    #[test]
    fn a_schema_goes_out_as_text_and_json_without_one_is_refused() {
        let body_with = body(ResponseFormat::JsonSchema {
            name: "colour".to_owned(),
            schema: json!({ "type": "object" }),
        });
        assert_eq!(
            body_with.unwrap()["outputConfig"],
            json!({ "textFormat": {
                "type": "json_schema",
                "structure": { "jsonSchema": { "name": "colour", "schema": r#"{"type":"object"}"# } },
            } })
        );
        let refused = body(ResponseFormat::JsonObject).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidRequest);
    }
}
