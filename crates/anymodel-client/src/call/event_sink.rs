//! Event sink: the events that the caller of a stream receives.

use std::mem;

use bytes::Bytes;
use rust_decimal::Decimal;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::accumulator::Accumulator;
use anymodel_providers::{Answer, RawFrame, StreamDelta};
use anymodel_types::{ErrorKind, Reply, Result, Usage};

/// An event of a streamed answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// An answer begins. Until now the call may have moved from model to model; from here on a move is an event.
    Started {
        /// The model that answers, or the model that was asked until the answer has named one.
        model: String,
        /// The platform of the model.
        platform: String,
    },
    /// A delta of the text.
    Text(String),
    /// A delta of the reasoning that comes before the answer.
    Reasoning(String),
    /// A delta of a tool call; deltas with the same index belong together.
    ToolCall {
        /// The index of the call; `None` is a whole call by itself.
        index: Option<usize>,
        /// The call's id, sent once.
        id: Option<String>,
        /// The function, sent once.
        name: Option<String>,
        /// A delta of the JSON text of its arguments.
        arguments: String,
    },
    /// Tokens and US dollars, as the platform reported them.
    Usage {
        /// Tokens.
        usage: Usage,
        /// US dollars.
        cost: Option<Decimal>,
    },
    /// The stream broke and begins anew, perhaps with another model: what came so far is void. Only sent to callers that
    /// asked for it by [`Chat::restart_on_break`](crate::Chat::restart_on_break).
    Restarted {
        /// The model that answers now.
        model: String,
        /// The platform of the model.
        platform: String,
        /// Why the earlier stream broke.
        reason: ErrorKind,
    },
    /// One event of the stream as it was received, all its bytes through its blank line; comments and the end marker
    /// (`data: [DONE]`), too. Only sent to callers that sent [their own JSON](crate::Chat::raw), where the platform speaks
    /// its API. It comes before the events that were read out of it.
    Raw(Bytes),
    /// The answer is complete.
    Finished(Box<Reply>),
}

/// Sends events to the caller of a stream.
#[derive(Debug)]
pub(crate) struct EventSink {
    events: mpsc::Sender<Result<Event>>,
    /// Whether a stream that broke may begin anew.
    restart: bool,
    /// Whether a part of the present answer was sent.
    given: bool,
    /// The text that was sent of an answer that broke.
    partial: Option<String>,
    broke: Option<ErrorKind>,
    /// The bytes of a stream that is passed through. Boxed, because other streams have none.
    raw: Option<Box<HeldFrames>>,
}

/// The frames of a raw stream that the caller does not have yet.
///
/// Before the first content another model may be tried, so frames wait for it. The end marker waits until the answer is
/// proven to be whole: after a break there is none.
#[derive(Debug, Default)]
struct HeldFrames {
    frames: Vec<Bytes>,
    /// Whether the end marker, or bytes after which no more come, is among them.
    ends: bool,
}

impl EventSink {
    pub fn new(events: mpsc::Sender<Result<Event>>, restart: bool) -> Self {
        EventSink {
            events,
            restart,
            given: false,
            partial: None,
            broke: None,
            raw: None,
        }
    }

    /// Whether the caller has text that may not be taken back.
    pub(super) fn gave_final_words(&self) -> bool {
        !self.restart && self.broke.is_some()
    }

    /// The text of the answer that broke.
    pub(super) fn partial(&self) -> Option<String> {
        self.partial.clone()
    }

    /// Passes a delta on. `asked` and `platform` name the model that answers.
    pub(super) async fn give(
        &mut self,
        delta: StreamDelta,
        assembly: &Accumulator,
        asked: &str,
        platform: &str,
    ) {
        let event = match delta {
            StreamDelta::Text(text) => Some(Event::Text(text)),
            StreamDelta::Reasoning(text) => Some(Event::Reasoning(text)),
            StreamDelta::ToolCall {
                index,
                id,
                name,
                arguments,
                ..
            } => Some(Event::ToolCall {
                index,
                id,
                name,
                arguments,
            }),
            // The caller of a raw stream reads these out of its bytes.
            StreamDelta::Refusal(_) | StreamDelta::Media if self.raw.is_some() => None,
            _ => return,
        };
        if let Some(beginning) = self.beginning(assembly.model().unwrap_or(asked), platform) {
            self.send(beginning).await;
            if self.raw.is_some() {
                // Boxed so that the future of every other stream stays small.
                Box::pin(self.send_frames()).await;
            }
        }
        if let Some(event) = event {
            self.send(event).await;
        }
    }

