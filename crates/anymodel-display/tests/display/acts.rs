//! What a cell or a program may do. Each act gets what stood on standard input.

use std::time::{Duration, Instant};

use anymodel::prelude::*;
use anymodel::{BarChart, Diagram, Table};

use crate::support::{Server, answer, json};

type Act = fn(&str);

pub const ACTS: [(&str, Act); 9] = [
    ("tell", tell),
    ("live", live),
    ("grow", grow),
    ("grow fast", grow_fast),
    ("stream", stream),
    ("progress", progress),
    ("compare", compare),
    ("clear", clear),
    ("key", key),
];

fn wait_for<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// A model says what stands in the script, and it is shown in every way there is.
fn tell(script: &str) {
    let server = Server::play([json(200, &answer(script))]);
    let reply = wait_for(server.client().ask("acme/one", "Hi")).unwrap();
    assert_eq!(reply.text, script);
    println!("{reply}");
    show(&reply);
    let mut table = Table::new(script, ["what it said"]);
    table.push([script.to_owned()]);
    let mut live = display::live(&table);
    live.update(&BarChart::new(script).bar(script, 1.0, script));
    live.finish();
    let mut growing = display::StreamingText::new();
    for c in script.chars() {
        growing.push(c.encode_utf8(&mut [0; 4]));
    }
    growing.finish();
    display::Progress::new(script, 1).advance();
    // Last, because a learner who prints the bare text prints what is in it.
    println!("{script}");
    show(&Diagram::gateway(3, &[script]));
}

fn live(_: &str) {
    println!("before");
    let mut live = display::live(&Diagram::direct(2, &["acme"]));
    live.update(&Diagram::direct(3, &["acme"]));
    live.update(&Diagram::gateway(3, &["acme"]));
    live.finish();
    println!("after");
}

fn grow(script: &str) {
    println!("before");
    let mut growing = display::StreamingText::new();
    for piece in script.split_inclusive(' ') {
        growing.push(piece);
    }
    growing.finish();
    println!("after");
}

/// A model that hurries, stops for a while, and goes on.
fn grow_fast(_: &str) {
    let start = Instant::now();
    let mut growing = display::StreamingText::new();
    for number in 0..200 {
        growing.push(&format!("{number} "));
        std::thread::sleep(Duration::from_millis(2));
    }
    println!("hurried for {} ms", start.elapsed().as_millis());
    std::thread::sleep(Duration::from_secs(1));
    println!("waited");
    growing.push("end");
    growing.finish();
}

/// An answer that breaks, and begins anew with another model.
fn stream(script: &str) {
    let client = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0);
    let client = client.build().unwrap();
    let chat = client.chat(["sandbox/stream-cut", "sandbox/echo"]);
    println!("before");
    let reply = wait_for(display::stream(
        chat.user(script).restart_on_break().stream(),
    ));
    assert_eq!(reply.unwrap().text, script);
    println!("after");
}

fn progress(_: &str) {
    let mut progress = display::Progress::new("Asking", 4);
    progress.advance();
    progress.set(3);
    progress.finish();
    display::Progress::new("Nothing", 0).finish();
    println!("after");
}

fn compare(_: &str) {
    let client = Client::sandbox().unwrap();
    let comparison = wait_for(async {
        let comparison = client.compare(["openai/gpt-4o-mini", "sandbox/down"], "Hello");
        tokio::spawn(comparison.live()).await.unwrap()
    });
    println!("then\n{comparison}");
}

fn clear(_: &str) {
    println!("before");
    display::clear();
    println!("after");
}

/// Asks for a key, and tells who answers with it.
fn key(_: &str) {
    match Client::from_env_or_prompt() {
        Ok(client) => println!("platform: {}", client.platform()),
        Err(error) => println!("{}: {error:?}", error.kind()),
    }
}
