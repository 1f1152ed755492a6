//! Event reader: response bytes → events, each decoded by the adapter into deltas.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::stream::{BoxStream, Stream};

use super::Batch;
#[cfg(feature = "bedrock")]
use super::aws_frames;
use super::content_sniffer::{BodyKind, ContentSniffer};
use super::json_extent::end_of_first;
use super::line::Lines;
use super::sse::Sse;
use crate::completeness::check_complete;
use crate::surrogates::{self, SurrogateJoiner};
use crate::{Adapter, Framing, PlatformError, error_response};
use anymodel_types::{ErrorKind, words};

/// The names of the last events of Anthropic and of OpenAI's Responses.
const END_EVENTS: [&str; 3] = ["message_stop", "response.completed", "response.incomplete"];

/// A body as it arrives; an error says why it ended early.
pub(super) type Bytes = BoxStream<'static, Result<Vec<u8>, String>>;

/// The events of a body as they arrive: one batch each. The batch is empty when the bytes complete no event.
pub struct Events {
    /// The beginning, until it is known that the body is events.
    opening: Option<ContentSniffer>,
    body: Bytes,
    /// The body has ended.
    is_over: bool,
    cutter: FrameSplitter,
    reader: Reader,
    /// The error to report after all events.
    last: Option<Box<PlatformError>>,
    is_told: bool,
}

impl Events {
    /// Splits a body into events in the adapter's framing. `opening` holds the bytes that were read before.
    pub(super) fn new(adapter: Arc<dyn Adapter>, opening: ContentSniffer, body: Bytes) -> Self {
        #[cfg_attr(
            feature = "bedrock",
            expect(unused_mut, reason = "set where AWS's frames cannot be read")
        )]
        let mut last = None;
        let cutter = match adapter.framing() {
            Framing::Sse if opening.is_exact => FrameSplitter::Sse(Sse::exact()),
            Framing::Sse => FrameSplitter::Sse(Sse::default()),
            Framing::Lines => FrameSplitter::Lines(Lines::default()),
            #[cfg(feature = "bedrock")]
            Framing::AwsEventStream => FrameSplitter::Aws(aws_frames::AwsFrameSplitter::default()),
            #[cfg(not(feature = "bedrock"))]
            Framing::AwsEventStream => {
                last = Some(Box::new(PlatformError::new(
                    ErrorKind::Config,
                    words::connections().built_without_aws_streams(),
                )));
                FrameSplitter::Lines(Lines::default())
            }
        };
        Events {
            opening: Some(opening),
            body,
            is_over: last.is_some(),
            cutter,
            reader: Reader {
                adapter,
                halves: SurrogateJoiner::default(),
            },
            last,
            is_told: false,
        }
    }

    /// Takes more bytes, and passes them to the sniffer while the kind is unknown.
    fn take(&mut self, bytes: Vec<u8>) {
        match &mut self.opening {
            None => self.cutter.take(&bytes),
            Some(opening) => {
                opening.add(bytes);
                if opening.look(false) == BodyKind::Events {
                    self.begin();
                }
            }
        }
    }

    /// The body is events.
    fn begin(&mut self) {
        if let Some(opening) = self.opening.take() {
            self.cutter.take(&opening.bytes);
        }
    }

    /// Some servers send one JSON value instead of events, and keep the connection open.
    fn whole_by_now(&mut self) -> Option<Batch> {
        let opening = self.opening.as_mut()?;
        if !opening.may_stay_open() || opening.look(false) != BodyKind::OneValue {
            return None;
        }
        let text = text(opening.all());
        let adapter = &self.reader.adapter;
        let is_all = match adapter.answer(&text).and_then(check_complete) {
            Ok(answer) => answer.finish_reason.is_some(),
            // The first of several events is no answer either.
            Err(_) => adapter.event("", &text, &mut Vec::new()).is_err(),
        };
        is_all.then(|| self.all_of_it()).flatten()
    }

    /// Decodes the received bytes as one answer.
    fn all_of_it(&mut self) -> Option<Batch> {
        let opening = self.opening.take()?;
        (self.is_over, self.is_told) = (true, true);
        let answer = self.reader.adapter.answer(&text(opening.all()));
        Some(match answer.and_then(check_complete) {
            Ok(answer) => Batch {
                answer: Some(Box::new(answer)),
                ..Batch::default()
            },
            Err(failure) => Batch::failed(failure),
        })
    }

    /// The next event in the received bytes.
    pub fn cut(&mut self) -> Option<Batch> {
        if self.opening.is_some() {
            return None;
        }
        let reader = &mut self.reader;
        match &mut self.cutter {
            FrameSplitter::Sse(sse) => {
                let (name, data) = sse.next()?;
                let mut batch = match data {
                    [] => Batch::default(),
                    data => reader.read_all(name, data),
                };
                batch.raw = sse.raw();
                Some(batch)
            }
            FrameSplitter::Lines(lines) => loop {
                let line = lines.peek()?;
                let batch = (!line.trim_ascii().is_empty()).then(|| reader.read("", &text(line)));
                lines.next();
                if batch.is_some() {
                    return batch;
                }
            },
            #[cfg(feature = "bedrock")]
            FrameSplitter::Aws(cutter) => cutter.next(reader),
        }
    }

    /// The body has ended; `why` when the connection broke.
    fn end(&mut self, why: Option<String>) {
        self.is_over = true;
        if self
            .opening
            .as_mut()
            .is_some_and(|opening| opening.look(true) == BodyKind::Events)
        {
            self.begin();
        }
        let broke = why.map(|why| Box::new(PlatformError::new(ErrorKind::BrokenStream, why)));
        self.last = match &mut self.cutter {
            FrameSplitter::Sse(sse) => {
                sse.end();
                broke
            }
            FrameSplitter::Lines(lines) => {
                lines.end();
                broke
            }
            #[cfg(feature = "bedrock")]
            FrameSplitter::Aws(cutter) => broke.or(cutter.end()),
        };
    }

    /// The last report after all events.
    fn rest(&mut self) -> Option<Batch> {
        if std::mem::replace(&mut self.is_told, true) {
            return None;
        }
        // A body that broke off is no answer, even if it looks like one.
        if self.last.is_none() && self.opening.is_some() {
            return self.all_of_it();
        }
        let strange = match &self.cutter {
            FrameSplitter::Sse(sse) => sse.strange().map(|text| (text, sse.had_any())),
            _ => None,
        };
        let strange = strange.map(|(text, had_any)| {
            let what = words::answers().server_sent(&error_response::not_json(text));
            Box::new(match had_any {
                true => PlatformError::new(
                    ErrorKind::BrokenStream,
                    words::answers().stream_broke_off(&what),
                ),
                false => PlatformError::bad_reply(what),
            })
        });
        let raw = match &mut self.cutter {
            FrameSplitter::Sse(sse) => sse.rest(),
            _ => None,
        };
        Some(Batch {
            raw,
            deltas: self.reader.halves.give_up(),
            failure: self.last.take().or(strange),
            ..Batch::default()
        })
    }
}

