//! Each strategy by itself.

use std::time::Duration;

use anymodel::{Client, ErrorKind, Router, RoutingContext, RoutingDecision, Target};

use super::server::Server;
use super::{THREE, ask, ask_with, of};

#[tokio::test]
async fn round_robin_asks_one_after_the_other() {
    let server = Server::start();
    let router = Router::new(THREE).round_robin();
    let answered = ask(&server, &router, 7).await;
    let [one, two, three] = THREE;
    assert_eq!(answered, [one, two, three, one, two, three, one]);
}

#[tokio::test]
async fn failover_asks_the_first_as_long_as_it_answers() {
    let server = Server::start();
    let router = Router::new(THREE);
    assert_eq!(router.strategy(), "failover");
    assert_eq!(ask(&server, &router, 3).await, [THREE[0]; 3]);
    server.down(THREE[0], true);
    assert_eq!(ask(&server, &router, 2).await, [THREE[1]; 2]);
    assert_eq!(
        of(&router, THREE[0]).last_failure,
        Some(ErrorKind::Overloaded)
    );
}

#[tokio::test]
async fn lots_fall_as_their_weights_say() {
    let server = Server::start();
    let router = Router::new(THREE).random().weights([6, 3, 0]);
    ask(&server, &router, 900).await;
    let [one, two, three] = server.count(THREE);
    assert_eq!(three, 0);
    // 600 expected; the standard deviation is 14.
    assert!((530..=670).contains(&one), "{one} and {two}");

    let router = Router::new(THREE).random();
    ask(&server, &router, 900).await;
    for count in server.count(THREE) {
        assert!((230..=370).contains(&count), "{count}");
    }
}

#[tokio::test]
async fn who_has_no_chance_in_the_lots_still_helps_out() {
    let server = Server::start();
    let router = Router::new(THREE).random().weights([1, 0, 0]);
    server.down(THREE[0], true);
    assert_eq!(ask(&server, &router, 1).await, [THREE[1]]);
}

#[tokio::test]
async fn least_used_evens_out() {
    let server = Server::start();
    let router = Router::new(THREE).least_used();
    let client = server.client();
    // Whoever shares the statistics of a router has used its models, too.
    ask_with(&client, &router.clone().failover(), 4).await;
    let answered = ask_with(&client, &router, 8).await;
    assert!(!answered.contains(&THREE[0].to_owned()), "{answered:?}");
    assert_eq!(server.count(THREE), [4, 4, 4]);
}

#[tokio::test]
async fn fastest_first_measures_each_once_and_then_asks_the_fastest() {
    let server = Server::start();
    server.slow(THREE[0], Duration::from_millis(300));
    server.slow(THREE[2], Duration::from_millis(300));
    let router = Router::new(THREE).fastest_first();
    let answered = ask(&server, &router, 15).await;
    assert_eq!(answered[..3], THREE);
    assert!(
        answered[3..].iter().all(|model| model == THREE[1]),
        "{answered:?}"
    );
}

#[tokio::test]
async fn fastest_first_notices_when_the_fastest_has_become_slow_and_a_slow_one_fast() {
    let server = Server::start();
    server.slow(THREE[0], Duration::from_millis(100));
    server.slow(THREE[2], Duration::from_millis(400));
    let router = Router::new(THREE).fastest_first();
    assert_eq!(ask(&server, &router, 5).await[4], THREE[1]);
    server.slow(THREE[1], Duration::from_millis(400));
    server.slow(THREE[2], Duration::ZERO);
    // The second is soon no longer the fastest; that the third has become so is seen when it is measured again.
    let answered = ask(&server, &router, 40).await;
    assert!(
        answered[..12].contains(&THREE[0].to_owned()),
        "{answered:?}"
    );
    let third = answered[30..].iter().filter(|model| **model == THREE[2]);
    assert!(third.count() >= 8, "{answered:?}");
}

#[tokio::test]
async fn a_model_that_fails_fast_is_not_taken_for_fast() {
    let server = Server::start();
    server.down(THREE[0], true);
    server.slow(THREE[1], Duration::from_millis(20));
    server.slow(THREE[2], Duration::from_millis(300));
    let router = Router::new(THREE).fastest_first();
    let client = Client::builder()
        .base_url(server.url())
        .retries(0)
        .circuit_breaker(false);
    let client = client.build().unwrap();
    let answered = ask_with(&client, &router, 60).await;
    assert!(
        answered[4..15].iter().all(|model| model == THREE[1]),
        "{answered:?}"
    );
    // It was measured again now and then, and no more.
    let failed = server.asked(THREE[0]);
    assert!((2..=6).contains(&failed), "{failed}");
}

#[tokio::test]
async fn a_strategy_of_ones_own_sees_the_question_and_gives_its_reason() {
    let server = Server::start();
    let router = Router::new(THREE).choose_by(|ask: &RoutingContext| match ask.question {
        "Why?" => RoutingDecision::of(THREE[2]).reason("it asks why"),
        _ => RoutingDecision::at(1),
    });
    let client = server.client();
    let reply = client.ask(&router, "Why?").await.unwrap();
    assert_eq!(reply.model, THREE[2]);
    let routed = reply.trail.routed().unwrap();
    assert_eq!(routed.to_string(), "own strategy: it asks why");
    assert!(
        reply.trail.to_string().contains("it asks why"),
        "{}",
        reply.trail
    );
    let chat = client
        .chat(&router)
        .user("Why?")
        .system("Be brief.")
        .user("How?");
    assert_eq!(chat.send().await.unwrap().model, THREE[1]);
    assert!(
        client
            .ask(THREE[0], "Hi")
            .await
            .unwrap()
            .trail
            .routed()
            .is_none()
    );
}

