//! `anymodel models`, through real processes.

#[path = "../../../tests/support/keyless.rs"]
mod keyless;
#[path = "../../../tests/support/mod.rs"]
mod support;

use std::process::{Command, Output};

use serde_json::Value;

use keyless::keyless;
use support::{Server, json};

fn models(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anymodel"));
    keyless(&mut command)
        .arg("models")
        .args(arguments)
        .env("ANYMODEL_SANDBOX_TIME_SCALE", "0")
        .env("ANYMODEL_CACHE_DIR", cache())
        .current_dir(std::env::temp_dir());
    command
}

fn cache() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("anymodel-command-{}", std::process::id()))
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

fn good(arguments: &[&str]) -> String {
    let output = models(arguments).output().unwrap();
    let (printed, told) = said(&output);
    assert!(output.status.success(), "{arguments:?}: {told}");
    assert!(
        !printed.contains('\u{1b}'),
        "no colours where nobody looks on"
    );
    printed
}

#[test]
fn free_models_that_can_are_a_table_that_says_where_it_is_from() {
    let printed = good(&["--free", "--can", "reasoning,tools", "--context", "100k"]);
    assert!(
        printed.contains("sandbox (simulated)")
            && printed.contains("deepseek/deepseek-r1-0528:free"),
        "{printed}"
    );
    assert!(
        !printed.contains("gpt-4o") && !printed.contains("qwen3-8b"),
        "{printed}"
    );
}

#[test]
fn json_holds_prices_as_texts_and_keeps_to_the_limit() {
    let printed = good(&[
        "--json", "--sort", "price", "--limit", "3", "--search", "gpt-4o",
    ]);
    let report: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(report["origin"], "simulated");
    let rows = report["models"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(
        (&rows[0]["id"], &rows[0]["input_per_million"]),
        (&"openai/gpt-4o-mini".into(), &"0.15".into())
    );

    let programs: Value = serde_json::from_str(&good(&[
        "--json",
        "--free",
        "--for",
        "programming",
        "--limit",
        "1",
    ]))
    .unwrap();
    assert_eq!(
        programs["models"][0]["id"],
        "mistralai/devstral-small-2505:free"
    );
    assert!(
        programs["models"][0]["because"]
            .as_str()
            .unwrap()
            .contains("made for programs")
    );
}

#[test]
fn orders_charts_numbers_and_tasks_are_printed() {
    let by_context = good(&["--sort", "context", "--limit", "1"]);
    assert!(
        by_context.contains("1,048,576"),
        "retired models with more are left out: {by_context}"
    );
    let retired = good(&["--sort", "context", "--limit", "1", "--retired"]);
    assert!(
        retired.contains("google/gemini-pro-1.5") && retired.contains("2025-09-24"),
        "{retired}"
    );
    let quick = good(&["--sort", "latency", "--limit", "2"]);
    assert!(quick.contains("2 models"), "{quick}");
    let chart = good(&["--chart", "--family", "claude", "--sort", "price"]);
    assert!(
        chart.contains('█') && chart.contains("anthropic/claude-3-haiku"),
        "{chart}"
    );
    let numbers = good(&["--statistics"]);
    assert!(
        numbers.contains("longest context") && numbers.contains("half cost at most"),
        "{numbers}"
    );
    assert!(good(&["--tasks"]).contains("quick replies"));
}

#[test]
fn hosts_are_listed_with_prices_and_a_misspelt_model_gets_a_hint() {
    let printed = good(&["--hosts", "meta-llama/llama-3.3-70b-instruct"]);
    assert!(
        printed.contains("Groq") && printed.contains("sandbox (simulated)"),
        "{printed}"
    );
    let output = models(&["--hosts", "openai/gpt-4o-mimi"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).1.contains("did you mean openai/gpt-4o-mini"),
        "{:?}",
        said(&output)
    );
}

#[test]
fn a_check_passes_while_all_are_there_and_fails_when_one_is_gone() {
    assert!(good(&["--check"]).contains("openai/gpt-4o-mini"));
    let output = models(&["--check=openai/gpt-4o-mimi", "--json"])
        .output()
        .unwrap();
    let (printed, told) = said(&output);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_str(&printed).unwrap();
    let first = &report["checks"][0];
    assert_eq!(
        (&first["state"], &first["instead"]),
        (&"gone".into(), &"openai/gpt-4o-mini".into())
    );
    assert!(
        told.contains("crates/anymodel-course/src/models.rs")
            || told.contains("openai/gpt-4o-mimi"),
        "{told}"
    );
}

#[test]
fn a_live_list_without_the_lessons_models_fails_the_check() {
    let server = Server::play([json(
        200,
        r#"{"data": [{"id": "openai/gpt-4o-mini"}, {"id": "contoso/new"}]}"#,
    )]);
    let output = models(&["--check", "--base-url", server.url()])
        .env("OPENROUTER_API_KEY", "sk-or-v1-test0123456789")
        .output()
        .unwrap();
    let (printed, _) = said(&output);
    let _ = std::fs::remove_dir_all(cache());
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.contains("gone"), "{printed}");
}

#[test]
fn what_cannot_be_read_or_found_says_so_with_a_status() {
    let wrong = models(&["--can", "dancing"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        said(&wrong)
            .1
            .contains("there are reasoning, vision, tools, schema")
    );
    let none = models(&["--search", "no such words"]).output().unwrap();
    assert_eq!(none.status.code(), Some(1));
    let (printed, told) = said(&none);
    assert!(
        printed.is_empty() && told.contains("no model is left") && told.contains("hint: "),
        "{told}"
    );
    let help = good(&["--help"]);
    for part in [
        "--free",
        "--can",
        "--for",
        "--sort",
        "--check",
        "Exit status",
    ] {
        assert!(help.contains(part), "{help}");
    }
}
