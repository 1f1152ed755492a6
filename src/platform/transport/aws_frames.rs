//! AWS's binary frames → events, decoded through AWS's own crate `aws-smithy-eventstream`.
//!
//! A frame is its length, the length of its headers, a checksum of these two, the headers, the payload and a checksum of
//! it all. The header `:event-type` names the event. An error in the middle of a stream is a frame of its own, with
//! `:exception-type`; it is read as a refusal of that name would be.
//!
//! Format: <https://smithy.io/2.0/aws/amazon-eventstream.html>

use std::sync::Arc;

use aws_smithy_eventstream::frame::read_message_from;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::Batch;
use super::frames::{broke, read};
use crate::failure::ErrorKind;
use crate::platform::{Adapter, Failure};

/// The longest frame that is believed, in bytes: AWS allows 16 MiB of payload and 128 KiB of headers. Without a limit,
/// bytes that are no frame could keep a reader waiting for four gigabytes.
const LONGEST: usize = 17 * 1024 * 1024;
/// Lengths and checksums alone.
const SHORTEST: usize = 16;
/// The header by which AWS names an error in a response.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Cuts a body into events.
pub(super) fn events<B, E>(
    adapter: Arc<dyn Adapter>,
    body: impl Stream<Item = Result<B, E>> + Send + 'static,
) -> BoxStream<'static, Batch>
where
    B: AsRef<[u8]> + Send + 'static,
    E: std::error::Error + Send + 'static,
{
    let mut cutter = Cutter::default();
    body.map(|bytes| bytes.map(Some))
        .chain(stream::once(async { Ok(None) }))
        .map(move |bytes| match bytes {
            Ok(Some(bytes)) => cutter.take(bytes.as_ref(), &*adapter),
            Ok(None) => cutter.end(),
            Err(error) => Batch::failed(broke(&error)),
        })
        .boxed()
}

/// Keeps what is no whole frame yet.
#[derive(Default)]
struct Cutter {
    rest: Vec<u8>,
    /// After a failure nothing can be trusted: where the next frame begins is not known.
    failed: bool,
}

impl Cutter {
    fn take(&mut self, bytes: &[u8], adapter: &dyn Adapter) -> Batch {
        let mut all = Batch::default();
        if self.failed {
            return all;
        }
        self.rest.extend_from_slice(bytes);
        let mut used = 0;
        while all.failure.is_none() {
            match next(&self.rest[used..]) {
                Ok(Some((length, event))) => {
                    used += length;
                    let batch = event.read(adapter);
                    all.pieces.extend(batch.pieces);
                    all.failure = batch.failure;
                }
                Ok(None) => break,
                Err(why) => {
                    let what = format!("the stream is no event stream of AWS: {why}");
                    all.failure = Some(Box::new(Failure::bad_reply(what)));
                }
            }
        }
        self.rest.drain(..used);
        self.failed = all.failure.is_some();
        all
    }

    fn end(&mut self) -> Batch {
        if self.rest.is_empty() || self.failed {
            return Batch::default();
        }
        Batch::failed(Box::new(Failure::new(
            ErrorKind::BrokenStream,
            "the stream ended in the middle of a frame",
        )))
    }
}

/// One frame, as text.
struct Event {
    kind: String,
    name: String,
    data: String,
}

impl Event {
    fn read(&self, adapter: &dyn Adapter) -> Batch {
        if self.kind == "event" {
            return read(adapter, &self.name, &self.data);
        }
        let mut headers = HeaderMap::new();
        if let Ok(name) = HeaderValue::from_str(&self.name) {
            headers.insert(ERROR_TYPE, name);
        }
        Batch::failed(Box::new(adapter.failure(200, &headers, &self.data)))
    }
}

/// The frame at the beginning, with its length; `None` while it is not whole.
fn next(bytes: &[u8]) -> Result<Option<(usize, Event)>, String> {
    let Some(length) = bytes.first_chunk::<4>() else {
        return Ok(None);
    };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(format!("a frame of {length} bytes"));
    }
    let Some(frame) = bytes.get(..length) else {
        return Ok(None);
    };
    let message = read_message_from(frame).map_err(|error| error.to_string())?;
    let header = |name: &str| {
        let found = message
            .headers()
            .iter()
            .find(|header| header.name().as_str() == name);
        let text = found.and_then(|header| header.value().as_string().ok());
        text.map(|text| text.as_str().to_owned())
    };
    let data = String::from_utf8_lossy(message.payload()).into_owned();
    let kind = header(":message-type").unwrap_or_else(|| "event".to_owned());
    let (name, data) = match kind.as_str() {
        "event" => (header(":event-type"), data),
        "exception" => (header(":exception-type"), data),
        // An error outside the service's own list carries its words in headers.
        _ => {
            let said = header(":error-message").unwrap_or(data);
            let data = serde_json::json!({ "message": said }).to_string();
            (header(":error-code"), data)
        }
    };
    let name = name.unwrap_or_default();
    Ok(Some((length, Event { kind, name, data })))
}
