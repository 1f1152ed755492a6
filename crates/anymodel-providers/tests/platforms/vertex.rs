//! GCP Vertex AI: tokens are fetched once, kept, renewed in time and after a refusal; and never seen.
//!
//! One local server is both Google's token endpoint and Vertex AI.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anymodel::prelude::*;
use anymodel::{ClientBuilder, Error, Settings};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::answer;

const KEY: &str = include_str!("vertex/test_key.pem");
const EMAIL: &str = "tests@a-project.iam.gserviceaccount.com";
const MODEL: &str = "google/gemini-x-flash";
/// What Vertex AI says of a token it does not take. <https://cloud.google.com/apis/design/errors>
const UNAUTHENTICATED: &str = r#"[{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}]"#;

/// What the token endpoint and Vertex AI will say, each in its own order; the last word is said again and again.
#[derive(Default)]
struct Script {
    tokens: VecDeque<(u16, String)>,
    answers: VecDeque<(u16, String)>,
    /// Whoever comes with this token is refused.
    revoked: Option<&'static str>,
    /// Bodies of requests for a token.
    asked_for_tokens: Vec<String>,
    /// The addresses of the other requests.
    paths: Vec<String>,
    /// What came in the header `authorization`, and in `x-goog-user-project`.
    authorized: Vec<(Option<String>, Option<String>)>,
}

struct Google {
    address: String,
    script: Arc<Mutex<Script>>,
}

fn token(text: &str, expires_in: u64) -> (u16, String) {
    let token = json!({ "access_token": text, "expires_in": expires_in, "token_type": "Bearer" });
    (200, token.to_string())
}

fn hello() -> (u16, String) {
    (200, answer("Hello."))
}

impl Google {
    fn play(tokens: &[(u16, String)], answers: &[(u16, String)]) -> Self {
        let script = Arc::new(Mutex::new(Script {
            tokens: tokens.to_vec().into(),
            answers: answers.to_vec().into(),
            ..Script::default()
        }));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::clone(&script);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let script = Arc::clone(&shared);
                std::thread::spawn(move || while serve(&stream, &script).is_some() {});
            }
        });
        Google { address, script }
    }

    /// The JSON file of a service account whose tokens come from here.
    fn service_account(&self) -> Value {
        json!({
            "type": "service_account", "project_id": "a-project", "private_key_id": "0123456789abcdef",
            "private_key": KEY, "client_email": EMAIL, "client_id": "100000000000000000000",
            "token_uri": format!("http://{}/token", self.address),
        })
    }

    fn client(&self, name: &str) -> Client {
        let file = file(name, &self.service_account().to_string());
        self.client_with(&[("GOOGLE_APPLICATION_CREDENTIALS", file.to_str().unwrap())])
    }

    fn client_with(&self, variables: &[(&str, &str)]) -> Client {
        self.client_of("vertex-compatible", variables)
    }

    fn client_of(&self, platform: &str, variables: &[(&str, &str)]) -> Client {
        ClientBuilder::from(settings(platform, variables))
            .base_url(format!("http://{}/vertex", self.address))
            // A busy machine must not look like an endpoint that asks twice.
            .timeout(Duration::from_secs(60))
            .deadline(Duration::from_secs(120))
            .build()
            .unwrap()
    }

    fn fetched(&self) -> usize {
        self.script.lock().unwrap().asked_for_tokens.len()
    }

    fn authorized(&self) -> Vec<String> {
        let script = self.script.lock().unwrap();
        let headers = script.authorized.iter();
        headers
            .map(|(bearer, _)| bearer.clone().unwrap_or_default())
            .collect()
    }
}

