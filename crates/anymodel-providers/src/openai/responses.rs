//! Adapter for OpenAI's Responses, passed through: text, tool calls, tokens and the end are read along.
//!
//! Source: <https://platform.openai.com/docs/api-reference/responses> and `…/responses-streaming`, read in November 2026.

use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use super::usage::WireUsage;
use super::{OpenAi, not_encoded};
use crate::adapter::read_json;
use crate::lenient::{count, lenient, object, word};
use crate::shared_encoding::says_nothing;
use crate::{
    Adapter, Answer, PlatformError, PlatformRequest, PlatformResult, StreamDelta, error_response,
};
use anymodel_types::{FinishReason, Result, ToolCall, words};

/// The path of Responses, below the base URL.
const RESPONSES: &str = "/responses";

/// The adapter for the Responses of OpenAI, OpenRouter and Azure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Responses(pub OpenAi);

impl Adapter for Responses {
    fn url(&self, base_url: &str, ask: &PlatformRequest<'_>) -> String {
        self.0.url_of(RESPONSES, base_url, ask)
    }

    fn headers(&self, key: Option<&SecretString>) -> PlatformResult<HeaderMap> {
        self.0.headers(key)
    }

    fn check(&self, ask: &PlatformRequest<'_>) -> Result<()> {
        self.0.check(ask)
    }

    fn body(&self, _ask: &PlatformRequest<'_>) -> Result<Value> {
        not_encoded()
    }

    fn server(&self) -> &'static str {
        self.0.server()
    }

    fn answer(&self, body: &str) -> PlatformResult<Answer> {
        read_json::<WireResponse>(body)?.into_answer(body)
    }

    fn event(&self, name: &str, data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        if data.trim() == "[DONE]" || says_nothing(name, data) {
            return Ok(());
        }
        read_json::<WireEvent>(data)?.read(name, data, deltas)
    }
}

/// A response, whole or inside of an event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireResponse {
    #[serde(deserialize_with = "word")]
    id: Option<String>,
    #[serde(deserialize_with = "word")]
    model: Option<String>,
    #[serde(deserialize_with = "word")]
    status: Option<String>,
    #[serde(deserialize_with = "lenient")]
    output: Option<Vec<Value>>,
    #[serde(deserialize_with = "lenient")]
    incomplete_details: Option<Value>,
    #[serde(deserialize_with = "object")]
    usage: Option<Box<WireUsage>>,
    #[serde(deserialize_with = "lenient")]
    error: Option<Value>,
}

impl WireResponse {
    /// The answer in the body, or the error that came under HTTP 2xx.
    fn into_answer(self, body: &str) -> PlatformResult<Answer> {
        let cost = self.usage.as_ref().and_then(|usage| usage.cost);
        let usage = self.usage.and_then(|usage| usage.tokens().usage());
        let failed = |failure: PlatformError| {
            Err(Box::new(PlatformError {
                usage,
                cost,
                ..failure
            }))
        };
        if let Some(error) = error_response::beside(self.error, None, None) {
            return failed(error_response::read_error(None, &error));
        }
        let Some(output) = self.output else {
            let missing = "the answer holds no output";
            return failed(error_response::instead_of_answer(body, missing));
        };
        let mut answer = Answer {
            id: self.id,
            model: self.model,
            usage,
            cost,
            ..Answer::default()
        };
        output.iter().for_each(|item| add(item, &mut answer));
        let reason = self.incomplete_details.as_ref();
        answer.finish_reason = finish(
            self.status.as_deref(),
            reason.and_then(|details| details["reason"].as_str()),
            !answer.tool_calls.is_empty(),
        );
        Ok(answer)
    }
}

/// The end that a status means; `None` while the model works.
fn finish(status: Option<&str>, reason: Option<&str>, calls: bool) -> Option<FinishReason> {
    match status? {
        "completed" if calls => Some(FinishReason::ToolCalls),
        "completed" => Some(FinishReason::Stop),
        "incomplete" => FinishReason::parse(reason.unwrap_or("incomplete")),
        other => Some(FinishReason::Other(other.to_owned())),
    }
}

/// Adds one item of the output. An item with `call_id` is a call that the caller answers, of whatever kind.
fn add(item: &Value, answer: &mut Answer) {
    match item["type"].as_str().unwrap_or_default() {
        "message" => {
            for part in item["content"].as_array().into_iter().flatten() {
                let text = part["text"].as_str().unwrap_or_default();
                answer.text.push_str(text);
                if let Some(refusal) = part["refusal"].as_str() {
                    answer.refusal.get_or_insert_default().push_str(refusal);
                }
            }
        }
        "reasoning" => {
            let (summary, content) = (&item["summary"], &item["content"]);
            let parts = [summary, content].into_iter().filter_map(Value::as_array);
            let texts: String = parts
                .flatten()
                .filter_map(|part| part["text"].as_str())
                .collect();
            if !texts.is_empty() {
                answer.reasoning.get_or_insert_default().push_str(&texts);
            }
        }
        _ => match call(item) {
            Some(call) => answer.tool_calls.push(call),
            None => answer.is_wordless = true,
        },
    }
}

