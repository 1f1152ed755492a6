//! The month, in miniature: the example keeps what its help and its head promise.
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

fn figures(more: &[&str]) -> Value {
    let arguments: Vec<&str> = SMALL.iter().chain(more).copied().collect();
    serde_json::from_str(&printed(&month(&arguments))).unwrap()
}

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
fn the_same_seed_gives_the_same_month_and_another_seed_another() {
    let one = |seed: &str| {
        let mut figures = figures(&["--json", "--seed", seed]);
        // A hit takes the time that it takes.
        for run in figures["runs"].as_object_mut().unwrap().values_mut() {
            let run = run.as_object_mut().unwrap();
            run.remove("median_ms");
            run.remove("p95_ms");
        }
        figures
    };
    let first = one("7");
    assert_eq!(first, one("7"));
    assert_ne!(first["runs"], one("8")["runs"]);
}

#[test]
fn each_way_to_save_saves_and_metering_finds_the_feature_on_its_third_day() {
    let runs = figures(&["--json"])["runs"].clone();
    let saved = |run: &str| runs[run]["saved"].as_f64().unwrap();
    for way in ["metering", "routing", "caches"] {
        assert!(
            saved(way) > 0.0 && saved(way) < saved("all"),
            "{way}: {runs:#}"
        );
    }
    assert_eq!(runs["metering"]["feature_found_on_day"], 3);
    // 500 calls, 10 a day from the feature, and none of them on the last two days.
    assert_eq!(runs["nothing"]["calls"], 500);
    assert_eq!(runs["metering"]["calls"], 480);
}

#[test]
fn what_is_no_option_is_refused_in_words() {
    for (arguments, word) in [
        (["--weeks", "2"], "no option"),
        (["--days", "none"], "whole number"),
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
