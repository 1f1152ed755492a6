//! The course's Jupyter kernel: the evcxr kernel, started so that no lesson waits for a compiler.
//!
//! The engine is `evcxr_jupyter` as it is, linked into the program `anymodel`. What costs a learner
//! two minutes at every start is that the stock kernel compiles the dependencies of a notebook
//! anew, each time, with optimisation. Here that happens once, at installation:
//!
//! - `anymodel kernel install` runs the engine on a set-up cell in a folder of its own and keeps
//!   that folder as the *template* ([`template`]);
//! - `anymodel kernel start`, which the kernelspec calls, clones the template in a fraction of a
//!   second ([`clone`]), tells the engine to build there and without optimisation ([`launch`]), and
//!   removes the clone at the end.
//!
//! What one has to know to change this room:
//!
//! - The engine names its build folder by `EVCXR_TMPDIR` and its configuration by
//!   `EVCXR_CONFIG_DIR`; both are environment variables, so the launcher starts the engine as a
//!   child process (the same program with [`ENGINE_ARGUMENT`]).
//! - The engine's `:dep` writes a throw-away manifest that holds that one dependency, and Cargo then
//!   drops everything else from `Cargo.lock`: the versions a template was built with would be
//!   forgotten. So the build folder is a member of a workspace whose other member, `keep`, holds
//!   the dependencies in the lock file ([`workspace`]).
//! - With a fresh template the engine runs Cargo offline. A learner who wants a crate of their own
//!   types `:offline 0` first.
//! - The engine rewrites the kernelspec named `rust` when it finds one of another version. It looks
//!   for it below `JUPYTER_PATH` alone when that is set, so the launcher sets it to a folder that
//!   holds none.
//! - The crate is a `dylib` as well as a `lib`, and the engine compiles with `-Cprefer-dynamic`: all
//!   cells share one copy of the crate, of tokio and of every static, provided that a cell names the
//!   crate (`use anymodel::…` in the set-up cell does). Without that, each cell gets its own tokio
//!   and the second cell that awaits panics.
//! - rust-analyzer, which the engine uses to learn the types of variables, needs the sources of the
//!   standard library ([`preflight`]).
//!
//! Parts: [`spec`] (the kernelspec), [`preflight`], [`template`], [`workspace`], [`clone`],
//! [`launch`], [`places`] (where all this lives).

pub mod assist;
pub mod cells;
pub mod clone;
pub mod launch;
pub mod places;
pub mod preflight;
pub mod spec;
pub mod template;
pub mod workspace;

/// The first argument of the program when it is to be the engine; the engine reads the name of the
/// connection file after it.
pub const ENGINE_ARGUMENT: &str = "--control_file";

/// Set for an engine whose standard input is held by a launcher, so that it ends with it.
pub const WATCH_LAUNCHER: &str = "ANYMODEL_KERNEL_WATCH_LAUNCHER";
