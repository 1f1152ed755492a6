//! An answer that is watched while it comes: against the sandbox and its faults.

use std::time::Duration;

use crate::support::{self, Play, Server, events, json as reply, pieces, respond};
use anymodel::prelude::*;
use anymodel::{Event, Target};
use serde_json::json;

async fn client() -> Client {
    Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.05)
        .timeout(Duration::from_millis(700))
        .build()
        .unwrap()
}

async fn watch(model: impl Into<Target>) -> (String, Vec<String>, anymodel::Result<Reply>) {
    let client = client().await;
    let mut stream = client.chat(model).user("What is recursion?").stream();
    let (mut text, mut kinds) = (String::new(), Vec::new());
    while let Some(event) = stream.next().await {
        match event {
            Ok(Event::Text(more)) => {
                text.push_str(&more);
                if kinds.last().is_none_or(|kind| kind != "text") {
                    kinds.push("text".to_owned());
                }
            }
            Ok(Event::Started { model, .. }) => kinds.push(format!("started {model}")),
            Ok(Event::Usage { .. }) => kinds.push("usage".to_owned()),
            Ok(Event::Finished(reply)) => return (text, kinds, Ok(*reply)),
            Ok(other) => kinds.push(format!("{other:?}")),
            Err(error) => return (text, kinds, Err(error)),
        }
    }
    panic!("a stream ends with the answer or an error");
}

#[tokio::test]
async fn an_answer_comes_word_by_word_and_ends_with_the_whole() {
    let (text, kinds, reply) = watch("openai/gpt-4o-mini").await;
    let reply = reply.unwrap();
    assert_eq!(
        kinds,
        ["started openai/gpt-4o-mini", "text", "usage"],
        "{text}"
    );
    assert_eq!(text, reply.text);
    assert!(reply.cost.is_some() && reply.usage.is_some());
    let attempt = reply.trail.last().unwrap();
    assert!(attempt.time_to_first_token.unwrap() <= attempt.duration);
}

#[tokio::test]
async fn until_the_first_word_the_call_moves_on_as_any_other() {
    let (text, kinds, reply) =
        watch(["sandbox/down", "sandbox/slow-first-token", "sandbox/echo"]).await;
    let reply = reply.unwrap();
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| kind.starts_with("started"))
            .count(),
        1
    );
    assert_eq!(text, reply.text);
    assert_eq!(reply.model, "sandbox/echo");
    let failures: Vec<_> = reply.trail.iter().map(|attempt| attempt.failure).collect();
    assert_eq!(
        failures,
        [Some(ErrorKind::Overloaded), Some(ErrorKind::Timeout), None]
    );
}

#[tokio::test]
async fn a_stream_that_breaks_after_words_ends_in_an_error_with_those_words() {
    let (text, _, result) = watch(["sandbox/stream-cut", "sandbox/echo"]).await;
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenStream);
    assert_eq!(error.partial(), Some(text.as_str()));
    assert!(!text.is_empty());
}

#[tokio::test]
async fn whoever_wants_the_whole_answer_gets_it_from_the_next_model() {
    for fault in [
        "stream-cut",
        "stream-reset",
        "stall",
        "malformed-chunk",
        "error-mid-stream",
    ] {
        let chain = [format!("sandbox/{fault}"), "sandbox/echo".to_owned()];
        let client = client().await;
        let reply = client
            .chat(chain)
            .user("Hello")
            .stream()
            .final_reply()
            .await
            .unwrap();
        assert_eq!(reply.model, "sandbox/echo", "{fault}");
        assert!(
            reply.trail.iter().next().unwrap().failure.is_some(),
            "{fault}"
        );
    }
}

