//! Checker of lesson 12: questions in a canteen whose answers change from day to day.

use super::Verdict;
use super::tried::tried;
use super::verdict::{Cases, failed};
use crate::CANTEEN;
use anymodel_cache::Cache;

/// Questions that are not in the notebook, so that a list learned by heart does not pass.
const OTHERS: [(&str, bool); 6] = [
    ("Does the menu have a soup?", true),
    ("How long is the queue at the till?", true),
    ("排队的人多吗？", true),
    ("Who wrote Hamlet?", false),
    ("May I bring my own cup?", false),
    ("怎样退还餐具？", false),
];

/// Checks a list of phrases for [`Cache::bypass_when`](anymodel_cache::Cache::bypass_when): questions whose answers change from day to day must
/// be asked again, all others may be cached.
pub fn changing(learner: fn() -> Vec<&'static str>) -> Verdict {
    let phrases = match tried(learner) {
        Ok(phrases) => phrases,
        Err(reason) => return failed(reason),
    };
    let cache = Cache::exact().bypass_when(phrases);
    let mut cases = Cases::default();
    for (question, changes) in CANTEEN.into_iter().chain(OTHERS) {
        let asked = cache.bypass_reason(question).is_some();
        cases.expect(asked == changes, || match changes {
            true => format!(
                "{question:?} has another answer tomorrow, and would be answered from the cache"
            ),
            false => {
                format!("{question:?} has the same answer tomorrow, and would be asked each time")
            }
        });
    }
    cases.verdict()
}
