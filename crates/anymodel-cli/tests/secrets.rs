//! The key appears nowhere: not in what is shown, not in errors, logs, traces or files, whatever a server does with it.
//!
//! A set of calls that ends in every way there is goes to servers that know the key and repeat it; everything that comes
//! out of the crate is gathered, every event of every crate below it included, and searched.

#[path = "../../../tests/support/mod.rs"]
mod support;

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anymodel::{Client, ErrorKind, Result, Show};
use serde_json::json;
use support::{Play, Server, respond};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

const KEY: &str = "sk-or-v1-c0ffee5ec2e7facade0123456789";
/// A part of the key is a leak as well.
const TELLING: &str = "c0ffee5ec";

/// Everything that was seen, each piece with where it came from.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(String, String)>>>);

impl Seen {
    fn add(&self, place: &str, text: impl Into<String>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push((place.to_owned(), text.into()));
    }

    fn debug(&self, place: &str, value: &impl Debug) {
        self.add(place, format!("{value:?} {value:#?}"));
    }

    fn shown(&self, place: &str, value: &(impl Show + Debug)) {
        self.debug(place, value);
        self.add(place, format!("{value} {}", value.to_html()));
    }

    fn error(&self, place: &str, error: &anymodel::Error) {
        self.debug(place, error);
        self.add(
            place,
            format!("{error} {:?} {:?}", error.hint(), error.partial()),
        );
        self.shown(place, error.trail());
    }

    fn result(&self, place: &str, result: &Result<anymodel::Reply>) {
        match result {
            Ok(reply) => {
                self.shown(place, reply);
                self.add(place, reply.summary());
                self.shown(place, &reply.trail);
            }
            Err(error) => self.error(place, error),
        }
    }

    /// Fails with the places where the key stands.
    fn search(&self) {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let leaks: Vec<_> = seen
            .iter()
            .filter(|(_, text)| text.contains(TELLING))
            .collect();
        assert!(leaks.is_empty(), "the key stands in {leaks:#?}");
    }

    fn places(&self) -> Vec<String> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().map(|(place, _)| place.clone()).collect()
    }
}

/// What everybody tells with `tracing`, at every level.
struct Listener(Seen);

struct Words<'a>(&'a Seen, String);

impl Visit for Words<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.add(&self.1, format!("{field}={value:?}"));
    }
}

impl<S: Subscriber> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        attributes.record(&mut Words(
            &self.0,
            attributes.metadata().target().to_owned(),
        ));
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        values.record(&mut Words(&self.0, "span".to_owned()));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut Words(&self.0, event.metadata().target().to_owned()));
    }
}

fn listen() -> (Seen, tracing::subscriber::DefaultGuard) {
    let seen = Seen::default();
    let listener = Registry::default().with(Listener(seen.clone()));
    (seen, tracing::subscriber::set_default(listener))
}

fn client(server: &Server) -> anymodel::ClientBuilder {
    Client::builder().base_url(server.url()).key(KEY).retries(0)
}

