//! A streamed answer: [`ReplyStream`].

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use futures_util::stream::{Stream, StreamExt};
use tokio::sync::mpsc;

use super::Chat;
use crate::call::{Event, EventSink};
use anymodel_types::{Error, ErrorKind, Reply, Result, words};

/// The most events that wait for a slow caller.
const AHEAD: usize = 64;

/// Reply stream: a streamed answer. Made by [`Chat::stream`].
///
/// It is a [`Stream`] of `Result<Event>`, and [`next`](Self::next) needs no import. The last event is
/// [`Event::Finished`] with the whole answer, or an error; a text that broke off is never passed off as whole. It does
/// nothing unless it is polled, and dropping it cancels the request.
#[must_use = "a stream does nothing until its events are asked for"]
pub struct ReplyStream {
    state: StreamState,
}

enum StreamState {
    /// Not asked yet.
    Ready(Box<Chat>),
    /// The call, and the events that it has sent.
    Running(
        BoxFuture<'static, Result<Reply>>,
        mpsc::Receiver<Result<Event>>,
    ),
    /// The call is over; its last event comes after those that wait.
    Over(Option<Result<Event>>, mpsc::Receiver<Result<Event>>),
    Done,
}

impl ReplyStream {
    pub(super) fn new(chat: Chat) -> Self {
        ReplyStream {
            state: StreamState::Ready(Box::new(chat)),
        }
    }

    /// The next event; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<Event>> {
        StreamExt::next(self).await
    }

    /// Waits for the whole answer. A stream that breaks begins anew, with the next model if there is one.
    ///
    /// The answer is that of [`Chat::send`]. The difference is that silence is noticed between two words, and that a long
    /// answer may take long.
    ///
    /// # Errors
    /// When no model gives a whole answer. The error carries the trail, and the text of the last answer that broke.
    pub async fn final_reply(mut self) -> Result<Reply> {
        if let StreamState::Ready(chat) = self.state {
            self.state = StreamState::Ready(Box::new(chat.restart_on_break()));
        }
        while let Some(event) = self.next().await {
            if let Event::Finished(reply) = event? {
                return Ok(*reply);
            }
        }
        Err(Error::new(
            ErrorKind::BrokenStream,
            words::requests().stream_was_over_before(),
        ))
    }
}

impl Stream for ReplyStream {
    type Item = Result<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match std::mem::replace(&mut self.state, StreamState::Done) {
                StreamState::Ready(chat) => {
                    let (sender, events) = mpsc::channel(AHEAD);
                    let live = EventSink::new(sender, chat.restarts());
                    self.state = StreamState::Running(Box::pin(chat.run_live(live)), events);
                }
                // Events that wait are returned first: producing an event takes longer than returning one.
                StreamState::Running(call, mut events) if !events.is_empty() => {
                    let next = events.poll_recv(context);
                    self.state = StreamState::Running(call, events);
                    return next;
                }
                StreamState::Running(mut call, mut events) => match call.as_mut().poll(context) {
                    Poll::Ready(result) => {
                        let last = result.map(|reply| Event::Finished(Box::new(reply)));
                        self.state = StreamState::Over(Some(last), events);
                    }
                    Poll::Pending => {
                        let next = events.poll_recv(context);
                        self.state = StreamState::Running(call, events);
                        return next;
                    }
                },
                StreamState::Over(last, mut events) => match events.try_recv() {
                    Ok(event) => {
                        self.state = StreamState::Over(last, events);
                        return Poll::Ready(Some(event));
                    }
                    Err(_) => return Poll::Ready(last),
                },
                StreamState::Done => return Poll::Ready(None),
            }
        }
    }
}

impl fmt::Debug for ReplyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyStream")
    }
}
