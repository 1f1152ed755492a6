//! Anthropic at its OpenAI-compatible address. Shapes: <https://platform.claude.com/docs/en/api/openai-sdk>, read in August 2026.
//! Values are invented.

use anymodel::prelude::*;

use crate::vendor::{Vendor, usage};

const VENDOR: Vendor = Vendor {
    name: "anthropic-compatible",
    model: "claude-sonnet-4-6",
    variables: &[],
    url: "https://api.anthropic.com/v1/chat/completions",
    stream_url: "https://api.anthropic.com/v1/chat/completions",
    paths: ["/v1", "/v1/chat/completions", "/v1/chat/completions"],
    key_header: "authorization: bearer ",
    plain: r#"{"id":"msg_1","object":"chat.completion","created":1790000001,"model":"claude-sonnet-4-6","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"Four."}}],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24}}"#,
    streamed: r#"data: {"id":"msg_1","object":"chat.completion.chunk","created":1790000001,"model":"claude-sonnet-4-6","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"id":"msg_1","object":"chat.completion.chunk","created":1790000001,"model":"claude-sonnet-4-6","choices":[{"index":0,"delta":{"content":"Fo"},"finish_reason":null}]}

data: {"id":"msg_1","object":"chat.completion.chunk","created":1790000001,"model":"claude-sonnet-4-6","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":null}]}

data: {"id":"msg_1","object":"chat.completion.chunk","created":1790000001,"model":"claude-sonnet-4-6","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"id":"msg_1","object":"chat.completion.chunk","created":1790000001,"model":"claude-sonnet-4-6","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24}}

data: [DONE]

"#,
    tool_call: r#"{"id":"msg_2","object":"chat.completion","created":1790000001,"model":"claude-sonnet-4-6","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_7","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":2}"}}]}}],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}"#,
    streamed_tool_call: r#"data: {"id":"msg_2","object":"chat.completion.chunk","created":1790000001,"model":"claude-sonnet-4-6","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_7","type":"function","function":{"name":"add","arguments":""}}]},"finish_reason":null}]}

data: {"id":"msg_2","object":"chat.completion.chunk","created":1790000001,"model":"claude-sonnet-4-6","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":2,"}}]},"finish_reason":null}]}

data: {"id":"msg_2","object":"chat.completion.chunk","created":1790000001,"model":"claude-sonnet-4-6","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"b\":2}"}}]},"finish_reason":null}]}

data: {"id":"msg_2","object":"chat.completion.chunk","created":1790000001,"model":"claude-sonnet-4-6","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"id":"msg_2","object":"chat.completion.chunk","created":1790000001,"model":"claude-sonnet-4-6","choices":[],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}

data: [DONE]

"#,
    usage: usage(21, 3, None, None),
    refusals: &[
        (
            401,
            "",
            r#"{"error":{"code":"authentication_error","message":"invalid x-api-key","type":"invalid_request_error","param":null}}"#,
            ErrorKind::KeyRefused,
        ),
        (
            429,
            "retry-after: 3\r\n",
            r#"{"error":{"code":"rate_limit_error","message":"Slow down.","type":"rate_limit_error","param":null}}"#,
            ErrorKind::RateLimited,
        ),
        (
            529,
            "",
            r#"{"error":{"code":"overloaded_error","message":"Overloaded","type":"overloaded_error","param":null}}"#,
            ErrorKind::Overloaded,
        ),
    ],
};

held_to_its_published_shapes!(VENDOR);
