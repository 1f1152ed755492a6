//! The course's Jupyter kernel: Rust in a notebook, without waiting for a compiler.
//!
//! Three ideas make it quick:
//!
//! - What lessons depend on is compiled once, at installation, into dynamic libraries: the
//!   *template* ([`prebuilt_deps`], [`build`]). Kernels use it in place.
//! - A cell is compiled by one direct call of `rustc` against those libraries, and the types of its
//!   variables are read from what the same call writes ([`cells`]).
//! - The kernel answers Jupyter at once, and gets ready behind that ([`server`]).
//!
//! What one has to know to change this room:
//!
//! - `anymodel kernel start`, which the kernelspec calls, is the kernel: one process. The cells run in
//!   another, the runner, which can crash without taking the kernel along.
//! - What cells can name is linked into one dynamic library, `lesson`, so all cells share one copy of the
//!   crate, of tokio and of every static. Each `:dep` adds a library that links the ones before it.
//! - `cells/runtime/` is compiled with the template, not with this crate. The only `unsafe` code of
//!   the project stands there.
//!
//! Parts: [`install`], [`kernelspec`] (the kernelspec), [`preflight`] (what must be there), [`progress`] (what a
//! waiting person sees), [`paths`] (where all this lives), [`toolchain`], [`prebuilt_deps`], [`build`], [`artifacts`], `metadata` and [`cell_toolchain`], [`hardlink_copy`]
//! (copies that share big files), [`launch`] (one kernel's life), [`server`] (Jupyter's protocol),
//! [`cells`] (the engine).

pub mod artifacts;
pub mod build;
pub mod cell_toolchain;
pub mod cells;
pub mod completion;
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

/// The name of the crate that a notebook's code makes up, as `module_path!` and `type_name` show it.
const NOTEBOOK_CRATE: &str = "notebook";
