//! OpenAI's chat completions: the bytes of answers.

use anymodel_sandbox::protocol::chat::{ChatStream, answer, read};
use anymodel_sandbox::protocol::{ErrorBody, StreamWriter};
use anymodel_types::{FinishReason, Role};
use serde_json::{Value, json};

use super::chat::asked;
use super::support::{begins, data, events, goes_on, head, reply, tokens};

#[test]
fn a_whole_answer_has_openais_format() {
    let body = answer(&reply(), &head("chatcmpl-1"));
    assert_eq!(
        body,
        json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1_764_547_200, "model": "openai/gpt-4o",
            "system_fingerprint": null, "service_tier": "default",
            "choices": [{
                "index": 0, "finish_reason": "tool_calls", "logprobs": null,
                "message": {
                    "role": "assistant", "content": "Good day.", "refusal": null, "reasoning_content": "A greeting.",
                    "tool_calls": [{ "id": "call_1", "type": "function", "function": { "name": "look_up", "arguments": "{\"q\":\"北京\"}" } }],
                },
            }],
            "usage": {
                "prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120,
                "prompt_tokens_details": { "cached_tokens": 60, "cache_write_tokens": 10 }, "completion_tokens_details": { "reasoning_tokens": 7 },
            },
        })
    );
    let mut cut = reply();
    cut.tool_calls.clear();
    cut.finish_reason = Some(FinishReason::Length);
    let body = answer(&cut, &head("chatcmpl-1"));
    assert_eq!(body["choices"][0]["finish_reason"], "length");
}

#[test]
fn an_answer_can_be_sent_back_as_a_turn() {
    let body = answer(&reply(), &head("chatcmpl-1"));
    let next = asked(json!({ "messages": [body["choices"][0]["message"]] }));
    let read = read(next.to_string().as_bytes()).unwrap();
    let message = &read.request.messages[0];
    assert_eq!(message.role, Role::Assistant);
    assert_eq!(message.content, "Good day.");
    assert_eq!(message.tool_calls, reply().tool_calls);
}

#[test]
fn a_stream_is_chunks_of_one_head_and_the_usage_comes_last_and_only_if_asked() {
    for include_usage in [false, true] {
        let mut stream = ChatStream::new(head("chatcmpl-1"), include_usage);
        let mut sent = stream.reasoning("A greeting.");
        sent += &stream.text("Good ");
        sent += &stream.text("");
        sent += &stream.ping();
        sent += &stream.text("天。");
        stream.usage(tokens());
        sent += &stream.finish(&FinishReason::Stop);
        assert_eq!(
            stream.text("late") + &stream.finish(&FinishReason::Stop),
            ""
        );
        assert_eq!(events(&sent).last().unwrap().data, "[DONE]");
        let chunks = data(&sent);
        for chunk in &chunks {
            assert_eq!(
                (
                    &chunk["id"],
                    &chunk["created"],
                    &chunk["model"],
                    &chunk["object"]
                ),
                (
                    &json!("chatcmpl-1"),
                    &json!(1_764_547_200),
                    &json!("openai/gpt-4o"),
                    &json!("chat.completion.chunk")
                )
            );
        }
        let deltas: Vec<&Value> = chunks.iter().map(|c| &c["choices"][0]["delta"]).collect();
        assert_eq!(deltas[0]["role"], "assistant");
        assert_eq!(deltas[1], &json!({ "reasoning_content": "A greeting." }));
        assert_eq!(deltas[2], &json!({ "content": "Good " }));
        assert_eq!(deltas[3], &json!({ "content": "天。" }));
        assert_eq!(chunks[4]["choices"][0]["finish_reason"], "stop");
        if include_usage {
            assert_eq!(chunks.len(), 6);
            assert_eq!(chunks[5]["choices"], json!([]));
            assert_eq!(chunks[5]["usage"]["prompt_tokens"], 100);
            assert!(
                chunks[..5]
                    .iter()
                    .all(|c| c.get("usage") == Some(&Value::Null))
            );
        } else {
            assert_eq!(chunks.len(), 5);
            assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()));
        }
    }
}

#[test]
fn a_streamed_call_has_its_id_and_name_once_and_each_piece_at_once() {
    let mut stream = ChatStream::new(head("chatcmpl-1"), false);
    stream.start();
    let first = data(&stream.tool_call(&begins(0, "call_1", "look_up")));
    assert_eq!(
        first[0]["choices"][0]["delta"],
        json!({ "tool_calls": [{ "index": 0, "id": "call_1", "type": "function", "function": { "name": "look_up", "arguments": "" } }] })
    );
    let more = data(&stream.tool_call(&goes_on(0, "{\"q\":")));
    assert_eq!(
        more[0]["choices"][0]["delta"],
        json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "{\"q\":" } }] })
    );
}

#[test]
fn an_error_ends_a_stream_without_the_end_marker() {
    let mut stream = ChatStream::new(head("chatcmpl-1"), true);
    let mut sent = stream.text("Good ");
    sent += &stream.error(&ErrorBody::new(502, "The provider left.").with_code("provider_error"));
    sent += &stream.finish(&FinishReason::Stop);
    let last = events(&sent).pop().unwrap();
    assert_eq!(
        last.json(),
        json!({ "error": { "message": "The provider left.", "type": "server_error", "param": null, "code": "provider_error" } })
    );
    assert!(!sent.contains("[DONE]"));
}

#[test]
fn an_error_body_has_all_four_keys() {
    let refused = read(b"{}").unwrap_err();
    assert_eq!(
        ErrorBody::from(refused).openai(),
        json!({ "error": { "message": "model: Field required", "type": "invalid_request_error", "param": "model", "code": null } })
    );
}
