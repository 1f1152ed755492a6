//! cargo run --example structured_output
//!
//! Lesson 7. You see a message turned into a Rust value; the request that asked for it, on two platforms; a model that gets
//! the form wrong and mends it when it is told; one that never does; and a model that calls a Rust function.

use anymodel::course;
use anymodel::course::prelude::*;

const MESSAGE: &str = "A table for 4 at 19 o'clock, outside, in the name of Chen.";
const EVENING: &str = "Are any tables free at 19 o'clock?";
const TABLES: &str = "How many tables are free at an hour of the evening.";

/// A booking of a table.
#[derive(Debug, Deserialize, JsonSchema)]
struct Booking {
    /// How many people come.
    guests: u32,
    /// The full hour, 0 to 23.
    hour: u32,
    /// Under which name.
    name: String,
    seat: Seat,
}

#[derive(Debug, Deserialize, JsonSchema)]
enum Seat {
    Inside,
    Outside,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Evening {
    /// The full hour, 0 to 23.
    hour: u32,
}

/// What the restaurant's own book says.
async fn free_tables(evening: Evening) -> Result<u32, String> {
    match evening.hour {
        17..=22 => Ok(24 - evening.hour),
        hour => Err(format!("closed at {hour}: open from 17 to 22")),
    }
}

#[tokio::main]
async fn main() -> anymodel::Result<()> {
    let client = Client::from_env_or_sandbox()?;

    // A type goes in, a value comes out.
    let booking: Booking = client.chat(course::MODEL).user(MESSAGE).json().await?;
    println!("{booking:#?}");
    let Booking {
        guests,
        hour,
        name,
        seat,
    } = booking;
    println!("{hour}:00, {name}: {guests} chairs, {seat:?}");

    // What went over the wire.
    let chat = client.chat(course::MODEL).user(MESSAGE);
    println!("{:#}", chat.preview_json::<Booking>()?.body);

    // Another platform, another way to ask for the same form. Nothing is sent.
    let anthropic = Client::builder()
        .platform("anthropic")
        .key("not-a-real-key-0000")
        .build()?;
    let chat = anthropic.chat(course::NATIVE[1]).user(MESSAGE);
    println!("{:#}", chat.preview_json::<Booking>()?.body);

    // An answer that does not fit is sent back once, with what is wrong.
    let chat = client.chat([course::CARELESS, course::MODEL]).user(MESSAGE);
    let (booking, reply) = chat.json_with_reply::<Booking>().await?;
    println!("{booking:?}");
    for attempt in &reply.trail {
        let verdict = attempt.message.as_deref().unwrap_or("it fits");
        println!("{}: {verdict}", attempt.model_asked);
    }

    // How often it was asked.
    show(&reply.trail);

    // An answer that never fits is an error, and the error holds it.
    let chat = client.chat(course::STUBBORN).user(MESSAGE);
    match chat.json::<Booking>().await {
        Ok(booking) => println!("{booking:?}"),
        Err(error) => println!("{error:?}"),
    }

    // The other way round: the model calls a function of yours.
    let chat = client.chat(course::MODEL).user(EVENING);
    let reply = chat.tool("free_tables", TABLES, free_tables).send().await?;
    for run in &reply.tool_runs {
        println!("{run}");
    }
    println!("{reply}");
    Ok(())
}
