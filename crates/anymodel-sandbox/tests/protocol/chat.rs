//! OpenAI's chat completions: what is read of a request.

use anymodel_sandbox::protocol::chat::read;
use anymodel_types::{Image, Message, Reasoning, ResponseFormat, ToolCall, ToolChoice, ToolSpec};
use rust_decimal::Decimal;
use serde_json::{Value, json};

pub fn asked(more: Value) -> Value {
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
