//! Output of cells: the engine's events become messages to the front end.
//!
//! The events come in one queue, in the order in which they happened, and leave in that
//! order. Text is collected: pieces that follow each other within [`PAUSE`] become one message, so
//! ten megabytes of output are some hundred messages and not a million. Consecutive updates
//! of one display are merged too: only the last one would be visible.
//!
//! A thread that a cell left behind may send events after the cell ended. They belong to that cell
//! until the next one begins.

use std::sync::Arc;
use std::time::Duration;

use jupyter_protocol::{
    ClearOutput, ExecutionCount, InputRequest, JupyterMessage, JupyterMessageContent, Stdio,
    StreamContent, UnknownMessage,
};
use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::kernel_state::KernelState;
use super::stdin::Stdin;
use crate::cells::{CellEvent, EventSender};

/// How long a piece of text may wait for the next one.
const PAUSE: Duration = Duration::from_millis(20);
/// Collected text of this many bytes is sent at once.
const ENOUGH: usize = 64 * 1024;

/// The cell that the output belongs to.
pub(super) struct OutputContext {
    /// The request that started the cell.
    pub(super) request: JupyterMessage,
    /// Its execution count.
    pub(super) count: usize,
    /// Nothing that it shows is published.
    pub(super) silent: bool,
    /// It may ask for input.
    pub(super) may_ask: bool,
}

/// The number of events that may wait. When the queue is full the cell waits too, so memory does not grow.
const WAITING: usize = 64;

/// The output channel of a session.
pub(super) struct OutputChannel {
    /// The sender for the engine's events.
    pub(super) events: EventSender,
    orders: mpsc::Sender<OutputMessage>,
}

enum OutputMessage {
    Begin(Box<OutputContext>, oneshot::Sender<()>),
    Finish(oneshot::Sender<Option<String>>),
}

/// Creates the output channel of a session, and the task that serves it.
pub(super) fn open(
    session: Arc<KernelState>,
    stdin: Stdin,
) -> (OutputChannel, impl Future<Output = ()>) {
    let (events, received) = mpsc::channel(WAITING);
    let (orders, ordered) = mpsc::channel(1);
    let pump = Pump {
        session,
        stdin,
        cell: None,
        pending: None,
        result: None,
        questions: JoinSet::new(),
    };
    (
        OutputChannel { events, orders },
        pump.serve(received, ordered),
    )
}

impl OutputChannel {
    /// Assigns all following output to this cell.
    pub(super) async fn begin(&self, cell: OutputContext) {
        let (done, is_done) = oneshot::channel();
        if self
            .orders
            .send(OutputMessage::Begin(Box::new(cell), done))
            .await
            .is_ok()
        {
            let _ = is_done.await;
        }
    }

    /// Waits until all events so far are sent, and returns the text of the cell's result.
    pub(super) async fn finish(&self) -> Option<String> {
        let (done, is_done) = oneshot::channel();
        self.orders.send(OutputMessage::Finish(done)).await.ok()?;
        is_done.await.ok()?
    }
}

/// Content that may still grow or change before it is sent.
struct Pending {
    content: OutputContent,
    due: Instant,
}

enum OutputContent {
    Text(Stdio, String),
    Update(String, Map<String, Value>),
}

struct Pump {
    session: Arc<KernelState>,
    stdin: Stdin,
    cell: Option<OutputContext>,
    pending: Option<Pending>,
    result: Option<String>,
    questions: JoinSet<()>,
}

