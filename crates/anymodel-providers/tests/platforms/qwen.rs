//! Qwen through Alibaba Cloud's Model Studio. Shapes: <https://help.aliyun.com/en/model-studio/compatibility-of-openai-with-dashscope>,
//! errors: <https://help.aliyun.com/en/model-studio/error-code-start>, read in August 2026. Values are invented.

use anymodel::prelude::*;

use anymodel::Reasoning;
use serde_json::{Value, json};

use crate::support::{Server, json as json_reply};
use crate::vendor::{Vendor, usage};

const VENDOR: Vendor = Vendor {
    name: "qwen",
    model: "qwen-plus",
    variables: &[],
    url: "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
    stream_url: "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
    paths: [
        "/compatible-mode/v1",
        "/compatible-mode/v1/chat/completions",
        "/compatible-mode/v1/chat/completions",
    ],
    key_header: "authorization: bearer ",
    plain: r#"{"id":"chatcmpl-1","object":"chat.completion","created":1790000001,"model":"qwen-plus","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"Four."}}],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":8}}}"#,
    streamed: r#"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"qwen-plus","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"qwen-plus","choices":[{"index":0,"delta":{"content":"Fo"},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"qwen-plus","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"qwen-plus","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"qwen-plus","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":8}}}

data: [DONE]

"#,
    tool_call: r#"{"id":"chatcmpl-2","object":"chat.completion","created":1790000001,"model":"qwen-plus","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_7","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":2}"}}]}}],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}"#,
    streamed_tool_call: r#"data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1790000001,"model":"qwen-plus","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_7","type":"function","function":{"name":"add","arguments":""}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1790000001,"model":"qwen-plus","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":2,"}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1790000001,"model":"qwen-plus","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"b\":2}"}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1790000001,"model":"qwen-plus","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1790000001,"model":"qwen-plus","choices":[],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}

data: [DONE]

"#,
    usage: usage(21, 3, None, Some(8)),
    refusals: &[
        (
            401,
            "",
            r#"{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"},"request_id":"r1"}"#,
            ErrorKind::KeyRefused,
        ),
        // flat, as its own interface says it: https://github.com/dinoanderson/qwen_cli_coder/issues/1
        (
            401,
            "",
            r#"{"code":"InvalidApiKey","message":"Invalid API-key provided.","request_id":"r1"}"#,
            ErrorKind::KeyRefused,
        ),
        (
            403,
            "",
            r#"{"code":"AccessDenied","message":"Access to model denied.","request_id":"r1"}"#,
            ErrorKind::Forbidden,
        ),
        (
            403,
            "",
            r#"{"code":"Arrearage","message":"Access denied, make sure your account is in good standing.","request_id":"r1"}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            400,
            "",
            r#"{"error":{"code":"Arrearage","message":"Access denied, make sure your account is in good standing."}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            404,
            "",
            r#"{"code":"ModelNotFound","message":"Model can not be found.","request_id":"r1"}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            429,
            "",
            r#"{"code":"Throttling.RateQuota","message":"Requests rate limit exceeded.","request_id":"r1"}"#,
            ErrorKind::RateLimited,
        ),
        (
            429,
            "",
            r#"{"code":"Throttling.AllocationQuota","message":"Allocated quota exceeded.","request_id":"r1"}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            429,
            "",
            r#"{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            400,
            "",
            r#"{"error":{"message":"<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]","type":"invalid_request_error","code":"invalid_parameter_error"}}"#,
            ErrorKind::ContextTooLong,
        ),
        (
            400,
            "",
            r#"{"code":"InvalidParameter","message":"temperature should be in [0.0, 2.0)","request_id":"r1"}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            400,
            "",
            r#"{"error":{"message":"Input data may contain inappropriate content.","type":"data_inspection_failed","code":"data_inspection_failed"}}"#,
            ErrorKind::ContentRefused,
        ),
        (
            400,
            "",
            r#"{"code":"DataInspectionFailed","message":"Input data may contain inappropriate content.","request_id":"r1"}"#,
            ErrorKind::ContentRefused,
        ),
        (
            500,
            "",
            r#"{"code":"InternalError","message":"An internal error has occurred.","request_id":"r1"}"#,
            ErrorKind::Server,
        ),
    ],
};

held_to_its_published_shapes!(VENDOR);

#[test]
fn thinking_is_a_switch_of_its_own() {
    let body = |reasoning| VENDOR.body(|chat| chat.reasoning(reasoning)).unwrap();
    assert_eq!(body(Reasoning::Off)["enable_thinking"], false);
    assert_eq!(body(Reasoning::Medium)["enable_thinking"], true);
    let limited = body(Reasoning::Tokens(500));
    assert_eq!(
        (&limited["enable_thinking"], &limited["thinking_budget"]),
        (&true.into(), &500.into())
    );
}

/// <https://github.com/QuantumNous/new-api/pull/1109>
#[tokio::test]
async fn an_open_model_is_told_not_to_think_where_nothing_streams_unless_that_is_wished() {
    let good = || json_reply(200, VENDOR.plain);
    for (model, streams, wish, expected) in [
        ("qwen3-8b", false, None, json!(false)),
        ("qwen3-235b-a22b", false, None, json!(false)),
        ("qwen3-8b", true, None, Value::Null),
        ("qwen3-8b", false, Some(Reasoning::Medium), json!(true)),
        ("qwen3-235b-a22b-thinking-2507", false, None, Value::Null),
        ("qwen3-30b-a3b-instruct-2507", false, None, Value::Null),
        ("qwen3-max", false, None, Value::Null),
        ("qwen-plus", false, None, Value::Null),
    ] {
        let server = Server::play([good()]);
        let client = Client::builder()
            .platform("qwen")
            .base_url(server.url())
            .key("sk-0123456789abcdef")
            .build()
            .unwrap();
        let mut chat = client.chat(model).user("Hi");
        if let Some(wish) = wish {
            chat = chat.reasoning(wish);
        }
        let _ = match streams {
            true => chat.stream().final_reply().await,
            false => chat.send().await,
        };
        assert_eq!(
            server.body(0)["enable_thinking"],
            expected,
            "{model} {streams}"
        );
    }
}

#[test]
fn the_hosts_abroad_are_another_address() {
    let abroad = Vendor {
        variables: &[(
            "DASHSCOPE_BASE_URL",
            "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/",
        )],
        ..VENDOR
    };
    // A target names the platform, as its key and its address belong together.
    let preview = abroad
        .client()
        .chat("qwen:qwen-plus")
        .user("Hi")
        .preview()
        .unwrap();
    assert_eq!(
        preview.url,
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions"
    );
}
