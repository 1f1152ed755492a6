//! The execution queue: cells run one after the other.
//!
//! A request to run a cell waits here until the engine is ready and the cells before it are done.
//! All other requests are answered meanwhile (`shell`).

use std::sync::Arc;
use std::time::Duration;

use jupyter_protocol::{
    ErrorOutput, ExecuteInput, ExecuteReply, ExecuteRequest, ExecutionCount, JupyterMessage,
    JupyterMessageContent, ReplyError, ReplyStatus,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::kernel_state::KernelState;
use super::output::{OutputChannel, OutputContext};
use super::wire::{ChannelSender, answer};
use crate::cells::{CellError, CellOutcome, Engine, UNCOUNTED};
use crate::notebook::Result;

/// How long after a failure the requests that were sent before it may still arrive.
const UNDERWAY: Duration = Duration::from_millis(20);
/// How long the engine may take to end.
const FAREWELL: Duration = Duration::from_secs(5);

/// The execution queue of one session.
pub(super) struct CellQueue {
    pub(super) session: Arc<KernelState>,
    pub(super) output: OutputChannel,
    pub(super) shell: ChannelSender,
    pub(super) engine: Starting,
    /// The number of the next cell.
    next: u32,
    /// How many cells ran without an execution count.
    uncounted: u32,
}

/// The engine: starting, ready or failed.
pub(super) enum Starting {
    Underway(JoinHandle<Result<Engine>>),
    Ready(Box<Engine>),
    /// It failed to start, for this reason.
    Failed(CellError),
}

impl CellQueue {
    pub(super) fn new(
        session: Arc<KernelState>,
        output: OutputChannel,
        shell: ChannelSender,
        engine: JoinHandle<Result<Engine>>,
    ) -> CellQueue {
        CellQueue {
            session,
            output,
            shell,
            engine: Starting::Underway(engine),
            next: 1,
            uncounted: 0,
        }
    }

    /// Serves requests until the session ends, then ends the engine.
    pub(super) async fn serve(mut self, mut requests: mpsc::UnboundedReceiver<JupyterMessage>) {
        let session = self.session.clone();
        // At the end of the session a running cell is abandoned.
        tokio::select! {
            () = self.work(&mut requests) => {}
            () = session.ended() => {}
        }
        let end = async {
            match self.engine {
                Starting::Underway(engine) => engine.abort(),
                Starting::Ready(engine) => engine.end().await,
                Starting::Failed(_) => {}
            }
        };
        if tokio::time::timeout(FAREWELL, end).await.is_err() {
            eprintln!("anymodel kernel: the engine did not end in {FAREWELL:?}");
        }
    }

    async fn work(&mut self, requests: &mut mpsc::UnboundedReceiver<JupyterMessage>) {
        while let Some(message) = requests.recv().await {
            let JupyterMessageContent::ExecuteRequest(request) = &message.content else {
                continue;
            };
            let aborted = self.run(&message, request, requests).await;
            for message in aborted {
                self.session.iopub.busy(&message).await;
                let reply = ExecuteReply {
                    status: ReplyStatus::Aborted,
                    // Count 0: front ends would show another one as the number of a cell that ran.
                    ..self.reply(0)
                };
                self.shell.send(answer(reply, Some(&message))).await;
                self.session.iopub.idle(&message).await;
            }
        }
    }

    /// Runs one cell. When it failed and the waiting requests must not run, returns those.
    async fn run(
        &mut self,
        message: &JupyterMessage,
        request: &ExecuteRequest,
        requests: &mut mpsc::UnboundedReceiver<JupyterMessage>,
    ) -> Vec<JupyterMessage> {
        let session = self.session.clone();
        let count = self.next;
        // A cell that is not stored in the history has no execution count.
        let is_stored = request.store_history && !request.silent;
        let cell = OutputContext {
            request: message.clone(),
            count: count as usize,
            silent: request.silent,
            may_ask: request.allow_stdin,
        };
        self.output.begin(cell).await;
        session.iopub.busy(message).await;
        session.iopub.set_running(Some(message.clone()));
        if !request.silent {
            let input = ExecuteInput {
                code: request.code.clone(),
                execution_count: ExecutionCount(count as usize),
            };
            session.iopub.publish(input, Some(message)).await;
        }
        let number = if is_stored {
            self.next += 1;
            session.history().add(count as usize, &request.code);
            count
        } else {
            self.uncounted += 1;
            UNCOUNTED + self.uncounted
        };

        let outcome = self.evaluate(&request.code, number).await;

        let result = self.output.finish().await;
        if is_stored && let Some(result) = result {
            session.history().set_output(count as usize, result);
        }
        let mut aborted = Vec::new();
        let reply = match outcome {
            CellOutcome::Done => self.reply(count),
            CellOutcome::Failed(failure) => {
                if request.stop_on_error && !request.silent {
                    // A client that sees the failure may send its next request at once, and that request must
                    // run. So the waiting requests are collected before the failure is published.
                    tokio::time::sleep(UNDERWAY).await;
                    while let Ok(waiting) = requests.try_recv() {
                        aborted.push(waiting);
                    }
                }
                if !request.silent {
                    session.iopub.publish(shown(&failure), Some(message)).await;
                }
                ExecuteReply {
                    status: ReplyStatus::Error,
                    error: Some(Box::new(ReplyError {
                        ename: failure.name,
                        evalue: failure.value,
                        traceback: failure.traceback,
                    })),
                    ..self.reply(count)
                }
            }
        };
        self.shell.send(answer(reply, Some(message))).await;
        session.iopub.set_running(None);
        session.iopub.idle(message).await;
        aborted
    }

    async fn evaluate(&mut self, code: &str, number: u32) -> CellOutcome {
        let interrupts = self.session.interrupts();
        match self.ready(interrupts).await {
            Ok((engine, output, session)) => {
                let outcome = engine.execute(code, number, &output.events).await;
                session.set_outline(engine.outline());
                outcome
            }
            Err(failure) => CellOutcome::Failed(failure),
        }
    }

    /// Waits until the engine is ready.
    async fn ready(
        &mut self,
        mut interrupts: watch::Receiver<u64>,
    ) -> std::result::Result<(&mut Engine, &OutputChannel, &KernelState), CellError> {
        if let Starting::Underway(engine) = &mut self.engine {
            let started = tokio::select! {
                started = engine => started,
                _ = interrupts.changed() => return Err(interrupted()),
            };
            self.engine = match started {
                Ok(Ok(engine)) => {
                    self.session.set_interrupter(engine.interrupter());
                    Starting::Ready(Box::new(engine))
                }
                Ok(Err(error)) => Starting::Failed(no_engine(&format!("{error:#}"))),
                Err(error) => Starting::Failed(no_engine(&error.to_string())),
            };
        }
        match &mut self.engine {
            Starting::Ready(engine) => Ok((engine, &self.output, &self.session)),
            Starting::Failed(failure) => Err(failure.clone()),
            Starting::Underway(_) => Err(interrupted()),
        }
    }

    fn reply(&self, count: u32) -> ExecuteReply {
        ExecuteReply {
            execution_count: ExecutionCount(count as usize),
            user_expressions: Some(Default::default()),
            ..ExecuteReply::default()
        }
    }
}

fn shown(failure: &CellError) -> ErrorOutput {
    ErrorOutput {
        ename: failure.name.clone(),
        evalue: failure.value.clone(),
        traceback: failure.traceback.clone(),
    }
}

fn interrupted() -> CellError {
    CellError {
        name: "Interrupted".to_owned(),
        value: "interrupted before the kernel was ready".to_owned(),
        traceback: vec!["Interrupted before the kernel was ready; run the cell again.".to_owned()],
    }
}

fn no_engine(why: &str) -> CellError {
    let mut traceback = vec![format!("This kernel cannot run cells: {why}")];
    if !why.contains("hint:") {
        traceback.push("hint: `anymodel kernel install` builds what it needs".to_owned());
    }
    traceback.push("Restart the kernel when that is done.".to_owned());
    CellError {
        name: "KernelError".to_owned(),
        value: why.to_owned(),
        traceback: traceback
            .iter()
            .flat_map(|text| text.lines().map(str::to_owned))
            .collect(),
    }
}
