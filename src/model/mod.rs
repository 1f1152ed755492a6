//! What can be asked for: models, their prices and hosts, and how long a text is in tokens.
//!
//! Plain data without any input or output, so that every other room may lean on it. The facts are one JSON file,
//! compiled in, with a date: prices age, and a stale number that carries its date is honest. Newer facts come through
//! [`Client::models`](crate::Client::models), and they say where they are from.
//!
//! - [`catalogue`](fn@catalogue): the list, read once; [`Catalogue::get`] finds a model by any of its names
//! - [`Model`], [`Host`], [`Pricing`]: what is known about one model; [`Hosts`]: who serves it at the moment
//! - [`Models`]: models to choose from, live, kept or built in; `filter` narrows them, `listing` reads platforms' lists
//! - [`Capability`], [`UseCase`], families: the words that people choose by
//! - [`Recommendations`]: which model for which use, with the reason; `scoring`: the guesses behind it
//! - [`Statistics`]: models in numbers
//! - [`AvailabilityReport`]: whether the models that a program names are still there, and what to take instead
//! - [`Day`]: a day of the calendar
//! - [`tokens`]: a small, quick estimate of token counts

mod availability;
mod capability;
mod catalogue;
mod day;
mod filter;
pub(crate) mod listing;
mod model_info;
mod models;
mod recommend;
mod scoring;
mod statistics;
pub mod tokens;

pub use availability::{Availability, AvailabilityCheck, AvailabilityReport};
pub use capability::{Capability, UseCase};
pub use catalogue::{Catalogue, NameMatch, catalogue, nearest};
pub use day::Day;
pub use model_info::{Host, HostOperator, HostQuote, Hosts, Model, PriceOverride, Pricing};
pub use models::{ListOrigin, Models};
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
