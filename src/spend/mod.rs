//! What was spent: tokens, money and time, for each model on each platform.
//!
//! Every attempt is booked the moment it ends, on the model that it was about: a failure on the model that failed, an
//! answer on the model that answered. So a call that is cancelled half-way still leaves its earlier attempts in the
//! books, and what a fallback cost is seen.
//!
//! - [`usage_metrics`]: the books that a client keeps
//! - [`totals`]: what stands in them, as plain data: [`Totals`]
//! - [`prometheus`]: the same as Prometheus reads it
//! - [`quantiles`]: median and 95th percentile in bounded memory
//! - [`price`]: price × usage, where the platform does not say what it costs
//! - [`generation`]: OpenRouter's own record of one answer
//! - [`budget`]: what may be spent: [`Budget`]; [`cost_estimate`]: what a request may cost at most
//! - [`budget_guard`]: sets money aside before each attempt, and books it afterwards; [`budget_counter`]: the sums in memory
//! - [`budget_queue`]: calls that wait for money that others may give back; [`received_bytes`]: what an answer that never ended cost
//! - [`record`]: one attempt as it is written down; [`fingerprint`]: what tells one question from another
//! - [`duplicates`]: questions that were paid for more than once
//! - [`stats`]: what was spent and what is left, in a few numbers
//! - `store`: the ledger on disk (feature `usage_metrics`)

mod budget;
mod budget_counter;
mod budget_guard;
mod budget_queue;
mod cost_estimate;
mod duplicates;
mod fingerprint;
mod generation;
mod price;
mod prometheus;
mod quantiles;
mod received_bytes;
mod record;
mod stats;
#[cfg(feature = "ledger")]
mod store;
mod totals;
mod usage_metrics;

pub use budget::Budget;
pub(crate) use budget_counter::BudgetCounter;
pub(crate) use budget_guard::{
    BudgetBackend, BudgetGuard, BudgetRefusal, Reservation, ReservationRequest,
};
pub(crate) use budget_queue::BudgetQueue;
pub(crate) use duplicates::DuplicateLog;
pub use duplicates::{Duplicate, Duplicates};
pub use fingerprint::Fingerprint;
pub use generation::Generation;
pub use quantiles::LatencySummary;
pub(crate) use received_bytes::{ReceivedBytes, Sent};
pub use stats::{BudgetStatus, Stats};
#[cfg(feature = "ledger")]
pub(crate) use store::LedgerStore;
#[cfg(feature = "ledger")]
pub use store::{LedgerFile, SpendBy, SpendRow};
pub use totals::{ModelTotals, Totals};
pub(crate) use usage_metrics::UsageMetrics;
