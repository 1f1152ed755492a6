//! The server that everybody asks. The name of the model says how it answers: `stream/COUNT/MICROSECONDS` sends so many
//! words, one each so many microseconds or, with 0, all at once; any other name is answered whole and at once.

use std::convert::Infallible;
use std::io::Read;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Json;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

/// More calls may knock at once than the standard library lets wait.
const WAITING: u32 = 4096;

#[tokio::main]
pub async fn serve() {
    use axum::serve::ListenerExt;
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(WAITING).unwrap();
    println!("http://{}/v1", listener.local_addr().unwrap());
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    let app = Router::new().route("/v1/chat/completions", post(answer));
    // Whoever started it holds the other end.
    std::thread::spawn(|| {
        std::io::stdin().read_to_end(&mut Vec::new()).ok();
        std::process::exit(0);
    });
    axum::serve(listener, app).await.unwrap();
}

async fn answer(Json(request): Json<Value>) -> Response {
    let model = request["model"].as_str().unwrap_or_default();
    // LiteLLM passes on what stands behind the platform's name; the SDK of OpenAI all of it.
    let Some(shape) = model.strip_prefix("stream/") else {
        return Json(json!({
            "id": "gen-1", "object": "chat.completion", "created": 1, "model": model,
            "choices": [{ "index": 0, "finish_reason": "stop",
                "message": { "role": "assistant", "content": "A function that calls itself." } }],
            "usage": { "prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16, "cost": 0.0000171 },
        }))
        .into_response();
    };
    let (count, pause) = shape.split_once('/').unwrap();
    let pause = Duration::from_micros(pause.parse().unwrap());
    let frames = stream::iter(
        frames(model, count.parse().unwrap())
            .into_iter()
            .enumerate(),
    );
    let begun = Instant::now();
    let paced = frames.then(move |(place, frame)| async move {
        if !pause.is_zero() {
            sleep_until(begun + pause * u32::try_from(place).unwrap()).await;
        }
        Ok::<_, Infallible>(frame)
    });
    (
        [(CONTENT_TYPE, "text/event-stream")],
        Body::from_stream(paced),
    )
        .into_response()
}

/// The events of a streamed answer, each as the bytes that go over the wire.
fn frames(model: &str, count: usize) -> Vec<Bytes> {
    let event = |delta: Value, finish: Value, usage: Value| {
        let data = json!({
            "id": "gen-1", "object": "chat.completion.chunk", "created": 1, "model": model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }], "usage": usage,
        });
        Bytes::from(format!("data: {data}\n\n"))
    };
    let mut frames: Vec<Bytes> = (0..count)
        .map(|place| {
            let delta = json!({ "role": "assistant", "content": format!("word{place} ") });
            event(delta, Value::Null, Value::Null)
        })
        .collect();
    let usage =
        json!({ "prompt_tokens": 9, "completion_tokens": count, "total_tokens": count + 9 });
    frames.push(event(json!({}), json!("stop"), usage));
    frames.push(Bytes::from_static(b"data: [DONE]\n\n"));
    frames
}
