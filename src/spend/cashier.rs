//! What stands between a call and its money: sets it aside before each attempt, and books it afterwards.
//!
//! A client has one only when somebody asked for a budget, a ledger or repeats; all others pay nothing for it.
//!
//! [`Cashier::hold`] → a [`Hold`], which keeps the money while the request is on its way → [`Hold::settle`]. A hold that
//! is dropped before was cancelled: what was perhaps charged by then is booked, and the rest is free again.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use rust_decimal::Decimal;
use tokio::sync::Notify;

use super::account::{Account, Mend, Refused, Short, Sums, today, until_midnight};
use super::fingerprint::question;
use super::heard::Sent;
use super::line::Line;
use super::quote::Quote;
use super::record::{CANCELLED, Record};
use super::repeats::Journal;
#[cfg(feature = "ledger")]
use super::store::{Reserved, Store};
use super::{Budget, Fingerprint, Purse, Repeats};
use crate::config::OwnPrices;
use crate::failure::ErrorKind;
use crate::trail::{Attempt, Why};
use crate::usage::SpendingLimit;

/// Keeps a client's budget, and writes down what was spent.
#[derive(Debug)]
pub(crate) struct Cashier {
    pub budget: Budget,
    pub prices: Arc<OwnPrices>,
    pub kept: Kept,
    pub journal: Option<Journal>,
    pub keeps_questions: bool,
    pub line: Line,
}

/// Where the sums are kept.
#[derive(Debug)]
pub(crate) enum Kept {
    Memory(Account),
    #[cfg(feature = "ledger")]
    Disk(Store),
}

impl Kept {
    /// Told when money that was set aside has come back.
    pub fn freed(&self) -> &Notify {
        match self {
            Kept::Memory(account) => &account.freed,
            #[cfg(feature = "ledger")]
            Kept::Disk(store) => store.freed(),
        }
    }
}

/// A request that somebody wants to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub sent: Sent<'a>,
    /// What it is for, in the caller's words.
    pub label: Option<&'a str>,
    /// US dollars that the call has spent before.
    pub spent: Decimal,
    /// How long the call can wait for the ledger.
    #[cfg_attr(not(feature = "ledger"), allow(dead_code))]
    pub patience: Duration,
    /// How long it waits for money that other requests may give back.
    pub wait: Duration,
}

/// Why a request is not made.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub why: Why,
    pub quote: Quote,
    /// How long an answer may be for what is left, if there is money for any.
    pub affordable: Option<u32>,
    /// What is wrong with the ledger.
    pub fault: Option<String>,
    /// Whether the same call may be made later, and when, if that is known.
    pub may_retry: bool,
    pub retry_after: Option<Duration>,
}

/// What is set aside.
#[derive(Debug)]
pub(super) enum Ticket {
    Nothing,
    Memory(Decimal),
    #[cfg(feature = "ledger")]
    Disk(Reserved),
}

impl Cashier {
    /// Sets aside what the request may cost at most.
    ///
    /// # Errors
    /// Why it may not be made.
    pub async fn hold<'a>(&'a self, wanted: Wanted<'a>) -> Result<Hold<'a>, Box<Refusal>> {
        let mut hold = Hold {
            cashier: self,
            wanted,
            quote: None,
            ticket: None,
            at: SystemTime::now(),
            begun: Instant::now(),
        };
        if !self.budget.has_limits() {
            hold.ticket = Some(Ticket::Nothing);
            return Ok(hold);
        }
        let mut quote = wanted.sent.quote(&self.prices);
        if !quote.is_known() && !self.budget.allows_unknown {
            return Err(Refusal::new(Why::PriceUnknown, quote, None));
        }
        if let Some(limit) = self.budget.per_call {
            let left = (limit - wanted.spent).max(Decimal::ZERO);
            quote.shorten(left);
            if quote.cost() > left || (!quote.is_known() && left.is_zero()) {
                let limit = SpendingLimit::PerCall;
                let mend = Mend::Never;
                return Err(Refusal::short(Short { limit, left, mend }, quote));
            }
        }
        let known = quote.is_known().then(|| quote.cost());
        match self.set_aside(known, &wanted).await {
            Ok(ticket) => hold.ticket = Some(ticket),
            Err(Refused::Short(short)) => return Err(Refusal::short(short, quote)),
            Err(Refused::Failed(fault)) => {
                return Err(Refusal::new(Why::LedgerFailed, quote, Some(fault)));
            }
        }
        hold.quote = Some(quote);
        Ok(hold)
    }

