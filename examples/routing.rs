//! cargo run --example routing
//!
//! Lesson 9. You see the platform choose a host below a price; then a router of your own: one model after the other, the
//! fastest one found, one that is down passed over, and what was learnt of each; then a model for each kind of question and
//! for each difficulty, with the reason; and at last a rule that is yours alone.

use anymodel::course;
use anymodel::course::prelude::*;
use anymodel::task::Kind;
use anymodel::{RoutingContext, RoutingDecision};

const QUESTION: &str = "Explain recursion in one sentence.";
const QUESTIONS: [&str; 5] = [
    "Why does this Rust function not compile?",
    "Write a letter to thank my teacher.",
    "Prove that √2 is irrational.",
    "What is the capital of Portugal?",
    "I feel a little tired today.",
];

/// The first model that has never failed.
fn steady(ask: &RoutingContext) -> RoutingDecision {
    let place = ask.models.iter().position(|model| model.failures == 0);
    match place {
        Some(place) => RoutingDecision::at(place).reason("it has never failed"),
        None => RoutingDecision::at(0).reason("all have failed before"),
    }
}

#[tokio::main]
async fn main() -> anymodel::Result<()> {
    let client = Client::from_env_or_sandbox()?;

    // The platform chooses: a host below a price, or one that is named.
    let below = client
        .chat(course::HOSTED)
        .user(QUESTION)
        .max_price(0.2, 0.5);
    println!("{:#}", below.preview()?.body["provider"]);
    println!("{}\n", below.clone().send().await?.summary());

    let named = client
        .chat(course::HOSTED)
        .user(QUESTION)
        .hosts([course::HOST]);
    println!("{:#}", named.preview()?.body["provider"]);
    println!("{}\n", named.clone().send().await?.summary());

    // Your program chooses: one after the other.
    let turns = Router::new(course::ROUTE).round_robin();
    for _ in 0..4 {
        let reply = client.ask(&turns, QUESTION).await?;
        println!("{}", reply.summary());
    }

    // The fastest: each is measured once, and then the best of them is asked.
    let fastest = Router::new(course::ROUTE).fastest_first();
    for _ in 0..5 {
        let reply = client.ask(&fastest, QUESTION).await?;
        if let Some(why) = reply.trail.routed() {
            println!("{} ({why})", reply.model);
        }
    }
    show(&fastest.statistics());

    // The first model is down. After five failures nobody asks it any more, for a while.
    let shaky = Router::new(course::SHAKY).failover();
    for call in 1..=7 {
        let reply = client.ask(&shaky, QUESTION).await?;
        if let Some(why) = reply.trail.routed() {
            println!("call {call}, requests: {} ({why})", reply.trail.len());
        }
    }
    show(&shaky.statistics());

    // A model for each kind of question. Explaining sends nothing.
    let kinds = Router::by_kind([
        (Kind::Programming, course::PROGRAMMER),
        (Kind::Writing, course::WRITER),
        (Kind::Mathematics, course::MATHEMATICIAN),
    ])
    .otherwise(course::MODEL);
    let mut table = Table::new("By kind", ["question", "model", "because"]);
    for question in QUESTIONS {
        let route = kinds.explain(question)?;
        table.push([question.to_owned(), route.models[0].clone(), route.because]);
    }
    show(&table);

    // A cheap model for what is easy, a strong one for what is hard.
    let levels = Router::by_difficulty(course::MODEL, course::STRONG);
    let mut table = Table::new("By difficulty", ["question", "model", "because"]);
    for question in QUESTIONS {
        let route = levels.explain(question)?;
        table.push([question.to_owned(), route.models[0].clone(), route.because]);
    }
    show(&table);

    let reply = client.ask(&levels, QUESTIONS[3]).await?;
    println!("{reply}\n{}\n{}", reply.summary(), reply.trail);

    // A rule of your own, over what the other router has learnt.
    let own = shaky.clone().choose_by(steady);
    println!("{}", own.explain(QUESTION)?);
    println!("{}", client.ask(&own, QUESTION).await?.summary());
    Ok(())
}
