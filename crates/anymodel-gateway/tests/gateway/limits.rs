//! Limits of keys and groups: models, hours, rates, parallel calls, pauses.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::support::{MODEL, Provider, World, completion, question};

#[tokio::test]
async fn a_key_asks_only_the_models_that_it_may() {
    let world = World::sandbox().await;
    let (_, key) = world.key(json!({ "models": [MODEL] })).await;
    assert_eq!(world.chat(&key, question(json!({}))).await.status(), 200);
    let answer = world
        .chat(&key, question(json!({ "model": "openai/gpt-4o" })))
        .await;
    assert_eq!(answer.status(), 403);
    let body: Value = answer.json().await.unwrap();
    assert!(
        body["error"]["message"].as_str().unwrap().contains(MODEL),
        "{body}"
    );
    assert_eq!(world.calls().await[0]["model"], "openai/gpt-4o");
    // A forbidden one of a chain is passed over.
    let chain = world
        .chat(
            &key,
            question(json!({ "model": "openai/gpt-4o", "models": [MODEL] })),
        )
        .await;
    assert_eq!(
        (
            chain.status().as_u16(),
            chain.headers()["x-anymodel-model"].to_str().unwrap()
        ),
        (200, MODEL)
    );
    let list: Value = world
        .request(Method::GET, "/v1/models", &key)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let ids: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    assert_eq!((list["object"].as_str(), ids), (Some("list"), vec![MODEL]));
    let (_, none) = world.key(json!({ "models": [] })).await;
    assert_eq!(world.chat(&none, question(json!({}))).await.status(), 403);
}

#[tokio::test]
async fn a_platform_is_not_told_of_models_that_the_holder_may_not_ask() {
    let provider = Provider::start(|_| async { completion(0.0) }).await;
    let world = World::before(&provider).await;
    let (_, key) = world.key(json!({ "models": [MODEL] })).await;
    let sent = format!(
        r#"{{"models":["openai/gpt-4o"],"model":"{MODEL}","x":1.0,"route":"fallback","messages":[{{"role":"user","content":"Hi"}}],"Models":["openai/gpt-4o"]}}"#
    );
    let request = world
        .request(Method::POST, "/v1/chat/completions", &key)
        .body(sent);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let expected =
        format!(r#"{{"model":"{MODEL}","x":1.0,"messages":[{{"role":"user","content":"Hi"}}]}}"#);
    assert_eq!(provider.last().body, expected);
}

#[tokio::test]
async fn a_paused_group_reads_why_in_its_own_language_and_goes_on_when_resumed() {
    let world = World::sandbox().await;
    let (_, group) = world
        .admin(Method::POST, "/api/groups", json!({ "name": "3b" }))
        .await;
    let id = group["id"].as_str().unwrap();
    let (_, key) = world.key(json!({ "group": id })).await;
    world
        .admin(
            Method::PATCH,
            &format!("/api/groups/{id}"),
            json!({ "paused": true }),
        )
        .await;
    let request = world
        .request(Method::POST, "/v1/chat/completions", &key)
        .header("accept-language", "zh-CN,zh;q=0.9");
    let answer = request.json(&question(json!({}))).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    let body: Value = answer.json().await.unwrap();
    assert!(
        body["error"]["message"].as_str().unwrap().contains("暂停"),
        "{body}"
    );
    let own = world.own_key(&key).await;
    assert_eq!(own["paused"], true);
    world
        .admin(
            Method::PATCH,
            &format!("/api/groups/{id}"),
            json!({ "paused": false }),
        )
        .await;
    assert_eq!(world.chat(&key, question(json!({}))).await.status(), 200);
}

#[tokio::test]
async fn a_rate_limit_says_whose_it_is_and_when_to_try_again() {
    let world = World::sandbox().await;
    let (_, key) = world.key(json!({ "requests_per_minute": 2 })).await;
    for _ in 0..2 {
        assert_eq!(world.chat(&key, question(json!({}))).await.status(), 200);
    }
    let refused = world.chat(&key, question(json!({}))).await;
    assert_eq!(refused.status(), 429);
    assert!(
        refused.headers().contains_key("retry-after")
            && refused.headers().contains_key("retry-after-ms")
    );
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["error"]["code"], "rate_limit_exceeded");
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("This gateway"),
        "{body}"
    );
    // A request with a mistake counts, too; and each has a row.
    assert_eq!(world.calls_once(3).await.len(), 3);
}

#[tokio::test]
async fn a_place_among_parallel_calls_comes_back_however_a_call_ends() {
    let provider = Provider::start(|received| async move {
        if received.body.contains("slow") {
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        match received.body.contains("broken") {
            true => super::support::response(502, "application/json", "{}"),
            false => completion(0.0),
        }
    })
    .await;
    let world = World::before(&provider).await;
    let (_, key) = world.key(json!({ "parallel": 1 })).await;
    let ask = |text: &str| question(json!({ "messages": [{ "role": "user", "content": text }] }));
    let slow = world.chat(&key, ask("slow"));
    let left = tokio::time::timeout(Duration::from_millis(300), slow).await;
    assert!(left.is_err());
    world.calls_once(1).await;
    assert_eq!(world.chat(&key, ask("broken")).await.status(), 502);
    assert_eq!(world.chat(&key, ask("well")).await.status(), 200);
    // While one runs, another is refused.
    let running = tokio::spawn({
        let request = world
            .request(Method::POST, "/v1/chat/completions", &key)
            .json(&ask("slow"));
        async move { request.send().await }
    });
    while provider.count() < 4 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let refused = world.chat(&key, ask("well")).await;
    assert_eq!(refused.status(), 429);
    running.abort();
}
