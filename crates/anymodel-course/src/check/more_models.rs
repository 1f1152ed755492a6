//! Checker of lesson 2: more models in the comparison.

use std::collections::BTreeSet;

use super::tried::tried;
use super::verdict::{Cases, failed, not_checked};
use super::{Verdict, sandbox};

/// Checks a list of models: at least six, no two the same, from at least four authors, at least one free; and each of them
/// answers.
pub async fn more_models(learner: fn() -> Vec<&'static str>) -> Verdict {
    let models = match tried(learner) {
        Ok(models) => models,
        Err(reason) => return failed(reason),
    };
    let client = match sandbox(0.0) {
        Ok(client) => client,
        Err(error) => return not_checked(&error),
    };
    let mut cases = Cases::default();
    cases.expect(models.len() >= 6, || {
        format!(
            "the list has {} models, and should have 6 or more",
            models.len()
        )
    });
    let different: BTreeSet<&str> = models.iter().copied().collect();
    cases.expect(different.len() == models.len(), || {
        "a model stands on the list twice".to_owned()
    });
    let authors: BTreeSet<&str> = models
        .iter()
        .filter_map(|model| Some(model.split_once('/')?.0))
        .collect();
    cases.expect(authors.len() >= 4, || {
        format!(
            "the models come from {} authors, and should come from 4 or more: the author is the part before the slash",
            authors.len()
        )
    });
    cases.expect(models.iter().any(|model| model.ends_with(":free")), || {
        "none of the models is free: their names end in :free".to_owned()
    });
    let comparison = client.compare(models, "Hello").await;
    for contestant in &comparison {
        cases.expect(contestant.result.is_ok(), || {
            let hint = contestant
                .result
                .as_ref()
                .err()
                .and_then(|error| error.hint());
            format!(
                "{} does not answer: {}",
                contestant.model,
                hint.unwrap_or("look up its name at https://openrouter.ai/models")
            )
        });
    }
    cases.verdict()
}
