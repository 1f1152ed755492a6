//! A whole notebook: its code cells one after another, up to the first failure.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use jupyter_zmq_client::KernelspecDir;

use super::document::{CodeCell, Document, END_OF_LESSON, RAISES_EXCEPTION};
use super::outputs::Outputs;
use super::probe::{self, LIST_VARIABLES};
use super::session::{Answer, Session};
use super::{Result, session};

/// The kernel of a notebook that names none.
pub const DEFAULT_KERNEL: &str = "anymodel";

/// How to run notebooks.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The kernel to use instead of the one that the notebook names.
    pub kernel: Option<String>,
    /// How long one cell may take.
    pub cell: Duration,
    /// How long the kernel may take until it answers.
    pub startup: Duration,
}

/// A notebook that was run to its end; its document holds the fresh outputs.
#[derive(Debug)]
pub struct Finished {
    /// The notebook with the outputs of this run.
    pub document: Document,
    /// How many cells ran.
    pub cells: usize,
}

/// Why a notebook failed.
#[derive(Debug)]
pub struct Failure {
    /// The number of the cell among all cells of the notebook, from 1, and its first lines; none
    /// when it was no cell's fault.
    pub cell: Option<(usize, String)>,
    /// What happened, in a few words.
    pub what: String,
    /// The kernel's own words, possibly with terminal colours.
    pub details: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cell {
            Some((number, _)) => write!(f, "cell {number}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// What a caller hears while a notebook runs: about to run cell `n` of `total` code cells.
pub type Progress<'a> = &'a mut dyn FnMut(usize, usize);

/// Runs the notebook at `path` in a kernel of its own, which is always shut down again.
///
/// # Errors
/// `Err` is a failure of the notebook, or of getting to run it.
pub async fn run(
    path: &Path,
    settings: &Settings,
    progress: Progress<'_>,
) -> std::result::Result<Finished, Failure> {
    let document = Document::read(path).map_err(outside)?;
    let cells = document.code_cells();
    let end = end_of_lesson(&cells)?;
    let name = settings.kernel.as_deref().or(document.kernel_name()).unwrap_or(DEFAULT_KERNEL);
    let kernel = session::find_kernel(name).await.map_err(outside)?;
    let mut session = start(kernel, path, settings).await.map_err(outside)?;

    let outcome = tokio::select! {
        outcome = run_cells(&mut session, document, &cells, end, settings, progress) => outcome,
        _ = tokio::signal::ctrl_c() => Err(Failure {
            cell: None,
            what: INTERRUPTED.to_owned(),
            details: String::new(),
        }),
    };
    session.shut_down().await;
    outcome
}

/// What a [`Failure`] says when somebody pressed Ctrl-C.
pub const INTERRUPTED: &str = "interrupted";

async fn start(kernel: KernelspecDir, path: &Path, settings: &Settings) -> Result<Session> {
    // Jupyter starts kernels in the notebook's folder; relative `path =` dependencies rely on it.
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Session::start(kernel, folder, settings.startup).await
}

async fn run_cells(
    session: &mut Session,
    mut document: Document,
    cells: &[CodeCell],
    end: usize,
    settings: &Settings,
    progress: Progress<'_>,
) -> std::result::Result<Finished, Failure> {
    document.clear_outputs();
    for (position, cell) in cells.iter().enumerate() {
        let count = position + 1;
        progress(count, cells.len());
        let started = Instant::now();
        let (outputs, trouble) = run_cell(session, cell, count, settings.cell).await.map_err(outside)?;
        let failed = |what: String, details: String| Failure {
            cell: Some((cell.index + 1, cell.first_lines())),
            what,
            details,
        };
        if let Some(trouble) = trouble
            && (trouble.is_fatal() || !cell.has_tag(RAISES_EXCEPTION))
        {
            let what = trouble.to_string();
            let what = match trouble {
                Trouble::TimedOut => format!("{what} ({} s)", started.elapsed().as_secs()),
                _ => what,
            };
            return Err(failed(what, details(&outputs)));
        }
        if cell.index == end && !outputs.shows_something() {
            return Err(failed(
                "the end-of-lesson cell showed nothing".to_owned(),
                "It must print a line or end in a value, so that a reader sees that the lesson is over."
                    .to_owned(),
            ));
        }
        document.set_outputs(cell.index, count, outputs.to_notebook(count));
    }
    Ok(Finished { document, cells: cells.len() })
}

/// What went wrong in a cell.
#[derive(Debug, PartialEq)]
enum Trouble {
    Refused,
    Panicked,
    EndedEarly,
    TimedOut,
    Died(String),
}

impl Trouble {
    /// Whether nothing can run afterwards, whatever the cell's tags allow.
    fn is_fatal(&self) -> bool {
        matches!(self, Trouble::TimedOut | Trouble::Died(_))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Refused => f.write_str("the kernel reports an error"),
            Trouble::Panicked => f.write_str("panicked"),
            Trouble::EndedEarly => f.write_str("a `?` ended the cell early with an error"),
            Trouble::TimedOut => f.write_str("did not finish in time"),
            Trouble::Died(how) => write!(f, "the kernel died ({how})"),
        }
    }
}

async fn run_cell(
    session: &mut Session,
    cell: &CodeCell,
    count: usize,
    patience: Duration,
) -> Result<(Outputs, Option<Trouble>)> {
    let probe = if session.speaks_rust() { probe::probe(&cell.source, count) } else { None };
    let code = probe.as_ref().map_or(cell.source.as_str(), |probe| probe.code.as_str());
    let mut answer = session.execute(code, patience).await?;
    let mut ran_plain = probe.is_none();
    if !ran_plain && is_compile_error(&answer) {
        // Code that does not compile did nothing, so it can be sent again as it stands: its
        // messages then count lines as the reader does.
        answer = session.execute(&cell.source, patience).await?;
        ran_plain = true;
    }
    let (mut outputs, says_ok) = match answer {
        Answer::Done { says_ok, outputs } => (outputs, says_ok),
        Answer::TimedOut(outputs) => return Ok((outputs, Some(Trouble::TimedOut))),
        Answer::Died(outputs, how) => return Ok((outputs, Some(Trouble::Died(how)))),
    };
    let mut ran_to_end = true;
    if let Some(probe) = probe.filter(|_| !ran_plain && says_ok) {
        match session.execute(LIST_VARIABLES, patience).await? {
            Answer::Done { outputs: list, .. } => {
                let names = list.value_text().unwrap_or_default().to_owned();
                ran_to_end = probe::is_listed(&names, &probe.variable);
                outputs.append_streams(list);
            }
            Answer::TimedOut(_) => return Ok((outputs, Some(Trouble::TimedOut))),
            Answer::Died(_, how) => return Ok((outputs, Some(Trouble::Died(how)))),
        }
    }
    let panicked = ["stdout", "stderr"].iter().any(|stream| outputs.printed(stream).contains("panicked at"));
    let trouble = if panicked {
        Some(Trouble::Panicked)
    } else if !says_ok || !outputs.errors().is_empty() {
        Some(Trouble::Refused)
    } else if !ran_to_end {
        Some(Trouble::EndedEarly)
    } else {
        None
    };
    Ok((outputs, trouble))
}

/// The Rust kernel reports an error only for code that does not compile and for a process that
/// ended; the latter had begun to run, so it must not be sent twice.
fn is_compile_error(answer: &Answer) -> bool {
    match answer {
        Answer::Done { says_ok: false, outputs } => {
            let errors = outputs.errors();
            !errors.is_empty() && !errors.iter().any(|error| error.contains("Subprocess terminated"))
        }
        _ => false,
    }
}

/// The index of the cell that ends the lesson.
fn end_of_lesson(cells: &[CodeCell]) -> std::result::Result<usize, Failure> {
    let Some(last) = cells.last() else {
        return Err(outside(anyhow::anyhow!("the notebook holds no code")));
    };
    if last.has_tag(END_OF_LESSON) {
        return Ok(last.index);
    }
    Err(Failure {
        cell: Some((last.index + 1, last.first_lines())),
        what: format!("the last code cell lacks the tag `{END_OF_LESSON}`"),
        details: "A lesson ends with a code cell of that tag which shows something; without it \
                  nobody can tell a finished lesson from one that was cut off."
            .to_owned(),
    })
}

fn outside(error: anyhow::Error) -> Failure {
    Failure { cell: None, what: format!("{error:#}"), details: String::new() }
}

/// The kernel's own words: its error reports, else what was printed on standard error, else the
/// last lines on standard output.
fn details(outputs: &Outputs) -> String {
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

/// A panic's first lines say it all; the stack below shows the kernel, not the lesson.
fn without_backtrace(printed: &str) -> String {
    let lines: Vec<&str> = printed.lines().take_while(|line| line.trim() != "stack backtrace:").collect();
    lines.join("\n")
}
