//! cargo run --example multi_model
//!
//! Lesson 2. You see one question answered by three models, one after the other, each with its tokens; a fourth model
//! that fails without spoiling the rest; the same as a table; and which answer cost least.

use anymodel::course;
use anymodel::course::prelude::*;

const QUESTION: &str = "Explain in one sentence what an API is.";

#[tokio::main]
async fn main() -> anymodel::Result<()> {
    let client = Client::from_env_or_sandbox()?;

    // By hand: a loop, and a match that lets no failure out.
    for model in course::FOUR {
        match client.ask(model, QUESTION).await {
            Ok(reply) => println!("✓ {}\n{reply}\n", reply.summary()),
            Err(error) => println!("✗ {model}\n{error}\n"),
        }
    }

    // The crate's way: the same loop, and a value that holds everything.
    let comparison = client
        .compare(course::FOUR, QUESTION)
        .sequential()
        .live()
        .await;

    // A failure is a value: it can be asked what it is and what to do.
    for (model, error) in comparison.errors() {
        println!("{model}: {}", error.kind());
        println!("hint: {}", error.hint().unwrap_or("none"));
    }

    // Answers can be counted and compared.
    let tokens: u64 = comparison
        .replies()
        .filter_map(|reply| reply.usage)
        .map(|usage| usage.total_tokens)
        .sum();
    println!("all answers together: {tokens} tokens");
    if let Some(reply) = comparison.cheapest() {
        println!("cheapest: {}", reply.summary());
    }

    // One after the other, the waits add up.
    println!("all in turn: {:.1?}", comparison.elapsed);
    if let Some(reply) = comparison.fastest() {
        println!("fastest of them: {:.1?}", reply.latency);
    }
    Ok(())
}
