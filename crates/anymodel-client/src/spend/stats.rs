//! Spending summary: what a client has spent and may spend, in a few numbers.

use rust_decimal::Decimal;

use anymodel_types::Cost;

/// Spending summary of a client, with what its budget has left. Made by [`Client::stats`](crate::Client::stats).
///
/// It displays as a table.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// Calls that were begun by this client and its clones; each round of tool calls counts.
    pub calls: u64,
    /// HTTP requests that were made for them.
    pub attempts: u64,
    /// Whole answers.
    pub answers: u64,
    /// US dollars of all of it: what was reported, and for the rest price × usage.
    pub cost: Cost,
    /// Whether a part of it is the sandbox's simulated money.
    pub simulated: bool,
    /// The most that one call may cost, when that is limited.
    pub per_call: Option<Decimal>,
    /// The budget of the day; `None` when no sums are kept, because there is neither a budget nor a ledger.
    pub today: Option<BudgetStatus>,
    /// The budget in all; `None` as for `today`.
    pub total: Option<BudgetStatus>,
}

/// Budget status: the limit, what is spent of it, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BudgetStatus {
    /// US dollars that may be spent; `None` without a limit.
    pub limit: Option<Decimal>,
    /// US dollars that are spent: by this client and its clones, or by all processes that write to the same ledger on disk.
    pub spent: Decimal,
    /// US dollars that requests in flight may still cost.
    pub reserved: Decimal,
}

impl BudgetStatus {
    /// US dollars that are left for the next request; `None` without a limit.
    pub fn left(&self) -> Option<Decimal> {
        let left = self.limit? - self.spent - self.reserved;
        Some(left.max(Decimal::ZERO).normalize())
    }
}
