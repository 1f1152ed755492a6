//! Gemini's face: the bytes of `generateContent`.

use anymodel::sandbox::faults;
use serde_json::{Value, json};

use super::support::{Said, Talk, talk};

const HEADERS: [(&str, &str); 1] = [("x-goog-api-key", "AIza-0123456789abcdef")];
const PLAIN: &str = "generateContent";
const STREAM: &str = "streamGenerateContent?alt=sse";

fn question() -> Value {
    json!({ "contents": [{ "role": "user", "parts": [{ "text": "Explain recursion in one sentence." }] }] })
}

fn path(model: &str, verb: &str) -> String {
    format!("/gemini/v1beta/models/{model}:{verb}")
}

async fn ask(talk: &Talk, verb: &str, body: &Value) -> Said {
    let request = talk.guest(&path("gemini-2.5-flash", verb), &HEADERS, body);
    Said::by(request).await.unwrap()
}

async fn fault(name: &str, verb: &str) -> Option<Said> {
    // A slash in a model's name is written so that the path keeps its parts.
    let path = path(&format!("sandbox%2F{name}"), verb);
    Said::by(talk().guest(&path, &HEADERS, &question())).await
}

fn text(responses: &[Value]) -> String {
    let said = |response: &Value| {
        let text = response.pointer("/candidates/0/content/parts/0/text")?;
        text.as_str().map(str::to_owned)
    };
    responses.iter().filter_map(said).collect()
}

#[tokio::test]
async fn a_response_has_the_vendors_shape_and_says_that_it_is_simulated() {
    let said = ask(&talk(), PLAIN, &question()).await;
    assert_eq!(said.headers["x-anymodel-sandbox"], "simulated");
    let response = said.json();
    let candidate = &response["candidates"][0];
    assert_eq!(
        (&candidate["finishReason"], &candidate["index"]),
        (&json!("STOP"), &json!(0))
    );
    assert_eq!(candidate["content"]["role"], "model");
    assert!(text(std::slice::from_ref(&response)).contains("ecurs"));
    assert_eq!(response["modelVersion"], "gemini-2.5-flash");
    let usage = &response["usageMetadata"];
    let count = |key: &str| usage[key].as_u64().unwrap();
    assert_eq!(
        count("promptTokenCount") + count("candidatesTokenCount"),
        count("totalTokenCount")
    );
    assert!(usage.get("thoughtsTokenCount").is_none());
    for foreign in ["cost", "choices", "usage"] {
        assert!(!response.to_string().contains(&format!("\"{foreign}\"")));
    }
}

#[tokio::test]
async fn a_streamed_response_is_a_row_of_whole_ones_without_a_sentinel() {
    let said = ask(&talk(), STREAM, &question()).await;
    assert_eq!(said.headers["content-type"], "text/event-stream");
    let responses = said.data();
    assert_eq!(
        text(&responses),
        text(&[ask(&talk(), PLAIN, &question()).await.json()])
    );
    assert!(
        responses
            .iter()
            .all(|r| r["usageMetadata"]["promptTokenCount"].as_u64() > Some(5))
    );
    let finished: Vec<bool> = responses
        .iter()
        .map(|r| r.pointer("/candidates/0/finishReason").is_some())
        .collect();
    assert!(finished.iter().rev().skip(1).all(|done| !done) && finished[finished.len() - 1]);
    assert!(!said.text.contains("[DONE]") && !said.text.contains("OPENROUTER"));
    assert!(said.events().iter().all(|(name, _)| name.is_empty()));
}

#[tokio::test]
async fn thoughts_stand_beside_the_candidates_tokens() {
    let mut body = question();
    body["generationConfig"] = json!({ "thinkingConfig": { "includeThoughts": true } });
    let response = ask(&talk(), PLAIN, &body).await.json();
    assert_eq!(
        response["candidates"][0]["content"]["parts"][0]["thought"],
        true
    );
    let usage = &response["usageMetadata"];
    let sum: u64 = [
        "promptTokenCount",
        "candidatesTokenCount",
        "thoughtsTokenCount",
    ]
    .iter()
    .map(|key| usage[key].as_u64().unwrap())
    .sum();
    assert_eq!(usage["totalTokenCount"], sum);
}

