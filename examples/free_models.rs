//! cargo run --example free_models
//!
//! Lesson 10. You see what models there are, what they cost and which of them cost nothing; filters, and a recommendation
//! with its reason for each use; a chain of free models that survives the end of one; how such an end is noticed before
//! a call fails; and the limit of free models, kept.

use anymodel::course;
use anymodel::course::prelude::*;
use anymodel::model::{Capability, UseCase};

const QUESTION: &str = "Explain in one sentence what a compiler does.";

#[tokio::main]
async fn main() -> anymodel::Result<()> {
    let client = Client::from_env_or_sandbox()?;

    // What can be asked for, and where the facts are from.
    let models = client.models().await?.not_retired();
    println!("{}", models.provenance());

    // In numbers.
    show(&models.statistics());

    // What the ten cheapest that read pictures cost.
    let seeing = models.paid().that_can(Capability::Vision).cheapest_first();
    show(&seeing.first(10).price_chart());

    // What costs nothing.
    let free = models.free();
    show(&free);

    // What costs nothing, calls functions, and reads a long text.
    let able = free.that_can(Capability::Tools).with_context(100_000);
    for model in &able {
        println!("{} ({})", model.id, model.family());
    }

    // Which one for what, and why.
    for wanted in UseCase::ALL {
        if let Some(best) = free.recommend(wanted).best() {
            let (title, id) = (wanted.title(), &best.model.id);
            println!("{title}: {id}\n  {}\n", best.because);
        }
    }

    // The best three for programs.
    show(&free.recommend(UseCase::Programming).first(3));

    // For each task the best that costs something, and the best free one.
    show(&models.tasks());

    // Free models as a chain: none of them is always there.
    let chain = free.recommend(UseCase::Conversation).chain(3);
    println!("{}\n", chain.join(" → "));
    match client.ask(chain.clone(), QUESTION).await {
        Ok(reply) => println!("{reply}\n{}", reply.summary()),
        Err(error) => println!("{error:?}"),
    }

    // A free offer ends one day. The chain goes on.
    let mut older = vec![course::ENDED.to_owned()];
    older.extend(chain.clone());
    match client.ask(older.clone(), QUESTION).await {
        Ok(reply) => show(&reply.trail),
        Err(error) => println!("{error:?}"),
    }

    // Better noticed before: who is still there, and what to take instead.
    show(&models.check(&older));

    // Twenty free requests a minute. Tried in a sandbox, which has the same limit.
    let practice = Client::builder().platform("sandbox");
    let practice = practice.sandbox_time_scale(0.0).build()?;
    let there = practice.models().await?.free();
    let quick = there.recommend(UseCase::Quick).chain(2);
    for number in 1..=21 {
        if let Err(error) = practice.ask(quick.clone(), "Hello").await {
            println!("question {number}: {error:?}");
        }
    }

    // What all of this cost.
    show(&practice.totals());
    Ok(())
}
