//! A provider that fails by the name of the model: the sixteen faults of the public benchmark failoverbench, as its catalogue
//! describes them (scenarios S01 to S16, September 2026).
//!
//! A healthy answer is one text of sixty words, 15 ms a word. Every span is multiplied by a scale, 1 being real. It writes
//! down each request that reached it, and when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::wire::{self, DONE, Listening, chunk, read_request, response, usage};

pub const OK: &str = "acme/ok";
pub const OK_WITHOUT_PREFILL: &str = "acme/ok-without-prefill";

/// The sixty words that every healthy answer is.
pub fn text() -> String {
    let words: Vec<String> = (1..=60).map(|n| format!("word{n}")).collect();
    words.join(" ")
}

/// A request that reached the provider.
#[derive(Clone, Debug)]
pub struct Seen {
    pub model: String,
    pub at: Instant,
    /// It ended with the assistant's words, and that was refused.
    pub refused_prefill: bool,
}

pub struct Provider {
    listening: Listening,
    log: Arc<Mutex<Log>>,
}

/// How the connection of an answer ends that breaks off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// S08 and S09 close in the middle of the transfer, S14 as if all were well.
    AsInTheCatalogue,
    /// All close in the middle of the transfer.
    Fin,
    /// All reset the connection.
    Rst,
    /// The transfer of all ends as if all were well, without a finish reason.
    Clean,
}

struct Log {
    end: End,
    scale: f64,
    /// How long S15 lasts, in real seconds.
    outage: f64,
    seen: Vec<Seen>,
    counts: HashMap<String, usize>,
}

impl Provider {
    pub fn start(scale: f64, outage: f64, end: End) -> Self {
        let log = Arc::new(Mutex::new(Log {
            end,
            scale,
            outage,
            seen: Vec::new(),
            counts: HashMap::new(),
        }));
        let shared = Arc::clone(&log);
        let listening = wire::listen(move |stream| serve(stream, Arc::clone(&shared)));
        Provider { listening, log }
    }

    pub fn url(&self) -> &str {
        &self.listening.url
    }

    /// The requests for a model.
    pub fn seen(&self, model: &str) -> Vec<Seen> {
        let log = self.log.lock().unwrap();
        let seen = log.seen.iter().filter(|seen| seen.model == model);
        seen.cloned().collect()
    }
}

/// How an answer under status 200 goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flaw {
    None,
    SlowFirstWord,
    /// The connection ends after 40 words, in the middle of the transfer.
    Cut,
    Stall,
    Malformed,
    NoDone,
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Log>>) {
    while let Some(request) = read_request(&mut stream).await {
        let (scale, end) = {
            let log = log.lock().unwrap();
            (log.scale, log.end)
        };
        if answer(&mut stream, &request, &log, scale).await.is_none() {
            if end == End::Rst {
                // What was sent has to arrive before the reset.
                pause(0.3, scale).await;
                stream.set_zero_linger().unwrap();
            }
            return;
        }
    }
}

async fn pause(seconds: f64, scale: f64) {
    tokio::time::sleep(Duration::from_secs_f64(seconds * scale)).await;
}

fn error(status: u16, code: Value, message: &str, headers: &str) -> String {
    let body = json!({ "error": { "code": code, "message": message, "type": code } });
    response(status, headers, &body.to_string())
}

/// Answers one request; nothing when the connection is over.
async fn answer(
    stream: &mut TcpStream,
    request: &Value,
    log: &Mutex<Log>,
    scale: f64,
) -> Option<()> {
    let model = request["model"].as_str()?.to_owned();
    let last = request["messages"].as_array()?.last()?;
    let prefilled = last["role"] == "assistant";
    let refused_prefill = prefilled && model == OK_WITHOUT_PREFILL;
    let now = Instant::now();
    let (count, down) = {
        let mut log = log.lock().unwrap();
        log.seen.push(Seen {
            model: model.clone(),
            at: now,
            refused_prefill,
        });
        let first = log.seen.iter().find(|seen| seen.model == model)?.at;
        let down = now.duration_since(first).as_secs_f64() < log.outage;
        let count = log.counts.entry(model.clone()).or_default();
        *count += 1;
        (*count, down)
    };
    let overloaded = || error(503, json!("overloaded"), "The model is overloaded", "");
    let name = model.rsplit('/').next()?;
    let refusal = match name {
        _ if refused_prefill => Some(error(
            400,
            json!("invalid_request"),
            "assistant prefill is not supported",
            "",
        )),
        "s01" if count == 1 => {
            let hint = format!("retry-after: {}\r\n", 2.0 * scale);
            Some(error(
                429,
                json!("rate_limit_exceeded"),
                "Too many requests",
                &hint,
            ))
        }
        "s02" => Some(error(
            429,
            json!("rate_limit_exceeded"),
            "Too many requests",
            "",
        )),
        "s03" if count == 1 => Some(error(500, json!("server_error"), "Something broke", "")),
        "s04" | "s16" => Some(overloaded()),
        "s15" if down => Some(overloaded()),
        "s12" => Some(error(
            400,
            json!("context_length_exceeded"),
            "The conversation is too long",
            "",
        )),
        "s13" => Some(error(
            400,
            json!("content_policy_violation"),
            "Refused by the safety system: violence",
            "",
        )),
        _ => None,
    };
    if let Some(refusal) = refusal {
        stream.write_all(refusal.as_bytes()).await.ok()?;
        return Some(());
    }
    match name {
        "s05" if count == 1 => {
            stream.set_zero_linger().unwrap();
            return None;
        }
        "s06" => {
            pause(120.0, scale).await;
            return None;
        }
        _ => {}
    }
    let flaw = match name {
        "s07" => Flaw::SlowFirstWord,
        "s08" | "s14" => Flaw::Cut,
        "s09" => Flaw::Stall,
        "s10" => Flaw::Malformed,
        "s11" => Flaw::NoDone,
        _ => Flaw::None,
    };
    let clean = match log.lock().unwrap().end {
        End::AsInTheCatalogue => name == "s14",
        end => end == End::Clean,
    };
    match request["stream"] == true {
        true => in_events(stream, &model, flaw, (scale, clean)).await,
        false => at_once(stream, &model, flaw, (scale, clean)).await,
    }
}

