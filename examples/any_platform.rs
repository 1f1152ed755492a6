//! cargo run --example any_platform
//!
//! Lesson 8. You see one line of code reach four platforms, and the four requests that it sends; a chain that crosses from
//! one platform to another; all platforms in a table; and one that this crate does not know, taught to it in fifty lines.

use anymodel::adapter::{Answer, Framing, PlatformRequest};
use anymodel::adapter::{PlatformResult, StreamDelta, read_json};
use anymodel::course;
use anymodel::course::prelude::*;
use anymodel::{Adapter, FinishReason};
use serde_json::{Value, json};

const QUESTION: &str = "Explain recursion in one sentence.";

/// Acme's own protocol: robots for models, lines for messages, and a bell at the end.
#[derive(Debug)]
struct Acme;

impl Adapter for Acme {
    // Where the request goes.
    fn url(&self, base_url: &str, _: &PlatformRequest<'_>) -> String {
        format!("{base_url}/talk")
    }

    // What goes out.
    fn body(&self, ask: &PlatformRequest<'_>) -> anymodel::Result<Value> {
        let messages = ask.request.messages.iter();
        let lines: Vec<Value> = messages
            .map(|line| json!({ "who": line.role.as_str(), "says": line.content }))
            .collect();
        Ok(json!({ "robot": ask.model, "lines": lines, "bit_by_bit": ask.stream }))
    }

    // What comes back whole.
    fn answer(&self, body: &str) -> PlatformResult<Answer> {
        let said: Value = read_json(body)?;
        Ok(Answer {
            text: said["says"].as_str().unwrap_or_default().to_owned(),
            finish_reason: said["bell"].as_str().map(|_| FinishReason::Stop),
            ..Answer::default()
        })
    }

    // What comes back bit by bit: the same JSON, one object a line.
    fn event(
        &self,
        // the name of the event: Acme has none
        _: &str,
        line: &str,
        deltas: &mut Vec<StreamDelta>,
    ) -> PlatformResult<()> {
        let said: Value = read_json(line)?;
        if let Some(text) = said["says"].as_str() {
            deltas.push(StreamDelta::Text(text.to_owned()));
        }
        if said["bell"].is_string() {
            deltas.push(StreamDelta::Finish(FinishReason::Stop));
        }
        Ok(())
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }
}

#[tokio::main]
async fn main() -> anymodel::Result<()> {
    // The gateway may stand in your own program.
    const HOSTS: [&str; 4] = ["OpenRouter", "ZenMux", "Anthropic", "Gemini"];
    show(&Diagram::gateway(3, &HOSTS));

    // The key of each platform has a variable of its own.
    let client = Client::from_env_or_sandbox()?;

    // One line of code, four platforms.
    for target in course::PLATFORMS {
        match client.ask(target, QUESTION).await {
            Ok(reply) => println!("✓ {target}\n{reply}\n{}\n", reply.summary()),
            Err(error) => println!("✗ {target}\n{error}\n"),
        }
    }

    // What goes out. Nothing is sent.
    for target in course::PLATFORMS {
        let platform = target.split(':').next().unwrap_or_default();
        let client = Client::builder()
            .platform(platform)
            .key("not-a-real-key-0000")
            .build()?;
        let chat = client.chat(target).system("Be brief.").user(QUESTION);
        println!("{}\n", chat.max_tokens(60).preview()?);
    }

    // A chain may cross from one platform to another.
    match client.ask(course::CROSSING, QUESTION).await {
        Ok(reply) => show(&reply.trail),
        Err(error) => println!("{error:?}"),
    }

    // All platforms that are known by name.
    show(&display::platforms());

    // A platform of one's own. Its server runs on this machine.
    let acme = course::acme()?;
    let client = Client::builder()
        .platform("sandbox")
        .adapter("acme", acme.url(), Some("not-a-real-key-0000"), Acme)
        .build()?;
    println!("{}", client.ask(course::ROBOT, QUESTION).await?);

    // It is a platform like any other: it streams, and a chain may lead to it.
    let chain = client.chat(course::TO_ACME).user(QUESTION);
    let reply = display::stream(chain.stream()).await?;

    // Who was tried.
    println!("{}", reply.summary());
    show(&reply.trail);
    Ok(())
}
