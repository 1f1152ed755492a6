//! Money: US dollars as a whole number of 10⁻¹² dollars, so that sums in both databases are exact.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Units in a dollar.
const UNITS: i64 = 1_000_000_000_000;

/// An amount of money in US dollars. Arithmetic saturates: no sum of a gateway comes near nine million dollars.
///
/// In JSON it is a decimal string, `"0.0012"`; it is read from a string or a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(i64);

impl Usd {
    /// No money.
    pub const ZERO: Usd = Usd(0);

    /// From units of 10⁻¹² dollars, as the databases keep them.
    pub const fn from_units(units: i64) -> Usd {
        Usd(units)
    }

    /// Units of 10⁻¹² dollars.
    pub const fn units(self) -> i64 {
        self.0
    }

    /// From dollars, rounded up, so that a reservation is never too small; as much as fits for what is too large.
    pub fn from_decimal(usd: Decimal) -> Usd {
        let units = usd.checked_mul(Decimal::from(UNITS));
        Usd(units.map_or(i64::MAX, |units| units.ceil().to_i64().unwrap_or(i64::MAX)))
    }

    /// As dollars.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 12).normalize()
    }
}

impl Add for Usd {
    type Output = Usd;

    fn add(self, other: Usd) -> Usd {
        Usd(self.0.saturating_add(other.0))
    }
}

impl Sub for Usd {
    type Output = Usd;

    fn sub(self, other: Usd) -> Usd {
        Usd(self.0.saturating_sub(other.0))
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Usd>>(amounts: I) -> Usd {
        amounts.fold(Usd::ZERO, Add::add)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_decimal().fmt(f)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Number(serde_json::Number),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Text(text) => text,
            Written::Number(number) => number.to_string(),
        };
        let exact = text.trim().parse::<Decimal>();
        let exact = exact.or_else(|_| Decimal::from_scientific(text.trim()));
        let usd = exact.map_err(|_| {
            serde::de::Error::custom(format!(
                "`{text}` is not an amount in US dollars, such as \"0.50\""
            ))
        })?;
        if usd.is_sign_negative() && !usd.is_zero() {
            return Err(serde::de::Error::custom(
                "an amount of money cannot be below zero",
            ));
        }
        Ok(Usd::from_decimal(usd))
    }
}
