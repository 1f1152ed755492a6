//! What a client has spent: booked attempt by attempt, shown as a table, read by Prometheus.

use std::time::Duration;

use crate::support::{self, Play, Server};
use anymodel::{CostSource, ErrorKind, ModelTotals, Show, Totals};
use serde_json::{Value, json};

/// An answer by `model` for 1,000 + 100 tokens, with its cost as JSON or without one.
fn answer_by(model: &str, cost: Option<&str>) -> Play {
    let cost = cost
        .map(|cost| format!(r#","cost":{cost}"#))
        .unwrap_or_default();
    let model = json!(model);
    support::json(
        200,
        &format!(
            r#"{{"id":"gen-1","model":{model},"choices":[{{"finish_reason":"stop","message":{{"content":"Hi"}}}}],
            "usage":{{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,
            "completion_tokens_details":{{"reasoning_tokens":30}},"prompt_tokens_details":{{"cached_tokens":200}}{cost}}}}}"#
        ),
    )
}

fn refused(status: u16) -> Play {
    support::json(status, r#"{"error":{"message":"not now"}}"#)
}

/// The row of a model, whatever the server's port.
fn row<'a>(totals: &'a Totals, model: &str) -> &'a ModelTotals {
    let mut rows = totals.models.iter().filter(|row| row.model == model);
    let row = rows
        .next()
        .unwrap_or_else(|| panic!("no row for {model}:\n{totals}"));
    assert!(rows.next().is_none());
    row
}

const MINI: &str = "openai/gpt-4o-mini";

#[tokio::test]
async fn a_failure_is_booked_on_the_model_that_failed_and_an_answer_on_the_one_that_answered() {
    let server = Server::play([refused(503), answer_by("acme/other", Some("0.002"))]);
    let client = server.client();
    assert!(client.totals().is_empty());
    client
        .ask(["acme/one", "acme/router"], "Hello")
        .await
        .unwrap();

    let totals = client.totals();
    assert_eq!(totals.models.len(), 2, "{totals}");
    let failed = row(&totals, "acme/one");
    assert_eq!((failed.calls, failed.attempts, failed.successes), (1, 1, 0));
    assert_eq!(failed.failures, [(ErrorKind::Overloaded, 1)]);
    assert_eq!(failed.latency, None);
    let answered = row(&totals, "acme/other");
    assert_eq!(
        (answered.calls, answered.attempts, answered.successes),
        (1, 1, 1)
    );
    assert_eq!(
        (answered.prompt_tokens, answered.completion_tokens),
        (1000, 100)
    );
    assert_eq!(
        (answered.reasoning_tokens, answered.cached_tokens),
        (30, 200)
    );
    assert_eq!(answered.reported.to_string(), "0.002");
    assert_eq!(answered.latency.unwrap().count, 1);
}

#[tokio::test]
async fn a_retry_is_another_attempt_of_the_same_call() {
    let server = Server::play([
        respond_later(),
        answer_by("acme/one-2026-01-31", None),
        answer_by("acme/one", None),
    ]);
    let client = server.client();
    let clone = client.clone();
    client.ask("acme/one", "Hello").await.unwrap();
    clone.ask("acme/one", "Hello").await.unwrap();

    let totals = client.totals();
    let row = row(&totals, "acme/one");
    assert_eq!(
        (row.calls, row.attempts, row.successes, row.failed()),
        (2, 3, 2, 1)
    );
    assert_eq!(clone.totals(), totals, "clones share the books");
}

fn respond_later() -> Play {
    support::respond(
        429,
        "retry-after: 0\r\n",
        r#"{"error":{"message":"slow down"}}"#,
    )
}

#[tokio::test]
async fn what_the_caller_cancels_is_no_failure_of_the_model_and_what_was_before_stays_booked() {
    let server = Server::play([refused(503), Play::Silence(Duration::from_secs(5))]);
    let client = server.client();
    let call = client.ask(["acme/one", "acme/two"], "Hello");
    let cut = tokio::time::timeout(Duration::from_millis(500), call).await;
    assert!(cut.is_err());

    let totals = client.totals();
    assert_eq!(row(&totals, "acme/one").failed(), 1);
    let cancelled = row(&totals, "acme/two");
    assert_eq!(
        (cancelled.calls, cancelled.attempts, cancelled.cancelled),
        (1, 1, 1)
    );
    assert_eq!((cancelled.successes, cancelled.failed()), (0, 0));
}

