//! Models that are down, and that come back.

use anymodel::{CircuitState, Client, Router, RoutingContext};

use super::server::Server;
use super::{THREE, ask_with, of};

/// Asks until the circuit of this model is open.
async fn open(client: &Client, model: &str) {
    let is_open = || {
        let circuits = client.health();
        let mut mine = circuits.iter().filter(|one| one.model == model);
        mine.any(|one| matches!(one.state, CircuitState::Open(_)))
    };
    for _ in 0..6 {
        let _ = client.ask(model, "Hi").await;
    }
    assert!(is_open());
}

fn all() -> [Router; 6] {
    let router = || Router::new(THREE);
    [
        router().round_robin(),
        router().random(),
        router().least_used(),
        router().fastest_first(),
        router().failover(),
        router().choose_by(|_: &RoutingContext| THREE[0]),
    ]
}

#[tokio::test]
async fn no_strategy_asks_a_model_whose_circuit_is_open() {
    let server = Server::start();
    let client = server.client();
    server.down(THREE[0], true);
    open(&client, THREE[0]).await;
    server.count(THREE);
    for router in all() {
        let answered = ask_with(&client, &router, 12).await;
        assert_eq!(answered.len(), 12);
        assert_eq!(server.asked(THREE[0]), 0, "{}", router.strategy());
        assert!(
            of(&router, THREE[0]).suspended_for().is_some(),
            "{}",
            router.strategy()
        );
        assert_eq!(of(&router, THREE[0]).requests, 0);
        assert!(
            router
                .statistics()
                .models
                .iter()
                .all(|one| one.in_flight == 0)
        );
    }
}

#[tokio::test]
async fn round_robin_shares_the_turns_of_a_model_that_is_left_alone() {
    let server = Server::start();
    let client = server.client();
    server.down(THREE[0], true);
    open(&client, THREE[0]).await;
    server.count(THREE);
    let router = Router::new(THREE).round_robin();
    ask_with(&client, &router, 20).await;
    assert_eq!(server.count(THREE), [0, 10, 10]);
    let route = router.explain("Hi").unwrap();
    assert_eq!(route.because, "next in turn; 1 of 3 left alone");
    assert_eq!(route.models.last().map(String::as_str), Some(THREE[0]));
}

/// All strategies at once, because a circuit takes five seconds to close.
#[tokio::test]
async fn every_strategy_asks_a_model_again_that_has_come_back_and_none_floods_it() {
    let server = Server::start();
    let client = server.client();
    server.down(THREE[0], true);
    open(&client, THREE[0]).await;
    let routers = all();
    for router in &routers {
        ask_with(&client, router, 30).await;
    }
    server.down(THREE[0], false);
    while let Some(left) = of(&routers[0], THREE[0]).suspended_for() {
        tokio::time::sleep(left).await;
    }
    for router in &routers {
        server.count(THREE);
        ask_with(&client, router, 30).await;
        let [back, two, three] = server.count(THREE);
        let name = router.strategy();
        assert!(back > 0, "{name} leaves it out: {two}, {three}");
        match name {
            "round robin" | "least used" => assert_eq!([back, two, three], [10; 3], "{name}"),
            "random" => assert!(back <= 20, "{name}: {back}"),
            // The fastest of three that take the same time may be any.
            _ => {}
        }
        assert!(of(router, THREE[0]).suspended_for().is_none());
    }
}

#[tokio::test]
async fn when_all_are_left_alone_one_is_asked_all_the_same() {
    let server = Server::start();
    let client = server.client();
    for model in THREE {
        server.down(model, true);
        open(&client, model).await;
    }
    server.count(THREE);
    let router = Router::new(THREE).least_used();
    let error = client.ask(&router, "Hi").await.unwrap_err();
    assert_eq!(server.count(THREE).iter().sum::<usize>(), 1);
    assert_eq!(error.trail().skipped().len(), 3);
    server.down(THREE[0], false);
    server.down(THREE[1], false);
    server.down(THREE[2], false);
    assert_eq!(ask_with(&client, &router, 1).await.len(), 1);
}
