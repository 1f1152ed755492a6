//! Bodies that are long, packed, or sent on: what they cost, and that limits of time hold meanwhile.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use anymodel::prelude::*;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use serde_json::json;

use super::samples::chunk;
use super::wire::{client, clients, error, hello, streamed, text};
use crate::support::{self, Play, Server, events, pieces, respond};

/// What this thread has computed so far; the clock's time where the system does not tell.
fn computed() -> Duration {
    static BEGUN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(
        || BEGUN.get_or_init(Instant::now).elapsed(),
        Duration::from_nanos,
    )
}

/// An event with a picture of so many bytes in its one line.
fn picture(bytes: usize) -> String {
    let url = format!("data:image/png;base64,{}", "iVBORw0K".repeat(bytes / 8));
    let delta = json!({ "content": "A cat.", "images": [{ "type": "image_url", "image_url": { "url": url } }] });
    json!({ "choices": [{ "index": 0, "delta": delta }] }).to_string()
}

#[tokio::test]
async fn a_line_of_eight_megabytes_is_read_in_less_than_a_second() {
    // https://github.com/nextlevelbuilder/goclaw/pull/1349
    let body = format!(
        "data: {}\n\ndata: {}\n\n",
        picture(8 << 20),
        chunk("", Some("stop"))
    );
    let small: Vec<Vec<u8>> = body
        .as_bytes()
        .chunks(16 << 10)
        .map(<[u8]>::to_vec)
        .collect();
    for play in [events(&body), pieces(small, Duration::ZERO, true)] {
        let server = Server::play([play.clone(), play]);
        for client in clients(&server) {
            let begun = computed();
            let reply = client
                .chat("m")
                .user("Hi")
                .stream()
                .final_reply()
                .await
                .unwrap();
            let took = computed() - begun;
            assert_eq!(reply.text, "A cat.");
            assert!(took < Duration::from_secs(1), "{took:?}");
        }
    }
}

/// A server that sends this again and again as fast as it is read.
fn endless(begin: &'static str, again: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let again = again.clone();
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                let head =
                    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n{begin}");
                let _ = stream.write_all(head.as_bytes());
                while stream.write_all(&again).is_ok() {}
            });
        }
    });
    url
}

#[tokio::test]
async fn limits_of_time_hold_while_a_line_without_end_is_read() {
    // https://github.com/rexxars/eventsource-parser/issues/19
    let word = format!("data: {}\n\n", chunk("word ", None)).into_bytes();
    let again = [
        (
            "data: {\"choices\":[{\"delta\":{\"content\":\"",
            vec![b'a'; 64 << 10],
        ),
        ("", b": comment\n".repeat(1000)),
        ("", word.repeat(100)),
    ];
    for (begin, again) in again {
        let url = endless(begin, again);
        for platform in ["openrouter", "openai"] {
            let client = Client::builder()
                .platform(platform)
                .base_url(&url)
                .key("sk-or-v1-test0123456789")
                .retries(0)
                .timeout(Duration::from_millis(700))
                .deadline(Duration::from_secs(1))
                .build()
                .unwrap();
            let begun = Instant::now();
            let error = client
                .chat("m")
                .user("Hi")
                .stream()
                .final_reply()
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{begin}");
            assert!(
                begun.elapsed() < Duration::from_millis(1200),
                "{begin}: {:?}",
                begun.elapsed()
            );
        }
    }
}

fn packed(name: &str, body: &[u8]) -> Vec<u8> {
    let level = Compression::default();
    match name {
        "gzip" | "x-gzip" => {
            let mut packer = GzEncoder::new(Vec::new(), level);
            packer.write_all(body).unwrap();
            packer.finish().unwrap()
        }
        "zlib" => {
            let mut packer = ZlibEncoder::new(Vec::new(), level);
            packer.write_all(body).unwrap();
            packer.finish().unwrap()
        }
        _ => {
            let mut packer = DeflateEncoder::new(Vec::new(), level);
            packer.write_all(body).unwrap();
            packer.finish().unwrap()
        }
    }
}

