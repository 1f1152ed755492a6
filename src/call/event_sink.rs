//! What the caller of a stream sees of it.

use rust_decimal::Decimal;
use tokio::sync::mpsc;

use super::accumulator::Accumulator;
use crate::chat::Reply;
use crate::error::Result;
use crate::failure::ErrorKind;
use crate::platform::StreamDelta;
use crate::usage::Usage;

/// One step of a streamed answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// An answer begins: who gives it. Until now the call may have moved from model to model; from here on a move is told.
    Started {
        /// The model that answers, or the one that was asked while it has not said its name.
        model: String,
        /// Who serves it.
        platform: String,
    },
    /// More text.
    Text(String),
    /// More of what the model thinks before it answers.
    Reasoning(String),
    /// More of a call of a function; pieces with the same index belong together.
    ToolCall {
        /// Which call; `None` is a whole call by itself.
        index: Option<usize>,
        /// Its number, once.
        id: Option<String>,
        /// The function, once.
        name: Option<String>,
        /// More of the JSON text of its arguments.
        arguments: String,
    },
    /// Tokens and US dollars, as the platform reported them.
    Usage {
        /// Tokens.
        usage: Usage,
        /// US dollars.
        cost: Option<Decimal>,
    },
    /// The stream broke and begins anew, perhaps with another model: what came so far is void. Only sent to callers who
    /// asked for it by [`Chat::restart_on_break`](crate::Chat::restart_on_break).
    Restarted {
        /// Who answers now.
        model: String,
        /// Who serves it.
        platform: String,
        /// Why the earlier one broke.
        reason: ErrorKind,
    },
    /// The answer is whole.
    Finished(Box<Reply>),
}

/// The way to the one who watches.
#[derive(Debug)]
pub(crate) struct EventSink {
    events: mpsc::Sender<Result<Event>>,
    /// Whether a stream that broke may begin anew.
    restart: bool,
    /// Whether something of the present answer was given.
    given: bool,
    /// What was given of an answer that broke.
    partial: Option<String>,
    broke: Option<ErrorKind>,
}

impl EventSink {
    pub fn new(events: mpsc::Sender<Result<Event>>, restart: bool) -> Self {
        EventSink {
            events,
            restart,
            given: false,
            partial: None,
            broke: None,
        }
    }

    /// Whether the caller has words that may not be taken back.
    pub(super) fn gave_final_words(&self) -> bool {
        !self.restart && self.broke.is_some()
    }

    /// The text of the answer that broke.
    pub(super) fn partial(&self) -> Option<String> {
        self.partial.clone()
    }

    /// Passes a piece on. `asked` and `platform` name who answers.
    pub(super) async fn give(
        &mut self,
        piece: StreamDelta,
        assembly: &Accumulator,
        asked: &str,
        platform: &str,
    ) {
        let event = match piece {
            StreamDelta::Text(text) => Event::Text(text),
            StreamDelta::Reasoning(text) => Event::Reasoning(text),
            StreamDelta::ToolCall {
                index,
                id,
                name,
                arguments,
                ..
            } => Event::ToolCall {
                index,
                id,
                name,
                arguments,
            },
            _ => return,
        };
        if !self.given {
            self.given = true;
            let model = assembly.model().unwrap_or(asked).to_owned();
            let platform = platform.to_owned();
            let beginning = match self.broke.take() {
                Some(reason) => Event::Restarted {
                    model,
                    platform,
                    reason,
                },
                None => Event::Started { model, platform },
            };
            self.send(beginning).await;
        }
        self.send(event).await;
    }

    /// Plays an answer that is whole already, as if it came now.
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

    /// Tells of tokens and money at the end of an answer.
    pub(super) async fn give_usage(&mut self, usage: Option<Usage>, cost: Option<Decimal>) {
        if let Some(usage) = usage {
            self.send(Event::Usage { usage, cost }).await;
        }
    }

    /// The present answer broke.
    pub(super) fn break_off(&mut self, why: ErrorKind, text: &str) {
        if self.given {
            self.given = false;
            self.broke = Some(why);
            self.partial = Some(text.to_owned());
        }
    }

    /// The last event is the caller's to send; nobody may be listening any more, and then the call is about to be dropped.
    async fn send(&self, event: Event) {
        let _ = self.events.send(Ok(event)).await;
    }
}

/// A text in about the pieces in which models send theirs: words, and a few characters where there are no spaces.
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
