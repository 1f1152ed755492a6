//! Checkers: each runs a learner's exercise and says whether it is solved.
//!
//! A checker calls the learner's function on several cases and returns a [`Verdict`]. A function that panics has not passed,
//! and the verdict says why; a `todo!()` reads "not yet". Every checker asks its own sandbox, even when a key is set, so
//! checking costs nothing and every learner gets the same verdict.
//!
//! - [`Verdict`]: the result of a check
//! - one file an exercise: [`short_answer()`], [`more_models()`], [`switch_time()`], [`ranking()`], [`pick_model()`],
//!   [`page()`], [`price()`], [`read_bolt()`], [`strategy()`], [`thrifty()`], [`best_that_fits()`], [`changing()`]
//! - `tried`: runs a learner's function and turns a panic into a sentence

mod best_that_fits;
mod changing;
mod chat_window;
mod more_models;
mod pick_model;
mod price;
mod ranking;
mod read_bolt;
mod short_answer;
mod strategy;
mod switch_time;
mod thrifty;
mod tried;
mod verdict;

pub use best_that_fits::best_that_fits;
pub use changing::changing;
pub use chat_window::page;
pub use more_models::more_models;
pub use pick_model::pick_model;
pub use price::price;
pub use ranking::ranking;
pub use read_bolt::read_bolt;
pub use short_answer::short_answer;
pub use strategy::strategy;
pub use switch_time::switch_time;
pub use thrifty::thrifty;
pub use verdict::Verdict;

use anymodel_client::Client;
use anymodel_types::Result;

/// A sandbox whose clock is fast enough for a check and slow enough for times to differ.
fn sandbox(time_scale: f64) -> Result<Client> {
    Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(time_scale)
        .build()
}
