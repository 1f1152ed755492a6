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
//! - [`budget`]: what may be spent: [`Budget`]; [`quote`]: what a request may cost at most
//! - [`cashier`]: sets money aside before each attempt, and books it afterwards; [`account`]: the sums in memory
//! - [`line`]: calls that wait for money that others may give back; [`heard`]: what an answer that never ended cost
//! - [`record`]: one attempt as it is written down; [`fingerprint`]: what tells one question from another
//! - [`repeats`]: questions that were paid for more than once
//! - [`stats`]: what was spent and what is left, in a few numbers
//! - `store`: the ledger on disk (feature `ledger`)

mod account;
mod budget;
mod cashier;
mod fingerprint;
mod generation;
mod heard;
mod ledger;
mod line;
mod price;
mod prometheus;
mod quantiles;
mod quote;
mod record;
mod repeats;
mod stats;
#[cfg(feature = "ledger")]
mod store;
mod totals;

pub(crate) use account::Account;
pub use budget::Budget;
pub(crate) use cashier::{Cashier, Hold, Kept, Refusal, Wanted};
pub use fingerprint::Fingerprint;
pub use generation::Generation;
pub(crate) use heard::{Heard, Sent};
pub(crate) use ledger::Ledger;
pub(crate) use line::Line;
pub use quantiles::Spread;
pub(crate) use repeats::Journal;
pub use repeats::{Repeat, Repeats};
pub use stats::{Purse, Stats};
#[cfg(feature = "ledger")]
pub(crate) use store::Store;
#[cfg(feature = "ledger")]
pub use store::{LedgerFile, SpendBy, SpendRow};
pub use totals::{ModelTotals, Totals};
