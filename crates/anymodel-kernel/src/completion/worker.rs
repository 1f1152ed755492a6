//! The question queue: one question at a time, to a process that is started when it is needed.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::client::{LspClient, ServerExited};
use super::text::{self, Encoding};

/// How long an idle process is kept. A new one takes seconds to start, but each occupies memory.
const IDLE: Duration = Duration::from_secs(600);
/// The timeout for loading on a busy machine.
const LOADING: Duration = Duration::from_secs(120);
/// A warm-up question. Loading is quick but the first question is slow, so it is asked before the learner asks.
const WARMING: &str = "fn warm(client: anymodel::Client) { client.";
/// The number of processes that may fail before no more are started: the first and its replacement.
const CHANCES: u32 = 2;
/// The number of questions in a row that may time out before the process counts as failed.
const UNANSWERED: u32 = 3;

/// The kind of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AssistRequest {
    /// No question: the process is to start and to load the crates.
    Warm,
    Complete,
    Hover,
}

/// The answer of rust-analyzer, `null` when it has none, and the unit of its columns.
pub(super) type AssistAnswer = (Value, Encoding);

/// A question in the queue. It is dropped when there is no process.
#[derive(Debug)]
pub(super) struct QueuedRequest {
    pub about: About,
    /// Closed when the asking task no longer waits.
    pub reply: oneshot::Sender<AssistAnswer>,
}

/// The text and position of a question.
#[derive(Debug)]
pub(super) struct About {
    pub wish: AssistRequest,
    pub source: String,
    pub offset: usize,
}

/// The worker task: answers questions until every sender is dropped.
#[derive(Debug)]
pub(super) struct Worker {
    root: PathBuf,
    folder: PathBuf,
    queue: mpsc::UnboundedReceiver<QueuedRequest>,
    client: Option<LspClient>,
    failures: u32,
    unanswered: u32,
}

impl Worker {
    pub fn new(
        root: PathBuf,
        folder: PathBuf,
        queue: mpsc::UnboundedReceiver<QueuedRequest>,
    ) -> Worker {
        Worker {
            root,
            folder,
            queue,
            client: None,
            failures: 0,
            unanswered: 0,
        }
    }

    pub async fn run(mut self) {
        loop {
            match timeout(IDLE, self.queue.recv()).await {
                Ok(Some(question)) => self.answer(question).await,
                Ok(None) => return,
                Err(_) => self.client = None,
            }
        }
    }

    /// Starting continues when the asking task gives up: the next question will need the process.
    async fn answer(&mut self, question: QueuedRequest) {
        let (about, mut reply) = (question.about, question.reply);
        while about.wish == AssistRequest::Warm || !reply.is_closed() {
            if self.client.is_none() && !self.start().await {
                return;
            }
            let Some(client) = self.client.as_mut() else {
                return;
            };
            let answer = tokio::select! {
                answer = put(client, &about) => answer,
                () = reply.closed(), if about.wish != AssistRequest::Warm => return self.no_answer(),
            };
            match answer {
                Ok(answer) => {
                    self.unanswered = 0;
                    let _ = reply.send((answer, client.encoding));
                    return;
                }
                Err(ServerExited) => self.fail(),
            }
        }
    }

    /// Counts an unanswered question, so that a process that hangs is replaced.
    fn no_answer(&mut self) {
        self.unanswered += 1;
        if self.unanswered == UNANSWERED {
            self.fail();
        }
    }

    fn fail(&mut self) {
        self.client = None;
        self.failures += 1;
        self.unanswered = 0;
    }

    /// Returns whether a process is running. Errors are not shown: the learner did not start it.
    async fn start(&mut self) -> bool {
        while self.failures < CHANCES {
            match timeout(LOADING, LspClient::start(&self.root, &self.folder)).await {
                Ok(Ok(client)) => {
                    self.client = Some(client);
                    return true;
                }
                Ok(Err(_)) | Err(_) => self.failures += 1,
            }
        }
        false
    }
}

async fn put(client: &mut LspClient, about: &About) -> Result<Value, ServerExited> {
    let method = match about.wish {
        AssistRequest::Warm => {
            client.show(WARMING)?;
            let place = text::position(WARMING, WARMING.len(), client.encoding);
            let answer = client.ask("textDocument/completion", place);
            return timeout(LOADING, answer).await.unwrap_or(Err(ServerExited));
        }
        AssistRequest::Complete => "textDocument/completion",
        AssistRequest::Hover => "textDocument/hover",
    };
    client.show(&about.source)?;
    let place = text::position(&about.source, about.offset, client.encoding);
    client.ask(method, place).await
}