#[tokio::test]
async fn a_function_call_comes_whole_and_ends_with_stop() {
    let mut body = question();
    body["tools"] = json!([{ "functionDeclarations": [{ "name": "lookup", "parameters": { "type": "OBJECT", "properties": { "q": { "type": "STRING" } }, "required": ["q"] } }] }]);
    body["tool_config"] = json!({ "function_calling_config": { "mode": "ANY" } });
    for verb in [PLAIN, STREAM] {
        let said = ask(&talk(), verb, &body).await;
        let response = if verb == PLAIN {
            said.json()
        } else {
            said.data().pop().unwrap()
        };
        let candidate = &response["candidates"][0];
        let part = &candidate["content"]["parts"][0];
        assert_eq!(part["functionCall"]["name"], "lookup");
        assert!(part["functionCall"]["args"]["q"].is_string(), "{part}");
        assert!(part["thoughtSignature"].is_string());
        assert_eq!(candidate["finishReason"], "STOP");
    }
}

#[tokio::test]
async fn a_request_the_vendor_would_refuse_is_refused_and_says_why() {
    let talk = talk();
    let call =
        json!({ "role": "model", "parts": [{ "functionCall": { "name": "add", "args": {} } }] });
    let answer = |name: &str| json!({ "role": "user", "parts": [{ "functionResponse": { "name": name, "response": {} } }] });
    let forged = json!({ "role": "model", "parts": [{ "functionCall": { "name": "add" }, "thoughtSignature": "b3RoZXI=" }] });
    let cases = [
        (json!({ "contents": [] }), "contents is not specified"),
        (json!({ "messages": [] }), "Unknown name \"messages\""),
        (
            json!({ "generationConfig": { "max_tokens": 5 } }),
            "Unknown name \"max_tokens\" at 'generation_config'",
        ),
        (
            json!({ "contents": [{ "role": "assistant", "parts": [{ "text": "hi" }] }] }),
            "valid role",
        ),
        (
            json!({ "contents": [call.clone(), { "role": "user", "parts": [{ "text": "and?" }] }] }),
            "function response turn",
        ),
        (
            json!({ "contents": [call, answer("sub")] }),
            "no function call named \"sub\"",
        ),
        (
            json!({ "contents": [forged, answer("add")] }),
            "Thought signature",
        ),
        (
            json!({ "generationConfig": { "responseSchema": { "type": "OBJECT" } } }),
            "application/json",
        ),
        (
            json!({ "generationConfig": { "temperature": 3 } }),
            "temperature",
        ),
    ];
    for (change, why) in cases {
        let mut body = question();
        for (key, value) in change.as_object().unwrap() {
            body[key] = value.clone();
        }
        let said = ask(&talk, PLAIN, &body).await;
        let error = &said.json()["error"];
        assert_eq!(
            (said.status, &error["code"], &error["status"]),
            (400, &json!(400), &json!("INVALID_ARGUMENT"))
        );
        assert!(error["message"].as_str().unwrap().contains(why), "{error}");
    }
}

#[tokio::test]
async fn a_missing_key_a_bad_one_and_a_wrong_address_are_told_apart() {
    let talk = talk();
    let path = path("gemini-2.5-flash", PLAIN);
    for (headers, status, word) in [
        (&[][..], 403, "PERMISSION_DENIED"),
        (
            &[("x-goog-api-key", "two words")][..],
            400,
            "INVALID_ARGUMENT",
        ),
        (&[("authorization", "Bearer ya29.token")][..], 200, ""),
    ] {
        let said = Said::by(talk.guest(&path, headers, &question()))
            .await
            .unwrap();
        assert_eq!(said.status, status);
        assert_eq!(
            said.json()["error"]["status"].as_str().unwrap_or_default(),
            word
        );
    }
    let vertex = "/gemini/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:generateContent";
    assert_eq!(
        Said::by(talk.guest(vertex, &HEADERS, &question()))
            .await
            .unwrap()
            .status,
        200
    );
    for wrong in [
        "/gemini/v1beta/models/gemini-2.5-flash:countTokens",
        "/gemini/v1beta/nothing",
    ] {
        assert_eq!(
            Said::by(talk.guest(wrong, &HEADERS, &question()))
                .await
                .unwrap()
                .status,
            404
        );
    }
    let without_sse = ask(&talk, "streamGenerateContent", &question()).await;
    assert_eq!(without_sse.status, 400);
}

