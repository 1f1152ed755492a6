//! What is kept, what is not, and for how long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anymodel::prelude::*;
use anymodel::{BypassReason, Cache, CostSource, Event};
use rust_decimal::Decimal;

use super::support::{Server, answer, events, json};
use super::{QUESTION, asked, with};

#[tokio::test]
async fn the_same_question_is_asked_once_and_costs_nothing_the_second_time() {
    let cache = Cache::exact();
    let (server, client) = asked(&cache, &["One."]);
    let first = client.ask("acme/one", QUESTION).await.unwrap();
    assert_eq!(first.cached, None);
    let again = client.ask("acme/one", QUESTION).await.unwrap();
    assert_eq!(again.cached, Some(Cached::Exact));
    assert_eq!(
        (&again.text, &again.model, &again.platform),
        (&first.text, &first.model, &first.platform)
    );
    assert_eq!(
        (again.usage, &again.finish_reason, &again.id),
        (first.usage, &first.finish_reason, &first.id)
    );
    assert_eq!(again.cost, Some(Decimal::ZERO));
    let spent = again.spent().unwrap();
    assert_eq!(
        (spent.amount, spent.source),
        (Decimal::ZERO, CostSource::Reported)
    );
    assert!(again.trail.is_empty());
    assert!(again.latency < first.latency);
    assert!(
        again.summary().contains("not asked: the same question"),
        "{}",
        again.summary()
    );
    assert_eq!(server.requests().len(), 1);

    let statistics = cache.statistics();
    assert_eq!(
        (statistics.exact, statistics.misses, statistics.entries),
        (1, 1, 1)
    );
    assert_eq!(
        (
            statistics.prompt_tokens_saved,
            statistics.completion_tokens_saved
        ),
        (3, 2)
    );
    assert_eq!(statistics.saved, first.cost.unwrap());
    assert!((statistics.hit_rate() - 0.5).abs() < 1e-9);
}

#[tokio::test]
async fn clones_and_clients_share_what_is_kept() {
    let cache = Cache::exact();
    let (_one, first) = asked(&cache.clone(), &["One."]);
    first.ask("acme/one", QUESTION).await.unwrap();
    let (server, _) = asked(&cache, &[]);
    // Another address may answer otherwise; the same address through another client does not.
    assert!(
        with(&server, &cache)
            .ask("acme/one", QUESTION)
            .await
            .is_err()
    );
    assert!(
        first
            .clone()
            .ask("acme/one", QUESTION)
            .await
            .unwrap()
            .cached
            .is_some()
    );
}

