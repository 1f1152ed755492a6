//! A caller's own JSON, passed through: what goes out, what comes back, and what happens when a model fails.

mod embeddings;
mod request;
mod responses;
mod stream;
mod whole;

use anymodel::prelude::*;
use anymodel::{ClientBuilder, Event, RawApi, RawRequest};

use crate::support::Server;

/// A client of this server under the name of a platform, without patience for waits.
fn client(platform: &str, server: &Server) -> ClientBuilder {
    Client::builder()
        .platform(platform)
        .base_url(server.url())
        .key("sk-ours-0123456789abcdef")
        .retries(0)
}

fn chat(body: &str) -> RawRequest {
    raw(RawApi::ChatCompletions, body)
}

fn raw(api: RawApi, body: &str) -> RawRequest {
    RawRequest::new(api, body.to_owned()).unwrap()
}

/// The path that a request went to, counted from 0.
fn path(server: &Server, number: usize) -> String {
    let request = server.requests()[number].clone();
    request.split(' ').nth(1).unwrap().to_owned()
}

/// The body of a request as text, counted from 0.
fn sent(server: &Server, number: usize) -> String {
    let request = server.requests()[number].clone();
    request.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// What a caller of a stream saw.
struct Seen {
    /// The bytes of all raw events.
    raw: Vec<u8>,
    /// Each event in short: `started MODEL`, `raw`, `text …`.
    events: Vec<String>,
    end: anymodel::Result<Reply>,
}

async fn watch(chat: anymodel::Chat) -> Seen {
    let mut stream = chat.stream();
    let (mut raw, mut events) = (Vec::new(), Vec::new());
    while let Some(event) = stream.next().await {
        match event {
            Ok(Event::Raw(frame)) => {
                raw.extend_from_slice(&frame);
                events.push("raw".to_owned());
            }
            Ok(Event::Started { model, .. }) => events.push(format!("started {model}")),
            Ok(Event::Text(text)) => events.push(format!("text {text}")),
            Ok(Event::Finished(reply)) => {
                let end = Ok(*reply);
                return Seen { raw, events, end };
            }
            Ok(other) => events.push(format!("{other:?}")),
            Err(error) => {
                let end = Err(error);
                return Seen { raw, events, end };
            }
        }
    }
    panic!("a stream ends with the answer or an error");
}
