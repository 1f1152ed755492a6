//! The measurements, each in pairs that take turns: bare `reqwest`, then the crate, then the other way round.

use std::future::Future;
use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use anymodel::{Client, Event};
use futures_util::future::join_all;
use serde_json::{Value, json};
use stats_alloc::Region;
use tokio::runtime::Runtime;

use super::ALLOCATOR;

const KEY: &str = "sk-or-v1-0123456789";
const PROMPT: &str = "Explain recursion in one sentence.";

/// Blocks of pairs of single calls; the result is the median of the blocks' medians.
const BLOCKS: usize = 40;
const PAIRS: usize = 50;
/// Words of a stream that come one a millisecond: what a fast model does, fifteen times as fast.
const PACED: (usize, u64) = (1000, 1000);
/// Words of a stream that come all at once.
const BURST: usize = 2000;
/// Calls at once.
const MANY: usize = 1000;

/// The figures that are named, or all, against the server at `url`. Times are microseconds.
pub fn all(url: &str, only: &[&str]) -> Value {
    let runtime = Runtime::new().unwrap();
    let sides = Sides::new(url);
    let wanted = |name: &str| only.is_empty() || only.contains(&name);
    let mut figures = json!({ "words": { "paced": PACED.0, "burst": BURST } });
    runtime.block_on(async {
        if wanted("call") {
            figures["call"] = sides.one_call().await;
        }
        if wanted("bytes") {
            figures["bytes"] = sides.bytes().await;
        }
        if wanted("paced") {
            figures["paced"] = sides.streams(PACED.0, PACED.1, 5).await;
        }
        if wanted("burst") {
            figures["burst"] = sides.streams(BURST, 0, 101).await;
        }
        if wanted("many") {
            figures["many"] = sides.many(41).await;
        }
    });
    figures
}

struct Sides {
    endpoint: String,
    http: reqwest::Client,
    client: Client,
}

impl Sides {
    fn new(url: &str) -> Self {
        let client = Client::builder().base_url(url).key(KEY);
        let client = client.deadline(Duration::from_secs(60)).build().unwrap();
        // After the client, which has chosen the library that does the cryptography.
        let http = reqwest::Client::builder().tcp_nodelay(true).no_proxy();
        Sides {
            endpoint: format!("{url}/chat/completions"),
            http: http.build().unwrap(),
            client,
        }
    }

    async fn send(&self, model: &str, stream: bool) -> reqwest::Response {
        let body = json!({ "model": model, "messages": [{ "role": "user", "content": PROMPT }], "stream": stream });
        let request = self.http.post(&self.endpoint).bearer_auth(KEY).json(&body);
        request.send().await.unwrap()
    }

    /// What a program without any library does: the answer is read as JSON.
    async fn bare(&self) {
        let answer: Value = self.send("acme/one", false).await.json().await.unwrap();
        black_box(answer);
    }

    async fn ask(&self) {
        black_box(self.client.ask("acme/one", PROMPT).await.unwrap());
    }

    /// The bytes' own time: they are read and thrown away.
    async fn bare_stream(&self, model: &str) {
        let mut response = self.send(model, true).await;
        while let Some(bytes) = response.chunk().await.unwrap() {
            black_box(bytes);
        }
    }

    /// Every word is read as it comes, and the end is the whole answer.
    async fn watched_stream(&self, model: &str, words: usize) {
        let mut stream = self.client.chat(model).user(PROMPT).stream();
        let (mut seen, mut whole) = (0, false);
        while let Some(event) = stream.next().await {
            match event.unwrap() {
                Event::Text(text) => {
                    black_box(text);
                    seen += 1;
                }
                Event::Finished(_) => whole = true,
                _ => {}
            }
        }
        assert!(seen == words && whole, "{seen} of {words} words");
    }

    async fn one_call(&self) -> Value {
        for _ in 0..200 {
            self.bare().await;
            self.ask().await;
        }
        let mut blocks = Vec::new();
        for _ in 0..BLOCKS {
            blocks.push(pairs(0..PAIRS, || self.bare(), || self.ask()).await);
        }
        let median_of = |which: fn(&Pairs) -> f64| median(blocks.iter().map(which).collect());
        json!({
            "bare": median_of(Pairs::bare), "anymodel": median_of(Pairs::ours), "added": median_of(Pairs::added),
        })
    }

    /// Bytes allocated for one call, whether or not they were given back.
    async fn bytes(&self) -> Value {
        let bare = allocated(|| self.bare()).await;
        let ours = allocated(|| self.ask()).await;
        json!({ "bare": bare, "anymodel": ours, "added": ours - bare })
    }

    async fn streams(&self, words: usize, pause: u64, rounds: usize) -> Value {
        let model = format!("stream/{words}/{pause}");
        let measured = pairs(
            0..rounds,
            || self.bare_stream(&model),
            || self.watched_stream(&model, words),
        )
        .await;
        measured.json()
    }

