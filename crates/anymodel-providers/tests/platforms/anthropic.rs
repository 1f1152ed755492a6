//! Anthropic, native. Shapes: <https://platform.claude.com/docs/en/api/messages>, streams:
//! <https://platform.claude.com/docs/en/build-with-claude/streaming>, errors: <https://platform.claude.com/docs/en/api/errors>, read in August
//! 2026. Values are invented.

use anymodel::prelude::*;

use anymodel::{FinishReason, Image, Reasoning, ToolChoice, Usage};
use serde_json::json;

use crate::support::{Server, events, json as json_reply};
use crate::vendor::add;
use crate::vendor::{Vendor, usage};

const VENDOR: Vendor = Vendor {
    name: "anthropic",
    model: "claude-sonnet-4-6",
    variables: &[],
    url: "https://api.anthropic.com/v1/messages",
    stream_url: "https://api.anthropic.com/v1/messages",
    paths: ["", "/v1/messages", "/v1/messages"],
    key_header: "x-api-key: ",
    plain: r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-6-20260901","content":[{"type":"text","text":"Four."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":40,"cache_creation_input_tokens":3,"cache_read_input_tokens":512,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":0},"output_tokens":6,"service_tier":"standard"}}"#,
    streamed: r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-6-20260901","content":[],"stop_reason":null,"usage":{"input_tokens":40,"cache_creation_input_tokens":3,"cache_read_input_tokens":512,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Fo"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ur."}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":6}}

event: message_stop
data: {"type":"message_stop"}

"#,
    tool_call: r#"{"id":"msg_2","type":"message","role":"assistant","model":"claude-sonnet-4-6-20260901","content":[{"type":"thinking","thinking":"I add.","signature":"c2ln"},{"type":"redacted_thinking","data":"aGlkZGVu"},{"type":"text","text":"Let me add."},{"type":"tool_use","id":"toolu_1","name":"add","input":{"a":2,"b":2}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":60,"output_tokens":14}}"#,
    streamed_tool_call: r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-6-20260901","content":[],"stop_reason":null,"usage":{"input_tokens":40,"cache_creation_input_tokens":3,"cache_read_input_tokens":512,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"I "}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"add."}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"aGlkZGVu"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Let me add."}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: content_block_start
data: {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_1","name":"add","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"a\": 2, "}}

event: content_block_delta
data: {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"\"b\": 2}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":3}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":6}}

event: message_stop
data: {"type":"message_stop"}

"#,
    usage: Usage {
        cache_write_tokens: Some(3),
        ..usage(555, 6, None, Some(512))
    },
    refusals: &[
        (
            400,
            "",
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: Field required"},"request_id":"req_1"}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            400,
            "",
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 215000 tokens > 200000 maximum"},"request_id":"req_1"}"#,
            ErrorKind::ContextTooLong,
        ),
        (
            400,
            "",
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."},"request_id":"req_1"}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            401,
            "",
            r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},"request_id":"req_1"}"#,
            ErrorKind::KeyRefused,
        ),
        (
            402,
            "",
            r#"{"type":"error","error":{"type":"billing_error","message":"Check your billing."},"request_id":"req_1"}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            403,
            "",
            r#"{"type":"error","error":{"type":"permission_error","message":"No permission."},"request_id":"req_1"}"#,
            ErrorKind::Forbidden,
        ),
        (
            404,
            "",
            r#"{"type":"error","error":{"type":"not_found_error","message":"model: claude-x"},"request_id":"req_1"}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            413,
            "",
            r#"{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size."},"request_id":"req_1"}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            429,
            "retry-after: 4\r\n",
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed the rate limit."},"request_id":"req_1"}"#,
            ErrorKind::RateLimited,
        ),
        // until next month: https://platform.claude.com/docs/en/api/errors
        (
            429,
            "",
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"The spend limit is reached.","details":{"error_code":"enforced_spend_limit_reached"}},"request_id":"req_1"}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            500,
            "",
            r#"{"type":"error","error":{"type":"api_error","message":"Internal server error"},"request_id":"req_1"}"#,
            ErrorKind::Server,
        ),
        (
            504,
            "",
            r#"{"type":"error","error":{"type":"timeout_error","message":"Too slow."},"request_id":"req_1"}"#,
            ErrorKind::Timeout,
        ),
        (
            529,
            "",
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}"#,
            ErrorKind::Overloaded,
        ),
    ],
};

held_to_its_published_shapes!(VENDOR);

