//! What passes through: whole answers, streams, errors, other protocols.

use std::time::Duration;

use axum::body::Body;
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{MODEL, Provider, World, completion, question, response};

#[tokio::test]
async fn any_openai_client_gets_an_answer_that_says_that_it_is_simulated() {
    let world = World::sandbox().await;
    let (_, key) = world.key(json!({})).await;
    let response = world.chat(&key, question(json!({}))).await;
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    assert_eq!(headers["x-anymodel-simulated"], "true");
    assert_eq!(headers["x-anymodel-attempts"], "1");
    assert_eq!(headers["x-anymodel-model"], MODEL);
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["object"], "chat.completion");
    assert!(
        !answer["choices"][0]["message"]["content"]
            .as_str()
            .unwrap()
            .is_empty()
    );
    let calls = world.calls().await;
    assert_eq!((calls.len(), &calls[0]["outcome"]), (1, &json!("ok")));
    assert_eq!(
        calls[0]["cost"],
        headers["x-anymodel-cost"].to_str().unwrap()
    );
}

#[tokio::test]
async fn unknown_fields_pass_both_ways_byte_for_byte() {
    let provider = Provider::start(|_| async {
        let body = r#"{"id":"gen-1","object":"chat.completion","created":1,"model":"openai/gpt-4o-mini","x_a":{"b":1.0,"c":1e3},
            "choices":[{"index":0,"message":{"role":"assistant","content":"Yes.","x_b":[12345678901234567890]},"logprobs":null,"finish_reason":"stop"}],
            "usage":{"prompt_tokens":5,"completion_tokens":4,"total_tokens":9}}"#;
        response(200, "application/json", body)
    })
    .await;
    let world = World::before(&provider).await;
    let (_, key) = world.key(json!({})).await;
    let sent = r#"{"x_first":{"deep":[1.0,2e5]},"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"Hi","x_c":true}],"big":12345678901234567890}"#;
    let request = world
        .request(Method::POST, "/v1/chat/completions", &key)
        .header("content-type", "application/json");
    let answer = request
        .body(sent)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        answer.contains(r#""x_a":{"b":1.0,"c":1e3}"#) && answer.contains("12345678901234567890"),
        "{answer}"
    );
    assert_eq!(provider.last().body, sent);
}

fn pieces(bytes: &'static str, at: usize) -> Body {
    let whole = bytes.as_bytes();
    let parts: Vec<&'static [u8]> = whole.chunks(at.max(1)).collect();
    Body::from_stream(stream::iter(parts).map(Ok::<_, std::io::Error>))
}

const STREAM: &str = concat!(
    ": OPENROUTER PROCESSING\n\n",
    "data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"openai/gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
    "data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"openai/gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"递归🙂\"},\"logprobs\":null}]}\n\n",
    "data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"openai/gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: [DONE]\n\n",
);

