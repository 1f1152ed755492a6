//! Every message a learner may read, held by a golden file.
//!
//! After a change of words: `INSTA_UPDATE=always cargo test -p anymodel-client --test client messages`, then read the
//! difference in `snapshots/`.

use std::time::Duration;

use crate::support::{Play, Server, answer, json, respond};
use anymodel::{Budget, Cache, Client, Error, Prefer, Router, RoutingContext, Settings, Target};

/// What a learner sees when `main` or a cell ends with this error, without what differs from run to run.
fn told(case: &str, error: &Error, server: Option<&Server>) -> String {
    let mut text = format!("{error:?}");
    if let Some(server) = server {
        text = text.replace(server.address(), "127.0.0.1:PORT");
    }
    format!("== {case}: {} ==\n{text}\n\n", error.kind())
}

fn error(status: u16, message: &str) -> Play {
    json(
        status,
        &format!(r#"{{"error":{{"code":{status},"message":"{message}"}}}}"#),
    )
}

#[tokio::test]
async fn every_failure_of_a_call_says_what_happened_and_what_to_do() {
    let upstream = r#"{"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"busy, try later","provider_name":"HarborAI"}}}"#;
    let context = r#"{"error":{"code":400,"message":"This model's maximum context length is 8192 tokens","metadata":{"error_type":"context_length_exceeded"}}}"#;
    let moderation = r#"{"error":{"code":403,"message":"Your input was flagged","metadata":{"reasons":["violence"]}}}"#;
    let cases: Vec<(&str, &str, Play)> = vec![
        (
            "key refused",
            "openai/gpt-4o-mini",
            error(401, "No auth credentials found"),
        ),
        (
            "no credit",
            "openai/gpt-4o-mini",
            error(402, "Insufficient credits"),
        ),
        (
            "forbidden",
            "openai/gpt-4o-mini",
            error(403, "Only management keys can perform this operation"),
        ),
        (
            "misspelt model",
            "openai/gpt-4o-mimi",
            error(400, "openai/gpt-4o-mimi is not a valid model ID"),
        ),
        (
            "model without its maker",
            "claude-3-haiku",
            error(400, "claude-3-haiku is not a valid model ID"),
        ),
        (
            "invalid request",
            "openai/gpt-4o-mini",
            error(400, "Invalid request parameters"),
        ),
        (
            "rate limited, with a wait",
            "openai/gpt-4o-mini",
            respond(
                429,
                "retry-after: 60\r\n",
                r#"{"error":{"code":429,"message":"Rate limit exceeded"}}"#,
            ),
        ),
        (
            "rate limited by a host",
            "openai/gpt-4o-mini",
            json(429, upstream),
        ),
        (
            "server error",
            "openai/gpt-4o-mini",
            error(500, "Internal Server Error"),
        ),
        (
            "a web page from the edge",
            "openai/gpt-4o-mini",
            respond(
                502,
                "content-type: text/html\r\n",
                "<html><h1>Bad gateway</h1></html>",
            ),
        ),
        (
            "overloaded",
            "openai/gpt-4o-mini",
            error(503, "Service temporarily unavailable"),
        ),
        ("context too long", "openai/gpt-4o-mini", json(400, context)),
        (
            "content refused",
            "openai/gpt-4o-mini",
            json(403, moderation),
        ),
        (
            "not JSON",
            "openai/gpt-4o-mini",
            respond(200, "", "It works!"),
        ),
        (
            "broken off",
            "openai/gpt-4o-mini",
            respond(200, "", "{\"choices\":[{\"mess"),
        ),
        ("connection closed", "openai/gpt-4o-mini", Play::Hang),
        (
            "silence",
            "openai/gpt-4o-mini",
            Play::Silence(Duration::from_secs(3)),
        ),
    ];
    let mut all = String::new();
    for (case, model, play) in cases {
        let server = Server::play([play]);
        let chat = server
            .client()
            .chat(model)
            .user("Hi")
            .retries(0)
            .timeout(Duration::from_millis(500));
        let error = chat.send().await.expect_err(case);
        all += &told(case, &error, Some(&server));
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn a_chain_that_fails_entirely_tells_of_each_model() {
    let server = Server::play([
        error(429, "Rate limit exceeded"),
        error(503, "Down"),
        error(404, "No endpoints found"),
    ]);
    let result = server
        .client()
        .ask(["acme/one", "acme/two", "acme/three"], "Hi")
        .await;
    insta::assert_snapshot!(told("chain", &result.unwrap_err(), Some(&server)));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let client = Client::builder()
        .base_url("http://127.0.0.1:9/v1")
        .retries(0)
        .build()
        .unwrap();
    let error = client.ask("openai/gpt-4o-mini", "Hi").await.unwrap_err();
    insta::assert_snapshot!(told("nobody listens", &error, None));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_it_costs_a_round_trip() {
    let server = Server::play([json(200, &answer("never"))]);
    let client = server.client();
    let plain = Client::builder()
        .platform("zenmux")
        .key("sk-test-0123456789")
        .build()
        .unwrap();
    let mut all = String::new();
    for (case, chat) in [
        ("empty prompt", client.chat("acme/one").user("  \n")),
        ("no prompt", client.chat("acme/one")),
        ("empty chain", client.chat(Vec::<String>::new()).user("Hi")),
        ("empty name", client.chat(["acme/one", " "]).user("Hi")),
        ("no default model", client.chat(Target::Default).user("Hi")),
        (
            "too hot",
            client.chat("acme/one").user("Hi").temperature(3.0),
        ),
        (
            "no tokens",
            client.chat("acme/one").user("Hi").max_tokens(0),
        ),
        (
            "a wish to four models",
            client
                .chat(Prefer::Cheapest.among(["a/1", "a/2", "a/3", "a/4"]))
                .user("Hi"),
        ),
        (
            "a wish where nobody chooses",
            plain.chat(Prefer::Best).user("Hi"),
        ),
        (
            "a highest price where nobody chooses hosts",
            plain.chat("acme/one").user("Hi").max_price(1, 4),
        ),
        (
            "hosts where there are none",
            plain.chat("acme/one").user("Hi").hosts(["azure"]),
        ),
        (
            "a price that is none",
            client.chat("acme/one").user("Hi").max_price(f64::NAN, 4),
        ),
        (
            "a host without a name",
            client.chat("acme/one").user("Hi").hosts([""]),
        ),
    ] {
        all += &told(case, &chat.send().await.expect_err(case), Some(&server));
    }
    assert!(server.requests().is_empty());
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn money_that_ends_says_how_much_was_left_what_the_call_would_have_cost_and_what_to_do() {
    let mut all = String::new();
    let long = "tell me more ".repeat(2_000);
    for (case, budget, target, question, spent) in [
        (
            "per call",
            Budget::new().per_call(0.0005),
            Target::from("openai/gpt-4o-mini"),
            "Hi",
            "0",
        ),
        (
            "per day",
            Budget::new().per_day(0.01).total(1),
            "openai/gpt-4o-mini".into(),
            "Hi",
            "0.0095",
        ),
        (
            "in all",
            Budget::new().total(0.01),
            "openai/gpt-4o-mini".into(),
            "Hi",
            "0.01",
        ),
        (
            "the question alone",
            Budget::new().per_call(0.001),
            "openai/gpt-4o-mini".into(),
            long.as_str(),
            "0",
        ),
        (
            "a chain",
            Budget::new().per_call(0.0005),
            ["openai/gpt-4o", "openai/gpt-4o-mini"].into(),
            "Hi",
            "0",
        ),
        (
            "no price",
            Budget::new().per_call(1),
            "acme/new".into(),
            "Hi",
            "0",
        ),
        (
            "a wish",
            Budget::new().per_call(1),
            Prefer::Cheapest.into(),
            "Hi",
            "0",
        ),
    ] {
        let paid = answer("Hi").replace("0.0000171", spent);
        let server = Server::play([json(200, &paid)]);
        let client = Client::builder()
            .base_url(server.url())
            .budget(budget)
            .build()
            .unwrap();
        if spent != "0" {
            let first = client.chat("openai/gpt-4o-mini").user("Hi").max_tokens(300);
            first.send().await.unwrap();
        }
        let chat = client.chat(target).user(question).max_tokens(1_000);
        all += &told(case, &chat.send().await.expect_err(case), Some(&server));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn settings_that_cannot_be_used_say_which_and_why() {
    let read = |name: &str, value: &str| {
        Settings::from_variables(|asked| (asked == name).then(|| value.to_owned())).unwrap_err()
    };
    let mut all = String::new();
    for (case, error) in [
        (
            "line break in the key",
            read("OPENROUTER_API_KEY", "sk-or-v1-0123\n4567"),
        ),
        (
            "placeholder",
            read("OPENROUTER_API_KEY", "sk-or-v1-xxxxxxxxxxxxxxxx"),
        ),
        (
            "full-width digits",
            read("OPENROUTER_API_KEY", "sk-or-v1-０１２３"),
        ),
        ("address", read("OPENROUTER_BASE_URL", "localhost:8080")),
        ("temperature", read("TEMPERATURE", "warm")),
        (
            "unknown platform",
            Client::builder()
                .platform("openruoter")
                .build()
                .unwrap_err(),
        ),
        (
            "platform without a key",
            Client::builder().platform("zenmux").build().unwrap_err(),
        ),
    ] {
        all += &told(case, &error, None);
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_file_of_answers_that_cannot_be_used_says_why_and_what_to_do() {
    let folder = std::env::temp_dir().join(format!("anymodel-messages-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let notes = folder.join("notes.md");
    std::fs::write(&notes, "# Notes").unwrap();
    let mut text = String::new();
    for (case, file) in [
        ("another file", notes),
        ("no such folder", folder.join("none").join("answers.cache")),
    ] {
        let builder = Client::builder().base_url("http://127.0.0.1:9/v1");
        let error = builder.cache(Cache::exact().at(file)).build().unwrap_err();
        text += &told(case, &error, None).replace(folder.to_str().unwrap(), "FOLDER");
    }
    std::fs::remove_dir_all(&folder).unwrap();
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn a_router_that_cannot_choose_says_why() {
    let server = Server::play([json(200, &answer("never"))]);
    let client = server.client();
    let two = || Router::new(["acme/one", "acme/two"]);
    let mut all = String::new();
    for (case, router) in [
        ("no models", Router::new(Vec::<String>::new())),
        ("an empty name", Router::new(["acme/one", " "])),
        ("too few weights", two().weights([1])),
        ("a weight below zero", two().weights([1, -1])),
        ("no weight at all", two().weights([0, 0])),
        (
            "a strategy that names somebody else",
            two().choose_by(|_: &RoutingContext| "acme/three"),
        ),
        (
            "a strategy that counts too far",
            two().choose_by(|_: &RoutingContext| 2),
        ),
    ] {
        let error = client.ask(&router, "Hi").await.expect_err(case);
        all += &told(case, &error, Some(&server));
    }
    assert!(server.requests().is_empty());
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn what_may_cost_money_is_refused_where_only_free_models_may_be_asked() {
    let server = Server::play([json(200, &answer("never"))]);
    let openrouter = Client::builder()
        .key("sk-or-v1-test0123456789")
        .free_models_only(true)
        .build()
        .unwrap();
    let elsewhere = Client::builder()
        .base_url(server.url())
        .free_models_only(true)
        .build()
        .unwrap();
    let free = "qwen/qwen3-8b:free";
    let mut all = String::new();
    for (case, chat) in [
        ("a paid model", openrouter.chat("openai/gpt-4o")),
        ("a paid fallback", openrouter.chat([free, "openai/gpt-4o"])),
        (
            "a model of its own choice",
            openrouter.chat(Prefer::Cheapest),
        ),
        (
            "a choice with a paid one in it",
            openrouter.chat(Prefer::Best.among([free, "openai/gpt-4o"])),
        ),
        (
            "a router with a paid one in it",
            openrouter.chat(Router::new([free, "openai/gpt-4o"]).fallbacks(0)),
        ),
        ("a server that nobody knows", elsewhere.chat("acme/one")),
    ] {
        let error = chat.user("Hi").send().await.expect_err(case);
        all += &told(case, &error, Some(&server));
    }
    assert!(server.requests().is_empty());
    insta::assert_snapshot!(all);
}
