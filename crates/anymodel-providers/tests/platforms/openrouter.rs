//! OpenRouter, native: its own fields, its cost, its errors. Shapes: <https://openrouter.ai/docs/api-reference/overview>, errors:
//! <https://openrouter.ai/docs/api-reference/errors-and-debugging>, read in August 2026. Values are invented.

use std::time::Duration;

use anymodel::prelude::*;
use anymodel::{Reasoning, Usage, platform_specs};
use serde_json::json;

use crate::support::{Server, events, json as json_reply, respond};
use crate::vendor::{Vendor, add, usage};

pub const VENDOR: Vendor = Vendor {
    name: "openrouter",
    model: "openai/gpt-4o-mini",
    variables: &[],
    url: "https://openrouter.ai/api/v1/chat/completions",
    stream_url: "https://openrouter.ai/api/v1/chat/completions",
    paths: [
        "/api/v1",
        "/api/v1/chat/completions",
        "/api/v1/chat/completions",
    ],
    key_header: "authorization: bearer ",
    plain: r#"
{"id":"gen-1790000001-aBcD","object":"chat.completion","created":1790000001,"model":"openai/gpt-4o-mini","provider":"HarborAI","system_fingerprint":null,"service_tier":"default","choices":[{"index":0,"finish_reason":"stop","native_finish_reason":"end_turn","logprobs":null,"message":{"role":"assistant","content":"Four.","refusal":null,"reasoning":"2+2","reasoning_details":[{"type":"reasoning.text","text":"2+2","index":0}]}}],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"cost":0.0000171,"is_byok":false,"prompt_tokens_details":{"cached_tokens":8,"cache_write_tokens":0},"completion_tokens_details":{"reasoning_tokens":1},"cost_details":{"upstream_inference_cost":null}}}"#,
    streamed: r#": OPENROUTER PROCESSING

data: {"id":"gen-17-x","object":"chat.completion.chunk","created":1790000002,"model":"openai/gpt-4o-mini","provider":"HarborAI","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null,"native_finish_reason":null}]}

: OPENROUTER PROCESSING

data: {"id":"gen-17-x","model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"content":"Fo"},"finish_reason":null}]}

data: {"id":"gen-17-x","model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"content":"ur."},"finish_reason":null}]}

data: {"id":"gen-17-x","model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop","native_finish_reason":"end_turn"}]}

data: {"id":"gen-17-x","model":"openai/gpt-4o-mini","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24,"cost":0.0000171,"prompt_tokens_details":{"cached_tokens":8,"cache_write_tokens":0},"completion_tokens_details":{"reasoning_tokens":1}}}

data: [DONE]

"#,
    tool_call: r#"{"id":"gen-2","model":"openai/gpt-4o-mini","choices":[{"index":0,"finish_reason":"tool_calls","native_finish_reason":"tool_use","message":{"role":"assistant","content":null,"reasoning":"I add.","reasoning_details":[{"type":"reasoning.text","text":"I add.","signature":"c2ln","format":"anthropic-claude-v1","index":0}],"tool_calls":[{"index":0,"id":"call_7","type":"function","function":{"name":"add","arguments":"{\"a\":2,\"b\":2}"}}]}}],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74,"cost":0.0001}}"#,
    streamed_tool_call: r#"data: {"id":"gen-2","model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"I ","reasoning_details":[{"type":"reasoning.text","text":"I ","format":"anthropic-claude-v1","index":0}]},"finish_reason":null}]}

data: {"id":"gen-2","model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"content":"","reasoning":"add.","reasoning_details":[{"type":"reasoning.text","text":"add.","format":"anthropic-claude-v1","index":0}]},"finish_reason":null}]}

data: {"id":"gen-2","model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"content":"","reasoning_details":[{"type":"reasoning.text","signature":"c2ln","format":"anthropic-claude-v1","index":0}]},"finish_reason":null}]}

data: {"id":"gen-2","model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"type":"function","function":{"arguments":"{\"a\":2,"}}]},"finish_reason":null}]}

data: {"id":"gen-2","model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_7","function":{"name":"add","arguments":"\"b\":2}"}}]},"finish_reason":null}]}