#[tokio::test]
async fn a_stream_passes_byte_for_byte_wherever_it_was_cut() {
    for at in [1, 2, 3, 7, 64, 4096] {
        let provider = Provider::start(move |_| async move {
            response(200, "text/event-stream", pieces(STREAM, at))
        })
        .await;
        let world = World::before(&provider).await;
        let (_, key) = world.key(json!({})).await;
        let answer = world.chat(&key, question(json!({ "stream": true }))).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.text().await.unwrap(), STREAM, "cut every {at} bytes");
        // Usage is always asked for.
        assert!(
            provider
                .last()
                .body
                .contains(r#""stream_options":{"include_usage":true}"#)
        );
        assert_eq!(world.calls_once(1).await[0]["outcome"], "ok");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_ends_with_an_error_and_without_an_end_marker() {
    let provider = Provider::start(|_| async {
        let half = STREAM
            .split("data: [DONE]")
            .next()
            .unwrap()
            .rsplit_once("data: ")
            .unwrap()
            .0;
        response(200, "text/event-stream", pieces(half, 4096))
    })
    .await;
    let world = World::before(&provider).await;
    let (_, key) = world.key(json!({})).await;
    let answer = world
        .chat(&key, question(json!({ "stream": true })))
        .await
        .text()
        .await
        .unwrap();
    assert!(
        answer.contains("递归🙂") && !answer.contains("[DONE]"),
        "{answer}"
    );
    let last = answer.trim_end().rsplit("data: ").next().unwrap();
    let error: Value = serde_json::from_str(last).unwrap();
    assert!(error["error"]["message"].is_string(), "{last}");
    let calls = world.calls_once(1).await;
    assert_eq!(calls[0]["outcome"], "cut");
    assert_ne!(calls[0]["cost"], "0");
}

#[tokio::test]
async fn a_failure_before_the_first_content_is_a_real_status() {
    let provider = Provider::start(|_| async {
        response(
            503,
            "application/json",
            r#"{"error":{"message":"busy","code":503}}"#,
        )
    })
    .await;
    let world = World::before(&provider).await;
    let (_, key) = world.key(json!({})).await;
    for stream in [false, true] {
        let answer = world
            .chat(&key, question(json!({ "stream": stream })))
            .await;
        assert_eq!(answer.status(), 503, "stream: {stream}");
        let body: Value = answer.json().await.unwrap();
        assert!(
            body["error"]["code"].is_string() && body["error"].get("param").is_some(),
            "{body}"
        );
    }
    let calls = world.calls_once(2).await;
    assert!(
        calls
            .iter()
            .all(|call| call["outcome"] == "failed" && call["cost"] == "0"),
        "{calls:#?}"
    );
}

#[tokio::test]
async fn a_providers_refusal_of_its_own_key_is_no_401_for_the_caller() {
    let provider = Provider::start(|_| async {
        response(
            401,
            "application/json",
            r#"{"error":{"message":"no","code":401}}"#,
        )
    })
    .await;
    let world = World::before(&provider).await;
    let (_, key) = world.key(json!({})).await;
    let answer = world.chat(&key, question(json!({}))).await;
    assert_eq!(answer.status(), 502);
    assert_eq!(
        answer.json::<Value>().await.unwrap()["error"]["code"],
        "provider_auth"
    );
}

#[tokio::test]
async fn the_next_model_of_a_chain_answers_and_the_caller_notices_nothing() {
    let provider = Provider::start(|received| async move {
        match received.body.contains("openai/gpt-4o-mini") {
            true => response(
                500,
                "application/json",
                r#"{"error":{"message":"down","code":500}}"#,
            ),
            false => completion(0.001),
        }
    })
    .await;
    let world = World::before(&provider).await;
    let (_, key) = world.key(json!({})).await;
    let request = world
        .request(Method::POST, "/v1/chat/completions", &key)
        .header("x-anymodel-fallback", "openai/gpt-4o");
    let answer = request.json(&question(json!({}))).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["x-anymodel-attempts"], "2");
    let call = &world.calls().await[0];
    assert_eq!(call["tried"].as_array().unwrap().len(), 2);
    assert_eq!(call["cost"], "0.001");
}

#[tokio::test]
async fn anthropics_protocol_works_on_a_platform_that_does_not_speak_it() {
    let world = World::sandbox().await;
    let (_, key) = world.key(json!({})).await;
    let body = json!({ "model": MODEL, "max_tokens": 100, "messages": [{ "role": "user", "content": "What is recursion?" }] });
    let request = world
        .http
        .post(format!("{}/v1/messages", world.url))
        .header("x-api-key", &key);
    let answer: Value = request
        .json(&body)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&answer["type"], &answer["role"]),
        (&json!("message"), &json!("assistant")),
        "{answer}"
    );
    assert!(!answer["content"][0]["text"].as_str().unwrap().is_empty());

    let mut streamed = body.clone();
    streamed["stream"] = json!(true);
    let request = world
        .http
        .post(format!("{}/v1/messages", world.url))
        .header("x-api-key", &key);
    let text = request
        .json(&streamed)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for event in [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ] {
        assert!(
            text.contains(&format!("event: {event}\n")),
            "{event} in {text}"
        );
    }
    let wrong = world
        .http
        .post(format!("{}/v1/messages", world.url))
        .header("x-api-key", "no")
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 401);
    let error: Value = wrong.json().await.unwrap();
    assert_eq!(
        (&error["type"], &error["error"]["type"]),
        (&json!("error"), &json!("authentication_error"))
    );
}

