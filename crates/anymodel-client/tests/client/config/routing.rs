//! The default target: who is asked when a question names nobody, as the file's `routing_strategy`, `enabled_models` and
//! `free_models_only` say.

use std::time::Duration;

use anymodel::{Client, ErrorKind, Reply, Settings, Target};

use super::{limited, read, two_models, under};
use crate::support::{Play, Server, answer, json};

const ENABLED: &str = "enabled_models:\n  - openai/gpt-4o-mini\n  - openai/gpt-4o\n";

/// A client of a sandbox that does not wait.
fn client(settings: Settings) -> Client {
    let builder = anymodel::ClientBuilder::from(settings);
    builder
        .or_sandbox()
        .sandbox_time_scale(0.0)
        .build()
        .unwrap()
}

/// Who is asked first, question after question.
async fn asked(client: &Client, times: usize) -> Vec<String> {
    let mut asked = Vec::new();
    for _ in 0..times {
        let reply: Reply = client.ask(Target::Default, "Hi").await.unwrap();
        asked.push(reply.trail.iter().next().unwrap().model_asked.clone());
    }
    asked
}

#[tokio::test]
async fn the_enabled_models_are_asked_as_the_strategy_says() {
    let text = format!("routing_strategy: round_robin\n{ENABLED}");
    let client = client(read("round-robin", &text).unwrap());
    let [mini, large] = ["openai/gpt-4o-mini", "openai/gpt-4o"];
    assert_eq!(asked(&client, 4).await, [mini, large, mini, large]);
    let reply = client.ask(Target::Default, "Hi").await.unwrap();
    assert_eq!(reply.trail.routed().unwrap().strategy, "round robin");
    let statistics = client.router().unwrap().statistics();
    assert_eq!(statistics.models[0].successes, 3);
    // Whoever names a model gets it.
    let reply = client.ask(large, "Hi").await.unwrap();
    assert!(reply.trail.routed().is_none());
}

#[test]
fn each_word_of_the_file_is_a_strategy() {
    for (word, strategy) in [
        ("round_robin", "round robin"),
        ("random", "random"),
        ("least_used", "least used"),
        ("fastest_first", "fastest first"),
        ("failover", "failover"),
    ] {
        let text = format!("routing_strategy: {word}\n{ENABLED}");
        let client = client(read(word, &text).unwrap());
        assert_eq!(client.router().unwrap().strategy(), strategy);
    }
    let client = client(read("silent", ENABLED).unwrap());
    assert_eq!(client.router().unwrap().strategy(), "failover");
}

#[tokio::test]
async fn a_strategy_works_on_the_default_model_and_the_chain_too() {
    let first = Server::play([json(200, &answer("1")), json(200, &answer("3"))]);
    let second = Server::play([json(200, &answer("2"))]);
    let settings = two_models("strategy", [&first, &second], "");
    let mut settings = settings;
    settings
        .set("routing_strategy", "round_robin", "--strategy")
        .unwrap();
    let client = Client::from_settings(settings).unwrap();
    let mut texts = Vec::new();
    for _ in 0..3 {
        texts.push(client.ask(Target::Default, "Hi").await.unwrap().text);
    }
    assert_eq!(texts, ["1", "2", "3"]);
    let router = client.router().unwrap();
    assert_eq!(router.models().collect::<Vec<_>>(), ["deepseek", "qwen"]);
}

#[tokio::test]
async fn a_model_that_the_environment_or_the_program_names_is_asked_first() {
    let text = format!("routing_strategy: round_robin\n{ENABLED}");
    let named = [("OPENROUTER_MODEL", "sandbox/echo")];
    let settings = under("named", &text, &named);
    assert_eq!(asked(&client(settings), 3).await, ["sandbox/echo"; 3]);

    let builder = anymodel::ClientBuilder::from(read("named-2", &text).unwrap());
    let builder = builder
        .or_sandbox()
        .sandbox_time_scale(0.0)
        .model("sandbox/echo");
    assert_eq!(
        asked(&builder.build().unwrap(), 3).await,
        ["sandbox/echo"; 3]
    );

    // One that the file names is one of the models to choose among.
    let text = format!("model: sandbox/echo\n{text}");
    let client = client(read("named-3", &text).unwrap());
    assert_eq!(
        asked(&client, 3).await,
        ["sandbox/echo", "openai/gpt-4o-mini", "openai/gpt-4o"]
    );
}

