//! Response decoding for Anthropic Messages, whole or streamed, lenient about missing and malformed fields.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapter::read_json;
use crate::completeness::withheld;
use crate::lenient::{count, lenient, object, reason, word};
use crate::shared_encoding::{arguments_of, deltas_of};
use crate::{Answer, PlatformResult, RawUsage as Told, StreamDelta, error_response};
use anymodel_types::{FinishReason, ToolCall, Usage};

/// A message under HTTP 2xx. It may still be an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireReply {
    #[serde(deserialize_with = "lenient")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    model: Option<String>,
    content: Option<Value>,
    #[serde(deserialize_with = "reason")]
    stop_reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    stop_details: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    usage: Option<WireUsage>,
    #[serde(deserialize_with = "lenient")]
    error: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    base_resp: Option<Value>,
}

/// Usage. Anthropic counts cached tokens, read and written, beside `input_tokens`, not in it.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct WireUsage {
    #[serde(deserialize_with = "count")]
    input_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    output_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    cache_creation_input_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    cache_read_input_tokens: Option<u64>,
}

impl WireUsage {
    /// All prompt tokens, cached or not.
    fn prompt(self) -> Option<u64> {
        let cached = self
            .cache_creation_input_tokens
            .unwrap_or(0)
            .saturating_add(self.cache_read_input_tokens.unwrap_or(0));
        Some(self.input_tokens?.saturating_add(cached))
    }

    fn told(self) -> Told {
        Told {
            prompt: self.prompt(),
            completion: self.output_tokens,
            cached: self.cache_read_input_tokens,
            cache_write: self.cache_creation_input_tokens,
            ..Told::default()
        }
    }

    fn usage(self) -> Option<Usage> {
        self.told().usage()
    }

    fn into_delta(self) -> StreamDelta {
        self.told().into_delta()
    }
}

impl WireReply {
    /// The answer in the body, or the error that came under HTTP 2xx.
    pub(super) fn into_answer(self, body: &str) -> PlatformResult<Answer> {
        let Some(content) = self.content else {
            let missing = "the answer holds no content";
            return Err(Box::new(error_response::instead_of_answer(body, missing)));
        };
        if let Some(error) = error_response::beside(self.error, self.base_resp, None) {
            return Err(Box::new(error_response::read_error(None, &error)));
        }
        let mut answer = Answer {
            id: self.id,
            model: self.model,
            finish_reason: self.stop_reason.as_deref().and_then(FinishReason::parse),
            refusal: withheld(self.stop_reason.as_deref(), self.stop_details.as_ref()),
            usage: self.usage.and_then(WireUsage::usage),
            ..Answer::default()
        };
        let (mut thought, mut kept) = (String::new(), Vec::new());
        for block in blocks(content) {
            let text = |field: &str| block[field].as_str().unwrap_or_default();
            match text("type") {
                "text" => answer.text.push_str(text("text")),
                "tool_use" => {
                    let input = arguments_of(block.get("input"));
                    answer
                        .tool_calls
                        .push(ToolCall::new(text("id"), text("name"), input));
                }
                "thinking" => {
                    thought.push_str(text("thinking"));
                    kept.push(block);
                }
                "redacted_thinking" => kept.push(block),
                _ => {}
            }
        }
        answer.reasoning = (!thought.is_empty()).then_some(thought);
        answer.state = (!kept.is_empty()).then_some(Value::Array(kept));
        Ok(answer)
    }
}

