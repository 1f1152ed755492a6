//! Totals: the usage metrics of a client, as plain data.

use rust_decimal::Decimal;

use super::LatencySummary;
use anymodel_types::{Cost, CostSource, ErrorKind};

/// Totals of a client: one row for each model on each platform.
///
/// It displays as a table, in a terminal and in a notebook. Made by [`Client::totals`](crate::Client::totals).
///
/// ```
/// # use anymodel::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anymodel::Result<()> {
/// let client = Client::sandbox()?;
/// client.ask(["sandbox/down", "openai/gpt-4o-mini"], "Hello").await?;
///
/// let totals = client.totals();
/// assert_eq!(totals.get("sandbox", "sandbox/down").unwrap().failed(), 1);
/// assert_eq!(totals.get("sandbox", "openai/gpt-4o-mini").unwrap().successes, 1);
/// println!("{totals}");
/// println!("{}", totals.prometheus());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Totals {
    /// By platform, then by model, both in alphabetical order.
    pub models: Vec<ModelTotals>,
}

/// Totals of one model on one platform.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ModelTotals {
    /// The platform, as in [`Attempt::platform`](anymodel_types::Attempt).
    pub platform: String,
    /// The model: of a failure the one asked, of an answer the one that answered.
    pub model: String,
    /// Calls in which this model was asked at least once.
    pub calls: u64,
    /// HTTP requests: successes, failures and cancelled ones.
    pub attempts: u64,
    /// Whole answers.
    pub successes: u64,
    /// Requests that the caller cancelled: no fault of the model, and perhaps paid for. Their possible cost is in
    /// `estimated`.
    pub cancelled: u64,
    /// Classes of failures with their counts, the most frequent first.
    pub failures: Vec<(ErrorKind, u64)>,
    /// Tokens sent, as reported.
    pub prompt_tokens: u64,
    /// Tokens received, reasoning included, as reported.
    pub completion_tokens: u64,
    /// The part of `completion_tokens` spent on reasoning, where platforms said so.
    pub reasoning_tokens: u64,
    /// The part of `prompt_tokens` read from a cache, where platforms said so.
    pub cached_tokens: u64,
    /// US dollars as the platform reported them.
    pub reported: Decimal,
    /// US dollars by price × usage, for the attempts whose cost the platform did not report; and for those that were
    /// cancelled, what a [`Budget`](crate::Budget) counts: the question and the received part of a streamed answer, or the
    /// longest answer of one that was not streamed.
    pub estimated: Decimal,
    /// Answers whose cost is in neither of the two.
    pub unpriced: u64,
    /// The part of `reported` for which price × usage is known as well …
    pub(crate) checked: Decimal,
    /// … and that part by price × usage.
    pub(crate) check: Decimal,
    /// Time of a successful attempt, from request to whole answer.
    pub latency: Option<LatencySummary>,
    /// Time to the first token of a streamed answer.
    pub time_to_first_token: Option<LatencySummary>,
}

impl Totals {
    /// The row of one model.
    pub fn get(&self, platform: &str, model: &str) -> Option<&ModelTotals> {
        self.models
            .iter()
            .find(|row| row.platform == platform && row.model == model)
    }

    /// Whether nothing was asked yet.
    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    /// US dollars of everything: the reported cost, and for the rest price × usage. It counts as estimated when any part
    /// of it is.
    pub fn cost(&self) -> Cost {
        let estimated: Decimal = self.models.iter().map(|row| row.estimated).sum();
        Cost {
            amount: self.models.iter().map(ModelTotals::cost).sum(),
            source: if estimated.is_zero() {
                CostSource::Reported
            } else {
                CostSource::Estimated
            },
        }
    }
}

impl ModelTotals {
    /// How many attempts failed.
    pub fn failed(&self) -> u64 {
        self.failures.iter().map(|(_, count)| count).sum()
    }

    /// US dollars, reported and estimated together.
    pub fn cost(&self) -> Decimal {
        self.reported + self.estimated
    }

    /// The reported cost minus price × usage, in US dollars; `None` when they agree, or cannot be compared.
    ///
    /// Up to one part in a hundred counts as agreement: platforms round the cost of a small answer about as much.
    pub fn difference(&self) -> Option<Decimal> {
        let difference = self.checked - self.check;
        let rounding = self.check.max(self.checked) / Decimal::ONE_HUNDRED;
        (difference.abs() > rounding).then(|| difference.normalize())
    }
}
