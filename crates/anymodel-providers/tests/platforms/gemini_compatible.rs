//! Gemini at its OpenAI-compatible address. Shapes: <https://ai.google.dev/gemini-api/docs/openai>, read in August 2026. Values are
//! invented.

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
    refusals: crate::gemini::REFUSALS,
};

held_to_its_published_shapes!(VENDOR);
