//! What a router learns, however a call ends.

use std::time::Duration;

use anymodel::{ErrorKind, Event, Router, Show};
use serde_json::Value;

use super::server::Server;
use super::{THREE, ask_with, of};

#[tokio::test]
async fn failures_are_learnt_of_calls_that_succeed_and_of_calls_that_fail() {
    let server = Server::start();
    let client = server.client();
    server.down(THREE[0], true);
    server.slow(THREE[1], Duration::from_millis(30));
    let router = Router::new(THREE);
    ask_with(&client, &router, 2).await;
    let first = of(&router, THREE[0]);
    assert_eq!(
        (first.requests, first.failures, first.success_rate()),
        (2, 2, Some(0.0))
    );
    assert_eq!(first.last_failure, Some(ErrorKind::Overloaded));
    assert!(first.last_failed.unwrap().elapsed().unwrap() < Duration::from_secs(5));
    assert_eq!(first.mean_time(), None);
    let second = of(&router, THREE[1]);
    assert_eq!((second.requests, second.success_rate()), (2, Some(1.0)));
    assert!(second.mean_time().unwrap() >= Duration::from_millis(30));
    assert_eq!(of(&router, THREE[2]).success_rate(), None);

    let alone = Router::new([THREE[0]]);
    client.ask(&alone, "Hi").await.unwrap_err();
    assert_eq!(of(&alone, THREE[0]).failures, 1);
}

#[tokio::test]
async fn a_call_that_is_dropped_counts_as_cancelled_and_leaves_nothing_under_way() {
    let server = Server::start();
    let client = server.client();
    server.slow(THREE[0], Duration::from_secs(20));
    let router = Router::new(THREE);
    let call = client.ask(&router, "Hi");
    assert!(
        tokio::time::timeout(Duration::from_millis(200), call)
            .await
            .is_err()
    );
    let one = of(&router, THREE[0]);
    assert_eq!((one.requests, one.cancelled, one.in_flight), (1, 1, 0));
    assert_eq!(one.success_rate(), None);

    // Never polled, never asked.
    drop(client.ask(&router, "Hi"));
    drop(client.chat(&router).user("Hi").stream());
    let one = of(&router, THREE[0]);
    assert_eq!((one.requests, one.in_flight), (1, 0));
}

#[tokio::test]
async fn a_call_that_cannot_be_written_is_charged_to_nobody() {
    let server = Server::start();
    let client = server.client();
    let router = Router::new(THREE).least_used();
    for _ in 0..3 {
        client
            .chat(&router)
            .user("Hi")
            .temperature(9.0)
            .send()
            .await
            .unwrap_err();
    }
    assert_eq!(ask_with(&client, &router, 3).await, THREE);
    assert!(
        router
            .statistics()
            .models
            .iter()
            .all(|one| one.in_flight == 0)
    );
}

#[tokio::test]
async fn streams_are_learnt_of_too() {
    let server = Server::start();
    let client = server.client();
    server.down(THREE[0], true);
    let router = Router::new(THREE).round_robin();
    let mut stream = client.chat(&router).user("Hi").stream();
    let mut last = None;
    while let Some(event) = stream.next().await {
        if let Event::Finished(reply) = event.unwrap() {
            last = Some(reply);
        }
    }
    let reply = last.unwrap();
    assert_eq!(reply.model, THREE[1]);
    assert_eq!(reply.trail.routed().unwrap().strategy, "round robin");
    assert_eq!(of(&router, THREE[0]).failures, 1);
    assert_eq!(of(&router, THREE[1]).successes, 1);
    // The fallback took the turn of the one that gave it.
    let answered = ask_with(&client, &router, 1).await;
    assert_eq!(answered, [THREE[2]]);
}

#[tokio::test]
async fn clones_and_clients_share_what_is_learnt() {
    let server = Server::start();
    let router = Router::new(THREE).round_robin();
    let same = router.clone();
    ask_with(&server.client(), &router, 2).await;
    assert_eq!(ask_with(&server.client(), &same, 1).await, [THREE[2]]);
    assert!(
        router
            .statistics()
            .models
            .iter()
            .all(|one| one.requests == 1)
    );
}

#[tokio::test]
async fn statistics_are_a_table_and_json() {
    let server = Server::start();
    let client = server.client();
    server.down(THREE[0], true);
    let router = Router::new(THREE);
    ask_with(&client, &router, 1).await;
    let statistics = router.statistics();
    let text = statistics.to_string();
    for part in [
        "How the models fare, failover",
        "acme/one",
        "0 %",
        "100 %",
        "overloaded",
        "mean time",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(!text.contains("simulated"));
    assert!(statistics.to_html().starts_with("<table>"));
    let json: Value = serde_json::to_value(&statistics).unwrap();
    assert_eq!(json["strategy"], "failover");
    assert_eq!(json["models"][0]["model"], THREE[0]);
    assert_eq!(json["models"][0]["last_failure"], "overloaded");
    assert_eq!(json["models"][1]["success_rate"], 1.0);
    assert_eq!(json["models"][2]["mean_time"], Value::Null);
}
