//! cargo run --example cost_and_budget
//!
//! Lesson 11. You see what a call may cost before it is sent, and what it did cost; a failed attempt that has to be paid
//! for; a table of totals; a budget that passes over a dear model and then ends; and the questions that were paid for twice.

use anymodel::course::prelude::*;
use anymodel::model::{catalogue, tokens};
use anymodel::{ClientBuilder, course};

const QUESTION: &str = "Explain in one sentence why the sky is blue.";
const QUESTIONS: [&str; 6] = [
    "When does the library open?",
    "How many books may I borrow?",
    "When does the library open?",
    "Where is the reading room?",
    "how many books may I borrow?",
    "When does the library   open?",
];

#[tokio::main]
async fn main() -> anymodel::Result<()> {
    let client = Client::from_env_or_sandbox()?;

    // Before: what it may cost.
    let count = tokens::count(course::MODEL, &[Message::user(QUESTION)]).tokens;
    if let Some(model) = catalogue().get(course::MODEL) {
        let price = &model.pricing;
        println!(
            "the question, {count} tokens: {}",
            usd(price.cost(count, 0))
        );
        for answer in [50, 300, 4096] {
            println!(
                "with {answer} tokens of answer: {}",
                usd(price.cost(count, answer))
            );
        }
    }

    // After: what it did cost.
    let chat = client.chat(course::MODEL).user(QUESTION).max_tokens(300);
    let reply = chat.send().await?;
    println!("{reply}\n{}", reply.summary());

    // Every attempt has its own price.
    let chat = client
        .chat(course::PAID_TWICE)
        .user(QUESTION)
        .max_tokens(300);
    let reply = chat.send().await?;
    show(&reply.trail);

    // All calls of this client.
    show(&client.totals());

    // A budget: for one call, and in all.
    let budget = Budget::new().per_call(0.001).total(0.0005);
    let careful = ClientBuilder::from_env_or_sandbox()?
        .budget(budget)
        .build()?;
    let chat = careful
        .chat(course::DEAR_FIRST)
        .user(QUESTION)
        .max_tokens(300);
    let reply = chat.send().await?;
    show(&reply.trail);

    // What is left.
    show(&careful.stats());

    // Until the money ends.
    let mut answers = 0;
    let ended = loop {
        let chat = careful.chat(course::MODEL).user(QUESTION).max_tokens(300);
        match chat.send().await {
            Ok(_) => answers += 1,
            Err(error) => break error,
        }
    };
    println!("{answers} answers, and then:\n{ended:?}");

    // Paid for more than once.
    let bot = ClientBuilder::from_env_or_sandbox()?
        .count_duplicates()
        .keep_questions(true);
    let bot = bot.build()?;
    for question in QUESTIONS {
        bot.ask(course::MODEL, question).await?;
    }
    show(&bot.duplicates());
    Ok(())
}
