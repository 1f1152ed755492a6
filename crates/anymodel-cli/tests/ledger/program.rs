//! `anymodel spend`, through real processes.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{Folder, MINI, client};

/// The program in a folder without settings of its own.
fn spend(folder: &Folder, ledger: Option<&Path>, arguments: &[&str]) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anymodel"));
    command
        .arg("spend")
        .args(arguments)
        .stdin(Stdio::null())
        .current_dir(&folder.0)
        .env_remove("ANYMODEL_LEDGER");
    if let Some(ledger) = ledger {
        command.env("ANYMODEL_LEDGER", ledger);
    }
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[tokio::test]
async fn sums_by_day_model_and_lesson_are_printed_for_people_and_for_programs() {
    let folder = Folder::new();
    let path = folder.ledger();
    let client = client(&path);
    for (label, question) in [
        ("lesson 1", "What is recursion?"),
        ("lesson 2", "What is recursion?"),
        ("", "And now?"),
    ] {
        client.with_label(label).ask(MINI, question).await.unwrap();
    }
    let (fine, text, noise) = spend(&folder, Some(&path), &[]);
    assert!(fine && noise.is_empty(), "{noise}");
    for part in [
        "by day",
        "by model",
        "by label",
        "lesson 1",
        "(none)",
        "sandbox:openai/gpt-4o-mini",
        "(simulated)",
        "all that was simulated",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
    let (_, text, _) = spend(&folder, None, &["--by", "lesson", path.to_str().unwrap()]);
    assert!(
        text.contains("lesson 2") && !text.contains("by day"),
        "{text}"
    );
    let (_, text, _) = spend(&folder, Some(&path), &["--json", "--by", "model"]);
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["by_model"][0]["answered"], 3);
    assert_eq!(value["by_model"][0]["simulated"], true);
    assert!(value.get("by_day").is_none());

    let (_, text, _) = spend(&folder, Some(&path), &["--repeated"]);
    assert!(
        text.contains("paid for more than once") && text.contains("simulated"),
        "{text}"
    );
    assert!(!text.contains("recursion"), "{text}");
    let (_, text, _) = spend(&folder, Some(&path), &["--repeated", "--json"]);
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (
            &value["repeated"][0]["times"],
            value["repeated"].as_array().unwrap().len()
        ),
        (&Value::from(2), 1)
    );
    let (_, text, _) = spend(&folder, Some(&path), &["--since", "2999-01-01"]);
    assert!(text.contains("since 2999-01-01"), "{text}");
}

#[test]
fn without_a_ledger_or_with_an_empty_one_it_says_what_to_do() {
    let folder = Folder::new();
    let (fine, _, error) = spend(&folder, None, &[]);
    assert!(!fine && error.contains("ANYMODEL_LEDGER"), "{error}");
    let (fine, text, _) = spend(&folder, Some(&folder.ledger()), &[]);
    assert!(fine && text.contains("nothing stands in"), "{text}");
    assert!(folder.files().is_empty(), "reading makes no file");
    let (fine, text, _) = spend(&folder, Some(&folder.ledger()), &["--repeated"]);
    assert!(
        fine && text.contains("no question was paid for twice"),
        "{text}"
    );
    std::fs::write(folder.0.join("notes.txt"), "no ledger".repeat(200)).unwrap();
    let (fine, _, error) = spend(&folder, None, &["notes.txt"]);
    assert!(!fine && error.contains("hint:"), "{error}");
    let (fine, _, error) = spend(&folder, Some(&folder.ledger()), &["--by", "planet"]);
    assert!(!fine && error.contains("lesson"), "{error}");
}

#[test]
fn a_program_that_asks_writes_where_the_environment_says() {
    let folder = Folder::new();
    let asked = Command::new(env!("CARGO_BIN_EXE_anymodel"))
        .args([
            "ask",
            "--platform",
            "sandbox",
            "--model",
            MINI,
            "What is recursion?",
        ])
        .stdin(Stdio::null())
        .current_dir(&folder.0)
        .env("ANYMODEL_LEDGER", folder.ledger())
        .env("ANYMODEL_LABEL", "homework")
        .output()
        .unwrap();
    assert!(
        asked.status.success(),
        "{}",
        String::from_utf8_lossy(&asked.stderr)
    );
    let (_, text, _) = spend(&folder, Some(&folder.ledger()), &["--by", "lesson"]);
    assert!(text.contains("homework"), "{text}");
}
