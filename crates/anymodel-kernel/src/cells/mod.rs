//! Execution engine: it compiles cells and runs them.
//!
//! A session keeps two things: the declarations of earlier cells (in this process, as text) and
//! their variables (in the runner process, as values). A new cell is compiled by one call
//! of `rustc` into a small library, which the runner loads and runs:
//!
//! ```text
//! text ─ syntax ─▶ items, statements, value ─ source ─▶ one file ─ compiler ─▶ library, types
//!                                                                                 │
//! events ◀─ frames ◀─ two pipes ◀───────────────── runner ◀─ runner_process ──────┘
//! ```
//!
//! Why not evcxr, the engine of the stock kernel: there each cell waits for rust-analyzer, for Cargo
//! and for two or three compilations, and the cell's output shares one pipe with the engine's own
//! messages. `benches/README.md` has the figures of both.
//!
//! # What lasts between cells
//!
//! What cells can name was compiled once, at installation, and linked into one dynamic library, `lesson` (`prebuilt_deps.rs`,
//! `build.rs`, `cell_toolchain.rs`). Each time `:dep` adds crates, one more library, `added_1`, `added_2` and so on, holds
//! what is new and links the ones before it (`cells/dependencies.rs`). A cell that names any crate links the newest, so
//! that there is one tokio and one copy of each static; a cell that names none links none. A crate in a folder that changed is
//! compiled under another hash and is another crate; variables of the old one are dropped with a note.
//!
//! A cell holds the texts of those older items that it can reach, so that a type keeps its identity, a function can be declared
//! anew, and an item that went wrong stops those cells alone that use it. **State is one**: a static lives in the library of the
//! cell that declared it, and in later cells an `extern` declaration stands in its place (`statics.rs`); what a macro made is
//! taken from the compiler's expansion where it holds a static (`expansion.rs`). **A value is never read
//! as another type**: each variable and each static is kept with a number made of all texts that its type depends on
//! (`type_fingerprint.rs`); when that changes, the variable is dropped and the static begins anew, and the cell says so.
//!
//! Parts: [`syntax`] and [`command_lines`] (parsing of a cell), [`items`] and [`variables`] (the session's state),
//! [`reachability`] and [`statics`] (which items a cell includes, and how), [`compile_plan`] and [`source`] (a cell as
//! a file), [`compiler`], [`diagnostics`], [`render_diagnostic`] and `explain` (errors for a learner),
//! [`runner_listener`], [`runner_process`] and [`frames`] (the runner and its output), [`dependencies`] and [`commands`]
//! (`:dep` and other commands), [`engine`] (all of it together). `runtime/` holds the code of the runner
//! process; it is compiled with the prebuilt dependencies.

mod added_crates;
mod advice;
mod async_detect;
mod cell_warnings;
pub mod command_lines;
pub mod commands;
mod compile_attempt;
pub mod compile_plan;
pub mod compiler;
mod complete;
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
mod item_analysis;
pub mod items;
mod lifetimes;
mod machine_failures;
mod path_dependencies;
mod progress_display;
pub mod reachability;
mod recursion_limit;
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

/// Settings of an engine.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// The folder of the crate `anymodel`.
    pub root: PathBuf,
    /// The private folder of this kernel, which exists and is empty.
    pub folder: PathBuf,
    /// The prebuilt dependencies, which may not exist yet.
    pub template: PrebuiltDeps,
}

/// An event of a running cell: output, or a request for input.
#[derive(Debug)]
pub enum CellEvent {
    /// Text on standard output, as it arrives: a part of a line or many lines.
    Stdout(String),
    /// Text on standard error.
    Stderr(String),
    /// A display: content by MIME type, and an id for later updates.
    Display {
        /// Content by MIME type.
        data: Map<String, Value>,
        /// The id for later updates.
        id: Option<String>,
    },
    /// New content for every display with this id.
    Update {
        /// Content by MIME type.
        data: Map<String, Value>,
        /// The id of the displays.
        id: String,
    },
    /// The value of the cell's last expression: content by MIME type.
    Result(Map<String, Value>),
    /// Removes the cell's output so far: at once, or when the next output comes.
    Clear {
        /// Whether to wait for the next output.
        wait: bool,
    },
    /// A request for input from the learner.
    Input {
        /// The prompt.
        prompt: String,
        /// Whether the input must be hidden.
        password: bool,
        /// Takes the answer; dropped when no client can answer.
        reply: oneshot::Sender<String>,
    },
}

/// The first number for cells without an execution count. The engine names files by number, so two
/// cells must not share one. Messages do not show these numbers.
pub const UNCOUNTED: u32 = 1_000_000;

/// The channel for a cell's events.
pub type EventSender = mpsc::Sender<CellEvent>;

/// The outcome of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellOutcome {
    /// It ran to its end.
    Done,
    /// It failed, for this reason.
    Failed(CellError),
}

/// The error of a cell, in the three parts of Jupyter's `error` message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// One word: `CompileError`, `Panic`, `Error` (a `?` that returned early), `Interrupted`, `Exited`,
    /// `CommandError`, `KernelError`.
    pub name: String,
    /// The message, one or a few lines.
    pub value: String,
    /// Lines for the learner, coloured with ANSI sequences.
    pub traceback: Vec<String>,
}

/// The result of a completeness check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completeness {
    /// The text can be run.
    Complete,
    /// More lines must follow; holds the indentation of the next line.
    Incomplete(String),
    /// No added text can make it valid.
    Invalid,
}

impl CellError {
    /// The error of an interrupted cell; `more` names the consequences.
    pub fn interrupted(more: &str) -> CellError {
        CellError::plain("Interrupted", format!("the cell was interrupted{more}"))
    }

    /// The error of a kernel whose files are missing.
    pub(super) fn not_ready() -> CellError {
        CellError::plain("KernelError", "the kernel is not ready; restart it")
    }

    /// The error of a failure in the kernel itself.
    pub fn kernel(error: &anyhow::Error) -> CellError {
        CellError::plain("KernelError", format!("{error:#}"))
    }

    /// An error shown as plain lines.
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
