//! Checker of lesson 9: a routing strategy.

use super::Verdict;
use super::tried::tried_on;
use super::verdict::{Cases, failed};
use anymodel_client::{RouteStatistics, RoutingContext};

/// Successes, failures and open calls of each model, and the index to choose.
type Case = (&'static str, &'static [((u64, u64), u64)], usize);

const CASES: [Case; 8] = [
    ("nobody has been asked", &[((0, 0), 0), ((0, 0), 0)], 0),
    (
        "both are reliable, and the second has less to do",
        &[((9, 0), 3), ((5, 0), 1)],
        1,
    ),
    (
        "the first has nothing to do because it always fails",
        &[((0, 8), 0), ((20, 0), 4)],
        1,
    ),
    ("nine of ten is reliable", &[((20, 0), 2), ((9, 1), 1)], 1),
    ("eight of ten is not", &[((20, 0), 2), ((8, 2), 0)], 0),
    (
        "the third has not been asked yet",
        &[((30, 0), 2), ((1, 9), 0), ((0, 0), 1)],
        2,
    ),
    (
        "the same to do: the first of them",
        &[((1, 9), 0), ((10, 0), 2), ((10, 0), 2)],
        1,
    ),
    ("nobody is reliable", &[((1, 9), 5), ((0, 10), 0)], 0),
];

/// Checks a strategy: it should choose the reliable model with the fewest open calls. A model is reliable when at least nine
/// of ten requests succeeded, or when it has none yet. Without a reliable model it should choose the first one.
pub fn strategy(learner: fn(&RoutingContext<'_>) -> usize) -> Verdict {
    let mut cases = Cases::default();
    for (what, known, expected) in CASES {
        let models: Vec<RouteStatistics> = known
            .iter()
            .zip(["a/one", "b/two", "c/three"])
            .map(|((ended, in_flight), name)| RouteStatistics::as_if(name, *ended, *in_flight))
            .collect();
        let ask = RoutingContext::new("What is recursion?", &models);
        let said = match tried_on(what, || learner(&ask)) {
            Ok(said) => said,
            Err(reason) => return failed(reason),
        };
        cases.expect(said == expected, || {
            format!("{what}: expected place {expected}, and the strategy says {said}")
        });
    }
    cases.verdict()
}
