//! What a kernel has to live through: many cells, much output, cells that end their process, a full disk, kills.
//!
//! Real kernels, spoken to through the real protocol. Linux only: processes are found and measured in `/proc`.
#![cfg(target_os = "linux")]

#[path = "stress/endings.rs"]
mod endings;
mod kernel_support;
#[path = "stress/life.rs"]
mod life;
#[path = "stress/limits.rs"]
mod limits;
#[path = "stress/support.rs"]
mod support;
#[path = "stress/template.rs"]
mod template;
