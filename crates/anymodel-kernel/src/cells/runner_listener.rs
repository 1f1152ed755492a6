//! Listener on loopback: runners and running cells connect to it.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::{mpsc, oneshot};

use super::runner_process::{RunnerOutput, RunnerProcess};
use super::{CellEvent, EventSender};
use crate::cell_toolchain::CellToolchain;
use crate::notebook::Result;
use crate::notebook::process::ProcessGroup;

/// The timeout for the start of the runner.
const PATIENCE: Duration = Duration::from_secs(20);

/// The event channel of the cell that runs now, or ran last.
pub type Sink = Arc<Mutex<Option<EventSender>>>;

/// A TCP listener for runners, and for cells that ask for input.
#[derive(Debug)]
pub struct RunnerListener {
    address: String,
    mark: String,
    sink: Sink,
    runners: mpsc::UnboundedReceiver<TcpStream>,
    task: tokio::task::JoinHandle<()>,
}

impl RunnerListener {
    /// Opens a listener on loopback.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn open() -> Result<RunnerListener> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no port on 127.0.0.1 can be opened")?;
        let address = listener.local_addr()?.to_string();
        let mark = uuid::Uuid::new_v4().simple().to_string();
        let sink = Sink::default();
        let (sender, runners) = mpsc::unbounded_channel();
        let task = tokio::spawn(answer(listener, mark.clone(), sink.clone(), sender));
        Ok(RunnerListener {
            address,
            mark,
            sink,
            runners,
            task,
        })
    }

    /// Sends future events to another channel.
    pub fn direct(&self, events: &EventSender) {
        *self.sink.lock().unwrap_or_else(PoisonError::into_inner) = Some(events.clone());
    }

    /// Starts a runner.
    ///
    /// # Errors
    /// When the program does not run or does not connect.
    pub async fn start(&mut self, tools: &CellToolchain) -> Result<RunnerProcess> {
        let mut command = Command::new(&tools.runner);
        command
            .env("ANYMODEL_CELL_MARK", &self.mark)
            .env("ANYMODEL_CELL_ADDRESS", &self.address)
            .env("RUST_BACKTRACE", "0")
            .env_remove("EVCXR_IS_RUNTIME")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut group = ProcessGroup::spawn(&mut command)
            .with_context(|| format!("{} does not start", tools.runner.display()))?;
        let heard = RunnerOutput::from(&mut group, &self.mark, &self.sink);
        let called = tokio::select! {
            called = tokio::time::timeout(PATIENCE, self.runners.recv()) => called,
            status = group.wait() => bail!("the process that runs cells ended at once ({})", status?),
        };
        let Ok(Some(commands)) = called else {
            bail!("the process that runs cells does not answer");
        };
        Ok(RunnerProcess::new(group, commands, heard))
    }
}

impl Drop for RunnerListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers the connections to the listener.
async fn answer(
    listener: TcpListener,
    mark: String,
    sink: Sink,
    runners: mpsc::UnboundedSender<TcpStream>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (mark, sink, runners) = (mark.clone(), sink.clone(), runners.clone());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let mut stream = BufReader::new(stream);
            let mut line = String::new();
            if stream.read_line(&mut line).await.is_err() {
                return;
            }
            // A client that does not know the mark is not part of this kernel.
            let Some(wish) = line.trim_end().strip_prefix(&mark) else {
                return;
            };
            match wish
                .trim_start()
                .split_once(' ')
                .unwrap_or((wish.trim_start(), ""))
            {
                ("runner", _) => drop(runners.send(stream.into_inner())),
                ("input", question) => ask(stream, question, &sink).await,
                _ => {}
            }
        });
    }
}

/// Forwards a cell's question to the learner, and returns the answer.
async fn ask(mut stream: BufReader<TcpStream>, question: &str, sink: &Sink) {
    let question: Value = serde_json::from_str(question).unwrap_or_default();
    let (reply, answer) = oneshot::channel();
    let event = CellEvent::Input {
        prompt: question["prompt"].as_str().unwrap_or_default().to_owned(),
        password: question["password"].as_bool().unwrap_or(false),
        reply,
    };
    let events = sink.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(events) = events {
        let _ = events.send(event).await;
    }
    let answer = match answer.await {
        Ok(value) => serde_json::json!({ "value": value }),
        Err(_) => serde_json::json!({ "refused": "nobody can answer here" }),
    };
    let _ = stream.write_all(format!("{answer}\n").as_bytes()).await;
}
