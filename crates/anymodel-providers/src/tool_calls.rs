//! Tool call normalization: each call gets one set of arguments and a unique id.
//!
//! Why: servers lose the border between two calls (`{"a":1}{"b":2}` under one index), write the arguments as JSON in
//! JSON, and give several calls the same id or none. A result has to name its call, and a function has to run with its own
//! arguments.

use std::collections::HashSet;

use serde_json::value::RawValue;
use serde_json::{Deserializer, Value};

use anymodel_types::ToolCall;

/// Splits the calls of one answer, and makes their ids unique.
pub fn normalize(calls: Vec<ToolCall>) -> Vec<ToolCall> {
    let mut settled: Vec<ToolCall> = calls.into_iter().flat_map(part).collect();
    let mut taken = HashSet::new();
    for (at, call) in settled.iter_mut().enumerate() {
        call.id = unique(&call.id, at, &mut taken);
    }
    settled
}

/// A unique id: the given one when it is free.
pub(super) fn unique(id: &str, at: usize, taken: &mut HashSet<String>) -> String {
    let base = match id {
        "" => format!("call_{at}"),
        id => id.to_owned(),
    };
    let mut unique = base.clone();
    let mut number = 2;
    while !taken.insert(unique.clone()) {
        unique = format!("{base}_{number}");
        number += 1;
    }
    unique
}

/// Splits a call: one call for each set of arguments.
fn part(mut call: ToolCall) -> Vec<ToolCall> {
    if call.arguments.trim().is_empty() {
        call.arguments = "{}".to_owned();
    } else if let Some(inner) = unquoted(&call.arguments) {
        call.arguments = inner;
    }
    let mut sets = objects(&call.arguments);
    // An empty object before others is a placeholder, and repeated arguments are one call.
    if sets.len() > 1 {
        let first_is_empty = sets[0][1..sets[0].len() - 1].trim().is_empty();
        sets.drain(..usize::from(first_is_empty));
        let mut seen = HashSet::new();
        sets.retain(|set| seen.insert(*set));
    }
    let sets: Vec<String> = sets.into_iter().map(str::to_owned).collect();
    let mut sets = sets.into_iter();
    let Some(first) = sets.next() else {
        return vec![call];
    };
    let others: Vec<ToolCall> = sets
        .map(|arguments| ToolCall::new(&call.id, &call.name, arguments))
        .collect();
    call.arguments = first;
    std::iter::once(call).chain(others).collect()
}

/// The object in a text that is JSON in JSON.
fn unquoted(arguments: &str) -> Option<String> {
    let inner: String = serde_json::from_str(arguments).ok()?;
    matches!(serde_json::from_str(&inner), Ok(Value::Object(_))).then_some(inner)
}

/// The objects in a text that holds several of them in sequence, the last one perhaps cut; empty for any other text.
fn objects(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while rest.starts_with('{') {
        let mut stream = Deserializer::from_str(rest).into_iter::<&RawValue>();
        match stream.next() {
            Some(Ok(object)) => {
                found.push(object.get());
                rest = rest[object.get().len()..].trim_start();
            }
            Some(Err(error)) if error.is_eof() && !found.is_empty() => {
                found.push(rest);
                rest = "";
            }
            _ => break,
        }
    }
    match rest.is_empty() && found.len() > 1 {
        true => found,
        false => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arguments(text: &str) -> Vec<String> {
        let calls = normalize(vec![ToolCall::new("call_1", "f", text)]).into_iter();
        calls.map(|call| call.arguments).collect()
    }

    #[test]
    fn one_value_after_another_is_never_one_argument() {
        assert_eq!(arguments(r#"{"a":1}{"b":2}"#), [r#"{"a":1}"#, r#"{"b":2}"#]);
        assert_eq!(arguments("{\"a\":1}\n {\"b\":"), [r#"{"a":1}"#, r#"{"b":"#]);
        assert_eq!(arguments(r#"{}{"a":1}"#), [r#"{"a":1}"#]);
        assert_eq!(arguments(r#"{"a":1}{"a":1}"#), [r#"{"a":1}"#]);
        assert_eq!(arguments(r#""{\"a\":1}""#), [r#"{"a":1}"#]);
        assert_eq!(arguments(" "), ["{}"]);
        for kept in ["{}", r#"{"a":1} x"#, r#"{"a":"#, "1 2", r#""{""#] {
            assert_eq!(arguments(kept), [kept]);
        }
    }

    #[test]
    fn calls_with_one_id_or_none_get_their_own() {
        let calls = ["a", "", "a", "", "a_2"].map(|id| ToolCall::new(id, "f", "{}"));
        let ids: Vec<String> = normalize(calls.into())
            .into_iter()
            .map(|call| call.id)
            .collect();
        assert_eq!(ids, ["a", "call_1", "a_2", "call_3", "a_2_2"]);
    }

    proptest! {
        #[test]
        fn any_arguments_are_kept_and_every_id_differs(calls in prop::collection::vec(("[ab]{0,2}", "[{}\":a1 ]{0,12}"), 0..6)) {
            let calls: Vec<ToolCall> = calls.iter().map(|(id, text)| ToolCall::new(id, "f", text)).collect();
            let settled = normalize(calls.clone());
            prop_assert!(settled.len() >= calls.len());
            let ids: HashSet<&str> = settled.iter().map(|call| call.id.as_str()).collect();
            prop_assert_eq!(ids.len(), settled.len());
            // Normalizing twice changes nothing.
            prop_assert_eq!(normalize(settled.clone()), settled);
        }
    }
}
