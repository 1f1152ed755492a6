//! The configuration file: what it may say, what it is told when it says it wrong, and who wins over whom.
//!
//! After a change of words: `INSTA_UPDATE=always cargo test -p anymodel-client --test client config`, then read the
//! difference in `snapshots/`.

mod routing;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use crate::support::{Play, Server, answer, json, respond};
use anymodel::{
    Client, ClientBuilder, ErrorKind, ProviderMode, Result, RoutingStrategy, Settings, Source,
    Target,
};
use rust_decimal::Decimal;
use secrecy::ExposeSecret;

/// The file of the gateway article, as it stands there.
const ARTICLE: &str = include_str!("config/article.yaml");

/// A file of this test's own.
fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("config-{name}.yaml"));
    std::fs::write(&path, text).unwrap();
    path
}

fn read(name: &str, text: &str) -> Result<Settings> {
    Settings::from_config_and(file(name, text), |_| None)
}

/// The settings of a file under these variables.
fn under(name: &str, text: &str, variables: &[(&str, &str)]) -> Settings {
    let get = |name: &str| {
        let pair = variables.iter().find(|(known, _)| *known == name)?;
        Some(pair.1.to_owned())
    };
    Settings::from_config_and(file(name, text), get).unwrap()
}

/// All that is wrong with a file, without the place of this test's own files.
fn told(name: &str, text: &str) -> String {
    let path = file(name, text);
    let problems = Settings::check(&path).unwrap_or_else(|error| vec![error]);
    assert!(!problems.is_empty(), "nothing is wrong with {text:?}");
    let mut told = format!("== {name} ==\n");
    for problem in problems {
        let problem = format!("{problem:?}").replace(&path.display().to_string(), "anymodel.yaml");
        writeln!(told, "{problem}").unwrap();
    }
    told + "\n"
}

#[test]
fn the_file_of_the_article_works_as_it_stands() {
    let settings = read("article", ARTICLE).unwrap();
    assert_eq!(settings.model.as_deref(), Some("deepseek"));
    assert_eq!(settings.default_chain(), ["deepseek", "qwen", "glm"]);
    assert_eq!(settings.cost_limit_per_call, Some(Decimal::new(5, 2)));

    let deepseek = settings.model_named("deepseek").unwrap();
    assert_eq!(deepseek.target(), "deepseek:deepseek-chat");
    assert_eq!(
        deepseek.base_url.as_deref(),
        Some("https://api.deepseek.com/v1")
    );
    assert_eq!(deepseek.max_retries, Some(3));
    assert_eq!(deepseek.timeout, Some(Duration::from_secs(30)));

    let glm = settings.model_named("glm").unwrap();
    assert_eq!(
        glm.base_url.as_deref(),
        Some("https://open.bigmodel.cn/api/paas/v4")
    );
    assert_eq!((glm.max_retries, glm.timeout), (None, None));
}

#[test]
fn prices_of_a_thousand_tokens_are_exact_prices_of_one() {
    let settings = read("prices", ARTICLE).unwrap();
    let qwen = settings.pricing("qwen").unwrap();
    assert_eq!(qwen.prompt, Decimal::new(8, 7));
    assert_eq!(qwen.completion, Decimal::new(2, 6));
    assert_eq!(qwen.cost(1000, 1000), Decimal::new(28, 4));
}

#[test]
fn a_price_of_the_file_counts_before_the_catalogues() {
    let catalogue = read("catalogue", "").unwrap();
    let usual = catalogue.pricing("openai/gpt-4o-mini").unwrap().prompt;
    let own =
        "models:\n  openai/gpt-4o-mini:\n    price_per_1k_input: 5\n    price_per_1k_output: 6\n";
    let own = read("own-price", own).unwrap();
    let own = own.pricing("openai/gpt-4o-mini").unwrap().prompt;
    assert_eq!(own, Decimal::new(5, 3));
    assert!(usual < own);
}

