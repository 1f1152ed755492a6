//! Notebook runner: executes notebooks without a browser and reports whether they worked.
//!
//! Why not an existing runner: the stock Rust kernel answers "ok" when a cell panics and when a `?` returned
//! early, so a runner that relies on the status reports success. This runner asks such a kernel, after
//! each cell, for a variable that exists only if the cell ran to its last statement (see
//! [`probe`]); the status of the course's own kernel is reliable. A lesson must also reach its end: the
//! last code cell must have the tag `end-of-lesson` and must have shown something.
//!
//! Parts:
//! - [`document`]: a notebook file; only its outputs are changed, and it is written atomically
//! - [`session`]: one kernel process: found by name, started, used, always shut down
//! - `connection`: the ZeroMQ connection to a kernel
//! - [`outputs`]: the outputs of a cell, in nbformat
//! - [`probe`]: detects whether a cell ran to its end
//! - [`cell`]: one cell, run and judged
//! - [`run`]: a whole notebook, cell after cell, up to the first failure
//! - [`compare`]: stored and fresh outputs, without what may differ between runs
//! - [`process`]: process groups

pub mod cell;
pub mod compare;
mod connection;
pub mod document;
pub mod outputs;
pub mod probe;
pub mod process;
pub mod run;
pub mod session;

/// A result whose error is a message for the terminal; the crate's own `Error` is about calls to models.
pub type Result<T> = anyhow::Result<T>;
