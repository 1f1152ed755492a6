//! Budget queue: calls that wait for the reservations of requests in flight to be released.
//!
//! A request reserves the most that it may cost and costs a part of that. So calls that run at once find less left than
//! the same calls one after the other, and refusing them would leave money unspent. A call that would fit if nothing were
//! reserved waits for its turn, first come, first served. It reserves nothing meanwhile, and may be dropped at any time.
//!
//! Calls that fit at once do not queue, unless the first call in the queue has waited for long: else small requests could
//! keep a large one waiting without end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rust_decimal::Decimal;
use tokio::sync::{Mutex, MutexGuard, Notify};
use tokio::time::timeout;

use super::budget_counter::{InsufficientBudget, ReserveError, Shortfall};
use super::budget_guard::{BudgetGuard, ReservationRequest};
use super::reservation::ReservationId;

/// How often the first call in the queue polls for money. It is notified of releases in this process, but not of those in
/// other processes which write to the same ledger, nor of a new day.
const LOOK: Duration = Duration::from_millis(50);
/// After this wait the first call in the queue gets all money that is released.
const LONG: Duration = Duration::from_secs(2);

/// Budget queue: calls that wait for money.
#[derive(Debug, Default)]
pub(crate) struct BudgetQueue {
    turn: Mutex<()>,
    /// Whether the first one has waited for long.
    is_strict: AtomicBool,
}

/// The head of the queue.
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
    /// Reserves money, and waits for it where other requests have reserved it and may release it.
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
            // Its turn never came, so it has not tried yet.
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
