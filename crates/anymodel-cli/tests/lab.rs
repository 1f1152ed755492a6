//! `cargo lab` and the kernel's installation, through real processes: what is missing is said, what is made is whole,
//! what was started ends, what was installed goes away.
#![cfg(unix)]

#[path = "lab/failures.rs"]
mod failures;
#[path = "lab/keep.rs"]
mod keep;
mod kernel_support;
#[path = "lab/lessons.rs"]
mod lessons;
#[path = "lab/missing.rs"]
mod missing;
#[path = "lab/registry.rs"]
mod registry;
#[path = "lab/steps.rs"]
mod steps;
#[path = "lab/tools.rs"]
mod tools;
