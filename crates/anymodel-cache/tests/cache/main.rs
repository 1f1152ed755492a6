//! What need not be asked again.

#[path = "../../../../tests/support/mod.rs"]
mod support;

mod file;
mod flight;
mod keeping;
mod key;
mod never;
mod semantic;

use std::time::Duration;

use anymodel::{Cache, Client};
use support::{Play, Server, answer, json};

const QUESTION: &str = "What is recursion?";

/// A server that gives these answers one after the other, and a client of it with this cache.
fn asked(cache: &Cache, answers: &[&str]) -> (Server, Client) {
    let server = Server::play(answers.iter().map(|text| json(200, &answer(text))));
    let client = with(&server, cache);
    (server, client)
}

fn with(server: &Server, cache: &Cache) -> Client {
    Client::builder()
        .base_url(server.url())
        .key("sk-or-v1-test0123456789")
        .retries(0)
        .cache(cache)
        .build()
        .unwrap()
}

/// A whole response that takes its time.
fn slow(status: u16, body: String, pause: Duration) -> Play {
    assert_eq!(status, 200, "the head is sent before the pause");
    Play::Pieces {
        head: "content-type: application/json\r\n".to_owned(),
        pieces: vec![(pause, body.into_bytes())],
        ends: true,
    }
}
