//! The desk: where runners, and cells that ask for something, call the kernel.

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

/// How long the runner may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where the events of the cell go that runs now, or ran last.
pub type Sink = Arc<Mutex<Option<EventSender>>>;

/// The place at which runners, and cells that ask for something, call the kernel.
#[derive(Debug)]
pub struct RunnerListener {
    address: String,
    mark: String,
    sink: Sink,
    runners: mpsc::UnboundedReceiver<TcpStream>,
    task: tokio::task::JoinHandle<()>,
}

impl RunnerListener {
    /// Opens a desk on this machine alone.
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

    /// Sends events to another place from now on.
    pub fn direct(&self, events: &EventSender) {
        *self.sink.lock().unwrap_or_else(PoisonError::into_inner) = Some(events.clone());
    }

    /// Starts a runner.
    ///
    /// # Errors
    /// When the program does not run or does not call.
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

/// Answers those who call at the desk.
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
            // Whoever does not know the mark is not one of ours.
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

/// Puts a cell's question to the person, and brings the answer back.
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
