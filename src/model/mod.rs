//! What can be asked for: models, their prices and hosts, and how long a text is in tokens.
//!
//! Plain data without any input or output, so that every other room may lean on it. The facts are one JSON file,
//! compiled in, with a date: prices age, and a stale number that carries its date is honest.
//!
//! - [`catalogue`](fn@catalogue): the list, read once; [`Catalogue::get`] finds a model by any of its names
//! - [`Model`], [`Host`], [`Pricing`]: what is known about one model
//! - [`tokens`]: a small, quick estimate of token counts

mod catalogue;
mod entry;
pub mod tokens;

pub use catalogue::{Catalogue, Found, catalogue, nearest};
pub use entry::{Host, Model, PriceOverride, Pricing, Provider};
