//! Bytes → events, each read by the adapter into pieces.

use std::sync::Arc;

use eventsource_stream::{EventStreamError, Eventsource};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};

use super::Batch;
use crate::failure::ErrorKind;
use crate::platform::{Adapter, Failure, Framing};

type Batches = BoxStream<'static, Batch>;

/// Cuts a body into events as the adapter says.
pub(super) fn events<B, E>(
    adapter: Arc<dyn Adapter>,
    body: impl Stream<Item = Result<B, E>> + Send + 'static,
) -> Batches
where
    B: AsRef<[u8]> + Send + 'static,
    E: std::error::Error + Send + 'static,
{
    match adapter.framing() {
        Framing::Sse => sse(adapter, body),
        Framing::Lines => lines(adapter, body),
        #[cfg(feature = "bedrock")]
        Framing::AwsEventStream => super::aws_frames::events(adapter, body),
        #[cfg(not(feature = "bedrock"))]
        Framing::AwsEventStream => {
            let failure = Failure::new(
                ErrorKind::Config,
                "this program was built without anymodel's feature `bedrock`, which reads this stream",
            );
            stream::once(async { Batch::failed(Box::new(failure)) }).boxed()
        }
    }
}

fn sse<B, E>(
    adapter: Arc<dyn Adapter>,
    body: impl Stream<Item = Result<B, E>> + Send + 'static,
) -> Batches
where
    B: AsRef<[u8]> + Send + 'static,
    E: std::error::Error + Send + 'static,
{
    without_mark(body)
        .eventsource()
        .map(move |event| match event {
            Ok(event) => read(&*adapter, &event.event, &event.data),
            Err(EventStreamError::Transport(error)) => Batch::failed(broke(&error)),
            Err(other) => Batch::failed(Box::new(Failure::bad_reply(format!(
                "the stream is not what it should be: {other}"
            )))),
        })
        .boxed()
}

/// The bytes without the byte order mark that some servers put before them; the parser of events cannot take one.
pub(super) fn without_mark<B, E>(
    body: impl Stream<Item = Result<B, E>> + Send + 'static,
) -> impl Stream<Item = Result<Vec<u8>, E>> + Send + 'static
where
    B: AsRef<[u8]> + Send + 'static,
    E: Send + 'static,
{
    const MARK: &[u8] = &[0xef, 0xbb, 0xbf];
    // What came before it was known whether it is a mark: it may come byte by byte.
    let mut beginning = Some(Vec::new());
    body.map(move |bytes| {
        let bytes = bytes?;
        let Some(mut so_far) = beginning.take() else {
            return Ok(bytes.as_ref().to_vec());
        };
        so_far.extend_from_slice(bytes.as_ref());
        if so_far.len() < MARK.len() && MARK.starts_with(&so_far) {
            beginning = Some(so_far);
            return Ok(Vec::new());
        }
        Ok(match so_far.strip_prefix(MARK) {
            Some(rest) => rest.to_vec(),
            None => so_far,
        })
    })
}

/// One JSON object a line; the last one may come without its line end.
fn lines<B, E>(
    adapter: Arc<dyn Adapter>,
    body: impl Stream<Item = Result<B, E>> + Send + 'static,
) -> Batches
where
    B: AsRef<[u8]> + Send + 'static,
    E: std::error::Error + Send + 'static,
{
    let mut rest = Vec::new();
    body.map(|bytes| bytes.map(Some))
        .chain(stream::once(async { Ok(None) }))
        .map(move |bytes| {
            let end = match bytes {
                Err(error) => return Batch::failed(broke(&error)),
                Ok(Some(bytes)) => {
                    rest.extend_from_slice(bytes.as_ref());
                    rest.iter()
                        .rposition(|byte| *byte == b'\n')
                        .map_or(0, |at| at + 1)
                }
                Ok(None) => rest.len(),
            };
            let whole: Vec<u8> = rest.drain(..end).collect();
            let mut all = Batch::default();
            for line in String::from_utf8_lossy(&whole).lines() {
                if all.failure.is_none() && !line.trim().is_empty() {
                    let batch = read(&*adapter, "", line);
                    all.pieces.extend(batch.pieces);
                    all.failure = batch.failure;
                }
            }
            all
        })
        .boxed()
}

/// Reads one event.
pub(super) fn read(adapter: &dyn Adapter, name: &str, data: &str) -> Batch {
    let mut pieces = Vec::new();
    let failure = adapter.event(name, data, &mut pieces).err();
    Batch {
        pieces,
        // OpenAI's word, and Anthropic's.
        last: data.trim() == "[DONE]" || name == "message_stop",
        failure,
    }
}

/// The connection broke while the answer came.
pub(super) fn broke(error: &(dyn std::error::Error + 'static)) -> Box<Failure> {
    Box::new(Failure::new(
        ErrorKind::BrokenStream,
        format!("the connection broke: {}", super::http::root_cause(error)),
    ))
}