data: {"id":"gen-2","model":"openai/gpt-4o-mini","choices":[{"index":0,"delta":{"content":""},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":60,"completion_tokens":14,"total_tokens":74,"cost":0.0001}}

data: [DONE]

"#,
    usage: Usage {
        cache_write_tokens: Some(0),
        ..usage(21, 3, Some(1), Some(8))
    },
    // The table of the guide, row by row; `code` is a number, a text or missing.
    refusals: &[
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"Invalid request parameters","metadata":{"error_type":"invalid_request"}}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"acme/no is not a valid model ID"},"user_id":"user_1"}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            400,
            "",
            r#"{"error":{"message":"Model not found","error_type":"invalid_request","http_status":400,"availability":{"code":"model_not_found","retryable":false}}}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"Too long","metadata":{"error_type":"context_length_exceeded"}}}"#,
            ErrorKind::ContextTooLong,
        ),
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"Too long","metadata":{"error_type":"token_limit_exceeded"}}}"#,
            ErrorKind::ContextTooLong,
        ),
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"Too long","metadata":{"error_type":"string_too_long"}}}"#,
            ErrorKind::ContextTooLong,
        ),
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"This endpoint's maximum context length is 4096 tokens."}}"#,
            ErrorKind::ContextTooLong,
        ),
        // The answer, not the question, is too long: a larger context does not help.
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"max_tokens is too large","metadata":{"error_type":"max_tokens_exceeded"}}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"No","metadata":{"error_type":"content_policy_violation"}}}"#,
            ErrorKind::ContentRefused,
        ),
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"No","metadata":{"error_type":"refusal"}}}"#,
            ErrorKind::ContentRefused,
        ),
        (
            400,
            "",
            r#"{"error":{"code":400,"message":"Bad picture","metadata":{"error_type":"invalid_image"}}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            404,
            "",
            r#"{"error":{"code":404,"message":"No picture","metadata":{"error_type":"image_not_found"}}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            401,
            "",
            r#"{"error":{"code":401,"message":"Missing Authentication header","metadata":{"error_type":"authentication"}}}"#,
            ErrorKind::KeyRefused,
        ),
        (
            401,
            "",
            r#"{"error":{"code":401,"message":"User not found."}}"#,
            ErrorKind::KeyRefused,
        ),
        (
            402,
            "",
            r#"{"error":{"code":402,"message":"Insufficient credits.","metadata":{"error_type":"payment_required"}}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            402,
            "",
            r#"{"error":{"code":402,"message":"Insufficient credits. Add more."}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            402,
            "retry-after: 2\r\n",
            r#"{"error":{"code":402,"message":"Others hold the rest.","metadata":{"error_type":"in_flight_budget_exhausted"}}}"#,
            ErrorKind::RateLimited,
        ),
        (
            403,
            "",
            r#"{"error":{"code":403,"message":"Only management keys can perform this operation","metadata":{"error_type":"permission_denied"}}}"#,
            ErrorKind::Forbidden,
        ),
        (
            403,
            "",
            r#"{"error":{"code":403,"message":"Input was flagged","metadata":{"reasons":["violence"],"flagged_input":"…","provider_name":"HarborAI"}}}"#,
            ErrorKind::ContentRefused,
        ),
        (
            403,
            "",
            r#"{"error":{"code":403,"message":"Request blocked","metadata":{"patterns":["secret"]}}}"#,
            ErrorKind::ContentRefused,
        ),
        (
            404,
            "",
            r#"{"error":{"code":404,"message":"No endpoints found for acme/one.","metadata":{"error_type":"not_found"}}}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            404,
            "",
            r#"{"error":{"message":"No provider is that cheap.","error_type":"not_found","http_status":404,"availability":{"code":"constraint_filtered","retryable":false,"excluded_by":["max_price"]}}}"#,
            ErrorKind::ModelNotFound,
        ),
        (
            408,
            "",
            r#"{"error":{"code":408,"message":"Operation timed out. Please try again later."}}"#,
            ErrorKind::Timeout,
        ),
        (
            412,
            "",
            r#"{"error":{"code":412,"message":"Precondition failed","metadata":{"error_type":"precondition_failed"}}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            413,
            "",
            r#"{"error":{"code":413,"message":"Request payload too large","metadata":{"error_type":"payload_too_large"}}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            422,
            "",
            r#"{"error":{"code":422,"message":"Invalid argument","metadata":{"error_type":"unprocessable"}}}"#,
            ErrorKind::InvalidRequest,
        ),
        (
            429,
            "",
            r#"{"error":{"code":429,"message":"Rate limit exceeded","metadata":{"error_type":"rate_limit_exceeded"}}}"#,
            ErrorKind::RateLimited,
        ),
        (
            429,
            "",
            r#"{"error":{"message":"Full","http_status":429,"availability":{"code":"capacity_exhausted","retryable":true,"retry_after":5}}}"#,
            ErrorKind::RateLimited,
        ),
        (
            500,
            "",
            r#"{"error":{"code":"server_error","message":"Internal Server Error","metadata":{"error_type":"server"}}}"#,
            ErrorKind::Server,
        ),
        (
            502,
            "",
            r#"{"error":{"code":502,"message":"Provider returned error","metadata":{"error_type":"provider_unavailable","provider_name":"HarborAI","raw":"upstream said no"}}}"#,
            ErrorKind::Server,
        ),
        (
            503,
            "",
            r#"{"error":{"code":503,"message":"Service temporarily unavailable","metadata":{"error_type":"provider_overloaded"}}}"#,
            ErrorKind::Overloaded,
        ),
        (
            504,
            "",
            r#"{"error":{"code":504,"message":"Request timed out.","metadata":{"error_type":"timeout"}}}"#,
            ErrorKind::Timeout,
        ),
        (
            524,
            "",
            "<html><body>524: a timeout occurred</body></html>",
            ErrorKind::Timeout,
        ),
        (
            529,
            "",
            r#"{"error":{"code":529,"message":"Provider returned error","metadata":{"error_type":"provider_overloaded"}}}"#,
            ErrorKind::Overloaded,
        ),
    ],
};

