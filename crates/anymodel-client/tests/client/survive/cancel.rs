//! Retries and cancelling: what is given up is given up at once, down to the socket.

use std::time::{Duration, Instant};

use anymodel::prelude::*;
use anymodel::{Event, NextAction};

use super::script::{Act, play, send, wait};
use super::wire::{DONE, STREAM, finish, response, usage, word};

const BROKEN: &str = r#"{"error":{"code":500,"message":"Internal Server Error"}}"#;
const LIMITED: &str = r#"{"error":{"code":429,"message":"Rate limit exceeded"}}"#;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[tokio::test]
async fn a_call_that_is_dropped_closes_its_connection() {
    let server = play([vec![Act::UntilGone]]);
    for (n, builder) in [server.client(), server.compatible()]
        .into_iter()
        .enumerate()
    {
        let client = builder.build().unwrap();
        let call = client.ask("acme/one", "Hi");
        assert!(tokio::time::timeout(ms(200), call).await.is_err());
        assert_eq!(server.gone(n + 1).await, n + 1);
    }
}

#[tokio::test]
async fn a_stream_that_is_dropped_closes_its_connection_even_while_nothing_comes() {
    let server = play([vec![send(STREAM), send(word("half ")), Act::UntilGone]]);
    for (n, builder) in [server.client(), server.compatible()]
        .into_iter()
        .enumerate()
    {
        let client = builder.build().unwrap();
        let mut stream = client.chat("acme/one").user("Hi").stream();
        while !matches!(stream.next().await.unwrap().unwrap(), Event::Text(_)) {}
        drop(stream);
        assert_eq!(server.gone(n + 1).await, n + 1);
        assert!(
            client.health()[0].samples == 0,
            "who goes away says nothing about the model"
        );
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_while_it_waits_asks_no_more() {
    let server = play([vec![send(response(500, "retry-after: 0.4\r\n", BROKEN))]]);
    let client = server.client().build().unwrap();
    let call = client.ask("acme/one", "Hi");
    assert!(tokio::time::timeout(ms(200), call).await.is_err());
    tokio::time::sleep(ms(600)).await;
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn no_retries_means_one_request_to_each_model() {
    let server = play([vec![send(response(500, "retry-after: 0\r\n", BROKEN))]]);
    let client = server.client().retries(0).build().unwrap();
    let chat = client.chat(["acme/one", "acme/two"]).user("Hi");
    let streamed = chat.clone().stream().final_reply().await.unwrap_err();
    let plain = chat.send().await.unwrap_err();
    assert_eq!((streamed.trail().len(), plain.trail().len()), (2, 2));
    assert_eq!(
        server.asked(),
        ["acme/one", "acme/two", "acme/one", "acme/two"]
    );
}

#[tokio::test]
async fn a_hint_beyond_the_deadline_moves_on_or_ends_the_call_with_the_hint() {
    let limited = vec![send(response(429, "retry-after: 2\r\n", LIMITED))];
    let good = [STREAM, &word("whole"), &finish(), &usage("acme/two"), DONE].concat();
    let server = play([limited.clone(), vec![send(good), wait(0)], limited]);
    let client = server.client().deadline(ms(1500)).build().unwrap();
    let start = Instant::now();
    let chain = client.chat(["acme/one", "acme/two"]).user("Hi");
    let reply = chain.stream().final_reply().await.unwrap();
    assert_eq!(reply.trail.iter().next().unwrap().next, NextAction::MovedOn);
    let alone = client
        .chat("acme/one")
        .user("Hi")
        .stream()
        .final_reply()
        .await;
    let error = alone.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
    assert_eq!(error.trail().len(), 1);
    assert!(start.elapsed() < ms(1400), "nobody waited");
}

#[tokio::test]
async fn after_words_were_given_no_other_model_speaks_unless_it_is_said() {
    let cut = vec![send([STREAM, &word("half ")].concat()), wait(0)];
    let good = [STREAM, &word("whole"), &finish(), &usage("acme/two"), DONE].concat();
    let server = play([cut.clone(), cut, vec![send(good), wait(0)]]);
    let client = server.client().build().unwrap();

    let mut stream = client.chat(["acme/one", "acme/two"]).user("Hi").stream();
    let (mut words, mut ends) = (Vec::new(), Vec::new());
    while let Some(event) = stream.next().await {
        match event {
            Ok(Event::Text(text)) => words.push(text),
            Ok(_) => {}
            Err(error) => ends.push(error),
        }
    }
    assert_eq!(words, ["half "]);
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0].kind(), ErrorKind::BrokenStream);
    assert_eq!(ends[0].partial(), Some("half "));
    assert_eq!(server.asked(), ["acme/one"]);

    let chat = client.chat(["acme/one", "acme/two"]).user("Hi");
    let mut stream = chat.restart_on_break().stream();
    let mut told = Vec::new();
    while let Some(event) = stream.next().await {
        told.push(match event.unwrap() {
            Event::Started { .. } => "started".to_owned(),
            Event::Text(text) => text,
            Event::Restarted { reason, .. } => format!("restarted: {reason}"),
            Event::Finished(reply) => format!("finished: {}", reply.text),
            _ => continue,
        });
    }
    let expected = [
        "started",
        "half ",
        "restarted: answer cut off",
        "whole",
        "finished: whole",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn the_trail_of_a_call_that_failed_names_every_request_and_what_followed() {
    let cut = vec![send([STREAM, &word("half ")].concat()), wait(0)];
    let server = play([
        vec![send(response(500, "retry-after: 0\r\n", BROKEN))],
        cut,
        vec![send(response(429, "", LIMITED))],
        vec![send(STREAM), Act::UntilGone],
    ]);
    let client = server
        .client()
        .first_token_timeout(ms(200))
        .build()
        .unwrap();
    let chat = client
        .chat(["acme/one", "acme/two", "acme/three"])
        .user("Hi");
    let error = chat.stream().final_reply().await.unwrap_err();
    let told: Vec<_> = error
        .trail()
        .iter()
        .map(|one| {
            (
                one.model_asked.as_str(),
                one.status,
                one.failure.unwrap(),
                one.next,
            )
        })
        .collect();
    use ErrorKind::*;
    assert_eq!(
        told,
        [
            (
                "acme/one",
                Some(500),
                Server,
                NextAction::Retried(Duration::ZERO)
            ),
            ("acme/one", Some(200), BrokenStream, NextAction::MovedOn),
            ("acme/two", Some(429), RateLimited, NextAction::MovedOn),
            ("acme/three", Some(200), Timeout, NextAction::GaveUp),
        ]
    );
    assert_eq!(error.partial(), Some("half "));
    let attempts: Vec<_> = error.trail().iter().collect();
    assert!(attempts[1].time_to_first_token.is_some());
    assert!(
        attempts
            .windows(2)
            .all(|two| two[0].offset + two[0].duration <= two[1].offset)
    );
}

#[tokio::test]
async fn an_outage_is_not_multiplied_by_the_retries_of_every_call() {
    let server = play([vec![send(response(500, "retry-after: 0\r\n", BROKEN))]]);
    let client = server.client().build().unwrap();
    let calls = (0..100).map(|_| client.ask("acme/one", "Hi"));
    let results = futures_util::future::join_all(calls).await;
    assert!(results.iter().all(Result::is_err));
    let asked = server.asked().len();
    // A fifth of the calls, ten, and one a second; without a budget it would be 400.
    assert!((100..=140).contains(&asked), "{asked}");
    let told = |error: &anymodel::Error| {
        let skipped = error.trail().skipped();
        skipped
            .iter()
            .any(|one| one.why == anymodel::SkipReason::RetriesUsedUp)
    };
    assert!(
        results
            .iter()
            .flat_map(|result| result.as_ref().err())
            .any(told)
    );
}
