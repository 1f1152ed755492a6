//! What a model is known not to do is said before a request goes out.

use anymodel::prelude::*;
use anymodel::{Chat, Image, Reasoning, SkipReason, Target};

use super::{sandbox, text};
use crate::support::{Server, json as respond};

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
        for target in [Target::from(SMALL), [SMALL, SMALL].into()] {
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
async fn a_model_that_cannot_do_what_is_asked_is_passed_over_for_one_that_can() {
    for (cannot, wish) in wishes() {
        let server = Server::play([text("Hi")]);
        let client = server.client();
        let chain = [SMALL, "openai/gpt-5-mini", SMALL];
        let chat = wish(client.chat(chain).user("Hi"));
        assert_eq!(chat.preview().unwrap().body["model"], "openai/gpt-5-mini");
        let reply = chat.send().await.unwrap();
        assert_eq!(server.body(0)["model"], "openai/gpt-5-mini");
        assert_eq!((server.requests().len(), reply.trail.len()), (1, 1));
        // The last one was not passed over: it was never its turn.
        let [skipped] = reply.trail.skipped() else {
            panic!("{:?}", reply.trail);
        };
        assert_eq!(skipped.why, SkipReason::CannotDoIt);
        let line = skipped.to_string();
        assert!(
            line.starts_with(&format!("{SMALL} was not asked")) && line.contains(cannot),
            "{line}"
        );
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
async fn a_chain_over_platforms_may_be_asked_what_only_some_of_them_can() {
    let client = sandbox();
    let chain = ["anthropic:claude-sonnet-4-6", "openai/gpt-4o-mini"];
    let wishes: [fn(Chat) -> Chat; 4] = [
        |chat| chat.seed(7),
        |chat| chat.temperature(1.5),
        |chat| chat.presence_penalty(0.5),
        |chat| chat.hosts(["azure"]),
    ];
    for wish in wishes {
        let reply = wish(client.chat(chain).user("Hi")).send().await.unwrap();
        assert_eq!(reply.platform, "sandbox");
        assert_eq!(reply.trail.skipped()[0].why, SkipReason::CannotDoIt);
        let stream = wish(client.chat(chain).user("Hi")).stream();
        assert_eq!(stream.final_reply().await.unwrap().platform, "sandbox");
    }
    let error = client.chat(["anthropic:claude-sonnet-4-6"; 2]);
    let error = error.user("Hi").seed(7).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(
        error
            .to_string()
            .starts_with("none of 2 models can do what is asked; the first: Anthropic has no seed"),
        "{error}"
    );
    assert!(error.trail().is_empty(), "nobody was asked");
    assert_eq!(error.trail().skipped().len(), 2);
}

#[tokio::test]
async fn a_model_that_nobody_able_follows_is_asked_again_as_the_last_one() {
    let down = || respond(503, r#"{"error":{"message":"down"}}"#);
    let server = Server::play([down(), text("Hi")]);
    let chain = ["openai/gpt-5-mini", SMALL];
    let chat = server.client().chat(chain).user("Hi");
    let reply = chat.reasoning(Reasoning::High).send().await.unwrap();
    let asked: Vec<_> = reply
        .trail
        .iter()
        .map(|attempt| attempt.model_asked.as_str())
        .collect();
    assert_eq!(asked, ["openai/gpt-5-mini"; 2]);

    // When nobody answers, the one that was asked has the last word, and the other is told of.
    let server = Server::play([down(), down()]);
    let chat = server
        .client()
        .chat(["openai/gpt-5-mini", SMALL, "openai/gpt-5-nano"]);
    let chat = chat.user("Hi").reasoning(Reasoning::High).retries(0);
    let error = chat.send().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.trail().len()),
        (ErrorKind::Overloaded, 2)
    );
    assert_eq!(error.trail().skipped()[0].after, 1);
}

#[tokio::test]
async fn openais_thinking_models_are_known_to_choose_their_words_themselves() {
    let server = Server::play([text("Hi"), text("Hi"), text("Hi")]);
    let builder = Client::builder().platform("openai").base_url(server.url());
    let client = builder.key("sk-test0123456789abcdef").build().unwrap();
    for model in ["o3", "o4-mini", "gpt-5", "gpt-5.1"] {
        let error = client.chat(model).user("Hi").temperature(0.2).send().await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(
            error.to_string().contains("takes no temperature"),
            "{error}"
        );
    }
    assert!(server.requests().is_empty());
    let chain = client
        .chat(["o3", "gpt-4.1-mini"])
        .user("Hi")
        .temperature(0.2);
    assert_eq!(
        chain
            .send()
            .await
            .unwrap()
            .trail
            .last()
            .unwrap()
            .model_asked,
        "gpt-4.1-mini"
    );
    for model in ["gpt-5-chat-latest", "gpt-4o"] {
        client
            .chat(model)
            .user("Hi")
            .temperature(0.2)
            .send()
            .await
            .unwrap();
    }
}