#[tokio::test]
async fn where_no_cost_is_reported_price_times_usage_stands_in_and_says_so() {
    let server = Server::play([answer_by(MINI, None), answer_by("acme/unheard-of", None)]);
    let client = server.client();
    let reply = client.ask(MINI, "Hello").await.unwrap();
    client.ask("acme/unheard-of", "Hello").await.unwrap();

    // 800 tokens at $0.15, 200 cached ones at $0.075 and 100 answered at $0.60 a million.
    assert_eq!(
        reply.cost, None,
        "the reported cost stays what was reported"
    );
    let spent = reply.spent().unwrap();
    assert_eq!(
        (spent.amount.to_string().as_str(), spent.source),
        ("0.000195", CostSource::Estimated)
    );
    assert_eq!(spent.to_string(), "≈ $0.000195");
    let totals = client.totals();
    assert_eq!(row(&totals, MINI).estimated.to_string(), "0.000195");
    assert!(row(&totals, MINI).reported.is_zero());
    assert_eq!(row(&totals, "acme/unheard-of").unpriced, 1);
    assert_eq!(totals.cost().source, CostSource::Estimated);
    assert!(totals.to_string().contains("≈ $0.000195"), "{totals}");
}

#[tokio::test]
async fn the_table_shows_by_how_much_a_reported_cost_is_not_price_times_usage() {
    let exact = Server::play([answer_by(MINI, Some("0.000195"))])
        .client_after_one()
        .await;
    assert_eq!(row(&exact, MINI).difference(), None);
    let rounded = Server::play([answer_by(MINI, Some("1.96e-4"))])
        .client_after_one()
        .await;
    assert_eq!(row(&rounded, MINI).difference(), None);
    let dearer = Server::play([answer_by(MINI, Some("0.0003"))])
        .client_after_one()
        .await;
    assert_eq!(
        row(&dearer, MINI).difference().unwrap().to_string(),
        "0.000105"
    );
    assert_eq!(dearer.cost().source, CostSource::Reported);
    let words = "$0.0003 ($0.000105 above price × usage)";
    assert!(dearer.to_html().contains(words), "{dearer}");
}

impl Server {
    async fn client_after_one(&self) -> Totals {
        let client = self.client();
        client.ask(MINI, "Hello").await.unwrap();
        client.totals()
    }
}

#[tokio::test]
async fn names_that_a_server_invents_do_not_fill_the_memory() {
    let names = (0..1100).map(|number| answer_by(&format!("acme/{number}x"), None));
    let client = Server::play(names).client();
    for _ in 0..1100 {
        client.ask("acme/router", "Hello").await.unwrap();
    }
    let totals = client.totals();
    assert_eq!(totals.models.len(), 1001);
    assert_eq!(row(&totals, "(others)").attempts, 100);
}

