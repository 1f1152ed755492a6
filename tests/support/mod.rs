//! A server on loopback that answers as a test says, byte by byte.
//!
//! ```ignore
//! let server = Server::play([json(429, r#"{"error":{"message":"slow down"}}"#), json(200, &answer("Hi"))]);
//! let client = server.client();
//! ```
//! It takes the steps one after the other, a request each; when they are used up it closes the connection. It stops when
//! it is dropped.

#![allow(dead_code)] // each test file uses its own part

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anymodel::Client;

/// What the server does with one request.
#[derive(Clone)]
pub enum Play {
    /// Sends these bytes, a whole HTTP response.
    Bytes(Vec<u8>),
    /// Reads the request and closes the connection without a word.
    Hang,
    /// Reads the request and says nothing for so long.
    Silence(Duration),
    /// Sends the head of a response in chunks, then each piece after its pause.
    Pieces {
        head: String,
        pieces: Vec<(Duration, Vec<u8>)>,
        /// Whether the end is said; without it the connection just closes.
        ends: bool,
    },
}

/// A stream of events that comes at once and ends well.
pub fn events(body: &str) -> Play {
    pieces([body.as_bytes().to_vec()], Duration::ZERO, true)
}

/// A stream of events in pieces, a pause before each.
pub fn pieces(pieces: impl IntoIterator<Item = Vec<u8>>, pause: Duration, ends: bool) -> Play {
    Play::Pieces {
        head: "content-type: text/event-stream\r\n".to_owned(),
        pieces: pieces.into_iter().map(|piece| (pause, piece)).collect(),
        ends,
    }
}

/// A JSON response.
pub fn json(status: u16, body: &str) -> Play {
    respond(status, "content-type: application/json\r\n", body)
}

/// A response with headers, each ending in `\r\n`.
pub fn respond(status: u16, headers: &str, body: &str) -> Play {
    Play::Bytes(
        format!(
            "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
}

/// A plain good answer.
pub fn answer(text: &str) -> String {
    serde_json::json!({
        "id": "gen-1", "object": "chat.completion", "created": 1, "model": "acme/answering",
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": text } }],
        "usage": { "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "cost": 0.0000171 },
    })
    .to_string()
}

pub struct Server {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn play(steps: impl IntoIterator<Item = Play>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let steps = Arc::new(Mutex::new(
            steps.into_iter().collect::<Vec<_>>().into_iter(),
        ));
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (steps, log) = (Arc::clone(&steps), Arc::clone(&log));
                std::thread::spawn(move || while serve(&stream, &steps, &log) {});
            }
        });
        Server { url, seen }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address with another path.
    pub fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        self.url.split('/').nth(2).unwrap()
    }

    /// A client of this server, with a key and no patience to lose.
    pub fn client(&self) -> Client {
        Client::builder()
            .base_url(self.url())
            .key("sk-or-v1-test0123456789")
            .build()
            .unwrap()
    }

    /// The requests so far, head and body.
    pub fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The JSON body of a request, counted from 0.
    pub fn body(&self, number: usize) -> serde_json::Value {
        let request = self.requests()[number].clone();
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }
}

type Steps = Arc<Mutex<std::vec::IntoIter<Play>>>;

/// Serves one request; tells whether the connection goes on.
fn serve(mut stream: &TcpStream, steps: &Steps, log: &Mutex<Vec<String>>) -> bool {
    let Some(request) = read_request(stream) else {
        return false;
    };
    log.lock().unwrap().push(request);
    let step = steps.lock().unwrap().next();
    match step {
        Some(Play::Bytes(bytes)) => stream.write_all(&bytes).is_ok(),
        Some(Play::Silence(span)) => {
            std::thread::sleep(span);
            false
        }
        Some(Play::Pieces { head, pieces, ends }) => send_pieces(stream, &head, pieces, ends),
        Some(Play::Hang) | None => {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            false
        }
    }
}

fn send_pieces(
    mut stream: &TcpStream,
    head: &str,
    pieces: Vec<(Duration, Vec<u8>)>,
    ends: bool,
) -> bool {
    let _ = stream.set_nodelay(true);
    let head = format!("HTTP/1.1 200 OK\r\n{head}transfer-encoding: chunked\r\n\r\n");
    let mut sent = stream.write_all(head.as_bytes()).is_ok();
    for (pause, piece) in pieces {
        if !pause.is_zero() {
            std::thread::sleep(pause);
        }
        // An empty chunk would be the end.
        if sent && !piece.is_empty() {
            let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
            chunk.extend_from_slice(&piece);
            chunk.extend_from_slice(b"\r\n");
            sent = stream.write_all(&chunk).is_ok();
        }
    }
    match ends {
        true => sent && stream.write_all(b"0\r\n\r\n").is_ok(),
        false => {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            false
        }
    }
}

fn read_request(mut stream: &TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length:")
                        .map(str::to_owned)
                })
                .map_or(0, |value| value.trim().parse().unwrap());
            if body.len() >= length {
                return Some(text);
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
