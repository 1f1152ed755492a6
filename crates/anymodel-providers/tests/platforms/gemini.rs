//! Gemini, native. Shapes: <https://ai.google.dev/api/generate-content>, signatures of thoughts:
//! <https://ai.google.dev/gemini-api/docs/thought-signatures>, errors: <https://ai.google.dev/gemini-api/docs/troubleshooting>, read in
//! August to November 2026. Values are invented.

use anymodel::prelude::*;

use std::time::Duration;

use anymodel::{Image, Reasoning, ToolChoice};
use serde_json::{Value, json};

use crate::support::{Server, events, json as json_reply};
use crate::vendor::add;
use crate::vendor::{Refusal, Vendor, usage};

const VENDOR: Vendor = Vendor {
    name: "gemini",
    model: "gemini-2.5-flash",
    variables: &[],
    url: "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
    stream_url: "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    paths: [
        "/v1beta",
        "/v1beta/models/gemini-2.5-flash:generateContent",
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    ],
    key_header: "x-goog-api-key: ",
    plain: r#"{"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"Two and two.","thought":true},{"text":"Four.","thoughtSignature":"c2lnLXRleHQ="}]},"finishReason":"STOP","safetyRatings":[]}],"usageMetadata":{"promptTokenCount":31,"cachedContentTokenCount":5,"candidatesTokenCount":1,"thoughtsTokenCount":12,"toolUsePromptTokenCount":2,"totalTokenCount":46},"modelVersion":"gemini-2.5-flash-001","responseId":"r1"}"#,
    streamed: r#"data: {"candidates":[{"content":{"role":"model","parts":[{"text":"Two and two.","thought":true}]},"index":0}],"usageMetadata":{"promptTokenCount":31,"totalTokenCount":31},"modelVersion":"gemini-2.5-flash-001","responseId":"r1"}

data: {"candidates":[{"content":{"role":"model","parts":[{"text":"Fo"}]},"index":0}],"usageMetadata":{"promptTokenCount":31,"thoughtsTokenCount":12,"totalTokenCount":43},"modelVersion":"gemini-2.5-flash-001","responseId":"r1"}

data: {"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"ur.","thoughtSignature":"c2lnLXRleHQ="}]},"finishReason":"STOP","safetyRatings":[]}],"usageMetadata":{"promptTokenCount":31,"cachedContentTokenCount":5,"candidatesTokenCount":1,"thoughtsTokenCount":12,"toolUsePromptTokenCount":2,"totalTokenCount":46},"modelVersion":"gemini-2.5-flash-001","responseId":"r1"}

"#,
    tool_call: r#"{"candidates":[{"index":0,"content":{"role":"model","parts":[{"functionCall":{"name":"add","args":{"a":2,"b":2}},"thoughtSignature":"c2lnLWNhbGw="}]},"finishReason":"STOP","safetyRatings":[]}],"usageMetadata":{"promptTokenCount":31,"cachedContentTokenCount":5,"candidatesTokenCount":1,"thoughtsTokenCount":12,"toolUsePromptTokenCount":2,"totalTokenCount":46},"modelVersion":"gemini-2.5-flash-001","responseId":"r1"}"#,
    streamed_tool_call: r#"data: {"candidates":[{"index":0,"content":{"role":"model","parts":[{"functionCall":{"id":"call-9","name":"add","args":{"a":2,"b":2}},"thoughtSignature":"c2lnLWNhbGw="}]},"safetyRatings":[]}],"usageMetadata":{"promptTokenCount":31,"cachedContentTokenCount":5,"candidatesTokenCount":1,"thoughtsTokenCount":12,"toolUsePromptTokenCount":2,"totalTokenCount":46},"modelVersion":"gemini-2.5-flash-001","responseId":"r1"}

data: {"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP","safetyRatings":[]}],"usageMetadata":{"promptTokenCount":31,"cachedContentTokenCount":5,"candidatesTokenCount":1,"thoughtsTokenCount":12,"toolUsePromptTokenCount":2,"totalTokenCount":46},"modelVersion":"gemini-2.5-flash-001","responseId":"r1"}

"#,
    usage: usage(33, 13, Some(12), Some(5)),
    refusals: REFUSALS,
};

/// What Google refuses with, at either of its addresses.
pub const REFUSALS: &[Refusal] = &[
    // Nothing but its words tells an empty account from a limit: https://ai.google.dev/gemini-api/docs/billing
    (
        429,
        "",
        r#"{"error":{"code":429,"message":"Your prepayment credits are depleted.","status":"RESOURCE_EXHAUSTED"}}"#,
        ErrorKind::PaymentRequired,
    ),
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
];

