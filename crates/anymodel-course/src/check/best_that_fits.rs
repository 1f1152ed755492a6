//! Checker of lesson 11: the best model within a budget.

use rust_decimal::Decimal;

use super::Verdict;
use super::tried::tried_on;
use super::verdict::{Cases, failed};
use crate::LADDER;
use anymodel_catalog::model::catalogue;
use anymodel_types::usd;

/// Checks a function that gets the remaining money, the tokens of a prompt and of its longest answer, and returns the first
/// model of [`LADDER`] that costs no more.
pub fn best_that_fits(learner: fn(Decimal, u64, u64) -> Option<&'static str>) -> Verdict {
    let mut cases = Cases::default();
    for (question, answer) in [(30, 300), (1_000, 4_096), (200_000, 10)] {
        for left in around_each_price(question, answer) {
            let what = format!("{} left, {question} → {answer} tokens", usd(left));
            let said = match tried_on(&what, || learner(left, question, answer)) {
                Ok(said) => said,
                Err(reason) => return failed(reason),
            };
            let mut fitting = LADDER.into_iter();
            let expected = fitting.find(|model| cost(model, question, answer) <= Some(left));
            cases.expect(said == expected, || {
                format!("{what}: expected {expected:?}, and the function says {said:?}")
            });
        }
    }
    cases.verdict()
}

/// Budgets: zero; each price exactly, and slightly less; and plenty.
fn around_each_price(question: u64, answer: u64) -> Vec<Decimal> {
    let hair = Decimal::new(1, 9);
    let prices = LADDER
        .iter()
        .filter_map(|model| cost(model, question, answer));
    let mut all: Vec<Decimal> = prices
        .flat_map(|price| [price, (price - hair).max(Decimal::ZERO)])
        .collect();
    all.extend([Decimal::ZERO, Decimal::TEN]);
    all
}

fn cost(model: &str, question: u64, answer: u64) -> Option<Decimal> {
    Some(catalogue().get(model)?.pricing.cost(question, answer))
}