#[test]
fn the_question_goes_out_in_anthropics_shape() {
    let body = VENDOR.body(|chat| {
        chat.system("Be brief.")
            .message(Message::assistant("Two numbers?"))
            .user("Yes.")
            .image(Image::data("image/png", b"png"))
            .image(Image::url("https://example.org/cat.jpg"))
            .temperature(0.3)
            .top_p(0.9)
            .max_tokens(300)
            .stop("##")
            .tool_spec(add())
            .tool_choice(ToolChoice::Named("add".to_owned()))
    });
    let expected = json!({
        "model": "claude-sonnet-4-6", "max_tokens": 300, "system": "Be brief.",
        "messages": [
            { "role": "user", "content": "What is 2+2?" },
            { "role": "assistant", "content": "Two numbers?" },
            { "role": "user", "content": [
                { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "cG5n" } },
                { "type": "image", "source": { "type": "url", "url": "https://example.org/cat.jpg" } },
                { "type": "text", "text": "Yes." },
            ] },
        ],
        "temperature": 0.3, "top_p": 0.9, "stop_sequences": ["##"],
        "tools": [{ "name": "add", "description": "Adds two numbers.", "input_schema": add().parameters }],
        "tool_choice": { "type": "tool", "name": "add" },
    });
    assert_eq!(body.unwrap(), expected);
}

#[tokio::test]
async fn every_request_names_the_version_of_the_protocol() {
    let (reply, server) = VENDOR.ask(VENDOR.plain).await;
    reply.unwrap();
    let head = server.requests()[0].to_lowercase();
    assert!(
        head.contains("\r\nanthropic-version: 2023-06-01\r\n"),
        "{head}"
    );
}

#[test]
fn a_longest_answer_is_always_said_and_thoughts_fit_into_it() {
    let body = VENDOR.body(|chat| chat).unwrap();
    assert_eq!(body["max_tokens"], 4096);
    let lengths = |most: Option<u32>, reasoning| {
        let body = VENDOR.body(|chat| {
            let chat = chat.reasoning(reasoning);
            match most {
                Some(most) => chat.max_tokens(most),
                None => chat,
            }
        });
        let body = body.unwrap();
        let number = |value: &serde_json::Value| value.as_u64().unwrap();
        (
            number(&body["max_tokens"]),
            number(&body["thinking"]["budget_tokens"]),
        )
    };
    assert_eq!(lengths(None, Reasoning::Tokens(2000)), (6096, 2000));
    assert_eq!(lengths(Some(10_000), Reasoning::Medium), (10_000, 5000));
    for reasoning in [Reasoning::Low, Reasoning::Medium, Reasoning::High] {
        let (most, thoughts) = lengths(None, reasoning);
        assert!(thoughts >= 1024 && most > thoughts);
    }
    let body = VENDOR.body(|chat| chat.reasoning(Reasoning::Off)).unwrap();
    assert_eq!(body.get("thinking"), None);
}

#[test]
fn what_it_does_not_know_is_said_before_the_request() {
    let refused = [
        (VENDOR.body(|chat| chat.seed(7)), "seed"),
        (
            VENDOR.body(|chat| chat.presence_penalty(0.5)),
            "presence_penalty",
        ),
        (
            VENDOR.body(|chat| chat.frequency_penalty(0.5)),
            "frequency_penalty",
        ),
        (VENDOR.body(|chat| chat.temperature(1.5)), "temperature"),
        (
            VENDOR.body(|chat| chat.max_tokens(500).reasoning(Reasoning::High)),
            "thoughts",
        ),
        (
            VENDOR.body(|chat| chat.temperature(0.2).reasoning(Reasoning::High)),
            "temperature",
        ),
        (
            VENDOR.body(|chat| {
                chat.tool_spec(add())
                    .tool_choice(ToolChoice::Required)
                    .reasoning(Reasoning::Low)
            }),
            "thinks",
        ),
    ];
    for (body, word) in refused {
        let error = body.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(word), "{error}");
        assert!(
            error.hint().is_some_and(|hint| hint.len() > 20),
            "{error:?}"
        );
    }
    let error = VENDOR.body(|chat| chat.seed(7)).unwrap_err();
    assert!(error.hint().unwrap().contains("OpenAI"), "{error:?}");
}

