//! OpenAI's chat completions.

use anymodel_sandbox::protocol::chat::{ChatStream, answer, read};
use anymodel_sandbox::protocol::{ErrorBody, StreamWriter};
use anymodel_types::{
    FinishReason, Image, Message, Reasoning, ResponseFormat, Role, ToolCall, ToolChoice, ToolSpec,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::support::{begins, data, events, goes_on, head, reply, tokens};

fn asked(more: Value) -> Value {
    let mut body =
        json!({ "model": "gpt-4o", "messages": [{ "role": "user", "content": "Hello" }] });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn every_field_that_the_types_have_is_read() {
    let body = asked(json!({
        "models": ["gpt-4o", "claude-haiku"], "stream": true, "stream_options": { "include_usage": true },
        "messages": [
            { "role": "developer", "content": "Be brief." },
            { "role": "user", "content": [
                { "type": "text", "text": "What is" }, { "type": "text", "text": "this?" },
                { "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low" } },
                { "type": "image_url", "image_url": { "url": "https://example.org/a.png" } },
            ]},
            { "role": "assistant", "content": null, "tool_calls": [
                { "id": "call_1", "type": "function", "function": { "name": "look", "arguments": "{\"a\":1}" } },
            ]},
            { "role": "tool", "tool_call_id": "call_1", "content": [{ "type": "text", "text": "a cat" }] },
        ],
        "temperature": 0.5, "top_p": 0.9, "max_tokens": 10, "max_completion_tokens": 20, "stop": "END", "seed": -3,
        "presence_penalty": 0.1, "frequency_penalty": -0.1, "reasoning_effort": "minimal",
        "tools": [{ "type": "function", "function": { "name": "look", "description": "Looks.", "parameters": { "type": "object" } } }],
        "tool_choice": { "type": "function", "function": { "name": "look" } },
        "response_format": { "type": "json_schema", "json_schema": { "name": "cat", "strict": true, "schema": { "type": "object" } } },
        "provider": { "only": ["azure"], "max_price": { "prompt": 1, "completion": "2.5" } },
        "x_a": { "unknown": true },
    }));
    let read = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(read.names(), ["gpt-4o", "claude-haiku"]);
    assert!(read.stream && read.include_usage);
    assert_eq!(read.lost, Vec::<String>::new());
    let request = read.request;
    let mut look = Message::assistant("");
    look.tool_calls = vec![ToolCall::new("call_1", "look", "{\"a\":1}")];
    let picture = Image::Data {
        media_type: "image/png".to_owned(),
        base64: "iVBORw0KGgo=".to_owned(),
    };
    assert_eq!(
        request.messages,
        [
            Message::system("Be brief."),
            Message::user("What is\nthis?")
                .image(picture)
                .image(Image::url("https://example.org/a.png")),
            look,
            Message::tool("call_1", "a cat"),
        ]
    );
    assert_eq!((request.temperature, request.top_p), (Some(0.5), Some(0.9)));
    assert_eq!(request.max_tokens, Some(20), "the newer field counts");
    assert_eq!(
        (request.stop, request.seed),
        (vec!["END".to_owned()], Some(-3))
    );
    assert_eq!(request.presence_penalty, Some(0.1));
    assert_eq!(request.frequency_penalty, Some(-0.1));
    assert_eq!(request.reasoning, Some(Reasoning::Low));
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
    assert_eq!(request.hosts, ["azure"]);
    assert_eq!(request.max_price, Some((Decimal::ONE, Decimal::new(25, 1))));
}

#[test]
fn a_null_is_a_field_that_is_not_set() {
    let body = asked(json!({
        "temperature": null, "stop": null, "tools": null, "tool_choice": null, "stream": null, "stream_options": null,
        "response_format": null, "provider": null, "max_tokens": null, "models": null, "reasoning": null, "n": null,
    }));
    let plain = asked(json!({}));
    assert_eq!(
        read(body.to_string().as_bytes()).unwrap(),
        read(plain.to_string().as_bytes()).unwrap()
    );
}

#[test]
fn what_a_translation_would_lose_is_named() {
    let sound =
        json!([{ "type": "input_audio", "input_audio": {} }, { "type": "text", "text": "Hm?" }]);
    let body = asked(json!({
        "messages": [{ "role": "user", "content": sound }], "n": 2, "logprobs": true, "functions": [],
        "tools": [{ "type": "web_search" }],
    }));
    let read = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(
        read.lost,
        ["messages[0].content[0]", "tools[0]", "n", "logprobs"]
    );
    assert_eq!(read.request.messages[0].content, "Hm?");
}

#[test]
fn a_mistake_of_the_client_names_its_field() {
    let cases = [
        (json!({ "model": null }), "model"),
        (json!({ "model": 7 }), "model"),
        (json!({ "model": " " }), "model"),
        (json!({ "models": [1] }), "models"),
        (json!({ "messages": null }), "messages"),
        (json!({ "messages": [] }), "messages"),
        (json!({ "messages": "Hello" }), "messages"),
        (json!({ "messages": ["Hello"] }), "messages[0]"),
        (
            json!({ "messages": [{ "content": "Hello" }] }),
            "messages[0].role",
        ),
        (
            json!({ "messages": [{ "role": "king", "content": "Hello" }] }),
            "messages[0].role",
        ),
        (
            json!({ "messages": [{ "role": "user" }] }),
            "messages[0].content",
        ),
        (
            json!({ "messages": [{ "role": "user", "content": 7 }] }),
            "messages[0].content",
        ),
        (
            json!({ "messages": [{ "role": "user", "content": [{ "type": "text" }] }] }),
            "messages[0].content[0].text",
        ),
        (
            json!({ "messages": [{ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "data:x" } }] }] }),
            "messages[0].content[0].image_url.url",
        ),
        (
            json!({ "messages": [{ "role": "tool", "content": "4" }] }),
            "messages[0].tool_call_id",
        ),
        (
            json!({ "messages": [{ "role": "assistant", "tool_calls": [{ "id": "a", "function": {} }] }] }),
            "messages[0].tool_calls[0].function.name",
        ),
        (json!({ "temperature": "warm" }), "temperature"),
        (json!({ "temperature": 3 }), "temperature"),
        (json!({ "max_tokens": 0 }), "max_tokens"),
        (json!({ "max_tokens": 1.5 }), "max_tokens"),
        (
            json!({ "max_completion_tokens": -1 }),
            "max_completion_tokens",
        ),
        (json!({ "stop": [1] }), "stop"),
        (json!({ "stream": "yes" }), "stream"),
        (json!({ "stream_options": true }), "stream_options"),
        (
            json!({ "tools": [{ "type": "function" }] }),
            "tools[0].function",
        ),
        (
            json!({ "tools": [{ "type": "function", "function": { "name": "a", "parameters": [] } }] }),
            "tools[0].function.parameters",
        ),
        (json!({ "tool_choice": "perhaps" }), "tool_choice"),
        (
            json!({ "response_format": { "type": "xml" } }),
            "response_format.type",
        ),
        (
            json!({ "response_format": { "type": "json_schema" } }),
            "response_format.json_schema",
        ),
        (
            json!({ "reasoning_effort": "enormous" }),
            "reasoning_effort",
        ),
        (
            json!({ "provider": { "max_price": { "prompt": "cheap" } } }),
            "provider.max_price.prompt",
        ),
    ];
    for (more, param) in cases {
        let refused = read(asked(more.clone()).to_string().as_bytes()).expect_err(param);
        assert_eq!(refused.param.as_deref(), Some(param), "{more}: {refused}");
        assert!(refused.message.starts_with(param), "{refused}");
        assert!(!refused.message.contains("Hello"), "private: {refused}");
    }
    for body in ["", "{", "[]", "null", "{\"model\": \"\\ud83d\"}"] {
        let refused = read(body.as_bytes()).unwrap_err();
        assert_eq!(refused.param, None, "{body}: {refused}");
    }
}

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