#[tokio::test]
async fn an_answer_that_is_kept_can_be_streamed_and_one_that_was_streamed_is_kept() {
    let body = "data: {\"model\":\"acme/answering\",\"choices\":[{\"delta\":{\"content\":\"Two words 你好\"},\"finish_reason\":\"stop\"}],\
                \"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5,\"cost\":0.0000171}}\n\ndata: [DONE]\n\n";
    let cache = Cache::exact();
    let server = Server::play([events(body)]);
    let client = with(&server, &cache);
    let chat = client.chat("acme/one").user(QUESTION);
    assert_eq!(
        chat.clone().stream().final_reply().await.unwrap().cached,
        None
    );

    let mut stream = chat.clone().stream();
    let (mut text, mut kinds) = (String::new(), Vec::new());
    while let Some(event) = stream.next().await {
        kinds.push(match event.unwrap() {
            Event::Started { model, platform } => {
                assert!(!platform.is_empty());
                format!("started {model}")
            }
            Event::Text(more) => {
                text.push_str(&more);
                "text".to_owned()
            }
            Event::Usage { usage, cost } => {
                assert_eq!((usage.total_tokens, cost), (5, Some(Decimal::ZERO)));
                "usage".to_owned()
            }
            Event::Finished(reply) => {
                assert_eq!(reply.cached, Some(Cached::Exact));
                assert_eq!(reply.text, text);
                "finished".to_owned()
            }
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(
        kinds,
        [
            "started acme/answering",
            "text",
            "text",
            "text",
            "usage",
            "finished"
        ]
    );
    assert_eq!(text, "Two words 你好");
    assert!(chat.send().await.unwrap().cached.is_some());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn errors_and_answers_that_are_not_whole_are_not_kept() {
    let cut = |finish: &str| answer("Half an ans").replace("\"stop\"", &format!("\"{finish}\""));
    let calls = answer("").replace(
        "\"content\":\"\"",
        "\"content\":null,\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]",
    );
    let cache = Cache::exact();
    let server = Server::play([
        json(500, "{}"),
        json(200, &cut("length")),
        json(200, &cut("content_filter")),
        json(200, &calls.replace("\"stop\"", "\"tool_calls\"")),
        json(200, &answer("Whole.")),
    ]);
    let client = with(&server, &cache);
    for _ in 0..5 {
        match client.ask("acme/one", QUESTION).await {
            Ok(reply) => assert_eq!(reply.cached, None, "{reply}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Server),
        }
    }
    let kept = client.ask("acme/one", QUESTION).await.unwrap();
    assert_eq!(
        (kept.text.as_str(), kept.cached),
        ("Whole.", Some(Cached::Exact))
    );
    assert_eq!(cache.statistics().not_kept, 4);
}

#[tokio::test]
async fn a_question_that_opts_out_or_wants_variety_is_asked_each_time() {
    let cache = Cache::exact();
    let (server, client) = asked(&cache, &["1", "2", "3", "4", "5", "6", "7"]);
    let chat = || client.chat("acme/one").user(QUESTION);
    for _ in 0..2 {
        assert_eq!(chat().no_cache().send().await.unwrap().cached, None);
        assert_eq!(chat().temperature(1.5).send().await.unwrap().cached, None);
        client.ask("acme/one", "What time is it?").await.unwrap();
    }
    // A seed asks for the same, however warm.
    assert_eq!(
        chat().temperature(1.5).seed(7).send().await.unwrap().cached,
        None
    );
    assert!(
        chat()
            .temperature(1.5)
            .seed(7)
            .send()
            .await
            .unwrap()
            .cached
            .is_some()
    );
    assert_eq!(server.requests().len(), 7);
    let bypassed = cache.statistics().bypassed;
    for why in [
        BypassReason::OptedOut,
        BypassReason::Temperature,
        BypassReason::Time,
    ] {
        assert!(bypassed.contains(&(why, 2)), "{why}: {bypassed:?}");
    }
}

#[tokio::test]
async fn what_was_said_before_may_forbid_to_keep_the_answer() {
    let cache = Cache::exact();
    let (server, client) = asked(&cache, &["Wet.", "Wet."]);
    for _ in 0..2 {
        let earlier = [
            Message::user("What is the weather in Oslo?"),
            Message::assistant("Dry."),
        ];
        let chat = client
            .chat("acme/one")
            .history(earlier)
            .user("And in Bergen?");
        assert_eq!(chat.send().await.unwrap().cached, None);
    }
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn functions_run_each_time() {
    #[derive(Deserialize, JsonSchema)]
    struct Place {
        #[allow(dead_code)]
        city: String,
    }
    let runs = Arc::new(AtomicU64::new(0));
    let cache = Cache::exact();
    let client = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .cache(&cache)
        .build()
        .unwrap();
    for _ in 0..2 {
        let count = Arc::clone(&runs);
        let order = move |_: Place| {
            count.fetch_add(1, Ordering::SeqCst);
            async { Ok::<_, String>("done".to_owned()) }
        };
        let chat = client
            .chat("openai/gpt-4o-mini")
            .user("Order a taxi in Oslo.");
        let reply = chat
            .tool("order_taxi", "Orders a taxi.", order)
            .send()
            .await
            .unwrap();
        assert!(!reply.tool_runs.is_empty());
    }
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(cache.statistics().bypassed, [(BypassReason::Functions, 2)]);
}

#[tokio::test]
async fn a_typed_answer_is_kept_as_it_fitted() {
    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    struct City {
        name: String,
    }
    let cache = Cache::exact();
    let server = Server::play([
        json(200, &answer("no JSON at all")),
        json(200, &answer("{\"name\": \"Oslo\"}")),
    ]);
    let client = with(&server, &cache);
    let ask = || {
        client
            .chat("openai/gpt-4o-mini")
            .user("A city, please")
            .json_with_reply::<City>()
    };
    let (city, reply) = ask().await.unwrap();
    assert_eq!((reply.cached, reply.trail.len()), (None, 2));
    let (again, reply) = ask().await.unwrap();
    assert_eq!(again, city);
    assert_eq!(reply.cached, Some(Cached::Exact));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn an_answer_grows_old_and_a_clock_that_is_set_back_does_no_harm() {
    let now = Arc::new(AtomicU64::new(1_000_000));
    let told = Arc::clone(&now);
    let cache = Cache::exact()
        .time_to_live(Duration::from_secs(60))
        .clock(move || SystemTime::UNIX_EPOCH + Duration::from_secs(told.load(Ordering::SeqCst)));
    let (_server, client) = asked(&cache, &["One.", "Two."]);
    let ask = async || client.ask("acme/one", QUESTION).await.unwrap();
    ask().await;
    now.store(1_000_060, Ordering::SeqCst);
    assert!(ask().await.cached.is_some());
    now.store(900_000, Ordering::SeqCst);
    assert!(ask().await.cached.is_some());
    now.store(1_000_061, Ordering::SeqCst);
    assert_eq!(ask().await.text, "Two.");
    assert_eq!(cache.statistics().expired, 1);
}

#[tokio::test]
async fn what_was_used_longest_ago_goes_first() {
    let cache = Cache::exact().max_entries(2);
    let (_server, client) = asked(&cache, &["a", "b", "c", "b"]);
    let ask = async |question: &str| client.ask("acme/one", question).await.unwrap();
    ask("Letter one?").await;
    ask("Letter two?").await;
    assert!(ask("Letter one?").await.cached.is_some());
    ask("Letter three?").await;
    assert!(ask("Letter one?").await.cached.is_some());
    assert!(ask("Letter two?").await.cached.is_none());
    let statistics = cache.statistics();
    assert_eq!((statistics.entries, statistics.evicted), (2, 2));
}

#[tokio::test]
async fn memory_is_bounded_and_what_is_too_long_is_not_kept() {
    let cache = Cache::exact().max_megabytes(1);
    let long = "x".repeat(100_000);
    let much_too_long = "y".repeat(200_000);
    let mut answers = vec![long.as_str(); 30];
    answers.push(&much_too_long);
    let (_server, client) = asked(&cache, &answers);
    for number in 0..31 {
        client
            .ask("acme/one", format!("Letter number {number}?"))
            .await
            .unwrap();
        assert!(cache.statistics().bytes <= 1 << 20);
    }
    let statistics = cache.statistics();
    assert!((8..=10).contains(&statistics.entries), "{statistics:?}");
    assert_eq!(statistics.not_kept, 1);
    cache.clear().unwrap();
    assert_eq!(
        (cache.statistics().entries, cache.statistics().bytes),
        (0, 0)
    );
}

#[tokio::test]
async fn a_comparison_asks_only_those_that_are_not_known() {
    let cache = Cache::exact();
    let (server, client) = asked(&cache, &["a", "b"]);
    client.ask("acme/one", QUESTION).await.unwrap();
    let comparison = client.compare(["acme/one", "acme/two"], QUESTION).await;
    let known: Vec<bool> = comparison
        .replies()
        .map(|reply| reply.cached.is_some())
        .collect();
    assert_eq!(known, [true, false]);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn the_statistics_show_as_a_table() {
    let shown = Cache::exact().statistics().to_string();
    assert!(
        shown.contains("0 of 0 questions") && shown.contains("always asked"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_answer_of_a_fallback_is_kept_for_minutes_only() {
    let now = Arc::new(AtomicU64::new(1_000_000));
    let told = Arc::clone(&now);
    let cache = Cache::exact()
        .clock(move || SystemTime::UNIX_EPOCH + Duration::from_secs(told.load(Ordering::SeqCst)));
    let server = Server::play([
        json(500, "{}"),
        json(200, &answer("Weak.")),
        json(200, &answer("Strong.")),
    ]);
    let client = with(&server, &cache);
    let ask = async || {
        client
            .ask(["acme/one", "acme/two"], QUESTION)
            .await
            .unwrap()
    };
    assert_eq!(ask().await.text, "Weak.");
    now.store(1_000_300, Ordering::SeqCst);
    assert!(ask().await.cached.is_some());
    now.store(1_000_301, Ordering::SeqCst);
    assert_eq!(ask().await.text, "Strong.");
    now.store(1_200_000, Ordering::SeqCst);
    assert!(
        ask().await.cached.is_some(),
        "the first one's is kept for days"
    );
}

#[tokio::test]
async fn a_telephone_number_in_the_standing_orders_is_not_kept() {
    let cache = Cache::exact();
    let (server, client) = asked(&cache, &["One.", "One."]);
    for _ in 0..2 {
        let chat = client
            .chat("acme/one")
            .system("Mr Miller has +49 30 1234 5678.");
        assert_eq!(chat.user(QUESTION).send().await.unwrap().cached, None);
    }
    assert_eq!(server.requests().len(), 2);
    assert_eq!(cache.statistics().bypassed, [(BypassReason::Personal, 2)]);
}