    /// Sets money aside, if it is there now: as much as the request may cost, if anybody knows that.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn set_aside_now(
        &self,
        usd: Option<Decimal>,
        wanted: &Wanted<'_>,
    ) -> Result<Ticket, Refused> {
        let _ = wanted;
        match &self.kept {
            _ if !self.budget.in_sums() => Ok(Ticket::Nothing),
            Kept::Memory(account) => match account.reserve(&self.budget, usd, today()) {
                Ok(()) => Ok(Ticket::Memory(usd.unwrap_or_default())),
                Err(short) => Err(Refused::Short(short)),
            },
            #[cfg(feature = "ledger")]
            Kept::Disk(store) => {
                let reserved = store.reserve(&self.budget, usd, wanted).await?;
                Ok(Ticket::Disk(reserved))
            }
        }
    }

    /// What the limits are, what is spent, and what is set aside: of today and in all. `None` where nothing is summed up.
    ///
    /// # Errors
    /// What is wrong with the ledger.
    pub fn purses(&self, simulated: bool) -> Result<Option<(Purse, Purse)>, String> {
        let _ = simulated;
        let sums: Sums = match &self.kept {
            Kept::Memory(_) if !self.budget.in_sums() => return Ok(None),
            Kept::Memory(account) => account.sums(today()),
            #[cfg(feature = "ledger")]
            Kept::Disk(store) => store.sums(simulated)?,
        };
        let purse = |limit: Option<Decimal>, spent: Decimal| Purse {
            limit,
            spent: spent.normalize(),
            reserved: sums.reserved.normalize(),
        };
        Ok(Some((
            purse(self.budget.per_day, sums.today),
            purse(self.budget.in_all, sums.in_all),
        )))
    }

    pub fn repeats(&self) -> Repeats {
        self.journal
            .as_ref()
            .map(Journal::repeats)
            .unwrap_or_default()
    }
}

impl Refusal {
    fn new(why: Why, quote: Quote, fault: Option<String>) -> Box<Self> {
        Box::new(Refusal {
            why,
            quote,
            affordable: None,
            fault,
            may_retry: false,
            retry_after: None,
        })
    }

    fn short(short: Short, quote: Quote) -> Box<Self> {
        let Short { limit, left, mend } = short;
        let cost = quote.cost().normalize();
        let left = left.normalize();
        let affordable = quote.affordable(left).filter(|_| quote.is_known());
        let why = match mend {
            Mend::Settled => Why::MoneySetAside { limit, left, cost },
            Mend::Midnight | Mend::Never => Why::OverBudget { limit, left, cost },
        };
        Box::new(Refusal {
            affordable,
            may_retry: mend != Mend::Never,
            retry_after: (mend == Mend::Midnight).then(until_midnight),
            ..*Refusal::new(why, quote, None)
        })
    }
}

/// Money that is set aside for a request on its way.
#[derive(Debug)]
#[must_use = "a hold that is dropped at once books a cancelled attempt"]
pub(crate) struct Hold<'a> {
    cashier: &'a Cashier,
    wanted: Wanted<'a>,
    /// Known where there is a budget.
    quote: Option<Quote>,
    /// Taken when the attempt is booked.
    ticket: Option<Ticket>,
    at: SystemTime,
    begun: Instant,
}