#[tokio::test]
async fn a_caller_that_leaves_ends_the_request_to_the_provider_and_leaves_one_row() {
    let (open, mut closed) = tokio::sync::mpsc::unbounded_channel();
    let provider = Provider::start(move |_| {
        let open = open.clone();
        async move {
            let first = STREAM.split_inclusive("\n\n").take(3).collect::<String>();
            let body = stream::once(async move { Ok::<_, std::io::Error>(first) }).chain(
                stream::unfold(open, |open| async move {
                    // Dropped with the connection.
                    let _guard = Closed(open.clone());
                    tokio::time::sleep(Duration::from_secs(60)).await;
                    Some((Ok(String::new()), open))
                }),
            );
            response(200, "text/event-stream", Body::from_stream(body))
        }
    })
    .await;
    let world = World::before(&provider).await;
    let (_, key) = world.key(json!({ "parallel": 1 })).await;
    let mut answer = world.chat(&key, question(json!({ "stream": true }))).await;
    answer.chunk().await.unwrap().unwrap();
    drop(answer);
    tokio::time::timeout(Duration::from_secs(1), closed.recv())
        .await
        .expect("the provider still works")
        .unwrap();
    let calls = world.calls_once(1).await;
    assert_eq!(
        (calls.len(), &calls[0]["outcome"]),
        (1, &json!("cancelled"))
    );
    assert_ne!(calls[0]["cost"], "0");
}

struct Closed(tokio::sync::mpsc::UnboundedSender<()>);

impl Drop for Closed {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test]
async fn silence_is_filled_with_comments() {
    let provider = Provider::start(|_| async {
        tokio::time::sleep(Duration::from_millis(2500)).await;
        response(200, "text/event-stream", STREAM)
    })
    .await;
    let settings = anymodel_gateway::settings::GatewaySettings {
        ping_seconds: 1,
        ..Default::default()
    };
    let world = World::with(&provider, settings).await;
    let (_, key) = world.key(json!({})).await;
    let text = world
        .chat(&key, question(json!({ "stream": true })))
        .await
        .text()
        .await
        .unwrap();
    assert!(text.starts_with(": ping\n\n: ping\n\n"), "{text}");
    assert!(text.ends_with(STREAM), "{text}");
}

#[tokio::test]
async fn a_clients_mistake_is_its_own_and_names_the_field() {
    let world = World::sandbox().await;
    let (_, key) = world.key(json!({})).await;
    for (body, param) in [
        (json!({ "messages": [] }), "model"),
        (json!({ "model": MODEL, "messages": "Hello" }), "messages"),
    ] {
        let answer = world.chat(&key, body).await;
        assert_eq!(answer.status(), 400);
        assert_eq!(
            answer.json::<Value>().await.unwrap()["error"]["param"],
            param
        );
    }
    let request = world
        .request(Method::POST, "/v1/chat/completions", &key)
        .body("{\"model\": ");
    assert_eq!(request.send().await.unwrap().status(), 400);
    let unknown = world
        .chat(&key, question(json!({ "model": "openai/gpt-4o-minni" })))
        .await;
    assert_eq!(unknown.status(), 404);
    let body: Value = unknown.json().await.unwrap();
    assert_eq!(
        (&body["error"]["code"], &body["error"]["param"]),
        (&json!("model_not_found"), &json!("model"))
    );
}
