//! Response decoding for Gemini, lenient about missing and malformed fields. Each event of a stream has the format of a
//! whole answer, with the new part of the text in it, so one decoder serves both.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapter::read_json;
use crate::completeness::withheld;
use crate::lenient::{count, lenient, list, list_of_texts, object_or_text, reason, word};
use crate::shared_encoding::arguments_of;
use crate::{Answer, PlatformError, PlatformResult, RawUsage as Told, StreamDelta, error_response};
use anymodel_types::Usage;
use anymodel_types::{ErrorKind, FinishReason, ToolCall, words};

/// The prefix of generated call ids: a tool result needs an id, and Google sometimes sends none.
const MADE_UP: &str = "unnumbered-";

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireReply {
    #[serde(deserialize_with = "list")]
    candidates: Option<Vec<Candidate>>,
    #[serde(deserialize_with = "lenient")]
    prompt_feedback: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    usage_metadata: Option<WireUsage>,
    #[serde(deserialize_with = "lenient")]
    model_version: Option<String>,
    #[serde(deserialize_with = "lenient")]
    response_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Candidate {
    #[serde(deserialize_with = "object_or_text")]
    content: Option<Content>,
    #[serde(deserialize_with = "reason")]
    finish_reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    finish_message: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    #[serde(deserialize_with = "list_of_texts")]
    parts: Option<Vec<Part>>,
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Content {
            parts: Some(vec![Part::from(text)]),
        }
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Part {
            text: Some(text),
            ..Part::default()
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Part {
    #[serde(deserialize_with = "word")]
    text: Option<String>,
    #[serde(deserialize_with = "lenient")]
    thought: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    thought_signature: Option<String>,
    #[serde(deserialize_with = "lenient")]
    function_call: Option<FunctionCall>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionCall {
    #[serde(deserialize_with = "lenient")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    args: Option<Value>,
}

/// Usage. Google counts reasoning beside the answer, and tool output beside the prompt. Cached tokens are included in the
/// prompt.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireUsage {
    #[serde(deserialize_with = "count")]
    prompt_token_count: Option<u64>,
    #[serde(deserialize_with = "count")]
    tool_use_prompt_token_count: Option<u64>,
    #[serde(deserialize_with = "count")]
    cached_content_token_count: Option<u64>,
    #[serde(deserialize_with = "count")]
    candidates_token_count: Option<u64>,
    #[serde(deserialize_with = "count")]
    thoughts_token_count: Option<u64>,
}

impl WireUsage {
    fn into_delta(self) -> StreamDelta {
        let sum = |one: Option<u64>, other: Option<u64>| match (one, other) {
            (None, None) => None,
            (one, other) => Some(one.unwrap_or(0).saturating_add(other.unwrap_or(0))),
        };
        let told = Told {
            prompt: sum(self.prompt_token_count, self.tool_use_prompt_token_count),
            completion: sum(self.candidates_token_count, self.thoughts_token_count),
            reasoning: self.thoughts_token_count,
            cached: self.cached_content_token_count,
            ..Told::default()
        };
        told.into_delta()
    }
}

/// Decodes an answer, or a part of one; returns whether it contained a candidate.
///
/// Errors sometimes come in a list. A streamed answer whose URL lost its `alt=sse` comes as one list of all its parts. Such
/// an answer is complete only if its last part has a finish reason.
pub(super) fn read(data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<bool> {
    if !data.trim_start().starts_with('[') {
        return part(read_json(data)?, data, deltas);
    }
    let list: Vec<WireReply> = read_json(data)?;
    let several = list.len() > 1;
    let mut found = false;
    for reply in list {
        found |= part(reply, data, deltas)?;
    }
    let ended = deltas
        .iter()
        .any(|delta| matches!(delta, StreamDelta::Finish(_)));
    if several && found && !ended {
        Err(Box::new(PlatformError::new(
            ErrorKind::BrokenStream,
            words::answers().list_of_parts_breaks_off(),
        )))
    } else {
        Ok(found)
    }
}

fn part(reply: WireReply, data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<bool> {
    if error_response::beside(reply.error, None, None).is_some() {
        return Err(Box::new(error_response::in_event(data)));
    }
    deltas.extend(reply.response_id.map(StreamDelta::Id));
    deltas.extend(reply.model_version.map(StreamDelta::Model));
    let usage = reply.usage_metadata.map(WireUsage::into_delta);
    deltas.extend(usage.clone());
    let Some(candidate) = reply.candidates.into_iter().flatten().next() else {
        return match reply.prompt_feedback.and_then(blocked) {
            None => Ok(false),
            Some(message) => Err(Box::new(PlatformError {
                usage: usage.as_ref().and_then(as_usage),
                ..PlatformError::new(ErrorKind::ContentRefused, message)
            })),
        };
    };
    let parts = candidate.content.and_then(|content| content.parts);
    for part in parts.into_iter().flatten() {
        read_part(part, deltas);
    }
    let word = candidate.finish_reason.as_deref();
    let message = candidate.finish_message.map(Value::from);
    deltas.extend(withheld(word, message.as_ref()).map(StreamDelta::Refusal));
    deltas.extend(word.and_then(FinishReason::parse).map(StreamDelta::Finish));
    Ok(true)
}

fn read_part(part: Part, deltas: &mut Vec<StreamDelta>) {
    let thought = part.thought.unwrap_or(false);
    let mut called = None;
    if let Some(call) = part.function_call {
        let id = call.id.filter(|id| !id.is_empty()).unwrap_or_else(made_up);
        called = Some(id.clone());
        deltas.push(StreamDelta::ToolCall {
            index: None,
            id: Some(id),
            name: call.name,
            arguments: arguments_of(call.args.as_ref()),
            state: None,
        });
    }
    let text = part.text.filter(|text| !text.is_empty());
    let without_words = text.is_none();
    if let Some(text) = text {
        deltas.push(if thought {
            StreamDelta::Reasoning(text)
        } else {
            StreamDelta::Text(text)
        });
    }
    if let Some(signature) = part.thought_signature {
        deltas.push(StreamDelta::State(match called {
            Some(id) => json!({ "thoughtSignature": signature, "call": id }),
            None if without_words => json!({ "thoughtSignature": signature, "alone": true }),
            None => json!({ "thoughtSignature": signature }),
        }));
    }
}

/// The deltas of a whole answer.
pub(super) fn answer(deltas: Vec<StreamDelta>, found: bool, body: &str) -> PlatformResult<Answer> {
    let mut answer = Answer::default();
    let (mut thought, mut kept) = (String::new(), Vec::new());
    for delta in deltas {
        match delta {
            StreamDelta::Id(id) => answer.id = Some(id),
            StreamDelta::Model(model) => answer.model = Some(model),
            StreamDelta::Text(text) => answer.text.push_str(&text),
            StreamDelta::Reasoning(text) => thought.push_str(&text),
            StreamDelta::ToolCall {
                id,
                name,
                arguments,
                ..
            } => answer.tool_calls.push(ToolCall::new(
                id.unwrap_or_default(),
                name.unwrap_or_default(),
                arguments,
            )),
            StreamDelta::Finish(reason) => answer.finish_reason = Some(reason),
            StreamDelta::State(state) => kept.push(state),
            usage @ StreamDelta::Usage { .. } => answer.usage = as_usage(&usage),
            StreamDelta::Refusal(words) => answer.refusal = Some(words),
            StreamDelta::Media => answer.is_wordless = true,
            StreamDelta::Cost(_) | StreamDelta::ServerTool { .. } | StreamDelta::Repeated(_) => {}
        }
    }
    if !found {
        return Err(Box::new(PlatformError {
            usage: answer.usage,
            ..error_response::instead_of_answer(body, words::answers().answer_holds_no_candidates())
        }));
    }
    answer.reasoning = (!thought.is_empty()).then_some(thought);
    answer.state = (!kept.is_empty()).then_some(Value::Array(kept));
    Ok(answer)
}

fn as_usage(delta: &StreamDelta) -> Option<Usage> {
    Told::of(delta)?.usage()
}

/// The reason why a prompt was blocked, when it was.
fn blocked(feedback: Value) -> Option<String> {
    let reason = feedback["blockReason"].as_str()?;
    Some(match feedback["blockReasonMessage"].as_str() {
        Some(words) => words::answers().prompt_was_blocked_and_why(&reason, &words),
        None => words::answers().prompt_was_blocked(&reason),
    })
}

/// A generated id for a call without one. It is random, so that all calls of a conversation differ.
fn made_up() -> String {
    format!("{MADE_UP}{:016x}", fastrand::u64(..))
}

/// Whether a call id was generated here, and means nothing to Google.
pub(super) fn is_made_up(id: &str) -> bool {
    id.starts_with(MADE_UP)
}
