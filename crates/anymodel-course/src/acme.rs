//! Acme: a demonstration server with its own protocol, which exists only in lesson 8.
//!
//! `POST /talk` with the key as a bearer token, and
//! `{"robot": "robot-1", "lines": [{"who": "user", "says": "Hello"}], "bit_by_bit": false}`. The answer is
//! `{"robot": "robot-1", "says": "Hi", "bell": "ding"}`; a stream is one JSON object a line, the last one with the bell. An
//! error is `{"oops": "…"}`.

use std::convert::Infallible;
use std::net::{Ipv4Addr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router, serve};
use futures_util::stream::{self, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use anymodel_catalog::model::tokens;
use anymodel_types::{Error, ErrorKind, Result};

/// The only model.
const ROBOT: &str = "robot-1";
/// The pause between two words of a stream, so that they are visible one by one.
const PAUSE: Duration = Duration::from_millis(20);

/// Starts Acme's server on a free port of this machine. It stops when the value is dropped. Its answers say that they are
/// invented.
///
/// # Errors
/// [`ErrorKind::Network`] when no port of this machine is free.
pub fn acme() -> Result<AcmeServer> {
    AcmeServer::start().map_err(|error| {
        Error::new(
            ErrorKind::Network,
            format!("the server of Acme cannot start: {error}"),
        )
        .with_hint("it needs a free port on 127.0.0.1: check that loopback connections are allowed")
    })
}

/// Acme's server, made by [`acme()`]. It stops when it is dropped.
#[derive(Debug)]
pub struct AcmeServer {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl AcmeServer {
    fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("acme".into())
            .spawn(move || {
                runtime.block_on(async {
                    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                        return;
                    };
                    let app = Router::new().route("/talk", post(talk));
                    tokio::select! {
                        // Ends only with the process.
                        _ = async { serve(listener, app).await } => {}
                        _ = stopped => {}
                    }
                });
                runtime.shutdown_background();
            })?;
        Ok(AcmeServer {
            url,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Its base URL.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for AcmeServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended by itself.
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            // The thread has already printed its panic.
            thread.join().ok();
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    robot: String,
    lines: Vec<Line>,
    #[serde(default)]
    bit_by_bit: bool,
}

#[derive(Deserialize)]
struct Line {
    says: String,
}

async fn talk(headers: HeaderMap, Json(asked): Json<Asked>) -> Response {
    if !headers.contains_key("authorization") {
        return oops(StatusCode::UNAUTHORIZED, "who are you?");
    }
    if asked.robot != ROBOT {
        return oops(
            StatusCode::NOT_FOUND,
            &format!("no robot is called {}", asked.robot),
        );
    }
    let Some(Line { says: question }) = asked.lines.last() else {
        return oops(StatusCode::BAD_REQUEST, "nobody said anything");
    };
    let says = answer(question);
    if !asked.bit_by_bit {
        return Json(json!({ "robot": ROBOT, "says": says, "bell": "ding" })).into_response();
    }
    let mut lines: Vec<Value> = tokens::pieces(&says)
        .map(|piece| json!({ "says": piece }))
        .collect();
    lines.push(json!({ "bell": "ding" }));
    let body = stream::iter(lines).then(|line| async move {
        tokio::time::sleep(PAUSE).await;
        Ok::<_, Infallible>(format!("{line}\n"))
    });
    let headers = [("content-type", "application/x-ndjson")];
    (headers, Body::from_stream(body)).into_response()
}

fn oops(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "oops": why }))).into_response()
}

/// An answer that says what Acme is, in the language of the question.
fn answer(question: &str) -> String {
    match question
        .chars()
        .any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
    {
        true => format!(
            "我是 Acme 的机器人，只存在于这一课里，没有真正的模型在回答。你问的是：“{question}”"
        ),
        false => format!(
            "I am a robot of Acme, which exists in this lesson alone; no real model has read this. You asked: \"{question}\""
        ),
    }
}
