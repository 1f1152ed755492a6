//! Sixty-four tasks at once.

use std::time::Duration;

use anymodel::{Client, Router};

use super::server::Server;
use super::{THREE, of};

const TASKS: usize = 64;
const FOUR: [&str; 4] = ["acme/a", "acme/b", "acme/c", "acme/d"];

/// Every task asks so often; all of them share the router and the client.
async fn crowd(client: &Client, router: &Router, times: usize) {
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (client, router) = (client.clone(), router.clone());
            tokio::spawn(async move {
                for _ in 0..times {
                    client.ask(&router, "Hi").await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn round_robin_and_least_used_share_evenly_to_the_last_question() {
    let server = Server::start();
    let client = server.client();
    for router in [
        Router::new(FOUR).round_robin(),
        Router::new(FOUR).least_used(),
    ] {
        crowd(&client, &router, 5).await;
        assert_eq!(server.count(FOUR), [80; 4], "{}", router.strategy());
        for one in router.statistics().models {
            assert_eq!((one.requests, one.successes, one.in_flight), (80, 80, 0));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lots_spread_a_crowd_about_evenly() {
    let server = Server::start();
    let router = Router::new(FOUR).random();
    crowd(&server.client(), &router, 10).await;
    for count in server.count(FOUR) {
        // 160 expected; the standard deviation is 11.
        assert!((105..=215).contains(&count), "{count}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_that_knows_nothing_yet_does_not_all_measure_the_same_model() {
    let server = Server::start();
    for model in FOUR {
        server.slow(model, Duration::from_millis(200));
    }
    let router = Router::new(FOUR).fastest_first();
    crowd(&server.client(), &router, 1).await;
    assert_eq!(server.count(FOUR).iter().sum::<usize>(), TASKS);
    for model in FOUR {
        let most = server.most(model);
        assert!((8..=32).contains(&most), "{model}: {most}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_finds_the_fastest_and_measures_the_others_now_and_then() {
    let server = Server::start();
    // Far apart: on a busy machine, a crowd makes even the fastest wait.
    for slow in [FOUR[0], FOUR[1], FOUR[3]] {
        server.slow(slow, Duration::from_secs(2));
    }
    let router = Router::new(FOUR).fastest_first();
    let client = server.client();
    crowd(&client, &router, 2).await;
    server.count(FOUR);
    crowd(&client, &router, 5).await;
    let [a, b, fastest, d] = server.count(FOUR);
    assert!(fastest >= 240, "{fastest} of 320");
    assert!(a > 0 && b > 0 && d > 0, "{a}, {b}, {d}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_model_that_is_down_burdens_none_of_its_neighbours_more_than_another() {
    let server = Server::start();
    server.down(FOUR[1], true);
    let client = server.client();
    for router in [
        Router::new(FOUR).round_robin(),
        Router::new(FOUR).least_used(),
        Router::new(FOUR).random(),
    ] {
        crowd(&client, &router, 5).await;
        let [a, _, c, d] = server.count(FOUR);
        assert_eq!(a + c + d, TASKS * 5);
        for count in [a, c, d] {
            // 107 of 320 each, but for the few that fell over at the beginning.
            assert!(
                (75..=140).contains(&count),
                "{}: {a}, {c}, {d}",
                router.strategy()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_under_way_counts_as_use() {
    let server = Server::start();
    server.slow(THREE[0], Duration::from_secs(2));
    let router = Router::new(THREE).least_used();
    let client = server.client();
    let slow = {
        let (client, router) = (client.clone(), router.clone());
        tokio::spawn(async move { client.ask(&router, "Hi").await.unwrap() })
    };
    while of(&router, THREE[0]).in_flight == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for _ in 0..2 {
        client.ask(&router, "Hi").await.unwrap();
    }
    assert_eq!(server.count(THREE), [1, 1, 1]);
    assert_eq!(slow.await.unwrap().model, THREE[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_sandbox_serves_a_crowd_through_a_router() {
    let client = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .build()
        .unwrap();
    let router = Router::new(["openai/gpt-4o-mini", "openai/gpt-4o"]).round_robin();
    crowd(&client, &router, 2).await;
    for one in router.statistics().models {
        assert_eq!((one.successes, one.is_simulated()), (64, true));
    }
}
