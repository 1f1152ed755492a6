//! Money: what is set aside, spent and left, to the digit.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Barrier;

use super::support::{Provider, World, completion, question};

/// The most that the question of these tests may cost: asked of the gateway itself, by a budget that is too small.
async fn cost_of_one(world: &World, most: &str) -> f64 {
    let (_, key) = world.key(json!({ "budget": { "total": most } })).await;
    let answer = world
        .chat(&key, question(json!({ "max_tokens": 100 })))
        .await;
    assert_eq!(answer.status(), 200);
    let own = world.own_key(&key).await;
    own["budget"]["total"]["spent"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_calls_at_a_barrier_with_money_for_three_are_exactly_three() {
    // Each answer costs what was set aside for it, so that no money comes back while others ask.
    let price = Arc::new(std::sync::Mutex::new(0.0));
    let told = Arc::clone(&price);
    let provider = Provider::start(move |_| {
        let cost = *told.lock().unwrap();
        async move { completion(cost) }
    })
    .await;
    let world = Arc::new(World::before(&provider).await);
    // What is reserved for one call: found by the smallest budget that lets it through.
    let (mut low, mut high) = (0_u64, 100_000_u64);
    while high - low > 1 {
        let middle = (low + high) / 2;
        let budget = format!("{:.9}", middle as f64 / 1e9);
        let (_, key) = world.key(json!({ "budget": { "total": budget } })).await;
        match world
            .chat(&key, question(json!({ "max_tokens": 100 })))
            .await
            .status()
            .as_u16()
        {
            200 => high = middle,
            429 => low = middle,
            other => panic!("status {other}"),
        }
    }
    let one = high as f64 / 1e9;
    *price.lock().unwrap() = one;
    let before = provider.count();
    let budget = format!("{:.9}", one * 3.5);
    let (_, key) = world.key(json!({ "budget": { "day": budget } })).await;
    let barrier = Arc::new(Barrier::new(64));
    let calls = (0..64).map(|_| {
        let (world, key, barrier) = (Arc::clone(&world), key.clone(), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            world
                .chat(&key, question(json!({ "max_tokens": 100 })))
                .await
                .status()
                .as_u16()
        })
    });
    let statuses = futures_util::future::join_all(calls).await;
    let answered = statuses
        .iter()
        .filter(|status| *status.as_ref().unwrap() == 200)
        .count();
    let refused = statuses
        .iter()
        .filter(|status| *status.as_ref().unwrap() == 429)
        .count();
    assert_eq!((answered, refused, provider.count() - before), (3, 61, 3));
    let own = world.own_key(&key).await;
    let day = &own["budget"]["day"];
    assert_eq!(day["reserved"], "0");
    let spent: f64 = day["spent"].as_str().unwrap().parse().unwrap();
    assert!(
        (spent - 3.0 * one).abs() < 1e-12 && spent <= one * 3.5,
        "{day}"
    );
}

#[tokio::test]
async fn a_streamed_answer_costs_what_the_same_whole_one_costs() {
    let world = World::sandbox().await;
    let mut costs = Vec::new();
    for stream in [false, true] {
        let (_, key) = world.key(json!({ "budget": { "total": "1" } })).await;
        let answer = world
            .chat(&key, question(json!({ "stream": stream, "seed": 1 })))
            .await;
        answer.text().await.unwrap();
        let own = world.own_key(&key).await;
        let total = own["budget"]["total"].clone();
        assert_eq!(total["reserved"], "0");
        costs.push(total["spent"].clone());
    }
    assert_eq!(costs[0], costs[1]);
    assert_ne!(costs[0], "0");
}

#[tokio::test]
async fn what_is_used_up_says_which_money_what_is_left_and_that_trying_again_is_vain() {
    let world = World::sandbox().await;
    let (_, group) = world
        .admin(
            Method::POST,
            "/api/groups",
            json!({ "name": "3b", "budget": { "week": "0.0000001" } }),
        )
        .await;
    let (_, key) = world
        .key(json!({ "group": group["id"], "budget": { "day": "1" } }))
        .await;
    for stream in [false, true] {
        let refused = world
            .chat(&key, question(json!({ "stream": stream })))
            .await;
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers()["x-should-retry"], "false");
        let body: Value = refused.json().await.unwrap();
        assert_eq!(
            (&body["error"]["code"], &body["error"]["type"]),
            (&json!("insufficient_quota"), &json!("insufficient_quota"))
        );
        let message = body["error"]["message"].as_str().unwrap();
        assert!(
            message.contains("group's") && message.contains("week"),
            "{message}"
        );
    }
    let rows = world.calls_once(2).await;
    assert!(
        rows.iter()
            .all(|row| row["outcome"] == "refused" && row["cost"] == "0"),
        "{rows:#?}"
    );
}

#[tokio::test]
async fn an_answer_without_a_limit_is_held_to_what_the_money_pays_for() {
    let provider = Provider::start(|_| async { completion(0.0) }).await;
    let world = World::before(&provider).await;
    let (_, key) = world.key(json!({ "budget": { "total": "0.001" } })).await;
    assert_eq!(world.chat(&key, question(json!({}))).await.status(), 200);
    let sent: Value = serde_json::from_str(&provider.last().body).unwrap();
    let limit = sent["max_tokens"]
        .as_u64()
        .or(sent["max_completion_tokens"].as_u64())
        .unwrap();
    // A million tokens of the answer cost $0.60.
    assert!((1000..=1667).contains(&limit), "{limit}");
}

#[tokio::test]
async fn sums_of_the_call_log_equal_what_stands_in_the_accounts() {
    let world = World::sandbox().await;
    let mut spent = 0.0;
    for _ in 0..3 {
        spent += cost_of_one(&world, "1").await;
    }
    let (_, list) = world
        .admin(Method::GET, "/api/spend?by=model", Value::Null)
        .await;
    let cost: f64 = list["data"][0]["cost"].as_str().unwrap().parse().unwrap();
    assert!((cost - spent).abs() < 1e-12, "{list} is not {spent}");
}
