//! The engine: it compiles cells and runs them.
//!
//! A session keeps two things: what earlier cells declared (in this process, as text) and what
//! they computed (in the process that runs the cells, as values). A new cell is compiled by one call
//! of `rustc` into a small library, which that process loads and runs.

use std::path::PathBuf;

use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot};

use crate::notebook::Result;

/// What a kernel needs to know before it can run cells.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder of the crate `anymodel`.
    pub root: PathBuf,
    /// A folder of this kernel's own, which exists and is empty.
    pub folder: PathBuf,
}

/// Something a cell shows while it runs, or asks for.
#[derive(Debug)]
pub enum Event {
    /// Text on standard output, as it came: a part of a line or many lines.
    Stdout(String),
    /// Text on standard error.
    Stderr(String),
    /// Something to show: content by MIME type, and the name by which it can be changed later.
    Display {
        /// Content by MIME type.
        data: Map<String, Value>,
        /// The name for later updates.
        id: Option<String>,
    },
    /// New content for everything that was shown under this name.
    Update {
        /// Content by MIME type.
        data: Map<String, Value>,
        /// The name it was shown under.
        id: String,
    },
    /// The value of the cell's last expression: content by MIME type.
    Result(Map<String, Value>),
    /// Takes away what the cell showed so far: at once, or when the next output comes.
    Clear {
        /// Whether to wait for the next output.
        wait: bool,
    },
    /// A question to the person at the notebook.
    Input {
        /// What to ask.
        prompt: String,
        /// Whether what is typed must not be seen.
        password: bool,
        /// Takes the answer; dropped when nobody can answer.
        reply: oneshot::Sender<String>,
    },
}

/// Where a cell's events go.
pub type Events = mpsc::UnboundedSender<Event>;

/// How a cell ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It ran to its end.
    Done,
    /// It did not: why.
    Failed(Failure),
}

/// Why a cell did not run to its end, in the three parts that Jupyter knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// One word: `CompileError`, `Panic`, `Error` (a `?` that returned early), `Interrupted`, `Exited`.
    pub name: String,
    /// The message, in a line or some.
    pub value: String,
    /// Lines for the person, with colours as ANSI sequences.
    pub traceback: Vec<String>,
}

/// Whether a text is a whole cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completeness {
    /// It can be run.
    Complete,
    /// More must follow, and how far the next line should be indented.
    Incomplete(String),
    /// It cannot become right by adding to it.
    Invalid,
}

/// Stops what an engine is doing; can be used from another task.
#[derive(Debug, Clone)]
pub struct Interrupter {}

impl Interrupter {
    /// Ends the running cell or compilation. Does nothing when nothing runs.
    pub fn interrupt(&self) {}
}

/// What a session declared and computed: enough to analyse a cell that was not run yet.
#[derive(Debug, Clone, Default)]
pub struct Outline {}

impl Outline {
    /// One source file for an analyser, with `code` inside, and the place in it of the byte `offset`
    /// of `code`.
    pub fn around(&self, code: &str, offset: usize) -> (String, usize) {
        (code.to_owned(), offset)
    }
}

/// The engine of one kernel.
#[derive(Debug)]
pub struct Engine {}

impl Engine {
    /// Gets ready: this takes well under a second, and needs a template.
    ///
    /// # Errors
    /// When there is no template, or the process that runs cells does not start.
    pub async fn start(_settings: Settings) -> Result<Engine> {
        Ok(Engine {})
    }

    /// Stops what this engine does when asked.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter {}
    }

    /// Runs the `count`th cell.
    pub async fn execute(&mut self, _code: &str, _count: u32, _events: &Events) -> Outcome {
        Outcome::Done
    }

    /// What the session declared and computed so far, to be kept while the engine is busy.
    pub fn outline(&self) -> Outline {
        Outline {}
    }

    /// Ends the process that runs the cells.
    pub async fn end(self) {}
}

/// Whether `code` is a whole cell.
pub fn completeness(_code: &str) -> Completeness {
    Completeness::Complete
}
