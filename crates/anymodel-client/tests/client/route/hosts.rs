//! The platform chooses the host: below a price, or among those that are named.

use anymodel::{Client, ErrorKind};
use rust_decimal::Decimal;

/// Four hosts serve it at four prices.
const HOSTED: &str = "meta-llama/llama-3.3-70b-instruct";

fn client() -> Client {
    let builder = Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0);
    builder.build().unwrap()
}

#[tokio::test]
async fn a_highest_price_and_chosen_hosts_decide_who_serves() {
    let client = client();
    let ask = || client.chat(HOSTED).user("Hi").max_tokens(50);
    let cheap = ask().max_price(0.2, 0.5).send().await.unwrap();
    let quick = ask().hosts(["groq"]).send().await.unwrap();
    assert!(cheap.cost.unwrap() < quick.cost.unwrap());
    let both = ask()
        .hosts(["groq", "deepinfra"])
        .max_price(Decimal::new(2, 1), 1)
        .send();
    assert_eq!(both.await.unwrap().cost, cheap.cost);
}

#[tokio::test]
async fn nobody_below_the_price_is_an_error_that_says_so() {
    let client = client();
    let chat = client.chat(HOSTED).user("Hi").max_price(0.01, 0.01);
    let error = chat.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ModelNotFound);
    assert_eq!(error.status(), Some(404));
}

#[test]
fn a_wish_and_a_highest_price_go_out_together() {
    let client = client();
    let chat = client.chat(anymodel::Prefer::Cheapest.among([HOSTED, "openai/gpt-4o-mini"]));
    let chat = chat.user("Hi").hosts(["groq"]).max_price(1, 2);
    let body = chat.preview().unwrap().body;
    let expected = serde_json::json!({
        "sort": { "by": "price", "partition": "none" },
        "only": ["groq"],
        "max_price": { "prompt": 1.0, "completion": 2.0 },
    });
    assert_eq!(body["provider"], expected);
}
