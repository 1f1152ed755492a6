//! Checker of lesson 7: a function that a model may call as a tool.

use super::tried::tried_on;
use super::verdict::{Cases, failed, not_checked};
use super::{Verdict, sandbox};
use crate::{MENU, MODEL, Order};

/// Checks a function that returns the price of an order: for every dish on the menu, in any capitalisation; and for any
/// other dish an error that the model can read. At the end a model of the sandbox calls it.
pub async fn price(learner: fn(Order) -> Result<u32, String>) -> Verdict {
    let client = match sandbox(0.0) {
        Ok(client) => client,
        Err(error) => return not_checked(&error),
    };
    let mut cases = Cases::default();
    for (dish, portions, expected) in orders() {
        let what = format!("{portions} × {dish:?}");
        let order = Order {
            dish: dish.clone(),
            portions,
        };
        let said = match tried_on(&what, || learner(order)) {
            Ok(said) => said,
            Err(reason) => return failed(reason),
        };
        match (&said, expected) {
            (Err(words), None) if portions > 0 && portions < u32::MAX => {
                let missing = MENU.iter().find(|(dish, _)| !words.contains(dish));
                cases.expect(missing.is_none(), || {
                    format!("{what}: the error {words:?} should name every dish there is, so that the model can choose again")
                });
            }
            (Err(_), None) => cases.expect(true, String::new),
            (_, expected) => cases.expect(said.as_ref().ok() == expected.as_ref(), || {
                let expected = expected.map_or("an error".to_owned(), |price| price.to_string());
                format!("{what}: expected {expected}, and the function says {said:?}")
            }),
        }
    }
    let chat = client
        .chat(MODEL)
        .user("What is the price of 2 portions of \"soup\"?");
    let tool = move |order: Order| async move { learner(order) };
    match chat
        .tool("price", "The price of an order.", tool)
        .send()
        .await
    {
        Ok(reply) => cases.expect(
            reply.tool_runs.iter().any(|run| run.name == "price"),
            || "a model of the sandbox did not call the function".to_owned(),
        ),
        Err(error) => return not_checked(&error),
    }
    cases.verdict()
}

/// Orders and their prices; `None` when the function should return an error.
fn orders() -> Vec<(String, u32, Option<u32>)> {
    let mut orders: Vec<(String, u32, Option<u32>)> = MENU
        .iter()
        .map(|&(dish, each)| (dish.to_owned(), 2, Some(2 * each)))
        .collect();
    let (first, each) = MENU[0];
    orders.extend([
        (first.to_uppercase(), 1, Some(each)),
        ("pizza".to_owned(), 1, None),
        (first.to_owned(), 0, None),
        (first.to_owned(), u32::MAX, None),
    ]);
    orders
}
