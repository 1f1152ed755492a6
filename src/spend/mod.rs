//! What was spent: tokens, money and time, for each model on each platform.
//!
//! Every attempt is booked the moment it ends, on the model that it was about: a failure on the model that failed, an
//! answer on the model that answered. So a call that is cancelled half-way still leaves its earlier attempts in the
//! books, and what a fallback cost is seen.
//!
//! - [`ledger`]: the books that a client keeps
//! - [`totals`]: what stands in them, as plain data: [`Totals`]
//! - [`prometheus`]: the same as Prometheus reads it
//! - [`quantiles`]: median and 95th percentile in bounded memory
//! - [`price`]: price × usage, where the platform does not say what it costs
//! - [`generation`]: OpenRouter's own record of one answer

mod generation;
mod ledger;
mod price;
mod prometheus;
mod quantiles;
mod totals;

pub use generation::Generation;
pub(crate) use ledger::Ledger;
pub use quantiles::Spread;
pub use totals::{ModelTotals, Totals};
