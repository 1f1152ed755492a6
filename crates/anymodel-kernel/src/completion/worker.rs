//! The queue of questions: one at a time, to a process that is there when it is needed.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::client::{LspClient, ServerExited};
use super::text::{self, Encoding};

/// How long a process that nobody asks is kept; another takes seconds to start, and each takes memory.
const IDLE: Duration = Duration::from_secs(600);
/// How long a process may take to load on a machine that is busy.
const LOADING: Duration = Duration::from_secs(120);
/// Loading is quick; the first question is what takes time, so it is asked before anybody waits for it.
const WARMING: &str = "fn warm(client: anymodel::Client) { client.";
/// How many processes may fail before nobody tries again: one, and its successor.
const CHANCES: u32 = 2;
/// How many questions in a row may be given up by those who asked before the process counts as failed.
const UNANSWERED: u32 = 3;

/// What is wanted to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AssistRequest {
    /// Nothing: only that the process is there and has read the crates.
    Warm,
    Complete,
    Hover,
}

/// What rust-analyzer says, `null` when it has nothing to say; and what its columns count.
pub(super) type AssistAnswer = (Value, Encoding);

/// One question. Without a process it is dropped.
#[derive(Debug)]
pub(super) struct QueuedRequest {
    pub about: About,
    /// Closed when nobody waits any longer.
    pub reply: oneshot::Sender<AssistAnswer>,
}

/// What a question is about.
#[derive(Debug)]
pub(super) struct About {
    pub wish: AssistRequest,
    pub source: String,
    pub offset: usize,
}

/// Answers questions until nobody can ask any more.
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

    /// Starting goes on when the one who asked gives up: the next question will need it.
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

    /// A process that hangs would let each question wait for nothing.
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

    /// Whether there is a process now. What went wrong is not told: a learner did not ask for this.
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
