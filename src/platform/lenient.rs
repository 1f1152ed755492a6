//! Fields that cannot make reading fail: what does not fit counts as absent.

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Anything that does not fit counts as absent.
pub(super) fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str::<Option<T>>(raw.get()).unwrap_or(None))
}

/// A number of tokens, which some servers write as `21.0`.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let number: Option<f64> = lenient(deserializer)?;
    Ok(number
        .filter(|n| (0.0..9e15).contains(n))
        .map(|n| n.round() as u64))
}

/// The most that an answer may cost, in US dollars.
const MOST: u32 = 1_000_000;

/// An amount of money, read from the digits on the wire: it is never a float on the way.
pub(super) fn money<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Decimal>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    let digits = raw.get().trim_matches('"');
    let amount = digits
        .parse()
        .or_else(|_| Decimal::from_scientific(digits))
        .ok();
    // No answer costs a million; what says so is no amount, and could not be added up.
    Ok(amount.filter(|amount: &Decimal| (Decimal::ZERO..=Decimal::from(MOST)).contains(amount)))
}
