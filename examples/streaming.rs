//! cargo run --example streaming
//!
//! Lesson 6. You see an answer as events, each with its time; how soon three models begin and how late they end; an answer
//! that grows; a stream that is cut, which is an error and no answer; and three rescues: by the next model, by a new
//! beginning before your eyes, and by a limit on silence.

use std::time::{Duration, Instant};

use anymodel::course;
use anymodel::course::prelude::*;

const SUM: &str = "What is 12 percent of 250?";
const QUESTION: &str = "Explain in a short paragraph why the sky is blue.";

#[tokio::main]
async fn main() -> anymodel::Result<()> {
    let client = Client::from_env_or_sandbox()?;

    // By hand: one event after the other.
    let begun = Instant::now();
    let mut stream = client.chat(course::MODEL).user(SUM).stream();
    while let Some(event) = stream.next().await {
        let event = event?;
        print!("{:.0?}: ", begun.elapsed());
        match event {
            Event::Started { model, .. } => println!("{model} begins"),
            Event::Text(text) => println!("{text:?}"),
            Event::Usage { usage, .. } => println!("{} tokens", usage.total_tokens),
            Event::Finished(reply) => println!("whole: {reply}"),
            other => println!("{other:?}"),
        }
    }

    // How soon an answer begins, and when it is whole.
    let mut chart = BarChart::new("The first word and the last");
    for model in course::THREE {
        let chat = client.chat(model).user(QUESTION);
        let reply = chat.stream().final_reply().await?;
        let attempt = reply.trail.last();
        let first = attempt.and_then(|attempt| attempt.time_to_first_token);
        let times = [
            ("first word", first.unwrap_or_default()),
            ("whole", reply.latency),
        ];
        for (what, time) in times {
            let label = format!("{model}: {what}");
            chart = chart.bar(label, time.as_secs_f64(), format!("{time:.1?}"));
        }
    }
    show(&chart);

    // An answer that grows.
    let chat = client.chat(course::MODEL).user(QUESTION);
    let reply = display::stream(chat.stream()).await?;

    // What came with it.
    println!("{}", reply.summary());

    // A stream that is cut is no answer.
    let chat = client.chat(course::CUT).user(QUESTION);
    let cut = display::stream(chat.stream()).await;

    // What is left of it.
    match cut {
        Ok(reply) => println!("{}", reply.summary()),
        Err(error) => {
            let came = error.partial().unwrap_or_default();
            println!("✗ {error}");
            println!("not whole: {} characters", came.chars().count());
        }
    }

    // Rescue: whoever wants the whole answer gets it from the next model.
    let chat = client.chat(course::RESCUE).user(QUESTION);
    let reply = chat.stream().final_reply().await?;
    println!("{reply}");

    // What it took.
    show(&reply.trail);

    // The same before your eyes: the stream says that it begins anew.
    let chat = client.chat(course::RESCUE).user(QUESTION);
    let mut stream = chat.restart_on_break().stream();
    let mut answer = String::new();
    while let Some(event) = stream.next().await {
        match event? {
            Event::Started { model, .. } => println!("{model} begins"),
            Event::Text(text) => answer.push_str(&text),
            Event::Restarted { model, reason, .. } => {
                println!("{answer}\n✗ {reason}: all of this is void");
                answer.clear();
                println!("{model} begins anew");
            }
            Event::Finished(reply) => println!("{answer}\n✓ {}", reply.summary()),
            _ => {}
        }
    }

    // A limit on silence.
    let chat = client.chat(course::STALLED).user(QUESTION);
    let chat = chat.idle_timeout(Duration::from_secs(1));
    let reply = chat.stream().final_reply().await?;
    show(&reply.trail);
    Ok(())
}
