//! cargo run --example fallback
//!
//! Lesson 3. You see a chain of four models: the first has too many requests, the second keeps silent until the
//! patience of 3 s is over, the third answers. First by hand, line by line; then the crate's way, with a table of what
//! was tried, how long it took and what it cost; and a chain in which nobody answers.

use std::time::Duration;

use anymodel::course;
use anymodel::course::prelude::*;

const QUESTION: &str = "Explain recursion in one sentence.";

/// How long to wait for one model.
const PATIENCE: Duration = Duration::from_secs(3);

async fn chat_with_fallback(
    client: &Client,
    question: &str,
    models: &[&str],
    timeout: Duration,
) -> Option<(String, String)> {
    for &model in models {
        println!("→ {model}");
        let chat = client.chat(model).user(question);
        match chat.timeout(timeout).retries(0).send().await {
            Ok(reply) => return Some((reply.to_string(), reply.model)),
            Err(error) => println!("✗ {error}"),
        }
    }
    None
}

#[tokio::main]
async fn main() -> anymodel::Result<()> {
    let client = Client::from_env_or_sandbox()?;

    // Who will be asked, in this order.
    for model in course::CHAIN {
        println!("{model}");
    }

    // By hand.
    match chat_with_fallback(&client, QUESTION, &course::CHAIN, PATIENCE).await {
        Some((answer, model)) => println!("✓ {model}\n{answer}"),
        None => println!("✗ nobody answered"),
    }

    // The crate's way: a chain is a target like any other.
    let chat = client.chat(course::CHAIN).user(QUESTION);
    let reply = chat.timeout(PATIENCE).send().await?;
    println!("{reply}");

    // What was tried, and what became of it.
    show(&reply.trail);

    // When nobody answers, the error tells the whole story.
    match client.ask(course::BROKEN, QUESTION).await {
        Ok(reply) => println!("{reply}"),
        Err(error) => println!("{error:?}"),
    }
    Ok(())
}