    /// The event with which an answer begins; `None` when it has begun.
    fn beginning(&mut self, model: &str, platform: &str) -> Option<Event> {
        if mem::replace(&mut self.given, true) {
            return None;
        }
        let (model, platform) = (model.to_owned(), platform.to_owned());
        Some(match self.broke.take() {
            Some(reason) => Event::Restarted {
                model,
                platform,
                reason,
            },
            None => Event::Started { model, platform },
        })
    }

    /// Takes a frame of a raw stream. `is_last` means the end marker. Returns whether frames are to be
    /// [sent](Self::send_frames) now.
    pub(super) fn take_frame(&mut self, frame: RawFrame, is_last: bool) -> bool {
        let raw = self.raw.get_or_insert_default();
        raw.ends |= is_last || !frame.is_whole;
        if !self.given || raw.ends {
            raw.frames.push(frame.bytes);
            return false;
        }
        // Nearly always the caller has room for it, and nothing has to wait.
        match self.events.try_send(Ok(Event::Raw(frame.bytes))) {
            Err(TrySendError::Full(Ok(Event::Raw(bytes)))) => {
                raw.frames.push(bytes);
                true
            }
            _ => false,
        }
    }

    /// Whether the stream is passed through.
    pub(super) fn is_raw(&self) -> bool {
        self.raw.is_some()
    }

    /// Ends an answer that is proven to be whole: all frames of a raw stream, tokens and cost.
    pub(super) async fn finish(&mut self, answer: &Answer, asked: &str, platform: &str) {
        if self.raw.is_some() {
            let model = answer.model.as_deref().unwrap_or(asked);
            // Boxed so that the future of every other stream stays small.
            Box::pin(self.finish_frames(model, platform)).await;
        }
        self.give_usage(answer.usage, answer.cost).await;
    }

    async fn finish_frames(&mut self, model: &str, platform: &str) {
        if let Some(beginning) = self.beginning(model, platform) {
            self.send(beginning).await;
        }
        if let Some(raw) = &mut self.raw {
            raw.ends = false;
        }
        self.send_frames().await;
    }

    /// Sends the frames that waited, unless the end is among them.
    pub(super) async fn send_frames(&mut self) {
        let Some(raw) = self.raw.as_mut().filter(|raw| !raw.ends) else {
            return;
        };
        for frame in mem::take(&mut raw.frames) {
            self.send(Event::Raw(frame)).await;
        }
    }

    /// Replays a complete answer as a stream.
    pub(crate) async fn play(&mut self, reply: &Reply) {
        self.send(Event::Started {
            model: reply.model.clone(),
            platform: reply.platform.clone(),
        })
        .await;
        if let Some(thoughts) = &reply.reasoning {
            self.send(Event::Reasoning(thoughts.clone())).await;
        }
        for piece in pieces(&reply.text) {
            self.send(Event::Text(piece.to_owned())).await;
        }
        self.give_usage(reply.usage, reply.cost).await;
    }

    /// Sends tokens and cost at the end of an answer.
    pub(super) async fn give_usage(&mut self, usage: Option<Usage>, cost: Option<Decimal>) {
        if let Some(usage) = usage {
            self.send(Event::Usage { usage, cost }).await;
        }
    }

    /// The present answer broke.
    pub(super) fn break_off(&mut self, why: ErrorKind, text: &str) {
        self.raw = None;
        if self.given {
            self.given = false;
            self.broke = Some(why);
            self.partial = Some(text.to_owned());
        }
    }

    /// Sends an event. The last one is sent by the caller of this type. Without a receiver the call is about to be dropped.
    async fn send(&self, event: Event) {
        let _ = self.events.send(Ok(event)).await;
    }
}

/// Splits a text into deltas of the usual size: words, or a few characters where there are no spaces.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    const LONGEST: usize = 24;
    let mut rest = text;
    std::iter::from_fn(move || {
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        // The space belongs to the word before it.
        let space = rest[word..].chars().next().map_or(0, char::len_utf8);
        let end = match word <= LONGEST {
            true => word + space,
            false => rest.floor_char_boundary(LONGEST),
        };
        let (piece, left) = rest.split_at(end);
        rest = left;
        (!piece.is_empty()).then_some(piece)
    })
}
