//! GLM, of BigModel and Z.AI. Shapes: <https://docs.z.ai/api-reference/llm/chat-completion>, errors:
//! <https://docs.bigmodel.cn/cn/api/api-code>, read in August 2026. Values are invented.

use anymodel::prelude::*;

use anymodel::{Reasoning, ToolChoice};

use crate::vendor::add;
use crate::vendor::{Vendor, usage};

const VENDOR: Vendor = Vendor {
    name: "glm",
    model: "glm-4.6",
    variables: &[],
    url: "https://open.bigmodel.cn/api/paas/v4/chat/completions",
    stream_url: "https://open.bigmodel.cn/api/paas/v4/chat/completions",
    paths: [
        "/api/paas/v4",
        "/api/paas/v4/chat/completions",
        "/api/paas/v4/chat/completions",
    ],
    key_header: "authorization: bearer ",
    plain: r#"{"id":"20261122-1","object":"chat.completion","created":1790000001,"model":"glm-4.6","request_id":"1","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"Four."}}],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":8}}}"#,
    streamed: r#"data: {"id":"20261122-1","object":"chat.completion.chunk","created":1790000001,"model":"glm-4.6","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"id":"20261122-1","object":"chat.completion.chunk","created":1790000001,"model":"glm-4.6","choices":[{"index":0,"delta":{"content":"Fo"},"finish_reason":null}]}

data: {"id":"20261122-1","object":"chat.completion.chunk","created":1790000001,"model":"glm-4.6","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":null}]}

data: {"id":"20261122-1","object":"chat.completion.chunk","created":1790000001,"model":"glm-4.6","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"id":"20261122-1","object":"chat.completion.chunk","created":1790000001,"model":"glm-4.6","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":8}}}

data: [DONE]

"#,
    tool_call: r#"{"id":"20261122-2","object":"chat.completion","created":1790000001,"model":"glm-4.6","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_7","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":2}"}}]}}],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}"#,
    streamed_tool_call: r#"data: {"id":"20261122-2","object":"chat.completion.chunk","created":1790000001,"model":"glm-4.6","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_7","type":"function","function":{"name":"add","arguments":""}}]},"finish_reason":null}]}

data: {"id":"20261122-2","object":"chat.completion.chunk","created":1790000001,"model":"glm-4.6","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":2,"}}]},"finish_reason":null}]}

data: {"id":"20261122-2","object":"chat.completion.chunk","created":1790000001,"model":"glm-4.6","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"b\":2}"}}]},"finish_reason":null}]}

data: {"id":"20261122-2","object":"chat.completion.chunk","created":1790000001,"model":"glm-4.6","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"id":"20261122-2","object":"chat.completion.chunk","created":1790000001,"model":"glm-4.6","choices":[],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}

data: [DONE]

"#,
    usage: usage(21, 3, None, Some(8)),
    refusals: &[
        // an empty account, not a limit to wait for: https://github.com/zai-org/GLM-5/issues/148
        (
            429,
            "",
            r#"{"error":{"code":"1113","message":"Insufficient balance or no resource package. Please recharge."}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            401,
            "",
            r#"{"error":{"code":"1000","message":"Authentication failed."}}"#,
            ErrorKind::KeyRefused,
        ),
        (
            401,
            "",
            r#"{"error":{"code":"1002","message":"The token is invalid."}}"#,
            ErrorKind::KeyRefused,
        ),
        (
            429,
            "",
            r#"{"error":{"code":"1112","message":"The account is locked."}}"#,
            ErrorKind::Forbidden,
        ),
        (
            400,
            "",
            r#"{"error":{"code":"1210","message":"The parameters are wrong."}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            400,
            "",
            r#"{"error":{"code":"1211","message":"No such model."}}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            400,
            "",
            r#"{"error":{"code":"1261","message":"The prompt is too long."}}"#,
            ErrorKind::ContextTooLong,
        ),
        (
            400,
            "",
            r#"{"error":{"code":"1301","message":"The content may be unsafe."}}"#,
            ErrorKind::ContentRefused,
        ),
        (
            429,
            "",
            r#"{"error":{"code":"1302","message":"Too many requests at once."}}"#,
            ErrorKind::RateLimited,
        ),
        (
            429,
            "",
            r#"{"error":{"code":"1303","message":"Too many requests."}}"#,
            ErrorKind::RateLimited,
        ),
        // these four are over in hours, days or never
        (
            429,
            "",
            r#"{"error":{"code":"1304","message":"The limit of the day is reached."}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            429,
            "",
            r#"{"error":{"code":"1308","message":"The plan is used up until 2026-12-01."}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            429,
            "",
            r#"{"error":{"code":"1309","message":"The plan is over."}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            429,
            "",
            r#"{"error":{"code":"1310","message":"The week is used up."}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            429,
            "",
            r#"{"error":{"code":"1305","message":"The model is overloaded."}}"#,
            ErrorKind::Overloaded,
        ),
        (
            500,
            "",
            r#"{"error":{"code":"500","message":"Internal error."}}"#,
            ErrorKind::Server,
        ),
        (
            434,
            "",
            r#"{"error":{"code":"1220","message":"No permission."}}"#,
            ErrorKind::InvalidRequest,
        ),
    ],
};

held_to_its_published_shapes!(VENDOR);

#[test]
fn what_it_does_not_know_is_said_before_the_request() {
    let required = VENDOR.body(|chat| chat.tool_spec(add()).tool_choice(ToolChoice::Required));
    let error = required.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.to_string().contains("tool_choice") && error.hint().is_some());
    assert!(VENDOR.body(|chat| chat.tool_spec(add())).is_ok());
}

#[test]
fn thinking_is_switched_on_and_off() {
    let body = |reasoning| VENDOR.body(|chat| chat.reasoning(reasoning)).unwrap();
    assert_eq!(body(Reasoning::Off)["thinking"]["type"], "disabled");
    assert_eq!(body(Reasoning::Low)["thinking"]["type"], "enabled");
}
