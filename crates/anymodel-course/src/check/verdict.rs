//! The verdict of a checker.

use std::fmt;

use anymodel_display::{
    Show,
    output::{escape, sanitize},
};
use anymodel_types::Error;

/// The verdict of a checker: passed, or the reasons why not. It displays as `PASSED …` or `FAILED …` with one reason a line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a verdict is there to be shown"]
#[non_exhaustive]
pub struct Verdict {
    /// Whether every case passed.
    pub passed: bool,
    /// The reasons of the failed cases, in order.
    pub reasons: Vec<String>,
    cases: usize,
}

impl Verdict {
    fn headline(&self) -> String {
        match (self.passed, self.cases) {
            (true, cases) => format!("PASSED: all {cases} cases came out right"),
            (false, 0) => "FAILED".to_owned(),
            (false, cases) => format!("FAILED: {} of {cases} cases", self.reasons.len()),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        self.reasons
            .iter()
            .try_for_each(|reason| write!(f, "\n  - {}", sanitize(reason)))
    }
}

impl Show for Verdict {
    fn to_html(&self) -> String {
        let reasons: String = self
            .reasons
            .iter()
            .map(|reason| format!("<li>{}</li>", escape(reason)))
            .collect();
        let list = match reasons.is_empty() {
            true => reasons,
            false => format!("<ul>{reasons}</ul>"),
        };
        format!("<p><strong>{}</strong></p>{list}", escape(&self.headline()))
    }
}

/// The cases of a check, counted.
#[derive(Debug, Default)]
pub(super) struct Cases {
    cases: usize,
    reasons: Vec<String>,
}

impl Cases {
    /// Counts a case, and keeps the reason when it failed.
    pub fn expect(&mut self, right: bool, reason: impl FnOnce() -> String) {
        self.cases += 1;
        if !right {
            self.reasons.push(reason());
        }
    }

    pub fn verdict(self) -> Verdict {
        Verdict {
            passed: self.reasons.is_empty(),
            reasons: self.reasons,
            cases: self.cases,
        }
    }
}

/// The check ended before the first case: the function panicked.
pub(super) fn failed(reason: String) -> Verdict {
    Verdict {
        passed: false,
        reasons: vec![reason],
        cases: 0,
    }
}

/// The check could not run, through no fault of the learner.
pub(super) fn not_checked(error: &Error) -> Verdict {
    failed(format!(
        "this could not be checked, and it is not your fault: {error}"
    ))
}
