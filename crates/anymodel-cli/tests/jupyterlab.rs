//! `cargo lab` with the real JupyterLab, which comes from the Python package index.
//!
//! What needs no JupyterLab is in `lab.rs`.
#![cfg(unix)]

mod kernel_support;
#[path = "lab/open.rs"]
mod open;
