//! An answer that comes whole, and failures.

use std::io::Write;

use anymodel::prelude::*;
use flate2::{Compression, write::GzEncoder};
use rust_decimal::Decimal;

use super::{chat, client, watch};
use crate::support::{Play, Server, answer, events, json, respond};

const BODY: &str = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;
const STREAM: &str = r#"{"model":"m","messages":[],"stream":true}"#;

/// White space, an unknown field, and numbers that another writer would write otherwise.
const ODD: &str = "\n {\"id\" : \"g\", \"model\":\"m\",\"x\":[1.0,1e3,12345678901234567890123],\"choices\":[{\"index\":0,\
    \"message\":{\"role\":\"assistant\",\"content\":\"\\u4f60\u{597d} 😀\",\"y\":{}},\"finish_reason\":\"stop\"}],\
    \"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5,\"cost\":0.00001710}}\n";

fn is(reply: &Reply, body: &str) {
    assert_eq!(
        std::str::from_utf8(reply.raw.as_deref().unwrap()).unwrap(),
        body
    );
}

#[tokio::test]
async fn the_body_of_an_answer_comes_back_byte_by_byte_with_its_usage_and_cost() {
    let server = Server::play([json(200, ODD)]);
    let client = client("openrouter", &server).build().unwrap();
    let reply = client
        .chat("m")
        .user("Hi")
        .raw(chat(BODY))
        .send()
        .await
        .unwrap();
    is(&reply, ODD);
    assert_eq!(reply.text, "你好 😀");
    assert_eq!(reply.usage.unwrap().total_tokens, 5);
    assert_eq!(reply.cost, Some("0.0000171".parse::<Decimal>().unwrap()));
    assert_eq!(reply.trail.last().unwrap().cost, reply.cost);
    let ordinary = Server::play([json(200, ODD)])
        .client()
        .ask("m", "Hi")
        .await
        .unwrap();
    assert_eq!(ordinary.raw, None);
}

#[tokio::test]
async fn a_packed_body_comes_back_unpacked() {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(ODD.as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        packed.len()
    );
    let server = Server::play([Play::Bytes([head.as_bytes(), &packed].concat())]);
    let client = client("openai", &server).build().unwrap();
    let reply = client
        .chat("m")
        .user("Hi")
        .raw(chat(BODY))
        .send()
        .await
        .unwrap();
    is(&reply, ODD);
}

#[tokio::test]
async fn an_answer_in_another_form_than_was_asked_for_has_no_raw_form() {
    let event = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let server = Server::play([events(event), json(200, &answer("Hi"))]);
    let client = client("openai", &server).build().unwrap();
    let reply = client
        .chat("m")
        .user("Hi")
        .raw(chat(BODY))
        .send()
        .await
        .unwrap();
    assert_eq!((reply.text.as_str(), reply.raw), ("Hi", None));
    let seen = watch(client.chat("m").user("Hi").raw(chat(STREAM))).await;
    assert!(seen.raw.is_empty(), "{:?}", seen.events);
    assert_eq!(&seen.events[..2], ["started acme/answering", "text Hi"]);
    assert_eq!(seen.end.unwrap().raw, None);
}

#[tokio::test]
async fn a_failure_says_status_class_and_wait_of_each_attempt() {
    let limited = r#"{"error":{"message":"slow down"}}"#;
    let server = Server::play([
        json(503, r#"{"error":{"message":"busy"}}"#),
        respond(429, "retry-after: 7\r\n", limited),
    ]);
    let client = client("openai", &server).build().unwrap();
    let error = client
        .chat(["a", "b"])
        .user("Hi")
        .raw(chat(BODY))
        .send()
        .await
        .unwrap_err();
    let attempts: Vec<_> = error
        .trail()
        .iter()
        .map(|one| (one.status, one.failure, one.retry_after))
        .collect();
    let seven = Some(std::time::Duration::from_secs(7));
    assert_eq!(
        attempts,
        [
            (Some(503), Some(ErrorKind::Overloaded), None),
            (Some(429), Some(ErrorKind::RateLimited), seven)
        ]
    );
    assert_eq!((error.status(), error.retry_after()), (Some(429), seven));
}

#[tokio::test]
async fn a_model_that_fails_is_followed_by_the_next_which_gets_its_own_name() {
    let server = Server::play([json(503, "{}"), json(200, ODD)]);
    let client = client("openai", &server).build().unwrap();
    let reply = client
        .chat(["a", "b"])
        .user("Hi")
        .raw(chat(BODY))
        .send()
        .await
        .unwrap();
    is(&reply, ODD);
    let models = [0, 1].map(|number| server.body(number)["model"].clone());
    assert_eq!(models, ["a", "b"]);
}

#[tokio::test]
async fn a_voice_and_an_image_are_content_for_the_callers_that_get_the_bytes() {
    for media in [
        r#""audio":{"id":"a","data":"UklG"}"#,
        r#""images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}]"#,
    ] {
        let body = format!(
            r#"{{"choices":[{{"message":{{"content":null,{media}}},"finish_reason":"stop"}}]}}"#
        );
        let server = Server::play([json(200, &body), json(200, &body)]);
        let openai = client("openai", &server).build().unwrap();
        let reply = openai.chat("m").user("Hi").raw(chat(BODY)).send().await;
        is(&reply.unwrap(), &body);
        let error = openai.ask("m", "Hi").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadReply);
        let first = format!("data: {{\"choices\":[{{\"delta\":{{{media}}}}}]}}\n\n");
        let end =
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        let stream = [first.as_str(), end].concat();
        let server = Server::play([events(&stream)]);
        let openai = client("openai", &server).build().unwrap();
        let seen = watch(openai.chat("m").user("Hi").raw(chat(STREAM))).await;
        assert_eq!(String::from_utf8(seen.raw).unwrap(), stream);
        assert_eq!(&seen.events[..2], ["started m", "raw"]);
        seen.end.unwrap();
    }
}