/// The call in an item, if it is one that the caller answers.
fn call(item: &Value) -> Option<ToolCall> {
    let text = |field: &str| item[field].as_str();
    let id = text("call_id")?;
    let kind = text("type").unwrap_or_default();
    let arguments = match (text("arguments").or(text("input")), kind) {
        (Some(arguments), _) => arguments.to_owned(),
        (None, "function_call" | "custom_tool_call") => String::new(),
        (None, _) => item.to_string(),
    };
    Some(ToolCall::new(id, text("name").unwrap_or(kind), arguments))
}

/// One event. Its type stands in its data, and mostly in its name, too.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireEvent {
    #[serde(rename = "type", deserialize_with = "word")]
    kind: Option<String>,
    #[serde(deserialize_with = "count")]
    output_index: Option<u64>,
    #[serde(deserialize_with = "word")]
    delta: Option<String>,
    #[serde(deserialize_with = "lenient")]
    item: Option<Value>,
    #[serde(deserialize_with = "object")]
    response: Option<Box<WireResponse>>,
}

impl WireEvent {
    fn read(self, name: &str, data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        let index = self
            .output_index
            .and_then(|index| usize::try_from(index).ok());
        let delta = self.delta.unwrap_or_default();
        let more = |arguments: String| StreamDelta::ToolCall {
            index,
            id: None,
            name: None,
            arguments,
            state: None,
        };
        match self.kind.as_deref().unwrap_or(name) {
            "response.output_text.delta" => deltas.push(StreamDelta::Text(delta)),
            "response.refusal.delta" => deltas.push(StreamDelta::Refusal(delta)),
            "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => {
                deltas.push(StreamDelta::Reasoning(delta));
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                deltas.push(more(delta));
            }
            "response.output_item.added" => {
                let item = self.item.unwrap_or_default();
                deltas.extend(begun(&item, index));
            }
            "response.created" | "response.in_progress" => {
                let response = self.response.unwrap_or_default();
                deltas.extend(response.id.map(StreamDelta::Id));
                deltas.extend(response.model.map(StreamDelta::Model));
            }
            "response.completed"
            | "response.incomplete"
            | "response.failed"
            | "response.cancelled" => self.response.unwrap_or_default().end(data, deltas)?,
            "error" => return Err(Box::new(error_response::in_event(data))),
            "" => deltas.extend(match error_response::in_other_event(name, data) {
                Some(failure) => return Err(Box::new(failure)),
                None => None,
            }),
            _ => {}
        }
        Ok(())
    }
}

/// What begins with an item: a call of the caller, or content that is no text.
fn begun(item: &Value, index: Option<usize>) -> Option<StreamDelta> {
    if let Some(call) = call(item) {
        let is_written_later = matches!(
            item["type"].as_str(),
            Some("function_call" | "custom_tool_call")
        );
        return Some(StreamDelta::ToolCall {
            index,
            id: Some(call.id),
            name: Some(call.name),
            arguments: match is_written_later {
                true => String::new(),
                false => call.arguments,
            },
            state: None,
        });
    }
    match item["type"].as_str()? {
        "message" | "reasoning" => None,
        _ => Some(StreamDelta::Media),
    }
}

impl WireResponse {
    /// The last event: the tokens, and how it ended.
    fn end(self, data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        let is_failed = self.status.as_deref() == Some("failed");
        let answer = self.into_answer(data)?;
        if is_failed {
            let mut failure = error_response::in_event(data);
            (failure.usage, failure.cost) = (answer.usage, answer.cost);
            return Err(Box::new(failure));
        }
        deltas.extend(answer.model.map(StreamDelta::Model));
        deltas.extend(answer.cost.map(StreamDelta::Cost));
        deltas.extend(answer.usage.map(|usage| StreamDelta::Usage {
            prompt_tokens: Some(usage.prompt_tokens),
            completion_tokens: Some(usage.completion_tokens),
            total_tokens: Some(usage.total_tokens),
            reasoning_tokens: usage.reasoning_tokens,
            cached_tokens: usage.cached_tokens,
            cache_write_tokens: usage.cache_write_tokens,
        }));
        let unclear = || PlatformError::bad_reply(words::answers().answer_is_empty());
        let finish = answer.finish_reason.ok_or_else(unclear)?;
        deltas.push(StreamDelta::Finish(finish));
        Ok(())
    }
}
