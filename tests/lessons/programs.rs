//! The examples run as a learner runs them: no key, no network, exit status 0, and what their heads promise.

use std::path::PathBuf;
use std::process::Command;

use anymodel::course;

use crate::keyless::keyless;

/// An example, as cargo builds it together with all tests; `--test lessons` alone builds none.
fn built(example: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let target = own.parent().and_then(|deps| deps.parent()).unwrap();
    let program = target
        .join("examples")
        .join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not built: run `cargo build --examples` first",
        program.display()
    );
    program
}

/// Runs an example without a key and returns what it printed.
fn run(example: &str, time_scale: &str) -> String {
    let mut command = Command::new(built(example));
    // A folder without a `.env` above it, so that the reader's own key is not used.
    let output = keyless(&mut command)
        .env_remove("EVCXR_IS_RUNTIME")
        .env("ANYMODEL_SANDBOX_TIME_SCALE", time_scale)
        .current_dir(std::env::temp_dir())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.success(),
        "{example}: {}\n{printed}\n{said}",
        output.status
    );
    assert!(
        said.contains("built-in sandbox"),
        "{example} says who answers: {said}"
    );
    printed
}

/// The places of `parts` in `text`: each is there, and comes after the one before.
fn in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let Some(at) = rest.find(part) else {
            panic!("{part:?} is missing, or at the wrong place, in:\n{text}")
        };
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn basic_call_shows_the_problem_the_shapes_an_answer_and_another_platform() {
    let printed = run("basic_call", "0");
    let mut parts = vec![
        "3 × 4 = 12 connections",
        "OpenAI",
        "\"messages\"",
        "Anthropic",
        "\"max_tokens\"",
    ];
    parts.extend([
        "Google Gemini",
        "\"contents\"",
        "3 + 4 = 7 connections",
        "Rust",
        "tokens: ",
    ]);
    parts.extend(course::THREE);
    parts.extend([
        "POST https://zenmux.ai/api/v1/chat/completions",
        "(hidden)",
        course::MODEL,
    ]);
    in_order(&printed, &parts);
    assert!(!printed.contains("not-a-real-key"), "{printed}");
}

#[test]
fn multi_model_shows_every_answer_and_one_failure() {
    let printed = run("multi_model", "0");
    assert_eq!(printed.matches("✓ ").count(), 3, "{printed}");
    let failure = format!("✗ {}", course::RETIRED);
    in_order(
        &printed,
        &[
            "✓ ",
            "✓ ",
            "✓ ",
            &failure,
            "failed: model not found",
            "hint: ",
            "cheapest: ",
            "$0 ",
        ],
    );
}

#[test]
fn fallback_passes_over_two_models_by_hand_and_again_in_one_call() {
    // In real time: the second model has to be slow.
    let printed = run("fallback", "1");
    let [limited, slow, answers, never] = course::CHAIN;
    let by_hand = [limited, slow, answers, never].map(|model| format!("→ {model}"));
    in_order(
        &printed,
        &[
            &by_hand[0],
            "✗ ",
            "rate limited",
            &by_hand[1],
            "✗ ",
            "timeout",
            &by_hand[2],
            &format!("✓ {answers}"),
            "What was tried",
            "rate limited",
            "next model",
            "timeout",
            "next model",
            "answered",
            "none of 2 models answered",
            "hint: ",
        ],
    );
    assert!(!printed.contains(&by_hand[3]), "{printed}");
}

#[test]
fn async_compare_shows_answers_as_they_come_and_takes_as_long_as_the_slowest() {
    // In real time: without it there is nothing to save.
    let printed = run("async_compare", "1");
    let failure = format!("✗ {}: model not found", course::RETIRED);
    in_order(
        &printed,
        &[
            &failure,
            "✓ ",
            "✓ ",
            "✓ ",
            "✓ ",
            "✓ ",
            "failed: model not found",
            "all at once: ",
            "one by one: ",
            "Time to the whole answer",
            "█",
            "Cost of the answer",
            "█",
            "failed: timeout",
        ],
    );
    let seconds = |label: &str| -> f64 {
        let line = printed
            .lines()
            .find_map(|line| line.strip_prefix(label))
            .unwrap()
            .trim();
        match line.strip_suffix("ms") {
            Some(thousandths) => thousandths.parse::<f64>().unwrap() / 1000.0,
            None => line.trim_end_matches('s').parse().unwrap(),
        }
    };
    assert!(
        seconds("all at once:") < 0.7 * seconds("one by one:"),
        "{printed}"
    );
}

