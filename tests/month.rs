//! The example `month` in miniature: it keeps what its help and its head promise.
#![cfg(all(feature = "sandbox", feature = "classify"))]

#[path = "support/keyless.rs"]
mod keyless;

use std::process::{Command, Output};

use keyless::keyless;
use serde_json::Value;

/// Runs the example, as cargo builds it together with all tests.
fn month(arguments: &[&str]) -> Output {
    let own = std::env::current_exe().unwrap();
    let target = own.parent().and_then(|deps| deps.parent()).unwrap();
    let program = target
        .join("examples")
        .join(format!("month{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not built: run `cargo build --examples` first",
        program.display()
    );
    keyless(&mut Command::new(program))
        .args(arguments)
        .output()
        .unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

const SMALL: [&str; 4] = ["--days", "5", "--calls", "100"];

#[test]
fn the_last_line_says_what_was_saved_and_how_many_answers_were_wrong() {
    let printed = printed(&month(&SMALL));
    let last = printed.lines().last().unwrap();
    let (saved, wrong) = last.split_once(" %, wrong answers ").unwrap();
    let (saved, wrong) = (
        saved.strip_prefix("saved ").unwrap(),
        wrong.strip_suffix(" %").unwrap(),
    );
    let places = |number: &str| number.split_once('.').map(|(_, places)| places.len());
    assert_eq!((places(saved), places(wrong)), (Some(1), Some(2)), "{last}");
    assert!(saved.parse::<f64>().unwrap() > 0.0, "{last}");
    assert!(printed.contains("simulated"), "{printed}");
}

#[test]
fn the_figures_are_printed_as_json_alone() {
    let arguments = SMALL.iter().chain(&["--json"]).copied();
    let arguments: Vec<&str> = arguments.collect();
    let figures: Value = serde_json::from_str(&printed(&month(&arguments))).unwrap();
    assert_eq!(
        (&figures["days"], &figures["calls_a_day"]),
        (&5.into(), &100.into())
    );
}

#[test]
fn what_is_no_option_is_refused_in_words() {
    for (arguments, word) in [
        (["--weeks", "2"], "no option"),
        (["--days", "none"], "whole number"),
        (["--days", "0"], "1 to 365"),
        (["--lang", "fr"], "en, zh or both"),
        (["--cheap", "openai/gpt-4o-mimi"], "near it are"),
    ] {
        let output = month(&arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(word), "{said}");
    }
    assert!(printed(&month(&["--help"])).contains("--seed"));
}
