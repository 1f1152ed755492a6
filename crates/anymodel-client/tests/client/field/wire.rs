//! What comes over the wire: text, events, bodies, addresses, settings.

use std::time::{Duration, Instant};

use anymodel::prelude::*;
use serde_json::{Value, json};

use super::samples::chunk;
use crate::support::{Play, Server, events, pieces, respond};

/// A client of this server through each transport, that tries once.
pub fn clients(server: &Server) -> [Client; 2] {
    ["openrouter", "openai"].map(|platform| client(platform, server))
}

pub fn client(platform: &str, server: &Server) -> Client {
    Client::builder()
        .platform(platform)
        .base_url(server.url())
        .key("sk-or-v1-test0123456789")
        .retries(0)
        .build()
        .unwrap()
}

/// What each transport makes of a streamed answer.
pub async fn streamed(play: Play) -> [anymodel::Result<Reply>; 2] {
    let server = Server::play([play.clone(), play]);
    let [one, two] = clients(&server);
    let ask = async |client: Client| {
        client
            .chat("acme/one")
            .user("Hi")
            .stream()
            .final_reply()
            .await
    };
    [ask(one).await, ask(two).await]
}

/// The text that both transports read.
pub async fn text(play: Play) -> String {
    let [one, two] = streamed(play).await.map(|result| result.unwrap().text);
    assert_eq!(one, two, "the transports differ");
    one
}

/// The error that both transports tell.
pub async fn error(play: Play) -> anymodel::Error {
    let [one, two] = streamed(play).await.map(Result::unwrap_err);
    assert_eq!(one.to_string(), two.to_string(), "the transports differ");
    one
}

/// "Hello." in two events.
pub fn hello() -> [String; 2] {
    [chunk("Hel", None), chunk("lo.", Some("stop"))]
}

#[tokio::test]
async fn an_event_without_data_is_a_sign_of_life() {
    // https://github.com/Growth-Circle/cadis/issues/362
    let [one, two] = hello();
    for sign in [
        "data:\n\n",
        "data: \n\n",
        "data\n\n",
        "data:   \n\n",
        "event: ping\ndata:\n\n",
        "event: ping\ndata: {}\n\n",
        "event: ping\ndata: {\"type\":\"ping\"}\n\n",
        ": keep-alive\n\n",
        ":\n",
        "id: 7\n\n",
        "retry: 3000\n\n",
        "\n\n\n",
        "x-proxy: yes\n\n",
        "data: null\n\n",
        "data: [PING]\n\n",
        "data: \"keep-alive\"\n\n",
        "data: : OPENROUTER PROCESSING\n\n",
        "event: heartbeat\ndata: 1730000000\n\n",
        "event: keep-alive\ndata: alive\n\n",
    ] {
        let body = format!("{sign}data: {one}\n\n{sign}data: {two}\n\n{sign}data: [DONE]\n\n");
        assert_eq!(text(events(&body)).await, "Hello.", "{sign:?}");
    }
}

#[tokio::test]
async fn events_are_parted_by_whatever_ends_a_line() {
    // https://github.com/anomalyco/opencode/issues/27365
    let [one, two] = hello();
    for end in ["\n", "\r", "\r\n", "\n\n", "\r\r", "\r\n\r\n", "\n\n\n\n"] {
        let body = format!("data: {one}{end}data: {two}{end}data: [DONE]{end}");
        assert_eq!(text(events(&body)).await, "Hello.", "{end:?}");
        let bytes = body.bytes().map(|byte| vec![byte]);
        assert_eq!(
            text(pieces(bytes, Duration::ZERO, true)).await,
            "Hello.",
            "{end:?}"
        );
    }
    let named = format!("event: a\ndata: {one}\nevent: b\ndata: {two}\n");
    assert_eq!(text(events(&named)).await, "Hello.");
}

#[tokio::test]
async fn events_that_are_written_carelessly_are_read() {
    let [one, two] = hello();
    for body in [
        format!("Data: {one}\n\nDATA: {two}\n\n"),
        format!("  data: {one}\n\n  data: {two}\n\n"),
        format!("data: {one}{two}\n\n"),
        format!("data: {one} data: {two}\n\ndata: [DONE]\n\n"),
        format!("data: {one}data: {two}data: [DONE]"),
        format!(": hello\n{one}\n{two}\n"),
        // A framework that makes events of what is an event already.
        format!("data: data: {one}\n\ndata: data:{two}\n\ndata: data: [DONE]\n\n"),
    ] {
        assert_eq!(text(events(&body)).await, "Hello.", "{body}");
    }
}

#[tokio::test]
async fn the_last_event_needs_no_blank_line() {
    // https://github.com/fastrepl/anarlog/pull/6872
    let [one, two] = hello();
    for (ends, end) in [(true, "\n"), (true, ""), (false, "\n"), (false, "")] {
        let body = format!("data: {one}\n\ndata: {two}{end}").into_bytes();
        assert_eq!(
            text(pieces([body], Duration::ZERO, ends)).await,
            "Hello.",
            "{end:?}"
        );
    }
    // Half an event is none.
    let cut = format!("data: {one}\n\ndata: {}", &two[..two.len() - 1]);
    assert_eq!(error(events(&cut)).await.kind(), ErrorKind::BrokenStream);
}

#[tokio::test]
async fn data_over_several_lines_is_one_text() {
    let [one, two] = hello().map(|event| event.parse::<Value>().unwrap());
    let body = format!("data: {one:#}\n\ndata: {two:#}\n\n");
    // As the standard says it; and with the field's name in front of the first line alone.
    let by_the_book = body.replace("\n ", "\ndata:  ").replace("\n}", "\ndata: }");
    for body in [by_the_book, body] {
        assert_eq!(text(events(&body)).await, "Hello.", "{body}");
    }
}