#[test]
fn the_fields_of_the_two_mode_report_work() {
    let text = "provider_mode: openai_compatible\nfree_models_only: true\nrouting_strategy: ROUND_ROBIN\n\
                max_retries: 2\ntimeout_per_model: 7.5\n\
                enabled_models:\n  - deepseek/deepseek-r1:free\n  - qwen/qwen3-8b:free\n";
    let settings = read("report", text).unwrap();
    assert_eq!(settings.provider_mode, Some(ProviderMode::OpenaiCompatible));
    assert!(settings.free_models_only);
    assert_eq!(settings.routing_strategy, Some(RoutingStrategy::RoundRobin));
    assert_eq!(settings.max_retries, Some(2));
    assert_eq!(settings.timeout, Some(Duration::from_millis(7500)));
    assert_eq!(
        settings.enabled_models,
        ["deepseek/deepseek-r1:free", "qwen/qwen3-8b:free"]
    );
}

#[tokio::test]
async fn the_mode_decides_whether_openrouters_own_fields_go_out() {
    let key = ("OPENROUTER_API_KEY", "sk-or-v1-0123456789");
    for (mode, platform) in [
        ("openai_compatible", "openrouter-compatible"),
        ("openrouter_official", "openrouter"),
    ] {
        let settings = under(mode, &format!("provider_mode: {mode}\n"), &[key]);
        let client = Client::from_settings(settings).unwrap();
        assert_eq!(client.platform(), platform);
        assert_eq!(client.base_url(), "https://openrouter.ai/api/v1");
    }
    let without_a_key = read("mode", "provider_mode: openai_compatible\n").unwrap();
    let client = ClientBuilder::from(without_a_key).or_sandbox().build();
    assert!(client.unwrap().is_sandbox());
}

#[test]
fn the_same_in_json_works_because_json_is_yaml() {
    let text = r#"{"provider_mode": "openrouter_official", "enabled_models": ["a/b:free"], "max_retries": 0}"#;
    let settings = read("json", text).unwrap();
    assert_eq!(
        settings.provider_mode,
        Some(ProviderMode::OpenrouterOfficial)
    );
    assert_eq!(settings.max_retries, Some(0));
}

#[test]
fn the_names_of_the_environment_work_in_small_letters() {
    let text = "llm: OpenRouter\nmodel: openai/gpt-4o-mini\ntemperature: 0.2\nmax_tokens: 300\n\
                disable_thinking: yes\nbase_url: http://127.0.0.1:9/v1/\ntimeout: 3\ndeadline: 12\n";
    let settings = read("names", text).unwrap();
    assert_eq!(settings.platform.as_deref(), Some("openrouter"));
    assert_eq!(settings.temperature, Some(0.2));
    assert_eq!(settings.max_tokens, Some(300));
    assert!(settings.disable_thinking);
    assert_eq!(settings.base_url.as_deref(), Some("http://127.0.0.1:9/v1"));
    assert_eq!(settings.timeout, Some(Duration::from_secs(3)));
    assert_eq!(settings.deadline, Some(Duration::from_secs(12)));
}

#[test]
fn an_empty_file_says_nothing() {
    for text in ["", "# later\n", "models:\nrouting:\ntemperature:\n"] {
        let settings = read("empty", text).unwrap();
        assert!(settings.models.is_empty() && settings.temperature.is_none());
    }
}

#[test]
fn the_environment_wins_over_the_file_and_each_value_knows_who_set_it() {
    let text = "temperature: 0.2\nmax_tokens: 100\nrouting:\n  default_model: a/one\n";
    let variables = [("TEMPERATURE", "0.9"), ("OPENROUTER_MODEL", "a/two")];
    let mut settings = under("layers", text, &variables);
    assert_eq!(settings.temperature, Some(0.9));
    assert_eq!(settings.model.as_deref(), Some("a/two"));
    assert_eq!(settings.max_tokens, Some(100));
    let from = |settings: &Settings, name: &str| settings.source(name).to_string();
    assert_eq!(from(&settings, "temperature"), "environment TEMPERATURE");
    assert!(from(&settings, "max_tokens").ends_with("config-layers.yaml:2"));
    assert_eq!(settings.source("deadline"), Source::Default);

    settings.set("temperature", "1", "--temperature").unwrap();
    assert_eq!(settings.temperature, Some(1.0));
    assert_eq!(from(&settings, "temperature"), "command line --temperature");
}

