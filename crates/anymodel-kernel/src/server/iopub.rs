//! The IOPub channel: states and outputs for all clients, in one order.
//!
//! One task owns the socket. All other tasks send it messages through a short queue, so a client
//! that reads slowly slows the output down instead of filling the memory. A client that stopped
//! reading must not stop the kernel: after a timeout, messages are dropped until it reads or
//! disconnects. The socket serves its clients one after the other, so the next ones miss these messages too.
//! The other socket type would keep a hundred thousand messages for each client instead.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jupyter_protocol::{IoPubWelcome, JupyterMessage, JupyterMessageContent, Status};
use jupyter_zmq_client::{KernelIoPubXPubConnection, SubscriptionEvent};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::wire::{answer, report};

/// How many messages may wait for the socket.
const WAITING: usize = 16;
/// The timeout of a client for one message.
const PATIENCE: Duration = Duration::from_secs(10);
/// The timeout for a client that exceeded the first one.
const NO_PATIENCE: Duration = Duration::from_millis(20);

/// A handle that sends messages to the channel; clones share the channel.
#[derive(Clone)]
pub(super) struct Iopub {
    messages: mpsc::Sender<JupyterMessage>,
    /// The request whose cell runs now.
    running: Arc<Mutex<Option<JupyterMessage>>>,
}

/// Creates the channel, and the task that serves it until every handle is dropped.
pub(super) fn open(connection: KernelIoPubXPubConnection) -> (Iopub, impl Future<Output = ()>) {
    let (messages, waiting) = mpsc::channel(WAITING);
    let handle = Iopub {
        messages,
        running: Arc::default(),
    };
    (handle, serve(connection, waiting))
}

impl Iopub {
    /// Publishes `content` with the parent message `parent`.
    pub(super) async fn publish(
        &self,
        content: impl Into<JupyterMessageContent>,
        parent: Option<&JupyterMessage>,
    ) {
        let mut message = answer(content, parent);
        // The first frame of a published message is its topic, not a peer.
        message.zmq_identities = vec![format!("kernel.{}", message.header.msg_type).into()];
        // It fails only when the kernel ends.
        let _ = self.messages.send(message).await;
    }

    /// Publishes the state *busy*: work on a request began.
    pub(super) async fn busy(&self, request: &JupyterMessage) {
        self.publish(Status::busy(), Some(request)).await;
    }

    /// Publishes the state *idle*: work on a request ended.
    ///
    /// Clients take the last state for the state of the kernel. So when a cell is still running,
    /// *busy* is published again.
    pub(super) async fn idle(&self, request: &JupyterMessage) {
        self.publish(Status::idle(), Some(request)).await;
        let running = self.running().clone();
        if let Some(cell) = running {
            self.busy(&cell).await;
        }
    }

    /// Stores which cell runs now.
    pub(super) fn set_running(&self, cell: Option<JupyterMessage>) {
        *self.running() = cell;
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<JupyterMessage>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(
    mut connection: KernelIoPubXPubConnection,
    mut waiting: mpsc::Receiver<JupyterMessage>,
) {
    let mut patience = PATIENCE;
    loop {
        let message = tokio::select! {
            message = waiting.recv() => match message {
                Some(message) => message,
                None => return,
            },
            subscription = connection.recv_subscription() => match subscription {
                // Tells the client that it misses nothing from now on (Jupyter's proposal 65).
                Ok(SubscriptionEvent::Subscribe(topic)) => answer(IoPubWelcome::new(topic), None),
                Ok(SubscriptionEvent::Unsubscribe(_)) => continue,
                Err(error) => {
                    report("iopub", &format!("a client is gone: {error}"));
                    continue;
                }
            },
        };
        match timeout(patience, connection.send(message)).await {
            Ok(Ok(())) => patience = PATIENCE,
            Ok(Err(error)) => report("iopub", &format!("a message cannot be sent: {error}")),
            Err(_) if patience == PATIENCE => {
                report(
                    "iopub",
                    "a client does not read; messages are dropped until it does or goes",
                );
                patience = NO_PATIENCE;
            }
            Err(_) => {}
        }
    }
}
