//! Runs notebooks without a browser, and says truthfully whether they worked.
//!
//! Why not a stock runner: the stock Rust kernel answers "ok" when a cell panics and when a `?` returned
//! early, so every runner that believes the status stays green. This one asks such a kernel, after
//! each cell, for something that exists only if the cell ran to its last statement (see
//! [`probe`]); the course's own kernel is believed. It also demands that a lesson reaches its end: the
//! last code cell must carry the tag `end-of-lesson` and must have shown something.
//!
//! Parts:
//! - [`document`]: a notebook file: read, changed in its outputs only, written whole or not at all
//! - [`session`]: one kernel: found, started, spoken to, always shut down
//! - `connection`: the wire to a kernel
//! - [`outputs`]: what a cell showed, in the form notebooks store
//! - [`probe`]: did the cell run to its end?
//! - [`cell`]: one cell, run and judged
//! - [`run`]: a whole notebook, cell after cell, up to the first failure
//! - [`compare`]: stored and fresh outputs, after taking away what may differ between runs
//! - [`process`]: ending a process and everything it started

pub mod cell;
pub mod compare;
mod connection;
pub mod document;
pub mod outputs;
pub mod probe;
pub mod process;
pub mod run;
pub mod session;

/// A message for the person at the terminal; the crate's own `Error` is about calls to models.
pub type Result<T> = anyhow::Result<T>;
