//! The figures for people and for programs.

use std::time::Duration;

use anymodel::prelude::*;
use serde_json::{Value, json};

use crate::corpus::Corpus;
use crate::options::Options;
use crate::outcome::{Outcome, share};
use crate::traffic::{KNOWN, Kind, Month};

/// A column of the table: its name and its month.
pub type Column<'a> = (&'a str, &'a Outcome);

/// All that came out.
pub struct Figures<'a> {
    /// Nothing first, all last.
    pub columns: [Column<'a>; 5],
    /// Nothing and all in a month with half as many repeated questions.
    pub half: (&'a Outcome, &'a Outcome),
}

impl Figures<'_> {
    fn nothing(&self) -> &Outcome {
        self.columns[0].1
    }

    fn all(&self) -> &Outcome {
        self.columns[4].1
    }

    /// The last line.
    pub fn verdict(&self) -> String {
        verdict(self.nothing(), self.all())
    }
}

fn verdict(nothing: &Outcome, all: &Outcome) -> String {
    let (saved, wrong) = (all.saved(nothing), all.wrong_rate());
    format!("saved {:.1} %, wrong answers {:.2} %", saved * 100.0, wrong * 100.0)
}

fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

fn time(took: Duration) -> String {
    match took.as_secs_f64() {
        short if short < 0.01 => format!("{:.2} ms", short * 1e3),
        long => format!("{long:.2} s"),
    }
}

/// What people asked, as it came out of the draw.
struct Drawn {
    people: usize,
    exact: usize,
    known: usize,
    hard: usize,
    topics: usize,
}

fn drawn(month: &Month) -> Drawn {
    let people = month.days.iter().flatten().filter(|call| call.kind != Kind::Feature);
    let people: Vec<_> = people.collect();
    let (mut texts, mut answers) = (std::collections::HashSet::new(), std::collections::HashSet::new());
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
        topics: topics.map(|call| call.wants).collect::<std::collections::HashSet<_>>().len(),
    }
}

/// Prints everything but the last line.
pub fn print(figures: &Figures<'_>, options: &Options, corpus: &Corpus, month: &Month) {
    let drawn = drawn(month);
    println!(
        "A help desk with {} calls a day for {} days, answered by the built-in sandbox: requests over loopback are real,\n\
         answers are simulated, prices and speeds are the catalogue's. {} answers everything;\n\
         with routing, {} answers what looks simple.\n",
        options.calls, options.days, options.strong, options.cheap
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
    for wrong in all.wrong.iter().take(3) {
        println!("Wrong ({}): {:?} got the answer to {:?}", wrong.hit, wrong.asked, wrong.answers);
    }
    println!(
        "With half as many questions from the knowledge base ({} of people's instead of {}): {}",
        percent(KNOWN / 2.0),
        percent(KNOWN),
        verdict(figures.half.0, figures.half.1)
    );
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
    row("cost", &|one| usd(one.bill));
    row("saved", &|one| percent(one.saved(nothing)));
    row("calls paid for", &|one| (one.calls - one.hits()).to_string());
    row("found: the same words", &|one| rate(one.exact, one.people));
    row("found: in flight", &|one| rate(one.in_flight, one.people));
    row("found: the same meaning", &|one| rate(one.semantic, one.people));
    row("wrong answers, of those found", &|one| match one.hits() {
        0 => "–".to_owned(),
        _ => format!("{:.2} %", one.wrong_rate() * 100.0),
    });
    row("hard questions to the weak model", &|one| rate(one.hard_to_weak, one.hard));
    row("simple questions to the strong one", &|one| rate(one.easy_to_strong, one.people - one.hard));
    row("time, median", &|one| time(one.time(0.5)));
    row("time, 95 of 100 at most", &|one| time(one.time(0.95)));
    show(&table);
}

fn chart(figures: &Figures<'_>) {
    let nothing = figures.nothing();
    let mut chart = BarChart::new("What is left of the bill");
    for (name, outcome) in figures.columns {
        let left = 1.0 - outcome.saved(nothing);
        chart = chart.bar(name, left, format!("{} ({})", usd(outcome.bill), percent(left)));
    }
    show(&chart);
}

/// The same for programs.
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
            "saved": outcome.saved(nothing),
            "calls": outcome.calls,
            "people": outcome.people,
            "exact": outcome.exact,
            "in_flight": outcome.in_flight,
            "semantic": outcome.semantic,
            "wrong": outcome.wrong.len(),
            "wrong_rate": outcome.wrong_rate(),
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
    let (half_nothing, half_all) = figures.half;
    json!({
        "simulated": true,
        "seed": options.seed, "days": options.days, "calls_a_day": options.calls,
        "strong": options.strong, "cheap": options.cheap,
        "drawn": {
            "calls": month.calls(), "people": drawn.people, "exact_repeats": share(drawn.exact, drawn.people),
            "repeats": share(drawn.known, drawn.people), "hard": share(drawn.hard, drawn.people), "answers": drawn.topics,
        },
        "runs": runs,
        "half_the_repeats": { "nothing": one(half_nothing, half_nothing), "all": one(half_all, half_nothing) },
        "verdict": figures.verdict(),
    })
}
