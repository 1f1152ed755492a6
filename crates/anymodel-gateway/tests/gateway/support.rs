//! A running gateway with a store of its own, and a provider that records what it is sent.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anymodel_client::Client;
use anymodel_gateway::RunningGateway;
use anymodel_gateway::settings::GatewaySettings;
use anymodel_gateway::store::{SqliteStore, Store};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use futures_util::future::BoxFuture;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const ADMIN: &str = "adm-0123456789abcdef0123456789abcdef";
pub const MODEL: &str = "openai/gpt-4o-mini";
pub const PROVIDER_KEY: &str = "sk-or-v1-canary-of-the-provider-0123";

/// A gateway for one test. Its files are removed at the end.
pub struct World {
    pub gateway: Option<RunningGateway>,
    pub url: String,
    pub store: Arc<dyn Store>,
    pub http: reqwest::Client,
    pub dir: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

impl World {
    /// In front of the sandbox.
    pub async fn sandbox() -> World {
        let client = Client::builder()
            .platform("sandbox")
            .sandbox_time_scale(0.0);
        World::start(client.build().unwrap(), GatewaySettings::default()).await
    }

    /// In front of a provider that speaks OpenRouter's protocol.
    pub async fn before(provider: &Provider) -> World {
        World::with(provider, GatewaySettings::default()).await
    }

    /// The same, with settings.
    pub async fn with(provider: &Provider, settings: GatewaySettings) -> World {
        let client = Client::builder().platform("openrouter").key(PROVIDER_KEY);
        let client = client
            .base_url(&provider.url)
            .retries(0)
            .circuit_breaker(false);
        World::start(client.build().unwrap(), settings).await
    }

    async fn start(client: Client, settings: GatewaySettings) -> World {
        let unique = format!(
            "anymodel-gateway-{}-{:x}",
            std::process::id(),
            fastrand::u64(..)
        );
        let dir = std::env::temp_dir().join(unique);
        std::fs::create_dir_all(&dir).unwrap();
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&dir.join("gateway.db")).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let builder = RunningGateway::builder(Arc::clone(&store), client);
        let gateway = builder
            .settings(settings)
            .admin_token(ADMIN)
            .start(listener)
            .await
            .unwrap();
        World {
            url: gateway.url(),
            gateway: Some(gateway),
            store,
            http: reqwest::Client::new(),
            dir,
        }
    }

    /// A request with a key.
    pub fn request(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(key)
    }

    /// A request of the administrator. Returns its status and its body.
    pub async fn admin(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.request(method, path, ADMIN);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// A new key with these limits: its id, and its text.
    pub async fn key(&self, mut limits: Value) -> (String, String) {
        limits["name"] = json!("Ann");
        let (status, made) = self.admin(Method::POST, "/api/keys", limits).await;
        assert_eq!(status, 201, "{made}");
        (
            made["id"].as_str().unwrap().to_owned(),
            made["key"].as_str().unwrap().to_owned(),
        )
    }

    /// Asks in OpenAI's protocol.
    pub async fn chat(&self, key: &str, body: Value) -> reqwest::Response {
        self.request(Method::POST, "/v1/chat/completions", key)
            .json(&body)
            .send()
            .await
            .unwrap()
    }

    /// What a key's holder reads of it.
    pub async fn own_key(&self, key: &str) -> Value {
        let request = self.request(Method::GET, "/v1/key", key);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// The call log, the newest first.
    pub async fn calls(&self) -> Vec<Value> {
        let (_, list) = self.admin(Method::GET, "/api/calls", Value::Null).await;
        list["data"].as_array().unwrap().clone()
    }

    /// The call log, once it has so many rows.
    pub async fn calls_once(&self, rows: usize) -> Vec<Value> {
        for _ in 0..200 {
            let calls = self.calls().await;
            if calls.len() >= rows {
                return calls;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("there are no {rows} rows: {:?}", self.calls().await);
    }
}

/// A question.
pub fn question(more: Value) -> Value {
    let mut body = json!({ "model": MODEL, "messages": [{ "role": "user", "content": "What is recursion?" }] });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// What a provider was sent.
#[derive(Clone, Debug)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: String,
}

type Play = Arc<dyn Fn(Received) -> BoxFuture<'static, Response> + Send + Sync>;

/// A provider on loopback.
pub struct Provider {
    pub url: String,
    pub received: Arc<Mutex<Vec<Received>>>,
}

impl Provider {
    /// Answers each request with what this function makes of it.
    pub async fn start<F>(play: impl Fn(Received) -> F + Send + Sync + 'static) -> Provider
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let play: Play = Arc::new(move |received| Box::pin(play(received)));
        let app = Router::new()
            .route("/v1/chat/completions", post(handle))
            .with_state((Arc::clone(&received), play));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Provider { url, received }
    }

    /// What the last request was.
    pub fn last(&self) -> Received {
        self.received.lock().unwrap().last().cloned().unwrap()
    }

    /// How many requests came.
    pub fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }
}

async fn handle(
    State((received, play)): State<(Arc<Mutex<Vec<Received>>>, Play)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let one = Received {
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    received.lock().unwrap().push(one.clone());
    play(one).await
}

/// A response with this content type.
pub fn response(status: u16, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A whole answer that cost so much.
pub fn completion(cost: f64) -> Response {
    let body = json!({
        "id": "gen-1", "object": "chat.completion", "created": 1, "model": MODEL,
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": "It calls itself." }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9, "cost": cost },
    });
    response(200, "application/json", body.to_string())
}