#[tokio::test]
async fn every_refusal_has_the_vendors_envelope() {
    let words = [
        (400, "INVALID_ARGUMENT"),
        (400, "FAILED_PRECONDITION"),
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (429, "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL"),
        (503, "UNAVAILABLE"),
        (504, "DEADLINE_EXCEEDED"),
    ];
    for refusal in faults()
        .iter()
        .filter(|fault| fault.status.is_some_and(|status| status >= 400))
    {
        for verb in [PLAIN, STREAM] {
            let said = fault(refusal.name, verb).await.unwrap();
            let blocked = matches!(refusal.name, "400-content-policy" | "403-moderation");
            if blocked {
                let response = if verb == PLAIN {
                    said.json()
                } else {
                    said.data().pop().unwrap()
                };
                assert_eq!(
                    (said.status, &response["promptFeedback"]["blockReason"]),
                    (200, &json!("SAFETY"))
                );
                assert!(response.get("candidates").is_none());
                continue;
            }
            let error = &said.json()["error"];
            let word = error["status"].as_str().unwrap();
            assert!(
                words.contains(&(said.status, word)),
                "{}: {error}",
                refusal.name
            );
            assert_eq!(error["code"], said.status, "a number");
            let hinted = refusal.name.contains("hint") || refusal.name.contains("retry-after");
            let retry = error["details"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|d| d["retryDelay"] == "0s");
            assert!(!hinted || retry, "{}: {error}", refusal.name);
        }
    }
    let bad_key = fault("401", PLAIN).await.unwrap().json();
    assert_eq!(bad_key["error"]["details"][0]["reason"], "API_KEY_INVALID");
}

#[tokio::test]
async fn broken_and_odd_streams_are_so_here_too() {
    for (name, spoken, broken) in [
        ("stream-cut", 40, true),
        ("stall", 20, true),
        ("no-done", 60, false),
    ] {
        let said = fault(name, STREAM).await.unwrap();
        let responses = said.data();
        assert_eq!(
            (text(&responses).split_whitespace().count(), said.broken),
            (spoken, broken),
            "{name}"
        );
        let ended = responses
            .iter()
            .any(|r| r.pointer("/candidates/0/finishReason").is_some());
        assert_eq!(ended, name == "no-done", "{name}");
    }
    assert!(fault("connection-reset", STREAM).await.is_none());
    let responses = fault("error-mid-stream", STREAM).await.unwrap().data();
    assert_eq!(
        responses[responses.len() - 1]["error"]["status"],
        "UNAVAILABLE"
    );
    for (name, reason) in [
        ("finish-unknown", json!("TEA_BREAK")),
        ("content-filter", json!("SAFETY")),
        ("finish-null", Value::Null),
    ] {
        for verb in [PLAIN, STREAM] {
            let said = fault(name, verb).await.unwrap();
            let last = if verb == PLAIN {
                said.json()
            } else {
                said.data().pop().unwrap()
            };
            assert_eq!(last["candidates"][0]["finishReason"], reason, "{name}");
        }
    }
    assert_eq!(
        fault("empty-completion", STREAM)
            .await
            .unwrap()
            .data()
            .len(),
        1
    );
    assert_eq!(
        fault("choices-empty", PLAIN).await.unwrap().json()["candidates"],
        json!([])
    );
    assert!(
        fault("choices-missing", PLAIN)
            .await
            .unwrap()
            .json()
            .get("candidates")
            .is_none()
    );
    assert!(
        fault("usage-missing", STREAM)
            .await
            .unwrap()
            .data()
            .iter()
            .all(|r| r.get("usageMetadata").is_none())
    );
    assert_eq!(
        fault("error-body", PLAIN).await.unwrap().json()["error"]["code"],
        503
    );
}
