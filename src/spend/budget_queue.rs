//! Calls that wait for money: what is set aside for requests on their way mostly comes back.
//!
//! A request sets aside the most that it may cost and costs a part of that. So calls that run at once find less left than
//! the same calls one after the other, and refusing them would leave money unspent. A call that would fit if nothing were
//! set aside waits for its turn, first come, first served. It holds nothing meanwhile, and may be dropped at any time.
//!
//! Calls that fit at once do not stand in line, unless its first one has waited for long: else a large request could be
//! kept waiting by small ones for ever.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rust_decimal::Decimal;
use tokio::sync::{Mutex, MutexGuard, Notify};
use tokio::time::timeout;

use super::budget_counter::{InsufficientBudget, ReserveError, Shortfall};
use super::budget_guard::{BudgetGuard, ReservationId, ReservationRequest};

/// How often the first in line looks whether money has come back. That of this process is told to it; that of other
/// processes which write to the same ledger, and a new day, are not.
const LOOK: Duration = Duration::from_millis(50);
/// The first in line gets what comes back, and nobody else, when it has waited for so long.
const LONG: Duration = Duration::from_secs(2);

/// Calls that wait for money.
#[derive(Debug, Default)]
pub(crate) struct BudgetQueue {
    turn: Mutex<()>,
    /// Whether the first one has waited for long.
    is_strict: AtomicBool,
}

/// The first in line.
struct QueueHead<'a> {
    line: &'a BudgetQueue,
    since: Instant,
    _turn: MutexGuard<'a, ()>,
}

impl BudgetQueue {
    async fn first(&self) -> QueueHead<'_> {
        QueueHead {
            _turn: self.turn.lock().await,
            line: self,
            since: Instant::now(),
        }
    }
}

impl QueueHead<'_> {
    /// Waits until there may be more money.
    async fn wait(&self, freed: &Notify) {
        let waits_long = self.since.elapsed() > LONG;
        self.line.is_strict.store(waits_long, Ordering::Relaxed);
        let _ = timeout(LOOK, freed.notified()).await;
    }
}

impl Drop for QueueHead<'_> {
    fn drop(&mut self) {
        self.line.is_strict.store(false, Ordering::Relaxed);
    }
}

impl BudgetGuard {
    /// Sets money aside, and waits for it where other requests have it and may give it back.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn set_aside(
        &self,
        usd: Option<Decimal>,
        wanted: &ReservationRequest<'_>,
    ) -> Result<ReservationId, ReserveError> {
        let is_free = usd.is_some_and(|usd| usd.is_zero());
        let mut short = None;
        if is_free || !self.line.is_strict.load(Ordering::Relaxed) {
            match self.set_aside_now(usd, wanted).await {
                Err(ReserveError::Short(found)) if found.mend == Shortfall::Settled => {
                    short = Some(found)
                }
                done => return done,
            }
        }
        let waited = timeout(wanted.wait, self.in_turn(usd, wanted, &mut short)).await;
        match (waited, short) {
            (Ok(done), _) => done,
            (Err(_), Some(short)) => Err(ReserveError::Short(short)),
            // It never was its turn, so it has not asked yet.
            (Err(_), None) => self.set_aside_now(usd, wanted).await,
        }
    }

    async fn in_turn(
        &self,
        usd: Option<Decimal>,
        wanted: &ReservationRequest<'_>,
        short: &mut Option<InsufficientBudget>,
    ) -> Result<ReservationId, ReserveError> {
        let first = self.line.first().await;
        loop {
            match self.set_aside_now(usd, wanted).await {
                Err(ReserveError::Short(found)) if found.mend == Shortfall::Settled => {
                    *short = Some(found)
                }
                done => return done,
            }
            first.wait(self.kept.freed()).await;
        }
    }
}
