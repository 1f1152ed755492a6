//! cargo run --example async_compare
//!
//! Lesson 4. You see six models asked at the same time: answers appear as they come in, the retired model spoils
//! nothing, and all together take about as long as the slowest. Then bars of time and cost, and a model that is too
//! slow and is not waited for.

use std::time::Duration;

use anymodel::course;
use anymodel::course::prelude::*;
use tokio::task::JoinSet;

const QUESTION: &str = "Explain Docker with an analogy from daily life.";

/// One task a model. The first to finish is the first to be printed.
async fn ask_all(client: &Client, models: &[&'static str], question: &'static str) {
    let mut tasks = JoinSet::new();
    for &model in models {
        let client = client.clone();
        tasks.spawn(async move { (model, client.ask(model, question).await) });
    }
    while let Some(Ok((model, result))) = tasks.join_next().await {
        match result {
            Ok(reply) => println!("✓ {}", reply.summary()),
            Err(error) => println!("✗ {model}: {}", error.kind()),
        }
    }
}

#[tokio::main]
async fn main() -> anymodel::Result<()> {
    let client = Client::from_env_or_sandbox()?;

    // By hand.
    ask_all(&client, &course::SIX, QUESTION).await;

    // The crate's way: every result in the order of the names, failures among them.
    let comparison = client.compare(course::SIX, QUESTION).live().await;

    // Together they take as long as the slowest, not as long as all.
    let one_by_one: Duration = comparison
        .contestants
        .iter()
        .map(|contestant| contestant.latency)
        .sum();
    println!("all at once: {:.1?}", comparison.elapsed);
    println!("one by one:  {one_by_one:.1?}");

    // How long each took, and what each cost.
    show(&comparison.latency_chart());
    show(&comparison.cost_chart());

    // Nobody has to wait for a model that is too slow.
    let patience = Duration::from_secs(2);
    let quick = client
        .compare([course::MODEL, course::SLOW], QUESTION)
        .timeout(patience)
        .await;
    show(&quick);
    Ok(())
}