/// Servers that repeat the key in each place where words of theirs are read.
fn gossips() -> Vec<(&'static str, Play)> {
    let error = |status, body: String| support::json(status, &body);
    let said = |text: &str| json!({"error": {"message": text, "code": 401}}).to_string();
    let nearly_too_long = format!("{}{KEY}", "x".repeat(280));
    let stream = |data: String| {
        respond(
            200,
            "content-type: text/event-stream\r\n",
            &format!("data: {data}\n\n"),
        )
    };
    let head =
        format!("HTTP/1.1 401 X\r\nwww-authenticate: Bearer {KEY}\r\ncontent-length: 0\r\n\r\n");
    let spoken = json!({"choices": [{"delta": {"content": "Hel"}}]});
    vec![
        (
            "401",
            error(401, said(&format!("Incorrect API key provided: {KEY}."))),
        ),
        ("402", error(402, said(&format!("no credit for {KEY}")))),
        ("403", error(403, said(KEY))),
        (
            "404",
            error(404, said(&format!("{KEY} may not see this model"))),
        ),
        (
            "400 with metadata",
            error(
                400,
                json!({"error": {"message": "Provider returned error",
            "metadata": {"raw": format!("key={KEY}"), "provider_name": KEY}}})
                .to_string(),
            ),
        ),
        (
            "429",
            error(429, said(&format!("too many requests of Bearer {KEY}"))),
        ),
        (
            "500 as text",
            respond(500, "content-type: text/plain\r\n", &format!("{KEY} {KEY}")),
        ),
        (
            "502 as a page",
            respond(502, "content-type: text/html\r\n", &format!("<p>{KEY}</p>")),
        ),
        ("503", error(503, said(&nearly_too_long))),
        ("a header", Play::Bytes(head.into_bytes())),
        (
            "200 that is an error",
            error(200, said(&format!("upstream refused {KEY}"))),
        ),
        (
            "200 that is no JSON",
            respond(
                200,
                "content-type: application/json\r\n",
                &format!("key {KEY}"),
            ),
        ),
        (
            "a stream with an error",
            stream(said(&format!("upstream refused {KEY}"))),
        ),
        (
            "a stream that breaks",
            stream(format!("{spoken}\n\ndata: {}", said(KEY))),
        ),
        ("a stream of nonsense", stream(format!("{{{KEY}"))),
        ("a connection that closes", Play::Hang),
        ("silence", Play::Silence(Duration::from_millis(600))),
    ]
}

#[tokio::test]
async fn no_failure_tells_the_key_even_where_the_server_repeats_it() {
    let (seen, _listening) = listen();
    for (name, play) in gossips() {
        let server = Server::play([play.clone(), play.clone(), play]);
        let client = client(&server)
            .timeout(Duration::from_millis(400))
            .build()
            .unwrap();
        let asked = client.ask("acme/one", "Hello").await;
        assert!(asked.is_err(), "{name} is no answer");
        seen.result(name, &asked);
        let streamed = client
            .chat("acme/one")
            .user("Hello")
            .stream()
            .final_reply()
            .await;
        assert!(streamed.is_err(), "{name} is no answer");
        seen.result(name, &streamed);
        seen.error(name, &client.generation("gen-1").await.unwrap_err());
        seen.shown(name, &client.totals());
        seen.add(name, client.totals().prometheus());
        assert!(
            server.requests()[0].contains(KEY),
            "the server knows the key"
        );
    }
    seen.search();
}