#[test]
fn auto_routing_shows_the_requests_and_who_answered() {
    let printed = run("auto_routing", "0");
    in_order(
        &printed,
        &[
            "\"cost_tier\": \"low\"",
            "Fastest",
            "\"throughput\"",
            "Best",
            "\"cost_tier\": \"max\"",
            "\"partition\": \"none\"",
            "Who answered?",
            "Cheapest",
            "Fastest",
            "Best",
            "sandbox (simulated)",
        ],
    );
    assert!(!printed.contains("\"route\""), "{printed}");
    assert!(
        course::AMONG
            .iter()
            .any(|model| printed.lines().last().unwrap().starts_with(model)),
        "{printed}"
    );
}

#[test]
fn streaming_shows_events_a_growing_answer_a_cut_one_and_its_rescue() {
    // Slow enough for the limit on silence to be reached.
    let printed = run("streaming", "0.2");
    in_order(
        &printed,
        &[
            "openai/gpt-4o-mini begins",
            "\"12\"",
            "tokens",
            "whole: 12 percent of 250 is 30.",
            "The first word and the last",
            "first word",
            "█",
            "whole",
            "Sunlight",
            "· sandbox (simulated) ·",
            "A careful client notices the missing end\n",
            "answer cut off",
            "not whole: 2",
            "Sunlight",
            "What was tried",
            "answer cut off",
            "next model",
            "answered",
            "sandbox/stream-cut begins",
            "✗ answer cut off: all of this is void",
            "openai/gpt-4o-mini begins anew",
            "Sunlight",
            "✓ openai/gpt-4o-mini",
            "What was tried",
            course::STALLED[0],
            "timeout",
            "answered",
        ],
    );
}

#[test]
fn structured_output_shows_a_value_two_requests_a_repair_an_error_and_a_function_that_was_called() {
    let printed = run("structured_output", "0");
    in_order(
        &printed,
        &[
            "guests: 4",
            "19:00, Chen: 4 chairs, Outside",
            "\"How many people come.\"",
            "\"strict\": true",
            "\"input_schema\"",
            "Booking { guests: 4, hour: 19, name: \"Chen\", seat: Outside }",
            "invalid type: string \"about 4\"",
            "it fits",
            "What was tried",
            "answer does not fit",
            "answered",
            "the answer does not fit Booking",
            "hint: ",
            "free_tables({\"hour\":19}) -> 5",
            "5",
        ],
    );
}

#[test]
fn any_platform_reaches_four_platforms_and_one_that_was_added() {
    let printed = run("any_platform", "0");
    let mut parts = vec!["3 + 4 = 7 connections"];
    parts.extend(course::PLATFORMS);
    parts.extend([
        "POST https://openrouter.ai/api/v1/chat/completions",
        "POST https://zenmux.ai/api/v1/chat/completions",
        "POST https://api.anthropic.com/v1/messages",
        "\"system\"",
        "POST https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
        "\"systemInstruction\"",
        "What was tried",
        "overloaded",
        "answered",
        "Platforms",
        "bedrock",
        "llamacpp",
        "I am a robot of Acme",
        "I am a robot of Acme",
        "robot-1 · acme",
        "overloaded",
        "acme: robot-1",
    ]);
    in_order(&printed, &parts);
    assert_eq!(printed.matches("✓ ").count(), 4, "{printed}");
    assert!(!printed.contains("not-a-real-key"), "{printed}");
}

