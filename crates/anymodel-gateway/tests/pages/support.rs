//! A running gateway in front of the sandbox, with a store of its own, and a browser without redirects.

use std::path::PathBuf;
use std::sync::Arc;

use anymodel_client::Client;
use anymodel_gateway::RunningGateway;
use anymodel_gateway::settings::GatewaySettings;
use anymodel_gateway::store::SqliteStore;
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const ADMIN: &str = "adm-0123456789abcdef0123456789abcdef";
pub const MODEL: &str = "openai/gpt-4o-mini";

pub struct World {
    pub gateway: RunningGateway,
    http: reqwest::Client,
    folder: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl World {
    pub async fn new() -> World {
        World::with(GatewaySettings::default()).await
    }

    pub async fn with(settings: GatewaySettings) -> World {
        let unique = format!(
            "anymodel-pages-{}-{:x}",
            std::process::id(),
            fastrand::u64(..)
        );
        let folder = std::env::temp_dir().join(unique);
        std::fs::create_dir(&folder).unwrap();
        let store = Arc::new(SqliteStore::open(&folder.join("gateway.db")).unwrap());
        let client = Client::builder()
            .platform("sandbox")
            .sandbox_time_scale(0.0);
        let builder = RunningGateway::builder(store, client.build().unwrap()).settings(settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        World {
            gateway: builder.admin_token(ADMIN).start(listener).await.unwrap(),
            http: reqwest::Client::builder()
                .redirect(Policy::none())
                .build()
                .unwrap(),
            folder,
        }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.gateway.url()))
    }

    /// A request of the administrator.
    pub fn admin(&self, method: Method, path: &str, body: &Value) -> RequestBuilder {
        self.request(method, path).bearer_auth(ADMIN).json(body)
    }

    /// A key for Ann with these limits.
    pub async fn key(&self, mut fields: Value) -> String {
        fields["name"] = json!("Ann");
        let made = self.admin(Method::POST, "/api/keys", &fields);
        let made: Value = made.send().await.unwrap().json().await.unwrap();
        made["key"].as_str().unwrap().to_owned()
    }

    /// A question with this key.
    pub async fn ask(&self, key: &str, model: &str) -> Response {
        let body = json!({ "model": model, "messages": [{ "role": "user", "content": "What is recursion?" }] });
        let asked = self
            .request(Method::POST, "/v1/chat/completions")
            .bearer_auth(key);
        asked.json(&body).send().await.unwrap()
    }

    /// The page of the holder whose browser has this key in its cookie.
    pub fn me(&self, key: &str) -> RequestBuilder {
        let cookie = format!("theme=dark; anymodel_key={key}");
        self.request(Method::GET, "/me").header("cookie", cookie)
    }

    /// The form with this key, sent by a page of this origin.
    pub fn sign_in(&self, key: &str, origin: &str) -> RequestBuilder {
        let form = self
            .request(Method::POST, "/me")
            .header("content-type", "application/x-www-form-urlencoded");
        form.header("origin", origin).body(format!("key={key}"))
    }
}

/// A header of a response.
pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

/// Every page forbids scripts and styles of others, and inline ones.
pub fn assert_strict(response: &Response) {
    let policy = header(response, "content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains("base-uri 'none'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(header(response, "x-content-type-options"), "nosniff");
    assert_eq!(header(response, "cache-control"), "no-store");
    assert_eq!(header(response, "content-type"), "text/html; charset=utf-8");
}
