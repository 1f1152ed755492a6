//! Checker of lesson 10: a chain that begins with free models.

use super::Verdict;
use super::tried::tried_on;
use super::verdict::{Cases, failed, not_checked};
use anymodel_catalog::model::{Capability, Models};

/// Three free models, three paid ones, one retired of each, and one without a known price.
const MANY: &str = r#"{"data": [
    {"id": "acme/short:free", "context_length": 8000, "pricing": {"prompt": "0", "completion": "0"}, "supported_parameters": ["tools"]},
    {"id": "acme/dear", "context_length": 900000, "pricing": {"prompt": "0.000009", "completion": "0.000009"}, "supported_parameters": ["tools", "reasoning"]},
    {"id": "acme/long:free", "context_length": 200000, "pricing": {"prompt": "0", "completion": "0"}, "supported_parameters": ["tools", "reasoning"]},
    {"id": "acme/cheap", "context_length": 64000, "pricing": {"prompt": "0.000001", "completion": "0.000002"}, "supported_parameters": ["tools"]},
    {"id": "acme/middle:free", "context_length": 64000, "pricing": {"prompt": "0", "completion": "0"}, "supported_parameters": ["tools"]},
    {"id": "acme/gone:free", "context_length": 990000, "expiration_date": "2020-01-01", "pricing": {"prompt": "0", "completion": "0"}, "supported_parameters": ["tools"]},
    {"id": "acme/gone", "expiration_date": "2020-01-01", "pricing": {"prompt": "0.0000001", "completion": "0.0000001"}, "supported_parameters": ["tools"]},
    {"id": "acme/unpriced", "context_length": 1000000, "supported_parameters": ["tools", "structured_outputs"]}]}"#;

/// A list without free models.
const PAID: &str = r#"{"data": [
    {"id": "acme/dear", "pricing": {"prompt": "0.000009", "completion": "0.000009"}, "supported_parameters": ["tools"]},
    {"id": "acme/cheap", "pricing": {"prompt": "0.000001", "completion": "0.000002"}, "supported_parameters": ["tools"]}]}"#;

/// A list of free models only.
const FREE: &str = r#"{"data": [
    {"id": "acme/blind:free", "context_length": 500000, "pricing": {"prompt": "0", "completion": "0"}},
    {"id": "acme/seeing:free", "context_length": 4000, "pricing": {"prompt": "0", "completion": "0"}, "architecture": {"input_modalities": ["text", "image"]}}]}"#;

/// Checks a function that makes a chain of models with a capability: the two free ones with the longest context, then the
/// cheapest paid one. No chain contains a retired model.
pub fn thrifty(learner: fn(&Models, Capability) -> Vec<String>) -> Verdict {
    let mut cases = Cases::default();
    for (list, json, ability, expected) in [
        (
            "a long list",
            MANY,
            Capability::Tools,
            &["acme/long:free", "acme/middle:free", "acme/cheap"][..],
        ),
        (
            "a long list",
            MANY,
            Capability::Reasoning,
            &["acme/long:free", "acme/dear"],
        ),
        ("a long list", MANY, Capability::Vision, &[]),
        (
            "a long list, where the one that can has no price",
            MANY,
            Capability::Schema,
            &[],
        ),
        ("nothing is free", PAID, Capability::Tools, &["acme/cheap"]),
        (
            "everything is free",
            FREE,
            Capability::Vision,
            &["acme/seeing:free"],
        ),
    ] {
        let models = match Models::read(json) {
            Ok(models) => models,
            Err(error) => return not_checked(&error),
        };
        let case = format!("{list}, {ability}");
        let said = match tried_on(&case, || learner(&models, ability)) {
            Ok(said) => said,
            Err(reason) => return failed(reason),
        };
        cases.expect(said == expected, || {
            format!("{case}: the chain should be {expected:?} and is {said:?}")
        });
    }
    cases.verdict()
}
