//! The semantic cache among 100,000 answers: `cargo bench --bench cache --features ledger`.
//!
//! How long a call takes whose question was answered before in other words; what the normal form alone takes; how much memory
//! an answer takes; and what a file of answers adds to a call (feature `ledger`). The models answer on loopback.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anymodel::{Cache, Cached, Client, normal_form};
use axum::extract::Json;
use axum::routing::post;
use criterion::Criterion;
use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const TUNE: &str = include_str!("../crates/anymodel-cache/tests/data/tune.tsv");
const ENTRIES: usize = 100_000;
const MODEL: &str = "acme/one";

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let url = serve();
    let asked = written();
    runtime.block_on(among_many(&url, &asked));
    runtime.block_on(with_a_file(&url));

    let mut criterion = Criterion::default()
        .sample_size(20)
        .measurement_time(Duration::from_secs(4));
    let mut next = asked.iter().cycle();
    criterion.bench_function("the normal form of one question", |b| {
        b.iter(|| black_box(normal_form(next.next().map_or("", String::as_str))))
    });
}

/// Fills a cache, and asks in other words.
async fn among_many(url: &str, asked: &[String]) {
    let cache = Cache::semantic()
        .max_entries(2 * ENTRIES)
        .max_megabytes(4096);
    let client = client(url, Some(&cache));
    let start = Instant::now();
    let calls = futures_util::stream::iter(many(asked, ENTRIES))
        .map(|question| client.ask(MODEL, question))
        .buffer_unordered(32);
    calls
        .for_each(|reply| async move { drop(reply.expect("an answer")) })
        .await;
    let statistics = cache.statistics();
    println!(
        "{} answers are kept after {:.1} s, {} bytes each",
        statistics.entries,
        start.elapsed().as_secs_f64(),
        statistics.bytes / statistics.entries.max(1)
    );
    let mut times = Vec::new();
    for question in asked.iter().take(3_000) {
        let start = Instant::now();
        let reply = client.ask(MODEL, reworded(question)).await;
        if let Ok(Some(Cached::Semantic { .. })) = reply.map(|reply| reply.cached) {
            times.push(start.elapsed());
        }
    }
    println!(
        "a call that finds its answer in other words: {}",
        spread(times)
    );
}

/// What a file adds to a call whose answer is kept.
async fn with_a_file(url: &str) {
    let memory = calls(&client(url, Some(&Cache::exact()))).await;
    println!("a call whose answer is kept in memory: {memory}");
    #[cfg(feature = "ledger")]
    {
        let folder = std::env::temp_dir().join(format!("anymodel-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let cache = Cache::exact().at(folder.join("answers.cache"));
        let file = calls(&client(url, Some(&cache))).await;
        println!("a call whose answer is kept in a file, too: {file}");
        let _ = std::fs::remove_dir_all(folder);
    }
}

async fn calls(client: &Client) -> String {
    let mut times = Vec::new();
    for number in 0..3_000 {
        let question = format!("What is the meaning of word number {number}?");
        let start = Instant::now();
        client.ask(MODEL, question).await.expect("an answer");
        times.push(start.elapsed());
    }
    spread(times)
}

fn client(url: &str, cache: Option<&Cache>) -> Client {
    let builder = Client::builder()
        .base_url(url)
        .key("sk-or-v1-bench0123456789");
    match cache {
        Some(cache) => builder.cache(cache).build(),
        None => builder.build(),
    }
    .expect("a client")
}

/// A server on a runtime of its own, so that it never waits for the side that is measured.
fn serve() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        Runtime::new().expect("a runtime").block_on(async {
            use axum::serve::ListenerExt;
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap_or_default());
            let app = axum::Router::new().route("/v1/chat/completions", post(answer));
            axum::serve(listener, app).await.expect("a server");
        });
    });
    url
}

async fn answer(_: Json<Value>) -> Json<Value> {
    Json(json!({
        "id": "gen-1", "object": "chat.completion", "created": 1, "model": MODEL,
        "choices": [{ "index": 0, "finish_reason": "stop",
            "message": { "role": "assistant", "content": "A function that calls itself." } }],
        "usage": { "prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16, "cost": 0.0000171 },
    }))
}

/// The questions of the pairs that the rules were made from.
fn written() -> Vec<String> {
    let columns = TUNE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split('\t').skip(2));
    let mut all: Vec<String> = columns.map(str::to_owned).collect();
    all.sort();
    all.dedup();
    all
}

/// As many different questions as wanted: beginnings of some with endings of others. They mean little and look like questions.
fn many(written: &[String], wanted: usize) -> Vec<String> {
    let mut all = written.to_vec();
    let mut step = 1;
    while all.len() < wanted {
        for (at, question) in written.iter().enumerate() {
            let other = &written[(at + step * 37) % written.len()];
            let middle = |text: &str| text.ceil_char_boundary(text.len() / 2);
            let (begin, end) = (&question[..middle(question)], &other[middle(other)..]);
            all.push(format!("{begin} {end}"));
        }
        step += 1;
    }
    all.truncate(wanted);
    all
}

/// The same question with a word of politeness.
fn reworded(question: &str) -> String {
    if question.is_ascii() {
        format!("Please, {question}")
    } else {
        format!("请问，{question}")
    }
}

/// The longest, too, since a mean hides them.
fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |share: f64| match times.len() {
        0 => 0.0,
        count => times[((count - 1) as f64 * share) as usize].as_secs_f64() * 1e3,
    };
    format!(
        "median {:.3} ms, 99 of 100 under {:.3} ms, longest {:.3} ms, of {}",
        at(0.5),
        at(0.99),
        at(1.0),
        times.len()
    )
}
