//! The key holds everything that changes an answer, and nothing that does not.

use std::time::Duration;

use anymodel::prelude::*;
use anymodel::{
    Cache, Chat, Image, Reasoning, ResponseFormat, Router, Target, ToolChoice, ToolSpec,
};
use serde_json::json;

use super::{QUESTION, asked};

fn tool(description: &str) -> ToolSpec {
    ToolSpec::new("look", description, json!({ "type": "object" }))
}

#[tokio::test]
async fn whatever_may_change_the_answer_makes_another_question() {
    let changes: Vec<fn(Chat) -> Chat> = vec![
        |chat| chat,
        |chat| chat.temperature(0.5),
        |chat| chat.temperature(0.6),
        |chat| chat.max_tokens(50),
        |chat| chat.top_p(0.5),
        |chat| chat.stop("END"),
        |chat| chat.stop("END").stop("FIN"),
        |chat| chat.seed(1),
        |chat| chat.seed(2),
        |chat| chat.presence_penalty(0.5),
        |chat| chat.frequency_penalty(0.5),
        |chat| chat.reasoning(Reasoning::Low),
        |chat| chat.reasoning(Reasoning::High),
        |chat| chat.response_format(ResponseFormat::JsonObject),
        |chat| {
            let (name, schema) = ("city".to_owned(), json!({ "type": "object" }));
            chat.response_format(ResponseFormat::JsonSchema { name, schema })
        },
        |chat| {
            let (name, schema) = (
                "city".to_owned(),
                json!({ "type": "object", "title": "City" }),
            );
            chat.response_format(ResponseFormat::JsonSchema { name, schema })
        },
        |chat| chat.tool_spec(tool("Looks.")),
        |chat| chat.tool_spec(tool("Looks closely.")),
        |chat| chat.tool_spec(tool("Looks.")).tool_choice(ToolChoice::None),
        |chat| chat.image(Image::url("https://example.org/cat.png")),
        |chat| chat.image(Image::url("https://example.org/dog.png")),
        |chat| chat.image(Image::data("image/png", b"cat")),
        |chat| chat.image(Image::data("image/jpeg", b"cat")),
        |chat| chat.user("And Rust?"),
        |chat| chat.user("and Rust?"),
        |chat| chat.hosts(["groq"]),
        |chat| chat.hosts(["groq", "azure"]),
        |chat| chat.max_price(1, 2),
        |chat| chat.max_price(1, 3),
        |chat| chat.message(Message::assistant("More.")),
        |chat| chat.message(Message::system("More.")),
    ];
    let cache = Cache::exact();
    let answers: Vec<String> = (0..=changes.len() + 5)
        .map(|number| number.to_string())
        .collect();
    let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
    let (server, client) = asked(&cache, &answers);
    let mut said = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        let reply = change(client.chat("acme/one").user(QUESTION))
            .send()
            .await
            .unwrap();
        assert_eq!(reply.cached, None, "change {at} was taken for another");
        said.push(reply.text);
    }
    for (at, change) in changes.iter().enumerate() {
        let reply = change(client.chat("acme/one").user(QUESTION))
            .send()
            .await
            .unwrap();
        assert_eq!(reply.cached, Some(Cached::Exact), "change {at}");
        assert_eq!(reply.text, said[at]);
    }
    // Who may answer, and in which order.
    let targets: [Target; 5] = [
        "acme/two".into(),
        ["acme/one", "acme/two"].into(),
        ["acme/two", "acme/one"].into(),
        Prefer::Cheapest.into(),
        Prefer::Cheapest.among(["acme/one", "acme/two"]).into(),
    ];
    for target in targets {
        let first = client.ask(target.clone(), QUESTION).await.unwrap();
        let again = client.ask(target, QUESTION).await.unwrap();
        assert!(first.cached.is_none() && again.cached.is_some());
    }
    assert_eq!(server.requests().len(), changes.len() + 5);
}

#[tokio::test]
async fn what_does_not_change_the_answer_does_not_make_another_question() {
    let cache = Cache::exact();
    let (_server, client) = asked(&cache, &["One."]);
    let chat = || client.chat("acme/one").user(QUESTION);
    chat().send().await.unwrap();
    let second = Duration::from_secs(1);
    let same = [
        chat().timeout(second),
        chat().deadline(second),
        chat().first_token_timeout(second),
        chat().idle_timeout(second),
        chat().retries(5),
        chat().restart_on_break(),
    ];
    for chat in same {
        assert_eq!(chat.send().await.unwrap().cached, Some(Cached::Exact));
    }
}

#[tokio::test]
async fn words_that_are_parted_otherwise_are_not_the_same() {
    let cache = Cache::exact();
    let (server, client) = asked(&cache, &["1", "2", "3", "4"]);
    let turns = [
        vec![Message::user("a\",\"b")],
        vec![Message::user("a"), Message::user("b")],
        vec![Message::user("a\nuser: b")],
        vec![Message::assistant("a"), Message::user("b")],
    ];
    for turns in turns {
        let reply = client.chat("acme/one").history(turns).send().await.unwrap();
        assert_eq!(reply.cached, None);
    }
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn every_sandbox_says_the_same_whatever_its_port() {
    let cache = Cache::exact();
    let client = || {
        let builder = Client::builder()
            .platform("sandbox")
            .sandbox_time_scale(0.0);
        builder.cache(&cache).build().unwrap()
    };
    client().ask("sandbox/echo", QUESTION).await.unwrap();
    let again = client().ask("sandbox/echo", QUESTION).await.unwrap();
    assert_eq!(again.cached, Some(Cached::Exact));
    assert_eq!(again.platform, "sandbox");
    assert!(again.summary().contains("simulated"));
}

#[tokio::test]
async fn a_router_that_takes_turns_is_one_question_whoever_s_turn_it_is() {
    let cache = Cache::exact();
    let (server, client) = asked(&cache, &["1", "2", "3"]);
    let router = Router::new(["acme/one", "acme/two", "acme/three"]).round_robin();
    let first = client.ask(&router, QUESTION).await.unwrap();
    for _ in 0..4 {
        let again = client.ask(&router, QUESTION).await.unwrap();
        assert_eq!(again.cached, Some(Cached::Exact));
        assert_eq!(again.text, first.text);
    }
    // Others among whom, and another way to choose, are another question.
    let fewer = Router::new(["acme/one", "acme/two"]).round_robin();
    assert_eq!(client.ask(&fewer, QUESTION).await.unwrap().cached, None);
    let otherwise = router.clone().failover();
    assert_eq!(client.ask(&otherwise, QUESTION).await.unwrap().cached, None);
    assert_eq!(server.requests().len(), 3);
}
