//! OpenAI's Responses: the bytes of answers.

use anymodel_sandbox::protocol::responses::{ResponseStream, answer, read};
use anymodel_sandbox::protocol::{ErrorBody, StreamWriter};
use anymodel_types::{FinishReason, Message};
use serde_json::{Map, Value, json};

use super::responses::asked;
use super::support::{begins, data, events, goes_on, head, reply, tokens};

/// The fields that every response has.
fn response(more: Value) -> Value {
    let mut body = json!({
        "id": "resp_1", "object": "response", "created_at": 1_764_547_200, "model": "openai/gpt-4o",
        "status": "completed", "error": null, "incomplete_details": null, "output": [], "usage": null,
        "previous_response_id": null, "store": false, "background": false, "truncation": "disabled",
        "instructions": null, "max_output_tokens": null, "metadata": {}, "parallel_tool_calls": true,
        "reasoning": { "effort": null, "summary": null }, "temperature": 0.5, "text": { "format": { "type": "text" } },
        "tool_choice": "auto", "tools": [], "top_p": null, "user": null,
    });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

fn echo() -> Map<String, Value> {
    Map::from_iter([("temperature".to_owned(), json!(0.5))])
}

fn output() -> Value {
    json!([
        { "id": "rs_1_0", "type": "reasoning", "summary": [{ "type": "summary_text", "text": "A greeting." }] },
        { "id": "msg_1_1", "type": "message", "role": "assistant", "status": "completed",
          "content": [{ "type": "output_text", "text": "Good day.", "annotations": [], "logprobs": [] }] },
        { "id": "fc_1_2", "type": "function_call", "status": "completed", "call_id": "call_1", "name": "look_up", "arguments": "{\"q\":\"北京\"}" },
    ])
}

fn usage() -> Value {
    json!({
        "input_tokens": 100, "input_tokens_details": { "cached_tokens": 60 },
        "output_tokens": 20, "output_tokens_details": { "reasoning_tokens": 7 }, "total_tokens": 120,
    })
}

#[test]
fn a_whole_answer_has_openais_format() {
    assert_eq!(
        answer(&reply(), &head("resp_1"), &echo()),
        response(json!({ "output": output(), "usage": usage() }))
    );
    let mut cut = reply();
    cut.finish_reason = Some(FinishReason::Length);
    let body = answer(&cut, &head("resp_1"), &echo());
    assert_eq!(body["status"], "incomplete");
    assert_eq!(
        body["incomplete_details"],
        json!({ "reason": "max_output_tokens" })
    );
}

#[test]
fn an_answer_can_be_sent_back_as_items() {
    let body = answer(&reply(), &head("resp_1"), &echo());
    let next = asked(json!({ "input": body["output"] }));
    let read = read(next.to_string().as_bytes()).unwrap();
    let mut turn = Message::assistant("Good day.");
    turn.tool_calls = reply().tool_calls;
    assert_eq!(read.request.messages, [turn]);
}

#[test]
fn a_stream_numbers_its_events_and_ends_with_the_whole_answer() {
    let mut stream = ResponseStream::new(head("resp_1"), echo());
    let mut sent = stream.reasoning("A greeting.");
    sent += &stream.text("Good ");
    sent += &stream.ping();
    sent += &stream.text("day.");
    sent += &stream.tool_call(&begins(0, "call_1", "look_up"));
    sent += &stream.tool_call(&goes_on(0, "{\"q\":"));
    sent += &stream.tool_call(&goes_on(0, "\"北京\"}"));
    stream.usage(tokens());
    sent += &stream.finish(&FinishReason::ToolCalls);
    assert_eq!(stream.text("late") + &stream.ping(), "");
    let begun = response(json!({ "status": "in_progress" }));
    let whole = response(json!({ "output": output(), "usage": usage() }));
    let part = |text: &str| json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] });
    let summary = |text: &str| json!({ "type": "summary_text", "text": text });
    let expected = [
        json!({ "type": "response.created", "response": begun }),
        json!({ "type": "response.in_progress", "response": begun }),
        json!({ "type": "response.output_item.added", "output_index": 0, "item": { "id": "rs_1_0", "type": "reasoning", "summary": [] } }),
        json!({ "type": "response.reasoning_summary_part.added", "item_id": "rs_1_0", "output_index": 0, "summary_index": 0, "part": summary("") }),
        json!({ "type": "response.reasoning_summary_text.delta", "item_id": "rs_1_0", "output_index": 0, "summary_index": 0, "delta": "A greeting." }),
        json!({ "type": "response.reasoning_summary_text.done", "item_id": "rs_1_0", "output_index": 0, "summary_index": 0, "text": "A greeting." }),
        json!({ "type": "response.reasoning_summary_part.done", "item_id": "rs_1_0", "output_index": 0, "summary_index": 0, "part": summary("A greeting.") }),
        json!({ "type": "response.output_item.done", "output_index": 0, "item": output()[0] }),
        json!({ "type": "response.output_item.added", "output_index": 1, "item": { "id": "msg_1_1", "type": "message", "role": "assistant", "status": "in_progress", "content": [] } }),
        json!({ "type": "response.content_part.added", "item_id": "msg_1_1", "output_index": 1, "content_index": 0, "part": part("") }),
        json!({ "type": "response.output_text.delta", "item_id": "msg_1_1", "output_index": 1, "content_index": 0, "delta": "Good ", "logprobs": [] }),
        json!({ "type": "response.output_text.delta", "item_id": "msg_1_1", "output_index": 1, "content_index": 0, "delta": "day.", "logprobs": [] }),
        json!({ "type": "response.output_text.done", "item_id": "msg_1_1", "output_index": 1, "content_index": 0, "text": "Good day.", "logprobs": [] }),
        json!({ "type": "response.content_part.done", "item_id": "msg_1_1", "output_index": 1, "content_index": 0, "part": part("Good day.") }),
        json!({ "type": "response.output_item.done", "output_index": 1, "item": output()[1] }),
        json!({ "type": "response.output_item.added", "output_index": 2, "item": { "id": "fc_1_2", "type": "function_call", "status": "in_progress", "call_id": "call_1", "name": "look_up", "arguments": "" } }),
        json!({ "type": "response.function_call_arguments.delta", "item_id": "fc_1_2", "output_index": 2, "delta": "{\"q\":" }),
        json!({ "type": "response.function_call_arguments.delta", "item_id": "fc_1_2", "output_index": 2, "delta": "\"北京\"}" }),
        json!({ "type": "response.function_call_arguments.done", "item_id": "fc_1_2", "output_index": 2, "name": "look_up", "arguments": "{\"q\":\"北京\"}" }),
        json!({ "type": "response.output_item.done", "output_index": 2, "item": output()[2] }),
        json!({ "type": "response.completed", "response": whole }),
    ];
    for (at, (event, mut wanted)) in events(&sent).iter().zip(expected.clone()).enumerate() {
        wanted["sequence_number"] = json!(at);
        assert_eq!(event.json(), wanted);
        assert_eq!(wanted["type"], *event.name);
    }
    assert_eq!(data(&sent).len(), expected.len());
    assert!(!sent.contains("[DONE]"));
}

#[test]
fn a_stream_that_is_cut_at_the_limit_says_so() {
    let mut stream = ResponseStream::new(head("resp_1"), echo());
    let sent = stream.text("Good ") + &stream.finish(&FinishReason::Length);
    let last = data(&sent).pop().unwrap();
    assert_eq!(last["type"], "response.incomplete");
    assert_eq!(
        last["response"]["incomplete_details"]["reason"],
        "max_output_tokens"
    );
}

#[test]
fn an_error_ends_a_stream_as_a_failed_response() {
    let mut stream = ResponseStream::new(head("resp_1"), echo());
    let error = ErrorBody::new(502, "The provider left.");
    let mut sent = stream.error(&error);
    sent += &stream.finish(&FinishReason::Stop);
    let last = data(&sent).pop().unwrap();
    assert_eq!(
        (&last["type"], &last["sequence_number"]),
        (&json!("response.failed"), &json!(2))
    );
    let failed = json!({
        "status": "failed", "error": { "code": "server_error", "message": "The provider left." },
    });
    assert_eq!(last["response"], response(failed));
}