impl Stream for Events {
    type Item = Batch;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Batch>> {
        if let Some(batch) = self.cut() {
            return Poll::Ready(Some(batch));
        }
        if !self.is_over {
            match self.body.as_mut().poll_next(context) {
                Poll::Pending => {
                    return self
                        .whole_by_now()
                        .map_or(Poll::Pending, |batch| Poll::Ready(Some(batch)));
                }
                Poll::Ready(Some(Ok(bytes))) => {
                    self.take(bytes);
                    // Bytes that complete no event are reported, too: reading them takes time, which the caller checks.
                    return Poll::Ready(Some(self.cut().unwrap_or_default()));
                }
                Poll::Ready(Some(Err(why))) => self.end(Some(why)),
                Poll::Ready(None) => self.end(None),
            }
        }
        let next = self.cut();
        Poll::Ready(next.or_else(|| self.rest()))
    }
}

/// The splitter for each framing.
enum FrameSplitter {
    Sse(Sse),
    Lines(Lines),
    #[cfg(feature = "bedrock")]
    Aws(aws_frames::AwsFrameSplitter),
}

impl FrameSplitter {
    fn take(&mut self, bytes: &[u8]) {
        match self {
            FrameSplitter::Sse(sse) => sse.take(bytes),
            FrameSplitter::Lines(lines) => lines.take(bytes),
            #[cfg(feature = "bedrock")]
            FrameSplitter::Aws(cutter) => cutter.take(bytes),
        }
    }
}

/// Decodes the events of one stream, in order.
pub(super) struct Reader {
    pub adapter: Arc<dyn Adapter>,
    halves: SurrogateJoiner,
}

impl Reader {
    /// Decodes the data of one event. Some servers write several events into one line; then each is decoded by itself.
    fn read_all(&mut self, name: &str, data: &[u8]) -> Batch {
        let mut batch = self.read(name, &text(data));
        let mut rest = data;
        if batch.failure.is_none() || end_of_first(rest).is_none() {
            return batch;
        }
        batch = Batch::default();
        while let (None, false) = (&batch.failure, rest.trim_ascii().is_empty()) {
            let (one, left) = rest.split_at(end_of_first(rest).unwrap_or(rest.len()));
            let next = self.read(name, &text(one));
            batch.deltas.extend(next.deltas);
            batch.last |= next.last;
            batch.failure = next.failure;
            let left = left.trim_ascii_start();
            rest = left.strip_prefix(b"data:").unwrap_or(left);
        }
        batch
    }

    /// Decodes one event.
    pub fn read(&mut self, name: &str, data: &str) -> Batch {
        let mut deltas = Vec::new();
        let marked = surrogates::marked(data);
        let mut failure = self.adapter.event(name, &marked, &mut deltas).err();
        if failure.is_some() && matches!(marked, Cow::Owned(_)) {
            // An error message gets no other half of a surrogate.
            let mended = surrogates::repair(data);
            failure = self.adapter.event(name, &mended, &mut Vec::new()).err();
        }
        if matches!(marked, Cow::Owned(_)) || !self.halves.is_empty() {
            self.halves.join(&mut deltas);
        }
        Batch {
            raw: None,
            deltas,
            last: data.trim() == "[DONE]" || END_EVENTS.contains(&name),
            answer: None,
            failure,
        }
    }
}

/// Bytes as text. The strict conversion is the fast one, and nearly all servers send valid UTF-8.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}
