//! The administrator's API.

use reqwest::Method;
use serde_json::{Value, json};

use super::support::{World, question};

#[tokio::test]
async fn nothing_can_be_set_up_without_the_token() {
    let world = World::sandbox().await;
    let (_, key) = world.key(json!({})).await;
    for path in [
        "/api/keys",
        "/api/groups",
        "/api/calls",
        "/api/spend",
        "/api/audit",
    ] {
        for token in ["", "adm-wrong", key.as_str()] {
            let response = world
                .request(Method::GET, path, token)
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), 401, "{path}");
        }
        assert_eq!(
            world.admin(Method::GET, path, Value::Null).await.0,
            200,
            "{path}"
        );
    }
}

#[tokio::test]
async fn thirty_names_become_thirty_keys_in_their_order() {
    let world = World::sandbox().await;
    let names: Vec<String> = (1..=30).map(|n| format!("Student {n}")).collect();
    let (status, made) = world
        .admin(
            Method::POST,
            "/api/keys/batch",
            json!({ "names": names, "budget": { "total": 1 } }),
        )
        .await;
    assert_eq!(status, 201);
    let rows = made["data"].as_array().unwrap();
    let shown: Vec<_> = rows
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(shown, names);
    let last = rows[29]["key"].as_str().unwrap();
    assert_eq!(world.chat(last, question(json!({}))).await.status(), 200);
    // A list shows no secret, and goes page by page.
    let (_, page) = world
        .admin(Method::GET, "/api/keys?limit=20", Value::Null)
        .await;
    assert_eq!(page["data"].as_array().unwrap().len(), 20);
    assert!(!page.to_string().contains("am-"));
    let next = page["next"].as_str().unwrap();
    let (_, page) = world
        .admin(
            Method::GET,
            &format!("/api/keys?limit=20&after={next}"),
            Value::Null,
        )
        .await;
    assert_eq!(
        (page["data"].as_array().unwrap().len(), &page["next"]),
        (10, &Value::Null)
    );
}

#[tokio::test]
async fn a_deleted_groups_keys_die_with_it_and_their_calls_stay() {
    let world = World::sandbox().await;
    let (_, group) = world
        .admin(Method::POST, "/api/groups", json!({ "name": "3b" }))
        .await;
    let id = group["id"].as_str().unwrap();
    let (_, key) = world.key(json!({ "group": id })).await;
    assert_eq!(world.chat(&key, question(json!({}))).await.status(), 200);
    assert_eq!(
        world
            .admin(Method::DELETE, &format!("/api/groups/{id}"), Value::Null)
            .await
            .0,
        200
    );
    assert_eq!(world.chat(&key, question(json!({}))).await.status(), 401);
    assert_eq!(world.calls().await.len(), 1);
}

#[tokio::test]
async fn a_limit_is_raised_without_naming_the_others_and_the_audit_log_says_so() {
    let world = World::sandbox().await;
    let (id, _) = world
        .key(json!({ "budget": { "day": "0.5", "total": "1" }, "parallel": 2 }))
        .await;
    let (status, key) = world
        .admin(
            Method::PATCH,
            &format!("/api/keys/{id}"),
            json!({ "budget": { "total": "2" } }),
        )
        .await;
    assert_eq!(status, 200, "{key}");
    assert_eq!(
        (
            &key["budget"]["day"]["limit"],
            &key["budget"]["total"]["limit"],
            &key["parallel"]
        ),
        (&json!("0.5"), &json!("2"), &json!(2))
    );
    let (status, wrong) = world
        .admin(
            Method::PATCH,
            &format!("/api/keys/{id}"),
            json!({ "budget": { "fortnight": "2" } }),
        )
        .await;
    assert_eq!(status, 400, "{wrong}");
    let (_, audit) = world.admin(Method::GET, "/api/audit", Value::Null).await;
    let actions: Vec<_> = audit["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions, ["key.change", "key.create"]);
    assert_eq!(audit["data"][0]["after"]["limits"]["budget"]["total"], "2");
}

#[tokio::test]
async fn a_gateway_that_starts_anew_on_its_database_knows_its_keys() {
    let mut world = World::sandbox().await;
    let (_, key) = world.key(json!({})).await;
    world.gateway.take().unwrap().shut_down().await;
    let client = anymodel_client::Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .build()
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let again =
        anymodel_gateway::RunningGateway::builder(std::sync::Arc::clone(&world.store), client);
    let again = again.start(listener).await.unwrap();
    let request = world
        .http
        .post(format!("{}/v1/chat/completions", again.url()))
        .bearer_auth(&key);
    assert_eq!(
        request
            .json(&question(json!({})))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn a_wrong_parameter_of_a_list_is_an_error_of_the_usual_shape() {
    let world = World::sandbox().await;
    for path in [
        "/api/calls?status=many",
        "/api/spend?by=week",
        "/api/keys?limit=-1",
        "/api/audit?after=x",
    ] {
        let (status, body) = world.admin(Method::GET, path, Value::Null).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (400, &json!("invalid_request_error")),
            "{path}: {body}"
        );
    }
}
