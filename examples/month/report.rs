//! Report: the figures as text and as JSON.

use std::collections::HashSet;
use std::time::Duration;

use anymodel::model::catalogue;
use anymodel::prelude::*;
use anymodel::{BarChart, Table};
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use crate::bot::Models;
use crate::corpus::Corpus;
use crate::options::Options;
use crate::outcome::{Outcome, Sum, share};
use crate::traffic::{KNOWN, Kind, Month};

/// A column of the table: its name and its month.
pub type Column<'a> = (&'a str, &'a Outcome);

/// All results.
pub struct Figures<'a> {
    /// The first column is without any feature, the last with all.
    pub columns: [Column<'a>; 5],
    /// The number of days of the comparisons below. Each compares no feature with all features: …
    pub short: usize,
    /// … with half as many repeated questions, …
    pub half: [&'a Outcome; 2],
    /// … and with these models instead.
    pub other: (&'a Models, [&'a Outcome; 2]),
}

impl Figures<'_> {
    fn nothing(&self) -> &Outcome {
        self.columns[0].1
    }

    fn all(&self) -> &Outcome {
        self.columns[4].1
    }

    /// The last line of the report.
    pub fn verdict(&self) -> String {
        verdict(self.nothing().sum(), self.all().sum())
    }

    /// The comparisons over fewer days: the difference, and the outcome.
    fn comparisons(&self, models: &Models) -> [(String, String); 3] {
        let (nothing, all) = (
            self.nothing().first(self.short),
            self.all().first(self.short),
        );
        let pair = |[nothing, all]: [&Outcome; 2]| verdict(nothing.sum(), all.sum());
        let (other, outcomes) = self.other;
        [
            ("as above".to_owned(), verdict(nothing, all)),
            (
                format!(
                    "{} of people's questions from the knowledge base, not {}",
                    percent(KNOWN / 2.0),
                    percent(KNOWN)
                ),
                pair(self.half),
            ),
            (
                format!(
                    "{} and {}, whose prices differ {:.1} times, not {:.1} times",
                    other.strong,
                    other.cheap,
                    dearer(other),
                    dearer(models)
                ),
                pair(outcomes),
            ),
        ]
    }
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
fn dearer(models: &Models) -> f64 {
    let price = |id: &str| catalogue().get(id).map(|model| model.pricing.blended());
    let (strong, cheap) = (price(&models.strong), price(&models.cheap));
    let times = strong
        .zip(cheap)
        .and_then(|(strong, cheap)| strong.checked_div(cheap));
    times.and_then(|times| times.to_f64()).unwrap_or_default()
}

fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

fn cents(one: &Outcome) -> String {
    format!("${:.2}", one.bill.round_dp(2))
}

fn time(took: Duration) -> String {
    match took.as_secs_f64() {
        short if short < 0.01 => format!("{:.2} ms", short * 1e3),
        long => format!("{long:.2} s"),
    }
}

/// The drawn questions, counted.
struct Drawn {
    people: usize,
    exact: usize,
    known: usize,
    hard: usize,
    topics: usize,
}

fn drawn(month: &Month) -> Drawn {
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
        people: people.len(),
        exact,
        known,
        hard: people.iter().filter(|call| call.hard).count(),
        topics: topics.map(|call| call.wants).collect::<HashSet<_>>().len(),
    }
}

/// Prints everything except the last line.
pub fn print(figures: &Figures<'_>, options: &Options, corpus: &Corpus, month: &Month) {
    let drawn = drawn(month);
    println!(
        "A help desk with {} calls a day for {} days, answered by the built-in sandbox: requests over loopback are real,\n\
         answers are simulated, prices and speeds are the catalogue's. {} answers everything;\n\
         with routing, {} answers what looks simple.\n",
        options.calls, options.days, options.models.strong, options.models.cheap
    );
    println!(
        "{} calls, {} of them people's: {} repeat an earlier question word by word, {} in any words ({} answers out of\n\
         {} written topics and their values), {} are hard. The rest of the calls is one feature that always asks the same.\n",
        month.calls(),
        drawn.people,
        percent(share(drawn.exact, drawn.people)),
        percent(share(drawn.known, drawn.people)),
        drawn.topics,
        corpus.written,
        percent(share(drawn.hard, drawn.people)),
    );
    table(figures);
    chart(figures);
    if let Some(day) = figures.columns[1].1.found {
        println!(
            "Metering: on the evening of day {day} the count of repeats had shown one call far too often three days running;\n\
             the feature behind it was switched off."
        );
    }
    let all = figures.all();
    for wrong in all.wrong.iter().take(4) {
        let what = match wrong.kind {
            Kind::Now => "an answer that was no longer true, to",
            _ => "the answer to",
        };
        println!("Wrong: {:?} got {what} {:?}", wrong.asked, wrong.answers);
    }
    println!("What if? The first {} days of such a month:", figures.short);
    for (what, came) in figures.comparisons(&options.models) {
        println!("  {what}: {came}");
    }
}