fn serve(mut stream: &TcpStream, script: &Mutex<Script>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let header = |name: &str| {
        let mut pairs = head.iter().filter_map(|line| line.split_once(": "));
        let found = pairs.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned())
    };
    let length = header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    // A port may have been another test's a moment ago, whose client still asks there.
    let ours = ["POST /token ", "POST /vertex/"];
    if !ours.iter().any(|start| head[0].starts_with(start)) {
        return None;
    }
    let (status, body) = {
        let mut script = script.lock().unwrap();
        let for_token = head[0].starts_with("POST /token ");
        if for_token {
            script
                .asked_for_tokens
                .push(String::from_utf8(body).unwrap());
        } else {
            let seen = (header("authorization"), header("x-goog-user-project"));
            script.authorized.push(seen);
            let path = head[0].split(' ').nth(1).unwrap().to_owned();
            script.paths.push(path);
        }
        let bearer = header("authorization").unwrap_or_default();
        let revoked = script.revoked.is_some_and(|token| bearer.ends_with(token));
        let words = match for_token {
            true => &mut script.tokens,
            false => &mut script.answers,
        };
        match words.len() {
            _ if revoked => (401, UNAUTHENTICATED.to_owned()),
            1 => words[0].clone(),
            _ => words.pop_front().unwrap(),
        }
    };
    let length = body.len();
    let head = "content-type: application/json\r\nconnection: keep-alive\r\n";
    write!(
        stream,
        "HTTP/1.1 {status} X\r\n{head}content-length: {length}\r\n\r\n{body}"
    )
    .ok()
}

/// An answer of `generateContent`. <https://ai.google.dev/api/generate-content>
fn generated(text: &str) -> String {
    json!({
        "candidates": [{ "content": { "role": "model", "parts": [{ "text": text }] }, "finishReason": "STOP", "index": 0 }],
        "usageMetadata": { "promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5 },
        "modelVersion": "gemini-x-flash-001", "responseId": "r1",
    })
    .to_string()
}

/// A file of this test's own.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vertex");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.json"));
    std::fs::write(&path, text).unwrap();
    path
}

fn settings(platform: &str, variables: &[(&str, &str)]) -> Settings {
    let settings = Settings::from_variables(|asked| match asked {
        "LLM" => Some(platform.to_owned()),
        _ => variables
            .iter()
            .find(|(name, _)| *name == asked)
            .map(|(_, value)| (*value).to_owned()),
    });
    settings.unwrap()
}

#[tokio::test]
async fn one_token_serves_many_calls_even_when_they_begin_together() {
    let google = Google::play(&[token("ya29.first", 3599)], &[hello()]);
    let client = google.client("many");
    let calls = (0..20).map(|_| client.ask(MODEL, "Hi"));
    for reply in futures_util::future::join_all(calls).await {
        assert_eq!(reply.unwrap().text, "Hello.");
    }
    client.ask(MODEL, "Again").await.unwrap();
    assert_eq!(google.fetched(), 1);
    assert_eq!(google.authorized(), vec!["Bearer ya29.first"; 21]);
}

