//! `anymodel ask`, through real processes and real sockets.

#[path = "../../../tests/support/keyless.rs"]
mod keyless;
#[path = "../../../tests/support/mod.rs"]
mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use keyless::keyless;
use serde_json::{Value, json};
use support::{Play, Server, answer, json as reply, respond};

struct Said {
    status: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}\n{}", self.out, self.err))
    }
}

fn ask(arguments: &[&str]) -> Said {
    ask_with(arguments, "", &[])
}

fn ask_with(arguments: &[&str], input: &str, variables: &[(&str, &str)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anymodel"));
    keyless(&mut command)
        .arg("ask")
        .args(arguments)
        .envs(variables.iter().copied())
        .env("ANYMODEL_SANDBOX_TIME_SCALE", "0.05")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said {
        status: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// A streamed answer of these words; the last event says the end only if it is whole.
fn streamed(words: &[&str], whole: bool) -> Play {
    let mut body = String::new();
    for word in words {
        let event =
            json!({ "model": "acme/answering", "choices": [{ "delta": { "content": word } }] });
        body += &format!("data: {event}\n\n");
    }
    if whole {
        let end = json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] });
        let usage = json!({ "choices": [], "usage": { "prompt_tokens": 3, "completion_tokens": 2, "cost": 0.00000171 } });
        body += &format!("data: {end}\n\ndata: {usage}\n\ndata: [DONE]\n\n");
    }
    respond(200, "content-type: text/event-stream\r\n", &body)
}

#[test]
fn the_answer_alone_stands_on_standard_output() {
    let server = Server::play([reply(200, &answer("Four."))]);
    let said = ask(&[
        "--base-url",
        server.url(),
        "--model",
        "acme/one",
        "What is 2+2?",
    ]);
    assert_eq!((said.status, said.out.as_str()), (Some(0), "Four.\n"));
    assert!(said.err.contains("acme/answering"), "{}", said.err);
}

