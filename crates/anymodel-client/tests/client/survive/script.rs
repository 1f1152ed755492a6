//! A server that answers each request by the next of its scripts, and notices when the caller goes away.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anymodel::{Client, ClientBuilder};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::wire::{self, Listening, read_request};

/// One step of a response. After the last, the connection ends.
#[derive(Clone)]
pub enum Act {
    Send(Vec<u8>),
    Wait(Duration),
    /// Sends this again and again, after so long each time, until the caller is gone.
    Repeat(String, Duration),
    /// Waits until the caller is gone.
    UntilGone,
}

#[derive(Default)]
struct Log {
    scripts: VecDeque<Vec<Act>>,
    requests: Vec<(Instant, Value)>,
    /// When callers went away in the middle of a response.
    gone: Vec<Instant>,
}

pub struct Scripted {
    listening: Listening,
    log: Arc<Mutex<Log>>,
}

pub fn send(bytes: impl Into<Vec<u8>>) -> Act {
    Act::Send(bytes.into())
}

pub fn wait(milliseconds: u64) -> Act {
    Act::Wait(Duration::from_millis(milliseconds))
}

/// Plays the scripts one after the other; the last one again and again.
pub fn play(scripts: impl IntoIterator<Item = Vec<Act>>) -> Scripted {
    let log = Arc::new(Mutex::new(Log {
        scripts: scripts.into_iter().collect(),
        ..Log::default()
    }));
    let shared = Arc::clone(&log);
    let listening = wire::listen(move |stream| serve(stream, Arc::clone(&shared)));
    Scripted { listening, log }
}

impl Scripted {
    pub fn url(&self) -> &str {
        &self.listening.url
    }

    /// A client that goes through `reqwest`.
    pub fn client(&self) -> ClientBuilder {
        Client::builder()
            .base_url(self.url())
            .key("sk-or-v1-test0123456789")
    }

    /// A client that goes through `async-openai`.
    pub fn compatible(&self) -> ClientBuilder {
        self.client().platform("openai")
    }

    pub fn asked(&self) -> Vec<String> {
        let log = self.log.lock().unwrap();
        let models = log.requests.iter().map(|(_, body)| body["model"].as_str());
        models.map(|model| model.unwrap().to_owned()).collect()
    }

    /// How many callers went away in the middle, as soon as there are `least` of them or two seconds are over.
    pub async fn gone(&self, least: usize) -> usize {
        for _ in 0..200 {
            let count = self.log.lock().unwrap().gone.len();
            if count >= least {
                return count;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.log.lock().unwrap().gone.len()
    }
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Log>>) {
    while let Some(body) = read_request(&mut stream).await {
        let script = {
            let mut log = log.lock().unwrap();
            log.requests.push((Instant::now(), body));
            match log.scripts.len() {
                0 => return,
                1 => log.scripts[0].clone(),
                _ => log.scripts.pop_front().unwrap(),
            }
        };
        let whole = script.len() == 1;
        for act in script {
            if run(&mut stream, act).await.is_none() {
                log.lock().unwrap().gone.push(Instant::now());
                return;
            }
        }
        // A response of one piece says its length, and the connection may go on.
        if !whole {
            return;
        }
    }
}

/// One step; nothing when the caller is gone.
async fn run(stream: &mut TcpStream, act: Act) -> Option<()> {
    match act {
        Act::Send(bytes) => stream.write_all(&bytes).await.ok(),
        Act::Wait(span) => match tokio::time::timeout(span, gone(stream)).await {
            Ok(()) => None,
            Err(_) => Some(()),
        },
        Act::Repeat(text, span) => loop {
            stream.write_all(text.as_bytes()).await.ok()?;
            if tokio::time::timeout(span, gone(stream)).await.is_ok() {
                return None;
            }
        },
        Act::UntilGone => {
            gone(stream).await;
            None
        }
    }
}

async fn gone(stream: &mut TcpStream) {
    let mut buffer = [0; 64];
    while !matches!(stream.read(&mut buffer).await, Ok(0) | Err(_)) {}
}
