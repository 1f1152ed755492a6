//! Gemini at its OpenAI-compatible address. Shapes: <https://ai.google.dev/gemini-api/docs/openai>, read in August 2026. Values are
//! invented.

use anymodel::prelude::*;

use crate::vendor::{Vendor, usage};

const VENDOR: Vendor = Vendor {
    name: "gemini-compatible",
    model: "gemini-2.5-flash",
    variables: &[],
    url: "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
    stream_url: "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
    paths: [
        "/v1beta/openai",
        "/v1beta/openai/chat/completions",
        "/v1beta/openai/chat/completions",
    ],
    key_header: "authorization: bearer ",
    plain: r#"{"id":"resp-1","object":"chat.completion","created":1790000001,"model":"gemini-2.5-flash","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"Four."}}],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24}}"#,
    streamed: r#"data: {"id":"resp-1","object":"chat.completion.chunk","created":1790000001,"model":"gemini-2.5-flash","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"id":"resp-1","object":"chat.completion.chunk","created":1790000001,"model":"gemini-2.5-flash","choices":[{"index":0,"delta":{"content":"Fo"},"finish_reason":null}]}

data: {"id":"resp-1","object":"chat.completion.chunk","created":1790000001,"model":"gemini-2.5-flash","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":null}]}

data: {"id":"resp-1","object":"chat.completion.chunk","created":1790000001,"model":"gemini-2.5-flash","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"id":"resp-1","object":"chat.completion.chunk","created":1790000001,"model":"gemini-2.5-flash","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24}}

data: [DONE]

"#,
    tool_call: r#"{"id":"resp-2","object":"chat.completion","created":1790000001,"model":"gemini-2.5-flash","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_7","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":2}"}}]}}],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}"#,
    streamed_tool_call: r#"data: {"id":"resp-2","object":"chat.completion.chunk","created":1790000001,"model":"gemini-2.5-flash","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_7","type":"function","function":{"name":"add","arguments":""}}]},"finish_reason":null}]}

data: {"id":"resp-2","object":"chat.completion.chunk","created":1790000001,"model":"gemini-2.5-flash","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":2,"}}]},"finish_reason":null}]}

data: {"id":"resp-2","object":"chat.completion.chunk","created":1790000001,"model":"gemini-2.5-flash","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"b\":2}"}}]},"finish_reason":null}]}

data: {"id":"resp-2","object":"chat.completion.chunk","created":1790000001,"model":"gemini-2.5-flash","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"id":"resp-2","object":"chat.completion.chunk","created":1790000001,"model":"gemini-2.5-flash","choices":[],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}

data: [DONE]

"#,
    usage: usage(21, 3, None, None),
    refusals: &[
        // a bad key is no 401 here
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}"#,
            ErrorKind::KeyRefused,
        ),
        // in a list: https://github.com/google-gemini/gemini-cli/issues/14831
        (
            400,
            "",
            r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#,
            ErrorKind::KeyRefused,
        ),
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"Invalid JSON payload received.","status":"INVALID_ARGUMENT"}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}"#,
            ErrorKind::ContextTooLong,
        ),
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"User location is not supported.","status":"FAILED_PRECONDITION"}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            403,
            "",
            r#"{"error":{"code":403,"message":"The caller does not have permission.","status":"PERMISSION_DENIED"}}"#,
            ErrorKind::Forbidden,
        ),
        (
            404,
            "",
            r#"{"error":{"code":404,"message":"models/gemini-x is not found.","status":"NOT_FOUND"}}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            429,
            "",
            r#"{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"17.5s"}]}}"#,
            ErrorKind::RateLimited,
        ),
        (
            500,
            "",
            r#"{"error":{"code":500,"message":"An internal error has occurred.","status":"INTERNAL"}}"#,
            ErrorKind::Server,
        ),
        (
            503,
            "",
            r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#,
            ErrorKind::Overloaded,
        ),
        (
            504,
            "",
            r#"{"error":{"code":504,"message":"Deadline expired.","status":"DEADLINE_EXCEEDED"}}"#,
            ErrorKind::Timeout,
        ),
    ],
};

held_to_its_published_shapes!(VENDOR);
