//! Azure OpenAI: the address of August 2025 and later, and the one of before. Shapes:
//! <https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle>,
//! <https://learn.microsoft.com/azure/foundry/openai/concepts/content-streaming>. Values are invented.

use anymodel::prelude::*;

use crate::vendor::{Vendor, usage};

const VENDOR: Vendor = Vendor {
    name: "azure",
    model: "my-deployment",
    variables: &[("AZURE_OPENAI_ENDPOINT", "https://acme.openai.azure.com/")],
    url: "https://acme.openai.azure.com/openai/v1/chat/completions",
    stream_url: "https://acme.openai.azure.com/openai/v1/chat/completions",
    paths: [
        "/openai/v1",
        "/openai/v1/chat/completions",
        "/openai/v1/chat/completions",
    ],
    key_header: "api-key: ",
    plain: r#"{"id":"chatcmpl-1","object":"chat.completion","created":1790000001,"model":"gpt-4o-mini-2024-07-18","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}],"choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"Four.","refusal":null}}],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":0}}}"#,
    streamed: r#"data: {"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"Fo"},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":0}}}

data: [DONE]

"#,
    tool_call: r#"{"id":"chatcmpl-2","object":"chat.completion","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_7","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":2}"}}]}}],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}"#,
    streamed_tool_call: r#"data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_7","type":"function","function":{"name":"add","arguments":""}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":2,"}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"b\":2}"}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74}}

data: [DONE]

"#,
    usage: usage(21, 3, None, Some(0)),
    refusals: &[
        (
            401,
            "",
            r#"{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}"#,
            ErrorKind::KeyRefused,
        ),
        (
            404,
            "",
            r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#,
            ErrorKind::ModelNotFound,
        ),
        // https://github.com/openai/openai-agents-python/issues/806
        (
            400,
            "",
            r#"{"error":{"message":"The response was filtered.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"jailbreak":{"detected":true,"filtered":true}}}}}"#,
            ErrorKind::ContentRefused,
        ),
        (
            400,
            "",
            r#"{"error":{"message":"Filtered.","code":null,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
            ErrorKind::ContentRefused,
        ),
        (
            429,
            "retry-after: 7\r\nretry-after-ms: 6500\r\n",
            r#"{"error":{"code":"429","message":"Requests have exceeded the token rate limit of your current pricing tier."}}"#,
            ErrorKind::RateLimited,
        ),
        (
            500,
            "",
            r#"{"error":{"code":"InternalServerError","message":"Backend returned unexpected response."}}"#,
            ErrorKind::Server,
        ),
    ],
};

held_to_its_published_shapes!(VENDOR);

/// The older address names the deployment in its path, and its version in a query.
mod legacy {
    use super::*;

    const LEGACY: Vendor = Vendor {
        name: "azure-legacy",
        url: "https://acme.openai.azure.com/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21",
        stream_url: "https://acme.openai.azure.com/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21",
        paths: [
            "",
            "/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21",
            "/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21",
        ],
        ..VENDOR
    };

    held_to_its_published_shapes!(LEGACY);

    #[test]
    fn the_version_is_the_environments_when_it_says_one() {
        let newer = Vendor {
            variables: &[
                ("AZURE_OPENAI_ENDPOINT", "https://acme.openai.azure.com"),
                ("AZURE_OPENAI_API_VERSION", "2025-01-01-preview"),
            ],
            ..LEGACY
        };
        let preview = newer
            .client()
            .chat("o3 mini?")
            .user("Hi")
            .preview()
            .unwrap();
        assert!(preview.url.ends_with("api-version=2025-01-01-preview"));
        // Whatever the name of a deployment holds, it stays in the path.
        assert!(
            preview.url.contains("/deployments/o3%20mini%3F/chat"),
            "{}",
            preview.url
        );
    }

    #[test]
    fn only_a_reasoning_model_is_told_its_longest_answer_in_the_new_word() {
        let field = |model: &str| {
            let chat = LEGACY.client().chat(model).user("Hi").max_tokens(64);
            let body = chat.preview().unwrap().body;
            (
                body["max_tokens"].as_u64(),
                body["max_completion_tokens"].as_u64(),
            )
        };
        assert_eq!(field("gpt-4o"), (Some(64), None));
        assert_eq!(field("o3-mini"), (None, Some(64)));
    }
}

#[test]
fn a_deployment_may_be_any_model_so_its_longest_answer_is_said_in_the_new_word() {
    let body = VENDOR.body(|chat| chat.max_tokens(64)).unwrap();
    assert_eq!(body["max_completion_tokens"], 64);
}

#[tokio::test]
async fn an_answer_that_a_filter_took_away_is_a_refusal_and_one_that_it_cut_says_so() {
    let gone = r#"{"id":"1","choices":[{"index":0,"finish_reason":"content_filter","message":{"role":"assistant"}}]}"#;
    let error = VENDOR.ask(gone).await.0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ContentRefused);
    let cut = r#"{"id":"1","choices":[{"index":0,"finish_reason":"content_filter","message":{"role":"assistant","content":"Fo"}}]}"#;
    let reply = VENDOR.ask(cut).await.0.unwrap();
    assert_eq!(
        reply.finish_reason,
        Some(anymodel::FinishReason::ContentFilter)
    );
    assert!(reply.summary().contains("cut short"));
}
