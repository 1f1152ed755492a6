//! The OpenAI-compatible addresses of AWS Bedrock and Vertex AI, asked with a bearer. How a request is signed, and how a token
//! is fetched, is held in `bedrock.rs` and `vertex.rs`.
//!
//! Shapes: <https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html>,
//! <https://docs.cloud.google.com/vertex-ai/generative-ai/docs/start/openai>, read in August 2026. Values are invented.

use anymodel::prelude::*;

use crate::vendor::{Vendor, usage};

const PLAIN: &str = r#"{"id":"chatcmpl-1","object":"chat.completion","created":1790000001,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Four."}}],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24}}"#;
const STREAMED: &str = r#"data: {"id":"chatcmpl-1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Fo"},"finish_reason":null}]}

data: {"id":"chatcmpl-1","model":"m","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":"stop"}]}

data: {"id":"chatcmpl-1","model":"m","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24}}

data: [DONE]

"#;
const TOOL_CALL: &str = r#"{"id":"chatcmpl-2","model":"m","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_7","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":2}"}}]}}]}"#;
const STREAMED_TOOL_CALL: &str = r#"data: {"id":"chatcmpl-2","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_7","type":"function","function":{"name":"add","arguments":"{\"a\":2,"}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-2","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"b\":2}"}}]},"finish_reason":"tool_calls"}]}

data: [DONE]

"#;

mod bedrock {
    use super::*;

    const VENDOR: Vendor = Vendor {
        name: "bedrock-compatible",
        model: "openai.gpt-oss-120b-1:0",
        variables: &[("AWS_REGION", "eu-central-1")],
        url: "https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1/chat/completions",
        stream_url: "https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1/chat/completions",
        paths: [
            "/openai/v1",
            "/openai/v1/chat/completions",
            "/openai/v1/chat/completions",
        ],
        key_header: "authorization: bearer ",
        plain: PLAIN,
        streamed: STREAMED,
        tool_call: TOOL_CALL,
        streamed_tool_call: STREAMED_TOOL_CALL,
        usage: usage(21, 3, None, None),
        refusals: &[
            (
                400,
                "x-amzn-errortype: ValidationException\r\n",
                r#"{"message":"The provided model identifier is invalid."}"#,
                ErrorKind::ModelNotFound,
            ),
            (
                403,
                "x-amzn-errortype: AccessDeniedException\r\n",
                r#"{"message":"You don't have access to the model with the specified model ID."}"#,
                ErrorKind::Forbidden,
            ),
            (
                404,
                "",
                r#"{"error":{"code":"model_not_found","message":"No such model.","type":"invalid_request_error"}}"#,
                ErrorKind::ModelNotFound,
            ),
            (
                429,
                "x-amzn-errortype: ThrottlingException\r\n",
                r#"{"message":"Too many requests, please wait before trying again."}"#,
                ErrorKind::RateLimited,
            ),
            (
                503,
                "x-amzn-errortype: ServiceUnavailableException\r\n",
                r#"{"message":"Bedrock is unable to process your request."}"#,
                ErrorKind::Overloaded,
            ),
        ],
    };

    held_to_its_published_shapes!(VENDOR);
}

mod vertex {
    use super::*;

    const VENDOR: Vendor = Vendor {
        name: "vertex-compatible",
        model: "google/gemini-2.5-flash",
        variables: &[
            ("GOOGLE_CLOUD_PROJECT", "acme-1"),
            ("VERTEX_LOCATION", "us-central1"),
        ],
        url: "https://us-central1-aiplatform.googleapis.com/v1/projects/acme-1/locations/us-central1/endpoints/openapi/chat/completions",
        stream_url: "https://us-central1-aiplatform.googleapis.com/v1/projects/acme-1/locations/us-central1/endpoints/openapi/chat/completions",
        paths: [
            "/locations/us-central1/endpoints/openapi",
            "/locations/us-central1/endpoints/openapi/chat/completions",
            "/locations/us-central1/endpoints/openapi/chat/completions",
        ],
        key_header: "authorization: bearer ",
        plain: PLAIN,
        streamed: STREAMED,
        tool_call: TOOL_CALL,
        streamed_tool_call: STREAMED_TOOL_CALL,
        usage: usage(21, 3, None, None),
        refusals: &[
            (
                401,
                "",
                r#"[{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}]"#,
                ErrorKind::KeyRefused,
            ),
            (
                403,
                "",
                r#"[{"error":{"code":403,"message":"Permission denied on resource project acme-1.","status":"PERMISSION_DENIED"}}]"#,
                ErrorKind::Forbidden,
            ),
            (
                404,
                "",
                r#"[{"error":{"code":404,"message":"Publisher Model was not found.","status":"NOT_FOUND"}}]"#,
                ErrorKind::ModelNotFound,
            ),
            (
                429,
                "",
                r#"[{"error":{"code":429,"message":"Resource exhausted. Please try again later.","status":"RESOURCE_EXHAUSTED"}}]"#,
                ErrorKind::RateLimited,
            ),
        ],
    };

    #[test]
    fn the_place_that_is_everywhere_has_a_host_without_a_place() {
        let everywhere = Vendor {
            variables: &[
                ("GOOGLE_CLOUD_PROJECT", "acme-1"),
                ("VERTEX_LOCATION", "global"),
            ],
            ..VENDOR
        };
        let preview = everywhere
            .client()
            .chat("google/gemini-2.5-flash")
            .user("Hi")
            .preview()
            .unwrap();
        assert!(
            preview.url.starts_with(
                "https://aiplatform.googleapis.com/v1/projects/acme-1/locations/global/"
            )
        );
    }

    held_to_its_published_shapes!(VENDOR);
}
