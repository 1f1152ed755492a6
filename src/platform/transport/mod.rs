//! One HTTP request, and its response as it comes: whole, or event by event.
//!
//! - [`http`]: the pool of connections, and requests through `reqwest` (native adapters)
//! - [`compatible`]: requests through `async-openai` (OpenAI-compatible platforms), the only file that names that crate
//! - [`frames`]: bytes → events; [`aws_frames`]: the same for AWS's binary frames (feature `bedrock`)
//!
//! Both send exactly once. What a response is, is told by its status and its type, not by what was asked for: a server may
//! answer a request for a stream with one JSON body, and the other way round.

#[cfg(feature = "bedrock")]
mod aws_frames;
#[cfg(all(test, feature = "bedrock"))]
mod aws_properties;
mod compatible;
pub(super) mod frames;
pub(crate) mod http;

use futures_util::stream::BoxStream;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

use super::{Answer, Ask, Failure, Outcome, Piece, Platform};

/// Who carries the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// `reqwest`.
    Http,
    /// `async-openai`.
    Compatible,
}

/// A response that began well.
pub(crate) struct Received {
    pub status: u16,
    pub body: Body,
}

/// What came, or comes.
pub(crate) enum Body {
    Whole(Box<Answer>),
    Events(Events),
}

/// What a stream's events tell, as they come.
pub(crate) type Events = BoxStream<'static, Batch>;

/// What one event told. After a failure nothing more comes; what the event told before it is not lost.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub pieces: Vec<Piece>,
    /// Whether it was the protocol's own word for "nothing more comes".
    pub last: bool,
    pub failure: Option<Box<Failure>>,
}

impl Batch {
    fn failed(failure: Box<Failure>) -> Self {
        Batch {
            failure: Some(failure),
            ..Batch::default()
        }
    }
}

/// Whether the answer comes in events, by what the server says of it, else by what was asked for.
fn comes_in_events(headers: &HeaderMap, asked: bool) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    if kind == Some("application/json") {
        return false;
    }
    match kind.map(str::to_ascii_lowercase) {
        Some(kind) if kind.contains("event") || kind.contains("ndjson") => true,
        Some(kind) if kind.contains("json") || kind.contains("html") => false,
        _ => asked,
    }
}

impl Platform {
    /// Sends one request, and waits for the head of the response, or for all of it when it comes whole.
    ///
    /// `body` is what the adapter made of `ask`.
    pub(crate) async fn send(&self, ask: &Ask<'_>, body: Value) -> Outcome<Received> {
        match self.transport {
            Transport::Http => http::send(self, ask, body).await,
            // The larger of the two by far, so it gets a place of its own.
            Transport::Compatible => Box::pin(compatible::send(self, ask, &body)).await,
        }
    }
}
