//! cargo bench --features ledger --bench spend
//!
//! What a budget and a ledger add to a call. Five clients ask the sandbox in turn, so that whatever else the machine does
//! hits all of them alike: one without either, one with a budget in memory, one with repeats counted, one with a ledger on
//! disk, one with a ledger and a budget in it.

use std::time::{Duration, Instant};

use anymodel::{Budget, Client, ClientBuilder, Message};

const MODEL: &str = "openai/gpt-4o-mini";
const ROUNDS: usize = 3_000;
const WARM: usize = 200;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run());
}

async fn run() {
    let folder = std::env::temp_dir().join(format!("anymodel-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let server = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .build()
        .unwrap();
    let client = |change: fn(ClientBuilder) -> ClientBuilder| {
        let builder = Client::builder()
            .base_url(server.base_url())
            .key("sk-sandbox-0123456789");
        change(builder)
    };
    let limits = || Budget::new().per_call(1).per_day(1_000).total(10_000);
    let kinds = [
        ("neither", client(|builder| builder)),
        (
            "budget in memory",
            client(|builder| builder).budget(limits()),
        ),
        (
            "repeats counted",
            client(|builder| builder.count_duplicates()),
        ),
        (
            "ledger on disk",
            client(|builder| builder).ledger(folder.join("one.sqlite")),
        ),
        (
            "ledger and budget",
            client(|builder| builder)
                .budget(limits())
                .ledger(folder.join("two.sqlite")),
        ),
    ];
    let clients: Vec<_> = kinds
        .into_iter()
        .map(|(name, builder)| (name, builder.build().unwrap(), Vec::with_capacity(ROUNDS)))
        .collect();
    let mut clients = clients;
    let question = Message::user("What is recursion? ".repeat(20));
    for round in 0..WARM + ROUNDS {
        for (_, client, spans) in &mut clients {
            let chat = client.chat(MODEL).message(question.clone()).max_tokens(5);
            let begun = Instant::now();
            chat.send().await.unwrap();
            if round >= WARM {
                spans.push(begun.elapsed());
            }
        }
    }
    let mut without = Duration::ZERO;
    for (name, _, spans) in &mut clients {
        spans.sort();
        let at = |hundredth: usize| spans[spans.len() * hundredth / 100];
        if *name == "neither" {
            without = at(50);
        }
        let more = at(50).as_secs_f64() * 1e6 - without.as_secs_f64() * 1e6;
        println!(
            "{name:18} median {:7.1} µs ({more:+6.1}), 95 of 100 {:7.1} µs, 99 of 100 {:7.1} µs",
            at(50).as_secs_f64() * 1e6,
            at(95).as_secs_f64() * 1e6,
            at(99).as_secs_f64() * 1e6
        );
    }
    drop(clients);
    std::fs::remove_dir_all(folder).unwrap();
}