#[tokio::test]
async fn an_error_is_told_wherever_it_stands_in_a_stream() {
    let words = chunk("Hel", None);
    let cause = r#"{"code":400,"message":"the request exceeds the available context size"}"#;
    for body in [
        // https://github.com/ggml-org/llama.cpp/pull/16109
        format!("error: {cause}\n\ndata: [DONE]\n\n"),
        format!("data: {words}\n\nerror: {cause}\n\n"),
        format!("data: {words}\nerror: {cause}\n"),
        // https://github.com/lemonade-sdk/lemonade/issues/2826
        format!("{{\"error\":{cause}}}"),
        format!("\u{feff}\n{{\"error\":{cause}}}\n\n"),
        format!("data: {words}\n\n{{\"error\":{cause}}}\n"),
        format!(
            "data: {words}\n\n{:#}\n",
            json!({ "error": cause.parse::<Value>().unwrap() })
        ),
    ] {
        let error = error(events(&body)).await;
        assert!(
            error.to_string().contains("available context size"),
            "{body}: {error}"
        );
        assert_eq!(error.kind(), ErrorKind::ContextTooLong, "{body}");
    }
    let plain = error(events("error: the model is asleep\n\n")).await;
    assert!(plain.to_string().contains("the model is asleep"), "{plain}");
    let page = error(events("upstream connect error\n")).await;
    assert!(
        page.to_string().contains("upstream connect error"),
        "{page}"
    );
}

#[tokio::test]
async fn an_error_is_told_while_the_connection_stays_open() {
    let body = br#"{"error":{"code":400,"message":"the true cause"}}"#.to_vec();
    let play = pieces([body, b"\n".to_vec()], Duration::from_millis(1500), true);
    let begun = Instant::now();
    let server = Server::play([play]);
    let asked = client("openai", &server)
        .chat("m")
        .user("Hi")
        .stream()
        .final_reply()
        .await;
    assert!(asked.unwrap_err().to_string().contains("the true cause"));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

/// Every platform's whole answer "Hello.", and its stream.
fn answers() -> [(&'static str, String, String); 3] {
    let [one, two] = hello();
    let gemini = |text: &str, finish: Value| json!({ "candidates": [{ "content": { "parts": [{ "text": text }] }, "finishReason": finish }] });
    let block = |text: &str| json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": text } });
    let end = json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 5 } });
    [
        (
            "openai",
            crate::support::answer("Hello."),
            format!("data: {one}\n\ndata: {two}\n\ndata: [DONE]\n\n"),
        ),
        (
            "anthropic",
            json!({ "type": "message", "content": [{ "type": "text", "text": "Hello." }], "stop_reason": "end_turn" })
                .to_string(),
            format!("event: content_block_delta\ndata: {}\n\ndata: {}\n\ndata: {end}\n\n", block("Hel"), block("lo.")),
        ),
        (
            "gemini",
            gemini("Hello.", json!("STOP")).to_string(),
            format!("data: {}\n\ndata: {}\n\n", gemini("Hel", Value::Null), gemini("lo.", json!("STOP"))),
        ),
    ]
}

#[tokio::test]
async fn what_a_body_is_is_told_by_its_bytes() {
    // https://github.com/mistralai/mistral-vibe/pull/619, https://github.com/openclaw/openclaw/pull/97454
    let types = [
        "",
        "content-type: application/json\r\n",
        "content-type: text/event-stream\r\n",
        "content-type: text/plain\r\n",
        "content-type: application/octet-stream\r\n",
    ];
    for (platform, whole, stream) in answers() {
        for kind in types {
            for body in [&whole, &stream] {
                for body in [
                    body.clone(),
                    format!("\u{feff}{body}"),
                    format!("\r\n\n{body}"),
                ] {
                    let server =
                        Server::play([respond(200, kind, &body), respond(200, kind, &body)]);
                    let client = client(platform, &server);
                    let watched = client.chat("m").user("Hi").stream().final_reply().await;
                    let asked = client.chat("m").user("Hi").send().await;
                    for reply in [watched, asked] {
                        let reply = reply.unwrap_or_else(|error| {
                            panic!("{platform} {kind:?} {body}: {error:?}")
                        });
                        assert_eq!(reply.text, "Hello.", "{platform} {kind:?} {body}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn one_json_value_a_line_is_a_stream_of_events() {
    let [one, two] = hello();
    let body = format!("{one}\n{two}\n");
    for kind in [
        "text/event-stream",
        "application/x-ndjson",
        "application/json",
    ] {
        let play = respond(200, &format!("content-type: {kind}\r\n"), &body);
        assert_eq!(text(play).await, "Hello.", "{kind}");
    }
}

#[tokio::test]
async fn what_is_no_answer_in_any_form_is_an_error() {
    for kind in [
        "",
        "content-type: application/json\r\n",
        "content-type: text/event-stream\r\n",
    ] {
        for body in [
            "",
            "\n",
            "<html>Bad gateway</html>",
            "Bad gateway",
            "{\"choices\":[",
            "{}",
            "[]",
        ] {
            for result in streamed(respond(200, kind, body)).await {
                assert!(result.is_err(), "{kind:?} {body:?}");
            }
            let server = Server::play([respond(200, kind, body)]);
            assert!(
                client("openai", &server).ask("m", "Hi").await.is_err(),
                "{kind:?} {body:?}"
            );
        }
    }
}
