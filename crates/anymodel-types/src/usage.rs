//! Usage and cost: tokens and money, as plain numbers.

use std::fmt;

use crate::words;
use rust_decimal::Decimal;

/// Usage: the tokens of one answer, as the platform counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of everything that was sent.
    pub prompt_tokens: u64,
    /// Tokens of everything that came back, reasoning included, also where the platform counts it apart.
    pub completion_tokens: u64,
    /// Both together, as reported; platforms may add a few of their own.
    pub total_tokens: u64,
    /// The part of `completion_tokens` spent on reasoning, when the platform says so.
    pub reasoning_tokens: Option<u64>,
    /// The part of `prompt_tokens` read from the platform's cache, when it says so.
    pub cached_tokens: Option<u64>,
    /// The part of `prompt_tokens` written to the platform's cache, when it says so.
    pub cache_write_tokens: Option<u64>,
}

/// Cost: an amount of money, and how it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// US dollars.
    pub amount: Decimal,
    /// Reported or estimated.
    pub source: CostSource,
}

/// Source of a cost: the platform, or an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CostSource {
    /// The platform, for this very answer.
    Reported,
    /// This crate: the catalogue's price × the tokens that the platform reported.
    Estimated,
}

/// An estimate is marked: `≈ $0.0000171`.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source {
            CostSource::Reported => f.pad(&usd(self.amount)),
            CostSource::Estimated => f.pad(&format!("≈ {}", usd(self.amount))),
        }
    }
}

/// Spending limit: which limit of a `Budget` is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpendingLimit {
    /// The limit of one call.
    PerCall,
    /// The limit of the day, which begins at midnight UTC.
    PerDay,
    /// The limit of all calls together.
    Total,
}

/// It continues a sentence after "left": `for this call`, `today`, `in all`.
impl fmt::Display for SpendingLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            SpendingLimit::PerCall => words::trail().for_this_call(),
            SpendingLimit::PerDay => words::trail().today(),
            SpendingLimit::Total => words::trail().in_all(),
        })
    }
}

/// Writes US dollars so that small sums stay readable: all significant digits, and never an exponent.
///
/// ```
/// use rust_decimal::Decimal;
///
/// assert_eq!(anymodel::usd(Decimal::new(171, 7)), "$0.0000171");
/// assert_eq!(anymodel::usd(Decimal::ZERO), "$0");
/// ```
pub fn usd(amount: Decimal) -> String {
    format!("${}", amount.normalize())
}
