//! What a learner reads when more than text was asked for, held by a golden file.
//!
//! After a change of words: `INSTA_UPDATE=always cargo test -p anymodel-client --test client typed`, then read the
//! difference in `snapshots/`.

use anymodel::prelude::*;
use anymodel::{Chat, Error, Image, Reasoning, ToolChoice, ToolSpec};
use serde_json::json;

use super::{calls, said, text};
use crate::support::Server;

#[derive(Debug, Deserialize, JsonSchema)]
struct City {
    #[allow(dead_code)]
    inhabitants: u64,
}

fn told(case: &str, error: &Error) -> String {
    format!("== {case}: {} ==\n{error:?}\n\n", error.kind())
}

async fn weather(_: City) -> &'static str {
    "rain"
}

#[tokio::test]
async fn what_cannot_be_sent_says_why_and_what_to_do() {
    let server = Server::play([text("never")]);
    let client = server.client();
    let ask = || client.chat("acme/one").user("Hi");
    let spec = |name: &str| ToolSpec::new(name, "", json!({ "type": "object" }));
    let cases: Vec<(&str, Chat)> = vec![
        ("top_p", ask().top_p(1.5)),
        ("penalty", ask().presence_penalty(-2.5)),
        ("no number", ask().frequency_penalty(f64::NAN)),
        ("empty stop", ask().stop("")),
        ("no thinking", ask().reasoning(Reasoning::Tokens(0))),
        (
            "nothing left",
            ask().reasoning(Reasoning::Tokens(500)).max_tokens(400),
        ),
        ("picture's address", ask().image(Image::url("cat.png"))),
        ("picture's kind", ask().image(Image::data("png", b"x"))),
        ("tool's name", ask().tool("get weather", "", weather)),
        (
            "two tools of one name",
            ask().tool("a", "", weather).tool("a", "", weather),
        ),
        ("a name of ours", ask().tool("final_answer", "", weather)),
        ("no struct", ask().tool("a", "", |_: String| async { "x" })),
        ("choice of nothing", ask().tool_choice(ToolChoice::Required)),
        (
            "choice of a stranger",
            ask()
                .tool_spec(spec("a"))
                .tool_choice(ToolChoice::Named("b".into())),
        ),
    ];
    let mut all = String::new();
    for (case, chat) in cases {
        all += &told(case, &chat.send().await.expect_err(case));
    }
    let chat = client
        .chat("mistralai/mistral-nemo")
        .user("Hi")
        .image(Image::url("https://example.org/a.png"));
    all += &told("a model without eyes", &chat.send().await.unwrap_err());
    let typed = ask().tool_spec(spec("a")).json::<City>().await;
    all += &told("typed, with a tool of the caller's", &typed.unwrap_err());
    assert!(server.requests().is_empty());
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn what_comes_back_and_is_of_no_use_says_why_and_what_to_do() {
    let mut all = String::new();
    for (case, plays) in [
        ("prose", vec![text("Oslo is large."), text("Very large.")]),
        (
            "wrong type",
            vec![
                text(r#"{"inhabitants":"many"}"#),
                text(r#"{"inhabitants":-5}"#),
            ],
        ),
        (
            "cut",
            vec![said(json!({ "content": "{\"inhab" }), "length")],
        ),
    ] {
        let server = Server::play(plays);
        let chat = server.client().chat("acme/one").user("Oslo?");
        all += &told(case, &chat.json::<City>().await.unwrap_err());
    }
    for (case, play) in [
        (
            "endless",
            calls(&[
                ("weather", r#"{"inhabitants":1}"#),
                ("weather", r#"{"inhabitants":2}"#),
            ]),
        ),
        (
            "wrong arguments",
            calls(&[("weather", r#"{"inhabitants":"many"}"#)]),
        ),
        ("unknown tool", calls(&[("wetter", "{}")])),
    ] {
        let server = Server::play((0..9).map(|_| play.clone()));
        let chat = server
            .client()
            .chat("acme/one")
            .user("Oslo?")
            .tool("weather", "", weather);
        all += &told(case, &chat.max_rounds(3).send().await.unwrap_err());
    }
    insta::assert_snapshot!(all);
}
