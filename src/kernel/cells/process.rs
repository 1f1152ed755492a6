//! The runner as the kernel sees it: a process that loads cells, its two pipes, and a connection for
//! commands.

use std::path::Path;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::Event;
use super::desk::Sink;
use super::frames::{Decoder, Piece};
use crate::notebook::process::Group;

/// How long the last output of a process may take to arrive after its end.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// How much of the last words is kept.
const KEPT: usize = 400;

/// A running runner.
#[derive(Debug)]
pub struct Runner {
    group: Group,
    commands: TcpStream,
    heard: Heard,
}

/// What comes through a runner's two pipes, beside what cells show.
#[derive(Debug)]
pub(super) struct Heard {
    ends: mpsc::UnboundedReceiver<Said>,
    last_words: LastWords,
}

impl Heard {
    /// Reads the pipes of a group from now on.
    pub fn from(group: &mut Group, mark: &str, sink: &Sink) -> Heard {
        let (said, ends) = mpsc::unbounded_channel();
        let last_words = LastWords::default();
        let read = |is_error| Reading {
            last_words: last_words.clone(),
            decoder: Decoder::new(mark),
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
        Heard { ends, last_words }
    }
}

/// The end of what was written to standard error.
type LastWords = Arc<Mutex<String>>;

/// What comes from a runner, beside what cells show.
#[derive(Debug)]
enum Said {
    /// A cell ended: one of these comes from each pipe.
    End(Value),
    /// A pipe is closed.
    Closed,
}

/// How a cell ended in the runner.
#[derive(Debug)]
pub enum End {
    /// As the runner tells.
    Told(Value),
    /// The process ended: how, and what it wrote to standard error at the end.
    Exited(ExitStatus, String),
}

impl Runner {
    /// A runner that answered: its process, the connection to it, and what comes from it.
    pub(super) fn new(group: Group, commands: TcpStream, heard: Heard) -> Runner {
        Runner {
            group,
            commands,
            heard,
        }
    }

    /// Asks it to load a library in the background.
    pub async fn load(&mut self, library: &Path) {
        self.say(&format!("LOAD {}", library.display())).await;
    }

    /// Asks it to load a library before anything else, since what comes next needs it.
    pub async fn keep(&mut self, library: &Path) {
        self.say(&format!("KEEP {}", library.display())).await;
    }

    /// Asks it to run the library of a cell.
    pub async fn run(&mut self, count: u32, library: &Path) {
        self.say(&format!("RUN {count} {}", library.display()))
            .await;
    }

    /// Asks it to end the running cell.
    pub async fn interrupt(&mut self) {
        self.say("INTERRUPT").await;
    }

    /// A runner that cannot be spoken to is one that ended, and its pipes tell that.
    async fn say(&mut self, command: &str) {
        let _ = self
            .commands
            .write_all(format!("{command}\n").as_bytes())
            .await;
    }

    /// Waits until the running cell ends and everything that it wrote was passed on.
    pub async fn end_of_cell(&mut self) -> End {
        let status = tokio::select! {
            biased;
            told = last_said(&mut self.heard.ends) => match told {
                Some(told) => return End::Told(told),
                None => self.group.wait().await,
            },
            status = self.group.wait() => {
                // A process that the cell started may hold the pipes open for long.
                let rest = last_said(&mut self.heard.ends);
                if let Ok(Some(told)) = tokio::time::timeout(LAST_WORDS, rest).await {
                    return End::Told(told);
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
        End::Exited(status, words.clone())
    }

    /// Ends the process and what it started.
    pub async fn end(self) {
        drop(self.commands);
        self.group.end().await;
    }
}

/// What the end of a cell is told as, once both pipes told it; `None` when they are closed before.
async fn last_said(ends: &mut mpsc::UnboundedReceiver<Said>) -> Option<Value> {
    let (mut told, mut closed) = (0, 0);
    while let Some(said) = ends.recv().await {
        match said {
            Said::End(value) => {
                told += 1;
                if told == 2 {
                    return Some(value);
                }
            }
            Said::Closed => closed += 1,
        }
        if closed == 2 {
            return None;
        }
    }
    None
}

struct Reading {
    decoder: Decoder,
    last_words: LastWords,
    sink: Sink,
    said: mpsc::UnboundedSender<Said>,
    is_error: bool,
    /// Whether what is shown next is the value of the cell's last expression.
    is_value: bool,
}

impl Reading {
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
        let _ = self.said.send(Said::Closed);
    }

    async fn pass_on(&mut self, pieces: Vec<Piece>) {
        for piece in pieces {
            let event = match piece {
                Piece::Text(text) if self.is_error => {
                    self.remember(&text);
                    Event::Stderr(text)
                }
                Piece::Text(text) => Event::Stdout(text),
                Piece::Frame(frame) => match self.event(frame) {
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
                // Waits when the other side is slow, and the cell waits with us.
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

    fn event(&mut self, mut frame: Value) -> Option<Event> {
        let frame = frame.as_object_mut()?;
        if let Some(is_value) = frame.get("result_next") {
            self.is_value = is_value.as_bool()?;
            return None;
        }
        if let Some(end) = frame.remove("end") {
            self.is_value = false;
            let _ = self.said.send(Said::End(end));
            return None;
        }
        let (kind, mut body) = std::mem::take(frame).into_iter().next()?;
        let id = body["id"].as_str().map(str::to_owned);
        let data = || -> Option<Map<String, Value>> {
            Some(std::mem::take(body.get_mut("data")?.as_object_mut()?))
        };
        match kind.as_str() {
            "display" if std::mem::take(&mut self.is_value) && id.is_none() => {
                Some(Event::Result({ data }()?))
            }
            "display" => Some(Event::Display {
                data: { data }()?,
                id,
            }),
            "update" => Some(Event::Update {
                data: { data }()?,
                id: id?,
            }),
            "result" => Some(Event::Result({ data }()?)),
            "clear" => Some(Event::Clear {
                wait: body["wait"].as_bool().unwrap_or(false),
            }),
            _ => None,
        }
    }
}