#[tokio::test]
async fn the_table_reads_in_a_terminal_and_in_a_notebook() {
    let hostile = "acme/<b>\"x\\y\nz";
    let server = Server::play([
        refused(503),
        answer_by(hostile, Some("0.002")),
        refused(402),
    ]);
    let client = server.client();
    client
        .ask(["acme/one", "acme/router"], "Hello")
        .await
        .unwrap();
    client.ask("acme/one", "Hello").await.unwrap_err();
    let totals = client.totals();

    let text = totals.to_string();
    for part in [
        "What was spent",
        "1 no credit, 1 overloaded",
        "1 of 3",
        "1000 → 100",
        "$0.002",
        "all",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    let html = totals.to_html();
    assert!(
        html.contains("<caption>What was spent</caption>") && !html.contains("<b>"),
        "{html}"
    );
}

/// What the official parser understood of a page.
#[cfg(feature = "online-tests")]
fn scraped(page: &str) -> Vec<Value> {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let interpreter = crate::python::python("spend-venv", "tests/client/spend/requirements.txt");
    let mut child = Command::new(interpreter)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/client/spend/scrape.py"
        ))
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(page.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the parser refused:\n{page}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[cfg(feature = "online-tests")]
#[tokio::test]
async fn prometheus_reads_every_number_and_every_name() {
    let hostile = "acme/<b>\"x\\y\nz, 模型";
    let server = Server::play([
        refused(503),
        answer_by(hostile, Some("0.002")),
        answer_by(hostile, None),
    ]);
    let client = server.client();
    client
        .ask(["acme/one", "acme/router"], "Hello")
        .await
        .unwrap();
    client.ask("acme/router", "Hello").await.unwrap();
    let families = scraped(&client.totals().prometheus());

    for family in &families {
        assert!(!family["help"].as_str().unwrap().is_empty(), "{family}");
        assert_ne!(family["type"], "unknown", "{family}");
    }
    let value = |name: &str, model: &str, more: Value| {
        let mut labels = json!({"platform": server.address(), "model": model});
        for (key, text) in more.as_object().unwrap() {
            labels[key] = text.clone();
        }
        let samples = families
            .iter()
            .flat_map(|family| family["samples"].as_array().unwrap());
        let mut found = samples.filter(|sample| sample[0] == name && sample[1] == labels);
        let value = found.next().unwrap_or_else(|| panic!("no {name} {labels}"))[2]
            .as_f64()
            .unwrap();
        assert!(found.next().is_none(), "{name} {labels} stands twice");
        value
    };
    assert_eq!(value("anymodel_attempts_total", "acme/one", json!({})), 1.0);
    assert_eq!(
        value(
            "anymodel_failures_total",
            "acme/one",
            json!({"kind": "overloaded"})
        ),
        1.0
    );
    assert_eq!(value("anymodel_successes_total", hostile, json!({})), 2.0);
    assert_eq!(
        value("anymodel_prompt_tokens_total", hostile, json!({})),
        2000.0
    );
    assert_eq!(
        value("anymodel_completion_tokens_total", hostile, json!({})),
        200.0
    );
    assert_eq!(
        value(
            "anymodel_cost_dollars_total",
            hostile,
            json!({"source": "reported"})
        ),
        0.002
    );
    assert_eq!(
        value("anymodel_unpriced_answers_total", hostile, json!({})),
        1.0
    );
    assert_eq!(
        value("anymodel_latency_seconds_count", hostile, json!({})),
        2.0
    );
    let median = value(
        "anymodel_latency_seconds",
        hostile,
        json!({"quantile": "0.5"}),
    );
    let p95 = value(
        "anymodel_latency_seconds",
        hostile,
        json!({"quantile": "0.95"}),
    );
    assert!(
        median > 0.0 && median <= p95 && p95 < 10.0,
        "{median} {p95}"
    );
}

#[cfg(feature = "online-tests")]
#[test]
fn an_empty_page_is_a_page() {
    let families = scraped(&Totals::default().prometheus());
    assert!(families.iter().all(|family| family["samples"] == json!([])));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_calls_at_once_are_all_booked() {
    let builder = anymodel::Client::builder().platform("sandbox");
    let client = builder.sandbox_time_scale(0.0).build().unwrap();
    let calls = (0..100).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.ask(["sandbox/down", MINI], "Hello").await.unwrap() })
    });
    let calls: Vec<_> = calls.collect();
    let mut paid = anymodel::Cost {
        amount: Default::default(),
        source: CostSource::Reported,
    };
    // A call that begins after the first failures passes over the model that is down.
    let (mut failed, mut passed_over) = (0, 0);
    for call in calls {
        let trail = call.await.unwrap().trail;
        failed += trail
            .iter()
            .filter(|attempt| attempt.failure.is_some())
            .count() as u64;
        passed_over += trail.skipped().len() as u64;
        paid.amount += trail.cost();
    }
    assert_eq!(failed + passed_over, 100);
    let totals = client.totals();
    let down = totals.get("sandbox", "sandbox/down").unwrap();
    assert_eq!((down.attempts, down.failed()), (failed, failed));
    let mini = totals.get("sandbox", MINI).unwrap();
    assert_eq!((mini.calls, mini.successes), (100, 100));
    assert_eq!(totals.cost(), paid);
    assert_eq!(
        mini.difference(),
        None,
        "the sandbox charges the catalogue's prices"
    );
    assert!(totals.to_string().contains("sandbox (simulated)"));
}

