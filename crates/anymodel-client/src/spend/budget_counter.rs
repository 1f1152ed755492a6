//! Budget counter: the sums of a budget, in memory.
//!
//! Reserved and spent money change under one lock, so that calls which run at the same time cannot spend the same money
//! twice. With a ledger on disk the same sums stand there instead, for all its processes.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rust_decimal::Decimal;
use tokio::sync::Notify;

use super::Budget;
use anymodel_types::SpendingLimit;

/// Sums: what was spent, and what requests in flight may cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// US dollars since midnight UTC.
    pub today: Decimal,
    /// US dollars since the beginning.
    pub total: Decimal,
    /// US dollars that are reserved.
    pub reserved: Decimal,
}

/// Insufficient budget: why money cannot be reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InsufficientBudget {
    pub limit: SpendingLimit,
    /// US dollars that are left of it.
    pub left: Decimal,
    /// What would have to happen first.
    pub mend: Shortfall,
}

/// Shortfall: what has to happen before there is enough money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shortfall {
    /// Requests in flight have to cost less than their reservations.
    Settled,
    /// A new day has to begin.
    Midnight,
    /// The limit has to be raised.
    Never,
}

/// Why no money was reserved.
#[derive(Debug)]
pub(crate) enum ReserveError {
    Short(InsufficientBudget),
    /// The ledger cannot be used, and why.
    #[cfg_attr(not(feature = "ledger"), allow(dead_code))]
    Failed(String),
}

impl Sums {
    /// Whether so much more may be reserved. For an unknown amount, some money has to be left.
    ///
    /// # Errors
    /// The limit that has the least left of those that are too small.
    pub fn allow(&self, limits: &Budget, usd: Option<Decimal>) -> Result<(), InsufficientBudget> {
        let Some((limit, left)) = self.lack(limits, usd) else {
            return Ok(());
        };
        let settled = Sums {
            reserved: Decimal::ZERO,
            ..*self
        };
        let tomorrow = Sums {
            today: Decimal::ZERO,
            ..settled
        };
        let mend = if settled.lack(limits, usd).is_none() {
            Shortfall::Settled
        } else if tomorrow.lack(limits, usd).is_none() {
            Shortfall::Midnight
        } else {
            Shortfall::Never
        };
        // Below zero the budget was overrun: by an answer that cost more than could be known.
        let left = left.max(Decimal::ZERO);
        Err(InsufficientBudget { limit, left, mend })
    }

    /// The limit that has the least left of those that are too small, and what is left of it.
    fn lack(&self, limits: &Budget, usd: Option<Decimal>) -> Option<(SpendingLimit, Decimal)> {
        // A request that costs nothing may be sent even when too much was spent.
        if usd.is_some_and(|usd| usd.is_zero()) {
            return None;
        }
        let left = |limit: Option<Decimal>, spent: Decimal| Some(limit? - spent - self.reserved);
        let day = left(limits.per_day, self.today).map(|left| (SpendingLimit::PerDay, left));
        let all = left(limits.total, self.total).map(|left| (SpendingLimit::Total, left));
        let short = day.into_iter().chain(all).filter(|(_, left)| match usd {
            Some(usd) => *left < usd,
            None => *left <= Decimal::ZERO,
        });
        short.min_by_key(|(_, left)| *left)
    }
}

/// Days since 1970, UTC.
pub(crate) fn today() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| (since.as_secs() / 86_400) as i64)
}

/// Until a new day begins, UTC.
pub(crate) fn until_midnight() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let today = now.map_or(0, |since| since.as_secs() % 86_400);
    Duration::from_secs(86_400 - today)
}

/// Budget counter of one client and its clones.
#[derive(Debug, Default)]
pub(crate) struct BudgetCounter {
    book: Mutex<CounterState>,
    /// Notified when a reservation was released.
    pub freed: Notify,
}

#[derive(Debug, Default)]
struct CounterState {
    day: i64,
    sums: Sums,
}

impl BudgetCounter {
    /// Reserves money, if the limits allow it.
    ///
    /// # Errors
    /// Which limit is too small.
    pub fn reserve(
        &self,
        limits: &Budget,
        usd: Option<Decimal>,
        day: i64,
    ) -> Result<(), InsufficientBudget> {
        let mut book = self.book(day);
        book.sums.allow(limits, usd)?;
        book.sums.reserved += usd.unwrap_or_default();
        Ok(())
    }

    /// Settles a reservation: books the real cost in place of the reserved amount.
    pub fn settle(&self, reserved: Decimal, usd: Decimal, day: i64) {
        let mut book = self.book(day);
        book.sums.reserved -= reserved;
        book.sums.today += usd;
        book.sums.total += usd;
        drop(book);
        self.freed.notify_one();
    }

    /// The sums of this day.
    pub fn sums(&self, day: i64) -> Sums {
        self.book(day).sums
    }

    /// Locks the three sums. They are sound even when a thread panicked while it held the lock.
    fn book(&self, day: i64) -> MutexGuard<'_, CounterState> {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back does not begin the same day a second time.
        if day > book.day {
            book.day = day;
            book.sums.today = Decimal::ZERO;
        }
        book
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(cents: i64) -> Decimal {
        Decimal::new(cents, 2)
    }

    #[test]
    fn what_is_set_aside_is_not_given_twice_and_what_is_left_over_comes_back() {
        let account = BudgetCounter::default();
        let limits = Budget::new().total(usd(10));
        assert_eq!(account.reserve(&limits, Some(usd(6)), 1), Ok(()));
        let short = account.reserve(&limits, Some(usd(6)), 1).unwrap_err();
        assert_eq!((short.limit, short.left), (SpendingLimit::Total, usd(4)));
        account.settle(usd(6), usd(1), 1);
        assert_eq!(account.reserve(&limits, Some(usd(9)), 1), Ok(()));
        assert_eq!(
            account.reserve(&limits, Some(usd(1)), 1).unwrap_err().left,
            usd(0)
        );
    }

    #[test]
    fn a_new_day_has_new_money_and_all_days_together_have_not() {
        let account = BudgetCounter::default();
        let limits = Budget::new().per_day(usd(10)).total(usd(15));
        account.settle(usd(0), usd(10), 1);
        let short = account.reserve(&limits, Some(usd(1)), 1).unwrap_err();
        assert_eq!((short.limit, short.left), (SpendingLimit::PerDay, usd(0)));
        let short = account.reserve(&limits, Some(usd(6)), 2).unwrap_err();
        assert_eq!((short.limit, short.left), (SpendingLimit::Total, usd(5)));
        assert_eq!(account.reserve(&limits, Some(usd(5)), 2), Ok(()));
        // The clock was set back: the day stays.
        assert_eq!(account.sums(1).today, usd(0));
    }

    #[test]
    fn money_that_was_overspent_is_not_left_below_zero() {
        let account = BudgetCounter::default();
        account.settle(usd(0), usd(20), 1);
        let limits = Budget::new().total(usd(15));
        assert_eq!(
            account.reserve(&limits, Some(usd(1)), 1).unwrap_err().left,
            usd(0)
        );
    }
}
