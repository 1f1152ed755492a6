//! A gateway in front of the sandbox, and a browser without scripts: it keeps cookies, reads forms and sends them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anymodel_client::Client;
use anymodel_gateway::RunningGateway;
use anymodel_gateway::settings::GatewaySettings;
use anymodel_gateway::store::{SqliteStore, Store};
use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const TOKEN: &str = "adm-0123456789abcdef0123456789abcdef";
pub const MODEL: &str = "openai/gpt-4o-mini";

/// A running gateway. Its files are removed at the end.
pub struct School {
    pub url: String,
    _gateway: RunningGateway,
    directory: PathBuf,
}

impl Drop for School {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

impl School {
    pub async fn open() -> School {
        School::at("127.0.0.1:0").await
    }

    pub async fn at(address: &str) -> School {
        let unique = format!(
            "anymodel-console-{}-{:x}",
            std::process::id(),
            fastrand::u64(..)
        );
        let directory = std::env::temp_dir().join(unique);
        std::fs::create_dir_all(&directory).unwrap();
        let store = SqliteStore::open(&directory.join("gateway.db")).unwrap();
        let client = Client::builder()
            .platform("sandbox")
            .sandbox_time_scale(0.0);
        let store: Arc<dyn Store> = Arc::new(store);
        let gateway = RunningGateway::builder(store, client.build().unwrap())
            .settings(GatewaySettings {
                zone: Some("Asia/Shanghai".to_owned()),
                ..GatewaySettings::default()
            })
            .admin_token(TOKEN)
            .start(TcpListener::bind(address).await.unwrap())
            .await
            .unwrap();
        School {
            url: gateway.url(),
            _gateway: gateway,
            directory,
        }
    }

    /// A browser that reads English.
    pub fn browser(&self) -> Browser {
        self.browser_in("en")
    }

    /// A browser that reads this language.
    pub fn browser_in(&self, language: &str) -> Browser {
        Browser {
            url: self.url.clone(),
            language: language.to_owned(),
            cookies: Mutex::default(),
            http: reqwest::Client::builder()
                .redirect(Policy::none())
                .build()
                .unwrap(),
        }
    }

    /// A browser of the signed-in teacher.
    pub async fn teacher(&self) -> Browser {
        let browser = self.browser();
        let page = browser.sign_in(TOKEN).await;
        assert_eq!(page.status, 303, "{}", page.text);
        browser
    }

    /// A student's question with this key: the status, and the body.
    pub async fn ask(&self, key: &str) -> (u16, Value) {
        let body = json!({ "model": MODEL, "max_tokens": 50, "messages": [{ "role": "user", "content": "What is recursion?" }] });
        let request = reqwest::Client::new()
            .post(format!("{}/v1/chat/completions", self.url))
            .bearer_auth(key)
            .json(&body);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// What the admin API answers.
    pub async fn api(&self, path: &str) -> Value {
        let request = reqwest::Client::new()
            .get(format!("{}{path}", self.url))
            .bearer_auth(TOKEN);
        request.send().await.unwrap().json().await.unwrap()
    }
}

/// A browser without scripts.
pub struct Browser {
    url: String,
    language: String,
    cookies: Mutex<BTreeMap<String, String>>,
    http: reqwest::Client,
}

/// An answer to a browser.
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Browser {
    pub async fn get(&self, path: &str) -> Page {
        self.send(self.http.get(format!("{}{path}", self.url)))
            .await
    }

    /// Sends a form as it is, with these fields.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self.http.post(format!("{}{path}", self.url));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body)).await
    }

    /// Sends a form of a page, with its token.
    pub async fn submit(&self, from: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.get(from).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let csrf = page.csrf();
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("csrf", csrf.as_str())])
            .collect();
        self.post(path, &fields).await
    }

    pub async fn sign_in(&self, token: &str) -> Page {
        self.post("/sign-in", &[("token", token), ("next", "/")])
            .await
    }

    /// The cookies that it has.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().unwrap().clone()
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Page {
        let cookies = self.cookies();
        let cookies = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let request = request
            .header("accept-language", &self.language)
            .header(COOKIE, cookies);
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies
                .lock()
                .unwrap()
                .insert(name.to_owned(), value.to_owned());
        }
        Page {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// The token of its forms.
    pub fn csrf(&self) -> String {
        between(&self.text, "name=\"csrf\" value=\"", "\"").to_owned()
    }

    /// The keys on its cards.
    pub fn keys(&self) -> Vec<String> {
        let parts = self.text.split("am-").skip(1).map(|part| {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            format!("am-{}", &part[..end.unwrap_or(part.len())])
        });
        // The lines of Python have no key, but `am-…`.
        parts.filter(|key| key.len() > 64).collect()
    }
}

/// What stands between two texts.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let start = text
        .find(before)
        .unwrap_or_else(|| panic!("no {before} in {text}"));
    let rest = &text[start + before.len()..];
    &rest[..rest.find(after).unwrap()]
}
