//! What a model is known not to do is said before a request goes out.

use anymodel::prelude::*;
use anymodel::{Chat, Reasoning};

use super::support::Server;
use super::{sandbox, text};

/// Knows pictures, tools and thinking to be beyond it.
const SMALL: &str = "meta-llama/llama-3.2-3b-instruct:free";

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

type Wish = (&'static str, fn(Chat) -> Chat);

fn wishes() -> Vec<Wish> {
    vec![
        ("reads no pictures", |chat| {
            chat.image(Image::url("https://example.org/cat.png"))
        }),
        ("calls no functions", |chat| {
            chat.tool("f", "", |_: Nothing| async { "x" })
        }),
        ("does not think", |chat| chat.reasoning(Reasoning::High)),
    ]
}

#[tokio::test]
async fn what_a_known_model_cannot_do_is_said_before_the_request_goes_out() {
    for (cannot, wish) in wishes() {
        let server = Server::play([text("never")]);
        let client = server.client();
        for target in [Target::from(SMALL), ["openai/gpt-5-mini", SMALL].into()] {
            let error = wish(client.chat(target).user("Hi"))
                .send()
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(
                error.to_string().contains(&format!("{SMALL} {cannot}")),
                "{error}"
            );
        }
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn an_unknown_model_is_taken_at_its_word() {
    for (_, wish) in wishes() {
        let server = Server::play([text("Hi")]);
        wish(server.client().chat("acme/new").user("Hi"))
            .send()
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn thinking_may_be_switched_off_for_a_model_that_does_not_think() {
    let chat = sandbox().chat(SMALL).user("Hi").reasoning(Reasoning::Off);
    assert!(chat.send().await.is_ok());
}

#[tokio::test]
async fn what_a_later_platform_of_a_chain_cannot_do_is_said_before_the_first_is_asked() {
    let client = sandbox();
    let chain = ["openai/gpt-4o-mini", "anthropic:claude-sonnet-4-6"];
    let error = client
        .chat(chain)
        .user("Hi")
        .seed(7)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(
        error.to_string().contains("Anthropic has no seed"),
        "{error}"
    );
    assert!(error.trail().is_empty(), "nobody was asked");
    assert!(client.chat(chain).user("Hi").send().await.is_ok());
}
