//! The stdin channel: input requests of a cell to the learner.

use std::sync::{Arc, Mutex, PoisonError};

use jupyter_protocol::{InputRequest, JupyterMessage, JupyterMessageContent, ReplyStatus};
use tokio::sync::{oneshot, watch};

use super::wire::{ChannelReader, ChannelSender, answer, report};

/// A handle of the stdin channel; clones share the channel.
#[derive(Clone)]
pub(super) struct Stdin {
    sender: ChannelSender,
    /// The request that waits for its answer.
    waiting: Arc<Mutex<Option<StdinRequest>>>,
    /// Held by the one request that may be shown.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// An input request that is shown.
struct StdinRequest {
    /// The id of the request's message.
    id: String,
    answer: oneshot::Sender<String>,
}

impl Stdin {
    pub(super) fn new(sender: ChannelSender) -> Stdin {
        Stdin {
            sender,
            waiting: Arc::default(),
            turn: Arc::default(),
        }
    }

    /// Asks for input, and sends the answer to `reply`.
    ///
    /// `reply` is dropped without an answer when the client is not listening, when an interrupt
    /// comes, and when the asking cell is gone.
    pub(super) async fn ask(
        self,
        question: InputRequest,
        parent: JupyterMessage,
        mut reply: oneshot::Sender<String>,
        mut interrupts: watch::Receiver<u64>,
    ) {
        let asked = async {
            let _turn = self.turn.lock().await;
            let message = answer(question, Some(&parent));
            let (give, given) = oneshot::channel();
            *self.waiting() = Some(StdinRequest {
                id: message.header.msg_id.clone(),
                answer: give,
            });
            if !self.sender.send(message).await {
                return None;
            }
            given.await.ok()
        };
        let text = tokio::select! {
            text = asked => text,
            _ = interrupts.changed() => None,
            () = reply.closed() => None,
        };
        if let Some(text) = text {
            // It fails when the cell ended meanwhile.
            let _ = reply.send(text);
        }
    }

    /// Receives answers until the task is dropped.
    pub(super) async fn serve(self, mut reader: ChannelReader) {
        loop {
            let message = reader.next().await;
            let JupyterMessageContent::InputReply(reply) = message.content else {
                let kind = message.header.msg_type;
                report(
                    "stdin",
                    &format!("{kind} is ignored: only input_reply is known here"),
                );
                continue;
            };
            // Some clients do not name the request that they answer. A late answer to one request is
            // not the answer to the next.
            let answered = message.parent_header.map(|header| header.msg_id);
            let mut waiting = self.waiting();
            let fits = waiting
                .as_ref()
                .is_some_and(|question| answered.as_ref().is_none_or(|id| *id == question.id));
            if fits
                && let Some(question) = waiting.take()
                && reply.status == ReplyStatus::Ok
            {
                let _ = question.answer.send(reply.value);
            }
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Option<StdinRequest>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
