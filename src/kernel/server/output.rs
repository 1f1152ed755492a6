//! What cells show, on its way to the page.
//!
//! The engine's events come in one queue, in the order in which things happened, and leave in that
//! order. Text is collected: pieces that follow each other within [`PAUSE`] become one message, so
//! that ten megabytes of output are some hundred messages and not a million. The same goes for
//! changes of one display that follow each other: the last one is all that anybody would see.
//!
//! Events that arrive when their cell is over, from a thread that it left behind, go to that cell
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

use super::session::Session;
use super::stdin::Stdin;
use crate::kernel::cells::{Event, Events};

/// How long a piece of text may wait for the next one.
const PAUSE: Duration = Duration::from_millis(20);
/// From how many bytes on collected text is sent without waiting for more.
const ENOUGH: usize = 64 * 1024;

/// The cell that the output belongs to.
pub(super) struct Cell {
    /// The request that runs it.
    pub(super) request: JupyterMessage,
    /// Its number.
    pub(super) count: usize,
    /// Nothing that it shows is to be seen.
    pub(super) silent: bool,
    /// It may ask the person.
    pub(super) may_ask: bool,
}

/// How many events may wait to be sent; then the cell waits, too, and memory does not grow.
const WAITING: usize = 64;

/// Follows the cells of a session.
pub(super) struct Output {
    /// Where the engine puts its events.
    pub(super) events: Events,
    orders: mpsc::Sender<Order>,
}

enum Order {
    Begin(Box<Cell>, oneshot::Sender<()>),
    Finish(oneshot::Sender<Option<String>>),
}

/// Makes the way for a session's output, and the task that is to serve it.
pub(super) fn open(session: Arc<Session>, stdin: Stdin) -> (Output, impl Future<Output = ()>) {
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
    (Output { events, orders }, pump.serve(received, ordered))
}

impl Output {
    /// From now on output belongs to this cell.
    pub(super) async fn begin(&self, cell: Cell) {
        let (done, is_done) = oneshot::channel();
        if self
            .orders
            .send(Order::Begin(Box::new(cell), done))
            .await
            .is_ok()
        {
            let _ = is_done.await;
        }
    }

    /// Waits until all is sent that the engine told so far, and returns the text of the cell's result.
    pub(super) async fn finish(&self) -> Option<String> {
        let (done, is_done) = oneshot::channel();
        self.orders.send(Order::Finish(done)).await.ok()?;
        is_done.await.ok()?
    }
}

/// Content that may still grow or change before it is sent.
struct Pending {
    content: Content,
    due: Instant,
}

enum Content {
    Text(Stdio, String),
    Update(String, Map<String, Value>),
}

struct Pump {
    session: Arc<Session>,
    stdin: Stdin,
    cell: Option<Cell>,
    pending: Option<Pending>,
    result: Option<String>,
    questions: JoinSet<()>,
}

impl Pump {
    async fn serve(
        mut self,
        mut received: mpsc::Receiver<Event>,
        mut ordered: mpsc::Receiver<Order>,
    ) {
        loop {
            let due = self.pending.as_ref().map(|pending| pending.due);
            tokio::select! {
                biased;
                order = ordered.recv() => {
                    let Some(order) = order else { return };
                    // What was told before the order belongs to the cell before it. Counted, because
                    // a thread that prints without end must not keep the next cell waiting.
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

    fn obey(&mut self, order: Order) {
        // Nobody waits for these when the kernel ends.
        match order {
            Order::Begin(cell, done) => {
                self.cell = Some(*cell);
                let _ = done.send(());
            }
            Order::Finish(done) => {
                self.questions.abort_all();
                while self.questions.try_join_next().is_some() {}
                let _ = done.send(self.result.take());
            }
        }
    }

    async fn take(&mut self, event: Event) {
        match event {
            Event::Stdout(text) => self.collect(Content::Text(Stdio::Stdout, text)).await,
            Event::Stderr(text) => self.collect(Content::Text(Stdio::Stderr, text)).await,
            Event::Update { data, id } => self.collect(Content::Update(id, data)).await,
            Event::Display { data, id } => {
                self.flush().await;
                self.show(rich("display_data", data, id.as_deref(), None))
                    .await;
            }
            Event::Result(data) => {
                self.flush().await;
                self.result = data
                    .get("text/plain")
                    .and_then(Value::as_str)
                    .map(str::to_owned);
                let count = self.cell.as_ref().map(|cell| ExecutionCount(cell.count));
                self.show(rich("execute_result", data, None, count)).await;
            }
            Event::Clear { wait } => {
                self.flush().await;
                self.show(ClearOutput { wait }).await;
            }
            Event::Input {
                prompt,
                password,
                reply,
            } => {
                self.flush().await;
                // Without a cell that may ask, `reply` is dropped: nobody can answer.
                if let Some(cell) = self.cell.as_ref().filter(|cell| cell.may_ask) {
                    let question = InputRequest { prompt, password };
                    let (parent, interrupts) = (cell.request.clone(), self.session.interrupts());
                    let asking = self.stdin.clone().ask(question, parent, reply, interrupts);
                    self.questions.spawn(asking);
                }
            }
        }
    }

    /// Adds to what is pending when it is of the same kind, and sends that when it is not.
    async fn collect(&mut self, new: Content) {
        let new = match (
            self.pending.as_mut().map(|pending| &mut pending.content),
            new,
        ) {
            (Some(Content::Text(Stdio::Stdout, text)), Content::Text(Stdio::Stdout, more))
            | (Some(Content::Text(Stdio::Stderr, text)), Content::Text(Stdio::Stderr, more)) => {
                text.push_str(&more);
                None
            }
            (Some(Content::Update(id, data)), Content::Update(same, newer)) if *id == same => {
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
                matches!(&pending.content, Content::Text(_, text) if text.len() >= ENOUGH);
            is_long || Instant::now() >= pending.due
        });
        if is_enough {
            self.flush().await;
        }
    }

    /// Sends what is pending.
    async fn flush(&mut self) {
        match self.pending.take().map(|pending| pending.content) {
            Some(Content::Text(name, text)) => self.show(StreamContent { name, text }).await,
            Some(Content::Update(id, data)) => {
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
/// It is put together here because the typed messages sort the content into the MIME types they
/// know, and refuse a value that is not what they expect; a cell may show anything.
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
