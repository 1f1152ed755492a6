//! Report of the doctor, one line for each check.

use serde_json::{Value, json};

use crate::config::say;
use crate::terminal::has_colours;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It works.
    Good,
    /// It is broken, and the hint says what to do.
    Bad,
    /// It is not there, not needed, or cannot be known.
    Skipped,
}

/// The finding of one check, one line.
#[derive(Debug)]
pub struct Finding {
    name: String,
    pub state: State,
    what: String,
    hint: Option<String>,
}

impl Finding {
    pub fn good(name: &str, what: impl Into<String>) -> Self {
        Finding::new(name, State::Good, what)
    }

    pub fn bad(name: &str, what: impl Into<String>, hint: impl Into<String>) -> Self {
        Finding::new(name, State::Bad, what).hint(hint)
    }

    pub fn skipped(name: &str, what: impl Into<String>) -> Self {
        Finding::new(name, State::Skipped, what)
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn new(name: &str, state: State, what: impl Into<String>) -> Self {
        Finding {
            name: name.to_owned(),
            state,
            what: what.into(),
            hint: None,
        }
    }

    fn as_json(&self) -> Value {
        let state = match self.state {
            State::Good => "good",
            State::Bad => "bad",
            State::Skipped => "skipped",
        };
        json!({ "check": self.name, "state": state, "message": self.what, "hint": self.hint })
    }

    fn as_text(&self) -> String {
        let (sign, colour) = match self.state {
            State::Good => ("✓", "32"),
            State::Bad => ("✗", "31"),
            State::Skipped => ("–", "2"),
        };
        let sign = match has_colours() {
            true => format!("\u{1b}[{colour}m{sign}\u{1b}[0m"),
            false => sign.to_owned(),
        };
        let mut text = format!("{sign} {:<13} {}\n", self.name, self.what);
        if let Some(hint) = &self.hint {
            text += &format!("{:>16}→ {hint}\n", "");
        }
        text
    }
}

/// The report: lines that are printed at once, or JSON at the end.
pub struct DoctorReport {
    findings: Vec<Finding>,
    in_json: bool,
}

impl DoctorReport {
    pub fn new(in_json: bool) -> Self {
        DoctorReport {
            findings: Vec::new(),
            in_json,
        }
    }

    /// Adds a finding, and returns its state.
    pub fn add(&mut self, finding: Finding) -> anyhow::Result<State> {
        let state = finding.state;
        if !self.in_json {
            say(&finding.as_text())?;
        }
        self.findings.push(finding);
        Ok(state)
    }

    /// Prints the summary and returns whether nothing is broken.
    pub fn end(&self) -> anyhow::Result<bool> {
        let count = |state| {
            self.findings
                .iter()
                .filter(|finding| finding.state == state)
                .count()
        };
        let (good, bad, skipped) = (count(State::Good), count(State::Bad), count(State::Skipped));
        if self.in_json {
            let checks: Vec<Value> = self.findings.iter().map(Finding::as_json).collect();
            let report = json!({
                "ok": bad == 0, "good": good, "bad": bad, "skipped": skipped, "checks": checks,
            });
            say(&format!("{report:#}\n"))?;
        } else {
            let verdict = match bad {
                0 => "Nothing is broken".to_owned(),
                1 => "One thing is broken: the line with ✗ says what to do".to_owned(),
                n => format!("{n} things are broken: the lines with ✗ say what to do"),
            };
            say(&format!("\n{verdict} ({good} ✓, {bad} ✗, {skipped} –).\n"))?;
        }
        Ok(bad == 0)
    }
}
