//! Checker of lesson 4: the models by speed.

use super::tried::tried_on;
use super::verdict::{Cases, failed, not_checked};
use super::{Verdict, sandbox};
use crate::{RETIRED, SIX};
use anymodel_client::Comparison;

/// Checks a function that returns the models that answered, the fastest first.
pub async fn ranking(learner: fn(&Comparison) -> Vec<String>) -> Verdict {
    let client = match sandbox(0.1) {
        Ok(client) => client,
        Err(error) => return not_checked(&error),
    };
    let backwards: Vec<&str> = SIX.iter().rev().copied().collect();
    let mut cases = Cases::default();
    for (what, models) in [
        ("six models, one of them retired", SIX.to_vec()),
        ("the same models named the other way round", backwards),
        ("nobody answered", vec![RETIRED]),
        ("nobody was asked", Vec::new()),
    ] {
        let comparison = client.compare(models, "Hello").await;
        let said = match tried_on(what, || learner(&comparison)) {
            Ok(said) => said,
            Err(reason) => return failed(reason),
        };
        let expected = expected(&comparison);
        cases.expect(said == expected, || {
            format!("{what}: expected {expected:?}, and the function says {said:?}")
        });
    }
    cases.verdict()
}

fn expected(comparison: &Comparison) -> Vec<String> {
    let mut replies: Vec<_> = comparison.replies().collect();
    replies.sort_by_key(|reply| reply.latency);
    replies.iter().map(|reply| reply.model.clone()).collect()
}