impl Pump {
    async fn serve(
        mut self,
        mut received: mpsc::Receiver<CellEvent>,
        mut ordered: mpsc::Receiver<OutputMessage>,
    ) {
        loop {
            let due = self.pending.as_ref().map(|pending| pending.due);
            tokio::select! {
                biased;
                order = ordered.recv() => {
                    let Some(order) = order else { return };
                    // Events that are queued before this order belong to the cell before it. They are counted, because
                    // a thread that prints without end must not delay the next cell.
                    for _ in 0..received.len() {
                        if let Ok(event) = received.try_recv() {
                            self.take(event).await;
                        }
                    }
                    self.flush().await;
                    self.obey(order);
                }
                Some(event) = received.recv() => self.take(event).await,
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.flush().await;
                }
            }
        }
    }

    fn obey(&mut self, order: OutputMessage) {
        // At the kernel's end no task waits for these.
        match order {
            OutputMessage::Begin(cell, done) => {
                self.cell = Some(*cell);
                let _ = done.send(());
            }
            OutputMessage::Finish(done) => {
                self.questions.abort_all();
                while self.questions.try_join_next().is_some() {}
                let _ = done.send(self.result.take());
            }
        }
    }

    async fn take(&mut self, event: CellEvent) {
        match event {
            CellEvent::Stdout(text) => self.collect(OutputContent::Text(Stdio::Stdout, text)).await,
            CellEvent::Stderr(text) => self.collect(OutputContent::Text(Stdio::Stderr, text)).await,
            CellEvent::Update { data, id } => self.collect(OutputContent::Update(id, data)).await,
            CellEvent::Display { data, id } => {
                self.flush().await;
                self.show(rich("display_data", data, id.as_deref(), None))
                    .await;
            }
            CellEvent::Result(data) => {
                self.flush().await;
                self.result = data
                    .get("text/plain")
                    .and_then(Value::as_str)
                    .map(str::to_owned);
                let count = self.cell.as_ref().map(|cell| ExecutionCount(cell.count));
                self.show(rich("execute_result", data, None, count)).await;
            }
            CellEvent::Clear { wait } => {
                self.flush().await;
                self.show(ClearOutput { wait }).await;
            }
            CellEvent::Input {
                prompt,
                password,
                reply,
            } => {
                self.flush().await;
                // Without a cell that may ask, `reply` is dropped: no client can answer.
                if let Some(cell) = self.cell.as_ref().filter(|cell| cell.may_ask) {
                    let question = InputRequest { prompt, password };
                    let (parent, interrupts) = (cell.request.clone(), self.session.interrupts());
                    let asking = self.stdin.clone().ask(question, parent, reply, interrupts);
                    self.questions.spawn(asking);
                }
            }
        }
    }

    /// Adds to the pending content when the kinds are equal; otherwise sends that first.
    async fn collect(&mut self, new: OutputContent) {
        let new = match (
            self.pending.as_mut().map(|pending| &mut pending.content),
            new,
        ) {
            (
                Some(OutputContent::Text(Stdio::Stdout, text)),
                OutputContent::Text(Stdio::Stdout, more),
            )
            | (
                Some(OutputContent::Text(Stdio::Stderr, text)),
                OutputContent::Text(Stdio::Stderr, more),
            ) => {
                text.push_str(&more);
                None
            }
            (Some(OutputContent::Update(id, data)), OutputContent::Update(same, newer))
                if *id == same =>
            {
                *data = newer;
                None
            }
            (_, other) => Some(other),
        };
        if let Some(content) = new {
            self.flush().await;
            let due = Instant::now() + PAUSE;
            self.pending = Some(Pending { content, due });
        }
        let is_enough = self.pending.as_ref().is_some_and(|pending| {
            let is_long =
                matches!(&pending.content, OutputContent::Text(_, text) if text.len() >= ENOUGH);
            is_long || Instant::now() >= pending.due
        });
        if is_enough {
            self.flush().await;
        }
    }

    /// Sends the pending content.
    async fn flush(&mut self) {
        match self.pending.take().map(|pending| pending.content) {
            Some(OutputContent::Text(name, text)) => self.show(StreamContent { name, text }).await,
            Some(OutputContent::Update(id, data)) => {
                self.show(rich("update_display_data", data, Some(&id), None))
                    .await;
            }
            None => {}
        }
    }

    async fn show(&self, content: impl Into<JupyterMessageContent>) {
        if self.cell.as_ref().is_none_or(|cell| !cell.silent) {
            let parent = self.cell.as_ref().map(|cell| &cell.request);
            self.session.iopub.publish(content, parent).await;
        }
    }
}

/// A message with content by MIME type.
///
/// It is built here because the typed messages sort the content into the MIME types they
/// know, and refuse a value that is not what they expect. A cell may show any type.
fn rich(
    msg_type: &str,
    data: Map<String, Value>,
    id: Option<&str>,
    count: Option<ExecutionCount>,
) -> UnknownMessage {
    let transient = id.map_or(json!({}), |id| json!({ "display_id": id }));
    let mut content = json!({ "data": data, "metadata": {}, "transient": transient });
    if let Some(count) = count {
        content["execution_count"] = count.into();
    }
    UnknownMessage {
        msg_type: msg_type.to_owned(),
        content,
    }
}
