//! Every route to a model goes the same way: none can be added that forgets a key, a purse or a place.

use std::time::Duration;

use anymodel_gateway::MODEL_ROUTES;
use axum::body::Body;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{MODEL, Provider, World, completion, question, response};

/// A model of embeddings.
const EMBEDDING_MODEL: &str = "openai/text-embedding-3-small";

/// A body that any of the routes reads.
fn body(route: &str) -> Value {
    let model = if route.ends_with("embeddings") {
        EMBEDDING_MODEL
    } else {
        MODEL
    };
    json!({
        "model": model, "max_tokens": 100, "max_output_tokens": 100,
        "messages": [{ "role": "user", "content": "What is recursion?" }], "input": "What is recursion?",
    })
}

async fn status(world: &World, route: &str, key: &str) -> (u16, Value) {
    let answer = world
        .request(Method::POST, route, key)
        .json(&body(route))
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn each_route_answers_from_the_sandbox() {
    let world = World::sandbox().await;
    let (_, key) = world.key(json!({ "budget": { "total": "1" } })).await;
    for route in MODEL_ROUTES {
        let (status, answer) = status(&world, route, &key).await;
        assert_eq!(status, 200, "{route}: {answer}");
    }
    let rows = world.calls_once(MODEL_ROUTES.len()).await;
    assert!(
        rows.iter()
            .all(|row| row["outcome"] == "ok" && row["cost"] != "0"),
        "{rows:#?}"
    );
    let own = world.own_key(&key).await;
    assert_eq!(own["budget"]["total"]["reserved"], "0");
}

#[tokio::test]
async fn each_route_refuses_a_key_that_does_not_count() {
    let world = World::sandbox().await;
    let (id, blocked) = world.key(json!({})).await;
    world
        .admin(
            Method::PATCH,
            &format!("/api/keys/{id}"),
            json!({ "blocked": true }),
        )
        .await;
    let (_, expired) = world
        .key(json!({ "expires": "2020-01-01T00:00:00Z" }))
        .await;
    for route in MODEL_ROUTES {
        for key in [
            "am-ffffffffffff-00",
            blocked.as_str(),
            &expired,
            super::support::ADMIN,
        ] {
            assert_eq!(status(&world, route, key).await.0, 401, "{route}");
        }
    }
}

#[tokio::test]
async fn each_route_refuses_an_empty_purse_a_paused_group_and_a_model_that_may_not_be_asked() {
    let world = World::sandbox().await;
    let (_, poor) = world.key(json!({ "budget": { "total": "0" } })).await;
    let (_, group) = world
        .admin(
            Method::POST,
            "/api/groups",
            json!({ "name": "3b", "paused": true }),
        )
        .await;
    let (_, paused) = world.key(json!({ "group": group["id"] })).await;
    let (_, other) = world.key(json!({ "models": ["openai/gpt-4o"] })).await;
    for route in MODEL_ROUTES {
        assert_eq!(status(&world, route, &poor).await.0, 429, "{route}");
        assert_eq!(status(&world, route, &paused).await.0, 403, "{route}");
        assert_eq!(status(&world, route, &other).await.0, 403, "{route}");
    }
}

#[tokio::test]
async fn each_route_refuses_a_call_when_all_places_are_taken() {
    let provider = Provider::start(|_| async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        completion(0.0)
    })
    .await;
    let world = World::before(&provider).await;
    let (_, key) = world.key(json!({ "parallel": 1 })).await;
    let request = world
        .request(Method::POST, "/v1/chat/completions", &key)
        .json(&question(json!({})));
    let running = tokio::spawn(request.send());
    while provider.count() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for route in MODEL_ROUTES {
        assert_eq!(status(&world, route, &key).await.0, 429, "{route}");
    }
    running.abort();
}

#[tokio::test]
async fn a_gateway_that_stops_ends_running_streams_whole_and_takes_no_new_calls() {
    let (go, wait) = tokio::sync::watch::channel(false);
    let provider = Provider::start(move |_| {
        let wait = wait.clone();
        async move {
            let first = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"One\"}}]}\n\n";
            let last = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
            let pieces = futures_util::stream::unfold(0, move |step| {
                let mut wait = wait.clone();
                async move {
                    match step {
                        0 => Some((Ok::<_, std::io::Error>(first), 1)),
                        1 => {
                            let _ = wait.wait_for(|go| *go).await;
                            Some((Ok(last), 2))
                        }
                        _ => None,
                    }
                }
            });
            response(200, "text/event-stream", Body::from_stream(pieces))
        }
    })
    .await;
    let mut world = World::before(&provider).await;
    let (_, key) = world.key(json!({})).await;
    let mut stream = world.chat(&key, question(json!({ "stream": true }))).await;
    stream.chunk().await.unwrap().unwrap();
    let stopping = tokio::spawn(world.gateway.take().unwrap().shut_down());
    // The balancer is told first; connections are still taken.
    loop {
        let ready = world
            .http
            .get(format!("{}/readyz", world.url))
            .send()
            .await
            .unwrap();
        if ready.status() == 503 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let refused = world.chat(&key, question(json!({}))).await;
    assert_eq!(
        (
            refused.status().as_u16(),
            refused.headers().contains_key("retry-after")
        ),
        (503, true)
    );
    go.send(true).unwrap();
    let mut rest = String::new();
    while let Some(chunk) = stream.chunk().await.unwrap() {
        rest += &String::from_utf8_lossy(&chunk);
    }
    assert!(rest.ends_with("data: [DONE]\n\n"), "{rest}");
    stopping.await.unwrap();
}