async fn send(stream: &mut TcpStream, text: &str) -> Option<()> {
    let framed = format!("{:x}\r\n{text}\r\n", text.len());
    stream.write_all(framed.as_bytes()).await.ok()
}

/// `clean`: what breaks off ends as if all were well.
async fn in_events(
    stream: &mut TcpStream,
    model: &str,
    flaw: Flaw,
    (scale, clean): (f64, bool),
) -> Option<()> {
    let break_off = async |stream: &mut TcpStream| {
        if clean {
            stream.write_all(b"0\r\n\r\n").await.ok()?;
        }
        None
    };
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.ok()?;
    if flaw == Flaw::SlowFirstWord {
        pause(20.0, scale).await;
    }
    send(
        stream,
        &chunk(model, &json!({ "role": "assistant", "content": "" }), None),
    )
    .await?;
    let text = text();
    for (at, word) in text.split_inclusive(' ').enumerate() {
        pause(0.015, scale).await;
        match (flaw, at) {
            (Flaw::Cut, 40) => return break_off(stream).await,
            (Flaw::Stall, 20) => {
                pause(30.0, scale).await;
                return break_off(stream).await;
            }
            // The tenth event: the ninth word after the one that names the role.
            (Flaw::Malformed, 8) => {
                send(
                    stream,
                    "data: {\"id\":\"gen-1\",\"choices\":[{\"delta\":{\"con\n\n",
                )
                .await?;
                continue;
            }
            _ => {}
        }
        send(stream, &chunk(model, &json!({ "content": word }), None)).await?;
    }
    send(stream, &chunk(model, &json!({}), Some("stop"))).await?;
    send(stream, &usage(model)).await?;
    if flaw != Flaw::NoDone {
        send(stream, DONE).await?;
    }
    stream.write_all(b"0\r\n\r\n").await.ok()
}

/// The same without streaming: what is cut, silent or broken there is here, too.
async fn at_once(
    stream: &mut TcpStream,
    model: &str,
    flaw: Flaw,
    (scale, clean): (f64, bool),
) -> Option<()> {
    let body = json!({
        "id": "gen-1", "object": "chat.completion", "created": 1, "model": model,
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": text() } }],
        "usage": { "prompt_tokens": 20, "completion_tokens": 60, "total_tokens": 80, "cost": 0.0001 },
    })
    .to_string();
    let half = &body[..body.len() * 2 / 3];
    // What ends as if all were well says itself how short it is.
    let length = match (flaw, clean) {
        (Flaw::Cut | Flaw::Stall, true) => half.len(),
        _ => body.len(),
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    pause(
        if flaw == Flaw::SlowFirstWord {
            20.0
        } else {
            0.9
        },
        scale,
    )
    .await;
    match flaw {
        Flaw::Cut | Flaw::Stall if clean => stream.write_all(half.as_bytes()).await.ok(),
        Flaw::Cut => {
            stream.write_all(half.as_bytes()).await.ok()?;
            None
        }
        Flaw::Stall => {
            stream.write_all(half.as_bytes()).await.ok()?;
            pause(30.0, scale).await;
            None
        }
        Flaw::Malformed => {
            let broken = body.replacen("\"choices\":[", "\"choices\":{", 1);
            stream.write_all(broken.as_bytes()).await.ok()
        }
        _ => stream.write_all(body.as_bytes()).await.ok(),
    }
}
