//! What the vendors' faces share with the home protocol: answers, books, faults in turns, real answers from upstream.

use std::time::{Duration, Instant};

use anymodel::sandbox::Sandbox;
use serde_json::{Value, json};

use super::support::{KEY, Said, Talk, question, talk, talk_to};

const ASKED: &str = "Explain recursion in one sentence.";

async fn claude(talk: &Talk, model: &str, stream: bool) -> Said {
    let headers = [("x-api-key", KEY), ("anthropic-version", "2023-06-01")];
    let body = json!({ "model": model, "max_tokens": 500, "stream": stream, "messages": [{ "role": "user", "content": ASKED }] });
    Said::by(talk.guest("/anthropic/v1/messages", &headers, &body))
        .await
        .unwrap()
}

async fn gemini(talk: &Talk, model: &str) -> Value {
    let body = json!({ "contents": [{ "parts": [{ "text": ASKED }] }] });
    let path = format!("/gemini/v1beta/models/{model}:generateContent");
    let said = Said::by(talk.guest(&path, &[("x-goog-api-key", KEY)], &body)).await;
    said.unwrap().json()
}

#[tokio::test]
async fn a_model_says_the_same_on_every_face_and_counts_the_same() {
    let talk = talk();
    let (_, home) = talk
        .ask(&question("anthropic/claude-sonnet-4.5", ASKED))
        .await;
    let guest = claude(&talk, "claude-sonnet-4-5", false).await.json();
    assert_eq!(
        guest["content"][0]["text"],
        home["choices"][0]["message"]["content"]
    );
    assert_eq!(
        guest["usage"]["input_tokens"],
        home["usage"]["prompt_tokens"]
    );
    assert_eq!(
        guest["usage"]["output_tokens"],
        home["usage"]["completion_tokens"]
    );
    let (_, home) = talk.ask(&question("google/gemini-2.5-flash", ASKED)).await;
    let guest = gemini(&talk, "gemini-2.5-flash").await;
    assert_eq!(
        guest["candidates"][0]["content"]["parts"][0]["text"],
        home["choices"][0]["message"]["content"]
    );
    assert_eq!(
        guest["usageMetadata"]["totalTokenCount"],
        home["usage"]["total_tokens"]
    );
}

#[tokio::test]
async fn the_vendors_own_names_lead_to_the_catalogue() {
    let talk = talk();
    for (asked, meant) in [
        ("claude-sonnet-4.5", "claude-sonnet-4.5"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4.5"),
        ("claude-3-5-haiku-latest", "claude-3.5-haiku"),
        ("anthropic/claude-opus-4.6", "claude-opus-4.6"),
    ] {
        assert_eq!(
            claude(&talk, asked, false).await.json()["model"],
            meant,
            "{asked}"
        );
    }
    for (asked, meant) in [
        ("gemini-2.0-flash", "gemini-2.0-flash-001"),
        ("gemini-1.5-pro", "gemini-pro-1.5"),
        ("google%2Fgemini-2.5-pro", "gemini-2.5-pro"),
    ] {
        assert_eq!(gemini(&talk, asked).await["modelVersion"], meant, "{asked}");
    }
    assert_eq!(claude(&talk, "claude-none", false).await.status, 404);
    assert_eq!(
        gemini(&talk, "gemini-none").await["error"]["status"],
        "NOT_FOUND"
    );
}

#[tokio::test]
async fn what_a_guest_costs_is_booked_on_its_key() {
    let talk = talk();
    claude(&talk, "claude-sonnet-4.5", false).await;
    gemini(&talk, "gemini-2.5-flash").await;
    let (_, key) = talk.get("/key").await;
    assert!(key["data"]["usage"].as_f64() > Some(0.0), "{key}");
}

#[tokio::test]
async fn faults_that_come_in_turns_do_so_for_a_key_whatever_its_face() {
    let talk = talk();
    assert_eq!(claude(&talk, "sandbox/503-once", false).await.status, 529);
    let (status, _) = talk.ask(&question("sandbox/503-once", ASKED)).await;
    assert_eq!(status, 200);
    assert_eq!(
        gemini(&talk, "sandbox%2F503-once").await["error"]["code"],
        503
    );
    assert_eq!(claude(&talk, "sandbox/503-once", false).await.status, 200);
}

#[tokio::test]
async fn simulated_time_passes_here_too() {
    let talk = talk_to(Sandbox::builder().time_scale(0.01).start().unwrap());
    let began = Instant::now();
    claude(&talk, "sandbox/slow", false).await;
    assert!(began.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_real_server_behind_the_sandbox_answers_the_guests() {
    let real = talk();
    let behind = Sandbox::builder()
        .time_scale(0.0)
        .upstream(Some(real.sandbox.base_url().to_owned()))
        .start();
    // The home protocol wants a key, which an upstream is not given: its refusal comes out in the guest's shape.
    let said = claude(&talk_to(behind.unwrap()), "claude-sonnet-4.5", false).await;
    assert_eq!(
        (said.status, &said.json()["error"]["type"]),
        (502, &json!("api_error"))
    );
}
