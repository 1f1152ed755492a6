//! cargo run --release --example month
//!
//! A help desk's month, 2,000 calls a day. The output shows what metering, routing and caches save, alone and together, how
//! many cached answers are wrong, and how many hard questions a router sends to the weak model. The last line is the
//! summary. This is the command line; the simulation is `anymodel::course::month`.

use std::process::ExitCode;
use std::str::FromStr;
use std::time::Instant;

use anymodel::course::month::{Options, Report, Tongue, simulate};

const HELP: &str = "\
A help desk's month: what routing, caches and metering save together, and how many answers they spoil.

Usage: cargo run --release --example month -- [options]

  --seed N        another month by the same rules (default 2026)
  --days N        how many days (default 30)
  --calls N       calls a day (default 2000)
  --lang L        what people write: en, zh or both (default both)
  --strong MODEL  answers everything unless there is a router (default openai/gpt-4o)
  --cheap MODEL   answers what the router finds simple (default openai/gpt-4o-mini)
  --json          the figures as JSON instead of chart and tables
  --help          this text

The models are played by the built-in sandbox: real requests over loopback, simulated answers, the catalogue's prices and
speeds. Nothing leaves this machine and nothing is paid.";

fn main() -> ExitCode {
    let (options, json) = match read(std::env::args().skip(1)) {
        Ok(Some(read)) => read,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("month: {error}");
            return ExitCode::from(2);
        }
    };
    let begun = Instant::now();
    match simulate(&options) {
        Ok(report) if json => println!("{:#}", report.to_json()),
        Ok(report) => print(&report, begun),
        Err(error) => {
            eprintln!("month: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn print(report: &Report, begun: Instant) {
    println!("{report}");
    println!("All that took {:.0} s.", begun.elapsed().as_secs_f64());
    println!("{}", report.verdict());
}

/// The options, and whether JSON is wanted; `None` when help is requested.
fn read(mut arguments: impl Iterator<Item = String>) -> Result<Option<(Options, bool)>, String> {
    let mut options = Options::default();
    let mut json = false;
    while let Some(name) = arguments.next() {
        let mut value = || {
            let missing = || format!("{name} needs a value; --help shows all options");
            arguments.next().ok_or_else(missing)
        };
        match name.as_str() {
            "--help" | "-h" => return Ok(None),
            "--json" => json = true,
            "--seed" => options.seed = number(&name, &value()?)?,
            "--days" => options.days = number(&name, &value()?)?,
            "--calls" => options.calls = number(&name, &value()?)?,
            "--lang" => options.tongues = tongues(&value()?)?,
            "--strong" => options.models.strong = value()?,
            "--cheap" => options.models.cheap = value()?,
            other => return Err(format!("{other:?} is no option; --help shows all of them")),
        }
    }
    options.check()?;
    Ok(Some((options, json)))
}

fn number<T: FromStr>(name: &str, text: &str) -> Result<T, String> {
    let wrong = |_| format!("{name} is a whole number, not {text:?}");
    text.parse().map_err(wrong)
}

fn tongues(text: &str) -> Result<Vec<Tongue>, String> {
    match text {
        "en" => Ok(vec![Tongue::English]),
        "zh" => Ok(vec![Tongue::Chinese]),
        "both" => Ok(vec![Tongue::English, Tongue::Chinese]),
        other => Err(format!("--lang is en, zh or both, not {other:?}")),
    }
}
