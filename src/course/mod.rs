//! What the lessons share: the names of their models, the checkers of their exercises, and their end.
//!
//! The lessons themselves are `examples/` and `notebooks/`. This room stands on the top floor: it may use everything that
//! is public, and nothing uses it.
//!
//! - `models`: the models that lessons ask, in this one place, because names of models age
//! - `acme`: a platform that exists in lesson 8 alone
//! - `menu`: what the kitchen of lesson 7 offers
//! - `check`: has an exercise been solved? It always asks the sandbox, so checking is free
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

/// Prints the line that ends a lesson's notebook; whoever runs the notebook without looking at it waits for that line.
pub fn end(lesson: &str) {
    println!("✓ end of lesson {lesson}");
}
