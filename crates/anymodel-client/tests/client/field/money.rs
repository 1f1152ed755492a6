//! Budgets: money that is set aside is waited for, and what was given up is on the bill.

use std::time::{Duration, Instant};

use anymodel::prelude::*;
use anymodel::{Budget, Chat, SkipReason, SpendingLimit};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use rust_decimal::Decimal;
use serde_json::json;

use crate::support::{self, Play, Server};

const MINI: &str = "openai/gpt-4o-mini";

fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// An answer that costs so much, after a pause.
fn answer(cost: f64, pause: u64) -> Play {
    let body = json!({
        "id": "gen-1", "model": MINI,
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": "Hi" } }],
        "usage": { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": cost },
    });
    Play::Pieces {
        head: "content-type: application/json\r\n".to_owned(),
        pieces: vec![(Duration::from_millis(pause), body.to_string().into_bytes())],
        ends: true,
    }
}

/// A stream that says a few words and then nothing, for so long.
fn endless() -> Play {
    let word = json!({ "choices": [{ "delta": { "content": "thirty bytes of an answer here" } }] });
    let word = format!("data: {word}\n\n").into_bytes();
    let words = vec![(Duration::ZERO, word); 5];
    Play::Pieces {
        head: "content-type: text/event-stream\r\n".to_owned(),
        pieces: [words, vec![(Duration::from_secs(30), Vec::new())]].concat(),
        ends: false,
    }
}

fn client(server: &Server, budget: Budget) -> Client {
    let builder = Client::builder().base_url(server.url());
    let builder = builder.key("sk-or-v1-test0123456789");
    builder.budget(budget).build().unwrap()
}

/// A call that may cost $0.0006 and a little.
fn ask(client: &Client) -> Chat {
    client.chat(MINI).user("Hello").max_tokens(1_000)
}

/// Reads the words of an [`endless`] stream, so that the request is on its way and its money set aside.
async fn begin(client: &Client) -> anymodel::ReplyStream {
    let mut stream = ask(client).stream();
    for _ in 0..6 {
        stream.next().await.unwrap().unwrap();
    }
    stream
}

/// How many of a hundred equal calls are answered, so many at once.
async fn answered(clients: &[Client], at_once: usize) -> usize {
    let calls = (0..100).map(|number: usize| ask(&clients[number % clients.len()]).send());
    let results: Vec<_> = stream::iter(calls)
        .buffer_unordered(at_once)
        .collect()
        .await;
    let refused = results.iter().filter_map(|result| result.as_ref().err());
    for error in refused {
        assert_eq!(error.kind(), ErrorKind::BudgetExceeded, "{error:?}");
    }
    results.iter().filter(|result| result.is_ok()).count()
}

#[tokio::test]
async fn a_hundred_equal_calls_get_the_same_number_of_answers_however_many_run_at_once() {
    let mut counts = Vec::new();
    for at_once in [1, 8, 32] {
        let server = Server::play((0..100).map(|_| answer(0.000_03, 5)));
        let client = client(&server, Budget::new().total(0.002));
        counts.push(answered(&[client], at_once).await);
    }
    assert!((40..60).contains(&counts[0]), "{counts:?}");
    assert!(
        counts.iter().all(|count| count.abs_diff(counts[0]) <= 1),
        "{counts:?}"
    );
}

#[tokio::test]
async fn and_so_they_do_over_several_clients_of_one_ledger() {
    let mut counts = Vec::new();
    for at_once in [1, 8, 32] {
        let server = Server::play((0..100).map(|_| answer(0.000_03, 5)));
        let folder =
            std::env::temp_dir().join(format!("anymodel-line-{}-{at_once}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let clients: Vec<_> = (0..3)
            .map(|_| {
                let builder = Client::builder()
                    .base_url(server.url())
                    .key("sk-or-v1-test0123456789");
                let builder = builder.ledger(folder.join("spend.sqlite"));
                builder.budget(Budget::new().total(0.002)).build().unwrap()
            })
            .collect();
        counts.push(answered(&clients, at_once).await);
        drop(clients);
        std::fs::remove_dir_all(&folder).unwrap();
    }
    assert!((40..60).contains(&counts[0]), "{counts:?}");
    assert!(
        counts.iter().all(|count| count.abs_diff(counts[0]) <= 1),
        "{counts:?}"
    );
}

#[tokio::test]
async fn money_that_does_not_come_back_in_time_is_an_error_that_time_may_mend() {
    let server = Server::play([endless()]);
    let client = client(&server, Budget::new().total(0.001));
    let holder = begin(&client).await;
    let begun = Instant::now();
    let call = ask(&client).deadline(Duration::from_millis(400)).send();
    let error = call.await.unwrap_err();
    assert!(begun.elapsed() >= Duration::from_millis(350), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(2), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
    assert!(error.is_retryable());
    assert!(
        error
            .to_string()
            .contains("while other calls are on their way"),
        "{error}"
    );
    assert!(
        error.hint().unwrap().starts_with("ask again in a moment"),
        "{error:?}"
    );
    let why = error.trail().skipped()[0].why;
    let SkipReason::MoneySetAside { limit, left, cost } = why else {
        panic!("{error:?}")
    };
    assert!(limit == SpendingLimit::Total && left < cost);
    assert_eq!(server.requests().len(), 1);
    drop(holder);
}

#[tokio::test]
async fn a_stream_that_is_dropped_frees_its_money_for_the_calls_that_wait_and_is_on_the_bill() {
    let server = Server::play([endless(), answer(0.000_03, 0), answer(0.000_03, 0)]);
    let client = client(&server, Budget::new().total(0.001));
    let holder = begin(&client).await;
    let waiting = tokio::spawn(join_all([ask(&client).send(), ask(&client).send()]));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished());
    let begun = Instant::now();
    drop(holder);
    for result in waiting.await.unwrap() {
        result.unwrap();
    }
    assert!(
        begun.elapsed() < Duration::from_millis(500),
        "{:?}",
        begun.elapsed()
    );

    // 150 bytes are some 50 tokens at $0.6 a million, and the question a few.
    let totals = client.totals();
    let row = totals.get(client.platform(), MINI).unwrap();
    assert_eq!(row.cancelled, 1);
    let cancelled = row.estimated;
    assert!(
        cancelled >= money("0.00003") && cancelled < money("0.00004"),
        "{cancelled}"
    );
    assert_eq!(client.stats().total.unwrap().spent, row.cost());
    let page = totals.prometheus();
    let line = page
        .lines()
        .find(|line| line.starts_with("anymodel_cost_dollars_total") && line.contains("estimated"));
    assert!(
        line.unwrap().ends_with(&cancelled.normalize().to_string()),
        "{line:?}"
    );
}

#[tokio::test]
async fn what_is_cancelled_without_a_budget_is_on_the_bill_as_well() {
    let server = Server::play([endless(), Play::Silence(Duration::from_secs(5)), endless()]);
    let free = client(&server, Budget::new());
    drop(begin(&free).await);
    let cost = |client: &Client| client.totals().cost().amount;
    let streamed = cost(&free);
    assert!(
        streamed >= money("0.00003") && streamed < money("0.00004"),
        "{streamed}"
    );
    // Of an answer that comes whole nothing is heard before, so the longest one counts.
    let call = tokio::time::timeout(Duration::from_millis(200), ask(&free).send());
    call.await.unwrap_err();
    let whole = cost(&free) - streamed;
    assert!(
        whole >= money("0.0006") && whole < money("0.00061"),
        "{whole}"
    );

    let folder = std::env::temp_dir().join(format!("anymodel-bill-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("spend.sqlite");
    let builder = Client::builder()
        .base_url(server.url())
        .key("sk-or-v1-test0123456789");
    let written = builder.ledger(&path).build().unwrap();
    drop(begin(&written).await);
    let totals = cost(&written);
    drop(written);
    let ledger = anymodel::LedgerFile::open(&path).unwrap();
    let rows = ledger.sums(anymodel::SpendBy::Day, None).unwrap();
    assert_eq!(
        (rows[0].cancelled, rows[0].cost(), totals),
        (1, streamed, streamed)
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn calls_that_are_given_up_while_they_wait_hold_nothing_and_hold_up_nobody() {
    let server = Server::play([endless(), answer(0.000_03, 0)]);
    let client = client(&server, Budget::new().total(0.001));
    let holder = begin(&client).await;
    let waiting: Vec<_> = (0..20).map(|_| tokio::spawn(ask(&client).send())).collect();
    tokio::time::sleep(Duration::from_millis(150)).await;
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    let last = tokio::spawn(ask(&client).send());
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(holder);
    last.await.unwrap().unwrap();
    assert_eq!(client.stats().total.unwrap().reserved, Decimal::ZERO);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_call_never_waits_for_its_own_money() {
    #[derive(Deserialize, JsonSchema)]
    struct Nothing {}
    let calls = json!({
        "id": "gen-1", "model": MINI,
        "choices": [{ "finish_reason": "tool_calls", "message": { "content": null, "tool_calls": [
            { "id": "1", "type": "function", "function": { "name": "now", "arguments": "{}" } }
        ]}}],
        "usage": { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 0.00001 },
    });
    let calls = || support::json(200, &calls.to_string());
    let down = support::json(503, r#"{"error":{"message":"down"}}"#);
    let said = || answer(0.000_01, 0);
    let server = Server::play([down, calls(), said(), calls(), said()]);
    // There is money for one request at a time.
    let client = client(&server, Budget::new().total(0.0009));
    let inner = client.clone();
    let chat = client
        .chat([MINI, "openai/gpt-4.1-nano"])
        .user("Hello")
        .max_tokens(1_000);
    let rounds = std::sync::atomic::AtomicU32::new(0);
    let chat = chat.tool("now", "The time", move |_: Nothing| {
        let inner = inner.clone();
        let first = rounds.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        async move {
            // A function may ask with the same budget.
            match first {
                true => ask(&inner).send().await.map(|reply| reply.text),
                false => Ok("noon".to_owned()),
            }
        }
    });
    let begun = Instant::now();
    chat.send().await.unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn a_large_request_is_not_kept_waiting_for_ever_by_small_ones() {
    let server = Server::play((0..2_000).map(|_| answer(0.000_000_01, 30)));
    let client = client(&server, Budget::new().total(0.002));
    let small = (0..3).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { while ask(&client).send().await.is_ok() {} })
    });
    let small: Vec<_> = small.collect();
    while server.requests().len() < 10 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let large = client.chat(MINI).user("Hello").max_tokens(3_000);
    let before = server.requests().len();
    large.send().await.unwrap();
    // It is let in first when it has waited for two seconds, in which each of the three makes some 66 requests. Requests
    // are counted, because on a busy machine seconds pass without any.
    let overtook = server.requests().len() - before;
    assert!(overtook < 300, "{overtook} requests overtook it");
    small.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_chain_waits_a_moment_for_its_first_model_and_then_asks_the_cheaper_one() {
    let server = Server::play([endless(), answer(0.000_03, 0)]);
    let client = client(&server, Budget::new().total(0.001));
    let _holder = begin(&client).await;
    let chain = client.chat([MINI, "meta-llama/llama-3.3-70b-instruct:free"]);
    let reply = chain.user("Hello").max_tokens(1_000).send().await.unwrap();
    let skipped = reply.trail.skipped();
    assert!(
        matches!(skipped[0].why, SkipReason::MoneySetAside { .. }),
        "{skipped:?}"
    );
    assert!(
        reply.latency < Duration::from_secs(5),
        "{:?}",
        reply.latency
    );
}

#[tokio::test]
async fn a_day_that_is_used_up_is_worth_waiting_for_and_a_limit_that_is_too_small_is_not() {
    let server = Server::play([answer(0.000_9, 0)]);
    let daily = client(&server, Budget::new().per_day(0.001).total(1));
    ask(&daily).send().await.unwrap();
    let error = ask(&daily).send().await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    let wait = error.retry_after().unwrap();
    assert!(wait <= Duration::from_secs(86_400) && !wait.is_zero());
    assert!(error.hint().unwrap().contains("midnight UTC"), "{error:?}");

    for budget in [
        Budget::new().per_day(0.0001),
        Budget::new().total(0.0001),
        Budget::new().per_call(0.0001),
    ] {
        let begun = Instant::now();
        let error = ask(&client(&server, budget)).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
        assert!(
            !error.is_retryable() && error.retry_after().is_none(),
            "{error:?}"
        );
        assert!(!error.hint().unwrap().contains("midnight"), "{error:?}");
        assert!(begun.elapsed() < Duration::from_secs(1));
    }
}
