//! The bottom of the servers of these tests: a port, requests, and the events of a streamed answer.

use std::future::Future;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A server on a thread of its own, so that it keeps time whatever the test does. It ends when it is dropped.
pub struct Listening {
    pub url: String,
    _stop: oneshot::Sender<()>,
}

/// Serves every connection with `serve`.
pub fn listen<F, S>(serve: F) -> Listening
where
    F: Fn(TcpStream) -> S + Send + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    let (port, bound) = mpsc::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            port.send(listener.local_addr().unwrap()).unwrap();
            let accept = async {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    stream.set_nodelay(true).unwrap();
                    tokio::spawn(serve(stream));
                }
            };
            tokio::select! {
                () = accept => {}
                _ = stopped => {}
            }
        });
        runtime.shutdown_timeout(Duration::ZERO);
    });
    Listening {
        url: format!("http://{}/v1", bound.recv().unwrap()),
        _stop: stop,
    }
}

/// The JSON body of the next request; none when the caller has gone.
pub async fn read_request(stream: &mut TcpStream) -> Option<Value> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
                .unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return serde_json::from_slice(&bytes[end + 4..]).ok();
            }
        }
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

pub fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}

/// One chunk of an answer.
pub fn chunk(model: &str, delta: &Value, finish: Option<&str>) -> String {
    event(&json!({
        "id": "gen-1", "object": "chat.completion.chunk", "created": 1, "model": model,
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
    }))
}

pub fn word(text: &str) -> String {
    chunk("acme/one", &json!({ "content": text }), None)
}

pub fn finish() -> String {
    chunk("acme/one", &json!({}), Some("stop"))
}

pub fn usage(model: &str) -> String {
    event(&json!({
        "id": "gen-1", "model": model, "choices": [],
        "usage": { "prompt_tokens": 20, "completion_tokens": 60, "total_tokens": 80, "cost": 0.0001 },
    }))
}

pub const DONE: &str = "data: [DONE]\n\n";

/// The head of a streamed answer that ends with its connection.
pub const STREAM: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// A whole response.
pub fn response(status: u16, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}
