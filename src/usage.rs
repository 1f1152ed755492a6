//! Tokens and money, as plain numbers.

use std::fmt;

use rust_decimal::Decimal;

/// The tokens of one answer, as the platform counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of everything that was sent.
    pub prompt_tokens: u64,
    /// Tokens of everything that came back, reasoning included, also where the platform counts it apart.
    pub completion_tokens: u64,
    /// Both together, as reported; platforms may count a few of their own on top.
    pub total_tokens: u64,
    /// The part of `completion_tokens` spent on reasoning, when the platform says so.
    pub reasoning_tokens: Option<u64>,
    /// The part of `prompt_tokens` read from the platform's cache, when it says so.
    pub cached_tokens: Option<u64>,
    /// The part of `prompt_tokens` written to the platform's cache, when it says so.
    pub cache_write_tokens: Option<u64>,
}

/// An amount of money, and how it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// US dollars.
    pub amount: Decimal,
    /// Who says so.
    pub source: CostSource,
}

/// Who says what something cost.
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

/// Which limit of a [`Budget`](crate::Budget) is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpendingLimit {
    /// That of one call.
    PerCall,
    /// That of the day, which begins at midnight UTC.
    PerDay,
    /// That of all calls together.
    InAll,
}

/// It reads on after "left": `for this call`, `today`, `in all`.
impl fmt::Display for SpendingLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            SpendingLimit::PerCall => "for this call",
            SpendingLimit::PerDay => "today",
            SpendingLimit::InAll => "in all",
        })
    }
}

/// Writes US dollars so that small sums stay readable: every digit that counts, and never an exponent.
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
