//! A sandbox without waiting, and a plain HTTP client to talk to it.

use std::sync::Arc;

use anymodel::sandbox::Sandbox;
use serde_json::{Value, json};

pub const KEY: &str = "sk-or-v1-0123456789abcdef";

/// A sandbox and somebody to talk to it.
pub struct Talk {
    pub sandbox: Sandbox,
    pub http: reqwest::Client,
}

/// A client that brings its own cryptography: none is installed for the process.
pub fn http() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls);
    client.no_proxy().build().unwrap()
}

pub fn talk() -> Talk {
    talk_to(Sandbox::builder().time_scale(0.0).start().unwrap())
}

pub fn talk_to(sandbox: Sandbox) -> Talk {
    Talk {
        sandbox,
        http: http(),
    }
}

/// A question to a model.
pub fn question(model: &str, text: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": text }] })
}

impl Talk {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    pub fn chat(&self, body: &Value) -> reqwest::RequestBuilder {
        self.http
            .post(self.url("/chat/completions"))
            .bearer_auth(KEY)
            .json(body)
    }

    /// Status and body of a question that is answered at once.
    pub async fn ask(&self, body: &Value) -> (u16, Value) {
        let response = self.chat(body).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }

    /// The whole stream as text.
    pub async fn stream(&self, body: &Value) -> String {
        let mut body = body.clone();
        body["stream"] = json!(true);
        let response = self.chat(&body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        response.text().await.unwrap()
    }

    /// A request to another vendor's face.
    pub fn guest(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.sandbox.origin());
        let request = self.http.post(url).json(body);
        headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        })
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.get_as(path, KEY).await
    }

    pub async fn get_as(&self, path: &str, key: &str) -> (u16, Value) {
        let response = self
            .http
            .get(self.url(path))
            .bearer_auth(key)
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }
}

/// What came back, however badly it ended.
pub struct Said {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    pub broken: bool,
}

impl Said {
    /// Nothing when the connection broke before the headers.
    pub async fn by(request: reqwest::RequestBuilder) -> Option<Self> {
        let mut response = request.send().await.ok()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut bytes = Vec::new();
        let broken = loop {
            match response.chunk().await {
                Ok(Some(more)) => bytes.extend(more),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        let text = String::from_utf8(bytes).unwrap();
        Some(Self {
            status,
            headers,
            text,
            broken,
        })
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The events of a stream: the name of each, empty when it has none, and its data.
    pub fn events(&self) -> Vec<(String, String)> {
        let blocks = self.text.split("\n\n").filter(|block| !block.is_empty());
        let field = |block: &str, name: &str| -> String {
            let lines = block.lines().filter_map(|line| line.strip_prefix(name));
            lines.map(|value| value.trim_start_matches(' ')).collect()
        };
        blocks
            .map(|block| (field(block, "event:"), field(block, "data:")))
            .collect()
    }

    /// The data of a stream's events, all of which must be JSON.
    pub fn data(&self) -> Vec<Value> {
        let events = self.events();
        events
            .iter()
            .map(|(_, data)| {
                serde_json::from_str(data).unwrap_or_else(|error| panic!("{error}: {data}"))
            })
            .collect()
    }
}

/// The JSON chunks of a stream, without comments and the sentinel.
pub fn chunks(stream: &str) -> Vec<Value> {
    stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// The text of a stream.
pub fn text(chunks: &[Value]) -> String {
    let said = |c: &Value| {
        c.pointer("/choices/0/delta/content")?
            .as_str()
            .map(str::to_owned)
    };
    chunks.iter().filter_map(said).collect()
}
