//! Budget: what may be spent for one call, in one day, in all.
//!
//! A limit is checked before a request, not after it. The most that the request may cost is reserved first, so that calls
//! which run at the same time cannot spend the same money twice. When the answer is there, the reservation is replaced by
//! the real cost. That needs a longest answer: where a call sets none, a budget does.

use rust_decimal::Decimal;

use anymodel_types::{Error, ErrorKind, Result, words};

/// Budget: spending limits in US dollars.
///
/// Amounts are numbers or decimals, as in `0.05`, `2` or `Decimal`; a float means the shortest decimal that it prints as.
///
/// ```
/// # use anymodel::prelude::*;
/// use anymodel::Budget;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anymodel::Result<()> {
/// let client = Client::builder()
///     .platform("sandbox")
///     .budget(Budget::new().per_call(0.01).per_day(0.50).total(5))
///     .build()?;
/// let reply = client.ask("openai/gpt-4o-mini", "What is recursion?").await?;
/// let left = client.stats().today.and_then(|today| today.left());
/// assert_eq!(left, Some("0.5".parse::<rust_decimal::Decimal>().unwrap() - reply.cost.unwrap()));
/// # Ok(())
/// # }
/// ```
///
/// The reservation for a request is its tokens, counted with a margin, at the dearest price that the model has at any of
/// its hosts, and the longest answer allowed. A call without [`max_tokens`](crate::Chat::max_tokens) is held to 4,096
/// tokens, or to as many as a limit per call pays for, and not sent when these are fewer than 256. Pictures count as
/// 2,000 tokens each. A charge beyond that (searches, tokens outside the answer's limit) is booked in full when it is
/// known, and then less is left for the next call.
///
/// Most of a reservation is released again. So a call that would fit if nothing were reserved waits for the requests in
/// flight, up to its deadline, and up to 3 s where another model is left to ask; calls that wait take their turns. When the
/// money is not released in time, the refusal is [retryable](anymodel_types::Error::is_retryable), as is that of a day that is used
/// up. A stream that is kept and not read keeps its reservation.
///
/// The charge of a request that ends without an answer (cancelled, timed out, its process killed) is not known. Streamed,
/// it counts as far as it was received; unstreamed or killed, as the whole reservation. The
/// [totals](crate::Client::totals) count cancelled requests in the same way, with a budget and without.
///
/// A day begins at midnight UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Budget {
    pub(crate) per_call: Option<Decimal>,
    pub(crate) per_day: Option<Decimal>,
    pub(crate) total: Option<Decimal>,
    pub(crate) allows_unknown: bool,
    /// The first amount that is invalid: its limit, and the amount, if it is a number at all.
    wrong: Option<(&'static str, Option<Decimal>)>,
}

impl Budget {
    /// No limit yet.
    pub fn new() -> Self {
        Budget::default()
    }

    /// The most that one call may cost, with all its retries, fallbacks and rounds of tool calls.
    pub fn per_call(mut self, usd: impl TryInto<Decimal>) -> Self {
        self.per_call = self.amount(usd, words::budgets().per_call());
        self
    }

    /// The most that may be spent from midnight to midnight, UTC.
    pub fn per_day(mut self, usd: impl TryInto<Decimal>) -> Self {
        self.per_day = self.amount(usd, words::budgets().per_day());
        self
    }

    /// The most that may be spent at all: by this client and its clones, or with a ledger on disk, by all processes that
    /// write to it.
    pub fn total(mut self, usd: impl TryInto<Decimal>) -> Self {
        self.total = self.amount(usd, words::budgets().in_all());
        self
    }

    /// Also asks models without a known price, as long as any money is left. Nothing is reserved for them, so a limit may be
    /// overrun. Without it they are not asked.
    pub fn allow_unknown_prices(mut self) -> Self {
        self.allows_unknown = true;
        self
    }

    /// Whether there is any limit.
    pub(crate) fn has_limits(&self) -> bool {
        self.per_call.is_some() || self.in_sums()
    }

    /// Whether there is a limit over several calls.
    pub(crate) fn in_sums(&self) -> bool {
        self.per_day.is_some() || self.total.is_some()
    }

    /// The limit per call of the settings, unless this one has its own.
    pub(crate) fn with_settings(mut self, per_call: Option<Decimal>) -> Self {
        self.per_call = self.per_call.or(per_call);
        self
    }

    /// # Errors
    /// [`ErrorKind::Config`], when an amount was invalid.
    pub(crate) fn checked(self) -> Result<Self> {
        let Some((which, amount)) = self.wrong else {
            return Ok(self);
        };
        let message = match amount {
            Some(amount) => words::budgets().budget_is_wrong(&which, &amount),
            None => words::budgets().budget_is_no_amount_of_money(&which),
        };
        let error = Error::new(ErrorKind::Config, message);
        Err(error.with_hint(words::budgets().write_us_dollars()))
    }

    fn amount(&mut self, usd: impl TryInto<Decimal>, which: &'static str) -> Option<Decimal> {
        let number = usd.try_into().ok();
        let amount = number.filter(|usd| *usd >= Decimal::ZERO);
        if amount.is_none() {
            self.wrong.get_or_insert((which, number));
        }
        amount.map(|usd| usd.normalize())
    }
}