/// Every fault of the sandbox, streamed: a whole answer or a clean error, in time, never a part that passes for the whole.
#[tokio::test]
async fn every_fault_when_streamed_ends_in_a_whole_answer_or_a_clean_error() {
    use anymodel::sandbox::{Sandbox, faults};
    use futures_util::future::join_all;

    const PROMPT: &str = "Explain recursion in one sentence.";
    let sandbox = Sandbox::builder().time_scale(0.0).start().unwrap();
    let client = |platform: &str, key: &str| {
        Client::builder()
            .platform(platform)
            .base_url(sandbox.base_url())
            .key(format!("sk-or-v1-{key}"))
            .timeout(Duration::from_secs(2))
            .retries(1)
            .build()
            .unwrap()
    };
    let sound = client("openrouter", "sound");
    let sound = sound.ask("sandbox/comments", PROMPT).await.unwrap().text;
    // What is unusual is so around one text; what is merely slow or late says what it says without streaming, too.
    let is_whole = async |reply: &Reply, chat: &anymodel::Chat| {
        // A cut that is told is none that is passed off as the whole.
        let cut = matches!(
            reply.finish_reason,
            Some(anymodel::FinishReason::ContentFilter | anymodel::FinishReason::Length)
        );
        cut || reply.text.starts_with(&sound)
            || matches!(chat.clone().send().await, Ok(plain) if plain.text == reply.text)
    };
    let one = async |(platform, fault): (&str, &anymodel::sandbox::Fault)| {
        let name = fault.name;
        let client = client(platform, &format!("{platform}-{name}"));
        let chat = client.chat(format!("sandbox/{name}")).user(PROMPT);
        let start = std::time::Instant::now();
        let mut stream = chat.clone().stream();
        let (mut given, mut end) = (String::new(), None);
        while let Some(event) = stream.next().await {
            assert!(end.is_none(), "{name}: something follows the end");
            match event {
                Ok(Event::Text(text)) => given.push_str(&text),
                Ok(Event::Finished(reply)) => end = Some(Ok(reply)),
                Ok(_) => {}
                Err(error) => end = Some(Err(error)),
            }
        }
        match end.unwrap_or_else(|| panic!("{name}: no end")) {
            Ok(reply) => {
                assert_eq!(given, reply.text, "{name}");
                assert!(is_whole(&reply, &chat).await, "{name}: {given:?}");
            }
            Err(error) => {
                assert!(
                    error.hint().is_some() && !error.trail().is_empty(),
                    "{name}"
                );
                assert!(
                    given.is_empty() || error.partial() == Some(given.as_str()),
                    "{name}"
                );
                assert_ne!(error.kind(), ErrorKind::Config, "{name}");
            }
        }
        // Whoever wants the whole gets it from the next model, if a model can mend it.
        let again = chat.clone().stream().final_reply().await;
        if let Ok(reply) = &again {
            assert!(is_whole(reply, &chat).await, "{name}: {}", reply.text);
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{name}: {:?}",
            start.elapsed()
        );
    };
    for platform in ["openrouter", "openai"] {
        join_all(faults().iter().map(|fault| one((platform, fault)))).await;
    }
}

/// A client of this server through each transport, that tries once.
fn clients(server: &Server) -> [Client; 2] {
    ["openrouter", "openai"].map(|platform| {
        Client::builder()
            .platform(platform)
            .base_url(server.url())
            .key("sk-or-v1-test0123456789")
            .retries(0)
            .timeout(Duration::from_millis(800))
            .build()
            .unwrap()
    })
}

fn word(text: &str, finish: Option<&str>) -> Vec<u8> {
    let event = json!({
        "choices": [{ "delta": { "content": text }, "finish_reason": finish }],
        "usage": { "prompt_tokens": 3, "completion_tokens": 2 },
    });
    format!("data: {event}\n\n").into_bytes()
}

/// What each transport makes of it.
async fn through_both(step: impl Fn() -> Play) -> Vec<anymodel::Result<Reply>> {
    let server = Server::play([step(), step()]);
    let mut results = Vec::new();
    for client in clients(&server) {
        results.push(
            client
                .chat("acme/one")
                .user("Hi")
                .stream()
                .final_reply()
                .await,
        );
    }
    results
}

#[tokio::test]
async fn a_server_that_says_the_end_with_each_word_is_heard_to_its_end() {
    let pause = Duration::from_millis(100);
    let all = || (0..8).map(|number| word(&format!("word{number} "), Some("stop")));
    for result in through_both(|| pieces(all(), pause, true)).await {
        let text = result.unwrap().text;
        assert!(text.contains("word0") && text.contains("word7"), "{text}");
    }
}

#[tokio::test]
async fn words_after_the_end_that_break_off_are_no_whole_answer() {
    let said = || [word("One", Some("stop")), word(" and two", None)];
    for result in through_both(|| pieces(said(), Duration::from_millis(20), false)).await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenStream);
        assert_eq!(error.partial(), Some("One and two"));
    }
}

