//! Spending: usage metrics of every attempt, budgets, and the ledger on disk, for each model on each platform.
//!
//! Every attempt is booked the moment it ends, on the model that it was about: a failure on the model that failed, an
//! answer on the model that answered. So a call that is cancelled half-way still leaves its earlier attempts in the
//! metrics, and the cost of a fallback is seen.
//!
//! - [`usage_metrics`]: the totals of one client in memory
//! - [`totals`]: the same as plain data: [`Totals`]
//! - [`prometheus`]: the same in Prometheus' text format
//! - [`quantiles`]: median and 95th percentile in bounded memory
//! - [`price`]: price × usage, where the platform does not report the cost
//! - [`generation`]: OpenRouter's own record of one answer
//! - [`budget`]: what may be spent: [`Budget`]; [`cost_estimate`]: the most that a request may cost
//! - [`budget_guard`]: keeps a client's budget; [`reservation`]: money that is set aside for a request until it is booked;
//!   [`budget_counter`]: the sums in memory
//! - [`budget_queue`]: calls that wait for reserved money; [`received_bytes`]: the charge of an answer that never ended
//! - [`record`]: one attempt as it is stored; [`fingerprint`]: a hash that distinguishes questions
//! - [`duplicates`]: questions that were paid for more than once
//! - [`stats`]: what was spent and what is left, in a few numbers
//! - [`table`], [`totals_table`]: all of this as tables
//! - `store`: the ledger on disk (feature `ledger`)

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
mod reservation;
mod stats;
#[cfg(feature = "ledger")]
mod store;
mod table;
mod totals;
mod totals_table;
mod usage_metrics;

pub use budget::Budget;
pub(crate) use budget_counter::BudgetCounter;
pub(crate) use budget_guard::{BudgetBackend, BudgetGuard, BudgetRefusal, ReservationRequest};
pub(crate) use budget_queue::BudgetQueue;
pub(crate) use cost_estimate::{CostEstimate, LONGEST};
pub(crate) use duplicates::DuplicateLog;
pub use duplicates::{Duplicate, Duplicates};
pub use fingerprint::Fingerprint;
pub use generation::Generation;
pub use quantiles::LatencySummary;
pub(crate) use received_bytes::{ReceivedBytes, Sent, tokens_of};
pub(crate) use reservation::Reservation;
pub use stats::{BudgetStatus, Stats};
#[cfg(feature = "ledger")]
pub(crate) use store::LedgerStore;
#[cfg(feature = "ledger")]
pub use store::{LedgerFile, SpendBy, SpendRow};
#[cfg(feature = "ledger")]
pub use table::spending;
pub use totals::{ModelTotals, Totals};
pub(crate) use usage_metrics::UsageMetrics;