#[test]
fn routing_shows_hosts_turns_the_fastest_a_circuit_kinds_difficulties_and_a_rule() {
    // In real time: without it nobody is the fastest.
    let printed = run("routing", "1");
    let [first, second, third] = course::ROUTE;
    let quick = format!("{third} (fastest first: it took");
    in_order(
        &printed,
        &[
            "\"max_price\"",
            course::HOSTED,
            "\"only\"",
            course::HOSTED,
            first,
            second,
            third,
            first,
            "fastest first: not measured yet",
            &quick,
            &quick,
            "How the models fare, fastest first",
            "call 5, requests: 2",
            "call 7, requests: 1 (failover: the first in order that may be asked; 1 of 2 left alone)",
            "0 of 5",
            "7 of 7",
        ],
    );
    in_order(
        &printed,
        &[
            "By kind",
            course::PROGRAMMER,
            course::WRITER,
            course::MATHEMATICIAN,
            course::MODEL,
            "By difficulty",
            course::STRONG,
            course::MODEL,
            "What was tried, by difficulty: ",
            "own strategy: it has never failed",
        ],
    );
}

#[test]
fn free_models_lists_recommends_goes_on_and_keeps_the_limit() {
    let printed = run("free_models", "0");
    in_order(
        &printed,
        &[
            "sandbox (simulated), from the built-in list of",
            "models in numbers",
            "longest context",
            "US dollars for a million tokens",
            "█",
            ":free",
            "(GPT)",
            "daily work: ",
            "hard tasks: ",
            "made for reasoning",
            "programming: ",
            "made for programs",
            "For programming",
            "Which model for what",
            ":free → ",
            "· sandbox (simulated) ·",
            "$0",
            "What was tried",
            course::ENDED,
            "model not found",
            "answered",
            "Still there?",
            "gone",
            "there",
            "question 21: ",
            "20 requests a minute are allowed",
            "What was spent",
            "20 of 20",
        ],
    );
    assert!(!printed.contains("question 20"), "{printed}");
}

#[test]
fn caching_pays_once_asks_once_for_ten_and_keeps_nothing_that_changes() {
    let printed = run("caching", "0");
    in_order(
        &printed,
        &[
            "openai/gpt-4o-mini · sandbox (simulated)",
            "$0 · not asked: the same question",
            "as before: the same question",
            "a space more: asked",
            "at most 50 tokens: asked",
            "standing orders: asked",
            "requests: 1, answers shared: 9",
            "$0 · not asked: the same question",
            "Kept, or asked each time?",
            "asked: time",
            "kept",
            "asked: ",
            "kept",
            "asked: again",
            "asked: personal data",
            "How do I reverse a list in Python?",
            "What the cache did",
        ],
    );
    // The traps are asked, whoever compares.
    for trap in ["in Ruby?", "2 lists in Python?", "I not reverse"] {
        let row = printed.lines().find(|line| line.contains(trap));
        assert!(row.is_some_and(|row| row.contains("asked")), "{printed}");
    }
}

#[test]
fn cost_and_budget_shows_prices_before_and_after_a_budget_that_ends_and_what_was_paid_for_twice() {
    let printed = run("cost_and_budget", "0");
    in_order(
        &printed,
        &[
            "the question, ",
            "with 4096 tokens of answer: $0.002",
            course::MODEL,
            "What was tried",
            // The table folds the name.
            &course::PAID_TWICE[0][..16],
            "next model",
            "What was spent",
            "What was tried",
            "not asked",
            "it may cost up to",
            "What was spent, and what is left",
            "one call",
            "$0.0005",
            " answers, and then:",
            "left in all",
            "hint: ",
            "Questions that were paid for more than once",
            "When does the library open?",
            "3",
        ],
    );
    // A big letter makes another question.
    assert!(!printed.contains("how many books"), "{printed}");
}

#[test]
fn the_first_line_of_an_example_is_the_command_that_runs_it() {
    for lesson in super::LESSONS {
        let example = super::example(lesson);
        let text = super::notebook::text(format!("examples/{example}.rs"));
        assert!(text.starts_with(&format!(
            "//! cargo run --example {example}\n//!\n//! Lesson {}. You see ",
            lesson[..2].trim_start_matches('0')
        )));
        assert!(
            text.lines().count() <= 120,
            "{example} is longer than a page or two"
        );
    }
}
