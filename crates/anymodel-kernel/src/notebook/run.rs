//! Execution of a whole notebook: its code cells in order, up to the first failure.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::LocalBoxFuture;
use jupyter_zmq_client::KernelspecDir;

use super::cell::{self, CellFailure};
use super::document::{CodeCell, Document, END_OF_LESSON, RAISES_EXCEPTION};
use super::outputs::Outputs;
use super::session::KernelSession;
use super::{Result, session};

/// The kernel of a notebook that does not name one.
pub const DEFAULT_KERNEL: &str = "anymodel";

/// Settings of a run.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// The kernel to use instead of the one that the notebook names.
    pub kernel: Option<String>,
    /// The timeout of one cell.
    pub cell: Duration,
    /// The timeout of the kernel's start.
    pub startup: Duration,
}

/// The result of a notebook that ran to its end, with the fresh outputs.
#[derive(Debug)]
pub struct RunReport {
    /// The notebook with the outputs of this run.
    pub document: Document,
    /// The number of cells that ran.
    pub cells: usize,
}

/// The failure of a notebook: the cell and the reason.
#[derive(Debug)]
pub struct RunFailure {
    /// The number of the cell among all cells of the notebook, from 1, and its first lines; `None`
    /// when no cell caused the failure.
    pub cell: Option<(usize, String)>,
    /// What happened, in a few words.
    pub what: String,
    /// The kernel's message, possibly with terminal colours.
    pub details: String,
}

impl fmt::Display for RunFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cell {
            Some((number, _)) => write!(f, "cell {number}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// A progress event of a run.
#[derive(Debug, Clone, Copy)]
pub enum RunStep {
    /// The kernel answered after this time.
    Ready(Duration),
    /// A code cell, counted from 1, starts.
    Cell {
        /// Its number among the code cells.
        count: usize,
        /// How many there are.
        total: usize,
    },
    /// That cell finished after this time.
    Done(Duration),
}

/// The callback for progress events.
pub type RunProgress<'a> = &'a mut dyn FnMut(RunStep);

/// Runs the notebook at `path` in its own kernel, which is always shut down again.
///
/// # Errors
/// `Err` is a failure of the notebook, or of the preparation.
pub async fn run(
    path: &Path,
    settings: &RunSettings,
    progress: RunProgress<'_>,
) -> std::result::Result<RunReport, RunFailure> {
    let document = Document::read(path).map_err(outside)?;
    // The notebook is checked first, because that needs no kernel.
    end_of_lesson(&document.code_cells())?;
    let name = settings
        .kernel
        .as_deref()
        .or(document.kernel_name())
        .unwrap_or(DEFAULT_KERNEL);
    let kernel = session::find_kernel(name).await.map_err(outside)?;
    run_on(kernel, path, settings, progress).await
}

/// As [`run`], with this kernel, whatever the notebook and the settings name.
///
/// # Errors
/// As [`run`].
pub fn run_on<'a>(
    kernel: KernelspecDir,
    path: &'a Path,
    settings: &'a RunSettings,
    progress: RunProgress<'a>,
) -> LocalBoxFuture<'a, std::result::Result<RunReport, RunFailure>> {
    // As `dyn`: else the program that calls this would compile the runner of notebooks again.
    Box::pin(run_all(kernel, path, settings, progress))
}

async fn run_all(
    kernel: KernelspecDir,
    path: &Path,
    settings: &RunSettings,
    progress: RunProgress<'_>,
) -> std::result::Result<RunReport, RunFailure> {
    let document = Document::read(path).map_err(outside)?;
    let cells = document.code_cells();
    let end = end_of_lesson(&cells)?;
    let started = Instant::now();
    let interrupted = || RunFailure {
        cell: None,
        what: INTERRUPTED.to_owned(),
        details: String::new(),
    };
    // Dropping the future ends the kernel that is starting.
    let mut session = tokio::select! {
        session = start(kernel, path, settings) => session.map_err(outside)?,
        _ = tokio::signal::ctrl_c() => return Err(interrupted()),
    };
    progress(RunStep::Ready(started.elapsed()));

    let outcome = tokio::select! {
        outcome = run_cells(&mut session, document, &cells, end, settings, progress) => outcome,
        _ = tokio::signal::ctrl_c() => Err(interrupted()),
    };
    session.shut_down().await;
    outcome
}

/// The text of a [`RunFailure`] after Ctrl-C.
pub const INTERRUPTED: &str = "interrupted";

async fn start(
    kernel: KernelspecDir,
    path: &Path,
    settings: &RunSettings,
) -> Result<KernelSession> {
    // Jupyter starts kernels in the notebook's folder; relative `path =` dependencies rely on it.
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    KernelSession::start(kernel, folder, settings.startup).await
}

async fn run_cells(
    session: &mut KernelSession,
    mut document: Document,
    cells: &[CodeCell],
    end: usize,
    settings: &RunSettings,
    progress: RunProgress<'_>,
) -> std::result::Result<RunReport, RunFailure> {
    document.clear_outputs();
    let mut shown: Vec<Outputs> = Vec::with_capacity(cells.len());
    for (position, cell) in cells.iter().enumerate() {
        let count = position + 1;
        progress(RunStep::Cell {
            count,
            total: cells.len(),
        });
        let started = Instant::now();
        let (outputs, trouble) = cell::run(session, &cell.source, count, settings.cell)
            .await
            .map_err(outside)?;
        progress(RunStep::Done(started.elapsed()));
        let failed = |what: String, details: String| RunFailure {
            cell: Some((cell.index + 1, cell.first_lines())),
            what,
            details,
        };
        if let Some(trouble) = trouble
            && (trouble.is_fatal() || !cell.has_tag(RAISES_EXCEPTION))
        {
            let what = trouble.to_string();
            let what = match trouble {
                CellFailure::TimedOut => format!("{what} ({} s)", started.elapsed().as_secs()),
                _ => what,
            };
            return Err(failed(what, cell::words(&outputs)));
        }
        if cell.index == end && !outputs.shows_something() {
            return Err(failed(
                "the end-of-lesson cell showed nothing".to_owned(),
                "It must print a line or end in a value, so that a reader sees that the lesson is over."
                    .to_owned(),
            ));
        }
        for change in outputs.changes() {
            for earlier in &mut shown {
                earlier.change(change);
            }
        }
        shown.push(outputs);
    }
    // Stored at the end, because a later cell may change an earlier output.
    for (position, (cell, outputs)) in cells.iter().zip(&shown).enumerate() {
        let count = position + 1;
        document.set_outputs(cell.index, count, outputs.to_notebook(count));
    }
    Ok(RunReport {
        document,
        cells: cells.len(),
    })
}

/// The index of the cell that ends the lesson.
fn end_of_lesson(cells: &[CodeCell]) -> std::result::Result<usize, RunFailure> {
    let Some(last) = cells.last() else {
        return Err(outside(anyhow::anyhow!("the notebook holds no code")));
    };
    if last.has_tag(END_OF_LESSON) {
        return Ok(last.index);
    }
    Err(RunFailure {
        cell: Some((last.index + 1, last.first_lines())),
        what: format!("the last code cell lacks the tag `{END_OF_LESSON}`"),
        details: "A lesson ends with a code cell of that tag which shows something; without it \
                  nobody can tell a finished lesson from one that was cut off."
            .to_owned(),
    })
}

fn outside(error: anyhow::Error) -> RunFailure {
    RunFailure {
        cell: None,
        what: format!("{error:#}"),
        details: String::new(),
    }
}