#[tokio::test]
async fn a_token_is_asked_for_in_the_name_of_the_service_account() {
    let google = Google::play(&[token("ya29.first", 3599)], &[hello()]);
    google.client("claims").ask(MODEL, "Hi").await.unwrap();
    let asked = google.script.lock().unwrap().asked_for_tokens[0].clone();
    let (grant, assertion) = asked.split_once("&assertion=").unwrap();
    assert_eq!(
        grant,
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
    );
    let part = |number: usize| -> Value {
        let part = assertion.split('.').nth(number).unwrap().replace("%3D", "");
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(part(0)["alg"], "RS256");
    let claims = part(1);
    assert_eq!(claims["iss"], EMAIL);
    assert_eq!(
        claims["scope"],
        "https://www.googleapis.com/auth/cloud-platform"
    );
    assert_eq!(claims["aud"], format!("http://{}/token", google.address));
}

#[tokio::test]
async fn a_token_in_its_last_minute_is_renewed_before_it_expires() {
    let tokens = [token("ya29.short", 55), token("ya29.second", 3599)];
    let google = Google::play(&tokens, &[hello()]);
    let client = google.client("expiry");
    for _ in 0..3 {
        client.ask(MODEL, "Hi").await.unwrap();
    }
    assert_eq!(google.fetched(), 2);
    assert_eq!(
        google.authorized(),
        [
            "Bearer ya29.short",
            "Bearer ya29.second",
            "Bearer ya29.second"
        ]
    );
}

#[tokio::test]
async fn a_refused_token_is_renewed_and_the_call_goes_on() {
    let tokens = [token("ya29.revoked", 3599), token("ya29.second", 3599)];
    let answers = [(401, UNAUTHENTICATED.to_owned()), hello()];
    let google = Google::play(&tokens, &answers);
    let reply = google.client("refused").ask(MODEL, "Hi").await.unwrap();
    assert_eq!(reply.text, "Hello.");
    let statuses: Vec<_> = reply.trail.iter().map(|attempt| attempt.status).collect();
    assert_eq!(
        statuses,
        [Some(401), Some(200)],
        "every attempt is on the trail"
    );
    assert_eq!(google.fetched(), 2);
    assert_eq!(
        google.authorized(),
        ["Bearer ya29.revoked", "Bearer ya29.second"]
    );
}

#[tokio::test]
async fn gemini_on_vertex_ai_gets_the_same_tokens() {
    let tokens = [token("ya29.revoked", 3599), token("ya29.second", 3599)];
    let google = Google::play(&tokens, &[(200, generated("Hello."))]);
    google.script.lock().unwrap().revoked = Some("ya29.revoked");
    let mut account = google.service_account();
    account["quota_project_id"] = "who-pays".into();
    let file = file("native", &account.to_string());
    let credentials = ("GOOGLE_APPLICATION_CREDENTIALS", file.to_str().unwrap());
    let client = google.client_of("vertex", &[credentials]);
    let reply = client.ask("gemini-x-flash", "Hi").await.unwrap();
    assert_eq!((reply.text.as_str(), reply.trail.len()), ("Hello.", 2));
    assert_eq!(reply.usage.unwrap().total_tokens, 5);
    let script = google.script.lock().unwrap();
    assert_eq!(
        script.paths,
        vec!["/vertex/models/gemini-x-flash:generateContent"; 2]
    );
    let (bearer, pays) = &script.authorized[1];
    assert_eq!(bearer.as_deref(), Some("Bearer ya29.second"));
    assert_eq!(pays.as_deref(), Some("who-pays"));
}

#[tokio::test]
async fn calls_that_are_refused_together_renew_the_token_once() {
    let tokens = [token("ya29.revoked", 3599), token("ya29.second", 3599)];
    let google = Google::play(&tokens, &[hello()]);
    google.script.lock().unwrap().revoked = Some("ya29.revoked");
    let client = google.client("together");
    let calls = (0..8).map(|_| client.ask(MODEL, "Hi"));
    for reply in futures_util::future::join_all(calls).await {
        assert_eq!(reply.unwrap().text, "Hello.");
    }
    assert_eq!(google.fetched(), 2);
}

#[tokio::test]
async fn a_second_refusal_ends_the_call() {
    let google = Google::play(
        &[token("ya29.any", 3599)],
        &[(401, UNAUTHENTICATED.to_owned())],
    );
    let error = google.client("twice").ask(MODEL, "Hi").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeyRefused);
    assert_eq!(error.trail().len(), 2);
    assert_eq!(google.fetched(), 2);
}