held_to_its_published_shapes!(VENDOR);

#[tokio::test]
async fn the_cost_comes_with_the_answer_to_the_last_digit() {
    let reply = VENDOR.ask(VENDOR.plain).await.0.unwrap();
    assert_eq!(usd(reply.cost.unwrap()), "$0.0000171");
    let reply = VENDOR.watch(VENDOR.streamed).await.1.unwrap();
    assert_eq!(usd(reply.cost.unwrap()), "$0.0000171");
}

#[tokio::test]
async fn what_was_thought_goes_back_in_one_piece_however_it_came() {
    for play in [
        json_reply(200, VENDOR.tool_call),
        events(VENDOR.streamed_tool_call),
    ] {
        let server = Server::play([play, json_reply(200, VENDOR.plain)]);
        let client = VENDOR.played_by(&server);
        let chat = client.chat(VENDOR.model).user("2+2?").tool_spec(add());
        let reply = chat.stream().final_reply().await.unwrap();
        let history = [
            Message::user("2+2?"),
            reply.to_message(),
            Message::tool("call_7", "4"),
        ];
        client
            .chat(VENDOR.model)
            .history(history)
            .send()
            .await
            .unwrap();
        let expected = json!([
            { "type": "reasoning.text", "text": "I add.", "signature": "c2ln", "format": "anthropic-claude-v1", "index": 0 },
        ]);
        assert_eq!(server.body(1)["messages"][1]["reasoning_details"], expected);
    }
}

#[test]
fn reasoning_goes_out_in_its_own_field() {
    let body = |reasoning| {
        let chat = VENDOR.client().chat("openai/gpt-5-mini").user("Hi");
        let preview = chat.reasoning(reasoning).preview().unwrap();
        preview.body["reasoning"].clone()
    };
    assert_eq!(body(Reasoning::Off), json!({ "effort": "none" }));
    assert_eq!(body(Reasoning::High), json!({ "effort": "high" }));
    assert_eq!(body(Reasoning::Tokens(500)), json!({ "max_tokens": 500 }));
}

#[test]
fn prefer_becomes_the_fields_that_openrouter_really_knows() {
    let chat = VENDOR
        .client()
        .chat(Prefer::Fastest.among(["openai/gpt-4o", "openai/gpt-4o-mini"]));
    let body = chat.user("Hi").preview().unwrap().body;
    assert_eq!(
        body["models"],
        json!(["openai/gpt-4o", "openai/gpt-4o-mini"])
    );
    assert_eq!(body["provider"]["sort"]["by"], "throughput");
    assert_eq!(body.get("route"), None);
}

