//! OpenAI. Shapes: <https://platform.openai.com/docs/api-reference/chat>, errors:
//! <https://platform.openai.com/docs/guides/error-codes>, both read in August 2026. Values are invented.

use anymodel::prelude::*;

use std::time::Duration;

use anymodel::{Image, Reasoning, ToolChoice};
use serde_json::json;

use crate::vendor::{Vendor, add, usage};

const VENDOR: Vendor = Vendor {
    name: "openai",
    model: "gpt-4o-mini",
    variables: &[],
    url: "https://api.openai.com/v1/chat/completions",
    stream_url: "https://api.openai.com/v1/chat/completions",
    paths: ["/v1", "/v1/chat/completions", "/v1/chat/completions"],
    key_header: "authorization: bearer ",
    plain: r#"{"id":"chatcmpl-1","object":"chat.completion","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"Four.","refusal":null,"annotations":[]}}],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":8,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":1,"audio_tokens":0}}}"#,
    streamed: r#"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"Fo"},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000001,"model":"gpt-4o-mini-2024-07-18","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"prompt_tokens_details":{"cached_tokens":8,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":1,"audio_tokens":0}}}

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
    usage: usage(21, 3, Some(1), Some(8)),
    refusals: &[
        (
            401,
            "",
            r#"{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
            ErrorKind::KeyRefused,
        ),
        (
            404,
            "",
            r#"{"error":{"message":"The model does not exist.","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            400,
            "",
            r#"{"error":{"message":"This model's maximum context length is 128000 tokens.","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}}"#,
            ErrorKind::ContextTooLong,
        ),
        (
            400,
            "",
            r#"{"error":{"message":"Unsupported parameter: 'top_k'.","type":"invalid_request_error","param":null,"code":"unsupported_parameter"}}"#,
            ErrorKind::InvalidRequest,
        ),
        // permanent until somebody pays
        (
            429,
            "",
            r#"{"error":{"message":"You exceeded your current quota.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            429,
            "retry-after: 2\r\n",
            r#"{"error":{"message":"Rate limit reached.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#,
            ErrorKind::RateLimited,
        ),
        (
            500,
            "",
            r#"{"error":{"message":"The server had an error.","type":"server_error","param":null,"code":null}}"#,
            ErrorKind::Server,
        ),
        (
            503,
            "",
            r#"{"error":{"message":"That model is currently overloaded.","type":"server_error","param":null,"code":null}}"#,
            ErrorKind::Overloaded,
        ),
    ],
};

held_to_its_published_shapes!(VENDOR);

#[tokio::test]
async fn a_wait_in_milliseconds_counts_before_one_in_seconds() {
    let limited = r#"{"error":{"message":"Rate limit reached.","type":"tokens","code":"rate_limit_exceeded"}}"#;
    let headers = "retry-after-ms: 1500\r\nretry-after: 2\r\nx-ratelimit-reset-tokens: 6m0s\r\n";
    let error = VENDOR.refused(429, headers, limited).await;
    assert_eq!(error.retry_after(), Some(Duration::from_millis(1500)));
}

#[test]
fn the_longest_answer_is_said_in_the_word_that_reasoning_models_take() {
    let body = VENDOR.body(|chat| chat.max_tokens(64)).unwrap();
    assert_eq!(body["max_completion_tokens"], 64);
    assert_eq!(body.get("max_tokens"), None);
}

#[test]
fn reasoning_is_limited_or_switched_off_where_a_model_knows_a_word_for_it() {
    let effort = |model: &str, reasoning| {
        let chat = VENDOR.client().chat(model).user("Hi").reasoning(reasoning);
        chat.preview().unwrap().body["reasoning_effort"].clone()
    };
    assert_eq!(effort("gpt-5-mini", Reasoning::Low), "low");
    assert_eq!(effort("gpt-5-mini", Reasoning::Off), "minimal");
    assert_eq!(effort("gpt-5.1", Reasoning::Off), "none");
    assert!(effort("gpt-4o-mini", Reasoning::Off).is_null());
}

#[test]
fn a_model_that_is_known_to_read_text_alone_is_shown_no_picture() {
    let picture = Image::url("https://example.org/cat.png");
    let chat = VENDOR.client().chat("o3-mini").user("What is it?");
    let error = chat.image(picture.clone()).preview().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(
        error.to_string().contains("o3-mini reads no pictures"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("ask a model that can"));
    let body = VENDOR.body(|chat| chat.image(picture)).unwrap();
    let parts = &body["messages"][0]["content"];
    assert_eq!(parts[1]["image_url"]["url"], "https://example.org/cat.png");
}

#[test]
fn prefer_is_refused_with_the_platform_that_knows_it() {
    let error = VENDOR.client().chat(Prefer::Cheapest).user("Hi").preview();
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.hint().unwrap().contains("OpenRouter"), "{error:?}");
}

#[test]
fn every_wish_goes_out_under_the_vendors_name_for_it() {
    let body = VENDOR.body(|chat| {
        chat.temperature(1.5)
            .top_p(0.9)
            .seed(7)
            .stop("##")
            .presence_penalty(0.5)
            .frequency_penalty(-0.5)
            .tool_spec(add())
            .tool_choice(ToolChoice::Named("add".to_owned()))
    });
    let body = body.unwrap();
    for (field, value) in [
        ("temperature", json!(1.5)),
        ("top_p", json!(0.9)),
        ("seed", json!(7)),
        ("stop", json!(["##"])),
        ("presence_penalty", json!(0.5)),
        ("frequency_penalty", json!(-0.5)),
        (
            "tool_choice",
            json!({ "type": "function", "function": { "name": "add" } }),
        ),
    ] {
        assert_eq!(body[field], value, "{field}");
    }
    assert_eq!(body["tools"][0]["function"]["parameters"], add().parameters);
}