    /// A thousand calls at once, each a task of its own, when connections are kept from the round before; and the first
    /// round of new clients, which have to connect.
    async fn many(&self, rounds: usize) -> Value {
        let kept = pairs(0..rounds, || self.many_bare(), || self.many_ask()).await;
        let mut first = Pairs::default();
        for round in 0..rounds {
            let url = self.endpoint.trim_end_matches("/chat/completions");
            let fresh = Sides::new(url);
            first.add(pairs(round..round + 1, || fresh.many_bare(), || fresh.many_ask()).await);
        }
        json!({ "kept": kept.json(), "first": first.json() })
    }

    async fn many_bare(&self) {
        let tasks = (0..MANY).map(|_| {
            let (http, endpoint) = (self.http.clone(), self.endpoint.clone());
            tokio::spawn(async move {
                let body = json!({ "model": "acme/one", "messages": [{ "role": "user", "content": PROMPT }] });
                let request = http.post(endpoint).bearer_auth(KEY).json(&body);
                let answer: Value = request.send().await.unwrap().json().await.unwrap();
                black_box(answer);
            })
        });
        done(join_all(tasks).await);
    }

    async fn many_ask(&self) {
        let tasks = (0..MANY).map(|_| {
            let client = self.client.clone();
            tokio::spawn(async move {
                black_box(client.ask("acme/one", PROMPT).await.unwrap());
            })
        });
        done(join_all(tasks).await);
    }
}

fn done(tasks: Vec<Result<(), tokio::task::JoinError>>) {
    assert!(tasks.into_iter().all(|task| task.is_ok()));
}

/// Times of both sides, in microseconds, pair by pair.
#[derive(Default)]
struct Pairs(Vec<(f64, f64)>);

impl Pairs {
    fn add(&mut self, more: Pairs) {
        self.0.extend(more.0);
    }

    fn bare(&self) -> f64 {
        median(self.0.iter().map(|pair| pair.0).collect())
    }

    fn ours(&self) -> f64 {
        median(self.0.iter().map(|pair| pair.1).collect())
    }

    fn added(&self) -> f64 {
        median(self.0.iter().map(|pair| pair.1 - pair.0).collect())
    }

    fn json(&self) -> Value {
        let ratio = median(self.0.iter().map(|pair| pair.1 / pair.0).collect());
        json!({ "bare": self.bare(), "anymodel": self.ours(), "added": self.added(), "ratio": ratio })
    }
}

/// Runs both sides once for each of `rounds`, who begins taking turns.
async fn pairs<A, B>(rounds: Range<usize>, bare: impl Fn() -> A, ours: impl Fn() -> B) -> Pairs
where
    A: Future<Output = ()>,
    B: Future<Output = ()>,
{
    let mut pairs = Pairs::default();
    for round in rounds {
        let pair = match round % 2 {
            0 => {
                let bare = timed(bare()).await;
                (bare, timed(ours()).await)
            }
            _ => {
                let ours = timed(ours()).await;
                (timed(bare()).await, ours)
            }
        };
        pairs.0.push(pair);
    }
    pairs
}

async fn timed(work: impl Future<Output = ()>) -> f64 {
    let begun = Instant::now();
    work.await;
    begun.elapsed().as_secs_f64() * 1e6
}

async fn allocated<A: Future<Output = ()>>(call: impl Fn() -> A) -> f64 {
    const CALLS: usize = 500;
    let region = Region::new(ALLOCATOR);
    for _ in 0..CALLS {
        call().await;
    }
    region.change().bytes_allocated as f64 / CALLS as f64
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// The table for people.
pub fn print(figures: &Value) {
    let number = |path: &str| figures.pointer(path).and_then(Value::as_f64).unwrap();
    let ms = |path: &str| number(path) / 1000.0;
    println!(
        "{:38} {:>14} {:>14}   what is added",
        "", "bare reqwest", "anymodel"
    );
    println!(
        "{:38} {:>11.0} µs {:>11.0} µs   {:.0} µs",
        "one call",
        number("/call/bare"),
        number("/call/anymodel"),
        number("/call/added")
    );
    println!(
        "{:38} {:>11.1} KB {:>11.1} KB   {:.1} KB",
        "memory allocated for it",
        number("/bytes/bare") / 1000.0,
        number("/bytes/anymodel") / 1000.0,
        number("/bytes/added") / 1000.0
    );
    println!(
        "{:38} {:>11.1} ms {:>11.1} ms   {:.2} %",
        format!("a stream of {} words, one a ms", PACED.0),
        ms("/paced/bare"),
        ms("/paced/anymodel"),
        (number("/paced/ratio") - 1.0) * 100.0
    );
    println!(
        "{:38} {:>11.2} ms {:>11.2} ms   {:.2} µs a word",
        format!("a stream of {BURST} words, at once"),
        ms("/burst/bare"),
        ms("/burst/anymodel"),
        number("/burst/added") / BURST as f64
    );
    for (name, path) in [
        ("connections kept", "/many/kept"),
        ("new connections", "/many/first"),
    ] {
        println!(
            "{:38} {:>11.1} ms {:>11.1} ms   {:.2} times the time",
            format!("{MANY} calls at once, {name}"),
            ms(&format!("{path}/bare")),
            ms(&format!("{path}/anymodel")),
            number(&format!("{path}/ratio"))
        );
    }
}
