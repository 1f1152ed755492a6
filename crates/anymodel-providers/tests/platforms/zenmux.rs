//! ZenMux. Shapes: <https://docs.zenmux.ai>, errors: <https://docs.zenmux.ai/guide/advanced/error-codes>, read in August 2026.
//! Values are invented.

use anymodel::prelude::*;

use crate::vendor::{Vendor, usage};

const VENDOR: Vendor = Vendor {
    name: "zenmux",
    model: "openai/gpt-4o-mini",
    variables: &[],
    url: "https://zenmux.ai/api/v1/chat/completions",
    stream_url: "https://zenmux.ai/api/v1/chat/completions",
    paths: [
        "/api/v1",
        "/api/v1/chat/completions",
        "/api/v1/chat/completions",
    ],
    key_header: "authorization: bearer ",
    plain: r#"{"id":"gen-1","object":"chat.completion","created":1790000001,"model":"openai/gpt-4o-mini","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"Four."}}],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":8,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":1,"audio_tokens":0}}}"#,
    streamed: r#"data: {"id":"gen-1","object":"chat.completion.chunk","created":1790000001,"model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"id":"gen-1","object":"chat.completion.chunk","created":1790000001,"model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"content":"Fo"},"finish_reason":null}]}

data: {"id":"gen-1","object":"chat.completion.chunk","created":1790000001,"model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":null}]}

data: {"id":"gen-1","object":"chat.completion.chunk","created":1790000001,"model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"id":"gen-1","object":"chat.completion.chunk","created":1790000001,"model":"openai/gpt-4o-mini","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":8,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":1,"audio_tokens":0}}}

data: [DONE]

"#,
    tool_call: r#"{"id":"gen-2","object":"chat.completion","created":1790000001,"model":"openai/gpt-4o-mini","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_7","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":2}"}}]}}],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}"#,
    streamed_tool_call: r#"data: {"id":"gen-2","object":"chat.completion.chunk","created":1790000001,"model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_7","type":"function","function":{"name":"add","arguments":""}}]},"finish_reason":null}]}

data: {"id":"gen-2","object":"chat.completion.chunk","created":1790000001,"model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":2,"}}]},"finish_reason":null}]}

data: {"id":"gen-2","object":"chat.completion.chunk","created":1790000001,"model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"b\":2}"}}]},"finish_reason":null}]}

data: {"id":"gen-2","object":"chat.completion.chunk","created":1790000001,"model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"id":"gen-2","object":"chat.completion.chunk","created":1790000001,"model":"openai/gpt-4o-mini","choices":[],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}

data: [DONE]

"#,
    usage: usage(21, 3, Some(1), Some(8)),
    refusals: &[
        // a missing or wrong key is no 401 here
        (
            403,
            "",
            r#"{"error":{"code":"403","type":"access_denied","message":"You have no access. Check your key."}}"#,
            ErrorKind::KeyRefused,
        ),
        (
            403,
            "",
            r#"{"error":{"code":"403","type":"safety_check_failed","message":"The content did not pass."}}"#,
            ErrorKind::ContentRefused,
        ),
        (
            402,
            "",
            r#"{"error":{"code":"402","type":"insufficient_credit","message":"Insufficient credit."}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            402,
            "",
            r#"{"error":{"code":"402","type":"reject_no_credit","message":"No credit."}}"#,
            ErrorKind::PaymentRequired,
        ),
        // spelled so
        (
            402,
            "",
            r#"{"error":{"code":"402","type":"quote_exceeded","message":"The quota is used up."}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            404,
            "",
            r#"{"error":{"code":"404","type":"invalid_model","message":"No such model."}}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            404,
            "",
            r#"{"error":{"code":"404","type":"model_not_available","message":"Not available."}}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            404,
            "",
            r#"{"error":{"code":"404","type":"model_not_supported","message":"Not supported."}}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            400,
            "",
            r#"{"error":{"code":"400","type":"invalid_params","message":"stream_options is only allowed with stream."}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            413,
            "",
            r#"{"error":{"code":"413","type":"invalid_params","message":"The prompt is too long for this model."}}"#,
            ErrorKind::ContextTooLong,
        ),
        (
            422,
            "",
            r#"{"error":{"code":"422","type":"provider_unprocessable_entity_error","message":"Unprocessable."}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            429,
            "",
            r#"{"error":{"code":"429","type":"rate_limit","message":"Slow down."}}"#,
            ErrorKind::RateLimited,
        ),
        (
            500,
            "",
            r#"{"error":{"code":"500","type":"provider_api_error","message":"The provider failed."}}"#,
            ErrorKind::Server,
        ),
        (
            502,
            "",
            r#"{"error":{"code":"502","type":"no_provider_available","message":"Nobody is there."}}"#,
            ErrorKind::Server,
        ),
        (
            520,
            "",
            r#"{"error":{"code":"520","type":"provider_internal_server_error","message":"The provider failed."}}"#,
            ErrorKind::Server,
        ),
        (
            524,
            "",
            r#"{"error":{"code":"524","type":"provider_internal_server_error","message":"The provider was too slow."}}"#,
            ErrorKind::Timeout,
        ),
    ],
};

held_to_its_published_shapes!(VENDOR);

#[test]
fn options_of_a_stream_go_out_with_a_stream_alone() {
    let body = VENDOR.body(|chat| chat).unwrap();
    assert_eq!(body.get("stream_options"), None);
    let again = VENDOR.client().chat("anthropic/claude-x:amazon-bedrock");
    let body = again.user("Hi").preview().unwrap().body;
    // The suffix names a host here, and goes out as it is.
    assert_eq!(body["model"], "anthropic/claude-x:amazon-bedrock");
}

#[tokio::test]
async fn the_stream_asks_for_its_tokens() {
    let (_, reply, server) = VENDOR.watch(VENDOR.streamed).await;
    reply.unwrap();
    assert_eq!(server.body(0)["stream_options"]["include_usage"], true);
}
