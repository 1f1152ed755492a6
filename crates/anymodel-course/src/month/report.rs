//! Report: the figures of a simulated month, and their form as JSON.

use std::collections::HashSet;

use anymodel_catalog::model::catalogue;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

use super::options::{ModelPair, Options};
use super::outcome::{Outcome, Sum, share};
use super::traffic::{KNOWN, Kind, Month};

/// Results of a simulated month. Displayed, it is a table, a chart and sentences; [`verdict`](Self::verdict) sums it up.
#[derive(Debug)]
pub struct Report {
    pub(super) options: Options,
    /// The number of topics in the corpus before slots were filled.
    pub(super) written: usize,
    pub(super) drawn: Drawn,
    /// Each with its name: the first is without any feature, the last with all.
    pub(super) columns: [(&'static str, Outcome); 5],
    /// The number of days of the comparisons below. Each compares no feature with all features: …
    pub(super) short: usize,
    /// … with half as many repeated questions, …
    pub(super) half: [Outcome; 2],
    /// … and with these models instead.
    pub(super) other: (ModelPair, [Outcome; 2]),
}

impl Report {
    /// The part of the bill that all features together save, 0 to 1.
    pub fn saved(&self) -> f64 {
        self.all().sum().saved(&self.nothing().sum())
    }

    /// The part of the answers from the cache that belonged to another question, 0 to 1.
    pub fn wrong_rate(&self) -> f64 {
        self.all().sum().wrong_rate()
    }

    /// The summary, as in `saved 76.6 %, wrong answers 0.56 %`.
    pub fn verdict(&self) -> String {
        verdict(self.nothing().sum(), self.all().sum())
    }

    /// The figures as JSON: costs as text in US dollars, shares 0 to 1, times in milliseconds.
    pub fn to_json(&self) -> Value {
        let nothing = self.nothing().sum();
        let runs = self.columns.iter();
        let runs: Map<String, Value> = runs
            .map(|(name, outcome)| ((*name).to_owned(), run_json(outcome, &nothing)))
            .collect();
        let comparisons = self.comparisons().into_iter();
        let comparisons: Vec<Value> = comparisons
            .map(|(what, came)| json!({ "what": what, "came": came }))
            .collect();
        let (options, drawn) = (&self.options, &self.drawn);
        json!({
            "simulated": true,
            "seed": options.seed, "days": options.days, "calls_a_day": options.calls,
            "strong": options.models.strong, "cheap": options.models.cheap,
            "drawn": {
                "calls": drawn.calls, "people": drawn.people, "exact_repeats": share(drawn.exact, drawn.people),
                "repeats": share(drawn.known, drawn.people), "hard": share(drawn.hard, drawn.people), "answers": drawn.topics,
            },
            "runs": runs,
            "what_if": { "days": self.short, "comparisons": comparisons },
            "verdict": self.verdict(),
        })
    }

    pub(super) fn nothing(&self) -> &Outcome {
        &self.columns[0].1
    }

    pub(super) fn all(&self) -> &Outcome {
        &self.columns[4].1
    }

    /// The comparisons over fewer days: the difference, and the outcome.
    pub(super) fn comparisons(&self) -> [(String, String); 3] {
        let (nothing, all) = (
            self.nothing().first(self.short),
            self.all().first(self.short),
        );
        let pair = |[nothing, all]: &[Outcome; 2]| verdict(nothing.sum(), all.sum());
        let (other, outcomes) = &self.other;
        [
            ("as above".to_owned(), verdict(nothing, all)),
            (
                format!(
                    "{} of people's questions from the knowledge base, not {}",
                    percent(KNOWN / 2.0),
                    percent(KNOWN)
                ),
                pair(&self.half),
            ),
            (
                format!(
                    "{} and {}, whose prices differ {:.1} times, not {:.1} times",
                    other.strong,
                    other.cheap,
                    dearer(other),
                    dearer(&self.options.models)
                ),
                pair(outcomes),
            ),
        ]
    }
}

fn run_json(outcome: &Outcome, nothing: &Sum) -> Value {
    let wrong: Vec<Value> = outcome
        .wrong
        .iter()
        .map(|one| json!({ "found": one.hit, "kind": format!("{:?}", one.kind), "asked": one.asked, "answers": one.answers }))
        .collect();
    json!({
        "usd": outcome.bill.to_string(),
        "saved": outcome.sum().saved(nothing),
        "calls": outcome.calls,
        "people": outcome.people,
        "exact": outcome.exact,
        "in_flight": outcome.in_flight,
        "semantic": outcome.semantic,
        "wrong": outcome.wrong.len(),
        "wrong_rate": outcome.sum().wrong_rate(),
        "wrong_answers": wrong,
        "hard": outcome.hard,
        "hard_to_weak": outcome.hard_to_weak,
        "easy_to_strong": outcome.easy_to_strong,
        "median_ms": outcome.time(0.5).as_secs_f64() * 1e3,
        "p95_ms": outcome.time(0.95).as_secs_f64() * 1e3,
        "feature_found_on_day": outcome.found,
    })
}

fn verdict(nothing: Sum, all: Sum) -> String {
    let (saved, wrong) = (all.saved(&nothing), all.wrong_rate());
    format!(
        "saved {:.1} %, wrong answers {:.2} %",
        saved * 100.0,
        wrong * 100.0
    )
}

/// The price ratio of the strong to the weak model, by the catalogue.
fn dearer(models: &ModelPair) -> f64 {
    let price = |id: &str| catalogue().get(id).map(|model| model.pricing.blended());
    let (strong, cheap) = (price(&models.strong), price(&models.cheap));
    let times = strong
        .zip(cheap)
        .and_then(|(strong, cheap)| strong.checked_div(cheap));
    times.and_then(|times| times.to_f64()).unwrap_or_default()
}

pub(super) fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

/// The drawn calls, counted.
#[derive(Debug)]
pub(super) struct Drawn {
    pub calls: usize,
    pub people: usize,
    pub exact: usize,
    pub known: usize,
    pub hard: usize,
    pub topics: usize,
}

pub(super) fn drawn(month: &Month) -> Drawn {
    let people = month
        .days
        .iter()
        .flatten()
        .filter(|call| call.kind != Kind::Feature);
    let people: Vec<_> = people.collect();
    let (mut texts, mut answers) = (HashSet::new(), HashSet::new());
    let (mut exact, mut known) = (0, 0);
    for call in &people {
        let said_before = !texts.insert(call.text.as_str());
        let answered_before = !answers.insert(call.wants);
        exact += usize::from(said_before && answered_before);
        known += usize::from(answered_before);
    }
    let topics = people.iter().filter(|call| call.kind == Kind::Known);
    Drawn {
        calls: month.calls(),
        people: people.len(),
        exact,
        known,
        hard: people.iter().filter(|call| call.hard).count(),
        topics: topics.map(|call| call.wants).collect::<HashSet<_>>().len(),
    }
}
