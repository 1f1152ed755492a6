//! Typed request fields: a field of the wrong type is an error with its name. A field that is `null` is not set.

use serde_json::{Map, Value};

use super::error_response::ErrorResponse;

fn present<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    map.get(key).filter(|value| !value.is_null())
}

pub(super) fn string(map: &Map<String, Value>, key: &str) -> Result<Option<String>, ErrorResponse> {
    match present(map, key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ErrorResponse::invalid(format!("{key} must be a string"))),
    }
}

pub(super) fn strings(map: &Map<String, Value>, key: &str) -> Result<Vec<String>, ErrorResponse> {
    let wrong = || ErrorResponse::invalid(format!("{key} must be an array of strings"));
    match present(map, key) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect(),
        Some(_) => Err(wrong()),
    }
}

pub(super) fn flag(map: &Map<String, Value>, key: &str) -> Result<Option<bool>, ErrorResponse> {
    match present(map, key) {
        None => Ok(None),
        Some(Value::Bool(set)) => Ok(Some(*set)),
        Some(_) => Err(ErrorResponse::invalid(format!(
            "{key} must be true or false"
        ))),
    }
}

pub(super) fn count(map: &Map<String, Value>, key: &str) -> Result<Option<u64>, ErrorResponse> {
    match present(map, key) {
        None => Ok(None),
        Some(value) => match value.as_u64() {
            Some(count) if count > 0 => Ok(Some(count)),
            _ => Err(ErrorResponse::invalid(format!(
                "{key} must be a whole number above 0, not {value}"
            ))),
        },
    }
}

pub(super) fn number(
    map: &Map<String, Value>,
    key: &str,
    low: f64,
    high: f64,
) -> Result<(), ErrorResponse> {
    let Some(value) = present(map, key) else {
        return Ok(());
    };
    match value.as_f64() {
        Some(number) if (low..=high).contains(&number) => Ok(()),
        Some(_) if high == f64::MAX => Err(ErrorResponse::invalid(format!(
            "{key} must be at least {low}, not {value}"
        ))),
        Some(_) => Err(ErrorResponse::invalid(format!(
            "{key} must be from {low} to {high}, not {value}"
        ))),
        None => Err(ErrorResponse::invalid(format!(
            "{key} must be a number, not {value}"
        ))),
    }
}
