//! cargo run --example auto_routing
//!
//! Lesson 5. You see the requests that go out for "cheapest", "fastest" and "best", in the words that OpenRouter really
//! knows; the same for a choice among three models; and then which model answered each wish, and at what cost.

use anymodel::course;
use anymodel::course::prelude::*;

const QUESTION: &str = "Hello! What can you help me with?";

#[tokio::main]
async fn main() -> anymodel::Result<()> {
    let client = Client::from_env_or_sandbox()?;

    // What "cheapest" is on the wire. Nothing is sent yet.
    let cheapest = client.chat(Prefer::Cheapest).user(QUESTION);
    println!("{:#}\n", cheapest.preview()?.body);

    // The other two wishes.
    for wish in [Prefer::Fastest, Prefer::Best] {
        let preview = client.chat(wish).user(QUESTION).preview()?;
        println!("{wish:?}\n{:#}\n", preview.body);
    }

    // The cheapest among three models that you name yourself.
    let among = Prefer::Cheapest.among(course::AMONG);
    let preview = client.chat(among).user(QUESTION).preview()?;
    println!("{:#}", preview.body);

    // Now ask. The reply says who answered.
    let columns = ["wish", "model", "platform", "cost", "time"];
    let mut table = Table::new("Who answered?", columns).right_align(&[3, 4]);
    for wish in [Prefer::Cheapest, Prefer::Fastest, Prefer::Best] {
        let reply = client.ask(wish, QUESTION).await?;
        table.push([
            format!("{wish:?}"),
            reply.model.clone(),
            reply.platform.clone(),
            reply.cost.map(usd).unwrap_or_default(),
            format!("{:.1?}", reply.latency),
        ]);
    }
    show(&table);

    // And among the three.
    let among = Prefer::Cheapest.among(course::AMONG);
    let reply = client.ask(among, QUESTION).await?;
    println!("{reply}\n{}", reply.summary());
    Ok(())
}
