//! The JSON that comes back, whole or in events, read leniently.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::chat::{FinishReason, ToolCall};
use crate::platform::adapter::read_json;
use crate::platform::{Answer, Outcome, Piece};
use crate::usage::Usage;

/// A whole answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply {
    output: Output,
    stop_reason: Option<String>,
    usage: Option<Tokens>,
    trace: Option<Value>,
}

#[derive(Deserialize)]
struct Output {
    message: Said,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    content: Vec<Value>,
}

/// `inputTokens` leaves out what went through the cache, in either direction.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Tokens {
    input_tokens: u64,
    output_tokens: u64,
    cache_read_input_tokens: Option<u64>,
    cache_write_input_tokens: Option<u64>,
}

impl Tokens {
    fn prompt(&self) -> u64 {
        let read = self.cache_read_input_tokens.unwrap_or(0);
        let written = self.cache_write_input_tokens.unwrap_or(0);
        self.input_tokens
            .saturating_add(read)
            .saturating_add(written)
    }
}

impl Reply {
    pub(super) fn into_answer(self) -> Answer {
        let mut answer = Answer {
            model: self.trace.as_ref().and_then(routed_to),
            finish_reason: self.stop_reason.as_deref().map(finish_reason),
            usage: self.usage.map(|tokens| Usage {
                prompt_tokens: tokens.prompt(),
                completion_tokens: tokens.output_tokens,
                total_tokens: tokens.prompt().saturating_add(tokens.output_tokens),
                reasoning_tokens: None,
                cached_tokens: tokens.cache_read_input_tokens,
            }),
            ..Answer::default()
        };
        let mut state = Vec::new();
        for block in self.output.message.content {
            if let Some(text) = block["text"].as_str() {
                answer.text.push_str(text);
            } else if block["toolUse"].is_object() {
                let call = &block["toolUse"];
                let word = |field: &str| call[field].as_str().unwrap_or_default();
                answer.tool_calls.push(ToolCall::new(
                    word("toolUseId"),
                    word("name"),
                    call["input"].to_string(),
                ));
            } else if block["reasoningContent"].is_object() {
                if let Some(text) = block["reasoningContent"]["reasoningText"]["text"].as_str() {
                    answer.reasoning.get_or_insert_default().push_str(text);
                }
                state.push(block);
            }
        }
        answer.state = (!state.is_empty()).then_some(Value::Array(state));
        answer
    }
}

/// Reads one event of a stream. What carries no part of the answer, now or in a later version, is passed over.
pub(super) fn event(name: &str, data: &str, pieces: &mut Vec<Piece>) -> Outcome<()> {
    match name {
        "contentBlockStart" => start(&read_json(data)?, pieces),
        "contentBlockDelta" => delta(&read_json(data)?, pieces),
        "messageStop" => {
            let event: Value = read_json(data)?;
            let reason = event["stopReason"].as_str().map(finish_reason);
            pieces.extend(reason.map(Piece::Finish));
        }
        "metadata" => metadata(&read_json(data)?, pieces)?,
        _ => {}
    }
    Ok(())
}

fn start(event: &Value, pieces: &mut Vec<Piece>) {
    let call = &event["start"]["toolUse"];
    if call.is_object() {
        let word = |field: &str| call[field].as_str().map(str::to_owned);
        pieces.push(Piece::ToolCall {
            index: index(event),
            id: word("toolUseId"),
            name: word("name"),
            arguments: String::new(),
        });
    }
}

fn delta(event: &Value, pieces: &mut Vec<Piece>) {
    let delta = &event["delta"];
    if let Some(text) = delta["text"].as_str() {
        pieces.push(Piece::Text(text.to_owned()));
    }
    if let Some(arguments) = delta["toolUse"]["input"].as_str() {
        pieces.push(Piece::ToolCall {
            index: index(event),
            id: None,
            name: None,
            arguments: arguments.to_owned(),
        });
    }
    if let Some(thought) = delta["reasoningContent"].as_object() {
        if let Some(text) = thought.get("text").and_then(Value::as_str) {
            pieces.push(Piece::Reasoning(text.to_owned()));
        }
        // It has to go back whole and signed; here it comes in parts, which `encode` puts together by their number.
        let part = json!({ "block": index(event), "part": thought });
        pieces.push(Piece::State(part));
    }
}

fn metadata(event: &Value, pieces: &mut Vec<Piece>) -> Outcome<()> {
    pieces.extend(routed_to(&event["trace"]).map(Piece::Model));
    if event["usage"].is_object() {
        let tokens: Tokens = read_json(&event["usage"].to_string())?;
        pieces.push(Piece::Usage {
            prompt_tokens: Some(tokens.prompt()),
            completion_tokens: Some(tokens.output_tokens),
            reasoning_tokens: None,
            cached_tokens: tokens.cache_read_input_tokens,
        });
    }
    Ok(())
}

fn index(event: &Value) -> Option<usize> {
    usize::try_from(event["contentBlockIndex"].as_u64()?).ok()
}

/// Which model answered, when a prompt router chose it; nothing else tells.
fn routed_to(trace: &Value) -> Option<String> {
    let model = trace["promptRouter"]["invokedModelId"].as_str()?;
    Some(model.to_owned())
}

fn finish_reason(word: &str) -> FinishReason {
    match word {
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "guardrail_intervened" | "content_filtered" => FinishReason::ContentFilter,
        other => FinishReason::Other(other.to_owned()),
    }
}