impl Hold<'_> {
    /// The longest answer that the money was counted for.
    pub fn max_tokens(&self) -> Option<u32> {
        self.quote
            .as_ref()
            .filter(|quote| quote.is_known())
            .map(|quote| quote.answer)
    }

    /// What the request may cost, where there is a budget.
    pub fn quote(&self) -> Option<&Quote> {
        self.quote.as_ref()
    }

    /// Frees all of it: no request was made.
    pub fn give_back(mut self) {
        let ticket = self.ticket.take();
        // On disk it is free again when the ticket is dropped.
        if let (Kept::Memory(account), Some(Ticket::Memory(reserved))) =
            (&self.cashier.kept, ticket)
        {
            account.settle(reserved, Decimal::ZERO, today());
        }
    }

    /// Books what the attempt cost, frees what was set aside beyond it, and tells what was booked.
    ///
    /// With a ledger on disk the attempt is with the operating system when this returns, unless that takes longer than
    /// the call has time: then it is written later.
    pub async fn settle(mut self, attempt: &Attempt, patience: Duration) -> Decimal {
        let booked = self.booked(attempt);
        let record = Record::of(attempt, booked, Fingerprint::of(self.wanted.sent.request));
        if let Some(written) = self.close(record) {
            let _ = tokio::time::timeout(patience, written).await;
        }
        booked
    }

    /// What an attempt is booked at: what is known of its cost, else what was perhaps charged.
    fn booked(&self, attempt: &Attempt) -> Decimal {
        if let Some(cost) = attempt.spent() {
            return cost.amount;
        }
        let perhaps = match attempt.failure {
            // It was answered, and what it cost was not said.
            None => true,
            Some(ErrorKind::Timeout | ErrorKind::BrokenStream | ErrorKind::BadReply) => true,
            // A server that refuses charges nothing; one that breaks off in the middle may have.
            Some(_) => self.wanted.sent.heard.is_some(),
        };
        match perhaps && attempt.status.is_none_or(|status| status < 400) {
            true => self.so_far(),
            false => Decimal::ZERO,
        }
    }

    /// What was perhaps charged so far.
    fn so_far(&self) -> Decimal {
        let sent = self.wanted.sent;
        sent.perhaps(&self.cashier.prices, self.quote.as_ref())
    }

    /// Writes the attempt down; `None` when there is nothing to wait for, or it was done before.
    fn close(&mut self, mut record: Record) -> Option<impl Future<Output = ()> + 'static> {
        let ticket = self.ticket.take()?;
        record.label = self.wanted.label.map(str::to_owned);
        if self.cashier.keeps_questions {
            record.question = Some(question(self.wanted.sent.request).to_owned());
        }
        if let Some(journal) = &self.cashier.journal {
            journal.note(&record);
        }
        let written = match (&self.cashier.kept, ticket) {
            (Kept::Memory(account), Ticket::Memory(reserved)) => {
                account.settle(reserved, record.booked, today());
                None
            }
            (Kept::Memory(account), _) => {
                account.settle(Decimal::ZERO, record.booked, today());
                None
            }
            #[cfg(feature = "ledger")]
            (Kept::Disk(store), Ticket::Disk(reserved)) => {
                Some(store.settle(record, Some(reserved)))
            }
            #[cfg(feature = "ledger")]
            (Kept::Disk(store), _) => Some(store.settle(record, None)),
        };
        #[cfg(not(feature = "ledger"))]
        let written: Option<std::future::Ready<()>> = written;
        written
    }
}

/// The caller went away.
impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if self.ticket.is_none() {
            return;
        }
        let booked = self.so_far();
        let record = Record {
            at: self.at,
            platform: self.wanted.sent.platform.to_owned(),
            asked: self.wanted.sent.candidate.model.clone(),
            answered: None,
            label: None,
            outcome: CANCELLED,
            status: None,
            usage: None,
            reported: None,
            estimate: (!booked.is_zero()).then_some(booked),
            booked,
            duration: self.begun.elapsed(),
            first_token: None,
            fingerprint: Fingerprint::of(self.wanted.sent.request),
            question: None,
        };
        // Whoever is gone cannot wait; what is on its way to the writer is written.
        drop(self.close(record));
    }
}