#[test]
fn with_json_one_object_tells_everything() {
    let server = Server::play([
        reply(503, r#"{"error":{"code":503,"message":"busy"}}"#),
        reply(200, &answer("Four.")),
    ]);
    let said = ask(&[
        "--base-url",
        server.url(),
        "--model",
        "acme/one",
        "--fallback",
        "acme/two",
        "--json",
        "2+2?",
    ]);
    let report = said.json();
    assert_eq!(said.status, Some(0), "{}", said.err);
    assert_eq!(report["content"], "Four.");
    assert_eq!(report["model"], "acme/answering");
    assert_eq!(report["usage"]["total_tokens"], 5);
    assert_eq!(report["error"], Value::Null);
    assert!(said.out.contains("\"cost\":0.0000171"), "{}", said.out);
    assert_eq!(report["trail"][0]["error"], "overloaded");
    assert_eq!(report["trail"][0]["next"], "moved_on");
    assert_eq!(report["trail"][1]["next"], "answered");
}

#[test]
fn a_streamed_answer_is_shown_as_it_comes_and_ends_whole() {
    let server = Server::play([streamed(&["Fo", "ur."], true)]);
    let said = ask(&[
        "--base-url",
        server.url(),
        "--model",
        "acme/one",
        "--stream",
        "2+2?",
    ]);
    assert_eq!(
        (said.status, said.out.as_str()),
        (Some(0), "Four.\n"),
        "{}",
        said.err
    );
}

#[test]
fn half_an_answer_is_never_a_success() {
    let half = || Server::play([streamed(&["Fo"], false)]);
    let server = half();
    let said = ask(&[
        "--base-url",
        server.url(),
        "--model",
        "acme/one",
        "--retries",
        "0",
        "--stream",
        "2+2?",
    ]);
    assert_eq!(said.status, Some(1));
    assert!(said.err.contains("not the whole answer"), "{}", said.err);

    let server = half();
    let said = ask(&[
        "--base-url",
        server.url(),
        "--model",
        "acme/one",
        "--retries",
        "0",
        "--stream",
        "--json",
        "2+2?",
    ]);
    assert_eq!(said.status, Some(1));
    let report = said.json();
    assert_eq!(
        (&report["content"], &report["partial"]),
        (&Value::Null, &json!("Fo"))
    );
    assert_eq!(report["error"]["kind"], "answer_cut_off");
    assert!(report["error"]["hint"].is_string());
}

#[test]
fn with_json_a_stream_that_breaks_is_rescued_by_the_next_model() {
    let server = Server::play([streamed(&["Fo"], false), streamed(&["Four."], true)]);
    let said = ask(&[
        "--base-url",
        server.url(),
        "--model",
        "acme/one",
        "--fallback",
        "acme/two",
        "--stream",
        "--json",
        "2+2?",
    ]);
    assert_eq!(said.status, Some(0), "{}", said.out);
    assert_eq!(said.json()["content"], "Four.");
    assert_eq!(said.json()["trail"].as_array().unwrap().len(), 2);
}

#[test]
fn an_answer_cut_at_the_limit_is_shown_and_is_no_success() {
    let body = answer("Four and").replace("\"stop\"", "\"length\"");
    let server = Server::play([reply(200, &body)]);
    let said = ask(&[
        "--base-url",
        server.url(),
        "--model",
        "acme/one",
        "--json",
        "2+2?",
    ]);
    assert_eq!(said.status, Some(1));
    assert_eq!(said.json()["content"], "Four and");
    assert_eq!(said.json()["error"]["kind"], "length");
}

#[test]
fn silence_ends_at_the_timeout_and_the_whole_call_at_the_deadline() {
    let quiet = || Play::Silence(std::time::Duration::from_secs(20));
    let server = Server::play([quiet(), reply(200, &answer("Late."))]);
    let said = ask(&[
        "--base-url",
        server.url(),
        "--model",
        "acme/one",
        "--fallback",
        "acme/two",
        "--timeout",
        "0.3",
        "--json",
        "Hi",
    ]);
    assert_eq!(said.json()["content"], "Late.", "{}", said.out);
    let server = Server::play([quiet(), quiet()]);
    let said = ask(&[
        "--base-url",
        server.url(),
        "--model",
        "acme/one",
        "--deadline",
        "0.3",
        "--json",
        "Hi",
    ]);
    assert_eq!(said.status, Some(1));
    assert_eq!(said.json()["error"]["kind"], "timeout");
}

#[test]
fn the_key_for_another_address_comes_from_either_variable_and_is_never_shown() {
    let key = "sk-proj-0123456789secret";
    let server = Server::play([reply(401, r#"{"error":{"code":401,"message":"No auth"}}"#)]);
    let said = ask_with(
        &["--base-url", server.url(), "--model", "acme/one", "Hi"],
        "",
        &[("OPENAI_API_KEY", key)],
    );
    assert_eq!(said.status, Some(1));
    assert!(server.requests()[0].contains(key));
    assert!(
        !said.err.contains(key) && !said.out.contains(key),
        "{}",
        said.err
    );
}

#[test]
fn the_question_may_come_from_standard_input_and_the_sandbox_says_that_it_answers() {
    let said = ask_with(
        &["--platform", "sandbox", "--model", "sandbox/echo"],
        "Good morning",
        &[],
    );
    assert_eq!(said.status, Some(0), "{}", said.err);
    assert!(said.out.contains("Good morning"), "{}", said.out);
    assert!(said.err.contains("simulated"), "{}", said.err);
}

#[test]
fn bad_settings_are_an_error_of_the_same_form() {
    let said = ask(&["--platform", "openruoter", "--model", "m", "--json", "Hi"]);
    assert_eq!(said.status, Some(1));
    assert!(
        said.json()["error"]["hint"]
            .as_str()
            .unwrap()
            .contains("openrouter")
    );
    let said = ask(&["--timeout", "0", "--model", "m", "Hi"]);
    assert_eq!(said.status, Some(2));
}
