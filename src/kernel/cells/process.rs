//! The runner as the kernel sees it: a process that loads cells, its two pipes, and a connection for
//! commands.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Map, Value};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::{mpsc, oneshot};

use super::frames::{Decoder, Piece};
use super::{Event, Events};
use crate::kernel::template::Tools;
use crate::notebook::Result;
use crate::notebook::process::Group;

/// How long the runner may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the last output of a process may take to arrive after its end.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// How much of the last words is kept.
const KEPT: usize = 400;

/// Where the events of the cell go that runs now, or ran last.
pub type Sink = Arc<Mutex<Option<Events>>>;

/// The place at which runners, and cells that ask for something, call the kernel.
#[derive(Debug)]
pub struct Desk {
    address: String,
    mark: String,
    sink: Sink,
    runners: mpsc::UnboundedReceiver<TcpStream>,
    task: tokio::task::JoinHandle<()>,
}

/// A running runner.
#[derive(Debug)]
pub struct Runner {
    group: Group,
    commands: TcpStream,
    ends: mpsc::UnboundedReceiver<Said>,
    last_words: LastWords,
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

impl Desk {
    /// Opens a desk on this machine alone.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn open() -> Result<Desk> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context("no port on 127.0.0.1 can be opened")?;
        let address = listener.local_addr()?.to_string();
        let mark = uuid::Uuid::new_v4().simple().to_string();
        let sink = Sink::default();
        let (sender, runners) = mpsc::unbounded_channel();
        let task = tokio::spawn(answer(listener, mark.clone(), sink.clone(), sender));
        Ok(Desk {
            address,
            mark,
            sink,
            runners,
            task,
        })
    }

    /// Sends events to another place from now on.
    pub fn direct(&self, events: &Events) {
        *self.sink.lock().unwrap_or_else(PoisonError::into_inner) = Some(events.clone());
    }

    /// Starts a runner.
    ///
    /// # Errors
    /// When the program does not run or does not call.
    pub async fn start(&mut self, tools: &Tools) -> Result<Runner> {
        let mut command = Command::new(&tools.runner);
        command
            .env("ANYMODEL_CELL_MARK", &self.mark)
            .env("ANYMODEL_CELL_ADDRESS", &self.address)
            .env("RUST_BACKTRACE", "0")
            .env_remove("EVCXR_IS_RUNTIME")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut group = Group::spawn(&mut command)
            .with_context(|| format!("{} does not start", tools.runner.display()))?;
        let (sender, ends) = mpsc::unbounded_channel();
        let last_words = LastWords::default();
        let read = |is_error| Reading {
            last_words: last_words.clone(),
            decoder: Decoder::new(&self.mark),
            sink: self.sink.clone(),
            said: sender.clone(),
            is_error,
            is_value: false,
        };
        if let Some(pipe) = group.take_stdout() {
            tokio::spawn(read(false).run(pipe));
        }
        if let Some(pipe) = group.take_stderr() {
            tokio::spawn(read(true).run(pipe));
        }
        let called = tokio::select! {
            called = tokio::time::timeout(PATIENCE, self.runners.recv()) => called,
            status = group.wait() => bail!("the process that runs cells ended at once ({})", status?),
        };
        let Ok(Some(commands)) = called else {
            bail!("the process that runs cells does not answer");
        };
        Ok(Runner {
            group,
            commands,
            ends,
            last_words,
        })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Runner {
    /// Asks it to load a library in the background.
    pub async fn load(&mut self, library: &Path) {
        self.say(&format!("LOAD {}", library.display())).await;
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
            told = last_said(&mut self.ends) => match told {
                Some(told) => return End::Told(told),
                None => self.group.wait().await,
            },
            status = self.group.wait() => {
                // A process that the cell started may hold the pipes open for long.
                let rest = last_said(&mut self.ends);
                if let Ok(Some(told)) = tokio::time::timeout(LAST_WORDS, rest).await {
                    return End::Told(told);
                }
                status
            }
        };
        let status = status.unwrap_or_default();
        let words = self
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
    let event = Event::Input {
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
