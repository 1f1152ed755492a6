//! What came of a check.

use std::fmt;

use crate::display::Show;
use crate::error::Error;
use anymodel_display::output::{escape, sanitize};

/// What came of a check: passed, or not and why. It displays as `PASSED …` or `FAILED …` with one reason a line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a verdict is there to be shown"]
#[non_exhaustive]
pub struct Verdict {
    /// Whether every case came out right.
    pub passed: bool,
    /// What did not, in the order in which it was tried.
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

/// Cases as they are tried.
#[derive(Debug, Default)]
pub(super) struct Cases {
    cases: usize,
    reasons: Vec<String>,
}

impl Cases {
    /// Counts a case, and keeps the reason when it did not come out right.
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

/// The check ended before there was a case: the function panicked.
pub(super) fn failed(reason: String) -> Verdict {
    Verdict {
        passed: false,
        reasons: vec![reason],
        cases: 0,
    }
}

/// The check could not be made, and that is not the learner's fault.
pub(super) fn not_checked(error: &Error) -> Verdict {
    failed(format!(
        "this could not be checked, and it is not your fault: {error}"
    ))
}
