//! The simulated month in miniature, against the sandbox.

use anymodel_course::month::{ModelPair, Options, simulate};
use serde_json::Value;

fn small(seed: u64) -> Options {
    Options {
        seed,
        days: 5,
        calls: 100,
        ..Options::default()
    }
}

fn figures(options: &Options) -> Value {
    simulate(options).unwrap().to_json()
}

#[test]
fn the_same_seed_gives_the_same_month_and_another_seed_another() {
    let one = |seed| {
        let mut figures = figures(&small(seed));
        // A hit takes the time that it takes.
        for run in figures["runs"].as_object_mut().unwrap().values_mut() {
            let run = run.as_object_mut().unwrap();
            run.remove("median_ms");
            run.remove("p95_ms");
        }
        figures
    };
    let first = one(7);
    assert_eq!(first, one(7));
    assert_ne!(first["runs"], one(8)["runs"]);
}

#[test]
fn each_way_to_save_saves_and_metering_finds_the_feature_on_its_third_day() {
    let report = simulate(&small(2026)).unwrap();
    let runs = report.to_json()["runs"].clone();
    let saved = |run: &str| runs[run]["saved"].as_f64().unwrap();
    for way in ["metering", "routing", "caches"] {
        assert!(
            saved(way) > 0.0 && saved(way) < saved("all"),
            "{way}: {runs:#}"
        );
    }
    assert_eq!(saved("all"), report.saved());
    assert_eq!(runs["metering"]["feature_found_on_day"], 3);
    // 500 calls, 10 a day from the feature, and none of them on the last two days.
    assert_eq!(runs["nothing"]["calls"], 500);
    assert_eq!(runs["metering"]["calls"], 480);
}

#[test]
fn a_report_is_text_with_its_figures_and_says_that_they_are_simulated() {
    let report = simulate(&small(2026)).unwrap();
    let text = report.to_string();
    let saved = format!("{:.1} %", report.saved() * 100.0);
    for part in ["simulated", "metering", &saved] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let wrong = report.wrong_rate() * 100.0;
    assert_eq!(
        report.verdict(),
        format!("saved {saved}, wrong answers {wrong:.2} %")
    );
}

#[test]
fn what_cannot_be_simulated_is_refused_before_any_call() {
    let refused = |options: Options| simulate(&options).unwrap_err();
    let days = refused(Options {
        days: 400,
        ..small(1)
    });
    assert_eq!(days, "days: 1 to 365, not 400");
    let nobody = refused(Options {
        tongues: Vec::new(),
        ..small(1)
    });
    assert!(nobody.contains("at least one language"), "{nobody}");
    let unknown = refused(Options {
        models: ModelPair::new("openai/gpt-4o", "openai/gpt-4o-mimi"),
        ..small(1)
    });
    assert!(unknown.contains("near it are"), "{unknown}");
}