#[tokio::test]
async fn a_strategy_may_ask_the_router_and_say_who_comes_next() {
    let server = Server::start();
    let counts = Router::new(THREE);
    let same = counts.clone();
    let router = counts.choose_by(move |_: &RoutingContext| {
        let calls: u64 = same
            .statistics()
            .models
            .iter()
            .map(|one| one.requests)
            .sum();
        RoutingDecision::of(THREE[1])
            .then(THREE[2])
            .reason(format!("{calls} requests so far"))
    });
    server.down(THREE[1], true);
    let reply = server.client().ask(&router, "Hi").await.unwrap();
    assert_eq!(reply.model, THREE[2]);
    assert_eq!(reply.trail.routed().unwrap().because, "0 requests so far");
    assert_eq!(router.explain("Hi").unwrap().because, "2 requests so far");
    assert_eq!(
        router.explain("Hi").unwrap().models,
        [THREE[1], THREE[2], THREE[0]]
    );
}

#[tokio::test]
async fn explaining_and_previewing_take_no_turn() {
    let server = Server::start();
    let client = server.client();
    let router = Router::new(THREE).round_robin();
    for _ in 0..4 {
        let route = router.explain("Hi").unwrap();
        assert_eq!(route.models, THREE);
        assert_eq!(
            route.to_string(),
            "acme/one → acme/two → acme/three (round robin: next in turn)"
        );
        let preview = client.chat(&router).user("Hi").preview().unwrap();
        assert_eq!(preview.body["model"], THREE[0]);
    }
    assert_eq!(server.count(THREE), [0, 0, 0]);
    assert_eq!(ask_with(&client, &router, 1).await, [THREE[0]]);
    assert!(
        router
            .statistics()
            .models
            .iter()
            .all(|one| one.in_flight == 0)
    );
}

#[tokio::test]
async fn so_many_fallbacks_follow_as_allowed() {
    let server = Server::start();
    let names: Vec<String> = (0..9).map(|number| format!("acme/{number}")).collect();
    names.iter().for_each(|name| server.down(name, true));
    let client = server.client();
    for (router, requests) in [
        (Router::new(&names), 4),
        (Router::new(&names).fallbacks(0), 1),
        (Router::new(&names).round_robin().fallbacks(20), 9),
        (Router::new(&names).fallbacks(1).random(), 2),
    ] {
        let error = client.chat(&router).user("Hi").send().await.unwrap_err();
        let asked = error.trail().len() + error.trail().skipped().len();
        assert_eq!(asked, requests, "{error:?}");
        assert!(error.trail().routed().is_some());
    }
}

#[tokio::test]
async fn a_router_crosses_platforms() {
    let client = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .build()
        .unwrap();
    let router = Router::new(["zenmux:openai/gpt-4o-mini", "openai/gpt-4o-mini"]).round_robin();
    let mut platforms = Vec::new();
    for _ in 0..4 {
        platforms.push(client.ask(&router, "Hi").await.unwrap().platform);
    }
    assert_eq!(
        platforms,
        ["sandbox:zenmux", "sandbox", "sandbox:zenmux", "sandbox"]
    );
    assert!(
        router
            .statistics()
            .models
            .iter()
            .all(|one| one.successes == 2)
    );
}

#[tokio::test]
async fn a_platform_without_a_key_is_told_at_once_and_not_when_its_turn_comes() {
    let client = Client::builder()
        .platform("zenmux")
        .key("sk-test-0123456789")
        .build()
        .unwrap();
    let models = [
        "a/1",
        "a/2",
        "a/3",
        "a/4",
        "a/5",
        "anthropic::claude-sonnet-4-6",
    ];
    let error = client.ask(&Router::new(models), "Hi").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeyMissing);
    assert!(error.to_string().contains("ANTHROPIC_API_KEY"), "{error}");
}

#[tokio::test]
async fn who_cannot_choose_says_so_before_anything_is_sent() {
    let server = Server::start();
    let client = server.client();
    let none: [&str; 0] = [];
    for (router, words) in [
        (Router::new(none), "the router has no models"),
        (Router::new(THREE).weights([1, 2]), "2 weights for 3 models"),
        (
            Router::new(THREE).weights([1.0, -2.0, 0.0]),
            "the weight -2",
        ),
        (
            Router::new(THREE).weights([f64::NAN, 1.0, 1.0]),
            "the weight NaN",
        ),
        (Router::new(THREE).weights([0, 0, 0]), "no weight above 0"),
        (
            Router::new(THREE).choose_by(|_: &RoutingContext| "acme/four"),
            "\"acme/four\", which is none",
        ),
        (
            Router::new(THREE).choose_by(|_: &RoutingContext| 3),
            "at place 3",
        ),
        (Router::new(["acme/one", " "]), "empty name"),
    ] {
        let error = client.ask(&router, "Hi").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.hint().is_some() && error.trail().is_empty());
    }
    assert_eq!(server.count(THREE), [0, 0, 0]);
}

#[test]
fn a_router_is_a_target_and_names_each_model_once() {
    let router = Router::new(["acme/one", " acme/one ", "acme/two"]);
    assert_eq!(
        router.models().collect::<Vec<_>>(),
        ["acme/one", "acme/two"]
    );
    assert_eq!(Target::from(&router), Target::from(router.clone()));
    assert_ne!(
        Target::from(&router),
        Target::from(Router::new(["acme/one", "acme/two"]))
    );
}
