//! A named platform behind another address: who it is, what it costs and what it can do stays known.

use anymodel::prelude::*;
use anymodel::{Budget, ClientBuilder};
use serde_json::json;

use crate::support::{self, Play, Server};

/// An answer with its tokens, and without a cost.
fn answer(model: &str) -> Play {
    let body = json!({
        "id": "1", "model": model,
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": "Hi" } }],
        "usage": { "prompt_tokens": 1000, "completion_tokens": 1000, "total_tokens": 2000 },
    });
    support::json(200, &body.to_string())
}

fn gateway(server: &Server) -> ClientBuilder {
    Client::builder()
        .base_url(server.url())
        .key("sk-test0123456789abcdef")
}

#[tokio::test]
async fn a_named_platform_keeps_its_name_and_prices_and_budgets_work() {
    for (platform, model) in [
        ("openai", "gpt-4o-mini"),
        ("deepseek", "deepseek-chat"),
        ("openrouter", "openai/gpt-4o-mini"),
    ] {
        let server = Server::play([answer(model), answer(model)]);
        let builder = gateway(&server).platform(platform);
        let client = builder.budget(Budget::new().total(0.01)).build().unwrap();
        assert_eq!(client.platform(), platform);
        assert_eq!(client.base_url(), server.url());
        let reply = client.ask(model, "Hello").await.unwrap();
        assert_eq!(
            (
                reply.platform.as_str(),
                reply.trail.last().unwrap().platform.as_str()
            ),
            (platform, platform)
        );
        let cost = reply.spent().unwrap().amount;
        assert!(cost > rust_decimal::Decimal::ZERO, "{platform}");
        assert_eq!(client.stats().total.unwrap().spent, cost);
        let totals = client.totals();
        assert_eq!(totals.get(platform, model).unwrap().cost(), cost);
        let page = totals.prometheus();
        assert!(
            page.contains(&format!("platform=\"{platform}\"")) && !page.contains("127.0.0.1"),
            "{page}"
        );
        // The platform's own name in a target is the same place.
        client
            .ask(format!("{platform}::{model}"), "Hello")
            .await
            .unwrap();
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_server_that_nobody_named_is_called_by_its_address() {
    let server = Server::play([answer("gpt-4o-mini")]);
    let client = gateway(&server).build().unwrap();
    let reply = client.ask("gpt-4o-mini", "Hello").await.unwrap();
    assert_eq!(reply.platform, server.address());
}
