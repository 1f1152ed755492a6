//! Execution of one cell, with a verdict from what happened rather than from the kernel's status.

use std::fmt;
use std::time::Duration;

use super::Result;
use super::outputs::Outputs;
use super::probe::{self, LIST_VARIABLES};
use super::session::{KernelAnswer, KernelSession};

/// The reason why a cell failed.
#[derive(Debug, PartialEq)]
pub enum CellFailure {
    /// The kernel reports an error: the code does not compile, or its process ended.
    Refused,
    /// A panic, in the cell or in a task that it had started.
    Panicked,
    /// A `?` returned early.
    EndedEarly,
    /// The cell reached its timeout.
    TimedOut,
    /// The kernel's process ended, with its exit status.
    Died(String),
}

impl CellFailure {
    /// Whether no other cell can run after it, whatever the cell's tags allow.
    pub fn is_fatal(&self) -> bool {
        matches!(self, CellFailure::TimedOut | CellFailure::Died(_))
    }
}

impl fmt::Display for CellFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CellFailure::Refused => f.write_str("the kernel reports an error"),
            CellFailure::Panicked => f.write_str("panicked"),
            CellFailure::EndedEarly => f.write_str("a `?` ended the cell early with an error"),
            CellFailure::TimedOut => f.write_str("did not finish in time"),
            CellFailure::Died(how) => write!(f, "the kernel died ({how})"),
        }
    }
}

/// Runs the `count`th cell of a session and returns its outputs and its failure.
///
/// # Errors
/// When the connection to the kernel breaks.
pub async fn run(
    session: &mut KernelSession,
    source: &str,
    count: usize,
    patience: Duration,
) -> Result<(Outputs, Option<CellFailure>)> {
    let probe = if session.needs_probe() {
        probe::probe(source, count)
    } else {
        None
    };
    let code = probe.as_ref().map_or(source, |probe| probe.code.as_str());
    let mut answer = session.execute(code, patience).await?;
    let mut ran_plain = probe.is_none();
    if !ran_plain && is_compile_error(&answer) {
        // Code that does not compile had no effect, so it can be sent again without the probe. The
        // line numbers in its messages are then the reader's.
        answer = session.execute(source, patience).await?;
        ran_plain = true;
    }
    let (mut outputs, says_ok) = match answer {
        KernelAnswer::Done { says_ok, outputs } => (outputs, says_ok),
        KernelAnswer::TimedOut(outputs) => return Ok((outputs, Some(CellFailure::TimedOut))),
        KernelAnswer::Died(outputs, how) => return Ok((outputs, Some(CellFailure::Died(how)))),
    };
    let mut ran_to_end = true;
    if let Some(probe) = probe.filter(|_| !ran_plain && says_ok) {
        match session.execute(LIST_VARIABLES, patience).await? {
            KernelAnswer::Done { outputs: list, .. } => {
                let names = list.value_text().unwrap_or_default().to_owned();
                ran_to_end = probe::is_listed(&names, &probe.variable);
                outputs.append_streams(list);
            }
            KernelAnswer::TimedOut(_) => return Ok((outputs, Some(CellFailure::TimedOut))),
            KernelAnswer::Died(_, how) => return Ok((outputs, Some(CellFailure::Died(how)))),
        }
    }
    let panicked = ["stdout", "stderr"]
        .iter()
        .any(|stream| outputs.printed(stream).contains("panicked at"));
    let trouble = if panicked || outputs.has_error("Panic") {
        Some(CellFailure::Panicked)
    } else if outputs.has_error("Error") && !session.needs_probe() {
        Some(CellFailure::EndedEarly)
    } else if !says_ok || !outputs.errors().is_empty() {
        Some(CellFailure::Refused)
    } else if !ran_to_end {
        Some(CellFailure::EndedEarly)
    } else {
        None
    };
    Ok((outputs, trouble))
}

/// The stock kernel reports an error only for code that does not compile and for a process that
/// ended. A process that ended had begun to run the cell, so that cell must not be sent twice.
fn is_compile_error(answer: &KernelAnswer) -> bool {
    match answer {
        KernelAnswer::Done {
            says_ok: false,
            outputs,
        } => {
            let errors = outputs.errors();
            !errors.is_empty()
                && !errors
                    .iter()
                    .any(|error| error.contains("Subprocess terminated"))
        }
        _ => false,
    }
}

/// The kernel's message: its error reports, else its standard error, else the
/// last lines of its standard output.
pub fn words(outputs: &Outputs) -> String {
    let errors = outputs.errors();
    if !errors.is_empty() {
        return errors.join("\n");
    }
    let printed = outputs.printed("stderr");
    if !printed.trim().is_empty() {
        return without_backtrace(&printed);
    }
    let printed = outputs.printed("stdout");
    let lines: Vec<&str> = printed.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}

/// A panic's first lines are enough: the stack below is the kernel's, not the lesson's.
fn without_backtrace(printed: &str) -> String {
    let lines: Vec<&str> = printed
        .lines()
        .take_while(|line| line.trim() != "stack backtrace:")
        .collect();
    lines.join("\n")
}
