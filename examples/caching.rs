//! cargo run --example caching
//!
//! Lesson 12. You see a question that is paid for once and answered twice; what makes two questions the same; ten that ask
//! at once and cost one request; an answer that is streamed from memory; which questions are always asked, and why; a
//! question in other words, and the traps around it; and what all of this saved.

use anymodel::course;
use anymodel::course::prelude::*;
use tokio::task::JoinSet;

const QUESTION: &str = "Explain recursion in one sentence.";
const AT_ONCE: &str = "Why is the sky blue?";
const CHANGING: [&str; 6] = [
    "What time is it?",
    "What time complexity has quicksort?",
    "Will it rain in Oslo tomorrow?",
    "How does a rainbow form?",
    "Tell me another joke.",
    "My order number is 4711, where is it?",
];
const FIRST: &str = "How do I reverse a list in Python?";
const ALIKE: [&str; 2] = [
    "How can I reverse a list in Python?",
    "How do I reverse a list in Python, please?",
];
const TRAPS: [&str; 3] = [
    "How do I reverse a list in Ruby?",
    "How do I reverse 2 lists in Python?",
    "How do I not reverse a list in Python?",
];

/// How an answer was found, in a word or two.
fn found(reply: &Reply) -> String {
    match &reply.cached {
        Some(how) => how.to_string(),
        None => "asked".to_owned(),
    }
}

#[tokio::main]
async fn main() -> anymodel::Result<()> {
    let client = Client::from_env_or_sandbox()?;

    // The same question twice.
    let cache = Cache::exact();
    let client = client.with_cache(&cache)?;
    for _ in 0..2 {
        let reply = client.ask(course::MODEL, QUESTION).await?;
        println!("{}", reply.summary());
    }

    // What is the same?
    let chat = client.chat(course::MODEL);
    let variants = [
        ("as before", chat.clone().user(QUESTION)),
        ("a space more", chat.clone().user(format!("{QUESTION} "))),
        (
            "at most 50 tokens",
            chat.clone().user(QUESTION).max_tokens(50),
        ),
        ("standing orders", chat.system("Be brief.").user(QUESTION)),
    ];
    for (what, chat) in variants {
        let reply = chat.send().await?;
        println!("{what}: {}", found(&reply));
    }

    // Ten at once.
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let client = client.clone();
        tasks.spawn(async move { client.ask(course::MODEL, AT_ONCE).await });
    }
    let (mut requests, mut shared) = (0, 0);
    while let Some(Ok(result)) = tasks.join_next().await {
        let reply = result?;
        requests += reply.trail.len();
        shared += usize::from(reply.cached.is_some());
    }
    println!("requests: {requests}, answers shared: {shared}");

    // Word by word, from memory.
    let stream = client.chat(course::MODEL).user(AT_ONCE).stream();
    let reply = display::stream(stream).await?;

    // And what it cost.
    println!("{}", reply.summary());

    // What is always asked.
    let mut table = Table::new("Kept, or asked each time?", ["question", ""]);
    for question in CHANGING {
        let why = match cache.bypass_reason(question) {
            Some(why) => format!("asked: {why}"),
            None => "kept".to_owned(),
        };
        table.push([question.to_owned(), why]);
    }
    show(&table);

    // In other words.
    let cache = Cache::semantic();
    let client = client.with_cache(&cache)?;
    client.ask(course::MODEL, FIRST).await?;
    let mut table = Table::new(FIRST, ["asked afterwards", "answered by"]);
    for question in ALIKE.into_iter().chain(TRAPS) {
        let reply = client.ask(course::MODEL, question).await?;
        table.push([question.to_owned(), found(&reply)]);
    }
    show(&table);

    // What was saved.
    show(&cache.statistics());
    Ok(())
}