#[tokio::test]
async fn what_is_shown_of_calls_that_succeed_does_not_tell_the_key() {
    let (seen, _listening) = listen();
    let answer = support::json(200, &support::answer("Hi"));
    let server = Server::play(std::iter::repeat_n(answer, 5));
    let builder = client(&server);
    seen.debug("the builder", &builder);
    let client = builder.build().unwrap();
    seen.debug("the client", &client);
    let chat = client.chat("acme/one").user("Hello");
    seen.debug("the question", &chat);
    let preview = chat.preview().unwrap();
    seen.debug("the preview", &preview);
    seen.add("the preview", preview.to_string());
    seen.result("a reply", &chat.clone().send().await);
    let mut stream = chat.stream();
    seen.debug("the stream", &stream);
    while let Some(event) = stream.next().await {
        seen.debug("an event", &event.unwrap());
    }
    let comparison = client.compare(["acme/one", "acme/two"], "Hello").await;
    seen.shown("a comparison", &comparison);
    seen.shown("the totals", &client.totals());
    seen.add("the totals", client.totals().prometheus());

    let places = seen.places();
    for place in ["anymodel", "span"] {
        assert!(
            places.iter().any(|seen| seen == place),
            "nothing was heard from {place}"
        );
    }
    assert!(
        places.iter().any(|place| place.starts_with("hyper")),
        "the crates below were heard"
    );
    seen.search();
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_without_being_shown() {
    let (seen, _listening) = listen();
    for key in [
        format!("{KEY} {KEY}"),
        format!("{KEY}\u{1}"),
        format!("<{KEY}>"),
        format!("{KEY}…"),
    ] {
        let built = Client::builder().key(key.clone()).build();
        if let Err(error) = built {
            assert_eq!(error.kind(), ErrorKind::KeyMalformed);
            seen.error("a malformed key", &error);
        }
    }
    assert!(!seen.places().is_empty(), "none was refused");
    for platform in ["anthropic", "gemini", "azure", "unheard-of"] {
        let built = Client::builder().platform(platform).key(KEY).build();
        match built {
            Ok(client) => match client.chat("some-model").user("Hello").preview() {
                Ok(preview) => {
                    seen.debug(platform, &preview);
                    seen.add(platform, preview.to_string());
                }
                Err(error) => seen.error(platform, &error),
            },
            Err(error) => seen.error(platform, &error),
        }
    }
    seen.search();
}

#[tokio::test]
async fn the_sandbox_repeats_no_key_either() {
    let (seen, _listening) = listen();
    let sandbox = anymodel::sandbox::Sandbox::builder()
        .time_scale(0.0)
        .start()
        .unwrap();
    seen.debug("the sandbox", &sandbox);
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .key(KEY)
        .retries(0)
        .build()
        .unwrap();
    for model in [
        "sandbox/echo",
        "sandbox/down",
        "sandbox/nobody",
        "openai/gpt-4o-mini",
        "sandbox/garbage",
    ] {
        seen.result(model, &client.ask(model, "Hello").await);
    }
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in ["key", "credits", "models", "generation?id=gen-1", "nowhere"] {
        let url = format!("{}/{path}", sandbox.base_url());
        let response = http.get(url).bearer_auth(KEY).send().await.unwrap();
        seen.add(
            path,
            format!(
                "{:?} {}",
                response.headers().clone(),
                response.text().await.unwrap()
            ),
        );
    }
    seen.search();
}

/// The program, with the key in its environment: what it prints, and every file it leaves in the reader's folders.
#[test]
fn the_program_prints_no_key_and_writes_it_into_no_file() {
    let home = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("secrets-home");
    std::fs::remove_dir_all(&home).ok();
    std::fs::create_dir_all(&home).unwrap();
    let seen = Seen::default();
    let good = support::json(200, &support::answer("Hi"));
    let refused = support::json(
        401,
        &json!({"error": {"message": format!("bad key {KEY}")}}).to_string(),
    );
    for (name, play) in [
        ("a good answer", good),
        ("a refusal", refused),
        ("nothing", Play::Hang),
    ] {
        for more in [&[][..], &["--json"], &["--stream"]] {
            let server = Server::play(std::iter::repeat_n(play.clone(), 6));
            let output = std::process::Command::new(env!("CARGO_BIN_EXE_anymodel"))
                .args(["ask", "--model", "acme/one", "--base-url", server.url()])
                .args(more)
                .arg("Hello")
                .current_dir(&home)
                .env("HOME", &home)
                .env("XDG_CACHE_HOME", &home)
                .env("XDG_CONFIG_HOME", &home)
                .env("XDG_DATA_HOME", &home)
                .env("OPENROUTER_API_KEY", KEY)
                .env("RUST_LOG", "trace")
                .env("RUST_BACKTRACE", "1")
                .output()
                .unwrap();
            assert!(
                server.requests()[0].contains(KEY),
                "the server knows the key"
            );
            seen.add(name, String::from_utf8_lossy(&output.stdout));
            seen.add(name, String::from_utf8_lossy(&output.stderr));
        }
    }
    let mut folders = vec![home];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => seen.add(
                    &path.display().to_string(),
                    String::from_utf8_lossy(&std::fs::read(&path).unwrap()),
                ),
            }
        }
    }
    seen.search();
}
