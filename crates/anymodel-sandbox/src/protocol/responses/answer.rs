//! Encoding of a whole response, and the parts that a streamed one shares.

use anymodel_types::{FinishReason, Reply, ToolCall, Usage};
use serde_json::{Map, Value, json};

use crate::protocol::AnswerHead;
use crate::protocol::block_order::Block;

/// What has come of an answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Output {
    pub items: Vec<Value>,
    pub finish: Option<FinishReason>,
    /// The usage as this protocol has it.
    pub usage: Value,
}

/// Encodes a whole answer as a response. `echo`: the fields of the request that it repeats, as
/// [`Decoded::echo`](crate::protocol::Decoded::echo) has them.
pub fn answer(reply: &Reply, head: &AnswerHead, echo: &Map<String, Value>) -> Value {
    let mut items = Vec::new();
    let mut add = |block: Block, content: &str| {
        let id = item_id(head, items.len(), &block);
        items.push(item(&id, &block, content, "completed"));
    };
    if let Some(reasoning) = &reply.reasoning {
        add(Block::Reasoning, reasoning);
    }
    if !reply.text.is_empty() || reply.tool_calls.is_empty() {
        add(Block::Text, &reply.text);
    }
    for ToolCall {
        id,
        name,
        arguments,
        ..
    } in &reply.tool_calls
    {
        let (id, name) = (id.clone(), name.clone());
        add(Block::Call { id, name }, arguments);
    }
    let finish = reply.finish_reason.clone().unwrap_or(FinishReason::Stop);
    body(
        head,
        echo,
        &Output {
            items,
            finish: Some(finish),
            usage: usage(&reply.usage.unwrap_or_default()),
        },
    )
}

/// A response: in progress without a finish reason, otherwise whole or cut.
pub(super) fn body(head: &AnswerHead, echo: &Map<String, Value>, output: &Output) -> Value {
    let mut response = opening(head, echo);
    response["output"] = json!(output.items);
    let Some(finish) = &output.finish else {
        return response;
    };
    let cut = match finish {
        FinishReason::Stop | FinishReason::ToolCalls => None,
        FinishReason::Length => Some("max_output_tokens"),
        other => Some(other.as_str()),
    };
    response["status"] = json!(cut.map_or("completed", |_| "incomplete"));
    if let Some(reason) = cut {
        response["incomplete_details"] = json!({ "reason": reason });
    }
    response["usage"] = output.usage.clone();
    response
}

/// A response that has just begun.
fn opening(head: &AnswerHead, echo: &Map<String, Value>) -> Value {
    let mut response = json!({
        "id": head.id, "object": "response", "created_at": head.created, "model": head.model,
        "status": "in_progress", "error": null, "incomplete_details": null, "output": [], "usage": null,
        "previous_response_id": null, "store": false, "background": false, "truncation": "disabled",
        "instructions": null, "max_output_tokens": null, "metadata": {}, "parallel_tool_calls": true,
        "reasoning": { "effort": null, "summary": null }, "temperature": null, "text": { "format": { "type": "text" } },
        "tool_choice": "auto", "tools": [], "top_p": null, "user": null,
    });
    if let Some(fields) = response.as_object_mut() {
        fields.extend(echo.clone());
    }
    response
}

/// The id of the item at this place of the output.
pub(super) fn item_id(head: &AnswerHead, at: usize, block: &Block) -> String {
    let kind = match block {
        Block::Text => "msg",
        Block::Reasoning => "rs",
        Block::Call { .. } => "fc",
    };
    let id = head.id.strip_prefix("resp_").unwrap_or(&head.id);
    format!("{kind}_{id}_{at}")
}

/// One item of the output.
pub(super) fn item(id: &str, block: &Block, content: &str, status: &str) -> Value {
    match block {
        Block::Text => {
            let begun = status == "in_progress";
            let parts = if begun {
                json!([])
            } else {
                json!([text_part(content)])
            };
            json!({ "id": id, "type": "message", "role": "assistant", "status": status, "content": parts })
        }
        Block::Reasoning => {
            let begun = status == "in_progress";
            let parts = if begun {
                json!([])
            } else {
                json!([summary_part(content)])
            };
            json!({ "id": id, "type": "reasoning", "summary": parts })
        }
        Block::Call { id: call, name } => json!({
            "id": id, "type": "function_call", "status": status, "call_id": call, "name": name, "arguments": content,
        }),
    }
}

/// The part of a message.
pub(super) fn text_part(text: &str) -> Value {
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] })
}

/// The part of a reasoning item.
pub(super) fn summary_part(text: &str) -> Value {
    json!({ "type": "summary_text", "text": text })
}

/// The tokens of an answer.
pub(super) fn usage(usage: &Usage) -> Value {
    usage_of(
        json!(usage.prompt_tokens),
        json!(usage.cached_tokens.unwrap_or(0)),
        json!(usage.completion_tokens),
        json!(usage.reasoning_tokens.unwrap_or(0)),
        json!(usage.total_tokens),
    )
}

/// The tokens of an answer: of the prompt, read from a cache, of the answer, of the reasoning in it, and of all.
pub(crate) fn usage_of(
    input: Value,
    cached: Value,
    output: Value,
    reasoning: Value,
    total: Value,
) -> Value {
    json!({
        "input_tokens": input, "input_tokens_details": { "cached_tokens": cached },
        "output_tokens": output, "output_tokens_details": { "reasoning_tokens": reasoning },
        "total_tokens": total,
    })
}
