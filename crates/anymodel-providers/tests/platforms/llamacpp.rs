//! llama.cpp's server. Shapes and errors: <https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md>, read in August
//! 2026. Values are invented.

use anymodel::prelude::*;

use crate::vendor::{Vendor, usage};

const VENDOR: Vendor = Vendor {
    name: "llamacpp",
    model: "any",
    variables: &[],
    url: "http://127.0.0.1:8080/v1/chat/completions",
    stream_url: "http://127.0.0.1:8080/v1/chat/completions",
    paths: ["/v1", "/v1/chat/completions", "/v1/chat/completions"],
    key_header: "authorization: bearer ",
    plain: r#"{"id":"chatcmpl-1","object":"chat.completion","created":1790000001,"model":"any","system_fingerprint":"fp","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Four."}}],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24},"timings":{"prompt_n":21,"predicted_n":3,"predicted_per_second":42.5}}"#,
    streamed: r#"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"any","choices":[{"index":0,"delta":{"role":"assistant","content":"Fo"},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"any","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"any","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}

data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24},"timings":{"prompt_n":21,"predicted_n":3,"predicted_per_second":42.5}}

data: [DONE]

"#,
    // A call and the end may share a chunk, and some models end a call as they end a text.
    tool_call: r#"{"id":"chatcmpl-2","model":"any","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"","tool_calls":[{"id":"call_1","index":0,"type":"function","function":{"name":"add","arguments":{"a":2,"b":2}}}]}}],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}"#,
    streamed_tool_call: r#"data: {"id":"chatcmpl-2","model":"any","choices":[{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"call_1","index":0,"type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":2}"}}]},"finish_reason":"tool_calls"}]}

data: {"id":"chatcmpl-2","choices":[],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}

data: [DONE]

"#,
    usage: usage(21, 3, None, None),
    refusals: &[
        (
            401,
            "",
            r#"{"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}}"#,
            ErrorKind::KeyRefused,
        ),
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}}"#,
            ErrorKind::ContextTooLong,
        ),
        (
            404,
            "",
            r#"{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            501,
            "",
            r#"{"error":{"code":501,"message":"This server does not support metrics endpoint.","type":"not_supported_error"}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            500,
            "",
            r#"{"error":{"code":500,"message":"Failed to parse input","type":"server_error"}}"#,
            ErrorKind::Server,
        ),
        (
            503,
            "",
            r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
            ErrorKind::Overloaded,
        ),
    ],
};

held_to_its_published_shapes!(VENDOR);

#[test]
fn no_key_is_needed() {
    assert!(Client::builder().platform("llamacpp").build().is_ok());
}
