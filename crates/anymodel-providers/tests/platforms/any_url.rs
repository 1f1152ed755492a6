//! A server that no preset knows, and a platform of the program's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anymodel::adapter::{Answer, PlatformRequest, PlatformResult, StreamDelta, read_json};
use anymodel::{Adapter, FinishReason, prelude::*};
use serde_json::{Value, json};

use crate::openrouter;
use crate::support::{Play, Server, answer, events, json as json_reply, pieces, respond};
use crate::vendor::watch;

#[tokio::test]
async fn any_address_is_asked_as_it_is_with_and_without_a_slash() {
    for base in ["/v1", "/v1/", "/deep/er/v4", "/openapi/", ""] {
        let server = Server::play([json_reply(200, &answer("Four."))]);
        let client = Client::builder().base_url(server.at(base)).build().unwrap();
        let reply = client.ask("their-model", "2+2?").await.unwrap();
        assert_eq!(reply.platform, server.address());
        let path = format!("POST {}/chat/completions ", base.trim_end_matches('/'));
        assert!(server.requests()[0].starts_with(&path), "{base}");
        assert!(
            !server.requests()[0]
                .to_lowercase()
                .contains("authorization")
        );
    }
}

#[tokio::test]
async fn a_stream_and_a_whole_answer_are_told_apart_by_what_comes_and_not_by_what_was_asked() {
    let server = Server::play([
        json_reply(200, &answer("Four.")),
        events(openrouter::VENDOR.streamed),
    ]);
    let client = server.client();
    let (text, reply) = watch(&client, "acme/one").await;
    assert_eq!(
        (text.as_str(), reply.unwrap().text.as_str()),
        ("Four.", "Four.")
    );
    assert_eq!(client.ask("acme/one", "2+2?").await.unwrap().text, "Four.");
}

#[tokio::test]
async fn a_chain_crosses_from_a_platform_of_the_programs_own_to_another() {
    let server = Server::play([
        respond(503, "", "shut"),
        json_reply(200, &answer("Four.")),
        json_reply(200, r#"{"said":"Five."}"#),
    ]);
    let client = Client::builder()
        .base_url(server.url())
        .retries(0)
        .adapter(
            "Acme",
            server.at("/acme/"),
            Some("acme-key-0123456789"),
            Acme,
        )
        .build()
        .unwrap();
    let reply = client
        .ask(["acme::poet", "openai/gpt-4o-mini"], "2+2?")
        .await;
    let reply = reply.unwrap();
    let asked: Vec<_> = reply
        .trail
        .iter()
        .map(|attempt| attempt.platform.as_str())
        .collect();
    assert_eq!(asked, ["acme", server.address()]);
    assert!(server.requests()[0].starts_with("POST /acme/models/poet/ask "));
    assert!(server.requests()[0].contains("authorization: Bearer acme-key-0123456789"));
    assert_eq!(server.body(0), json!({ "words": "2+2?" }));
    assert_eq!(
        client.ask("acme::poet", "2+3?").await.unwrap().text,
        "Five."
    );
}

#[tokio::test]
async fn a_stream_in_lines_is_cut_at_line_ends_wherever_the_bytes_are_cut() {
    let lines = "{\"said\":\"Fo\"}\n{\"said\":\"ür 你\"}\r\n{\"said\":\".\",\"done\":true}";
    for cut in 0..=lines.len() {
        let (one, two) = lines.as_bytes().split_at(cut);
        let play = match pieces(
            [one.to_vec(), two.to_vec()],
            std::time::Duration::ZERO,
            true,
        ) {
            Play::Pieces { pieces, ends, .. } => Play::Pieces {
                head: "content-type: application/x-ndjson\r\n".to_owned(),
                pieces,
                ends,
            },
            other => other,
        };
        let server = Server::play([play]);
        let builder = Client::builder().base_url(server.url());
        let client = builder
            .adapter("acme", server.url(), None, Acme)
            .build()
            .unwrap();
        let (text, reply) = watch(&client, "acme::poet").await;
        assert_eq!(
            (text.as_str(), reply.unwrap().text.as_str()),
            ("Foür 你.", "Foür 你."),
            "{cut}"
        );
    }
}

/// A platform that nobody knows; it streams one JSON object a line.
#[derive(Debug)]
struct Acme;

impl Adapter for Acme {
    fn url(&self, base_url: &str, ask: &PlatformRequest<'_>) -> String {
        format!("{base_url}/models/{}/ask", ask.model)
    }

    fn body(&self, ask: &PlatformRequest<'_>) -> anymodel::Result<Value> {
        Ok(json!({ "words": ask.request.messages.last().map(|last| &last.content) }))
    }

    fn answer(&self, body: &str) -> PlatformResult<Answer> {
        let said: Value = read_json(body)?;
        Ok(Answer {
            text: said["said"].as_str().unwrap_or_default().to_owned(),
            finish_reason: Some(FinishReason::Stop),
            ..Answer::default()
        })
    }

    fn event(&self, _name: &str, data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        let said: Value = read_json(data)?;
        deltas.extend(
            said["said"]
                .as_str()
                .map(|text| StreamDelta::Text(text.to_owned())),
        );
        if said["done"] == true {
            deltas.push(StreamDelta::Finish(FinishReason::Stop));
        }
        Ok(())
    }

    fn framing(&self) -> anymodel::adapter::Framing {
        anymodel::adapter::Framing::Lines
    }
}

/// As [`Acme`]; it counts the requests that it wrote.
#[derive(Debug, Default)]
struct Counting {
    written: Arc<AtomicUsize>,
}

impl Adapter for Counting {
    fn url(&self, base_url: &str, ask: &PlatformRequest<'_>) -> String {
        Acme.url(base_url, ask)
    }

    fn body(&self, ask: &PlatformRequest<'_>) -> anymodel::Result<Value> {
        self.written.fetch_add(1, Ordering::Relaxed);
        Acme.body(ask)
    }

    fn answer(&self, body: &str) -> PlatformResult<Answer> {
        Acme.answer(body)
    }

    fn event(&self, name: &str, data: &str, deltas: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        Acme.event(name, data, deltas)
    }
}

#[tokio::test]
async fn only_what_goes_out_is_written_however_long_the_chain_is() {
    let server = Server::play([
        respond(503, "", "shut"),
        json_reply(200, r#"{"said":"Five."}"#),
    ]);
    let adapter = Counting::default();
    let written = Arc::clone(&adapter.written);
    let builder = Client::builder().base_url(server.url()).retries(0);
    let builder = builder.adapter("acme", server.url(), None, adapter);
    let client = builder.build().unwrap();
    let chain = ["acme::one", "acme::two", "acme::three", "acme::four"];
    let reply = client.ask(chain, "2+3?").await.unwrap();
    assert_eq!(
        (reply.text.as_str(), reply.model.as_str()),
        ("Five.", "two")
    );
    assert_eq!(written.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn an_error_that_is_an_object_of_its_own_ends_a_stream() {
    let server = Server::play([events(
        r#"data: {"choices":[{"delta":{"content":"Fo"}}]}

data: {"object":"error","message":"The server is overloaded","code":503}

data: [DONE]

"#,
    )]);
    let client = Client::builder().base_url(server.url()).retries(0);
    let (text, result) = watch(&client.build().unwrap(), "acme/one").await;
    let error = result.unwrap_err();
    assert_eq!((text.as_str(), error.partial()), ("Fo", Some("Fo")));
    assert_eq!(error.kind(), ErrorKind::Overloaded);
    assert!(error.to_string().contains("overloaded"), "{error}");
}