held_to_its_published_shapes!(VENDOR);

#[test]
fn the_question_goes_out_in_googles_shape() {
    let body = VENDOR.body(|chat| {
        chat.system("Be brief.")
            .image(Image::data("image/png", b"png"))
            .image(Image::url("https://example.org/cat.jpg?size=1"))
            .temperature(0.2)
            .top_p(0.9)
            .max_tokens(1000)
            .stop("##")
            .seed(7)
            .presence_penalty(0.5)
            .frequency_penalty(0.25)
            .tool_spec(add())
            .tool_choice(ToolChoice::Named("add".to_owned()))
            .reasoning(Reasoning::Tokens(512))
    });
    let expected = json!({
        "systemInstruction": { "parts": [{ "text": "Be brief." }] },
        "contents": [
            { "role": "user", "parts": [
                { "text": "What is 2+2?" },
                { "inlineData": { "mimeType": "image/png", "data": "cG5n" } },
                { "fileData": { "mimeType": "image/jpeg", "fileUri": "https://example.org/cat.jpg?size=1" } },
            ] },
        ],
        "generationConfig": {
            "temperature": 0.2, "topP": 0.9, "maxOutputTokens": 1000, "stopSequences": ["##"], "seed": 7,
            "presencePenalty": 0.5, "frequencyPenalty": 0.25,
            "thinkingConfig": { "includeThoughts": true, "thinkingBudget": 512 },
        },
        "tools": [{ "functionDeclarations": [
            { "name": "add", "description": "Adds two numbers.", "parametersJsonSchema": add().parameters },
        ] }],
        "toolConfig": { "functionCallingConfig": { "mode": "ANY", "allowedFunctionNames": ["add"] } },
    });
    let body = body.unwrap();
    for (field, value) in expected.as_object().unwrap() {
        if field != "contents" {
            assert_eq!(&body[field], value, "{field}");
        }
    }
    let mut parts = body["contents"][0]["parts"].as_array().unwrap().clone();
    let mut wanted = expected["contents"][0]["parts"].as_array().unwrap().clone();
    parts.sort_by_key(Value::to_string);
    wanted.sort_by_key(Value::to_string);
    assert_eq!(parts, wanted);
}

#[test]
fn thinking_is_switched_off_as_far_as_a_model_lets_it() {
    let config = |model: &str| {
        let chat = VENDOR
            .client()
            .chat(model)
            .user("Hi")
            .reasoning(Reasoning::Off);
        chat.preview().unwrap().body["generationConfig"]["thinkingConfig"].clone()
    };
    assert_eq!(config("gemini-2.5-flash")["thinkingBudget"], 0);
    assert_eq!(config("gemini-2.5-pro")["thinkingBudget"], 128);
    assert!(config("gemini-2.0-flash").is_null());
}

#[tokio::test]
async fn signatures_go_back_where_they_came_from() {
    for play in [
        json_reply(200, VENDOR.tool_call),
        events(VENDOR.streamed_tool_call),
    ] {
        let server = Server::play([
            play,
            json_reply(200, VENDOR.plain),
            json_reply(200, VENDOR.plain),
        ]);
        let client = VENDOR.played_by(&server);
        let reply = client
            .chat(VENDOR.model)
            .user("2+2?")
            .tool_spec(add())
            .stream()
            .final_reply()
            .await
            .unwrap();
        let call = &reply.tool_calls[0];
        let mut history = vec![
            Message::user("2+2?"),
            reply.to_message(),
            Message::tool(&call.id, r#"{"sum":4}"#),
        ];
        let second = client
            .chat(VENDOR.model)
            .history(history.clone())
            .tool_spec(add())
            .send()
            .await
            .unwrap();
        let contents = server.body(1)["contents"].clone();
        let part = &contents[1]["parts"][0];
        assert_eq!(contents[1]["role"], "model");
        assert_eq!(part["thoughtSignature"], "c2lnLWNhbGw=");
        assert_eq!(part["functionCall"]["args"], json!({ "a": 2, "b": 2 }));
        let result = &contents[2]["parts"][0]["functionResponse"];
        assert_eq!(
            (&result["name"], &result["response"]),
            (&json!("add"), &json!({ "sum": 4 }))
        );
        // A number that Google gave goes back; one that was made up here does not.
        let given = call.id.starts_with("call-");
        assert_eq!(part["functionCall"].get("id").is_some(), given);
        assert_eq!(result.get("id").is_some(), given);
        history.extend([second.to_message(), Message::user("Sure?")]);
        client
            .chat(VENDOR.model)
            .history(history)
            .send()
            .await
            .unwrap();
        let said = &server.body(2)["contents"][3]["parts"][0];
        assert_eq!(
            said,
            &json!({ "text": "Four.", "thoughtSignature": "c2lnLXRleHQ=" })
        );
    }
}

#[tokio::test]
async fn thoughts_are_no_part_of_the_text() {
    let reply = VENDOR.ask(VENDOR.plain).await.0.unwrap();
    assert_eq!(reply.reasoning.as_deref(), Some("Two and two."));
    assert_eq!(reply.model, "gemini-2.5-flash-001");
}

#[tokio::test]
async fn a_blocked_prompt_is_a_refusal_and_not_an_empty_answer() {
    let blocked = r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9},"modelVersion":"gemini-2.5-flash-001"}"#;
    let error = VENDOR.ask(blocked).await.0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ContentRefused);
    assert!(error.to_string().contains("PROHIBITED_CONTENT"), "{error}");
    assert_eq!(
        error.trail().last().unwrap().usage.unwrap().prompt_tokens,
        9
    );
    let (_, end, _) = VENDOR.watch(&format!("data: {blocked}\n\n")).await;
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ContentRefused);
}

