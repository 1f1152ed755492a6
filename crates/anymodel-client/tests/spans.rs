//! What a call tells those who listen with `tracing`: OpenTelemetry's names, and no word that anybody said.
//!
//! A program of its own: `tracing` remembers for the whole process whether a place is listened to, and a call of a test
//! without a listener could teach it that it is not.

#[path = "../../../tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use support::{Play, Server, answer, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

/// A span as it was when it closed.
#[derive(Clone, Debug, Default)]
struct Told {
    name: String,
    parent: Option<String>,
    fields: BTreeMap<String, String>,
}

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields
            .insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields
            .insert(field.name().to_owned(), value.to_owned());
    }
}

/// Keeps the spans of this crate.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<Told>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Listener {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let mut told = Told {
            name: span.name().to_owned(),
            parent: span.parent().map(|parent| parent.name().to_owned()),
            ..Told::default()
        };
        attributes.record(&mut told);
        span.extensions_mut().insert(told);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        if let Some(told) = span.extensions_mut().get_mut::<Told>() {
            values.record(told);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        if span.metadata().target() == "anymodel" {
            let told = span.extensions().get::<Told>().unwrap().clone();
            self.0.lock().unwrap().push(told);
        }
    }
}

impl Listener {
    /// Everything that was told while `work` ran.
    async fn hear<T>(work: impl Future<Output = T>) -> (T, Vec<Told>) {
        let listener = Listener::default();
        // Of this thread, which is the one that a test's runtime has: a span that is dropped has to find its listener too.
        let listening =
            tracing::subscriber::set_default(Registry::default().with(listener.clone()));
        let result = work.await;
        drop(listening);
        let told = listener.0.lock().unwrap().clone();
        (result, told)
    }
}

fn field<'a>(told: &'a Told, name: &str) -> &'a str {
    told.fields.get(name).map_or("", String::as_str)
}

#[tokio::test]
async fn a_call_is_a_span_with_a_span_for_each_attempt() {
    let server = Server::play([
        json(503, r#"{"error":{"message":"down"}}"#),
        json(200, &answer("Forty-two")),
    ]);
    let client = server.client();
    let (reply, told) = Listener::hear(client.ask(["acme/one", "acme/two"], "What is it?")).await;
    reply.unwrap();

    let names: Vec<&str> = told.iter().map(|told| told.name.as_str()).collect();
    assert_eq!(names, ["attempt", "attempt", "call"]);
    let [failed, answered, call] = &told[..] else {
        unreachable!()
    };
    assert_eq!(failed.parent.as_deref(), Some("call"));
    for (span, name, expected) in [
        (failed, "otel.name", "chat acme/one"),
        (failed, "otel.kind", "client"),
        (failed, "otel.status_code", "ERROR"),
        (failed, "error.type", "overloaded"),
        (failed, "http.response.status_code", "503"),
        (failed, "gen_ai.request.model", "acme/one"),
        (failed, "gen_ai.response.model", ""),
        (answered, "gen_ai.operation.name", "chat"),
        (answered, "gen_ai.provider.name", server.address()),
        (answered, "gen_ai.system", server.address()),
        (answered, "gen_ai.request.model", "acme/two"),
        (answered, "gen_ai.response.model", "acme/answering"),
        (answered, "gen_ai.response.id", "gen-1"),
        (answered, "gen_ai.response.finish_reasons", r#"["stop"]"#),
        (answered, "gen_ai.usage.input_tokens", "3"),
        (answered, "gen_ai.usage.output_tokens", "2"),
        (answered, "http.response.status_code", "200"),
        (answered, "anymodel.cost_usd", "0.0000171"),
        (answered, "error.type", ""),
        (call, "otel.kind", "internal"),
        (call, "gen_ai.operation.name", "chat"),
        (call, "gen_ai.request.model", "acme/one"),
        (call, "gen_ai.response.model", "acme/answering"),
        (call, "gen_ai.response.id", "gen-1"),
        (call, "anymodel.attempts", "2"),
        (call, "gen_ai.usage.input_tokens", ""),
        (call, "error.type", ""),
    ] {
        assert_eq!(field(span, name), expected, "{name} of {}", span.name);
    }
}

#[tokio::test]
async fn a_call_that_fails_says_why_and_one_that_is_cancelled_says_nothing() {
    let server = Server::play([
        json(402, "{}"),
        Play::Silence(std::time::Duration::from_secs(5)),
    ]);
    let client = server.client();
    let (error, told) = Listener::hear(client.ask("acme/one", "Hello")).await;
    error.unwrap_err();
    assert!(
        told.iter()
            .all(|span| field(span, "error.type") == "no_credit"),
        "{told:?}"
    );

    let call = client.ask("acme/one", "Hello");
    let soon = std::time::Duration::from_millis(300);
    let (cut, told) = Listener::hear(tokio::time::timeout(soon, call)).await;
    cut.unwrap_err();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter().all(|span| field(span, "error.type").is_empty()),
        "{told:?}"
    );
}

#[tokio::test]
async fn no_word_of_anybody_and_no_key_is_told() {
    let server = Server::play([
        json(
            400,
            r#"{"error":{"message":"SERVERWORD sk-or-v1-test0123456789"}}"#,
        ),
        json(200, &answer("ANSWERWORD")),
        Play::Bytes(b"HTTP/1.1 200 X\r\ncontent-length: 10\r\n\r\nANSWERWORD".to_vec()),
    ]);
    let client = server.client();
    let (_, told) = Listener::hear(async {
        client.ask("acme/one", "PROMPTWORD").await.unwrap_err();
        client.ask("acme/one", "PROMPTWORD").await.unwrap();
        client
            .chat("acme/one")
            .system("PROMPTWORD")
            .user("Hi")
            .retries(0)
            .send()
            .await
            .unwrap_err();
    })
    .await;
    assert_eq!(told.len(), 6);
    let told = format!("{told:?}");
    for word in ["SERVERWORD", "ANSWERWORD", "PROMPTWORD", "0123456789"] {
        assert!(!told.contains(word), "{word} is told: {told}");
    }
}

#[tokio::test]
async fn a_simulated_answer_says_so() {
    let client = anymodel::Client::sandbox().unwrap();
    let stream = client
        .chat("anthropic:claude-sonnet-4.5")
        .user("Hello")
        .stream();
    let (reply, told) = Listener::hear(stream.final_reply()).await;
    let _ = reply;
    assert!(
        told.iter()
            .all(|span| span.name != "attempt" || field(span, "gen_ai.provider.name") == "sandbox"),
        "{told:?}"
    );
    let (reply, told) = Listener::hear(client.ask("openai/gpt-4o-mini", "Hello")).await;
    reply.unwrap();
    assert_eq!(field(&told[0], "gen_ai.system"), "sandbox");
}
