//! One of many that ask the same at once asks for all.

use std::time::{Duration, Instant};

use anymodel::prelude::*;
use anymodel::{Cache, Event};
use futures_util::future::join_all;

use super::support::{Play, Server, answer, events, json};
use super::{QUESTION, slow, with};

const PAUSE: Duration = Duration::from_millis(250);

#[tokio::test]
async fn one_request_is_made_for_many_that_ask_at_once() {
    let cache = Cache::exact();
    let server = Server::play([slow(200, answer("One."), PAUSE)]);
    let client = with(&server, &cache);
    let replies = join_all((0..64).map(|_| client.ask("acme/one", QUESTION))).await;
    let mut in_flight = 0;
    for reply in replies {
        let reply = reply.unwrap();
        assert_eq!(reply.text, "One.");
        in_flight += u32::from(reply.cached == Some(Cached::Coalesced));
    }
    assert_eq!(in_flight, 63);
    assert_eq!(server.requests().len(), 1);
    let statistics = cache.statistics();
    assert_eq!((statistics.in_flight, statistics.misses), (63, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_threads_make_one_request_for_each_question() {
    let cache = Cache::exact();
    let answers = (0..8).map(|_| slow(200, answer("One."), PAUSE));
    let server = Server::play(answers);
    let client = with(&server, &cache);
    let tasks: Vec<_> = (0..128)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move {
                client
                    .ask("acme/one", format!("{QUESTION} {}", number % 8))
                    .await
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().text, "One.");
    }
    assert_eq!(server.requests().len(), 8);
    assert_eq!(cache.statistics().hits(), 120);
}

/// Waits until the first request has arrived.
async fn asked(server: &Server) {
    while server.requests().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn when_the_one_who_asks_is_cancelled_the_next_takes_its_place() {
    let cache = Cache::exact();
    let late = slow(200, answer("Too late."), Duration::from_secs(5));
    let server = Server::play([late, json(200, &answer("Second."))]);
    let client = with(&server, &cache);
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.ask("acme/one", QUESTION).await }
    });
    asked(&server).await;
    let others = (0..5).map(|_| client.ask("acme/one", QUESTION));
    let (others, ()) = tokio::join!(join_all(others), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        first.abort();
    });
    for reply in others {
        assert_eq!(reply.unwrap().text, "Second.");
    }
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn when_the_one_who_asks_fails_the_next_asks_and_a_wrong_request_fails_for_all() {
    let cache = Cache::exact();
    let broken = Play::Pieces {
        head: "content-type: application/json\r\n".to_owned(),
        pieces: vec![(PAUSE, b"not an answer".to_vec())],
        ends: true,
    };
    let server = Server::play([broken, json(200, &answer("Second."))]);
    let client = with(&server, &cache);
    let results = join_all((0..6).map(|_| client.ask("acme/one", QUESTION))).await;
    let failed = results.iter().filter(|result| result.is_err()).count();
    assert_eq!((failed, server.requests().len()), (1, 2));

    let refused = r#"{"error":{"code":400,"message":"this parameter is not known"}}"#;
    let server = Server::play([slow(200, refused.to_owned(), PAUSE)]);
    let client = with(&server, &cache);
    let results = join_all((0..6).map(|_| client.ask("acme/one", QUESTION))).await;
    for result in &results {
        let error = result.as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
        assert!(error.to_string().contains("not known"));
    }
    let attempts: usize = results
        .iter()
        .map(|result| result.as_ref().unwrap_err().trail().len())
        .sum();
    assert_eq!((attempts, server.requests().len()), (1, 1));
}

#[tokio::test]
async fn who_has_little_time_does_not_wait_for_another_until_it_is_over() {
    let cache = Cache::exact();
    let late = slow(200, answer("Slow."), Duration::from_secs(3));
    let server = Server::play([late, json(200, &answer("Quick."))]);
    let client = with(&server, &cache);
    let patient = client.ask("acme/one", QUESTION);
    let hurried = async {
        asked(&server).await;
        let start = Instant::now();
        let chat = client.chat("acme/one").user(QUESTION);
        let reply = chat
            .deadline(Duration::from_millis(800))
            .send()
            .await
            .unwrap();
        (reply, start.elapsed())
    };
    let (patient, (hurried, took)) = tokio::join!(patient, hurried);
    assert_eq!(patient.unwrap().text, "Slow.");
    assert_eq!((hurried.text.as_str(), hurried.cached), ("Quick.", None));
    assert!(
        took >= Duration::from_millis(390) && took < Duration::from_millis(800),
        "{took:?}"
    );
    assert!(
        hurried.latency >= Duration::from_millis(390),
        "what was waited counts"
    );
}

#[tokio::test]
async fn a_stream_waits_for_a_stream_and_gets_all_of_it() {
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"One two\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let cache = Cache::exact();
    let server = Server::play([events(body)]);
    let client = with(&server, &cache);
    let streams = (0..5).map(|_| {
        client
            .chat("acme/one")
            .user(QUESTION)
            .stream()
            .final_reply()
    });
    let asks = (0..5).map(|_| client.ask("acme/one", QUESTION));
    let (streamed, asked) = tokio::join!(join_all(streams), join_all(asks));
    for reply in streamed.into_iter().chain(asked) {
        assert_eq!(reply.unwrap().text, "One two");
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_stream_that_is_dropped_leaves_its_place_to_the_next() {
    let half = "data: {\"choices\":[{\"delta\":{\"content\":\"Half \"}}]}\n\n";
    let cache = Cache::exact();
    let server = Server::play([
        Play::Pieces {
            head: "content-type: text/event-stream\r\n".to_owned(),
            pieces: vec![
                (Duration::ZERO, half.as_bytes().to_vec()),
                (Duration::from_secs(3), half.as_bytes().to_vec()),
            ],
            ends: true,
        },
        json(200, &answer("Whole.")),
    ]);
    let client = with(&server, &cache);
    let mut stream = client.chat("acme/one").user(QUESTION).stream();
    assert!(matches!(
        stream.next().await,
        Some(Ok(Event::Started { .. }))
    ));
    let (reply, ()) = tokio::join!(client.ask("acme/one", QUESTION), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(stream);
    });
    assert_eq!(reply.unwrap().text, "Whole.");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn calls_of_functions_and_cut_answers_are_for_the_one_who_asked_and_nobody_queues_for_them() {
    let calls = answer("")
        .replace(
            "\"content\":\"\"",
            "\"content\":null,\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]",
        )
        .replace("\"stop\"", "\"tool_calls\"");
    let cut = answer("Half an ans").replace("\"stop\"", "\"length\"");
    for body in [calls, cut] {
        let cache = Cache::exact();
        let server = Server::play((0..6).map(|_| slow(200, body.clone(), PAUSE)));
        let client = with(&server, &cache);
        let start = Instant::now();
        for reply in join_all((0..6).map(|_| client.ask("acme/one", QUESTION))).await {
            assert_eq!(reply.unwrap().cached, None);
        }
        assert!(start.elapsed() < PAUSE * 5, "{:?}", start.elapsed());
        assert_eq!(server.requests().len(), 6);
    }
}
