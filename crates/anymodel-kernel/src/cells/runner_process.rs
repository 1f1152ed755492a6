//! Handle of the runner process, which loads and runs cells: two pipes, and a connection for
//! commands.

use std::path::Path;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::CellEvent;
use super::frames::{OutputDecoder, OutputPart};
use super::runner_listener::Sink;
use crate::notebook::process::ProcessGroup;

/// The time for the last output of a process to arrive after its end.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// How much of the end of standard error is kept.
const KEPT: usize = 400;

/// A running runner process.
#[derive(Debug)]
pub struct RunnerProcess {
    group: ProcessGroup,
    commands: TcpStream,
    heard: RunnerOutput,
}

/// The control messages in a runner's two pipes; the cells' output is forwarded.
#[derive(Debug)]
pub(super) struct RunnerOutput {
    ends: mpsc::UnboundedReceiver<RunnerMessage>,
    last_words: LastWords,
}

impl RunnerOutput {
    /// Starts to read the pipes of a group.
    pub fn from(group: &mut ProcessGroup, mark: &str, sink: &Sink) -> RunnerOutput {
        let (said, ends) = mpsc::unbounded_channel();
        let last_words = LastWords::default();
        let read = |is_error| PipeReader {
            last_words: last_words.clone(),
            decoder: OutputDecoder::new(mark),
            sink: sink.clone(),
            said: said.clone(),
            is_error,
            is_value: false,
        };
        if let Some(pipe) = group.take_stdout() {
            tokio::spawn(read(false).run(pipe));
        }
        if let Some(pipe) = group.take_stderr() {
            tokio::spawn(read(true).run(pipe));
        }
        RunnerOutput { ends, last_words }
    }
}

/// The end of what was written to standard error.
type LastWords = Arc<Mutex<String>>;

/// A control message from a runner.
#[derive(Debug)]
enum RunnerMessage {
    /// A cell ended: one of these comes from each pipe.
    End(Value),
    /// A pipe is closed.
    Closed,
}

/// The end of a cell in the runner.
#[derive(Debug)]
pub enum RunnerExit {
    /// The runner reported it.
    Told(Value),
    /// The process ended: its exit status, and the end of its standard error.
    Exited(ExitStatus, String),
}

impl RunnerProcess {
    /// A runner that has connected: its process, the connection, and its output.
    pub(super) fn new(
        group: ProcessGroup,
        commands: TcpStream,
        heard: RunnerOutput,
    ) -> RunnerProcess {
        RunnerProcess {
            group,
            commands,
            heard,
        }
    }

    /// Tells it to load a library in the background.
    pub async fn load(&mut self, library: &Path) {
        self.say(&format!("LOAD {}", library.display())).await;
    }

    /// Tells it to load a library before the next command, which needs it.
    pub async fn keep(&mut self, library: &Path) {
        self.say(&format!("KEEP {}", library.display())).await;
    }

    /// Tells it to run the library of a cell.
    pub async fn run(&mut self, count: u32, library: &Path) {
        self.say(&format!("RUN {count} {}", library.display()))
            .await;
    }

    /// Tells it to end the running cell.
    pub async fn interrupt(&mut self) {
        self.say("INTERRUPT").await;
    }

    /// Sends a command. A failure is ignored: it means that the runner ended, which its pipes report.
    async fn say(&mut self, command: &str) {
        let _ = self
            .commands
            .write_all(format!("{command}\n").as_bytes())
            .await;
    }

    /// Waits until the running cell ends and all its output was forwarded.
    pub async fn end_of_cell(&mut self) -> RunnerExit {
        let status = tokio::select! {
            biased;
            told = last_said(&mut self.heard.ends) => match told {
                Some(told) => return RunnerExit::Told(told),
                None => self.group.wait().await,
            },
            status = self.group.wait() => {
                // A process that the cell started may hold the pipes open for long.
                let rest = last_said(&mut self.heard.ends);
                if let Ok(Some(told)) = tokio::time::timeout(LAST_WORDS, rest).await {
                    return RunnerExit::Told(told);
                }
                status
            }
        };
        let status = status.unwrap_or_default();
        let words = self
            .heard
            .last_words
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        RunnerExit::Exited(status, words.clone())
    }

    /// Ends the process and its children.
    pub async fn end(self) {
        drop(self.commands);
        self.group.end().await;
    }
}

/// The report of a cell's end, once it came from both pipes; `None` when they are closed before.
async fn last_said(ends: &mut mpsc::UnboundedReceiver<RunnerMessage>) -> Option<Value> {
    let (mut told, mut closed) = (0, 0);
    while let Some(said) = ends.recv().await {
        match said {
            RunnerMessage::End(value) => {
                told += 1;
                if told == 2 {
                    return Some(value);
                }
            }
            RunnerMessage::Closed => closed += 1,
        }
        if closed == 2 {
            return None;
        }
    }
    None
}

struct PipeReader {
    decoder: OutputDecoder,
    last_words: LastWords,
    sink: Sink,
    said: mpsc::UnboundedSender<RunnerMessage>,
    is_error: bool,
    /// Whether the next display is the value of the cell's last expression.
    is_value: bool,
}

impl PipeReader {
    async fn run(mut self, mut pipe: impl AsyncRead + Unpin) {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let pieces = match pipe.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(length) => self.decoder.push(&buffer[..length]),
            };
            self.pass_on(pieces).await;
        }
        let rest = self.decoder.end();
        self.pass_on(rest).await;
        let _ = self.said.send(RunnerMessage::Closed);
    }

    async fn pass_on(&mut self, pieces: Vec<OutputPart>) {
        for piece in pieces {
            let event = match piece {
                OutputPart::Text(text) if self.is_error => {
                    self.remember(&text);
                    CellEvent::Stderr(text)
                }
                OutputPart::Text(text) => CellEvent::Stdout(text),
                OutputPart::Frame(frame) => match self.event(frame) {
                    Some(event) => event,
                    None => continue,
                },
            };
            let events = self
                .sink
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            if let Some(events) = events {
                // This waits when the receiver is slow, and so does the cell.
                let _ = events.send(event).await;
            }
        }
    }

    fn remember(&self, text: &str) {
        let mut words = self
            .last_words
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        words.push_str(text);
        if words.len() > 2 * KEPT {
            let mut cut = words.len() - KEPT;
            while !words.is_char_boundary(cut) {
                cut += 1;
            }
            words.drain(..cut);
        }
    }

    fn event(&mut self, mut frame: Value) -> Option<CellEvent> {
        let frame = frame.as_object_mut()?;
        if let Some(is_value) = frame.get("result_next") {
            self.is_value = is_value.as_bool()?;
            return None;
        }
        if let Some(end) = frame.remove("end") {
            self.is_value = false;
            let _ = self.said.send(RunnerMessage::End(end));
            return None;
        }
        let (kind, mut body) = std::mem::take(frame).into_iter().next()?;
        let id = body["id"].as_str().map(str::to_owned);
        let data = || -> Option<Map<String, Value>> {
            Some(std::mem::take(body.get_mut("data")?.as_object_mut()?))
        };
        match kind.as_str() {
            "display" if std::mem::take(&mut self.is_value) && id.is_none() => {
                Some(CellEvent::Result({ data }()?))
            }
            "display" => Some(CellEvent::Display {
                data: { data }()?,
                id,
            }),
            "update" => Some(CellEvent::Update {
                data: { data }()?,
                id: id?,
            }),
            "result" => Some(CellEvent::Result({ data }()?)),
            "clear" => Some(CellEvent::Clear {
                wait: body["wait"].as_bool().unwrap_or(false),
            }),
            _ => None,
        }
    }
}
