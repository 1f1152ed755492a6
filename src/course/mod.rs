//! Support for the lessons: names of their models, checkers of their exercises, and their end.
//!
//! The lessons themselves are in `examples/` and `notebooks/`. This module is at the top: it may use everything that is
//! public, and no other module uses it.
//!
//! - `models`: the models of the lessons, in one place, because model names become outdated
//! - `acme`: a demonstration server that exists only in lesson 8
//! - `menu`: the sample data of lesson 7
//! - `check`: the checkers of exercises. They always ask the sandbox, so checking is free
//! - this file: [`end`]

#[cfg(feature = "sandbox")]
mod acme;
#[cfg(feature = "sandbox")]
pub mod check;
mod menu;
mod models;

#[cfg(feature = "sandbox")]
pub use acme::{AcmeServer, acme};
pub use menu::{MENU, Order};
pub use models::*;

/// Prints the last line of a lesson's notebook. An automated run waits for that line.
pub fn end(lesson: &str) {
    println!("✓ end of lesson {lesson}");
}
