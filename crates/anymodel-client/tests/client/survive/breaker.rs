//! The circuit breaker, as a caller sees it. Its state machine is tested beside it, without waiting.

use std::time::Duration;

use anymodel::prelude::*;
use anymodel::{CircuitState, SkipReason};
use futures_util::future::join_all;

use super::provider::{End, OK, Provider};

/// A provider whose answers take a tenth of their time, and a client of it.
fn start() -> (Provider, Client) {
    let provider = Provider::start(0.1, 3.0, End::AsInTheCatalogue);
    let client = client(&provider, true);
    (provider, client)
}

fn client(provider: &Provider, breaks: bool) -> Client {
    Client::builder()
        .base_url(provider.url())
        .key("sk-or-v1-test0123456789")
        .retries(0)
        .circuit_breaker(breaks)
        .build()
        .unwrap()
}

fn state(client: &Client, model: &str) -> CircuitState {
    let all = client.health();
    all.iter().find(|one| one.model == model).unwrap().state
}

async fn ask(client: &Client, times: usize, chain: [&str; 2]) -> Vec<anymodel::Result<Reply>> {
    let mut results = Vec::new();
    for _ in 0..times {
        results.push(client.chat(chain).user("Hi").send().await);
    }
    results
}

#[tokio::test]
async fn a_model_that_fails_again_and_again_is_left_alone_and_the_trail_tells() {
    let (provider, client) = start();
    ask(&client, 4, ["acme/s04", OK]).await;
    assert_eq!(state(&client, "acme/s04"), CircuitState::Closed);
    // Clones share what was learnt.
    let clone = client.clone();
    ask(&clone, 2, ["acme/s04", OK]).await;
    let reply = client.ask(["acme/s04", OK], "Hi").await.unwrap();
    assert_eq!(provider.seen("acme/s04").len(), 5);
    assert_eq!(reply.trail.len(), 1, "no request was made");
    let skipped = &reply.trail.skipped()[0];
    assert_eq!((skipped.model.as_str(), skipped.after), ("acme/s04", 0));
    assert!(matches!(
        skipped.why,
        SkipReason::CircuitOpen {
            reason: Some(ErrorKind::Overloaded),
            ..
        }
    ));
    let shown = reply.trail.to_string();
    assert!(
        shown.contains("not asked") && shown.contains("failed again and again"),
        "{shown}"
    );

    let health = client.health();
    let circuit = health.iter().find(|one| one.model == "acme/s04").unwrap();
    assert!(matches!(circuit.state, CircuitState::Open(left) if left <= Duration::from_secs(5)));
    assert_eq!((circuit.failures, circuit.samples), (5, 5));
    assert_eq!(circuit.reason, Some(ErrorKind::Overloaded));
    assert!(circuit.to_string().contains("left alone"), "{circuit}");
}

#[tokio::test]
async fn the_breaker_can_be_switched_off() {
    let provider = Provider::start(0.1, 3.0, End::AsInTheCatalogue);
    let client = client(&provider, false);
    ask(&client, 8, ["acme/s04", OK]).await;
    assert_eq!(provider.seen("acme/s04").len(), 8);
    assert_eq!(state(&client, "acme/s04"), CircuitState::Closed);
}

#[tokio::test]
async fn wrong_requests_and_callers_who_go_away_say_nothing_about_a_model() {
    let (provider, client) = start();
    ask(&client, 8, ["acme/s12", OK]).await;
    assert_eq!(provider.seen("acme/s12").len(), 8);
    for _ in 0..8 {
        let call = client.ask("acme/s06", "Hi");
        assert!(
            tokio::time::timeout(Duration::from_millis(30), call)
                .await
                .is_err()
        );
    }
    for model in ["acme/s12", "acme/s06"] {
        assert_eq!(state(&client, model), CircuitState::Closed);
    }
    let samples: usize = client
        .health()
        .iter()
        .filter(|one| one.model != OK)
        .map(|one| one.samples)
        .sum();
    assert_eq!(samples, 0);
}

#[tokio::test]
async fn when_all_are_left_alone_the_first_to_return_is_asked_rather_than_nobody() {
    let (provider, client) = start();
    ask(&client, 5, ["acme/s04", "acme/s16"]).await;
    assert!(matches!(state(&client, "acme/s04"), CircuitState::Open(_)));
    assert!(matches!(state(&client, "acme/s16"), CircuitState::Open(_)));
    let error = client
        .ask(["acme/s16", "acme/s04"], "Hi")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    let asked: Vec<_> = error
        .trail()
        .iter()
        .map(|one| one.model_asked.as_str())
        .collect();
    assert_eq!(asked, ["acme/s04"], "it was the first to be left alone");
    assert_eq!(error.trail().skipped().len(), 2);
    assert!(format!("{error:?}").contains("acme/s16 was not asked: failed again and again"));
    // Who names one model alone wants that one.
    client.ask("acme/s04", "Hi").await.unwrap_err();
    assert_eq!(provider.seen("acme/s04").len(), 7);
}

#[tokio::test]
async fn one_request_probes_and_brings_the_model_back() {
    let (provider, client) = start();
    let chain = ["acme/s15", OK];
    let calls = (0..5).map(|_| client.ask(chain, "Hi"));
    join_all(calls).await;
    assert!(matches!(state(&client, "acme/s15"), CircuitState::Open(_)));
    let half_open = async {
        while state(&client, "acme/s15") != CircuitState::HalfOpen {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(7), half_open).await;
    assert!(waited.is_ok(), "it is left alone for five seconds");

    let dropped = client.ask(chain, "Hi");
    assert!(
        tokio::time::timeout(Duration::from_millis(30), dropped)
            .await
            .is_err()
    );
    assert_eq!(
        provider.seen("acme/s15").len(),
        6,
        "it was a probe, and its caller went away"
    );

    let calls = (0..10).map(|_| client.ask(chain, "Hi"));
    let replies: Vec<Reply> = join_all(calls)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(provider.seen("acme/s15").len(), 7, "exactly one probe");
    let probes = replies.iter().filter(|reply| reply.model == "acme/s15");
    assert_eq!(probes.count(), 1);
    assert_eq!(state(&client, "acme/s15"), CircuitState::Closed);
    assert_eq!(client.ask(chain, "Hi").await.unwrap().model, "acme/s15");
}