#[tokio::test]
async fn every_way_to_stop_is_told_apart() {
    for (word, text, expected) in [
        ("MAX_TOKENS", "Fo", Ok("length")),
        ("SAFETY", "Fo", Ok("content_filter")),
        ("SAFETY", "", Err(ErrorKind::ContentRefused)),
        ("RECITATION", "", Err(ErrorKind::ContentRefused)),
        ("MALFORMED_FUNCTION_CALL", "", Err(ErrorKind::BadReply)),
        // It may mean anything, so its text is not known to be whole.
        ("NEW_WORD", "Four.", Err(ErrorKind::BrokenStream)),
    ] {
        let body = json!({ "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": word }] });
        let reply = VENDOR.ask(&body.to_string()).await.0;
        let got = reply
            .as_ref()
            .map(|reply| reply.finish_reason.as_ref().unwrap().as_str());
        assert_eq!(got.map_err(anymodel::Error::kind), expected, "{word}");
    }
}

#[tokio::test]
async fn google_says_in_the_body_when_to_come_back() {
    let limited = VENDOR
        .refusals
        .iter()
        .find(|(_, _, body, _)| body.contains("retryDelay"))
        .unwrap()
        .2;
    let error = VENDOR.refused(429, "", limited).await;
    assert_eq!(error.retry_after(), Some(Duration::from_millis(17_500)));
}

#[tokio::test]
async fn a_limit_of_the_day_is_not_waited_for_whatever_it_says_of_seconds() {
    let of_the_day = r#"{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"17s"}]}}"#;
    let error = VENDOR.refused(429, "retry-after: 17\r\n", of_the_day).await;
    assert!(
        error.retry_after().unwrap() >= Duration::from_secs(3600),
        "{error:?}"
    );
}

#[test]
fn vertex_ai_is_asked_in_the_same_shape_with_a_token() {
    let vertex = Vendor {
        name: "vertex",
        variables: &[
            ("GOOGLE_CLOUD_PROJECT", "acme-1"),
            ("VERTEX_LOCATION", "europe-west4"),
        ],
        ..VENDOR
    };
    let preview = vertex
        .client()
        .chat("gemini-2.5-flash")
        .user("Hi")
        .preview()
        .unwrap();
    assert_eq!(
        preview.url,
        "https://europe-west4-aiplatform.googleapis.com/v1/projects/acme-1/locations/europe-west4/publishers/google/models/\
         gemini-2.5-flash:generateContent"
    );
    assert_eq!(preview.key_header.as_deref(), Some("authorization"));
    assert_eq!(preview.body["contents"][0]["parts"][0]["text"], "Hi");
}

#[test]
fn a_model_may_be_named_with_the_list_it_is_from() {
    let url = |model: &str| {
        VENDOR
            .client()
            .chat(model)
            .user("Hi")
            .preview()
            .unwrap()
            .url
    };
    assert!(
        url("models/gemini-2.5-pro").ends_with("/v1beta/models/gemini-2.5-pro:generateContent")
    );
    assert!(url("tunedModels/mine").ends_with("/v1beta/tunedModels/mine:generateContent"));
    // Whatever else is in a name, it stays in the path.
    assert!(url("odd?key=1#x").ends_with("/v1beta/models/odd%3Fkey%3D1%23x:generateContent"));
}