#[tokio::test]
async fn what_google_says_instead_of_a_token_is_told() {
    let says = |error: &str, words: &str| {
        json!({ "error": error, "error_description": words }).to_string()
    };
    let cases = [
        (
            400,
            says("invalid_grant", "Invalid JWT Signature."),
            ErrorKind::KeyRefused,
            "make a new key for the service account",
        ),
        (
            401,
            says("invalid_client", "The OAuth client was not found."),
            ErrorKind::KeyRefused,
            "The OAuth client was not found.",
        ),
        (
            503,
            says("temporarily_unavailable", "Try later."),
            ErrorKind::Server,
            "Try later.",
        ),
        (
            502,
            "<html>Bad gateway</html>".to_owned(),
            ErrorKind::BadReply,
            "is no token",
        ),
        (200, "{}".to_owned(), ErrorKind::BadReply, "no token"),
    ];
    for (status, body, kind, words) in cases {
        let google = Google::play(&[(status, body)], &[hello()]);
        let chat = google.client("no-token").chat(MODEL).user("Hi").retries(0);
        let error = chat.send().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let told = error.to_string();
        assert!(told.contains(words) && told.contains(EMAIL), "{told}");
        assert_eq!(google.fetched(), 1, "a refusal is not asked for again");
        assert!(
            google.authorized().is_empty(),
            "without a token nothing is sent"
        );
        assert!(!told.contains("PRIVATE"), "{told}");
    }
}

#[tokio::test]
async fn a_token_endpoint_that_is_not_there_is_told_as_such() {
    let google = Google::play(&[token("ya29.any", 3599)], &[hello()]);
    let mut account = google.service_account();
    // Nobody listens on the first port of all.
    account["token_uri"] = "http://127.0.0.1:1/token".into();
    let file = file("gone", &account.to_string());
    let client = google.client_with(&[("GOOGLE_APPLICATION_CREDENTIALS", file.to_str().unwrap())]);
    let error = client
        .chat(MODEL)
        .user("Hi")
        .retries(0)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    assert!(
        error.to_string().contains("cannot fetch a token"),
        "{error}"
    );
}

#[test]
fn credentials_that_cannot_be_used_are_told_with_the_file_and_what_to_do() {
    let failed = |path: &Path| -> Error {
        let variables = [
            ("GOOGLE_APPLICATION_CREDENTIALS", path.to_str().unwrap()),
            ("GOOGLE_CLOUD_PROJECT", "a-project"),
        ];
        ClientBuilder::from(settings("vertex-compatible", &variables))
            .build()
            .unwrap_err()
    };
    let whole = json!({ "type": "service_account", "client_email": EMAIL, "private_key": KEY });
    let without = |field: &str, value: Value| {
        let mut account = whole.clone();
        account[field] = value;
        account.to_string()
    };
    let cases = [
        (
            file("no-json", "-----BEGIN PRIVATE KEY-----"),
            "this is no JSON file",
        ),
        (file("no-type", "{}"), "no Google credentials"),
        (file("no-object", "[1]"), "no Google credentials"),
        (
            file("other", r#"{"type":"external_account"}"#),
            "the type \"external_account\" are not supported",
        ),
        (
            file("no-key", &without("private_key", Value::Null)),
            "the credentials have no private_key",
        ),
        (
            file("bad-uri", &without("token_uri", "http://[".into())),
            "its token_uri is not a web address",
        ),
        (
            PathBuf::from("no/such/file.json"),
            "cannot read Google's credentials",
        ),
    ];
    for (path, words) in cases {
        let error = failed(&path);
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(words), "{error}");
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
        assert!(
            error
                .hint()
                .unwrap()
                .contains("GOOGLE_APPLICATION_CREDENTIALS")
        );
    }
}

#[tokio::test]
async fn a_private_key_that_is_none_is_told_without_showing_it() {
    let google = Google::play(&[token("ya29.any", 3599)], &[hello()]);
    let mut account = google.service_account();
    account["private_key"] =
        "-----BEGIN PRIVATE KEY-----\nbm8ga2V5\n-----END PRIVATE KEY-----\n".into();
    let file = file("bad-key", &account.to_string());
    let client = google.client_with(&[("GOOGLE_APPLICATION_CREDENTIALS", file.to_str().unwrap())]);
    let error = client.ask(MODEL, "Hi").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert!(
        error.to_string().contains(EMAIL) && !error.to_string().contains("bm8ga2V5"),
        "{error}"
    );
}

