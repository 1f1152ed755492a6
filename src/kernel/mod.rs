//! The course's Jupyter kernel: Rust in a notebook, without waiting for a compiler.
//!
//! Three ideas make it quick:
//!
//! - What lessons depend on is compiled once, at installation, into dynamic libraries: the
//!   *template* ([`template`], [`build`]). Kernels use it in place.
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
//! Parts: [`install`], [`spec`] (the kernelspec), [`preflight`] (what must be there), [`steps`] (what a
//! waiting person sees), [`places`] (where all this lives), [`toolchain`], [`template`], [`build`], [`artifacts`] and [`tools`], [`clone`]
//! (copies that share big files), [`launch`] (one kernel's life), [`server`] (Jupyter's protocol),
//! [`cells`] (the engine).

pub mod artifacts;
pub mod assist;
pub mod build;
pub mod cells;
pub mod clone;
pub mod install;
pub mod launch;
pub mod places;
pub mod preflight;
pub mod server;
pub mod spec;
pub mod steps;
pub mod template;
pub mod toolchain;
pub mod tools;