#[tokio::test]
async fn signed_thoughts_go_back_unchanged_before_the_call_they_led_to() {
    for play in [
        json_reply(200, VENDOR.tool_call),
        events(VENDOR.streamed_tool_call),
    ] {
        let server = Server::play([play, json_reply(200, VENDOR.plain)]);
        let client = VENDOR.played_by(&server);
        let chat = client.chat(VENDOR.model).user("2+2?").tool_spec(add());
        let reply = chat.stream().final_reply().await.unwrap();
        assert_eq!(reply.reasoning.as_deref(), Some("I add."));
        let history = [
            Message::user("2+2?"),
            reply.to_message(),
            Message::tool("toolu_1", "4"),
            Message::user("Well?"),
        ];
        client
            .chat(VENDOR.model)
            .history(history)
            .send()
            .await
            .unwrap();
        let expected = json!([
            { "role": "user", "content": "2+2?" },
            { "role": "assistant", "content": [
                { "type": "thinking", "thinking": "I add.", "signature": "c2ln" },
                { "type": "redacted_thinking", "data": "aGlkZGVu" },
                { "type": "text", "text": "Let me add." },
                { "type": "tool_use", "id": "toolu_1", "name": "add", "input": { "a": 2, "b": 2 } },
            ] },
            { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": "toolu_1", "content": "4" },
                { "type": "text", "text": "Well?" },
            ] },
        ]);
        assert_eq!(server.body(1)["messages"], expected);
    }
}

#[tokio::test]
async fn thoughts_of_one_platform_are_not_sent_to_another() {
    let reply = VENDOR.ask(VENDOR.tool_call).await.0.unwrap();
    let other = Server::play([json_reply(200, &crate::support::answer("Four."))]);
    let history = [
        Message::user("2+2?"),
        reply.to_message(),
        Message::tool("toolu_1", "4"),
    ];
    other
        .client()
        .chat("acme/one")
        .history(history)
        .send()
        .await
        .unwrap();
    let sent = other.body(0).to_string();
    assert!(
        !sent.contains("c2ln") && !sent.contains("thinking"),
        "{sent}"
    );
}

#[tokio::test]
async fn every_way_to_stop_is_told_apart() {
    for (word, expected) in [
        ("end_turn", FinishReason::Stop),
        ("stop_sequence", FinishReason::Stop),
        ("max_tokens", FinishReason::Length),
        ("model_context_window_exceeded", FinishReason::Length),
        ("refusal", FinishReason::ContentFilter),
        ("pause_turn", FinishReason::Other("pause_turn".to_owned())),
    ] {
        let reply = VENDOR.ask(&VENDOR.plain.replace("end_turn", word)).await.0;
        assert_eq!(reply.unwrap().finish_reason, Some(expected));
    }
    let nothing = r#"{"type":"message","content":[],"stop_reason":"refusal"}"#;
    let error = VENDOR.ask(nothing).await.0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ContentRefused);
}

#[tokio::test]
async fn an_error_inside_a_stream_ends_it_and_keeps_what_came() {
    let (begun, _) = VENDOR
        .streamed
        .split_at(VENDOR.streamed.find("event: content_block_stop").unwrap());
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let (text, end, _) = VENDOR
        .watch(&format!("{begun}event: error\ndata: {error}\n\n"))
        .await;
    let end = end.unwrap_err();
    assert_eq!((text.as_str(), end.partial()), ("Four.", Some("Four.")));
    assert_eq!(end.kind(), ErrorKind::Overloaded);
}

#[tokio::test]
async fn gateways_that_put_the_tokens_elsewhere_are_understood() {
    let odd = VENDOR.streamed.replace(
        r#""stop_sequence":null},"usage":{"output_tokens":6}}"#,
        r#""stop_sequence":null,"usage":{"input_tokens":40,"cache_creation_input_tokens":3,"cache_read_input_tokens":512,"output_tokens":6}}}"#,
    );
    assert_ne!(odd, VENDOR.streamed);
    let (_, reply, _) = VENDOR.watch(&format!("{odd}data: [DONE]\n\n")).await;
    assert_eq!(reply.unwrap().usage, Some(VENDOR.usage));
}

#[tokio::test]
async fn a_base_url_may_end_in_the_version() {
    let server = Server::play([json_reply(200, VENDOR.plain)]);
    let client = Client::builder()
        .platform("anthropic")
        .base_url(server.at("/api/v1"))
        .key("k-0123456789abcdef");
    client
        .build()
        .unwrap()
        .ask("claude-sonnet-4-6", "Hi")
        .await
        .unwrap();
    assert!(server.requests()[0].starts_with("POST /api/v1/messages "));
}