#[tokio::test]
async fn every_place_of_a_hint_is_read_the_most_exact_first() {
    let wait = async |headers: &str, error: &str| {
        let body = format!(r#"{{"error":{{"code":429,"message":"Slow down",{error}}}}}"#);
        VENDOR.refused(429, headers, &body).await.retry_after()
    };
    let seconds = |wait: u64| Some(Duration::from_secs(wait));
    let all = r#""availability":{"retry_after":5},"metadata":{"retry_after_seconds":12,"headers":{"Retry-After":"13"}}"#;
    assert_eq!(wait("retry-after: 4\r\n", all).await, seconds(4));
    assert_eq!(wait("", all).await, seconds(5));
    assert_eq!(
        wait(
            "",
            r#""metadata":{"retry_after_seconds":12,"headers":{"Retry-After":"13"}}"#
        )
        .await,
        seconds(12)
    );
    assert_eq!(
        wait("", r#""metadata":{"headers":{"Retry-After":"13"}}"#).await,
        seconds(13)
    );
    assert_eq!(wait("", r#""metadata":{}"#).await, None);
}

#[tokio::test]
async fn the_free_requests_of_a_day_are_not_waited_for_and_another_model_answers() {
    let of_the_day = r#"{"error":{"code":429,"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day","metadata":{"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0","X-RateLimit-Reset":"1"}}}}"#;
    let server = Server::play([
        respond(429, "retry-after: 1\r\n", of_the_day),
        json_reply(200, VENDOR.plain),
        respond(429, "", of_the_day),
    ]);
    let client = Client::builder()
        .base_url(server.at("/api/v1"))
        .key("sk-or-v1-test0123456789")
        .build()
        .unwrap();
    let reply = client
        .ask(["acme/one:free", "acme/one"], "Hi")
        .await
        .unwrap();
    assert_eq!(reply.trail.len(), 2);
    // The first client knows by now that nothing is left of the day; one that does not know asks once.
    let other = Client::builder()
        .base_url(server.at("/api/v1"))
        .key("sk-or-v1-other0123456789")
        .build()
        .unwrap();
    let error = other.ask("acme/one:free", "Hi").await.unwrap_err();
    assert_eq!(error.trail().len(), 1, "nothing is asked again: {error:?}");
    assert!(error.retry_after().unwrap() >= Duration::from_secs(3600));
}

#[tokio::test]
async fn the_four_errors_under_http_200_are_errors() {
    let inner = r#"{"code":502,"message":"Provider returned error","metadata":{"error_type":"provider_unavailable"}}"#;
    for (body, kind) in [
        (format!(r#"{{"error":{inner}}}"#), ErrorKind::Server),
        (format!(r#"{{"choices":[{{"message":{{"content":"The first ha"}},"finish_reason":"error","error":{inner}}}]}}"#), ErrorKind::Server),
        (r#"{"choices":[{"message":{"content":""},"finish_reason":null}],"usage":{"prompt_tokens":9,"completion_tokens":0}}"#.to_owned(), ErrorKind::BadReply),
    ] {
        assert_eq!(VENDOR.ask(&body).await.0.unwrap_err().kind(), kind, "{body}");
    }
    let (begun, _) = VENDOR.streamed.split_at(VENDOR.streamed.find("\n\ndata: {\"id\":\"gen-17-x\",\"model\":\"openai/gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"}").unwrap());
    let chunk = format!(
        r#"{{"id":"gen-17-x","error":{inner},"choices":[{{"index":0,"delta":{{"content":""}},"finish_reason":"error"}}]}}"#
    );
    let (text, end, _) = VENDOR.watch(&format!("{begun}\n\ndata: {chunk}\n\n")).await;
    let end = end.unwrap_err();
    assert_eq!((text.as_str(), end.partial()), ("Four.", Some("Four.")));
    assert_eq!(end.kind(), ErrorKind::Server);
}

#[test]
fn the_registry_says_what_it_alone_can() {
    let alone: Vec<_> = platform_specs()
        .iter()
        .filter(|preset| preset.can.server_fallback)
        .map(|preset| preset.name)
        .collect();
    assert_eq!(alone, ["openrouter"]);
}
