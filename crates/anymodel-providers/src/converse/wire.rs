//! Response decoding for Converse, whole or streamed, lenient about missing and malformed fields.

use serde_json::{Value, json};

use crate::adapter::read_json;
use crate::completeness::{or_its_cause, withheld};
use crate::shared_encoding::arguments_of;
use crate::{Answer, PlatformResult, RawUsage, StreamDelta, error_response};
use anymodel_types::{FinishReason, ToolCall};

/// The block type of a tool that Bedrock runs itself.
const SERVER_TOOL: &str = "server_tool_use";

/// Decodes a whole answer.
pub(super) fn answer(body: &str) -> PlatformResult<Answer> {
    let reply: Value = read_json(body)?;
    let Some(content) = reply["output"]["message"]["content"].as_array() else {
        let missing = "the server sent JSON that is no answer of Converse";
        return Err(Box::new(error_response::instead_of_answer(body, missing)));
    };
    let mut answer = Answer {
        model: routed_to(&reply["trace"]),
        finish_reason: reply["stopReason"].as_str().and_then(FinishReason::parse),
        refusal: withheld(reply["stopReason"].as_str(), None),
        usage: tokens(&reply["usage"]).usage(),
        ..Answer::default()
    };
    let mut state = Vec::new();
    for block in content {
        if let Some(text) = block["text"].as_str() {
            answer.text.push_str(text);
        } else if block["toolUse"].is_object() {
            let call = &block["toolUse"];
            let word = |field: &str| call[field].as_str().unwrap_or_default();
            if word("type") != SERVER_TOOL {
                let arguments = arguments_of(call.get("input"));
                answer
                    .tool_calls
                    .push(ToolCall::new(word("toolUseId"), word("name"), arguments));
            }
        } else if block["reasoningContent"].is_object() {
            if let Some(text) = block["reasoningContent"]["reasoningText"]["text"].as_str() {
                answer.reasoning.get_or_insert_default().push_str(text);
            }
            state.push(block.clone());
        }
    }
    answer.state = (!state.is_empty()).then_some(Value::Array(state));
    or_its_cause(answer, body)
}

/// Usage. `inputTokens` excludes cached tokens, read and written. Malformed numbers count as absent, so that they do not
/// cost the answer.
fn tokens(told: &Value) -> RawUsage {
    let count = |field: &str| {
        let number = told[field].as_f64()?;
        (0.0..9e15).contains(&number).then(|| number.round() as u64)
    };
    let (Some(sent), Some(given)) = (count("inputTokens"), count("outputTokens")) else {
        return RawUsage::default();
    };
    let (cached, cache_write) = (
        count("cacheReadInputTokens"),
        count("cacheWriteInputTokens"),
    );
    let through_the_cache: u64 = [cached, cache_write].into_iter().flatten().sum();
    RawUsage {
        prompt: Some(sent + through_the_cache),
        completion: Some(given),
        cached,
        cache_write,
        ..RawUsage::default()
    }
}

/// Decodes one event of a stream. Events without a part of the answer are ignored, also those of later versions.
pub(super) fn event(name: &str, data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<()> {
    match name {
        "contentBlockStart" => start(&read_json(data)?, deltas),
        "contentBlockDelta" => delta(&read_json(data)?, deltas),
        "messageStop" => {
            let event: Value = read_json(data)?;
            let word = event["stopReason"].as_str();
            deltas.extend(withheld(word, None).map(StreamDelta::Refusal));
            deltas.extend(word.and_then(FinishReason::parse).map(StreamDelta::Finish));
        }
        "metadata" => metadata(&read_json(data)?, deltas),
        "messageStart" | "contentBlockStop" => {}
        _ => {
            if let Some(failure) = error_response::in_other_event(name, data) {
                return Err(Box::new(failure));
            }
        }
    }
    Ok(())
}

fn start(event: &Value, deltas: &mut Vec<StreamDelta>) {
    let call = &event["start"]["toolUse"];
    if call["type"] == SERVER_TOOL {
        deltas.push(StreamDelta::ServerTool {
            index: index(event),
        });
    } else if call.is_object() {
        let word = |field: &str| call[field].as_str().map(str::to_owned);
        deltas.push(StreamDelta::ToolCall {
            index: index(event),
            id: word("toolUseId"),
            name: word("name"),
            arguments: String::new(),
            state: None,
        });
    }
}

fn delta(event: &Value, deltas: &mut Vec<StreamDelta>) {
    let delta = &event["delta"];
    if let Some(text) = delta["text"].as_str() {
        deltas.push(StreamDelta::Text(text.to_owned()));
    }
    if let Some(arguments) = delta["toolUse"]["input"].as_str() {
        deltas.push(StreamDelta::ToolCall {
            index: index(event),
            id: None,
            name: None,
            arguments: arguments.to_owned(),
            state: None,
        });
    }
    if let Some(thought) = delta["reasoningContent"].as_object() {
        if let Some(text) = thought.get("text").and_then(Value::as_str) {
            deltas.push(StreamDelta::Reasoning(text.to_owned()));
        }
        // The reasoning has to go back whole and signed. Here it comes in deltas, which `encode` joins by their index.
        let part = json!({ "block": index(event), "part": thought });
        deltas.push(StreamDelta::State(part));
    }
}

fn metadata(event: &Value, deltas: &mut Vec<StreamDelta>) {
    deltas.extend(routed_to(&event["trace"]).map(StreamDelta::Model));
    let tokens = tokens(&event["usage"]);
    if tokens.usage().is_some() {
        deltas.push(tokens.into_delta());
    }
}

fn index(event: &Value) -> Option<usize> {
    usize::try_from(event["contentBlockIndex"].as_u64()?).ok()
}

/// The model that answered, when a prompt router chose it. No other field contains it.
fn routed_to(trace: &Value) -> Option<String> {
    let model = trace["promptRouter"]["invokedModelId"].as_str()?;
    Some(model.to_owned())
}
