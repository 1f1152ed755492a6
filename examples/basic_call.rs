//! cargo run --example basic_call
//!
//! Lesson 1. You see how many connections three programs and four vendors need, with and without a gateway; one
//! question in the shapes that three vendors want; an answer with its tokens and its cost; three vendors asked by the
//! same code; and the request that would go to another platform, which is not sent.

use anymodel::course;
use anymodel::course::prelude::*;

const QUESTION: &str = "Introduce Rust in one sentence.";

#[tokio::main]
async fn main() -> anymodel::Result<()> {
    // Without a gateway, somebody writes every line of this drawing.
    const VENDORS: [&str; 4] = ["OpenAI", "Anthropic", "Google", "DeepSeek"];
    show(&Diagram::direct(3, &VENDORS));

    // The same question, as each vendor wants it.
    let request = ChatRequest {
        messages: vec![Message::user(QUESTION)],
        ..Default::default()
    };
    for (shape, model) in ApiFormat::ALL.into_iter().zip(course::NATIVE) {
        println!("{}\nPOST {}", shape.vendor(), shape.url(model));
        println!("{} (your key)", shape.key_header());
        println!("{:#}\n", shape.body(model, &request));
    }

    // With a gateway, each program learns one shape.
    show(&Diagram::gateway(3, &VENDORS));

    // One client, one question, one answer.
    let client = Client::from_env_or_sandbox()?;
    let reply = client.ask(course::MODEL, QUESTION).await?;
    println!("{reply}");

    // What comes with the text.
    println!("{}", reply.summary());
    if let Some(usage) = reply.usage {
        let (asked, answered) = (usage.prompt_tokens, usage.completion_tokens);
        println!("tokens: {asked} + {answered} = {}", usage.total_tokens);
    }

    // Three vendors: only the name changes.
    for model in course::THREE {
        let reply = client.ask(model, QUESTION).await?;
        println!("[{model}]\n{reply}\n");
    }

    // Another platform: only the platform's name and the key change. Nothing is sent.
    let zenmux = Client::builder()
        .platform("zenmux")
        .key("not-a-real-key-0000")
        .build()?;
    let preview = zenmux.chat(course::MODEL).user(QUESTION).preview()?;
    println!("{preview}");
    Ok(())
}
