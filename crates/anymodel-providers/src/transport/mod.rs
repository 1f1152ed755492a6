//! Transport: sends one encoded request of a [`Platform`](crate::Platform) by one of two HTTP clients, and receives its response
//! whole or event by event.
//!
//! - [`http`]: the connection pool, and requests through `reqwest` (native adapters)
//! - [`openai_compatible`]: requests through `async-openai` (OpenAI-compatible platforms), the only file that names that
//!   crate
//! - [`receive`]: the response, for both of them; [`content_sniffer`]: whether it is events or one answer
//! - [`decompress`]: decompression of bodies
//! - [`event_reader`]: bytes → events, from [`sse`], server-sent events, from [`line`]s, or from AWS's binary frames,
//!   [`aws_frames`] (feature `bedrock`); [`json_extent`]: the end of a JSON value
//!
//! Both send exactly once. The status and the bytes decide what a response is, not the request: a server may answer a
//! request for a stream with one JSON body, and the other way round.

#[cfg(feature = "bedrock")]
mod aws_frames;
#[cfg(all(test, feature = "bedrock"))]
mod aws_properties;
mod content_sniffer;
mod decompress;
mod event_reader;
pub mod http;
mod json_extent;
mod line;
mod openai_compatible;
#[cfg(test)]
mod properties;
mod receive;
mod sse;

use bytes::Bytes;
pub use event_reader::Events;

use super::{
    Answer, Platform, PlatformError, PlatformRequest, PlatformResult, RequestBody, StreamDelta,
};

/// The transport of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// `reqwest`.
    Http,
    /// `async-openai`.
    Compatible,
}

/// A response with a good status.
pub struct Received {
    /// The HTTP status, 200 to 299.
    pub status: u16,
    /// What came with it.
    pub body: Body,
}

/// The body: a whole answer, or events.
pub enum Body {
    /// The answer in one piece.
    Whole(Box<Answer>),
    /// A stream of events.
    Events(Box<Events>),
}

/// The deltas of one event. After a failure the stream ends; the deltas before it are kept.
#[derive(Debug, Default)]
pub struct Batch {
    /// The bytes of the event, of a request that was passed through. Boxed, because other requests have none.
    pub raw: Option<Box<RawFrame>>,
    /// What the event adds to the answer, in order.
    pub deltas: Vec<StreamDelta>,
    /// Whether it was the protocol's end marker.
    pub last: bool,
    /// A whole answer, though a stream was requested.
    pub answer: Option<Box<Answer>>,
    /// The failure after them.
    pub failure: Option<Box<PlatformError>>,
}

/// One event of a stream as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFrame {
    /// All its bytes, comments and the blank line at its end with them.
    pub bytes: Bytes,
    /// Whether its end was received: not so where the body ends in the middle of it.
    pub is_whole: bool,
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
    /// Sends one request, and waits for the head of the response, or for all of it when it is not streamed.
    ///
    /// `body` is the adapter's encoding of `ask`, or the JSON that is passed through.
    pub async fn send(
        &self,
        ask: &PlatformRequest<'_>,
        body: RequestBody,
    ) -> PlatformResult<Received> {
        match self.transport {
            Transport::Http => http::send(self, ask, body).await,
            // Boxed, because it is by far the larger of the two futures.
            Transport::Compatible => Box::pin(openai_compatible::send(self, ask, &body)).await,
        }
    }
}
