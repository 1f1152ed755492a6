//! One HTTP request, and its response as it comes: whole, or event by event.
//!
//! - [`http`]: the pool of connections, and requests through `reqwest` (native adapters)
//! - [`compatible`]: requests through `async-openai` (OpenAI-compatible platforms), the only file that names that crate
//! - [`receive`]: what comes back, for both of them; [`opening`]: whether it is events or one answer
//! - [`unpacked`]: bytes that came compressed
//! - [`frames`]: bytes → events, from [`sse`], server-sent events, from [`line`]s, or from AWS's binary frames,
//!   [`aws_frames`] (feature `bedrock`); [`balance`]: where a JSON value ends
//!
//! Both send exactly once. What a response is, is told by its status and its bytes, not by what was asked for: a server may
//! answer a request for a stream with one JSON body, and the other way round.

#[cfg(feature = "bedrock")]
mod aws_frames;
#[cfg(all(test, feature = "bedrock"))]
mod aws_properties;
mod balance;
mod compatible;
mod frames;
pub(crate) mod http;
mod line;
mod opening;
#[cfg(test)]
mod properties;
mod receive;
mod sse;
mod unpacked;

pub(crate) use frames::Events;
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
    Events(Box<Events>),
}

/// What one event told. After a failure nothing more comes; what the event told before it is not lost.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub pieces: Vec<Piece>,
    /// Whether it was the protocol's own word for "nothing more comes".
    pub last: bool,
    /// An answer that came whole, though events were asked for.
    pub answer: Option<Box<Answer>>,
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
