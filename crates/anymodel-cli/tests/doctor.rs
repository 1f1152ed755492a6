//! `anymodel doctor` and `anymodel config`, through real processes against a server that answers as each case needs.

#[path = "../../../tests/support/keyless.rs"]
mod keyless;
#[path = "../../../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use keyless::keyless;
use serde_json::{Value, json as object};
use support::{Play, Server, answer, json};

const KEY: &str = "sk-or-v1-secret6789abcdef0123";
const FREE: &str = "meta-llama/llama-3.3-70b-instruct:free";

/// A folder of this test's own, in which nobody's `.env` is found: an empty one stands there.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("doctor-{name}"));
    std::fs::remove_dir_all(&path).ok();
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join(".env"), "").unwrap();
    path
}

/// The program in that folder, without keys, without proxies, and with nobody on this machine to be found.
fn anymodel(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anymodel"));
    keyless(&mut command)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder)
        .env("XDG_CACHE_HOME", folder)
        .env("ANYMODEL_CONFIG", "")
        .env("ANYMODEL_SANDBOX_TIME_SCALE", "0")
        .env("OLLAMA_BASE_URL", "http://127.0.0.1:9/v1")
        .env("LLAMACPP_BASE_URL", "http://127.0.0.1:9/v1");
    // rustup's stand-in for the compiler looks for its home below HOME.
    if let Some(home) = std::env::home_dir() {
        for (name, below) in [("RUSTUP_HOME", ".rustup"), ("CARGO_HOME", ".cargo")] {
            if std::env::var_os(name).is_none() {
                command.env(name, home.join(below));
            }
        }
    }
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command
}

