//! Lenient access to fields of foreign JSON: a field of the wrong type counts as absent.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A JSON object whose values are not parsed yet.
#[derive(Debug, Default)]
pub(super) struct Fields<'a>(HashMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    /// `None` when the text is no object.
    pub fn read(json: &'a str) -> Option<Self> {
        read(json).map(Fields)
    }

    fn raw(&self, key: &str) -> Option<&'a str> {
        self.0.get(key).map(|raw| raw.get())
    }

    pub fn object(&self, key: &str) -> Option<Fields<'a>> {
        Fields::read(self.raw(key)?)
    }

    pub fn list(&self, key: &str) -> Option<Vec<&'a str>> {
        list(self.raw(key)?)
    }

    /// A string that is not empty.
    pub fn text(&self, key: &str) -> Option<String> {
        let text: String = read(self.raw(key)?)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The strings of a list; other items are left out.
    pub fn strings(&self, key: &str) -> Vec<String> {
        let items = self.list(key).unwrap_or_default();
        items.into_iter().filter_map(read).collect()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.raw(key).and_then(read) == Some(true)
    }

    /// A whole number; some platforms write `21.0` or `"21"`.
    pub fn number(&self, key: &str) -> Option<u64> {
        let digits = self.raw(key)?.trim_matches('"');
        let number: f64 = digits.parse().ok()?;
        (0.0..9e15).contains(&number).then(|| number.round() as u64)
    }

    pub fn float(&self, key: &str) -> Option<f64> {
        self.raw(key).and_then(read)
    }

    /// An amount, parsed from its digits, from a number or a string.
    pub fn amount(&self, key: &str) -> Option<Decimal> {
        let digits = self.raw(key)?.trim_matches('"').trim();
        digits
            .parse()
            .or_else(|_| Decimal::from_scientific(digits))
            .ok()
    }
}

/// The items of a list, not parsed yet.
pub(super) fn list(json: &str) -> Option<Vec<&str>> {
    let items: Vec<&RawValue> = read(json)?;
    Some(items.into_iter().map(RawValue::get).collect())
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Option<T> {
    serde_json::from_str(json).ok()
}
