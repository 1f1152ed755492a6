//! What can be asked for: models, their prices and hosts, and how long a text is in tokens.
//!
//! Plain data without any input or output, so that every other room may lean on it. The facts are one JSON file,
//! compiled in, with a date: prices age, and a stale number that carries its date is honest. Newer facts come through
//! [`Client::models`](crate::Client::models), and they say where they are from.
//!
//! - [`catalogue`](fn@catalogue): the list, read once; [`Catalogue::get`] finds a model by any of its names
//! - [`Model`], [`Host`], [`Pricing`]: what is known about one model; [`Hosts`]: who serves it at the moment
//! - [`Models`]: models to choose from, live, kept or built in; `filter` narrows them, `listing` reads platforms' lists
//! - [`Can`], [`Use`], families: the words that people choose by
//! - [`Recommendations`]: which model for which use, with the reason; `strength`: the guesses behind it
//! - [`Statistics`]: models in numbers
//! - [`Checks`]: whether the models that a program names are still there, and what to take instead
//! - [`Day`]: a day of the calendar
//! - [`tokens`]: a small, quick estimate of token counts

mod ability;
mod catalogue;
mod day;
mod entry;
mod filter;
pub(crate) mod listing;
mod models;
mod presence;
mod recommend;
mod statistics;
mod strength;
pub mod tokens;

pub use ability::{Can, Use};
pub use catalogue::{Catalogue, Found, catalogue, nearest};
pub use day::Day;
pub use entry::{Host, Hosts, Model, Offer, PriceOverride, Pricing, Provider};
pub use models::{Models, Origin};
pub use presence::{Checked, Checks, Presence};
pub use recommend::{Recommendation, Recommendations};
pub use statistics::{Quartiles, Statistics};

/// A number in groups of three digits: `131,072`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
