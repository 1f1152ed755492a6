//! Reservation: money that is set aside for a request in flight, until the attempt is booked.
//!
//! It ends in one of three ways: [`settle`](Reservation::settle) after an attempt, [`cancel`](Reservation::cancel) when the
//! caller dropped the call, [`release`](Reservation::release) when no request was sent.

use std::time::{Duration, Instant, SystemTime};

use rust_decimal::Decimal;

use super::Fingerprint;
use super::budget_counter::today;
use super::budget_guard::{BudgetBackend, BudgetGuard};
use super::cost_estimate::CostEstimate;
use super::fingerprint::question;
use super::received_bytes::{ReceivedBytes, Sent};
use super::record::{AttemptRecord, CANCELLED};
#[cfg(feature = "ledger")]
use super::store::Reserved;
use anymodel_types::{Attempt, ErrorKind};

/// Reservation id: the reserved amount, or its row in the ledger.
#[derive(Debug)]
pub(super) enum ReservationId {
    Nothing,
    Memory(Decimal),
    #[cfg(feature = "ledger")]
    Disk(Reserved),
}

/// Reservation: money that is set aside for a request in flight.
#[derive(Debug)]
#[must_use = "money that is neither settled nor released stays set aside"]
pub(crate) struct Reservation<'a> {
    budget_guard: &'a BudgetGuard,
    sent: Sent<'a>,
    label: Option<&'a str>,
    /// Known where there is a budget.
    pub(super) estimate: Option<CostEstimate>,
    pub(super) id: ReservationId,
    at: SystemTime,
    begun: Instant,
}

impl<'a> Reservation<'a> {
    /// A reservation that begins now, of no money yet.
    pub(super) fn nothing(
        budget_guard: &'a BudgetGuard,
        sent: Sent<'a>,
        label: Option<&'a str>,
    ) -> Self {
        Reservation {
            budget_guard,
            sent,
            label,
            estimate: None,
            id: ReservationId::Nothing,
            at: SystemTime::now(),
            begun: Instant::now(),
        }
    }

    /// The longest answer that the money was counted for.
    pub fn max_tokens(&self) -> Option<u32> {
        self.estimate
            .as_ref()
            .filter(|estimate| estimate.is_known())
            .map(|estimate| estimate.answer)
    }

    /// The cost estimate of the request, where there is a budget.
    pub fn estimate(&self) -> Option<&CostEstimate> {
        self.estimate.as_ref()
    }

    /// Releases all of it: no request was sent.
    pub fn release(self) {
        // On disk the reservation is released when its id is dropped.
        if let (BudgetBackend::Memory(account), ReservationId::Memory(reserved)) =
            (&self.budget_guard.kept, self.id)
        {
            account.settle(reserved, Decimal::ZERO, today());
        }
    }

    /// Settles the reservation: books the cost of the attempt, releases the rest, and returns what was booked.
    ///
    /// With a ledger on disk the attempt is with the operating system when this returns, unless that takes longer than
    /// the call has time: then it is written later.
    pub async fn settle(
        self,
        attempt: &Attempt,
        heard: &ReceivedBytes,
        patience: Duration,
    ) -> Decimal {
        let booked = self.booked(attempt, heard);
        let record = AttemptRecord::of(attempt, booked, Fingerprint::of(self.sent.request));
        if let Some(written) = self.close(record) {
            let _ = tokio::time::timeout(patience, written).await;
        }
        booked
    }

    /// The caller dropped the call: books what was perhaps charged, and releases the rest.
    pub fn cancel(self, charged: Decimal) {
        let record = AttemptRecord {
            at: self.at,
            platform: self.sent.platform.to_owned(),
            asked: self.sent.candidate.model.clone(),
            answered: None,
            label: None,
            outcome: CANCELLED,
            status: None,
            usage: None,
            reported: None,
            estimate: (!charged.is_zero()).then_some(charged),
            booked: charged,
            duration: self.begun.elapsed(),
            first_token: None,
            fingerprint: Fingerprint::of(self.sent.request),
            question: None,
        };
        // A dropped call cannot wait; the record is on its way to the writer and is written.
        drop(self.close(record));
    }

    /// The booked amount of an attempt: its cost as far as it is known, else what was perhaps charged.
    fn booked(&self, attempt: &Attempt, heard: &ReceivedBytes) -> Decimal {
        if let Some(cost) = attempt.spent() {
            return cost.amount;
        }
        let perhaps = match attempt.failure {
            // It was answered, and its cost was not reported.
            None => true,
            Some(ErrorKind::Timeout | ErrorKind::BrokenStream | ErrorKind::BadReply) => true,
            // A server that refuses charges nothing; one that breaks off in the middle may have charged.
            Some(_) => heard.is_some(),
        };
        match perhaps && attempt.status.is_none_or(|status| status < 400) {
            true => self.sent.charged_so_far(self.estimate.as_ref(), heard),
            false => Decimal::ZERO,
        }
    }

    /// Records the attempt; `None` when there is nothing to wait for.
    fn close(self, mut record: AttemptRecord) -> Option<impl Future<Output = ()> + 'static> {
        record.label = self.label.map(str::to_owned);
        if self.budget_guard.keeps_questions {
            record.question = Some(question(self.sent.request).to_owned());
        }
        if let Some(journal) = &self.budget_guard.journal {
            journal.note(&record);
        }
        let written = match (&self.budget_guard.kept, self.id) {
            (BudgetBackend::Memory(account), ReservationId::Memory(reserved)) => {
                account.settle(reserved, record.booked, today());
                None
            }
            (BudgetBackend::Memory(account), _) => {
                account.settle(Decimal::ZERO, record.booked, today());
                None
            }
            #[cfg(feature = "ledger")]
            (BudgetBackend::Disk(store), ReservationId::Disk(reserved)) => {
                Some(store.settle(record, Some(reserved)))
            }
            #[cfg(feature = "ledger")]
            (BudgetBackend::Disk(store), _) => Some(store.settle(record, None)),
        };
        #[cfg(not(feature = "ledger"))]
        let written: Option<std::future::Ready<()>> = written;
        written
    }
}
