//! The engine: it compiles cells and runs them.
//!
//! A session keeps two things: what earlier cells declared (in this process, as text) and what
//! they computed (in the process that runs the cells, as values). A new cell is compiled by one call
//! of `rustc` into a small library, which that process loads and runs:
//!
//! ```text
//! text ─ syntax ─▶ items, statements, value ─ source ─▶ one file ─ compiler ─▶ library, types
//!                                                                                 │
//! events ◀─ frames ◀─ two pipes ◀──────────────────────── runner ◀─ process ──────┘
//! ```
//!
//! Why not evcxr, the engine of the stock kernel: there each cell waits for rust-analyzer, for Cargo
//! and for two or three compilations, and the cell's output shares one pipe with the engine's own
//! words. `benches/README.md` has the figures of both.
//!
//! Parts: [`syntax`] and [`command_lines`] (a cell taken apart), [`items`] and [`variables`] (what a session knows),
//! [`reachability`] and [`statics`] (what of it a cell includes, and how), [`compile_plan`] and [`source`] (a cell as a file), [`compiler`],
//! [`diagnostics`], [`render_diagnostic`] and `explain` (what it says, for a learner),
//! [`runner_listener`], [`runner_process`] and [`frames`] (the runner and what comes from it), [`dependencies`] and [`commands`]
//! (`:dep` and its like), [`engine`] (all of it together). `runtime/` holds what runs in the other
//! process; it is compiled with the template.

mod advice;
mod async_detect;
mod cell_warnings;
pub mod command_lines;
pub mod commands;
mod compile_attempt;
pub mod compile_plan;
pub mod compiler;
mod complete;
mod declare;
mod declaring_macros;
pub mod dependencies;
mod dependency_errors;
pub mod diagnostics;
pub mod engine;
mod expansion;
mod explain;
mod file_parts;
pub mod frames;
mod habit_hints;
mod imports;
pub mod items;
mod lifetimes;
mod machine_failures;
mod path_dependencies;
mod progress_display;
pub mod reachability;
mod recursion_limit;
mod relink;
pub mod render_diagnostic;
mod repair;
mod requirement;
mod rewrite_messages;
pub mod runner_listener;
pub mod runner_process;
mod running;
pub mod session;
mod shell;
pub mod source;
mod source_map;
mod source_positions;
pub mod statics;
pub mod syntax;
mod type_fingerprint;
pub mod variables;
mod writing;

use std::path::PathBuf;

use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot};

use super::prebuilt_deps::PrebuiltDeps;

pub use complete::completeness;
pub use engine::{Engine, Interrupter};
pub use session::Outline;

/// What a kernel needs to know before it can run cells.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// The folder of the crate `anymodel`.
    pub root: PathBuf,
    /// A folder of this kernel's own, which exists and is empty.
    pub folder: PathBuf,
    /// Where what lessons need is compiled, or will be.
    pub template: PrebuiltDeps,
}

/// Something a cell shows while it runs, or asks for.
#[derive(Debug)]
pub enum CellEvent {
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

/// From where on cells are numbered that do not count for the learner: the engine names files by number, and two
/// cells must not have the same. They have no number in messages.
pub const UNCOUNTED: u32 = 1_000_000;

/// Where a cell's events go.
pub type EventSender = mpsc::Sender<CellEvent>;

/// How a cell ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellOutcome {
    /// It ran to its end.
    Done,
    /// It did not: why.
    Failed(CellError),
}

/// Why a cell did not run to its end, in the three parts that Jupyter knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// One word: `CompileError`, `Panic`, `Error` (a `?` that returned early), `Interrupted`, `Exited`,
    /// `CommandError`, `KernelError`.
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

impl CellError {
    /// A cell that somebody stopped; `more` says what that cost.
    pub fn interrupted(more: &str) -> CellError {
        CellError::plain("Interrupted", format!("the cell was interrupted{more}"))
    }

    /// A kernel that lost what it needs.
    pub(super) fn not_ready() -> CellError {
        CellError::plain("KernelError", "the kernel is not ready; restart it")
    }

    /// A failure of the kernel itself.
    pub fn kernel(error: &anyhow::Error) -> CellError {
        CellError::plain("KernelError", format!("{error:#}"))
    }

    /// A failure that is told in plain lines.
    pub fn plain(name: &str, value: impl Into<String>) -> CellError {
        let value = value.into();
        CellError {
            name: name.to_owned(),
            traceback: format!("\u{1b}[1;31m{name}\u{1b}[0m: {value}")
                .lines()
                .map(str::to_owned)
                .collect(),
            value,
        }
    }
}