/// A stream of two words whose first comes after a while.
fn streamed() -> Play {
    let chunk = |delta: Value, finish: Value| {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish});
        format!(
            "data: {}\n\n",
            json!({"id": "gen-2", "model": "acme/one", "choices": [choice]})
        )
    };
    let body = chunk(json!({"content": "Hel"}), Value::Null)
        + &chunk(json!({"content": "lo"}), json!("stop"))
        + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
    support::respond(200, "content-type: text/event-stream\r\n", &body)
}

#[tokio::test]
async fn a_stream_is_booked_with_its_time_to_the_first_word() {
    let server = Server::play([streamed(), answer_by("acme/one", None)]);
    let client = server.client();
    client
        .chat("acme/one")
        .user("Hello")
        .stream()
        .final_reply()
        .await
        .unwrap();
    client.ask("acme/one", "Hello").await.unwrap();

    let totals = client.totals();
    let row = row(&totals, "acme/one");
    assert_eq!((row.calls, row.successes), (2, 2));
    assert_eq!((row.prompt_tokens, row.completion_tokens), (1003, 102));
    let first = row.time_to_first_token.unwrap();
    assert_eq!(
        first.count, 1,
        "an answer that comes whole has no first word"
    );
    assert!(first.median <= row.latency.unwrap().p95);
}

#[tokio::test]
async fn a_stream_that_is_dropped_was_cancelled() {
    let head = "HTTP/1.1 200 X\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n";
    let word = json!({"choices": [{"delta": {"content": "Hel"}}]});
    let server = Server::play([Play::Bytes(format!("{head}data: {word}\n\n").into_bytes())]);
    let client = server.client();
    let mut stream = client.chat("acme/one").user("Hello").stream();
    while !matches!(stream.next().await, Some(Ok(anymodel::Event::Text(_)))) {}
    drop(stream);

    let totals = client.totals();
    let row = row(&totals, "acme/one");
    assert_eq!(
        (row.attempts, row.cancelled, row.failed(), row.successes),
        (1, 1, 0, 0)
    );
}

const RECORD: &str = r#"{"data":{"id":"gen-1","model":"acme/one","provider_name":"Acme","total_cost":0.0000171,
    "native_tokens_prompt":21,"native_tokens_completion":3,"latency":640,"generation_time":210,"finish_reason":"stop",
    "streamed":true,"cancelled":false}}"#;

#[tokio::test]
async fn the_record_of_an_answer_is_asked_for_until_it_is_there() {
    let server = Server::play([refused(404), refused(404), support::json(200, RECORD)]);
    let record = server.client().generation("gen-1&x=é").await.unwrap();
    assert_eq!(record.cost.unwrap().to_string(), "0.0000171");
    assert_eq!(record.usage.unwrap().total_tokens, 24);
    assert_eq!(record.provider.as_deref(), Some("Acme"));
    assert_eq!(record.generation_time, Some(Duration::from_millis(210)));
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(
        requests[0].starts_with("GET /v1/generation?id=gen-1%26x%3D%C3%A9 "),
        "{}",
        requests[0]
    );
    assert!(requests[0].contains("Bearer "));
}

#[tokio::test]
async fn a_record_that_never_comes_is_an_error_within_the_time_allowed() {
    let server = Server::play(std::iter::repeat_n(refused(404), 50));
    let builder = anymodel::Client::builder()
        .base_url(server.url())
        .key("sk-or-v1-test0123456789");
    let client = builder.timeout(Duration::from_millis(900)).build().unwrap();
    let begun = std::time::Instant::now();
    let error = client.generation("gen-9").await.unwrap_err();
    assert!(begun.elapsed() < Duration::from_millis(1500));
    assert!(
        error
            .to_string()
            .contains("no record of \"gen-9\" after 0.9 s"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("reply.id"));
    let refusing = Server::play([refused(401)]);
    let error = refusing.client().generation("gen-9").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeyRefused);
    assert_eq!(
        refusing.requests().len(),
        1,
        "a key that is refused stays refused"
    );
}

#[tokio::test]
async fn a_platform_without_records_says_so_and_is_not_asked() {
    let client = anymodel::Client::builder()
        .platform("openai")
        .key("sk-test0123456789abcdef");
    let error = client
        .build()
        .unwrap()
        .generation("gen-9")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(
        error.to_string().contains("openai keeps no record"),
        "{error}"
    );
}
