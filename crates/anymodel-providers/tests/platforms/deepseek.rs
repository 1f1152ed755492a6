//! DeepSeek. Shapes: <https://api-docs.deepseek.com/api/create-chat-completion>, errors:
//! <https://api-docs.deepseek.com/quick_start/error_codes>, thoughts: <https://api-docs.deepseek.com/guides/thinking_mode>, read in
//! August to November 2026. Values are invented.

use anymodel::prelude::*;

use anymodel::Reasoning;

use crate::support::{Server, events, json as json_reply};
use crate::vendor::add;
use crate::vendor::{Vendor, usage};

const VENDOR: Vendor = Vendor {
    name: "deepseek",
    model: "deepseek-chat",
    variables: &[],
    url: "https://api.deepseek.com/chat/completions",
    stream_url: "https://api.deepseek.com/chat/completions",
    paths: ["", "/chat/completions", "/chat/completions"],
    key_header: "authorization: bearer ",
    plain: r#"


{"id":"ds-1","object":"chat.completion","created":1790000001,"model":"deepseek-chat","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"Four.","reasoning_content":"2+2"}}],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":1},"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":13}}"#,
    streamed: r#": keep-alive

: keep-alive

data: {"id":"ds-1","object":"chat.completion.chunk","created":1790000001,"model":"deepseek-chat","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

data: {"id":"ds-1","choices":[{"index":0,"delta":{"content":null,"reasoning_content":"2+"},"finish_reason":null}]}

data: {"id":"ds-1","choices":[{"index":0,"delta":{"content":null,"reasoning_content":"2"},"finish_reason":null}]}

data: {"id":"ds-1","object":"chat.completion.chunk","created":1790000001,"model":"deepseek-chat","choices":[{"index":0,"delta":{"content":"Fo"},"finish_reason":null}],"usage":null}

data: {"id":"ds-1","object":"chat.completion.chunk","created":1790000001,"model":"deepseek-chat","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":null}],"usage":null}

data: {"id":"ds-1","object":"chat.completion.chunk","created":1790000001,"model":"deepseek-chat","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

data: {"id":"ds-1","object":"chat.completion.chunk","created":1790000001,"model":"deepseek-chat","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":1},"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":13}}

data: [DONE]

"#,
    tool_call: r#"{"id":"ds-2","object":"chat.completion","created":1790000001,"model":"deepseek-chat","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":"","reasoning_content":"I add.","tool_calls":[{"id":"call_7","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":2}"}}]}}],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}"#,
    streamed_tool_call: r#"data: {"id":"ds-2","choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":"I "},"finish_reason":null}]}

data: {"id":"ds-2","choices":[{"index":0,"delta":{"content":null,"reasoning_content":"add."},"finish_reason":null}]}

data: {"id":"ds-2","object":"chat.completion.chunk","created":1790000001,"model":"deepseek-chat","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_7","type":"function","function":{"name":"add","arguments":""}}]},"finish_reason":null}]}

data: {"id":"ds-2","object":"chat.completion.chunk","created":1790000001,"model":"deepseek-chat","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":2,"}}]},"finish_reason":null}]}

data: {"id":"ds-2","object":"chat.completion.chunk","created":1790000001,"model":"deepseek-chat","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"b\":2}"}}]},"finish_reason":null}]}

data: {"id":"ds-2","object":"chat.completion.chunk","created":1790000001,"model":"deepseek-chat","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"id":"ds-2","object":"chat.completion.chunk","created":1790000001,"model":"deepseek-chat","choices":[],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}

data: [DONE]

"#,
    usage: usage(21, 3, Some(1), Some(8)),
    refusals: &[
        (
            400,
            "",
            r#"{"error":{"message":"Invalid request body format.","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            401,
            "",
            r#"{"error":{"message":"Authentication Fails.","type":"authentication_error","param":null,"code":"invalid_request_error"}}"#,
            ErrorKind::KeyRefused,
        ),
        (
            402,
            "",
            r#"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            422,
            "",
            r#"{"error":{"message":"Invalid parameters.","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            429,
            "",
            r#"{"error":{"message":"Rate limit reached.","type":"rate_limit","param":null,"code":"rate_limit"}}"#,
            ErrorKind::RateLimited,
        ),
        (
            500,
            "",
            r#"{"error":{"message":"Server error.","type":"server_error","param":null,"code":"server_error"}}"#,
            ErrorKind::Server,
        ),
        (
            503,
            "",
            r#"{"error":{"message":"Server overloaded.","type":"service_unavailable_error","param":null,"code":"overloaded"}}"#,
            ErrorKind::Overloaded,
        ),
    ],
};

held_to_its_published_shapes!(VENDOR);

#[tokio::test]
async fn thoughts_come_with_the_answer() {
    let reply = VENDOR.ask(VENDOR.plain).await.0.unwrap();
    assert_eq!(reply.reasoning.as_deref(), Some("2+2"));
    let reply = VENDOR.watch(VENDOR.streamed).await.1.unwrap();
    assert_eq!(reply.reasoning.as_deref(), Some("2+2"));
}

#[tokio::test]
async fn the_thoughts_before_a_call_go_back_with_it_and_others_do_not() {
    for (called, play) in [
        (true, json_reply(200, VENDOR.tool_call)),
        (true, events(VENDOR.streamed_tool_call)),
        (false, json_reply(200, VENDOR.plain)),
    ] {
        let server = Server::play([play, json_reply(200, VENDOR.plain)]);
        let client = VENDOR.played_by(&server);
        let chat = client.chat(VENDOR.model).user("2+2?").tool_spec(add());
        let reply = chat.stream().final_reply().await.unwrap();
        let mut history = vec![Message::user("2+2?"), reply.to_message()];
        let results = reply.tool_calls.iter();
        history.extend(results.map(|call| Message::tool(&call.id, "4")));
        let again = client.chat(VENDOR.model).history(history).user("Go on.");
        again.send().await.unwrap();
        let sent = &server.body(1)["messages"][1]["reasoning_content"];
        assert_eq!(sent.as_str(), called.then_some("I add."));
    }
}

#[test]
fn thinking_is_switched_on_limited_and_off() {
    let body = |reasoning| VENDOR.body(|chat| chat.reasoning(reasoning)).unwrap();
    assert_eq!(body(Reasoning::Off)["thinking"]["type"], "disabled");
    assert_eq!(body(Reasoning::Off).get("reasoning_effort"), None);
    assert_eq!(body(Reasoning::High)["thinking"]["type"], "enabled");
    assert_eq!(body(Reasoning::High)["reasoning_effort"], "high");
}