fn packed_response(status: u16, encoding: &str, kind: &str, body: &[u8]) -> Play {
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    Play::Bytes([head.as_bytes(), body].concat())
}

#[tokio::test]
async fn what_comes_packed_unasked_is_unpacked() {
    let [one, two] = hello();
    let stream = format!("data: {one}\n\ndata: {two}\n\n");
    let whole = crate::support::answer("Hello.");
    for (encoding, packer) in [
        ("gzip", "gzip"),
        ("X-GZIP", "gzip"),
        ("deflate", "zlib"),
        ("deflate", "raw"),
    ] {
        let body = packed(packer, stream.as_bytes());
        let play = packed_response(200, encoding, "text/event-stream", &body);
        assert_eq!(text(play).await, "Hello.", "{encoding}");
        let body = packed(packer, whole.as_bytes());
        let refusal = packed(packer, br#"{"error":{"message":"the true cause"}}"#);
        let server = Server::play([
            packed_response(200, encoding, "application/json", &body),
            packed_response(400, encoding, "application/json", &refusal),
        ]);
        let client = client("openai", &server);
        assert_eq!(
            client.ask("m", "Hi").await.unwrap().text,
            "Hello.",
            "{encoding}"
        );
        let refused = client.ask("m", "Hi").await.unwrap_err();
        assert!(refused.to_string().contains("the true cause"), "{refused}");
    }
    // Some proxies unpack and leave the label, and some pack and write none.
    for (encoding, body) in [
        ("gzip", stream.clone().into_bytes()),
        ("identity", packed("gzip", stream.as_bytes())),
    ] {
        let play = packed_response(200, encoding, "text/event-stream", &body);
        assert_eq!(text(play).await, "Hello.", "{encoding}");
    }
    // Half of it is an error, and what this program cannot unpack names itself.
    let half = packed("gzip", stream.as_bytes());
    let half = packed_response(200, "gzip", "text/event-stream", &half[..half.len() / 2]);
    for result in streamed(half).await {
        assert!(result.is_err());
    }
    let unknown = error(packed_response(
        200,
        "br",
        "text/event-stream",
        b"\x0b\x02\x80",
    ))
    .await;
    assert!(
        unknown.to_string().contains("\"br\"") && unknown.to_string().contains("compression"),
        "{unknown}"
    );
}

#[tokio::test]
async fn a_redirection_is_told_and_not_followed() {
    for status in [301, 302, 307, 308] {
        let location =
            "location: https://user:secret@other.example/v1/chat/completions?key=secret\r\n";
        let server = Server::play([0, 1].map(|_| respond(status, location, "")));
        for platform in ["openrouter", "openai"] {
            let client = Client::builder()
                .platform(platform)
                .base_url(server.url())
                .key("sk-or-v1-test0123456789")
                .build()
                .unwrap();
            let error = client.ask("m", "Hi").await.unwrap_err();
            let told = format!("{error:?}");
            assert!(
                told.contains("https://other.example/v1/chat/completions"),
                "{told}"
            );
            assert!(!told.contains("secret"), "{told}");
            assert_eq!(error.trail().len(), 1);
        }
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test]
async fn more_than_a_hundred_headers_are_told_and_not_asked_for_again() {
    let many: String = (0..120)
        .map(|number| format!("x-gateway-{number}: yes\r\n"))
        .collect();
    let head = format!("{many}content-type: application/json\r\n");
    let server = Server::play([
        respond(200, &head, &support::answer("Hello.")),
        support::json(200, &support::answer("Again.")),
    ]);
    let error = server.client().ask("acme/one", "Hi").await.unwrap_err();
    assert!(
        error.to_string().contains("more than 100 headers"),
        "{error}"
    );
    assert_eq!(server.requests().len(), 1);
}
