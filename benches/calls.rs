//! What a call costs on top of the request it makes.
//!
//! `cargo bench --bench calls`; the figures stand in `benches/README.md`. Both sides of a pair run against the same
//! server on loopback and in the same run, so that their difference means something on a noisy machine.

use std::hint::black_box;
use std::time::Duration;

use anymodel::Client;
use axum::Router;
use axum::extract::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const PROMPT: &str = "Explain recursion in one sentence.";

/// Answers by the name of the model: `limited` is a 429, `slow` takes 200 ms, anything else answers at once.
async fn answer(Json(request): Json<Value>) -> Response {
    let model = request["model"].as_str().unwrap_or_default();
    if model.starts_with("limited") {
        let error = json!({ "error": { "code": 429, "message": "Rate limit exceeded" } });
        return (StatusCode::TOO_MANY_REQUESTS, Json(error)).into_response();
    }
    if model.starts_with("slow") {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Json(json!({
        "id": "gen-1", "object": "chat.completion", "created": 1, "model": model,
        "choices": [{ "index": 0, "finish_reason": "stop",
            "message": { "role": "assistant", "content": "A function that calls itself." } }],
        "usage": { "prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16, "cost": 0.0000171 },
    }))
    .into_response()
}

/// Starts the server on a runtime of its own, so that it never waits for the side that is measured.
fn serve() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        Runtime::new().unwrap().block_on(async {
            use axum::serve::ListenerExt;
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
            let app = Router::new().route("/v1/chat/completions", post(answer));
            axum::serve(listener, app).await.unwrap();
        });
    });
    url
}

async fn bare(http: &reqwest::Client, url: &str) -> Value {
    let body = json!({ "model": "acme/one", "messages": [{ "role": "user", "content": PROMPT }] });
    let response = http
        .post(url)
        .bearer_auth("sk-or-v1-0123456789")
        .json(&body)
        .send()
        .await;
    response.unwrap().json().await.unwrap()
}

fn calls(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let url = serve();
    let client = Client::builder()
        .base_url(&url)
        .key("sk-or-v1-0123456789")
        .build()
        .unwrap();
    // After the client, which has chosen the library that does the cryptography.
    let http = reqwest::Client::builder()
        .tcp_nodelay(true)
        .no_proxy()
        .build()
        .unwrap();
    let endpoint = format!("{url}/chat/completions");

    let mut group = criterion.benchmark_group("call");
    for at_once in [1, 64] {
        group.throughput(Throughput::Elements(at_once));
        group.bench_with_input(
            BenchmarkId::new("bare reqwest", at_once),
            &at_once,
            |bench, &n| {
                bench.iter(|| {
                    let all = (0..n).map(|_| bare(&http, &endpoint));
                    black_box(runtime.block_on(join_all(all)))
                });
            },
        );
        group.bench_with_input(BenchmarkId::new("ask", at_once), &at_once, |bench, &n| {
            bench.iter(|| {
                let all = (0..n).map(|_| client.ask("acme/one", PROMPT));
                black_box(runtime.block_on(join_all(all)))
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("switch");
    group.bench_function("one model", |bench| {
        bench.iter(|| runtime.block_on(client.ask("acme/one", PROMPT)).unwrap());
    });
    group.bench_function("after a 429", |bench| {
        bench.iter(|| {
            runtime
                .block_on(client.ask(["limited/one", "acme/one"], PROMPT))
                .unwrap()
        });
    });
    group.finish();

    let mut group = criterion.benchmark_group("compare");
    group.sample_size(10);
    group.bench_function("100 models of 200 ms", |bench| {
        bench.iter(|| {
            let models = (0..100).map(|number| format!("slow/{number}"));
            let comparison = runtime.block_on(async { client.compare(models, PROMPT).await });
            assert_eq!(comparison.replies().count(), 100);
        });
    });
    group.finish();
}

criterion_group!(benches, calls);
criterion_main!(benches);
