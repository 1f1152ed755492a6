//! Lenient JSON: accepts whole numbers with a point or an exponent, and null for a field that may be left out. The values
//! stay the same, to the last digit.

use rust_decimal::Decimal;
use serde_json::Value;

/// The JSON with each whole number written as an integer: `7e5` becomes `700000`.
pub(super) fn whole_numbers(json: &str) -> String {
    let mut written = String::with_capacity(json.len());
    let (mut rest, mut in_text) = (json, false);
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\\' if in_text => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            '"' => {
                in_text = !in_text;
                1
            }
            '0'..='9' | '-' if !in_text => {
                let of_number =
                    |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
                let length = rest.find(|c| !of_number(c)).unwrap_or(rest.len());
                let (number, after) = rest.split_at(length);
                written.push_str(&whole_number(number).unwrap_or_else(|| number.to_owned()));
                rest = after;
                continue;
            }
            c => c.len_utf8(),
        };
        let (copied, after) = rest.split_at(length);
        written.push_str(copied);
        rest = after;
    }
    written
}

/// A number with a point or an exponent that is whole, to the last digit.
fn whole_number(number: &str) -> Option<String> {
    if !number.contains(['.', 'e', 'E']) {
        return None;
    }
    let exact = Decimal::from_str_exact(number)
        .or_else(|_| Decimal::from_scientific(number))
        .ok()?;
    match exact.is_zero() {
        true => Some("0".to_owned()),
        false => exact.is_integer().then(|| exact.normalize().to_string()),
    }
}

/// The JSON without the fields that are null.
pub(super) fn without_nulls(json: &str) -> String {
    fn prune(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|_, field| !field.is_null());
                fields.values_mut().for_each(prune);
            }
            Value::Array(items) => items.iter_mut().for_each(prune),
            _ => {}
        }
    }
    let Ok(mut value) = serde_json::from_str(json) else {
        return json.to_owned();
    };
    prune(&mut value);
    value.to_string()
}
