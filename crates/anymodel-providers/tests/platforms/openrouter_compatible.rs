//! OpenRouter as one of many that speak OpenAI's protocol: its shapes are those of the native adapter, its own fields are not
//! sent.

use anymodel::Reasoning;
use anymodel::prelude::*;

use crate::openrouter;
use crate::vendor::Vendor;

const VENDOR: Vendor = Vendor {
    name: "openrouter-compatible",
    ..openrouter::VENDOR
};

held_to_its_published_shapes!(VENDOR);

#[tokio::test]
async fn the_cost_comes_with_the_answer_here_too() {
    let reply = VENDOR.ask(VENDOR.plain).await.0.unwrap();
    assert_eq!(usd(reply.cost.unwrap()), "$0.0000171");
}

#[test]
fn only_openais_fields_go_out() {
    let chat = VENDOR.client().chat("openai/gpt-5-mini").user("Hi");
    let body = chat.reasoning(Reasoning::High).preview().unwrap().body;
    assert_eq!(body["reasoning_effort"], "high");
    assert_eq!(body.get("reasoning"), None);
    let chat = VENDOR.client().chat(Prefer::Cheapest).user("Hi");
    assert_eq!(
        chat.preview().unwrap_err().kind(),
        ErrorKind::InvalidRequest
    );
}