fn table(figures: &Figures<'_>) {
    let [a, b, c, d, e] = figures.columns.map(|(name, _)| name);
    let mut table = Table::new("A month", ["", a, b, c, d, e]).right_align(&[1, 2, 3, 4, 5]);
    let nothing = figures.nothing();
    let mut row = |name: &str, cell: &dyn Fn(&Outcome) -> String| {
        let [a, b, c, d, e] = figures.columns.map(|(_, outcome)| cell(outcome));
        table.push([name.to_owned(), a, b, c, d, e]);
    };
    let rate = |part: usize, whole: usize| match whole {
        0 => "–".to_owned(),
        _ => percent(share(part, whole)),
    };
    row("cost", &|one| cents(one));
    row("saved", &|one| percent(one.sum().saved(&nothing.sum())));
    row("calls paid for", &|one| {
        (one.calls - one.hits()).to_string()
    });
    row("found: the same words", &|one| rate(one.exact, one.people));
    row("found: in flight", &|one| rate(one.in_flight, one.people));
    row("found: the same meaning", &|one| {
        rate(one.semantic, one.people)
    });
    row("wrong, of those found", &|one| match one.hits() {
        0 => "–".to_owned(),
        _ => format!("{:.2} %", one.sum().wrong_rate() * 100.0),
    });
    row("hard to the weak model", &|one| {
        rate(one.hard_to_weak, one.hard)
    });
    row("simple to the strong one", &|one| {
        rate(one.easy_to_strong, one.people - one.hard)
    });
    row("time, median", &|one| time(one.time(0.5)));
    row("time, 95 of 100 at most", &|one| time(one.time(0.95)));
    show(&table);
}

fn chart(figures: &Figures<'_>) {
    let nothing = figures.nothing();
    let mut chart = BarChart::new("What is left of the bill");
    for (name, outcome) in figures.columns {
        let left = 1.0 - outcome.sum().saved(&nothing.sum());
        chart = chart.bar(
            name,
            left,
            format!("{} ({})", cents(outcome), percent(left)),
        );
    }
    show(&chart);
}

/// The same as JSON.
pub fn json(figures: &Figures<'_>, options: &Options, month: &Month) -> Value {
    let drawn = drawn(month);
    let nothing = figures.nothing();
    let one = |outcome: &Outcome, nothing: &Outcome| {
        let wrong: Vec<Value> = outcome
            .wrong
            .iter()
            .map(|one| json!({ "found": one.hit, "kind": format!("{:?}", one.kind), "asked": one.asked, "answers": one.answers }))
            .collect();
        json!({
            "usd": outcome.bill.to_string(),
            "saved": outcome.sum().saved(&nothing.sum()),
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
    };
    let runs: serde_json::Map<String, Value> = figures
        .columns
        .iter()
        .map(|(name, outcome)| ((*name).to_owned(), one(outcome, nothing)))
        .collect();
    let what_if: Vec<Value> = figures
        .comparisons(&options.models)
        .into_iter()
        .map(|(what, came)| json!({ "what": what, "came": came }))
        .collect();
    json!({
        "simulated": true,
        "seed": options.seed, "days": options.days, "calls_a_day": options.calls,
        "strong": options.models.strong, "cheap": options.models.cheap,
        "drawn": {
            "calls": month.calls(), "people": drawn.people, "exact_repeats": share(drawn.exact, drawn.people),
            "repeats": share(drawn.known, drawn.people), "hard": share(drawn.hard, drawn.people), "answers": drawn.topics,
        },
        "runs": runs,
        "what_if": { "days": figures.short, "comparisons": what_if },
        "verdict": figures.verdict(),
    })
}
