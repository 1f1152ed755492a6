//! Bytes → events, each read by the adapter into pieces.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::stream::{BoxStream, Stream};

use super::Batch;
#[cfg(feature = "bedrock")]
use super::aws_frames;
use super::content_sniffer::{ContentSniffer, Look};
use super::json_extent::end_of_first;
use super::line::Lines;
use super::sse::Sse;
use crate::failure::ErrorKind;
use crate::platform::completeness::check_complete;
use crate::platform::surrogates::{self, Halves};
use crate::platform::{Adapter, Framing, PlatformError, error_response};

/// A body as it comes; an error says why no more of it comes.
pub(super) type Bytes = BoxStream<'static, Result<Vec<u8>, String>>;

/// The events of a body, as they come: one batch each, and an empty one when bytes came that are no whole event yet.
pub(crate) struct Events {
    /// The beginning, until it is known to be of events.
    opening: Option<ContentSniffer>,
    body: Bytes,
    /// Nothing more comes from the body.
    is_over: bool,
    cutter: FrameSplitter,
    reader: Reader,
    /// What is told when all events are.
    last: Option<Box<PlatformError>>,
    is_told: bool,
}

impl Events {
    /// Cuts a body into events as the adapter says. What came of it already is in its opening.
    pub(super) fn new(adapter: Arc<dyn Adapter>, opening: ContentSniffer, body: Bytes) -> Self {
        #[cfg_attr(
            feature = "bedrock",
            expect(unused_mut, reason = "set where AWS's frames cannot be read")
        )]
        let mut last = None;
        let cutter = match adapter.framing() {
            Framing::Sse => FrameSplitter::Sse(Sse::default()),
            Framing::Lines => FrameSplitter::Lines(Lines::default()),
            #[cfg(feature = "bedrock")]
            Framing::AwsEventStream => FrameSplitter::Aws(aws_frames::AwsFrameSplitter::default()),
            #[cfg(not(feature = "bedrock"))]
            Framing::AwsEventStream => {
                last = Some(Box::new(PlatformError::new(
                    ErrorKind::Config,
                    "this program was built without anymodel's feature `bedrock`, which reads this stream",
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
                halves: Halves::default(),
            },
            last,
            is_told: false,
        }
    }

    /// Takes more bytes, and looks what they are while that is not known.
    fn take(&mut self, bytes: Vec<u8>) {
        match &mut self.opening {
            None => self.cutter.take(&bytes),
            Some(opening) => {
                opening.add(bytes);
                if opening.look(false) == Look::Events {
                    self.begin();
                }
            }
        }
    }

    /// What came are events.
    fn begin(&mut self) {
        if let Some(opening) = self.opening.take() {
            self.cutter.take(&opening.bytes);
        }
    }

    /// Some servers send one JSON value where events were to come, and leave the connection open.
    fn whole_by_now(&mut self) -> Option<Batch> {
        let opening = self.opening.as_mut()?;
        if !opening.may_stay_open() || opening.look(false) != Look::OneValue {
            return None;
        }
        let text = text(opening.all());
        let adapter = &self.reader.adapter;
        let is_all = match adapter.answer(&text).and_then(check_complete) {
            Ok(answer) => answer.finish_reason.is_some(),
            // The first of several events is no answer, either.
            Err(_) => adapter.event("", &text, &mut Vec::new()).is_err(),
        };
        is_all.then(|| self.all_of_it()).flatten()
    }

    /// Reads what came as one answer.
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

    /// The next event of the bytes that came already.
    pub fn cut(&mut self) -> Option<Batch> {
        if self.opening.is_some() {
            return None;
        }
        let reader = &mut self.reader;
        match &mut self.cutter {
            FrameSplitter::Sse(sse) => {
                let (name, data) = sse.next()?;
                Some(reader.read_all(name, data))
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

    /// Nothing more comes; `why` when the connection broke.
    fn end(&mut self, why: Option<String>) {
        self.is_over = true;
        if self
            .opening
            .as_mut()
            .is_some_and(|opening| opening.look(true) == Look::Events)
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

    /// What is left to tell when all events are.
    fn rest(&mut self) -> Option<Batch> {
        if std::mem::replace(&mut self.is_told, true) {
            return None;
        }
        // What broke off is no answer, even if it looks like one.
        if self.last.is_none() && self.opening.is_some() {
            return self.all_of_it();
        }
        let strange = match &self.cutter {
            FrameSplitter::Sse(sse) => sse.strange().map(|text| (text, sse.had_any())),
            _ => None,
        };
        let strange = strange.map(|(text, had_any)| {
            let what = format!("the server sent {}", error_response::not_json(text));
            Box::new(match had_any {
                true => PlatformError::new(
                    ErrorKind::BrokenStream,
                    format!("the stream broke off, and {what}"),
                ),
                false => PlatformError::bad_reply(what),
            })
        });
        Some(Batch {
            pieces: self.reader.halves.give_up(),
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
                    // Bytes that end no event are told, too: reading them takes time, which somebody has to look at.
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

/// How events are cut out of bytes.
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

/// Reads the events of one stream, in their order.
pub(super) struct Reader {
    pub adapter: Arc<dyn Adapter>,
    halves: Halves,
}

impl Reader {
    /// Reads the data of one event. Some servers write several events into one line, and then each is read by itself.
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
            batch.pieces.extend(next.pieces);
            batch.last |= next.last;
            batch.failure = next.failure;
            let left = left.trim_ascii_start();
            rest = left.strip_prefix(b"data:").unwrap_or(left);
        }
        batch
    }

    /// Reads one event.
    pub fn read(&mut self, name: &str, data: &str) -> Batch {
        let mut pieces = Vec::new();
        let marked = surrogates::marked(data);
        let mut failure = self.adapter.event(name, &marked, &mut pieces).err();
        if failure.is_some() && matches!(marked, Cow::Owned(_)) {
            // No other half will come to what an error says.
            let mended = surrogates::repair(data);
            failure = self.adapter.event(name, &mended, &mut Vec::new()).err();
        }
        if matches!(marked, Cow::Owned(_)) || !self.halves.is_empty() {
            self.halves.join(&mut pieces);
        }
        Batch {
            pieces,
            // OpenAI's word, and Anthropic's.
            last: data.trim() == "[DONE]" || name == "message_stop",
            answer: None,
            failure,
        }
    }
}

/// The strict reading is the fast one, and what nearly all servers send.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}