#[tokio::test]
async fn free_models_only_asks_a_free_model_and_refuses_all_others() {
    let settings = read("free", "free_models_only: true\n").unwrap();
    let client = client(settings);
    let models: Vec<&str> = client.router().unwrap().models().collect();
    assert!(
        models.len() > 5 && models.iter().all(|model| model.ends_with(":free")),
        "{models:?}"
    );
    let reply = client.ask(Target::Default, "Hi").await.unwrap();
    assert!(
        reply
            .trail
            .iter()
            .all(|attempt| attempt.model_asked.ends_with(":free"))
    );

    let error = client.ask("openai/gpt-4o", "Hi").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.trail().is_empty());
    for part in ["openai/gpt-4o costs money", "config-free.yaml:1"] {
        assert!(error.to_string().contains(part), "{error}");
    }
    client.ask("sandbox/echo", "Hi").await.unwrap();
}

#[tokio::test]
async fn a_paid_model_among_the_enabled_ones_is_refused_from_the_first_question_on() {
    let text =
        "free_models_only: true\nenabled_models:\n  - qwen/qwen3-8b:free\n  - openai/gpt-4o\n";
    let client = client(read("paid", text).unwrap());
    let error = client.ask(Target::Default, "Hi").await.unwrap_err();
    assert!(
        error.to_string().contains("openai/gpt-4o costs money"),
        "{error}"
    );
}

#[tokio::test]
async fn a_price_of_nothing_in_the_file_makes_a_model_free() {
    let first = Server::play([json(200, &answer("free"))]);
    let second = Server::play([]);
    let priced = "    price_per_1k_input: 0\n    price_per_1k_output: 0\n";
    let mut settings = two_models("priced", [&first, &second], priced);
    settings.set("free_models_only", "true", "--free").unwrap();
    let client = Client::from_settings(settings).unwrap();
    assert_eq!(client.ask("deepseek", "Hi").await.unwrap().text, "free");
    let error = client.ask("qwen", "Hi").await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("nobody knows what qwen-plus costs at qwen"),
        "{error}"
    );
    assert!(second.requests().is_empty());
}

#[tokio::test]
async fn the_time_per_model_is_that_of_each_model_of_the_router() {
    let server = Server::play([
        Play::Silence(Duration::from_secs(20)),
        json(200, &answer("in time")),
    ]);
    let text = format!(
        "timeout_per_model: 0.2\nbase_url: {}\n{ENABLED}",
        server.url()
    );
    let client = Client::from_settings(read("per-model", &text).unwrap()).unwrap();
    let reply = client.ask(Target::Default, "Hi").await.unwrap();
    let first = reply.trail.iter().next().unwrap();
    assert_eq!(first.failure, Some(ErrorKind::Timeout));
    assert!(
        first.duration < Duration::from_secs(5),
        "{:?}",
        first.duration
    );
    assert_eq!(reply.text, "in time");
}

#[tokio::test]
async fn the_retries_of_the_file_count_where_a_router_has_one_model_left() {
    let server = limited(5);
    let text = format!(
        "max_retries: 5\nbase_url: {}\nenabled_models: [acme/one]\n",
        server.url()
    );
    let client = Client::from_settings(read("router-retries", &text).unwrap()).unwrap();
    let reply = client.ask(Target::Default, "Hi").await.unwrap();
    assert_eq!(reply.trail.len(), 6);
}
