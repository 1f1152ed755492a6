//! The course's Jupyter kernel: Rust cells that run without a long wait for the compiler.
//!
//! Why it is quick:
//!
//! - What lessons depend on is compiled once, at installation, into dynamic libraries: the
//!   *prebuilt dependencies*, or *template* ([`prebuilt_deps`], [`build`]). Kernels use them in place.
//! - A cell is compiled by one direct call of `rustc` against those libraries. The types of its
//!   variables are read from what the same call writes ([`cells`]).
//! - The kernel answers Jupyter at once, and the engine starts in the background ([`server`]).
//!
//! Facts to know before changing this crate:
//!
//! - The kernel is one process, `anymodel kernel start`, which the kernelspec calls. Cells run in
//!   another process, the runner. A crash of the runner does not end the kernel.
//! - What cells can name is linked into one dynamic library, `lesson`, so all cells share one copy of the
//!   crate, of tokio and of every static. Each `:dep` adds a library that links the ones before it.
//! - `cells/runtime/` is compiled with the prebuilt dependencies, not with this crate. It holds the
//!   only `unsafe` code of the project.
//!
//! Parts:
//!
//! - [`install`], [`kernelspec`], [`preflight`] (checks before it), [`progress`] (steps on a terminal)
//! - [`paths`] (folders), [`crate_source`], [`toolchain`], [`prebuilt_deps`], [`build`], [`artifacts`], `metadata`,
//!   [`cell_toolchain`], [`hardlink_copy`]
//! - [`launch`] (life cycle of one kernel), [`server`] (Jupyter's protocol), [`cells`] (the engine), [`completion`]
//!   (rust-analyzer), [`notebook`] (the runner of whole notebooks)

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod artifacts;
pub mod build;
pub mod cell_toolchain;
pub mod cells;
pub mod completion;
pub mod crate_source;
pub mod hardlink_copy;
pub mod install;
pub mod kernelspec;
pub mod launch;
mod metadata;
pub mod notebook;
pub mod paths;
pub mod prebuilt_deps;
pub mod preflight;
pub mod progress;
pub mod server;
pub mod toolchain;

/// The crate name of a notebook's code, as `module_path!` and `type_name` show it.
const NOTEBOOK_CRATE: &str = "notebook";
