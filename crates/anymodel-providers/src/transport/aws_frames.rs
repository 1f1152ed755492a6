//! AWS event stream decoder: binary frames → events, through AWS's own crate `aws-smithy-eventstream`.
//!
//! A frame is its length, the length of its headers, a checksum of these two, the headers, the payload and a checksum of
//! the whole. The header `:event-type` names the event. An error in the middle of a stream is a frame of its own, with
//! `:exception-type`; it is decoded like an error response of that name.
//!
//! Format: <https://smithy.io/2.0/aws/amazon-eventstream.html>

use aws_smithy_eventstream::frame::read_message_from;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::Batch;
use super::event_reader::Reader;
use crate::PlatformError;
use anymodel_types::{ErrorKind, words};

/// The longest frame that is accepted, in bytes: AWS allows 16 MiB of payload and 128 KiB of headers. Without a limit,
/// invalid bytes could make a reader wait for four gigabytes.
const LONGEST: usize = 17 * 1024 * 1024;
/// The lengths and the checksums.
const SHORTEST: usize = 16;
/// The header with AWS's error name.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Splits bytes into frames, and keeps the bytes of an incomplete frame.
#[derive(Default)]
pub(super) struct AwsFrameSplitter {
    bytes: Vec<u8>,
    /// Where the next frame begins.
    at: usize,
    /// After a failure the position of the next frame is not known.
    failed: bool,
}

impl AwsFrameSplitter {
    /// Takes more bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Decodes the next complete frame.
    pub fn next(&mut self, reader: &mut Reader) -> Option<Batch> {
        if self.failed {
            return None;
        }
        let batch = match next(self.bytes.get(self.at..).unwrap_or_default()) {
            Ok(None) => return None,
            Ok(Some((length, event))) => {
                self.at += length;
                event.read(reader)
            }
            Err(why) => {
                let what = words::answers().stream_is_no_event_stream_of_aws(&why);
                Batch::failed(Box::new(PlatformError::bad_reply(what)))
            }
        };
        self.failed = batch.failure.is_some();
        Some(batch)
    }

    /// The error when the body ends here.
    pub fn end(&self) -> Option<Box<PlatformError>> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if self.failed || !matches!(next(rest), Ok(None)) || rest.is_empty() {
            return None;
        }
        Some(Box::new(PlatformError::new(
            ErrorKind::BrokenStream,
            words::answers().stream_ended_in_the_middle_of_a_frame(),
        )))
    }
}

/// One frame, as text.
struct AwsEvent {
    kind: String,
    name: String,
    data: String,
}

impl AwsEvent {
    fn read(&self, reader: &mut Reader) -> Batch {
        if self.kind == "event" {
            return reader.read(&self.name, &self.data);
        }
        let mut headers = HeaderMap::new();
        if let Ok(name) = HeaderValue::from_str(&self.name) {
            headers.insert(ERROR_TYPE, name);
        }
        Batch::failed(Box::new(reader.adapter.failure(200, &headers, &self.data)))
    }
}

/// The first frame and its length; `None` while it is incomplete.
fn next(bytes: &[u8]) -> Result<Option<(usize, AwsEvent)>, String> {
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
        // An error that is not in the service's list has its message in headers.
        _ => {
            let said = header(":error-message").unwrap_or(data);
            let data = serde_json::json!({ "message": said }).to_string();
            (header(":error-code"), data)
        }
    };
    let name = name.unwrap_or_default();
    Ok(Some((length, AwsEvent { kind, name, data })))
}
