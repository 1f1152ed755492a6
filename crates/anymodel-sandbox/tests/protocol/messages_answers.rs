//! Anthropic's Messages: the bytes of answers.

use anymodel_sandbox::protocol::messages::{MessageStream, answer, read};
use anymodel_sandbox::protocol::{ErrorBody, StreamWriter};
use anymodel_types::FinishReason;
use serde_json::{Value, json};

use super::messages::asked;
use super::support::{begins, data, events, goes_on, head, reply, tokens};

#[test]
fn a_whole_answer_has_anthropics_format() {
    let body = answer(&reply(), &head("msg_1"));
    assert_eq!(
        body,
        json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "openai/gpt-4o",
            "content": [
                { "type": "thinking", "thinking": "A greeting.", "signature": "" },
                { "type": "text", "text": "Good day.", "citations": null },
                { "type": "tool_use", "id": "call_1", "name": "look_up", "input": { "q": "北京" } },
            ],
            "stop_reason": "tool_use", "stop_sequence": null,
            "usage": {
                "input_tokens": 30, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 60,
                "cache_creation": { "ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 0 },
                "output_tokens": 20, "service_tier": "standard",
            },
        })
    );
    for (reason, word) in [
        (FinishReason::Stop, "end_turn"),
        (FinishReason::Length, "max_tokens"),
        (FinishReason::ContentFilter, "refusal"),
        (FinishReason::Other("pause_turn".to_owned()), "pause_turn"),
    ] {
        let mut reply = reply();
        reply.finish_reason = Some(reason);
        assert_eq!(answer(&reply, &head("msg_1"))["stop_reason"], word);
    }
}

#[test]
fn an_answer_can_be_sent_back_as_a_turn() {
    let content = &answer(&reply(), &head("msg_1"))["content"];
    let next = asked(json!({ "messages": [{ "role": "assistant", "content": content }] }));
    let read = read(next.to_string().as_bytes()).unwrap();
    assert_eq!(read.request.messages[0].content, "Good day.");
    assert_eq!(read.request.messages[0].tool_calls, reply().tool_calls);
}

#[test]
fn a_stream_opens_grows_and_closes_its_blocks_one_after_the_other() {
    let mut stream = MessageStream::new(head("msg_1"), "req_1");
    let mut sent = stream.reasoning("A greeting.");
    sent += &stream.text("Good ");
    sent += &stream.ping();
    sent += &stream.text("天。");
    sent += &stream.tool_call(&begins(0, "call_1", "look_up"));
    sent += &stream.tool_call(&goes_on(0, "{\"q\":"));
    sent += &stream.tool_call(&goes_on(0, "1}"));
    stream.usage(tokens());
    sent += &stream.finish(&FinishReason::ToolCalls);
    assert_eq!(stream.text("late") + &stream.ping(), "");
    for event in events(&sent) {
        assert_eq!(event.json()["type"], *event.name);
    }
    let start = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "openai/gpt-4o", "content": [],
        "stop_reason": null, "stop_sequence": null,
        "usage": {
            "input_tokens": 0, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
            "cache_creation": { "ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0 },
            "output_tokens": 1, "service_tier": "standard",
        },
    });
    assert_eq!(
        data(&sent),
        [
            json!({ "type": "message_start", "message": start }),
            json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "thinking", "thinking": "", "signature": "" } }),
            json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "thinking_delta", "thinking": "A greeting." } }),
            json!({ "type": "content_block_stop", "index": 0 }),
            json!({ "type": "content_block_start", "index": 1, "content_block": { "type": "text", "text": "" } }),
            json!({ "type": "content_block_delta", "index": 1, "delta": { "type": "text_delta", "text": "Good " } }),
            json!({ "type": "ping" }),
            json!({ "type": "content_block_delta", "index": 1, "delta": { "type": "text_delta", "text": "天。" } }),
            json!({ "type": "content_block_stop", "index": 1 }),
            json!({ "type": "content_block_start", "index": 2, "content_block": { "type": "tool_use", "id": "call_1", "name": "look_up", "input": {} } }),
            json!({ "type": "content_block_delta", "index": 2, "delta": { "type": "input_json_delta", "partial_json": "" } }),
            json!({ "type": "content_block_delta", "index": 2, "delta": { "type": "input_json_delta", "partial_json": "{\"q\":" } }),
            json!({ "type": "content_block_delta", "index": 2, "delta": { "type": "input_json_delta", "partial_json": "1}" } }),
            json!({ "type": "content_block_stop", "index": 2 }),
            json!({ "type": "message_delta", "delta": { "stop_reason": "tool_use", "stop_sequence": null },
                "usage": { "input_tokens": 30, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 60, "output_tokens": 20 } }),
            json!({ "type": "message_stop" }),
        ]
    );
}

#[test]
fn calls_whose_pieces_come_in_turns_are_sent_one_after_the_other() {
    let mut stream = MessageStream::new(head("msg_1"), "req_1");
    let mut sent = stream.tool_call(&begins(0, "call_1", "one"));
    sent += &stream.tool_call(&goes_on(0, "{\"a\":"));
    sent += &stream.tool_call(&begins(1, "call_2", "two"));
    sent += &stream.tool_call(&goes_on(1, "{\"b\":2}"));
    sent += &stream.text("And a word.");
    sent += &stream.tool_call(&goes_on(0, "1}"));
    sent += &stream.finish(&FinishReason::ToolCalls);
    let blocks: Vec<Value> = data(&sent)
        .into_iter()
        .filter(|event| event["type"].as_str().unwrap().starts_with("content_block"))
        .map(|event| match event["type"].as_str().unwrap() {
            "content_block_start" => event["content_block"]["type"].clone(),
            "content_block_delta" => event["delta"]["partial_json"]
                .as_str()
                .or(event["delta"]["text"].as_str())
                .into(),
            _ => json!("stop"),
        })
        .filter(|word| word != "")
        .collect();
    assert_eq!(
        json!(blocks),
        json!([
            "tool_use",
            "{\"a\":",
            "1}",
            "stop",
            "tool_use",
            "{\"b\":2}",
            "stop",
            "text",
            "And a word.",
            "stop"
        ])
    );
}

#[test]
fn an_error_ends_a_stream_in_an_event_of_that_name() {
    let mut stream = MessageStream::new(head("msg_1"), "req_1");
    let mut sent = stream.text("Good ");
    sent += &stream.error(&ErrorBody::new(529, "Overloaded"));
    sent += &stream.finish(&FinishReason::Stop);
    let last = events(&sent).pop().unwrap();
    assert_eq!(last.name, "error");
    assert_eq!(
        last.json(),
        json!({ "type": "error", "error": { "type": "overloaded_error", "message": "Overloaded" }, "request_id": "req_1" })
    );
    assert!(!sent.contains("message_stop") && !sent.contains("[DONE]"));
}
