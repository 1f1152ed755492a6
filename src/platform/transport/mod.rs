//! One HTTP request, and its response as it comes: whole, or event by event.
//!
//! - [`http`]: the pool of connections, and requests through `reqwest` (native adapters)
//! - [`openai_compatible`]: requests through `async-openai` (OpenAI-compatible platforms), the only file that names that crate
//! - [`receive`]: what comes back, for both of them; [`content_sniffer`]: whether it is events or one answer
//! - [`decompress`]: bytes that came compressed
//! - [`event_reader`]: bytes → events, from [`sse`], server-sent events, from [`line`]s, or from AWS's binary frames,
//!   [`aws_frames`] (feature `bedrock`); [`json_extent`]: where a JSON value ends
//!
//! Both send exactly once. What a response is, is told by its status and its bytes, not by what was asked for: a server may
//! answer a request for a stream with one JSON body, and the other way round.

#[cfg(feature = "bedrock")]
mod aws_frames;
#[cfg(all(test, feature = "bedrock"))]
mod aws_properties;
mod content_sniffer;
mod decompress;
mod event_reader;
pub(crate) mod http;
mod json_extent;
mod line;
mod openai_compatible;
#[cfg(test)]
mod properties;
mod receive;
mod sse;

pub(crate) use event_reader::Events;
use serde_json::Value;

use super::{Answer, Platform, PlatformError, PlatformRequest, PlatformResult, StreamDelta};

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
    pub pieces: Vec<StreamDelta>,
    /// Whether it was the protocol's own word for "nothing more comes".
    pub last: bool,
    /// An answer that came whole, though events were asked for.
    pub answer: Option<Box<Answer>>,
    pub failure: Option<Box<PlatformError>>,
}

impl Batch {
    fn failed(failure: Box<PlatformError>) -> Self {
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
    pub(crate) async fn send(
        &self,
        ask: &PlatformRequest<'_>,
        body: Value,
    ) -> PlatformResult<Received> {
        match self.transport {
            Transport::Http => http::send(self, ask, body).await,
            // The larger of the two by far, so it gets a place of its own.
            Transport::Compatible => Box::pin(openai_compatible::send(self, ask, &body)).await,
        }
    }
}
