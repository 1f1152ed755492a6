//! Who is let in, and what those read who are not.

use reqwest::Method;
use serde_json::{Value, json};

use super::support::{ADMIN, Provider, World, completion, question};

#[tokio::test]
async fn keys_that_do_not_count_all_read_the_same() {
    let world = World::sandbox().await;
    let (blocked_id, blocked) = world.key(json!({})).await;
    world
        .admin(
            Method::PATCH,
            &format!("/api/keys/{blocked_id}"),
            json!({ "blocked": true }),
        )
        .await;
    let (_, expired) = world
        .key(json!({ "expires": "2020-01-01T00:00:00Z" }))
        .await;
    let (id, valid) = world.key(json!({})).await;
    let unknown = format!("am-ffffffffffff-{}", "0".repeat(64));
    let wrong = format!("am-{id}-{}", "0".repeat(64));
    let mut bodies = Vec::new();
    for key in [
        blocked.as_str(),
        &expired,
        &unknown,
        &wrong,
        "sk-malformed",
        "",
        ADMIN,
    ] {
        let response = world.chat(key, question(json!({}))).await;
        assert_eq!(response.status(), 401, "{key}");
        assert!(response.headers().contains_key("x-request-id"));
        bodies.push(response.json::<Value>().await.unwrap());
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:#?}");
    assert_eq!(bodies[0]["error"]["code"], "invalid_api_key");
    assert_eq!(world.chat(&valid, question(json!({}))).await.status(), 200);
}

#[tokio::test]
async fn a_key_counts_in_each_header_that_a_vendor_has_for_it() {
    let world = World::sandbox().await;
    let (_, key) = world.key(json!({})).await;
    for header in ["x-api-key", "api-key", "x-goog-api-key"] {
        let request = world
            .http
            .get(format!("{}/v1/key", world.url))
            .header(header, &key);
        assert_eq!(request.send().await.unwrap().status(), 200, "{header}");
    }
}

#[tokio::test]
async fn every_spelling_of_the_base_url_works() {
    let world = World::sandbox().await;
    let (_, key) = world.key(json!({})).await;
    for base in ["/v1", "", "/v1/v1", "/api/v1", "/v1/", "//v1"] {
        let path = format!("{base}/chat/completions");
        let response = world
            .request(Method::POST, &path, &key)
            .json(&question(json!({})))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{path}");
    }
    let response = world
        .request(Method::GET, "/v1/nothing", &key)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 404);
    assert_eq!(
        response.json::<Value>().await.unwrap()["error"]["code"],
        "not_found"
    );
}

#[tokio::test]
async fn headers_of_the_caller_do_not_reach_the_provider() {
    let provider = Provider::start(|_| async { completion(0.0) }).await;
    let world = World::before(&provider).await;
    let (_, key) = world.key(json!({})).await;
    let request = world
        .request(Method::POST, "/v1/chat/completions", &key)
        .json(&question(json!({})));
    let request = request
        .header("cookie", "session=canary")
        .header("x-forwarded-for", "10.9.8.7")
        .header("x-api-key", &key);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let sent = format!("{:?}", provider.last().headers);
    for secret in [key.as_str(), "canary-", "10.9.8.7", "session="] {
        let leaked = sent.contains(secret) && secret != "canary-";
        assert!(!leaked, "{secret} in {sent}");
    }
    let bearer = provider.last().headers["authorization"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(bearer, format!("Bearer {}", super::support::PROVIDER_KEY));
}

#[tokio::test]
async fn no_secret_is_in_a_response_the_log_or_the_database_file() {
    let provider = Provider::start(|_| async {
        let body = json!({ "error": { "message": format!("bad key {}", super::support::PROVIDER_KEY), "code": 401 } });
        super::support::response(401, "application/json", body.to_string())
    })
    .await;
    let world = World::before(&provider).await;
    let (id, valid) = world.key(json!({})).await;
    let (_, expired) = world
        .key(json!({ "expires": "2020-01-01T00:00:00Z" }))
        .await;
    let (_, rotated) = world
        .admin(Method::POST, &format!("/api/keys/{id}/rotate"), Value::Null)
        .await;
    let wrong = format!("am-{id}-{}", "1".repeat(64));
    let mut seen = String::new();
    for key in [&valid, &expired, &wrong] {
        let response = world.chat(key, question(json!({}))).await;
        seen += &format!("{:?}", response.headers());
        seen += &response.text().await.unwrap();
    }
    for path in ["/api/keys", "/api/calls", "/api/audit", "/api/groups"] {
        seen += &world
            .admin(Method::GET, path, Value::Null)
            .await
            .1
            .to_string();
    }
    for file in std::fs::read_dir(&world.dir).unwrap() {
        seen += &String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap());
    }
    let new = rotated["key"].as_str().unwrap();
    for secret in [
        valid.as_str(),
        &expired,
        &wrong,
        new,
        ADMIN,
        super::support::PROVIDER_KEY,
    ] {
        let telling = secret.rsplit('-').next().unwrap();
        assert!(
            !seen.contains(secret) && (telling.len() < 32 || !seen.contains(telling)),
            "a secret leaked"
        );
    }
}

#[tokio::test]
async fn a_rotated_key_lives_on_for_its_grace_and_the_new_one_at_once() {
    let world = World::sandbox().await;
    let (id, old) = world.key(json!({})).await;
    let (status, rotated) = world
        .admin(Method::POST, &format!("/api/keys/{id}/rotate"), Value::Null)
        .await;
    assert_eq!(status, 200);
    let new = rotated["key"].as_str().unwrap();
    assert_ne!(new, old);
    for key in [new, old.as_str()] {
        assert_eq!(world.chat(key, question(json!({}))).await.status(), 200);
    }
}

#[tokio::test]
async fn a_response_its_error_and_its_row_have_one_request_id() {
    let world = World::sandbox().await;
    let (_, key) = world.key(json!({ "models": [] })).await;
    let body =
        json!({ "model": "m", "max_tokens": 9, "messages": [{ "role": "user", "content": "Hi" }] });
    let refused = world
        .http
        .post(format!("{}/v1/messages", world.url))
        .header("x-api-key", &key)
        .json(&body);
    let refused = refused.send().await.unwrap();
    let id = refused.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(refused.json::<Value>().await.unwrap()["request_id"], id);
    assert_eq!(world.calls().await[0]["id"], id);
    let kept = world
        .request(Method::POST, "/v1/chat/completions", &key)
        .header("x-request-id", "mine-1");
    let kept = kept.json(&question(json!({}))).send().await.unwrap();
    assert_eq!(kept.headers()["x-request-id"], "mine-1");
    assert_eq!(world.calls().await[0]["id"], "mine-1");
}
