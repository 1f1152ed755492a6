//! The limits of time: until the first word, between two words, of an attempt, of the whole call.

use std::time::{Duration, Instant};

use anymodel::Event;
use anymodel::prelude::*;
use futures_util::future::join_all;
use serde_json::json;

use super::script::{Act, play, send, wait};
use super::wire::{DONE, STREAM, chunk, finish, response, usage, word};

const COMMENT: &str = ": OPENROUTER PROCESSING\n\n";

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn good() -> Vec<Act> {
    let whole = [STREAM, &word("whole"), &finish(), &usage("acme/one"), DONE].concat();
    vec![send(whole), wait(0)]
}

#[tokio::test]
async fn the_first_word_has_a_limit_of_its_own_that_comments_and_empty_pieces_do_not_move() {
    let empty = chunk(
        "acme/one",
        &json!({ "role": "assistant", "content": "" }),
        None,
    );
    for noise in [
        COMMENT.to_owned(),
        empty,
        "event: ping\ndata: {}\n\n".to_owned(),
    ] {
        let server = play([
            vec![send(STREAM), Act::Repeat(noise.clone(), ms(20))],
            good(),
        ]);
        let client = server
            .client()
            .first_token_timeout(ms(300))
            .build()
            .unwrap();
        let start = Instant::now();
        let chat = client.chat(["acme/one", "acme/two"]).user("Hi");
        let reply = chat.stream().final_reply().await.unwrap();
        assert_eq!(reply.text, "whole", "{noise}");
        let first = reply.trail.iter().next().unwrap();
        assert_eq!(first.failure, Some(ErrorKind::Timeout), "{noise}");
        assert_eq!(first.time_to_first_token, None);
        assert!(
            start.elapsed() >= ms(300) && start.elapsed() < ms(2500),
            "{noise}"
        );
    }
}

#[tokio::test]
async fn silence_between_two_words_has_a_limit_of_its_own_that_comments_do_not_move() {
    let head = [STREAM, &word("half ")].concat();
    let server = play([
        vec![send(head), Act::Repeat(COMMENT.to_owned(), ms(20))],
        good(),
    ]);
    let client = server.client().idle_timeout(ms(300)).build().unwrap();
    let start = Instant::now();
    let chat = client.chat(["acme/one", "acme/two"]).user("Hi");
    let reply = chat.stream().final_reply().await.unwrap();
    assert_eq!(reply.text, "whole");
    let first = reply.trail.iter().next().unwrap();
    assert_eq!(first.failure, Some(ErrorKind::Timeout));
    assert!(first.time_to_first_token.is_some());
    assert!(start.elapsed() >= ms(300) && start.elapsed() < ms(2500));
}

#[tokio::test]
async fn an_answer_that_comes_well_may_take_much_longer_than_the_timeout() {
    let mut script = vec![send(STREAM)];
    for _ in 0..30 {
        script.extend([send(word("x")), wait(40)]);
    }
    script.push(send(
        [finish(), usage("acme/one"), DONE.to_owned()].concat(),
    ));
    let server = play([script]);
    let client = server.client().timeout(ms(400)).build().unwrap();
    let start = Instant::now();
    let reply = client
        .chat("acme/one")
        .user("Hi")
        .stream()
        .final_reply()
        .await
        .unwrap();
    assert_eq!(reply.text, "x".repeat(30));
    assert!(start.elapsed() > ms(1100));
}