#[tokio::test]
async fn an_end_that_came_too_early_is_none_whatever_its_name() {
    for name in ["insufficient_system_resource", "network_error", "abort"] {
        for result in
            through_both(|| pieces([word("Half", Some(name))], Duration::ZERO, true)).await
        {
            assert_eq!(result.unwrap_err().kind(), ErrorKind::Server, "{name}");
        }
        let body = support::answer("Half").replace("\"stop\"", &format!("\"{name}\""));
        let server = Server::play([reply(200, &body)]);
        let chat = server.client().chat("acme/one").user("Hi").retries(0);
        assert_eq!(chat.send().await.unwrap_err().kind(), ErrorKind::Server);
    }
}

#[tokio::test]
async fn a_byte_order_mark_before_an_answer_does_no_harm() {
    let marked = |cut: usize| {
        let mut bytes = b"\xef\xbb\xbf".to_vec();
        bytes.extend(word("Four.", Some("stop")));
        let rest = bytes.split_off(cut);
        move || {
            pieces(
                [bytes.clone(), rest.clone()],
                Duration::from_millis(5),
                true,
            )
        }
    };
    for cut in [1, 2, 3, 10] {
        for result in through_both(marked(cut)).await {
            assert_eq!(result.unwrap().text, "Four.", "{cut}");
        }
    }
    let server = Server::play([reply(200, &format!("\u{feff}{}", support::answer("Four.")))]);
    let answered = server.client().ask("acme/one", "Hi").await.unwrap();
    assert_eq!(answered.text, "Four.");
}

#[tokio::test]
async fn a_cost_that_is_no_amount_is_left_out() {
    let body = support::answer("Four.").replace("0.0000171", "79228162514264337593543950335");
    let server = Server::play([reply(200, &body), reply(200, &body)]);
    let client = server.client();
    for _ in 0..2 {
        assert_eq!(client.ask("acme/one", "Hi").await.unwrap().cost, None);
    }
}

#[tokio::test]
async fn all_parts_of_a_list_are_read_and_a_list_without_an_end_is_no_answer() {
    let part = |text: &str, end: bool| {
        let finish = if end { json!("STOP") } else { json!(null) };
        json!({ "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": finish }] })
    };
    let whole = json!([
        part("One ", false),
        part("two ", false),
        part("three.", true)
    ]);
    let cut = json!([part("One ", false), part("two ", false)]);
    let server = Server::play([whole, cut].map(|list| reply(200, &list.to_string())));
    let client = Client::builder()
        .platform("gemini")
        .base_url(server.url())
        .key("AIza-test0123456789")
        .retries(0)
        .build()
        .unwrap();
    let ask = || {
        client
            .chat("gemini-2.5-flash")
            .user("Hi")
            .stream()
            .final_reply()
    };
    assert_eq!(ask().await.unwrap().text, "One two three.");
    assert_eq!(ask().await.unwrap_err().kind(), ErrorKind::BrokenStream);
}

#[tokio::test]
async fn a_refusal_that_stalls_still_tells_its_status_and_its_hint() {
    // The length is never filled, and the server waits for the next request.
    let head = b"HTTP/1.1 429 X\r\nretry-after: 7\r\ncontent-length: 100\r\n\r\n".to_vec();
    let server = Server::play([Play::Bytes(head)]);
    let client = Client::builder()
        .base_url(server.url())
        .key("sk-or-v1-test0123456789")
        .retries(0)
        .build()
        .unwrap();
    let error = client.ask("acme/one", "Hi").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::RateLimited, Some(429))
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn a_broken_server_that_wants_a_long_wait_is_not_waited_for_when_another_is_left() {
    let broken = respond(
        502,
        "retry-after: 15\r\ncontent-type: application/json\r\n",
        "{}",
    );
    let server = Server::play([
        broken,
        events(&String::from_utf8(word("Four.", Some("stop"))).unwrap()),
    ]);
    let [client, _] = clients(&server);
    let chain = ["acme/one", "acme/two"];
    let chat = client.chat(chain).user("Hi").retries(3).stream();
    let answered = chat.final_reply().await.unwrap();
    assert_eq!(answered.trail.len(), 2);
    assert!(answered.latency < Duration::from_secs(5));
}