/// The blocks of a message. Some gateways send a plain text, or leave out the type of a block.
fn blocks(content: Value) -> Vec<Value> {
    let all = match content {
        Value::Array(list) => list,
        one => vec![one],
    };
    let block = |block: Value| match &block {
        Value::String(text) => json!({ "type": "text", "text": text }),
        Value::Object(fields) if !fields.contains_key("type") && block["text"].is_string() => {
            json!({ "type": "text", "text": block["text"] })
        }
        _ => block,
    };
    all.into_iter().map(block).collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireEvent {
    #[serde(rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
    #[serde(deserialize_with = "lenient")]
    index: Option<usize>,
    #[serde(deserialize_with = "object")]
    message: Option<WireReply>,
    #[serde(deserialize_with = "lenient")]
    content_block: Option<Value>,
    #[serde(deserialize_with = "object")]
    delta: Option<Delta>,
    #[serde(deserialize_with = "lenient")]
    usage: Option<WireUsage>,
    #[serde(deserialize_with = "lenient")]
    error: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    base_resp: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    #[serde(deserialize_with = "word")]
    text: Option<String>,
    #[serde(deserialize_with = "word")]
    partial_json: Option<String>,
    #[serde(deserialize_with = "word")]
    thinking: Option<String>,
    #[serde(deserialize_with = "lenient")]
    signature: Option<String>,
    #[serde(deserialize_with = "reason")]
    stop_reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    stop_details: Option<Value>,
    /// Some gateways put it here.
    #[serde(deserialize_with = "lenient")]
    usage: Option<WireUsage>,
}

/// Decodes one event. Its type stands in its data, and also in its name.
pub(super) fn read_event(
    name: &str,
    data: &str,
    deltas: &mut Vec<StreamDelta>,
) -> PlatformResult<()> {
    if error_response::names_an_error(name) {
        return Err(Box::new(error_response::in_event(data)));
    }
    let event: WireEvent = read_json(data)?;
    if error_response::beside(event.error, event.base_resp, None).is_some() {
        return Err(Box::new(error_response::in_event(data)));
    }
    let delta = event.delta.unwrap_or_default();
    match event.kind.as_deref().unwrap_or(name) {
        "message_start" => {
            let message = event.message.unwrap_or_default();
            deltas.extend(message.id.map(StreamDelta::Id));
            deltas.extend(message.model.map(StreamDelta::Model));
            deltas.extend(message.usage.map(WireUsage::into_delta));
        }
        // A server that cannot stream sends the whole message.
        "message" => {
            let answer = read_json::<WireReply>(data)?.into_answer(data)?;
            deltas.extend(deltas_of(answer));
        }
        "content_block_start" => {
            let block = event.content_block.unwrap_or_default();
            begin(event.index, block, deltas);
        }
        "content_block_delta" => go_on(event.index, delta, deltas),
        "message_delta" => {
            let usage = event.usage.or(delta.usage);
            deltas.extend(usage.map(WireUsage::into_delta));
            let word = delta.stop_reason.as_deref();
            let refusal = withheld(word, delta.stop_details.as_ref());
            deltas.extend(refusal.map(StreamDelta::Refusal));
            deltas.extend(word.and_then(FinishReason::parse).map(StreamDelta::Finish));
        }
        "ping" | "content_block_stop" | "message_stop" => {}
        // Future event types, and an error under another name.
        _ => {
            if let Some(failure) = error_response::in_other_event(name, data) {
                return Err(Box::new(failure));
            }
        }
    }
    Ok(())
}

/// A block begins. Some gateways put the whole block here.
fn begin(index: Option<usize>, mut block: Value, deltas: &mut Vec<StreamDelta>) {
    let text = |field: &str| block[field].as_str().unwrap_or_default().to_owned();
    match text("type").as_str() {
        "text" => deltas.extend(some(text("text")).map(StreamDelta::Text)),
        "tool_use" => deltas.push(StreamDelta::ToolCall {
            index,
            id: some(text("id")),
            name: some(text("name")),
            arguments: match block.get("input") {
                Some(Value::Object(input)) if input.is_empty() => String::new(),
                input => arguments_of(input),
            },
            state: None,
        }),
        "thinking" | "redacted_thinking" => {
            deltas.extend(some(text("thinking")).map(StreamDelta::Reasoning));
            if let Some(block) = block.as_object_mut() {
                block.insert("index".to_owned(), json!(index));
            }
            deltas.push(StreamDelta::State(block));
        }
        // Anthropic's own tools and those of MCP servers. Their arguments have the same format as those of a caller's tool.
        _ => deltas.push(StreamDelta::ServerTool { index }),
    }
}

/// A block continues. Reasoning is kept with the index of its block, so that it can be joined later.
fn go_on(index: Option<usize>, delta: Delta, deltas: &mut Vec<StreamDelta>) {
    deltas.extend(delta.text.and_then(some).map(StreamDelta::Text));
    if let Some(arguments) = delta.partial_json.and_then(some) {
        deltas.push(StreamDelta::ToolCall {
            index,
            id: None,
            name: None,
            arguments,
            state: None,
        });
    }
    if let Some(thinking) = delta.thinking.and_then(some) {
        let kept = json!({ "type": "thinking", "index": index, "thinking": thinking });
        deltas.push(StreamDelta::Reasoning(thinking));
        deltas.push(StreamDelta::State(kept));
    }
    if let Some(signature) = delta.signature.and_then(some) {
        deltas.push(StreamDelta::State(
            json!({ "type": "thinking", "index": index, "signature": signature }),
        ));
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
