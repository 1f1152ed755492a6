//! Questions passed on to a real OpenAI-compatible server; here a small one made for the test.

use anymodel::sandbox::Sandbox;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::support::{chunks, question, talk_to, text};

/// A server with one model, which repeats the question and counts in its own way.
async fn local_server() -> String {
    let app = Router::new()
        .route("/v1/models", get(async || Json(json!({ "data": [{ "id": "tiny-local" }] }))))
        .route(
            "/v1/chat/completions",
            post(async |Json(asked): Json<Value>| {
                let said = format!("{} heard: {}", asked["model"].as_str().unwrap(), asked["messages"][0]["content"].as_str().unwrap());
                Json(json!({
                    "choices": [{ "message": { "role": "assistant", "content": said }, "finish_reason": "stop" }],
                    "usage": { "prompt_tokens": 1000, "completion_tokens": 500 },
                }))
            }),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/v1")
}

#[tokio::test]
async fn the_real_servers_answer_comes_in_the_sandboxs_envelope() {
    let upstream = local_server().await;
    let talk = talk_to(
        Sandbox::builder()
            .time_scale(0.0)
            .upstream(Some(upstream))
            .start()
            .unwrap(),
    );
    let asked = question("openai/gpt-4o", "a real question");
    let (status, body) = talk.ask(&asked).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["model"], "openai/gpt-4o");
    assert_eq!(
        body["choices"][0]["message"]["content"],
        "tiny-local heard: a real question"
    );
    assert_eq!(body["usage"]["total_tokens"], 1500);
    assert_eq!(
        body["usage"]["cost"], 0.0075,
        "its tokens at the asked model's price"
    );
    let chunks = chunks(&talk.stream(&asked).await);
    assert_eq!(text(&chunks), "tiny-local heard: a real question");
    let (status, _) = talk
        .ask(&question("sandbox/down", "faults stay faults"))
        .await;
    assert_eq!(status, 503);
}

#[tokio::test]
async fn a_real_server_that_is_not_there_is_a_502_that_says_so() {
    let nobody = "http://127.0.0.1:9/v1".to_owned();
    let talk = talk_to(
        Sandbox::builder()
            .time_scale(0.0)
            .upstream(Some(nobody))
            .start()
            .unwrap(),
    );
    let (status, body) = talk.ask(&question("openai/gpt-4o", "hello?")).await;
    assert_eq!(status, 502);
    assert!(
        body["error"]["metadata"]["raw"]
            .as_str()
            .unwrap()
            .contains("127.0.0.1:9"),
        "{body}"
    );
}

#[test]
fn an_upstream_that_is_no_http_address_is_refused_at_the_start() {
    let started = Sandbox::builder()
        .upstream(Some("localhost:11434".into()))
        .start();
    let error = started.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert!(
        error.to_string().contains("http://localhost:11434/v1"),
        "{error}"
    );
}