#[test]
fn a_variable_that_is_wrong_is_wrong_whatever_the_file_says() {
    let path = file("wrong-variable", "temperature: 0.2\n");
    let error = Settings::from_config_and(path, |name| {
        (name == "TEMPERATURE").then(|| "warm".to_owned())
    });
    let error = error.unwrap_err();
    assert!(error.to_string().starts_with("TEMPERATURE is"), "{error}");
}

#[test]
fn an_address_of_the_file_is_not_used_for_a_platform_that_the_environment_names() {
    let text = "base_url: http://127.0.0.1:9/v1\n";
    let key = ("ZENMUX_API_KEY", "sk-zenmux-0123456789");
    let settings = under("address", text, &[("LLM", "zenmux"), key]);
    assert!(settings.base_url.is_none());
    assert!(settings.key.is_some());
    let same = under("address", text, &[("LLM", "openrouter")]);
    assert!(same.base_url.is_some());
}

#[test]
fn a_platform_of_the_files_own_takes_its_key_from_a_variable_of_its_name() {
    let text = "platform: harbor-ai\nmodels:\n  big:\n    provider: harbor-ai\n    model: harbor/big-2\n    \
                endpoint: http://127.0.0.1:9/v1/chat/completions\n";
    let path = file("own", text);
    let settings = Settings::from_config_and(path, |name| {
        (name == "HARBOR_AI_API_KEY").then(|| "hb-0123456789abcdef".to_owned())
    });
    let settings = settings.unwrap();
    assert_eq!(settings.key.unwrap().expose_secret(), "hb-0123456789abcdef");
    assert_eq!(settings.models[0].target(), "harbor-ai:harbor/big-2");
}

#[test]
fn several_problems_are_told_by_the_first_and_counted() {
    let error = read("several", "temprature: 1\nmax_token: 5\n").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let told = format!("{error:?}");
    assert!(
        told.contains(":1:1:") && told.contains("1 more") && told.contains("config check"),
        "{told}"
    );
}

#[test]
fn what_cannot_be_used_says_where_and_why_and_what_to_do() {
    let cases = [
        ("misspelt field", "temprature: 0.2\n"),
        (
            "misspelt field of a model",
            "models:\n  deepseek:\n    provider: deepseek\n    max_retry: 3\n",
        ),
        (
            "misspelt field of the routing",
            "routing:\n  defualt_model: a/b\n",
        ),
        (
            "a field in the wrong group",
            "default_model: a/b\nrouting:\n  temperature: 1\n",
        ),
        ("a field like no other", "colour: green\n"),
        ("no number", "temperature: warm\n"),
        (
            "out of range",
            "temperature: 3\nmax_tokens: 0\ntimeout: -1\nmax_retries: 1.5\ndeadline: 99999\n",
        ),
        ("no flag", "free_models_only: perhaps\n"),
        ("a list for one value", "model: [a, b]\n"),
        ("one value for a list", "routing:\n  fallback_chain: a/b\n"),
        ("a number in a list of names", "enabled_models: [a/b, 3]\n"),
        ("a group for one value", "model:\n  name: x\n"),
        ("a value for a group", "routing: a/b\n"),
        ("a list for the file", "- model: x\n"),
        ("models in a list", "models:\n  - deepseek\n"),
        (
            "unknown strategy",
            "routing_strategy: fastest\nprovider_mode: official\n",
        ),
        ("unknown platform", "platform: openruoter\n"),
        (
            "unknown provider",
            "models:\n  x:\n    provider: depseek\n    model: y\n",
        ),
        (
            "provider without a model",
            "models:\n  zenmux:\n    timeout: 3\n",
        ),
        (
            "a chain with a name that is not there",
            "models:\n  qwen:\n    timeout: 3\nrouting:\n  default_model: qwne\n  fallback_chain: [qwen, llama]\n",
        ),
        (
            "one price of two",
            "models:\n  qwen:\n    price_per_1k_input: 1\n",
        ),
        (
            "a negative price",
            "models:\n  qwen:\n    price_per_1k_input: -1\n    price_per_1k_output: 1\n",
        ),
        ("an address that is none", "base_url: openrouter.ai\n"),
        (
            "an address with a secret",
            "models:\n  qwen:\n    endpoint: https://me:secret6789@example.org/v1/chat/completions\n",
        ),
        ("the same twice", "temperature: 1\ntemperature: 2\n"),
        (
            "the same by two names",
            "timeout: 1\ntimeout_per_model: 2\n",
        ),
        ("nothing between quotes", "model: ''\n"),
        ("a bracket that stays open", "enabled_models: [a/b,\n"),
        ("a tabulator", "routing:\n\tdefault_model: a/b\n"),
        ("a colon too many", "model: a: b\n"),
        ("two documents", "model: a/b\n---\nmodel: c/d\n"),
        ("an anchor that is not there", "model: *other\n"),
        ("not finite", "temperature: .nan\n"),
    ];
    let all: String = cases.iter().map(|(name, text)| told(name, text)).collect();
    assert!(!all.contains("secret6789"), "{all}");
    insta::assert_snapshot!(all);
}

