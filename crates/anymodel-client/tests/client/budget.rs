//! What may be spent: kept before the request goes out, exactly, whoever asks at the same time.

use std::time::Duration;

use crate::support::{self, Play, Server};
use anymodel::{
    Budget, Client, ClientBuilder, ErrorKind, Event, NextAction, Prefer, SkipReason, SpendingLimit,
};
use futures_util::future::join_all;
use rust_decimal::Decimal;
use serde_json::json;

const MINI: &str = "openai/gpt-4o-mini";
const DEAR: &str = "anthropic/claude-sonnet-4.6";

fn usd(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// An answer that costs so much, as the platform says.
fn answer(cost: &str) -> Play {
    support::json(
        200,
        &format!(
            r#"{{"id":"gen-1","model":"{MINI}","choices":[{{"finish_reason":"stop","message":{{"content":"Hi"}}}}],
            "usage":{{"prompt_tokens":10,"completion_tokens":100,"total_tokens":110,"cost":{cost}}}}}"#
        ),
    )
}

fn refused(status: u16) -> Play {
    support::json(status, r#"{"error":{"message":"not now"}}"#)
}

fn builder(server: &Server) -> ClientBuilder {
    Client::builder()
        .base_url(server.url())
        .key("sk-or-v1-test0123456789")
}

fn client(server: &Server, budget: Budget) -> Client {
    builder(server).budget(budget).build().unwrap()
}

#[tokio::test]
async fn what_an_answer_really_cost_takes_the_place_of_what_was_set_aside() {
    let server = Server::play([answer("0.001"), answer("0.002")]);
    let client = client(&server, Budget::new().per_day(1).total(0.5));
    client.ask(MINI, "Hello").await.unwrap();
    client.clone().ask(MINI, "Hello").await.unwrap();

    let stats = client.stats();
    assert_eq!((stats.calls, stats.attempts, stats.answers), (2, 2, 2));
    assert_eq!(stats.cost.amount, usd("0.003"));
    let (today, total) = (stats.today.unwrap(), stats.total.unwrap());
    assert_eq!((today.spent, today.reserved), (usd("0.003"), Decimal::ZERO));
    assert_eq!(today.left(), Some(usd("0.997")));
    assert_eq!(total.left(), Some(usd("0.497")));
}

#[tokio::test]
async fn a_call_that_may_cost_more_than_is_left_is_not_sent() {
    let server = Server::play([answer("0.009"), answer("0.001")]);
    let client = client(&server, Budget::new().total(0.01));
    client
        .chat(MINI)
        .user("Hello")
        .max_tokens(100)
        .send()
        .await
        .unwrap();

    // 2,000 tokens at $0.6 a million are more than a tenth of a cent.
    let chat = client.chat(MINI).user("Hello").max_tokens(2_000);
    let error = chat.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
    assert!(!error.is_retryable());
    let SkipReason::OverBudget { limit, left, cost } = error.trail().skipped()[0].why else {
        panic!("{error:?}");
    };
    assert_eq!((limit, left), (SpendingLimit::Total, usd("0.001")));
    assert!(cost > left && cost < usd("0.0015"), "{cost}");
    assert_eq!(server.requests().len(), 1);

    // What the hint names fits.
    let hint = error.hint().unwrap();
    let number = hint.split("max_tokens(").nth(1).unwrap();
    let tokens: u32 = number.split(')').next().unwrap().parse().unwrap();
    assert!((256..2_000).contains(&tokens), "{hint}");
    client
        .chat(MINI)
        .user("Hello")
        .max_tokens(tokens)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_cheaper_model_of_the_chain_is_asked_when_the_dear_one_does_not_fit() {
    let server = Server::play([answer("0.0001")]);
    let client = client(&server, Budget::new().per_call(0.002));
    let chat = client.chat([DEAR, MINI]).user("Hello").max_tokens(1_000);
    let reply = chat.send().await.unwrap();

    assert_eq!(reply.trail.len(), 1);
    let skipped = &reply.trail.skipped()[0];
    assert_eq!(skipped.model, DEAR);
    assert!(matches!(
        skipped.why,
        SkipReason::OverBudget {
            limit: SpendingLimit::PerCall,
            ..
        }
    ));
    assert!(
        skipped.to_string().contains("left for this call"),
        "{skipped}"
    );
}

#[tokio::test]
async fn each_fallback_is_checked_again_with_what_the_failed_attempts_have_cost() {
    // The first fails after it was paid for: a 200 that is cut off, with its cost.
    let cut = support::events(
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hal\"}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2,\"cost\":0.0019}}\n\n",
    );
    let server = Server::play([cut, answer("0.0001")]);
    let client = client(&server, Budget::new().per_call(0.002));
    let chat = client
        .chat([MINI, "openai/gpt-4.1-nano"])
        .user("Hello")
        .max_tokens(1_000);
    let error = chat.stream().final_reply().await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::BudgetExceeded, "{error:?}");
    assert_eq!(error.trail().len(), 1);
    assert_eq!(error.trail().last().unwrap().next, NextAction::MovedOn);
    let SkipReason::OverBudget { left, .. } = error.trail().skipped()[0].why else {
        panic!()
    };
    assert_eq!(left, usd("0.0001"));
}

#[tokio::test]
async fn a_call_without_a_longest_answer_gets_the_one_that_the_money_is_counted_for() {
    let server = Server::play([answer("0.001"), answer("0.001"), answer("0.001")]);
    client(&server, Budget::new().total(1))
        .ask(MINI, "Hello")
        .await
        .unwrap();
    assert_eq!(server.body(0)["max_tokens"], 4096);
    // So many tokens of Sonnet cost more than a limit per call of two cents: the answer is held to what it pays for.
    client(&server, Budget::new().per_call(0.02))
        .ask(DEAR, "Hello")
        .await
        .unwrap();
    let most = server.body(1)["max_tokens"].as_u64().unwrap();
    assert!((1_000..1_400).contains(&most), "{most}");
    // Who names a length is not overruled, and without a budget nothing is added.
    builder(&server)
        .build()
        .unwrap()
        .ask(MINI, "Hello")
        .await
        .unwrap();
    assert!(server.body(2).get("max_tokens").is_none());
    let client = client(&server, Budget::new().per_call(0.02));
    let chat = client.chat(DEAR).user("Hello").max_tokens(4_000);
    assert_eq!(
        chat.send().await.unwrap_err().kind(),
        ErrorKind::BudgetExceeded
    );
}

/// Whether a model was passed over for want of money.
fn is_over_budget(error: &anymodel::Error) -> bool {
    let mut skipped = error.trail().skipped().iter();
    skipped.any(|skipped| matches!(skipped.why, SkipReason::OverBudget { .. }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_calls_at_once_never_spend_more_than_there_is() {
    let client = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .budget(Budget::new().total(0.002).per_day(0.003))
        .build()
        .unwrap();
    let (mut over, mut answered) = (0, true);
    let mut round = 0;
    // Until nobody gets an answer any more.
    while answered {
        answered = false;
        round += 1;
        let calls = (0..64).map(|number| {
            let client = client.clone();
            tokio::spawn(async move {
                let chat = client
                    .chat(MINI)
                    .user(format!("Say {number} in a sentence."))
                    .max_tokens(300);
                match (number + round) % 3 {
                    0 => chat.stream().final_reply().await,
                    1 => {
                        let chain = client
                            .chat(["sandbox/down", MINI])
                            .user("Hello")
                            .max_tokens(300);
                        chain.send().await
                    }
                    _ => chat.send().await,
                }
            })
        });
        for call in join_all(calls).await {
            match call.unwrap() {
                Ok(_) => answered = true,
                Err(error) if error.kind() == ErrorKind::BudgetExceeded => over += 1,
                // The model that is down was left alone, and asked after the other one had been refused.
                Err(error) if is_over_budget(&error) => over += 1,
                Err(error) => panic!("{error:?}"),
            }
        }
        let status = client.stats().total.unwrap();
        assert!(status.spent <= usd("0.002"), "{}", status.spent);
        assert_eq!(status.reserved, Decimal::ZERO);
    }
    let stats = client.stats();
    assert_eq!(stats.total.unwrap().spent, stats.cost.amount);
    assert!(over > 0 && stats.answers > 10, "{stats}");
    // It was not stopped long before the end either: no more is left than one call may cost.
    assert!(
        stats.total.unwrap().left().unwrap() < usd("0.0003"),
        "{stats}"
    );
}

#[tokio::test]
async fn a_call_that_is_cancelled_gives_back_what_it_did_not_use() {
    let server = Server::play([Play::Silence(Duration::from_secs(5))]);
    let client = client(&server, Budget::new().total(1));
    let call = client.ask(MINI, "What is recursion, in three long paragraphs?");
    tokio::time::timeout(Duration::from_millis(200), call)
        .await
        .unwrap_err();

    // Nobody can hear how long the answer has become by then: all that was set aside counts, and nothing stays aside.
    let status = client.stats().total.unwrap();
    assert_eq!(status.reserved, Decimal::ZERO);
    let longest = usd("0.0024576");
    assert!(
        status.spent > longest && status.spent < longest + usd("0.0001"),
        "{}",
        status.spent
    );
}

#[tokio::test]
async fn an_unstreamed_call_out_of_time_counts_as_the_longest_answer_and_a_streamed_one_as_far_as_it_came()
 {
    let silence = || Play::Silence(Duration::from_secs(5));
    let server = Server::play([silence(), silence()]);
    let client = client(&server, Budget::new().total(1));
    let chat = || {
        let chat = client.chat(MINI).user("Hello").max_tokens(1_000);
        chat.retries(0).timeout(Duration::from_millis(300))
    };
    let spent = || client.stats().total.unwrap().spent;
    assert_eq!(chat().send().await.unwrap_err().kind(), ErrorKind::Timeout);
    let whole = spent();
    assert!(whole > usd("0.0006") && whole < usd("0.00061"), "{whole}");
    chat().stream().final_reply().await.unwrap_err();
    assert!(spent() - whole < usd("0.00001"), "{}", spent());
}

#[tokio::test]
async fn a_request_that_cannot_be_written_for_its_platform_costs_nothing() {
    let client = Client::builder()
        .platform("sandbox")
        .budget(Budget::new().total(1))
        .build()
        .unwrap();
    let chat = client.chat("anthropic:claude-sonnet-4-6").user("Hello");
    let chat = chat.response_format(anymodel::ResponseFormat::JsonObject);
    let error = chat.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error:?}");
    let status = client.stats().total.unwrap();
    assert_eq!(
        (status.spent, status.reserved),
        (Decimal::ZERO, Decimal::ZERO)
    );
}

#[tokio::test]
async fn rounds_of_tool_calls_remember_what_an_attempt_without_an_answer_may_have_cost() {
    let calls = json!({
        "id": "gen-1", "model": MINI,
        "choices": [{ "finish_reason": "tool_calls", "message": { "content": null, "tool_calls": [
            { "id": "1", "type": "function", "function": { "name": "now", "arguments": "{}" } }
        ]}}],
        "usage": { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 0.0001 },
    });
    let server = Server::play([
        Play::Silence(Duration::from_secs(5)),
        support::json(200, &calls.to_string()),
        answer("0.0001"),
    ]);
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Nothing {}
    // 1,000 tokens are $0.0006 at most, and that is what the attempt out of time counts as; the next model's are $0.0004.
    let client = client(&server, Budget::new().per_call(0.0011));
    let chat = client
        .chat([MINI, "openai/gpt-4.1-nano"])
        .user("What time is it?");
    let chat = chat.max_tokens(1_000).retries(0);
    let chat = chat.timeout(Duration::from_millis(500));
    let chat = chat.tool("now", "The time", |_: Nothing| async { "noon" });
    let error = chat.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded, "{error:?}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_stream_that_is_cancelled_is_booked_as_far_as_it_came() {
    let word =
        "data: {\"choices\":[{\"delta\":{\"content\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}}]}\n\n";
    let pieces = (0..50).map(|_| word.as_bytes().to_vec());
    let server = Server::play([support::pieces(pieces, Duration::from_millis(20), true)]);
    let client = client(&server, Budget::new().total(1));
    let mut stream = client.chat(MINI).user("Hello").stream();
    let mut texts = 0;
    while texts < 5 {
        if let Event::Text(_) = stream.next().await.unwrap().unwrap() {
            texts += 1;
        }
    }
    drop(stream);
    let status = client.stats().total.unwrap();
    assert_eq!(status.reserved, Decimal::ZERO);
    // 150 bytes are some 50 tokens at $0.6 a million.
    assert!(
        status.spent >= usd("0.00003") && status.spent < usd("0.0002"),
        "{}",
        status.spent
    );
}

#[tokio::test]
async fn a_model_whose_price_nobody_knows_is_asked_only_where_that_is_allowed() {
    let server = Server::play([answer("0.5"), answer("0.1")]);
    let careful = client(&server, Budget::new().per_call(1));
    for (target, hint) in [
        (anymodel::Target::from("acme/new"), "price_per_1k_input"),
        (Prefer::Cheapest.into(), "among"),
    ] {
        let error = careful.ask(target, "Hello").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
        assert!(error.hint().unwrap().contains(hint), "{error:?}");
    }
    assert!(server.requests().is_empty());
    // A wish among models with a price has the dearest one's.
    let wish = Prefer::Cheapest.among([MINI, "openai/gpt-4o"]);
    careful.ask(wish, "Hello").await.unwrap();

    let bold = client(&server, Budget::new().total(1).allow_unknown_prices());
    bold.ask("acme/new", "Hello").await.unwrap();
    assert_eq!(bold.stats().total.unwrap().spent, usd("0.1"));
}

#[tokio::test]
async fn a_model_whose_price_nobody_knows_is_asked_no_more_when_nothing_is_left() {
    let server = Server::play([answer("0.5")]);
    let bold = client(&server, Budget::new().total(0.05).allow_unknown_prices());
    bold.ask("acme/new", "Hello").await.unwrap();
    let error = bold.ask("acme/new", "Hello").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
    assert!(
        error
            .to_string()
            .contains("nobody knows its price, and $0 is left in all"),
        "{error}"
    );
    let nothing = Budget::new().per_call(0).allow_unknown_prices();
    let error = client(&server, nothing).ask("acme/new", "Hello").await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::BudgetExceeded);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_free_model_answers_when_the_money_is_gone() {
    let server = Server::play([answer("0.02"), answer("0")]);
    let client = client(&server, Budget::new().total(0.01));
    client.ask(MINI, "Hello").await.unwrap();
    // It cost more than could be known; nothing is left, and no less than nothing.
    assert_eq!(client.stats().total.unwrap().left(), Some(Decimal::ZERO));
    let chain = [MINI, "meta-llama/llama-3.3-70b-instruct:free"];
    let reply = client.ask(chain, "Hello").await.unwrap();
    assert_eq!(reply.trail.skipped().len(), 1);
}

#[tokio::test]
async fn without_credit_a_free_model_of_the_same_platform_is_still_asked_and_a_paid_one_is_not() {
    let server = Server::play([refused(402), answer("0"), refused(402), refused(402)]);
    let client = builder(&server).build().unwrap();
    let free = "meta-llama/llama-3.3-70b-instruct:free";
    let reply = client.ask([MINI, DEAR, free], "Hello").await.unwrap();
    let asked: Vec<_> = reply
        .trail
        .iter()
        .map(|attempt| attempt.model_asked.as_str())
        .collect();
    assert_eq!(asked, [MINI, free]);
    // An account in debt may not even ask those: then it is over.
    let error = client.ask([MINI, free, free], "Hello").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PaymentRequired);
    assert_eq!(error.trail().len(), 2);
}

#[tokio::test]
async fn rounds_of_tool_calls_are_one_call_to_a_limit_per_call() {
    let calls = json!({
        "id": "gen-1", "model": MINI,
        "choices": [{ "finish_reason": "tool_calls", "message": { "content": null, "tool_calls": [
            { "id": "1", "type": "function", "function": { "name": "now", "arguments": "{}" } }
        ]}}],
        "usage": { "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, "cost": 0.0019 },
    });
    let server = Server::play([support::json(200, &calls.to_string()), answer("0.0001")]);
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Nothing {}
    let client = client(&server, Budget::new().per_call(0.002));
    let chat = client.chat(MINI).user("What time is it?").max_tokens(300);
    let chat = chat.tool("now", "The time", |_: Nothing| async { "noon" });
    let error = chat.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded, "{error:?}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn questions_that_were_paid_for_twice_are_found_in_memory() {
    let client = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .count_duplicates()
        .keep_questions(true)
        .build()
        .unwrap();
    assert!(client.duplicates().is_empty());
    for question in [
        "What is recursion?",
        "What is a closure?",
        "What  is recursion?\n",
    ] {
        client.ask(MINI, question).await.unwrap();
    }
    client
        .ask(
            "meta-llama/llama-3.3-70b-instruct:free",
            "What is recursion?",
        )
        .await
        .unwrap();
    client
        .ask(
            "meta-llama/llama-3.3-70b-instruct:free",
            "What is recursion?",
        )
        .await
        .unwrap();
    let repeats = client.duplicates();
    assert_eq!(repeats.questions.len(), 1, "{repeats}");
    let one = &repeats.questions[0];
    assert_eq!(
        (one.times, one.question.as_deref()),
        (2, Some("What is recursion?"))
    );
    assert!(one.wasted > Decimal::ZERO && one.wasted < one.cost);
    assert!(
        repeats.to_string().contains("sandbox (simulated)"),
        "{repeats}"
    );
}

#[test]
fn an_amount_that_is_none_is_refused_when_the_client_is_built() {
    for (budget, which) in [
        (Budget::new().per_call(-1), "per call is -1,"),
        (Budget::new().per_day(f64::NAN), "per day"),
        (Budget::new().total("much").per_day(1), "in all"),
    ] {
        let built = Client::builder().platform("sandbox").budget(budget).build();
        let error = built.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(which), "{error}");
    }
}

#[tokio::test]
async fn the_articles_file_limits_each_call_and_the_builder_counts_more() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/client/config/article.yaml"
    );
    let settings = || anymodel::Settings::from_config_and(file, |_| None).unwrap();
    let in_sandbox = |builder: ClientBuilder| builder.platform("sandbox").sandbox_time_scale(0.0);
    let client = in_sandbox(ClientBuilder::from(settings())).build().unwrap();
    assert_eq!(client.stats().per_call, Some(usd("0.05")));
    client
        .ask(anymodel::Target::Default, "Hello")
        .await
        .unwrap();

    let strict = Budget::new().per_call(0.000001);
    let client = in_sandbox(ClientBuilder::from(settings()))
        .budget(strict)
        .build()
        .unwrap();
    let error = client
        .ask(anymodel::Target::Default, "Hello")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded, "{error:?}");
}
