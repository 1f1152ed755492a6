//! OpenAI's Responses.

use anymodel_sandbox::protocol::responses::{ResponseStream, answer, read};
use anymodel_sandbox::protocol::{ErrorBody, StreamWriter};
use anymodel_types::{
    FinishReason, Image, Message, Reasoning, ResponseFormat, ToolCall, ToolChoice, ToolSpec,
};
use serde_json::{Map, Value, json};

use super::support::{begins, data, events, goes_on, head, reply, tokens};

fn asked(more: Value) -> Value {
    let mut body = json!({ "model": "gpt-4o", "input": "Hello" });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn every_field_that_the_types_have_is_read() {
    let body = asked(json!({
        "instructions": "Be brief.", "stream": true, "store": false, "include": [],
        "input": [
            { "role": "developer", "content": "In English." },
            { "type": "message", "role": "user", "content": [
                { "type": "input_text", "text": "What is this?" },
                { "type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo=" },
            ]},
            { "type": "reasoning", "id": "rs_1", "summary": [] },
            { "type": "message", "role": "assistant", "content": [{ "type": "output_text", "text": "I look." }] },
            { "type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{\"a\":1}" },
            { "type": "function_call", "call_id": "call_2", "name": "look", "arguments": "{}" },
            { "type": "function_call_output", "call_id": "call_1", "output": "a cat" },
            { "type": "function_call_output", "call_id": "call_2", "output": [{ "type": "input_text", "text": "a dog" }] },
        ],
        "temperature": 0.5, "top_p": 0.9, "max_output_tokens": 20, "reasoning": { "effort": "high", "summary": "auto" },
        "tools": [{ "type": "function", "name": "look", "description": "Looks.", "parameters": { "type": "object" }, "strict": false }],
        "tool_choice": { "type": "function", "name": "look" },
        "text": { "format": { "type": "json_schema", "name": "cat", "schema": { "type": "object" } }, "verbosity": "low" },
    }));
    let read = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(read.names(), ["gpt-4o"]);
    assert!(read.stream && read.include_usage);
    assert_eq!(read.lost, Vec::<String>::new());
    let request = read.request;
    let mut look = Message::assistant("I look.");
    look.tool_calls = vec![
        ToolCall::new("call_1", "look", "{\"a\":1}"),
        ToolCall::new("call_2", "look", "{}"),
    ];
    let picture = Image::Data {
        media_type: "image/png".to_owned(),
        base64: "iVBORw0KGgo=".to_owned(),
    };
    assert_eq!(
        request.messages,
        [
            Message::system("Be brief."),
            Message::system("In English."),
            Message::user("What is this?").image(picture),
            look,
            Message::tool("call_1", "a cat"),
            Message::tool("call_2", "a dog"),
        ]
    );
    assert_eq!((request.temperature, request.top_p), (Some(0.5), Some(0.9)));
    assert_eq!(request.max_tokens, Some(20));
    assert_eq!(request.reasoning, Some(Reasoning::High));
    assert_eq!(
        request.tools,
        [ToolSpec::new("look", "Looks.", json!({ "type": "object" }))]
    );
    assert_eq!(request.tool_choice, ToolChoice::Named("look".to_owned()));
    assert_eq!(
        request.response_format,
        ResponseFormat::JsonSchema {
            name: "cat".to_owned(),
            schema: json!({ "type": "object" })
        }
    );
    assert_eq!(read.echo["instructions"], "Be brief.");
    assert_eq!(read.echo["tools"], body["tools"]);
    assert!(!read.echo.contains_key("input") && !read.echo.contains_key("store"));
}

#[test]
fn a_text_is_a_question_of_the_user() {
    let read = read(asked(json!({})).to_string().as_bytes()).unwrap();
    assert_eq!(read.request.messages, [Message::user("Hello")]);
}

#[test]
fn results_of_calls_that_were_made_at_once_stay_together_when_one_is_a_picture() {
    let picture = json!([{ "type": "input_image", "image_url": "https://example.org/a.png" }]);
    let body = asked(json!({ "input": [
        { "type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}" },
        { "type": "function_call", "call_id": "call_2", "name": "look", "arguments": "{}" },
        { "type": "function_call_output", "call_id": "call_1", "output": picture },
        { "type": "function_call_output", "call_id": "call_2", "output": "a dog" },
        { "role": "user", "content": "So?" },
    ]}));
    let messages = read(body.to_string().as_bytes()).unwrap().request.messages;
    assert_eq!(messages[1], Message::tool("call_1", ""));
    assert_eq!(messages[2], Message::tool("call_2", "a dog"));
    assert_eq!(
        messages[3],
        Message::user("").image(Image::url("https://example.org/a.png"))
    );
    assert_eq!(messages[4], Message::user("So?"));
}

#[test]
fn what_needs_stored_answers_is_refused_plainly() {
    for (field, value) in [
        ("previous_response_id", json!("resp_1")),
        ("conversation", json!("conv_1")),
        ("prompt", json!({ "id": "pmpt_1" })),
        ("background", json!(true)),
    ] {
        let refused = read(asked(json!({ field: value })).to_string().as_bytes()).unwrap_err();
        assert_eq!(refused.param.as_deref(), Some(field));
        assert!(
            refused.message.contains("no answers are stored"),
            "{refused}"
        );
        let unset = asked(json!({ field: null }));
        assert!(read(unset.to_string().as_bytes()).is_ok());
    }
    let refers = asked(json!({ "input": [{ "type": "item_reference", "id": "msg_1" }] }));
    let refused = read(refers.to_string().as_bytes()).unwrap_err();
    assert_eq!(refused.param.as_deref(), Some("input[0]"));
    assert!(read(asked(json!({ "background": false })).to_string().as_bytes()).is_ok());
}

#[test]
fn what_a_translation_would_lose_is_named() {
    let body = asked(json!({
        "input": [
            { "type": "custom_tool_call", "call_id": "c", "name": "patch", "input": "" },
            { "role": "user", "content": [{ "type": "input_file", "file_id": "f" }, { "type": "input_image", "file_id": "f" }] },
        ],
        "tools": [{ "type": "web_search" }], "parallel_tool_calls": false, "tool_choice": { "type": "web_search" },
    }));
    let read = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(
        read.lost,
        [
            "input[0]",
            "input[1].content[0]",
            "input[1].content[1]",
            "tools[0]",
            "tool_choice",
            "parallel_tool_calls"
        ]
    );
}

#[test]
fn a_mistake_of_the_client_names_its_field() {
    let cases = [
        (json!({ "model": null }), "model"),
        (json!({ "input": null }), "input"),
        (json!({ "input": 7 }), "input"),
        (json!({ "input": [] }), "input"),
        (json!({ "input": ["Hello"] }), "input[0]"),
        (
            json!({ "input": [{ "content": "Hello" }] }),
            "input[0].role",
        ),
        (json!({ "input": [{ "role": "user" }] }), "input[0].content"),
        (
            json!({ "input": [{ "role": "tool", "content": "" }] }),
            "input[0].role",
        ),
        (
            json!({ "input": [{ "role": "user", "content": [{ "text": "Hello" }] }] }),
            "input[0].content[0].type",
        ),
        (
            json!({ "input": [{ "type": "function_call", "name": "a", "arguments": "" }] }),
            "input[0].call_id",
        ),
        (
            json!({ "input": [{ "type": "function_call_output", "call_id": "a" }] }),
            "input[0].output",
        ),
        (json!({ "instructions": 7 }), "instructions"),
        (json!({ "max_output_tokens": "many" }), "max_output_tokens"),
        (
            json!({ "tools": [{ "type": "function" }] }),
            "tools[0].name",
        ),
        (
            json!({ "text": { "format": { "type": "json_schema" } } }),
            "text.format.schema",
        ),
        (json!({ "reasoning": { "effort": 7 } }), "reasoning.effort"),
    ];
    for (more, param) in cases {
        let refused = read(asked(more.clone()).to_string().as_bytes()).expect_err(param);
        assert_eq!(refused.param.as_deref(), Some(param), "{more}: {refused}");
    }
}

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
