//! The program `anymodel`, through real processes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn anymodel(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anymodel"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn output(arguments: &[&str]) -> (bool, String, String) {
    let output = anymodel(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn help_lists_the_commands_and_each_command_has_help() {
    let (good, help, _) = output(&["--help"]);
    assert!(
        good && help.contains("sandbox") && help.contains("run"),
        "{help}"
    );
    for command in ["sandbox", "run"] {
        let (good, help, _) = output(&[command, "--help"]);
        assert!(good && help.contains("Usage: anymodel"), "{help}");
    }
}

#[test]
fn the_sandbox_prints_its_address_first_and_answers_there_until_it_is_stopped() {
    let mut command = anymodel(&["sandbox", "--port", "0", "--time-scale", "0"]);
    let mut served = Served(
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let mut first = String::new();
    BufReader::new(served.0.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    let url = first.trim();
    assert!(
        url.starts_with("http://127.0.0.1:") && url.ends_with("/api/v1"),
        "{url}"
    );

    let client = anymodel::Client::builder()
        .base_url(url)
        .key("sk-or-v1-0123456789")
        .build()
        .unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let reply = runtime
        .block_on(client.ask("openai/gpt-4o-mini", "Hello"))
        .unwrap();
    assert_eq!(reply.model, "openai/gpt-4o-mini");

    let stopped = Command::new("kill")
        .args(["-INT", &served.0.id().to_string()])
        .status()
        .unwrap();
    assert!(stopped.success());
    let patience = Instant::now() + Duration::from_secs(10);
    while served.0.try_wait().unwrap().is_none() {
        assert!(Instant::now() < patience, "Ctrl-C does not stop it");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn every_fault_is_listed() {
    let (good, list, _) = output(&["sandbox", "--list-faults"]);
    assert!(good);
    for fault in anymodel::sandbox::faults() {
        assert!(
            list.contains(&format!("sandbox/{}", fault.name)),
            "{} is missing",
            fault.name
        );
    }
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (good, _, error) = output(&["sandbox", "--port", &port]);
    assert!(
        !good && error.contains(&port) && error.contains("--port 0"),
        "{error}"
    );
}

#[test]
fn a_wrong_word_ends_with_usage_and_a_status_that_is_not_zero() {
    let (good, _, error) = output(&["sandbox", "--time-scale", "fast"]);
    assert!(!good && error.contains("0 to 100"), "{error}");
}

#[test]
fn the_platforms_are_compared_for_people_and_listed_for_programs() {
    let (fine, table, noise) = output(&["platforms"]);
    assert!(fine && noise.is_empty(), "{noise}");
    let (fine, list, _) = output(&["platforms", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let list = list.as_array().unwrap();
    assert!(fine && list.len() == anymodel::platform_specs().len());
    for (preset, listed) in anymodel::platform_specs().iter().zip(list) {
        assert!(table.contains(preset.name) && table.contains(preset.title));
        assert_eq!(listed["name"], preset.name);
        assert_eq!(listed["base_url"], preset.base_url);
        assert!(!listed["differs"].as_str().unwrap().is_empty());
    }
    assert!(table.contains("ZENMUX_API_KEY") && table.contains("none needed"));
}
