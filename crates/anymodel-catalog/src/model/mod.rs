//! Models: the catalogue with prices and hosts, capabilities, recommendations, and token counts.
//!
//! Plain data without any input or output, so that every other module may use it. The facts are one built-in JSON file with a
//! date, because prices age. Newer facts come through `Client::models`, and name their source.
//!
//! - [`catalogue`](fn@catalogue): the built-in list; [`Catalogue::get`] finds a model by any of its names
//! - [`Model`], [`Host`], [`Pricing`]: the facts about one model; [`Hosts`]: its current hosts
//! - [`Models`]: a list of models, live, kept or built in; `filter` narrows it, `listing` parses platforms' lists
//! - [`Capability`], [`UseCase`], families: the criteria for choosing
//! - [`Recommendations`]: models for a use case, with reasons; `scoring`: the estimates behind them
//! - [`Statistics`]: statistics of a list of models
//! - [`AvailabilityReport`]: whether the models that a program names are still available, and their replacements
//! - [`Day`]: a day of the calendar
//! - `table`: all of these as tables and charts
//! - [`tokens`]: token counts, exact or estimated

mod availability;
mod capability;
mod catalogue;
mod day;
mod filter;
pub mod listing;
mod model_info;
mod models;
mod recommend;
mod scoring;
mod statistics;
mod table;
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