#[test]
fn a_key_in_the_file_is_refused_and_never_shown() {
    let cases = [
        ("a key of the file", "api_key: sk-or-v1-secret6789secret\n"),
        (
            "a key of a model",
            "models:\n  qwen:\n    api-key: secret6789\n",
        ),
        ("a token", "access_token: secret6789\n"),
        ("credentials", "credentials:\n  deepseek: secret6789\n"),
        (
            "a key in place of a model",
            "model: sk-or-v1-secret6789secret\n",
        ),
        (
            "a key in place of a number",
            "temperature: sk-or-v1-secret6789secret\n",
        ),
        (
            "a key in a list",
            "enabled_models: [sk-or-v1-secret6789secret]\n",
        ),
        ("a key in place of a name", "sk-or-v1-secret6789secret: 1\n"),
        (
            "a key that breaks the file",
            "model: [sk-or-v1-secret6789secret\n",
        ),
    ];
    let all: String = cases.iter().map(|(name, text)| told(name, text)).collect();
    assert!(!all.contains("secret6789"), "{all}");
    insta::assert_snapshot!(all);
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("config-folder.yaml");
    std::fs::create_dir_all(&folder).unwrap();
    let bytes = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("config-bytes.yaml");
    std::fs::write(&bytes, b"model: \xff\xfe\n").unwrap();
    let none = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("config-none.yaml");
    for (path, reason) in [
        (folder, "it is a folder"),
        (bytes, "UTF-8"),
        (none, "no such file"),
    ] {
        let error = Settings::check(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(reason), "{error}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn the_table_shows_every_setting_and_of_a_key_only_its_length() {
    let key = ("DEEPSEEK_API_KEY", "sk-secret6789abcdef");
    let settings = under("table", ARTICLE, &[key, ("LLM", "deepseek")]);
    let table = settings.table();
    let shown: String = table
        .iter()
        .map(|row| {
            let source = row.source.to_string();
            let source = source.rsplit('/').next().unwrap();
            let later = if row.is_used { "" } else { " (kept for later)" };
            let value = row.value.as_deref().unwrap_or("–");
            format!("{}: {value} [{source}]{later}\n", row.name)
        })
        .collect();
    assert!(!shown.contains("6789"), "{shown}");
    insta::assert_snapshot!(shown);
}

/// A file with two models, each at a server of its own, and settings under keys for both.
fn two_models(name: &str, servers: [&Server; 2], more: &str) -> Settings {
    let entry = |name: &str, server: &Server| {
        let url = server.url();
        format!("  {name}:\n    provider: {name}\n    endpoint: {url}/chat/completions\n")
    };
    let text = format!(
        "models:\n{}{more}{}routing:\n  default_model: deepseek\n  fallback_chain: [deepseek, qwen]\n",
        entry("deepseek", servers[0]),
        entry("qwen", servers[1]),
    );
    let keys = [
        ("DEEPSEEK_API_KEY", "sk-deepseek-0123456789"),
        ("DASHSCOPE_API_KEY", "sk-dashscope-0123456789"),
    ];
    under(name, &text, &keys)
}

#[tokio::test]
async fn the_fallback_chain_is_asked_across_platforms_each_with_its_own_key() {
    let first = Server::play([json(503, "{}")]);
    let second = Server::play([json(200, &answer("from the second"))]);
    let settings = two_models("chain", [&first, &second], "");
    let client = Client::from_settings(settings).unwrap();
    let reply = client.ask(Target::Default, "Hi").await.unwrap();
    assert_eq!(reply.text, "from the second");
    let asked: Vec<String> = reply
        .trail
        .iter()
        .map(|attempt| format!("{}:{}", attempt.platform, attempt.model_asked))
        .collect();
    assert_eq!(asked, ["deepseek:deepseek-chat", "qwen:qwen-plus"]);
    assert!(first.requests()[0].contains("sk-deepseek-0123456789"));
    assert!(second.requests()[0].contains("sk-dashscope-0123456789"));
    assert!(!second.requests()[0].contains("sk-deepseek"));
}

#[tokio::test]
async fn a_model_of_the_file_is_asked_by_its_name_there() {
    let first = Server::play([]);
    let second = Server::play([json(200, &answer("qwen"))]);
    let settings = two_models("by-name", [&first, &second], "");
    let client = Client::from_settings(settings).unwrap();
    client.ask("qwen", "Hi").await.unwrap();
    assert_eq!(second.body(0)["model"], "qwen-plus");
    assert!(first.requests().is_empty());
}

#[tokio::test]
async fn a_model_has_the_timeout_and_the_retries_that_the_file_gives_it() {
    let first = Server::play([
        Play::Silence(Duration::from_secs(20)),
        Play::Silence(Duration::from_secs(20)),
    ]);
    let second = Server::play([json(500, "{}"), json(200, &answer("again"))]);
    let settings = two_models(
        "patience",
        [&first, &second],
        "    timeout: 0.2\n    max_retries: 0\n",
    );
    let client = Client::from_settings(settings).unwrap();
    let reply = client.ask(Target::Default, "Hi").await.unwrap();
    assert_eq!(reply.text, "again");
    let silent = reply.trail.iter().next().unwrap();
    assert_eq!(silent.failure, Some(ErrorKind::Timeout));
    assert!(
        silent.duration < Duration::from_secs(5),
        "{:?}",
        silent.duration
    );
    assert_eq!(reply.trail.len(), 3);

    let broken = Server::play([json(500, "{}"), json(200, &answer("too late"))]);
    let spare = Server::play([json(200, &answer("spare"))]);
    let settings = two_models("retries", [&broken, &spare], "    max_retries: 0\n");
    let client = Client::from_settings(settings).unwrap();
    let reply = client.ask(Target::Default, "Hi").await.unwrap();
    assert_eq!(reply.text, "spare");
}

#[tokio::test]
async fn a_model_of_the_chain_without_a_key_is_left_out() {
    let server = Server::play([json(200, &answer("qwen"))]);
    let text = ARTICLE.replace(
        "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
        &format!("{}/chat/completions", server.url()),
    );
    let key = ("DASHSCOPE_API_KEY", "sk-dashscope-0123456789");
    let client = Client::from_settings(under("left-out", &text, &[key])).unwrap();
    assert_eq!(client.platform(), "qwen");
    let reply = client.ask(Target::Default, "Hi").await.unwrap();
    assert_eq!(reply.trail.len(), 1);
    let left_out = client.skipped_models().unwrap();
    assert!(
        left_out.contains("deepseek (DEEPSEEK_API_KEY is not set)") && left_out.contains("glm"),
        "{left_out}"
    );
}

#[tokio::test]
async fn without_a_key_the_sandbox_plays_the_models_of_the_article() {
    let text = format!("{ARTICLE}\nsandbox_time_scale: 0\n");
    let settings = read("played", &text).unwrap();
    let client = ClientBuilder::from(settings).or_sandbox().build().unwrap();
    assert!(client.is_sandbox());
    for target in [Target::Default, "qwen".into(), "glm".into()] {
        let reply = client.ask(target, "Hi").await.unwrap();
        assert_eq!(reply.trail.len(), 1);
    }
}

#[tokio::test]
async fn a_platform_of_the_files_own_can_be_asked() {
    let server = Server::play([json(200, &answer("harbour"))]);
    let text = format!(
        "models:\n  big:\n    provider: harbor-ai\n    model: harbor/big-2\n    endpoint: {}/chat/completions\n",
        server.url()
    );
    let key = ("HARBOR_AI_API_KEY", "hb-0123456789abcdef");
    let path = file("harbor", &text);
    let settings =
        Settings::from_config_and(path, |name| (name == key.0).then(|| key.1.to_owned()));
    let client = Client::from_settings(settings.unwrap()).unwrap();
    client.ask("big", "Hi").await.unwrap();
    assert_eq!(server.body(0)["model"], "harbor/big-2");
    assert!(server.requests()[0].contains("hb-0123456789abcdef"));
}

#[tokio::test]
async fn an_answer_without_a_cost_is_priced_as_the_file_says() {
    let body = answer("harbour").replace(",\"cost\":0.0000171", "");
    let server = Server::play([json(200, &body)]);
    let text = format!(
        "models:\n  big:\n    provider: harbor-ai\n    model: harbor/big-2\n    endpoint: {}/chat/completions\n    \
         price_per_1k_input: 1\n    price_per_1k_output: 2\n",
        server.url()
    );
    let settings = under(
        "priced",
        &text,
        &[("HARBOR_AI_API_KEY", "hb-0123456789abcdef")],
    );
    let client = Client::from_settings(settings).unwrap();
    let reply = client.ask("big", "Hi").await.unwrap();
    // Three tokens of question and two of answer.
    assert_eq!(reply.cost, None);
    assert_eq!(reply.spent().unwrap().amount.to_string(), "0.007");
}

#[tokio::test]
async fn what_a_call_says_itself_counts_more_than_the_file() {
    let slow = Server::play([Play::Silence(Duration::from_secs(9))]);
    let spare = Server::play([json(200, &answer("spare"))]);
    let settings = two_models("own-limits", [&slow, &spare], "    timeout: 8\n");
    let client = Client::from_settings(settings).unwrap();
    let chat = client.chat(Target::Default).user("Hi");
    let reply = chat
        .timeout(Duration::from_millis(300))
        .send()
        .await
        .unwrap();
    assert_eq!(reply.text, "spare");
    assert!(
        reply.latency < Duration::from_secs(5),
        "{:?}",
        reply.latency
    );
}

#[tokio::test]
async fn an_address_that_is_named_explicitly_counts_more_than_the_files() {
    let in_file = Server::play([json(200, &answer("the file's"))]);
    let named = Server::play([json(200, &answer("the named one"))]);
    let text = format!(
        "models:\n  m:\n    provider: openrouter\n    model: acme/one\n    endpoint: {}\n",
        in_file.url()
    );
    let settings = under(
        "named",
        &text,
        &[("OPENROUTER_API_KEY", "sk-or-v1-0123456789")],
    );
    let builder = anymodel::ClientBuilder::from(settings).platform("openrouter");
    let client = builder
        .base_url(named.url())
        .key("sk-or-v1-9876543210")
        .build()
        .unwrap();
    let reply = client.ask("acme/one", "Hi").await.unwrap();
    assert_eq!(reply.text, "the named one");
    assert!(in_file.requests().is_empty());
}

/// A server that is at its limit so often, and says that the wait is over at once.
fn limited(times: usize) -> Server {
    let limited = respond(
        429,
        "retry-after: 0\r\ncontent-type: application/json\r\n",
        "{}",
    );
    let answers = std::iter::repeat_n(limited, times).chain([json(200, &answer("at last"))]);
    Server::play(answers)
}

#[tokio::test]
async fn a_model_may_be_asked_again_more_often_than_usual_when_the_file_says_so() {
    let server = limited(5);
    let settings = two_models("patient", [&server, &server], "    max_retries: 5\n");
    let client = Client::from_settings(settings).unwrap();
    let reply = client.ask("deepseek", "Hi").await.unwrap();
    assert_eq!(reply.trail.len(), 6);

    // The program's own word, and the environment's, count more than the file's.
    let server = limited(5);
    let settings = || two_models("less-patient", [&server, &server], "    max_retries: 5\n");
    let client = anymodel::ClientBuilder::from(settings())
        .retries(1)
        .build()
        .unwrap();
    let error = client.ask("deepseek", "Hi").await.unwrap_err();
    assert_eq!(error.trail().len(), 2);
    let error = client
        .chat("deepseek")
        .user("Hi")
        .retries(0)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.trail().len(), 1);
}
