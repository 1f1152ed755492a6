//! Anthropic's Messages: what is read of a request.

use anymodel_sandbox::protocol::messages::{read, read_to_count, token_count};
use anymodel_types::{Image, Message, Reasoning, ResponseFormat, ToolCall, ToolChoice, ToolSpec};
use serde_json::{Value, json};

pub fn asked(more: Value) -> Value {
    let mut body = json!({
        "model": "claude-haiku-4-5", "max_tokens": 100, "messages": [{ "role": "user", "content": "Hello" }],
    });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn every_field_that_the_types_have_is_read() {
    let body = asked(json!({
        "stream": true, "system": [{ "type": "text", "text": "Be brief.", "cache_control": { "type": "ephemeral" } }],
        "messages": [
            { "role": "user", "content": [
                { "type": "text", "text": "What is this?" },
                { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo=" } },
            ]},
            { "role": "assistant", "content": [
                { "type": "thinking", "thinking": "Hm.", "signature": "abc" },
                { "type": "text", "text": "I look." },
                { "type": "tool_use", "id": "toolu_1", "name": "look", "input": { "a": 1 } },
                { "type": "tool_use", "id": "toolu_2", "name": "look", "input": {} },
            ]},
            { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": "toolu_1", "content": "a cat" },
                { "type": "tool_result", "tool_use_id": "toolu_2", "is_error": true, "content": [
                    { "type": "text", "text": "none" },
                    { "type": "image", "source": { "type": "url", "url": "https://example.org/a.png" } },
                ]},
                { "type": "text", "text": "So?" },
            ]},
        ],
        "temperature": 1, "top_p": 0.9, "stop_sequences": ["END"],
        "thinking": { "type": "enabled", "budget_tokens": 2048 },
        "tools": [{ "name": "look", "description": "Looks.", "input_schema": { "type": "object" } }],
        "tool_choice": { "type": "any" },
        "output_config": { "format": { "type": "json_schema", "schema": { "type": "object" } } },
        "metadata": { "user_id": "u" },
    }));
    let read = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(read.names(), ["claude-haiku-4-5"]);
    assert!(read.stream && read.include_usage && read.lost.is_empty());
    let request = read.request;
    let mut look = Message::assistant("I look.");
    look.tool_calls = vec![
        ToolCall::new("toolu_1", "look", "{\"a\":1}"),
        ToolCall::new("toolu_2", "look", "{}"),
    ];
    let picture = Image::Data {
        media_type: "image/png".to_owned(),
        base64: "iVBORw0KGgo=".to_owned(),
    };
    assert_eq!(
        request.messages,
        [
            Message::system("Be brief."),
            Message::user("What is this?").image(picture),
            look,
            Message::tool("toolu_1", "a cat"),
            Message::tool("toolu_2", "none"),
            Message::user("So?").image(Image::url("https://example.org/a.png")),
        ]
    );
    assert_eq!((request.temperature, request.top_p), (Some(1.0), Some(0.9)));
    assert_eq!(request.max_tokens, Some(100));
    assert_eq!(request.stop, ["END"]);
    assert_eq!(request.reasoning, Some(Reasoning::Tokens(2048)));
    assert_eq!(
        request.tools,
        [ToolSpec::new("look", "Looks.", json!({ "type": "object" }))]
    );
    assert_eq!(request.tool_choice, ToolChoice::Required);
    assert_eq!(
        request.response_format,
        ResponseFormat::JsonSchema {
            name: "answer".to_owned(),
            schema: json!({ "type": "object" })
        }
    );
}

#[test]
fn the_effort_is_read_where_the_model_decides_how_long_it_thinks() {
    let thinks = |more: Value| {
        read(asked(more).to_string().as_bytes())
            .unwrap()
            .request
            .reasoning
    };
    let adaptive = json!({ "type": "adaptive" });
    assert_eq!(
        thinks(json!({ "thinking": adaptive })),
        Some(Reasoning::Medium)
    );
    let high = json!({ "thinking": adaptive, "output_config": { "effort": "max" } });
    assert_eq!(thinks(high), Some(Reasoning::High));
    assert_eq!(
        thinks(json!({ "thinking": { "type": "disabled" } })),
        Some(Reasoning::Off)
    );
    assert_eq!(thinks(json!({})), None);
}

#[test]
fn what_a_translation_would_lose_is_named() {
    let pdf = json!({ "type": "document", "source": { "type": "base64", "media_type": "application/pdf", "data": "" } });
    let text = json!({ "type": "document", "source": { "type": "text", "media_type": "text/plain", "data": "A letter." } });
    let body = asked(json!({
        "messages": [{ "role": "user", "content": [pdf, text] }], "top_k": 5, "mcp_servers": [],
        "tools": [{ "type": "web_search_20250305", "name": "web_search" }],
        "tool_choice": { "type": "auto", "disable_parallel_tool_use": true },
    }));
    let read = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(
        read.lost,
        [
            "messages.0.content.0",
            "tools.0",
            "tool_choice.disable_parallel_tool_use",
            "top_k"
        ]
    );
    assert_eq!(read.request.messages[0].content, "A letter.");
}

#[test]
fn a_mistake_of_the_client_names_its_field() {
    let turn = |content: Value| json!({ "messages": [{ "role": "user", "content": content }] });
    let cases = [
        (json!({ "model": null }), "model"),
        (json!({ "max_tokens": null }), "max_tokens"),
        (json!({ "max_tokens": "many" }), "max_tokens"),
        (json!({ "messages": null }), "messages"),
        (json!({ "messages": [] }), "messages"),
        (
            json!({ "messages": [{ "role": "system", "content": "Hello" }] }),
            "messages.0.role",
        ),
        (turn(json!(7)), "messages.0.content"),
        (turn(Value::Null), "messages.0.content"),
        (
            turn(json!([{ "text": "Hello" }])),
            "messages.0.content.0.type",
        ),
        (
            turn(json!([{ "type": "text" }])),
            "messages.0.content.0.text",
        ),
        (
            turn(json!([{ "type": "tool_use", "id": "a", "name": "b", "input": {} }])),
            "messages.0.content.0.type",
        ),
        (
            turn(json!([{ "type": "tool_result" }])),
            "messages.0.content.0.tool_use_id",
        ),
        (
            turn(json!([{ "type": "image" }])),
            "messages.0.content.0.source",
        ),
        (
            turn(json!([{ "type": "image", "source": { "type": "file" } }])),
            "messages.0.content.0.source.type",
        ),
        (json!({ "system": 7 }), "system"),
        (json!({ "temperature": 1.5 }), "temperature"),
        (
            json!({ "tools": [{ "name": "a" }] }),
            "tools.0.input_schema",
        ),
        (json!({ "tool_choice": "auto" }), "tool_choice"),
        (
            json!({ "tool_choice": { "type": "tool" } }),
            "tool_choice.name",
        ),
        (
            json!({ "thinking": { "type": "enabled" } }),
            "thinking.budget_tokens",
        ),
        (
            json!({ "output_format": { "type": "json" } }),
            "output_format",
        ),
        (json!({ "stop_sequences": "END" }), "stop_sequences"),
    ];
    for (more, param) in cases {
        let refused = read(asked(more.clone()).to_string().as_bytes()).expect_err(param);
        assert_eq!(refused.param.as_deref(), Some(param), "{more}: {refused}");
    }
}

#[test]
fn counting_tokens_needs_no_limit_of_the_answer() {
    let body = asked(json!({ "max_tokens": null }));
    let read = read_to_count(body.to_string().as_bytes()).unwrap();
    assert_eq!(read.request.max_tokens, None);
    assert_eq!(token_count(12), json!({ "input_tokens": 12 }));
}
