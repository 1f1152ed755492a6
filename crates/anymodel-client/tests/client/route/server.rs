//! A server on loopback with many models, each of which can be made slow, or broken, while it runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anymodel::Client;
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

/// What is known of one model: what it does, and what it was asked.
#[derive(Clone, Copy, Default)]
struct Model {
    delay: Duration,
    is_down: bool,
    asked: usize,
    now: usize,
    most: usize,
}

type Models = Arc<Mutex<HashMap<String, Model>>>;

pub struct Server {
    url: String,
    models: Models,
}

impl Server {
    /// On a runtime of its own, so that it does not wait for the tasks that ask it.
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let models = Models::default();
        let app = axum::Router::new()
            .route("/v1/chat/completions", post(answer))
            .with_state(Arc::clone(&models));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, app).await.unwrap();
            });
        });
        Server { url, models }
    }

    pub fn client(&self) -> Client {
        let builder = Client::builder().base_url(&self.url);
        builder
            .key("sk-or-v1-test0123456789")
            .retries(0)
            .build()
            .unwrap()
    }

    pub fn slow(&self, model: &str, delay: Duration) {
        self.with(model, |model| model.delay = delay);
    }

    pub fn down(&self, model: &str, is_down: bool) {
        self.with(model, |model| model.is_down = is_down);
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// How often a model was asked.
    pub fn asked(&self, model: &str) -> usize {
        self.with(model, |model| model.asked)
    }

    /// The same of several, and from now on counted from 0.
    pub fn count<const N: usize>(&self, models: [&str; N]) -> [usize; N] {
        models.map(|model| self.with(model, |model| std::mem::take(&mut model.asked)))
    }

    /// The most requests that a model had at the same time.
    pub fn most(&self, model: &str) -> usize {
        self.with(model, |model| model.most)
    }

    fn with<T>(&self, model: &str, work: impl FnOnce(&mut Model) -> T) -> T {
        work(
            self.models
                .lock()
                .unwrap()
                .entry(model.to_owned())
                .or_default(),
        )
    }
}

/// A request that is under way; gone when the caller is.
struct Guest(Models, String);

impl Drop for Guest {
    fn drop(&mut self) {
        self.0
            .lock()
            .unwrap()
            .entry(self.1.clone())
            .or_default()
            .now -= 1;
    }
}

async fn answer(State(models): State<Models>, Json(request): Json<Value>) -> Response {
    let name = request["model"].as_str().unwrap_or_default().to_owned();
    let now = {
        let mut all = models.lock().unwrap();
        let model = all.entry(name.clone()).or_default();
        model.asked += 1;
        model.now += 1;
        model.most = model.most.max(model.now);
        *model
    };
    let _guest = Guest(models, name.clone());
    if now.is_down {
        let error = json!({ "error": { "code": 503, "message": "down" } });
        return (StatusCode::SERVICE_UNAVAILABLE, Json(error)).into_response();
    }
    tokio::time::sleep(now.delay).await;
    if request["stream"] == true {
        let chunk = json!({ "model": name, "choices": [{ "index": 0, "finish_reason": "stop", "delta": { "content": "Hi" } }] });
        let body = format!("data: {chunk}\n\ndata: [DONE]\n\n");
        return ([("content-type", "text/event-stream")], body).into_response();
    }
    Json(json!({
        "id": "gen-1", "object": "chat.completion", "created": 1, "model": name,
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": "Hi" } }],
        "usage": { "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5 },
    }))
    .into_response()
}