#[test]
fn the_address_is_made_of_project_and_location() {
    let google = Google::play(&[], &[]);
    let path = file("address", &google.service_account().to_string());
    let credentials = ("GOOGLE_APPLICATION_CREDENTIALS", path.to_str().unwrap());
    let base_url = |variables: &[(&str, &str)]| {
        let client = ClientBuilder::from(settings("vertex-compatible", variables)).build();
        client.map(|client| client.base_url().to_owned())
    };
    // The service account names its project; a variable wins.
    assert_eq!(
        base_url(&[credentials]).unwrap(),
        "https://us-central1-aiplatform.googleapis.com/v1/projects/a-project/locations/us-central1/endpoints/openapi"
    );
    let variables = [
        credentials,
        ("VERTEX_PROJECT_ID", "mine"),
        ("VERTEX_LOCATION", "global"),
    ];
    assert_eq!(
        base_url(&variables).unwrap(),
        "https://aiplatform.googleapis.com/v1/projects/mine/locations/global/endpoints/openapi"
    );
    let native = ClientBuilder::from(settings("vertex", &variables))
        .build()
        .unwrap();
    assert_eq!(
        native.base_url(),
        "https://aiplatform.googleapis.com/v1/projects/mine/locations/global/publishers/google"
    );
    // `anymodel doctor` looks at this one.
    assert_eq!(
        settings("vertex", &variables).address("vertex").as_deref(),
        Some(native.base_url())
    );
    let no_project = base_url(&[("VERTEX_API_KEY", "ya29.ready-made")]).unwrap_err();
    assert_eq!(no_project.kind(), ErrorKind::Config);
    assert!(
        no_project
            .hint()
            .unwrap()
            .contains("GOOGLE_CLOUD_PROJECT or VERTEX_PROJECT_ID")
    );
    let nothing = base_url(&[("GOOGLE_CLOUD_PROJECT", "mine")]).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::KeyMissing);
    assert!(
        nothing
            .hint()
            .unwrap()
            .contains("gcloud auth application-default login")
    );
}

#[test]
fn who_logged_in_with_gcloud_needs_no_variable() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vertex/home/.config/gcloud");
    std::fs::create_dir_all(&folder).unwrap();
    let person = json!({
        "type": "authorized_user", "client_id": "1.apps.googleusercontent.com", "client_secret": "d-secret",
        "refresh_token": "1//a-refresh-token", "quota_project_id": "their-project",
    });
    let file = folder.join("application_default_credentials.json");
    std::fs::write(file, person.to_string()).unwrap();
    let home = folder.ancestors().nth(2).unwrap().to_str().unwrap();
    let client = ClientBuilder::from(settings("vertex-compatible", &[("HOME", home)]))
        .build()
        .unwrap();
    assert!(client.base_url().contains("/projects/their-project/"));
    let shown = format!("{client:?}");
    assert!(
        !shown.contains("refresh-token") && !shown.contains("d-secret"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_ready_token_goes_as_it_is() {
    let google = Google::play(&[], &[hello()]);
    let client = google.client_with(&[("VERTEX_API_KEY", "ya29.ready-made")]);
    client.ask(MODEL, "Hi").await.unwrap();
    assert_eq!(google.authorized(), ["Bearer ya29.ready-made"]);
}

#[tokio::test]
async fn tokens_and_keys_are_seen_nowhere() {
    let google = Google::play(
        &[token("ya29.very-secret", 3599)],
        &[(401, UNAUTHENTICATED.to_owned())],
    );
    let client = google.client("secret");
    let chat = client.chat(MODEL).user("Hi");
    let mut shown = format!("{client:?} {chat:?} {}", chat.preview().unwrap());
    let error = chat.send().await.unwrap_err();
    shown += &format!("{error} {error:?} {} {client:?}", error.trail());
    let inside = KEY.lines().nth(1).unwrap();
    assert!(
        !shown.contains("very-secret") && !shown.contains(inside),
        "{shown}"
    );
}
