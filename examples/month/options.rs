//! Command line options.

use crate::bot::Models;
use crate::corpus::Tongue;

pub const HELP: &str = "\
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

/// The parsed options.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub seed: u64,
    pub days: usize,
    pub calls: usize,
    pub tongues: Vec<Tongue>,
    pub models: Models,
    pub json: bool,
}

/// Parses the arguments; `None` when help is requested.
pub fn read(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options {
        seed: 2026,
        days: 30,
        calls: 2000,
        tongues: vec![Tongue::English, Tongue::Chinese],
        models: Models::new("openai/gpt-4o", "openai/gpt-4o-mini"),
        json: false,
    };
    while let Some(name) = arguments.next() {
        let mut value = || {
            let missing = || format!("{name} needs a value; --help shows all options");
            arguments.next().ok_or_else(missing)
        };
        match name.as_str() {
            "--help" | "-h" => return Ok(None),
            "--json" => options.json = true,
            "--seed" => options.seed = number(&name, &value()?, 0, u64::MAX)?,
            "--days" => options.days = number(&name, &value()?, 1, 365)? as usize,
            "--calls" => options.calls = number(&name, &value()?, 10, 100_000)? as usize,
            "--lang" => {
                options.tongues = match value()?.as_str() {
                    "en" => vec![Tongue::English],
                    "zh" => vec![Tongue::Chinese],
                    "both" => vec![Tongue::English, Tongue::Chinese],
                    other => return Err(format!("--lang is en, zh or both, not {other:?}")),
                }
            }
            "--strong" => options.models.strong = model(&name, value()?)?,
            "--cheap" => options.models.cheap = model(&name, value()?)?,
            other => return Err(format!("{other:?} is no option; --help shows all of them")),
        }
    }
    Ok(Some(options))
}

fn number(name: &str, text: &str, least: u64, most: u64) -> Result<u64, String> {
    let number = text.parse().ok();
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("{name} is a whole number from {least} to {most}, not {text:?}"))
}

/// A model with a known price and speed in the catalogue.
fn model(name: &str, id: String) -> Result<String, String> {
    let catalogue = anymodel::model::catalogue();
    match catalogue.get(&id) {
        Some(model) if !model.hosts.is_empty() && !model.is_free() => Ok(id),
        Some(_) => Err(format!(
            "{name}: {id} has no price, so there is nothing to save"
        )),
        None => {
            let near = catalogue.nearest(&id, 3).join(", ");
            Err(format!(
                "{name}: the catalogue has no {id:?}; near it are {near}"
            ))
        }
    }
}
