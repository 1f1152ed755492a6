//! Ollama. Shapes: <https://docs.ollama.com/api/openai-compatibility>, errors: <https://docs.ollama.com/api/errors>, read in August
//! 2026. Values are invented.

use anymodel::prelude::*;

use crate::support::{Server, json as json_reply};
use crate::vendor::{Vendor, usage};

const VENDOR: Vendor = Vendor {
    name: "ollama",
    model: "llama3.2:1b",
    variables: &[],
    url: "http://localhost:11434/v1/chat/completions",
    stream_url: "http://localhost:11434/v1/chat/completions",
    paths: ["/v1", "/v1/chat/completions", "/v1/chat/completions"],
    key_header: "authorization: bearer ",
    plain: r#"{"id":"chatcmpl-1","object":"chat.completion","created":1790000001,"model":"llama3.2:1b","system_fingerprint":"fp","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Four."}}],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24}}"#,
    streamed: r#"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"llama3.2:1b","choices":[{"index":0,"delta":{"role":"assistant","content":"Fo"},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"llama3.2:1b","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"llama3.2:1b","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]}

data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24}}

data: [DONE]

"#,
    // A call and the end may share a chunk, and some models end a call as they end a text.
    tool_call: r#"{"id":"chatcmpl-2","model":"llama3.2:1b","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"","tool_calls":[{"id":"call_1","index":0,"type":"function","function":{"name":"add","arguments":{"a":2,"b":2}}}]}}],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}"#,
    streamed_tool_call: r#"data: {"id":"chatcmpl-2","model":"llama3.2:1b","choices":[{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"call_1","index":0,"type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":2}"}}]},"finish_reason":"tool_calls"}]}

data: {"id":"chatcmpl-2","choices":[],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}

data: [DONE]

"#,
    usage: usage(21, 3, None, None),
    refusals: &[
        (
            404,
            "",
            r#"{"error":{"message":"model \"llama9\" not found, try pulling it first","type":"api_error","param":null,"code":null}}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            404,
            "",
            r#"{"error":"model 'llama9' not found"}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            400,
            "",
            r#"{"error":{"message":"invalid message role: x","type":"invalid_request_error","param":null,"code":null}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            500,
            "",
            r#"{"error":{"message":"llama runner process has terminated","type":"api_error","param":null,"code":null}}"#,
            ErrorKind::Server,
        ),
        (
            503,
            "",
            r#"{"error":"server busy, please try again. maximum pending requests exceeded"}"#,
            ErrorKind::Overloaded,
        ),
    ],
};

held_to_its_published_shapes!(VENDOR);

#[tokio::test]
async fn no_key_is_needed_and_none_is_sent() {
    let server = Server::play([json_reply(200, VENDOR.plain)]);
    let client = Client::builder()
        .platform("ollama")
        .base_url(server.at("/v1"))
        .build()
        .unwrap();
    client.ask("llama3.2:1b", "Hi").await.unwrap();
    assert!(
        !server.requests()[0]
            .to_lowercase()
            .contains("authorization")
    );
    assert_eq!(
        server.body(0)["model"],
        "llama3.2:1b",
        "the tag belongs to the name"
    );
    let chat = Client::builder().platform("ollama").build().unwrap();
    let preview = chat
        .chat("ollama::llama3.2:1b")
        .user("Hi")
        .preview()
        .unwrap();
    assert_eq!(preview.body["model"], "llama3.2:1b");
}

#[tokio::test]
async fn thoughts_come_in_a_field_of_their_own() {
    let body = r#"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"2+2"},"finish_reason":null}]}

data: {"choices":[{"index":0,"delta":{"content":"Four."},"finish_reason":"stop"}]}

data: [DONE]

"#;
    let reply = VENDOR.watch(body).await.1.unwrap();
    assert_eq!(
        (reply.reasoning.as_deref(), reply.text.as_str()),
        (Some("2+2"), "Four.")
    );
    assert_eq!(reply.usage, None, "what was not told is not made up");
}