#[tokio::test]
async fn a_caller_who_is_busy_for_longer_than_the_limit_loses_nothing() {
    let mut script = vec![send(STREAM)];
    for _ in 0..20 {
        script.extend([send(word("x")), wait(20)]);
    }
    script.push(send(
        [finish(), usage("acme/one"), DONE.to_owned()].concat(),
    ));
    let server = play([script]);
    let client = server.client().idle_timeout(ms(100)).build().unwrap();
    let mut stream = client.chat("acme/one").user("Hi").stream();
    let mut words = 0;
    loop {
        match stream.next().await.unwrap().unwrap() {
            Event::Text(_) => {
                words += 1;
                // Computes, without giving the runtime a chance to see what comes.
                std::thread::sleep(ms(if words == 3 { 300 } else { 0 }));
            }
            Event::Finished(reply) => break assert_eq!(reply.text, "x".repeat(20)),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_deadline_ends_an_answer_that_comes_well_with_what_has_come() {
    let server = play([vec![send(STREAM), Act::Repeat(word("x"), ms(20))]]);
    let client = server.client().deadline(ms(400)).build().unwrap();
    let start = Instant::now();
    let mut stream = client.chat("acme/one").user("Hi").stream();
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(Event::Finished(_)) => panic!("it never ends by itself"),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(start.elapsed() >= ms(400) && start.elapsed() < ms(2500));
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.partial().unwrap().starts_with("xx"));
}

#[tokio::test]
async fn a_deadline_leaves_time_for_the_next_model() {
    let server = play([vec![Act::UntilGone], good()]);
    let client = server.client().deadline(ms(1500)).build().unwrap();
    let chat = client.chat(["acme/one", "acme/two"]).user("Hi");
    let reply = chat.stream().final_reply().await.unwrap();
    let first = reply.trail.iter().next().unwrap();
    assert!(
        first.duration >= ms(950) && first.duration < ms(1400),
        "{:?}",
        first.duration
    );
    let alone = client.health();
    let first = alone.iter().find(|one| one.model == "acme/one").unwrap();
    assert_eq!(
        first.failures, 0,
        "it was given less time than an attempt has: {first}"
    );
}

#[tokio::test]
async fn what_is_said_after_the_end_does_not_keep_the_call_waiting() {
    let ended = [STREAM, &word("whole"), &finish()].concat();
    let noises = [
        COMMENT.to_owned(),
        "event: ping\ndata: {}\n\n".to_owned(),
        word(""),
    ];
    join_all(noises.map(async |noise| {
        let server = play([vec![
            send(ended.clone()),
            Act::Repeat(noise.clone(), ms(50)),
        ]]);
        let start = Instant::now();
        let client = server.client().build().unwrap();
        let call = client.chat("acme/one").user("Hi").stream().final_reply();
        let reply = tokio::time::timeout(Duration::from_secs(10), call).await;
        let reply = reply.expect("it hangs").unwrap();
        assert_eq!(reply.text, "whole");
        assert!(start.elapsed() < Duration::from_secs(4), "{noise}");
        assert_eq!(server.gone(1).await, 1, "the connection is let go");
    }))
    .await;
}

#[tokio::test]
async fn an_end_that_is_told_needs_no_sentinel_and_no_end_of_the_connection() {
    let ended = [STREAM, &word("whole"), &finish(), &usage("acme/one")].concat();
    let server = play([vec![send(ended), Act::UntilGone]]);
    for client in [server.client(), server.compatible()] {
        let start = Instant::now();
        let chat = client.build().unwrap().chat("acme/one").user("Hi");
        let reply = chat.stream().final_reply().await.unwrap();
        assert_eq!(reply.usage.unwrap().total_tokens, 80);
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}

#[tokio::test]
async fn limits_beyond_every_clock_are_no_limits() {
    let body =
        json!({ "choices": [{ "message": { "content": "whole" }, "finish_reason": "stop" }] });
    for script in [good(), vec![send(response(200, "", &body.to_string()))]] {
        let server = play([script]);
        let client = server
            .client()
            .timeout(Duration::MAX)
            .idle_timeout(Duration::MAX)
            .deadline(Duration::MAX)
            .build()
            .unwrap();
        let chat = client.chat("acme/one").user("Hi");
        assert_eq!(
            chat.clone().stream().final_reply().await.unwrap().text,
            "whole"
        );
        assert_eq!(chat.send().await.unwrap().text, "whole");
    }
}

/// A whole answer after so long; the caller may go away before.
fn later(milliseconds: u64, text: &str) -> Vec<Act> {
    let body = json!({
        "id": "gen-1", "model": "acme/one",
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": text } }],
    });
    let answer = response(200, "", &body.to_string());
    vec![wait(milliseconds), send(answer), wait(0)]
}

#[tokio::test]
async fn a_whole_answer_may_take_more_than_ten_seconds_where_nobody_follows_or_it_may_be_long() {
    let slow = || play([later(11_000, "slow"), later(0, "quick")]);
    let (alone, chain, long) = (slow(), slow(), slow());
    let client = |server: &super::script::Scripted| server.client().build().unwrap();
    let chat = |client: &Client, models: &[&str]| client.chat(models).user("Hi");
    let both = ["acme/one", "acme/two"];
    let (alone, chain, long) = tokio::join!(
        chat(&client(&alone), &both[..1]).send(),
        chat(&client(&chain), &both).send(),
        // Two seconds more, for a hundred tokens.
        chat(&client(&long), &both).max_tokens(100).send(),
    );
    assert_eq!(alone.unwrap().text, "slow");
    let chain = chain.unwrap();
    assert_eq!(chain.text, "quick");
    let first = chain.trail.iter().next().unwrap();
    assert_eq!(first.failure, Some(ErrorKind::Timeout));
    assert!(first.duration >= ms(9_900) && first.duration < ms(10_900));
    assert_eq!(long.unwrap().text, "slow");
}

#[tokio::test]
#[ignore = "takes 40 s"]
async fn an_answer_that_takes_forty_seconds_arrives_with_the_defaults() {
    #[derive(Deserialize, JsonSchema)]
    struct Said {
        yes: bool,
    }
    let whole = play([later(40_000, "slow")]);
    let typed = play([later(40_000, r#"{"yes":true}"#)]);
    let down = response(503, "", r#"{"error":{"message":"down"}}"#);
    let after_another = play([vec![send(down)], later(40_000, "slow")]);
    let words = std::iter::repeat_n([send(word("word ")), wait(5_000)], 8).flatten();
    let end = [finish(), usage("acme/one"), DONE.to_owned()].concat();
    let streamed = play([[send(STREAM)]
        .into_iter()
        .chain(words)
        .chain([send(end), wait(0)])
        .collect::<Vec<_>>()]);
    let client = |server: &super::script::Scripted| server.client().build().unwrap();
    let (whole, typed, after_another, streamed) = tokio::join!(
        client(&whole).chat("acme/one").user("Hi").send(),
        client(&typed).chat("acme/one").user("Hi").json::<Said>(),
        client(&after_another)
            .chat(["acme/one", "acme/two"])
            .user("Hi")
            .send(),
        client(&streamed)
            .chat("acme/one")
            .user("Hi")
            .stream()
            .final_reply(),
    );
    assert_eq!(whole.unwrap().text, "slow");
    assert!(typed.unwrap().yes);
    assert_eq!(after_another.unwrap().text, "slow");
    assert_eq!(streamed.unwrap().text, "word ".repeat(8));
}
