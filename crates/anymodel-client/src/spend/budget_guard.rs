//! Budget guard: reserves money before each attempt, and settles it afterwards.
//!
//! A client has one only with a budget, a ledger or a count of duplicates; all others have no cost of it.
//!
//! [`BudgetGuard::reserve`] makes a [`Reservation`], which keeps the money while the request is in flight.

use std::time::Duration;

use rust_decimal::Decimal;
use tokio::sync::Notify;

use super::budget_counter::{
    BudgetCounter, InsufficientBudget, ReserveError, Shortfall, Sums, today, until_midnight,
};
use super::budget_queue::BudgetQueue;
use super::cost_estimate::CostEstimate;
use super::duplicates::DuplicateLog;
use super::received_bytes::Sent;
use super::reservation::{Reservation, ReservationId};
#[cfg(feature = "ledger")]
use super::store::LedgerStore;
use super::{Budget, BudgetStatus, Duplicates};
use anymodel_types::{SkipReason, SpendingLimit};

/// Budget guard: keeps a client's budget, and records what was spent.
#[derive(Debug)]
pub(crate) struct BudgetGuard {
    pub budget: Budget,
    pub kept: BudgetBackend,
    pub journal: Option<DuplicateLog>,
    pub keeps_questions: bool,
    pub line: BudgetQueue,
}

/// Budget backend: where the sums are kept.
#[derive(Debug)]
pub(crate) enum BudgetBackend {
    Memory(BudgetCounter),
    #[cfg(feature = "ledger")]
    Disk(LedgerStore),
}

impl BudgetBackend {
    /// Notified when a reservation was released.
    pub fn freed(&self) -> &Notify {
        match self {
            BudgetBackend::Memory(account) => &account.freed,
            #[cfg(feature = "ledger")]
            BudgetBackend::Disk(store) => store.freed(),
        }
    }
}

/// Reservation request: a request that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReservationRequest<'a> {
    pub sent: Sent<'a>,
    /// What it is for, in the caller's words.
    pub label: Option<&'a str>,
    /// US dollars that the call has spent before.
    pub spent: Decimal,
    /// How long the call can wait for the ledger.
    #[cfg_attr(not(feature = "ledger"), allow(dead_code))]
    pub patience: Duration,
    /// How long the call waits for money that other requests may release.
    pub wait: Duration,
}

/// Budget refusal: why a request is not sent.
#[derive(Debug)]
pub(crate) struct BudgetRefusal {
    pub why: SkipReason,
    pub estimate: CostEstimate,
    /// The longest answer that the money left pays for, if it pays for any.
    pub affordable: Option<u32>,
    /// What is wrong with the ledger.
    pub fault: Option<String>,
    /// Whether the same call may be made later, and when, if that is known.
    pub may_retry: bool,
    pub retry_after: Option<Duration>,
}

impl BudgetGuard {
    /// Reserves what the request may cost at most.
    ///
    /// # Errors
    /// Why it may not be sent.
    pub async fn reserve<'a>(
        &'a self,
        wanted: ReservationRequest<'a>,
    ) -> Result<Reservation<'a>, Box<BudgetRefusal>> {
        let mut reservation = Reservation::nothing(self, wanted.sent, wanted.label);
        if !self.budget.has_limits() {
            return Ok(reservation);
        }
        let mut estimate = wanted.sent.estimate();
        if !estimate.is_known() && !self.budget.allows_unknown {
            return Err(BudgetRefusal::new(SkipReason::PriceUnknown, estimate, None));
        }
        if let Some(limit) = self.budget.per_call {
            let left = (limit - wanted.spent).max(Decimal::ZERO);
            estimate.shorten(left);
            if estimate.cost() > left || (!estimate.is_known() && left.is_zero()) {
                let limit = SpendingLimit::PerCall;
                let mend = Shortfall::Never;
                return Err(BudgetRefusal::short(
                    InsufficientBudget { limit, left, mend },
                    estimate,
                ));
            }
        }
        let known = estimate.is_known().then(|| estimate.cost());
        match self.set_aside(known, &wanted).await {
            Ok(id) => reservation.id = id,
            Err(ReserveError::Short(short)) => return Err(BudgetRefusal::short(short, estimate)),
            Err(ReserveError::Failed(fault)) => {
                return Err(BudgetRefusal::new(
                    SkipReason::LedgerFailed,
                    estimate,
                    Some(fault),
                ));
            }
        }
        reservation.estimate = Some(estimate);
        Ok(reservation)
    }

    /// Reserves money, if it is there now: as much as the request may cost, if that is known.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn set_aside_now(
        &self,
        usd: Option<Decimal>,
        wanted: &ReservationRequest<'_>,
    ) -> Result<ReservationId, ReserveError> {
        let _ = wanted;
        match &self.kept {
            _ if !self.budget.in_sums() => Ok(ReservationId::Nothing),
            BudgetBackend::Memory(account) => match account.reserve(&self.budget, usd, today()) {
                Ok(()) => Ok(ReservationId::Memory(usd.unwrap_or_default())),
                Err(short) => Err(ReserveError::Short(short)),
            },
            #[cfg(feature = "ledger")]
            BudgetBackend::Disk(store) => {
                let reserved = store.reserve(&self.budget, usd, wanted).await?;
                Ok(ReservationId::Disk(reserved))
            }
        }
    }

    /// Limit, spent and reserved money: of today and in all. `None` where no sums are kept.
    ///
    /// # Errors
    /// What is wrong with the ledger.
    #[cfg_attr(
        not(feature = "ledger"),
        expect(
            unused_variables,
            reason = "only a ledger on disk has sums of both kinds"
        )
    )]
    pub fn status(&self, simulated: bool) -> Result<Option<(BudgetStatus, BudgetStatus)>, String> {
        let sums: Sums = match &self.kept {
            BudgetBackend::Memory(_) if !self.budget.in_sums() => return Ok(None),
            BudgetBackend::Memory(account) => account.sums(today()),
            #[cfg(feature = "ledger")]
            BudgetBackend::Disk(store) => store.sums(simulated)?,
        };
        let status = |limit: Option<Decimal>, spent: Decimal| BudgetStatus {
            limit,
            spent: spent.normalize(),
            reserved: sums.reserved.normalize(),
        };
        Ok(Some((
            status(self.budget.per_day, sums.today),
            status(self.budget.total, sums.total),
        )))
    }

    pub fn duplicates(&self) -> Duplicates {
        self.journal
            .as_ref()
            .map(DuplicateLog::duplicates)
            .unwrap_or_default()
    }
}

impl BudgetRefusal {
    fn new(why: SkipReason, estimate: CostEstimate, fault: Option<String>) -> Box<Self> {
        Box::new(BudgetRefusal {
            why,
            estimate,
            affordable: None,
            fault,
            may_retry: false,
            retry_after: None,
        })
    }

    fn short(short: InsufficientBudget, estimate: CostEstimate) -> Box<Self> {
        let InsufficientBudget { limit, left, mend } = short;
        let cost = estimate.cost().normalize();
        let left = left.normalize();
        let affordable = estimate.affordable(left).filter(|_| estimate.is_known());
        let why = match mend {
            Shortfall::Settled => SkipReason::MoneySetAside { limit, left, cost },
            Shortfall::Midnight | Shortfall::Never => SkipReason::OverBudget { limit, left, cost },
        };
        Box::new(BudgetRefusal {
            affordable,
            may_retry: mend != Shortfall::Never,
            retry_after: (mend == Shortfall::Midnight).then(until_midnight),
            ..*BudgetRefusal::new(why, estimate, None)
        })
    }
}