/// What a command prints, and whether it ends well.
fn output(command: &mut Command) -> (bool, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A doctor's report as JSON, and whether it ends well.
struct Report(bool, Value);

impl Report {
    fn of(command: &mut Command) -> Self {
        let (good, out, error) = output(command.arg("--json"));
        assert!(!out.contains("secret6789"), "{out}");
        let report: Value =
            serde_json::from_str(&out).unwrap_or_else(|_| panic!("no JSON: {out}{error}"));
        assert_eq!(report["ok"], good, "{report:#}");
        Report(good, report)
    }

    /// The line of a check.
    fn line(&self, check: &str) -> &Value {
        let lines = self.1["checks"].as_array().unwrap();
        let found = lines.iter().find(|line| line["check"] == check);
        found.unwrap_or_else(|| panic!("no line about {check}: {:#}", self.1))
    }

    fn state(&self, check: &str) -> &str {
        self.line(check)["state"].as_str().unwrap()
    }

    /// It is broken, says so in these words, says what to do, and the end is a failure.
    #[track_caller]
    fn is_broken(&self, check: &str, words: &str) {
        let line = self.line(check);
        assert_eq!(line["state"], "bad", "{:#}", self.1);
        let told = line["message"].as_str().unwrap();
        assert!(told.contains(words), "{told}");
        assert!(!line["hint"].as_str().unwrap().is_empty(), "{line}");
        assert!(!self.0);
    }
}

/// The doctor of a platform that speaks OpenRouter's protocol, with a key.
fn examine(name: &str, server: &Server) -> Report {
    let url = server.url();
    let mut command = anymodel(&folder(name), &["doctor", "--base-url", url]);
    Report::of(command.env("OPENROUTER_API_KEY", KEY))
}

/// What the service says of a key.
fn about_key(limit: Value, left: Value, free_tier: bool) -> Play {
    let data = object!({
        "label": "sk-or-v1-sec...123", "limit": limit, "limit_remaining": left, "limit_reset": "weekly",
        "usage": 6.75, "is_free_tier": free_tier, "expires_at": null,
    });
    json(200, &object!({ "data": data }).to_string())
}

fn good_key() -> Play {
    about_key(object!(20), object!(13.25), false)
}

fn models(ids: &[&str]) -> Play {
    let rows: Vec<Value> = ids.iter().map(|id| object!({ "id": id })).collect();
    json(200, &object!({ "data": rows }).to_string())
}

fn error(status: u16, message: &str) -> Play {
    let error = object!({ "error": { "code": status, "message": message } });
    json(status, &error.to_string())
}

#[test]
fn a_set_up_that_works_is_told_line_by_line() {
    let server = Server::play([
        good_key(),
        models(&["openai/gpt-4o-mini", FREE]),
        json(200, &answer("ready")),
    ]);
    let report = examine("good", &server);
    assert!(report.0, "{:#}", report.1);
    for check in [
        "settings",
        "Rust",
        "key",
        "network",
        "key accepted",
        "credit",
        "limits",
        "call",
    ] {
        assert_eq!(report.state(check), "good", "{:#}", report.1);
    }
    let credit = report.line("credit")["message"].as_str().unwrap();
    assert!(
        credit.contains("$13.25") && credit.contains("$20"),
        "{credit}"
    );
    let limits = report.line("limits")["message"].as_str().unwrap();
    assert!(limits.contains("20 requests a minute"), "{limits}");

    let requests = server.requests();
    assert!(requests[0].starts_with("GET /v1/key "), "{}", requests[0]);
    assert!(requests[0].contains(KEY));
    assert_eq!(server.body(2)["model"], FREE);
    assert!(server.body(2)["max_tokens"].as_u64().unwrap() <= 64);
}

#[test]
fn a_refused_key_is_broken_and_nothing_is_asked_after_it() {
    let server = Server::play([error(401, "No auth credentials found")]);
    let report = examine("refused", &server);
    report.is_broken("key accepted", "No auth credentials found");
    assert_eq!(report.state("call"), "skipped");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_used_up_limit_is_no_credit() {
    let server = Server::play([about_key(object!(20), object!(0), false)]);
    let report = examine("used-up", &server);
    report.is_broken("credit", "used up");
    assert!(
        report.line("credit")["message"]
            .as_str()
            .unwrap()
            .contains("weekly")
    );
    assert_eq!(report.state("call"), "skipped");
}

#[test]
fn an_account_without_credit_is_seen_by_the_call() {
    let server = Server::play([
        good_key(),
        models(&[FREE]),
        error(402, "Insufficient credits"),
    ]);
    examine("no-credit", &server).is_broken("call", "Insufficient credits");
}

#[test]
fn an_account_that_never_bought_credit_has_the_free_models() {
    let server = Server::play([
        about_key(Value::Null, Value::Null, true),
        models(&[FREE]),
        json(200, &answer("ready")),
    ]);
    let report = examine("free-tier", &server);
    assert!(report.0);
    assert!(
        report.line("credit")["message"]
            .as_str()
            .unwrap()
            .contains("none was ever bought")
    );
    assert!(
        report.line("limits")["message"]
            .as_str()
            .unwrap()
            .contains("50 a day")
    );
}

#[test]
fn a_limit_that_is_reached_says_to_wait() {
    let busy = || error(429, "Rate limit exceeded: free-models-per-day");
    let server = Server::play([good_key(), models(&[FREE]), busy(), busy(), busy(), busy()]);
    let report = examine("limit", &server);
    report.is_broken("call", "Rate limit exceeded");
    assert!(
        report.line("call")["hint"]
            .as_str()
            .unwrap()
            .contains("wait")
    );
}

#[test]
fn too_many_requests_for_the_key_itself_say_to_wait() {
    let server = Server::play([error(429, "slow down")]);
    examine("limit-key", &server).is_broken("key accepted", "too many requests");
}

#[test]
fn a_model_that_is_gone_is_broken_and_another_is_named() {
    let server = Server::play([
        good_key(),
        error(404, "No endpoints found for openai/gpt-4o-mimi."),
    ]);
    let url = server.url().to_owned();
    let arguments = [
        "doctor",
        "--base-url",
        &url,
        "--model",
        "openai/gpt-4o-mimi",
    ];
    let mut command = anymodel(&folder("gone"), &arguments);
    let report = Report::of(command.env("OPENROUTER_API_KEY", KEY));
    report.is_broken("call", "openai/gpt-4o-mimi");
    assert!(
        report.line("call")["hint"]
            .as_str()
            .unwrap()
            .contains("openai/gpt-4o-mini")
    );
}

#[test]
fn a_free_model_that_is_still_listed_is_chosen() {
    let listed = "harbor/one:free";
    let server = Server::play([
        good_key(),
        models(&["harbor/paid", listed]),
        json(200, &answer("ready")),
    ]);
    assert!(examine("listed", &server).0);
    assert_eq!(server.body(2)["model"], listed);
}

#[test]
fn a_host_that_is_not_there_is_a_broken_network() {
    let mut command = anymodel(
        &folder("down"),
        &["doctor", "--base-url", "http://127.0.0.1:9/v1"],
    );
    let report = Report::of(command.env("OPENROUTER_API_KEY", KEY));
    report.is_broken("network", "127.0.0.1:9");
    assert_eq!(report.state("key accepted"), "skipped");
}

#[test]
fn a_name_that_nobody_knows_is_a_broken_network() {
    let url = "http://nobody.invalid/v1";
    let mut command = anymodel(&folder("name"), &["doctor", "--base-url", url]);
    let report = Report::of(command.env("OPENROUTER_API_KEY", KEY));
    report.is_broken("network", "nobody.invalid");
}

#[test]
fn a_proxy_is_named_without_its_password() {
    let mut command = anymodel(
        &folder("proxy"),
        &["doctor", "--base-url", "http://harbor.invalid/v1"],
    );
    command
        .env("OPENROUTER_API_KEY", KEY)
        .env("HTTP_PROXY", "http://me:secret6789@127.0.0.1:9");
    let report = Report::of(&mut command);
    report.is_broken(
        "network",
        "through the proxy of HTTP_PROXY, http://127.0.0.1:9",
    );
}

#[test]
fn without_a_key_nothing_is_broken_because_the_sandbox_answers() {
    let report = Report::of(&mut anymodel(&folder("keyless"), &["doctor"]));
    assert!(report.0, "{:#}", report.1);
    assert_eq!(report.state("key"), "skipped");
    assert!(
        report.line("key")["message"]
            .as_str()
            .unwrap()
            .contains("sandbox answers")
    );
    assert_eq!(report.state("call"), "good");
    assert!(
        report.line("call")["message"]
            .as_str()
            .unwrap()
            .contains("simulated")
    );
}

#[test]
fn a_platform_that_is_named_needs_its_key() {
    let mut command = anymodel(&folder("named"), &["doctor", "--platform", "zenmux"]);
    Report::of(&mut command).is_broken("key", "ZENMUX_API_KEY is not set");
}

#[test]
fn a_key_that_cannot_be_one_is_broken_and_not_shown() {
    let mut command = anymodel(&folder("malformed"), &["doctor"]);
    let report = Report::of(command.env("OPENROUTER_API_KEY", "sk-or-v1-secret6789 abc"));
    report.is_broken("key", "OPENROUTER_API_KEY has white space");
}

#[test]
fn a_key_of_another_maker_is_told_whose_it_is() {
    let mut command = anymodel(&folder("maker"), &["doctor"]);
    let report = Report::of(command.env("OPENROUTER_API_KEY", "sk-ant-secret6789abcdef"));
    report.is_broken("key", "keys of anthropic");
}

#[test]
fn a_platform_without_a_page_about_keys_is_asked_for_its_models() {
    let server = Server::play([models(&["harbor-1"]), json(200, &answer("ready"))]);
    let url = server.url();
    let arguments = [
        "doctor",
        "--platform",
        "openai",
        "--base-url",
        url,
        "--model",
        "harbor-1",
    ];
    let mut command = anymodel(&folder("openai"), &arguments);
    let report = Report::of(command.env("OPENAI_API_KEY", KEY));
    assert!(report.0, "{:#}", report.1);
    assert!(server.requests()[0].starts_with("GET /v1/models "));
    assert_eq!(report.state("credit"), "skipped");
    assert_eq!(report.state("call"), "good");
}

#[test]
fn settings_that_cannot_be_used_are_the_first_line() {
    let folder = folder("settings");
    std::fs::write(folder.join("anymodel.yaml"), "temprature: 1\n").unwrap();
    let report = Report::of(&mut anymodel(&folder, &["doctor"]));
    report.is_broken("settings", "anymodel.yaml:1:1");
}

#[test]
fn a_server_on_this_machine_is_found_with_its_models() {
    let server = Server::play([models(&["llama3.2:1b", "qwen2.5:0.5b"])]);
    let mut command = anymodel(&folder("local"), &["doctor"]);
    let report = Report::of(command.env("OLLAMA_BASE_URL", server.url()));
    let line = report.line("Ollama");
    assert_eq!(line["state"], "good");
    assert!(
        line["message"]
            .as_str()
            .unwrap()
            .contains("llama3.2:1b, qwen2.5:0.5b")
    );
    assert_eq!(report.state("llama.cpp"), "skipped");
}

#[test]
fn the_doctor_looks_for_ollama_where_a_call_would_find_it() {
    let server = Server::play([models(&["llama3.2:1b"])]);
    let host = format!("http://{}", server.address());
    let mut command = anymodel(&folder("host"), &["doctor"]);
    let report = Report::of(command.env("OLLAMA_BASE_URL", &host));
    assert!(server.requests()[0].starts_with("GET /v1/models "));
    assert_eq!(report.state("Ollama"), "good");
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for() {
    let server = Server::play([Play::Silence(Duration::from_secs(30))]);
    let start = Instant::now();
    let mut command = anymodel(&folder("mute"), &["doctor"]);
    let report = Report::of(command.env("OLLAMA_BASE_URL", server.url()));
    assert_eq!(report.state("Ollama"), "skipped");
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn without_rust_the_line_says_where_to_get_it() {
    let folder = folder("rustless");
    let mut command = anymodel(&folder, &["doctor"]);
    let report = Report::of(command.env("PATH", &folder));
    report.is_broken("Rust", "`rustc` is not on the PATH");
    assert!(
        report.line("Rust")["hint"]
            .as_str()
            .unwrap()
            .contains("rustup.rs")
    );
    assert_eq!(report.state("Jupyter"), "skipped");
}

#[test]
fn an_old_rust_is_told_the_oldest_that_will_do() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("old");
    let rustc = folder.join("rustc");
    std::fs::write(
        &rustc,
        "#!/bin/sh\necho 'rustc 1.70.0 (90c541806 2023-05-31)'\n",
    )
    .unwrap();
    std::fs::set_permissions(&rustc, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = anymodel(&folder, &["doctor"]);
    let report = Report::of(command.env("PATH", &folder));
    report.is_broken("Rust", "1.70.0");
}

#[test]
fn the_text_has_a_sign_a_line_and_a_summary_and_no_colours_in_a_pipe() {
    let mut command = anymodel(&folder("text"), &["doctor"]);
    let (good, text, _) = output(&mut command);
    assert!(good);
    assert!(text.starts_with("✓ settings"), "{text}");
    assert!(
        text.contains("\n– key") && text.contains("Nothing is broken"),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn ctrl_c_ends_it_at_once() {
    let server = Server::play([Play::Silence(Duration::from_secs(30))]);
    let mut command = anymodel(
        &folder("interrupt"),
        &["doctor", "--base-url", server.url()],
    );
    let child = command
        .env("OPENROUTER_API_KEY", KEY)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = child.spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(30);
    while server.requests().is_empty() {
        assert!(Instant::now() < patience);
        std::thread::sleep(Duration::from_millis(20));
    }
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let start = Instant::now();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn config_show_names_the_layer_of_each_value_and_no_key() {
    let folder = folder("show");
    std::fs::write(
        folder.join("anymodel.yaml"),
        "# ours\ntemperature: 0.2\nmax_tokens: 50\n",
    )
    .unwrap();
    let env = format!("# keys\nOPENROUTER_API_KEY={KEY}\nMAX_TOKENS=60\n");
    std::fs::write(folder.join(".env"), env).unwrap();
    let mut command = anymodel(&folder, &["config", "show", "--model", "a/b", "--json"]);
    command
        .env_remove("OPENROUTER_API_KEY")
        .env("ANYMODEL_TIMEOUT", "5");
    let (good, text, error) = output(&mut command);
    assert!(good, "{error}");
    assert!(!text.contains("6789"), "{text}");
    let shown: Value = serde_json::from_str(&text).unwrap();
    let row = |name: &str| {
        let rows = shown["settings"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        let word = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        (word("value"), word("source"))
    };
    let is = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(row("temperature"), is("0.2", "anymodel.yaml:2"));
    assert_eq!(row("max_tokens"), is("60", ".env:3"));
    assert_eq!(row("key"), is("set, 29 characters", ".env:2"));
    assert_eq!(row("timeout"), is("5 s", "environment ANYMODEL_TIMEOUT"));
    assert_eq!(row("model"), is("a/b", "command line --model"));
    assert_eq!(
        row("deadline"),
        is("30 s, or three timeouts if they are longer", "default")
    );
}

#[test]
fn config_show_is_a_table_and_everything_in_it_is_acted_on() {
    let folder = folder("table");
    std::fs::write(
        folder.join("anymodel.yaml"),
        "routing:\n  cost_limit_per_call: 1\n",
    )
    .unwrap();
    let (good, text, _) = output(&mut anymodel(&folder, &["config", "show"]));
    assert!(good);
    assert!(text.contains("anymodel.yaml:2"), "{text}");
    assert!(!text.contains("not acted on"), "{text}");
}

#[test]
fn config_check_tells_every_problem_and_fails() {
    let folder = folder("check");
    let file = "temprature: 1\nmodels:\n  qwen:\n    timeout: soon\n    api_key: secret6789\n";
    std::fs::write(folder.join("mine.yaml"), file).unwrap();
    let (good, text, _) = output(&mut anymodel(&folder, &["config", "check", "mine.yaml"]));
    assert!(!good);
    for part in [
        "mine.yaml:1:1",
        "`temperature`",
        "mine.yaml:4:14",
        "mine.yaml:5:5",
        "environment",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert!(!text.contains("secret6789"));

    let (good, text, _) = output(&mut anymodel(
        &folder,
        &["config", "check", "mine.yaml", "--json"],
    ));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert!(!good && report["ok"] == false);
    assert_eq!(report["problems"].as_array().unwrap().len(), 3);
}

#[test]
fn config_check_finds_the_file_and_looks_at_the_environment_too() {
    let folder = folder("find");
    std::fs::write(
        folder.join("other.yaml"),
        include_str!("../../anymodel-client/tests/client/config/article.yaml"),
    )
    .unwrap();
    let mut command = anymodel(&folder, &["config", "check"]);
    let (good, text, _) = output(command.env("ANYMODEL_CONFIG", "other.yaml"));
    assert!(good && text.contains("other.yaml: good"), "{text}");
    assert!(!text.contains("not acted on yet"), "{text}");

    let mut command = anymodel(&folder, &["config", "check"]);
    let (good, text, _) = output(command.env("TEMPERATURE", "warm"));
    assert!(!good && text.contains("TEMPERATURE"), "{text}");
}

#[test]
fn a_configuration_file_that_is_named_and_not_there_is_an_error() {
    let folder = folder("missing");
    for arguments in [
        ["config", "check", "none.yaml"],
        ["config", "show", "--config=none.yaml"],
    ] {
        let (good, out, error) = output(&mut anymodel(&folder, &arguments));
        assert!(!good);
        let told = format!("{out}{error}");
        assert!(told.contains("none.yaml: there is no such file"), "{told}");
    }
}

#[test]
fn help_tells_layers_and_exit_statuses() {
    for (arguments, words) in [
        (&["doctor", "--help"][..], "Exit status"),
        (&["config", "check", "--help"][..], "Exit status"),
        (&["config", "show", "--help"][..], "Layers"),
    ] {
        let (good, help, _) = output(&mut anymodel(&folder("help"), arguments));
        assert!(good && help.contains(words), "{help}");
    }
}
