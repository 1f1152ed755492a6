//! Every fault in the list is asked for, plainly and streamed, and has to do what its line says.

use std::time::{Duration, Instant};

use anymodel::sandbox::{Fault, Sandbox, faults};
use serde_json::{Value, json};

use super::support::{KEY, Talk, chunks, question, talk, talk_to, text};

const ASKED: &str = "Explain recursion in one sentence.";

/// What came back, however badly it ended.
struct Heard {
    status: u16,
    kind: String,
    headers: reqwest::header::HeaderMap,
    bytes: Vec<u8>,
    broken: bool,
}

impl Heard {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    fn chunks(&self) -> Vec<Value> {
        chunks(self.text())
    }

    fn words(&self) -> usize {
        text(&self.chunks()).split_whitespace().count()
    }

    fn is_done(&self) -> bool {
        self.text().contains("data: [DONE]")
    }
}

async fn hear(talk: &Talk, fault: &str, stream: bool) -> Option<Heard> {
    let mut asked = question(&format!("sandbox/{fault}"), ASKED);
    asked["stream"] = json!(stream);
    let mut response = talk.chat(&asked).send().await.ok()?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let kind = headers
        .get("content-type")
        .map_or("", |v| v.to_str().unwrap())
        .to_owned();
    let mut bytes = Vec::new();
    let broken = loop {
        match response.chunk().await {
            Ok(Some(more)) => bytes.extend(more),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    Some(Heard {
        status,
        kind,
        headers,
        bytes,
        broken,
    })
}

#[tokio::test]
async fn every_fault_in_the_list_does_what_it_says() {
    for fault in faults() {
        for stream in [false, true] {
            let talk = talk();
            let first = hear(&talk, fault.name, stream).await;
            let name = format!("{} (stream: {stream})", fault.name);
            match fault.status {
                None => assert!(first.is_none(), "{name} answered"),
                Some(200) => check_answer(fault.name, stream, &first.expect(&name)),
                Some(status) => check_refusal(fault, status, &first.expect(&name)),
            }
            check_second(&talk, fault, stream).await;
        }
    }
}

fn check_refusal(fault: &Fault, status: u16, heard: &Heard) {
    let name = fault.name;
    assert_eq!(heard.status, status, "{name}");
    assert_eq!(heard.kind, "application/json", "{name}");
    let body = heard.json();
    let error = &body["error"];
    assert!(!error["message"].as_str().unwrap().is_empty(), "{name}");
    assert_eq!(body["user_id"], "user_sandbox");
    let code = &error["code"];
    match name {
        _ if name.ends_with("-text-code") => assert!(code.is_string(), "{name}: {body}"),
        _ if name.ends_with("-no-code") => {
            assert!(code.is_null(), "{name}: {body}");
            assert_eq!(error["http_status"], status);
            assert!(error["error_type"].is_string());
        }
        _ => assert_eq!(code, status, "{name}: {body}"),
    }
    let metadata = &error["metadata"];
    let headers = &heard.headers;
    match name {
        "429-retry-after" | "503-retry-after" | "402-in-flight" | "429-long-wait" => {
            headers["retry-after"]
                .to_str()
                .unwrap()
                .parse::<u64>()
                .unwrap();
        }
        "429-hint-date" => assert!(headers["retry-after"].to_str().unwrap().ends_with(" GMT")),
        "429-hint-availability" => {
            assert!(error["availability"]["retry_after"].is_number(), "{body}")
        }
        "429-hint-metadata" => assert!(metadata["retry_after_seconds"].is_u64(), "{body}"),
        "429-hint-metadata-header" => {
            assert!(metadata["headers"]["Retry-After"].is_string(), "{body}")
        }
        "429-hint-reset" => assert!(headers["x-ratelimit-reset"].len() == 13),
        "429-hint-metadata-reset" | "429-free-per-day" => {
            assert_eq!(
                metadata["headers"]["X-RateLimit-Reset"]
                    .as_str()
                    .unwrap()
                    .len(),
                13,
                "{body}"
            );
        }
        "rate-limited" | "429-always" | "down" => {
            assert!(headers.get("retry-after").is_none());
            assert!(!body.to_string().to_lowercase().contains("retry"), "{body}");
        }
        "400-context-length" => assert_eq!(metadata["error_type"], "context_length_exceeded"),
        "400-content-policy" => assert_eq!(metadata["error_type"], "content_policy_violation"),
        "403-moderation" => assert!(metadata["reasons"].is_array()),
        "502-previous" => assert_eq!(metadata["previous_errors"].as_array().unwrap().len(), 2),
        "404-no-code" => assert_eq!(error["availability"]["excluded_by"], json!(["max_price"])),
        "404-privacy" => assert_eq!(error["availability"]["code"], "privacy_restricted"),
        _ => {}
    }
}

/// Faults that come in turns serve the second request and refuse the third; the others do the same again.
async fn check_second(talk: &Talk, fault: &Fault, stream: bool) {
    let in_turns = fault.summary.contains("in turns")
        || fault.summary.contains("then a good answer")
        || fault.name == "402-in-flight";
    let second = hear(talk, fault.name, stream)
        .await
        .map(|heard| heard.status);
    let expected = match fault.name {
        // Without waiting, its 60 seconds are over at once.
        "outage-60s" => Some(200),
        _ if in_turns => Some(200),
        _ => fault.status,
    };
    assert_eq!(second, expected, "{} for the second time", fault.name);
    if in_turns {
        let third = hear(talk, fault.name, stream)
            .await
            .map(|heard| heard.status);
        assert_eq!(third, fault.status, "{} for the third time", fault.name);
    }
}

fn check_answer(name: &str, stream: bool, heard: &Heard) {
    assert_eq!(heard.status, 200, "{name}");
    let breaks = matches!(name, "stream-cut" | "stream-reset" | "stall")
        || (name == "cut-after-finish" && stream);
    assert_eq!(heard.broken, breaks, "{name} (stream: {stream})");
    if stream {
        check_stream(name, heard)
    } else {
        check_plain(name, heard)
    }
}

fn check_plain(name: &str, heard: &Heard) {
    let is_json = serde_json::from_slice::<Value>(&heard.bytes).is_ok();
    match name {
        "stream-cut" | "stream-reset" | "stall" | "malformed-chunk" | "broken-json" => {
            assert!(!is_json && !heard.bytes.is_empty(), "{name}");
            return;
        }
        "empty-body" => return assert!(heard.bytes.is_empty()),
        "html" => {
            return assert!(
                heard.kind.starts_with("text/html") && heard.text().starts_with("<!DOCTYPE html>")
            );
        }
        _ => assert!(is_json, "{name}: {}", heard.text()),
    }
    let body = heard.json();
    let choice = &body["choices"][0];
    let whole = || {
        assert!(
            choice["message"]["content"]
                .as_str()
                .unwrap()
                .ends_with('.'),
            "{name}: {body}"
        )
    };
    match name {
        "echo" => assert_eq!(choice["message"]["content"], ASKED),
        "error-body" => assert_eq!(
            body.as_object().unwrap().keys().collect::<Vec<_>>(),
            ["error"]
        ),
        "error-mid-stream" | "error-mid-stream-no-choices" | "error-in-choice" => {
            assert_eq!(choice["finish_reason"], "error");
            assert_eq!(choice["error"]["code"], 502);
            assert_eq!(
                choice["message"]["content"]
                    .as_str()
                    .unwrap()
                    .split_whitespace()
                    .count(),
                40
            );
        }
        "error-mid-stream-text-code" => assert_eq!(choice["error"]["code"], "server_error"),
        "empty-completion" => {
            assert_eq!(choice["message"]["content"], "");
            assert!(choice["finish_reason"].is_null());
            assert_eq!(body["usage"]["completion_tokens"], 0);
        }
        "comments" | "leading-whitespace" => assert!(heard.bytes.starts_with(b"\n")),
        "finish-null" => assert!(choice["finish_reason"].is_null()),
        "finish-blank" => assert_eq!(choice["finish_reason"], ""),
        "finish-unknown" => assert_eq!(choice["finish_reason"], "tea_break"),
        "finish-error" => assert_eq!(choice["finish_reason"], "error"),
        "content-filter" => assert_eq!(choice["finish_reason"], "content_filter"),
        "usage-missing" => assert!(body.get("usage").is_none()),
        "usage-null" => assert!(body["usage"].is_null() && body.get("usage").is_some()),
        "cost-missing" => {
            assert!(body["usage"].get("cost").is_none() && body["usage"]["total_tokens"].is_u64())
        }
        "choices-empty" => assert_eq!(body["choices"], json!([])),
        "choices-missing" => assert!(body.get("choices").is_none()),
        "other-model" => assert_ne!(body["model"], "sandbox/other-model"),
        "foreign-id" => assert!(body["id"].as_str().unwrap().starts_with("chatcmpl-")),
        "fields-missing" => assert!(body.get("object").is_none() && body.get("created").is_none()),
        "floats" => assert!(body["usage"]["total_tokens"].is_f64()),
        "tier-unknown" => assert_eq!(body["service_tier"], "leisurely"),
        "content-parts" => assert_eq!(choice["message"]["content"][0]["type"], "text"),
        "annotations" => assert_eq!(choice["message"]["annotations"][0]["type"], "file"),
        // Unusual only in a stream, or not at all.
        "steady-200ms"
        | "slow"
        | "slow-first-token"
        | "no-prefill"
        | "no-done"
        | "cut-after-finish"
        | "crlf"
        | "no-space"
        | "several-data-lines"
        | "split-utf8"
        | "usage-old-form"
        | "usage-on-finish"
        | "usage-twice"
        | "content-after-finish" => whole(),
        other => panic!("nobody checks what {other} does without streaming"),
    }
}

fn check_stream(name: &str, heard: &Heard) {
    if name == "html" || name == "empty-body" {
        return check_plain(name, heard);
    }
    assert_eq!(heard.kind, "text/event-stream", "{name}");
    let finishes = |chunks: &[Value]| -> Vec<Value> {
        let finish = |c: &Value| {
            c.pointer("/choices/0/finish_reason")
                .filter(|f| !f.is_null())
                .cloned()
        };
        chunks.iter().filter_map(finish).collect()
    };
    let whole = |heard: &Heard| {
        assert_eq!(heard.words(), 60, "{name}");
        assert!(heard.is_done(), "{name}");
    };
    match name {
        "stream-cut" | "stream-reset" | "stall" => {
            // What the reset overtakes in the socket is lost, on a real line too.
            let words = heard.words();
            match name {
                "stream-cut" => assert_eq!(words, 40),
                "stall" => assert_eq!(words, 20),
                _ => assert!(words <= 40),
            }
            assert!(!heard.is_done() && finishes(&heard.chunks()).is_empty());
        }
        "malformed-chunk" | "broken-json" => {
            let data: Vec<&str> = heard
                .text()
                .lines()
                .filter_map(|l| l.strip_prefix("data: "))
                .collect();
            let bad: Vec<usize> = (0..data.len())
                .filter(|at| serde_json::from_str::<Value>(data[*at]).is_err())
                .collect();
            if name == "malformed-chunk" {
                assert_eq!(
                    bad,
                    [9, data.len() - 1],
                    "only the tenth event and the sentinel are no JSON"
                );
            } else {
                assert_eq!(bad.len(), data.len());
            }
        }
        "no-done" => assert!(
            !heard.is_done() && finishes(&heard.chunks()) == ["stop"] && heard.words() == 60
        ),
        "cut-after-finish" => {
            let chunks = heard.chunks();
            assert_eq!(finishes(&chunks), ["stop"]);
            assert!(!heard.is_done() && chunks.iter().all(|c| c.get("usage").is_none()));
        }
        "error-mid-stream"
        | "error-in-choice"
        | "error-mid-stream-no-choices"
        | "error-mid-stream-text-code" => {
            let chunks = heard.chunks();
            let last = chunks.last().unwrap();
            assert_eq!(heard.words(), 40);
            match name {
                "error-mid-stream-text-code" => assert_eq!(last["error"]["code"], "server_error"),
                _ => assert_eq!(last["error"]["code"], 502),
            }
            match name {
                "error-mid-stream-no-choices" => assert_eq!(last["choices"], json!([])),
                _ => assert_eq!(last["choices"][0]["finish_reason"], "error"),
            }
            assert!(!heard.is_done());
        }
        "echo" => assert_eq!(text(&heard.chunks()), ASKED),
        "error-body" => assert_eq!(heard.chunks()[0]["error"]["code"], 502),
        "empty-completion" => {
            assert!(heard.words() == 0 && finishes(&heard.chunks()).is_empty() && heard.is_done())
        }
        "comments" => {
            assert!(heard.text().matches(": OPENROUTER PROCESSING\n").count() > 40);
            whole(heard);
        }
        "crlf" => {
            assert_eq!(
                heard.text().matches('\n').count(),
                heard.text().matches("\r\n").count()
            );
            whole(heard);
        }
        "no-space" => assert!(heard.text().contains("data:{") && !heard.text().contains("data: ")),
        "several-data-lines" => {
            let event = heard.text().split("\n\n").nth(1).unwrap();
            assert!(
                event.lines().count() > 3 && event.lines().all(|l| l.starts_with("data: ")),
                "{event}"
            );
            let joined: String = event.lines().map(|l| &l["data: ".len()..]).collect();
            serde_json::from_str::<Value>(&joined).unwrap();
        }
        "finish-null" => assert!(finishes(&heard.chunks()).is_empty() && heard.is_done()),
        "finish-blank" => assert_eq!(finishes(&heard.chunks()), [""]),
        "finish-unknown" => assert_eq!(finishes(&heard.chunks()), ["tea_break"]),
        "finish-error" => assert_eq!(finishes(&heard.chunks()), ["error"]),
        "content-filter" => assert_eq!(finishes(&heard.chunks()), ["content_filter"]),
        "usage-missing" => assert!(heard.chunks().iter().all(|c| c.get("usage").is_none())),
        "usage-null" => assert!(
            heard
                .chunks()
                .iter()
                .any(|c| c.get("usage").is_some_and(Value::is_null))
        ),
        "cost-missing" => assert!(
            heard.chunks().last().unwrap()["usage"]
                .get("cost")
                .is_none()
        ),
        "usage-old-form" => {
            let chunks = heard.chunks();
            let last = chunks.last().unwrap();
            assert!(last["usage"].is_object() && last["choices"][0]["delta"]["content"] == "");
        }
        "usage-on-finish" => {
            let chunks = heard.chunks();
            assert!(chunks.last().unwrap()["usage"].is_object());
            assert_eq!(
                chunks.last().unwrap()["choices"][0]["finish_reason"],
                "stop"
            );
        }
        "usage-twice" => assert_eq!(
            heard
                .chunks()
                .iter()
                .filter(|c| c["usage"].is_object())
                .count(),
            2
        ),
        "choices-empty" => assert!(heard.chunks().iter().all(|c| c["choices"] == json!([]))),
        "choices-missing" => assert!(heard.chunks().iter().all(|c| c.get("choices").is_none())),
        "other-model" => assert!(
            heard
                .chunks()
                .iter()
                .all(|c| c["model"] != "sandbox/other-model")
        ),
        "foreign-id" => assert!(
            heard.chunks()[0]["id"]
                .as_str()
                .unwrap()
                .starts_with("chatcmpl-")
        ),
        "fields-missing" => assert!(heard.chunks().iter().all(|c| c.get("object").is_none())),
        "floats" => assert!(heard.chunks().last().unwrap()["usage"]["total_tokens"].is_f64()),
        "tier-unknown" => assert_eq!(heard.chunks()[0]["service_tier"], "leisurely"),
        "content-after-finish" => assert_eq!(heard.words(), 64),
        "content-parts" => assert!(heard.chunks()[0]["choices"][0]["delta"]["content"].is_array()),
        "annotations" => assert_eq!(
            heard.chunks()[0]["choices"][0]["delta"]["annotations"][0]["type"],
            "file"
        ),
        "leading-whitespace" | "split-utf8" => whole(heard),
        "steady-200ms" | "slow" | "slow-first-token" | "no-prefill" => {
            assert!(heard.is_done() && heard.words() > 5)
        }
        other => panic!("nobody checks what {other} does in a stream"),
    }
}

#[tokio::test]
async fn slow_faults_are_slow_in_scaled_time() {
    let talk = talk_to(Sandbox::builder().time_scale(0.01).start().unwrap());
    let started = Instant::now();
    hear(&talk, "slow", false).await.unwrap();
    assert!(
        (200..1000).contains(&started.elapsed().as_millis()),
        "{:?}",
        started.elapsed()
    );

    let asked = question("sandbox/slow-first-token", "Hello");
    let mut asked_stream = asked.clone();
    asked_stream["stream"] = json!(true);
    for asked in [asked, asked_stream] {
        let started = Instant::now();
        let response = talk.chat(&asked).send().await.unwrap();
        assert!(
            started.elapsed() < Duration::from_millis(150),
            "headers come at once"
        );
        response.bytes().await.unwrap();
        assert!(
            started.elapsed() > Duration::from_millis(200),
            "the answer does not"
        );
    }

    let started = Instant::now();
    assert!(hear(&talk, "silence", true).await.is_none());
    assert!(
        started.elapsed() > Duration::from_millis(1190),
        "{:?}",
        started.elapsed()
    );

    let started = Instant::now();
    assert!(hear(&talk, "stall", true).await.unwrap().broken);
    assert!(
        started.elapsed() > Duration::from_millis(300),
        "{:?}",
        started.elapsed()
    );

    assert_eq!(hear(&talk, "outage-60s", false).await.unwrap().status, 503);
    assert_eq!(hear(&talk, "outage-60s", false).await.unwrap().status, 503);
    tokio::time::sleep(Duration::from_millis(620)).await;
    assert_eq!(hear(&talk, "outage-60s", false).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_connection_reset_is_a_reset_of_the_socket() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let talk = talk();
    let address = talk
        .sandbox
        .base_url()
        .trim_start_matches("http://")
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let body = question("sandbox/connection-reset", "Hello").to_string();
    let head = format!(
        "POST /api/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    let error = socket.read_to_end(&mut heard).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(heard.is_empty());
}

#[tokio::test]
async fn split_bytes_arrive_whole_in_chinese_too() {
    let talk = talk();
    let mut asked = question("sandbox/split-utf8", "你好");
    asked["stream"] = json!(true);
    let stream = talk
        .chat(&asked)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(stream.ends_with("data: [DONE]\n\n"));
    assert!(
        text(&chunks(&stream)).chars().any(|c| c > '\u{4E00}'),
        "{stream}"
    );
}

#[tokio::test]
async fn a_conversation_that_ends_with_the_assistant_is_refused_by_no_prefill() {
    let talk = talk();
    let mut asked = question("sandbox/no-prefill", "Hello");
    asked["messages"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "role": "assistant", "content": "Well," }));
    let (status, body) = talk.ask(&asked).await;
    assert_eq!(status, 400);
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("prefill")
    );
}

#[tokio::test]
async fn an_unknown_fault_is_refused_with_the_nearest_names() {
    let (status, body) = talk().ask(&question("sandbox/stream-cat", "Hello")).await;
    assert_eq!(status, 400);
    assert_eq!(
        body["error"]["availability"]["fallback_models"][0],
        "sandbox/stream-cut"
    );
}

#[tokio::test]
async fn what_one_key_met_does_not_change_what_another_meets() {
    let talk = talk();
    assert_eq!(hear(&talk, "503-once", false).await.unwrap().status, 503);
    let other = talk
        .http
        .post(talk.url("/chat/completions"))
        .bearer_auth("somebody-else")
        .json(&question("sandbox/503-once", "Hello"));
    assert_eq!(other.send().await.unwrap().status(), 503);
    assert_eq!(hear(&talk, "503-once", false).await.unwrap().status, 200);
}

#[test]
fn fault_names_are_unique_and_explained() {
    let mut names: Vec<&str> = faults().iter().map(|f| f.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(faults().iter().all(|f| f.summary.len() > 10));
}
