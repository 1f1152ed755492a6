//! `anymodel spend`: a report from the ledger on disk.

use std::path::PathBuf;
use std::process::ExitCode;

use anymodel::{Duplicates, LedgerFile, Settings, SpendBy, SpendRow, display, usd};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::config::with_hint;
use crate::terminal::print;

/// Show what was spent, by day, model or lesson, and what was paid for twice
///
/// It reads the ledger that clients write when one is named: by ANYMODEL_LEDGER, by `ledger` in the configuration file, or
/// in a program with `.ledger(PATH)`. ANYMODEL_LABEL says what the calls of a client are for, such as a lesson. Amounts are US
/// dollars; ≈ marks what is price × tokens, where the platform did not say. Exit status: 0, or 1 when the file is no ledger.
#[derive(Args)]
pub struct Arguments {
    /// The ledger [default: ANYMODEL_LEDGER, else `ledger` in the configuration file]
    file: Option<PathBuf>,
    /// Sum up by one of these alone [default: by all three]
    #[arg(long, value_enum, conflicts_with = "repeated")]
    by: Option<By>,
    /// Count from this day on, midnight UTC, such as 2026-08-31
    #[arg(long, value_name = "DATE")]
    since: Option<String>,
    /// Show the questions that one model answered more than once for money
    #[arg(long)]
    repeated: bool,
    /// Print one JSON object: file, and by_day, by_model, by_lesson or repeated; amounts as texts
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum By {
    Day,
    Model,
    Lesson,
}

const ALL: [(By, SpendBy, &str); 3] = [
    (By::Day, SpendBy::Day, "by_day"),
    (By::Model, SpendBy::Model, "by_model"),
    (By::Lesson, SpendBy::Label, "by_lesson"),
];

/// Prints tables, or JSON.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let file = match &arguments.file {
        Some(file) => file.clone(),
        None => named()?,
    };
    let since = arguments.since.as_deref();
    // The first client that records a call creates the ledger.
    let ledger = match file.exists() {
        true => Some(LedgerFile::open(&file).map_err(with_hint)?),
        false => None,
    };
    let place = file.display().to_string();
    if arguments.repeated {
        let repeats = match &ledger {
            Some(ledger) => ledger.duplicates(since).map_err(with_hint)?,
            None => Duplicates::default(),
        };
        print(&match arguments.json {
            true => format!(
                "{:#}\n",
                json!({ "file": place, "repeated": repeated(&repeats) })
            ),
            false => format!("{repeats}\n"),
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut object = json!({ "file": place });
    let mut tables = Vec::new();
    let wanted = |by: By| arguments.by.is_none_or(|one| one == by);
    for (_, by, name) in ALL.into_iter().filter(|(by, ..)| wanted(*by)) {
        let rows = match &ledger {
            Some(ledger) => ledger.sums(by, since).map_err(with_hint)?,
            None => Vec::new(),
        };
        object[name] = rows.iter().map(sum).collect();
        if !rows.is_empty() {
            tables.push(display::spending(by, &rows).to_string());
        }
    }
    print(&match (arguments.json, tables.is_empty()) {
        (true, _) => format!("{object:#}\n"),
        (false, false) => format!("{}\n", tables.join("\n\n")),
        (false, true) => format!("{}\n", nothing(&place, since)),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The ledger file in the settings.
fn named() -> anyhow::Result<PathBuf> {
    let settings = Settings::from_env().map_err(with_hint)?;
    settings.ledger.ok_or_else(|| {
        anyhow::anyhow!(
            "no ledger is named\nhint: set ANYMODEL_LEDGER to a file, ask something, and come back; or name the file: \
             anymodel spend FILE"
        )
    })
}

fn nothing(place: &str, since: Option<&str>) -> String {
    match since {
        Some(day) => format!("nothing stands in {place} since {day}"),
        None => format!(
            "nothing stands in {place} yet: whatever is asked while ANYMODEL_LEDGER names it is written there"
        ),
    }
}

fn sum(row: &SpendRow) -> Value {
    json!({
        "name": row.name,
        "simulated": row.simulated,
        "requests": row.attempts,
        "answered": row.answered,
        "failed": row.failed(),
        "cancelled": row.cancelled,
        "killed": row.killed,
        "killed_at_most_usd": row.at_most.to_string(),
        "prompt_tokens": row.prompt_tokens,
        "completion_tokens": row.completion_tokens,
        "reported_usd": row.reported.to_string(),
        "estimated_usd": row.estimated.to_string(),
        "cost": usd(row.cost()),
    })
}

fn repeated(repeats: &Duplicates) -> Value {
    let questions = repeats.questions.iter();
    questions
        .map(|one| {
            json!({
                "fingerprint": one.fingerprint.to_string(),
                "question": one.question,
                "platform": one.platform,
                "model": one.model,
                "times": one.times,
                "cost_usd": one.cost.to_string(),
                "wasted_usd": one.wasted.to_string(),
            })
        })
        .collect()
}
