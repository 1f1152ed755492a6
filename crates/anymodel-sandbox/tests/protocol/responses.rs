//! OpenAI's Responses: what is read of a request.

use anymodel_sandbox::protocol::responses::read;
use anymodel_types::{Image, Message, Reasoning, ResponseFormat, ToolCall, ToolChoice, ToolSpec};
use serde_json::{Value, json};

pub fn asked(more: Value) -> Value {
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
