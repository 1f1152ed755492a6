//! What each answer under status 200 has to look like.

use serde_json::{Value, json};

use super::support::{chunks, text};

pub const ASKED: &str = "Explain recursion in one sentence.";

/// What came back, however badly it ended.
pub struct Heard {
    pub status: u16,
    pub kind: String,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
    pub broken: bool,
}

impl Heard {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    pub fn chunks(&self) -> Vec<Value> {
        chunks(self.text())
    }

    pub fn words(&self) -> usize {
        text(&self.chunks()).split_whitespace().count()
    }

    pub fn is_done(&self) -> bool {
        self.text().contains("data: [DONE]")
    }
}

pub fn check_answer(name: &str, stream: bool, heard: &Heard) {
    assert_eq!(heard.status, 200, "{name}");
    let breaks = matches!(name, "stream-cut" | "stream-reset" | "stall")
        || (name == "finish-null-text" && stream)
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
        "byte-order-mark" => return assert!(heard.text().starts_with("\u{feff}{")),
        // JSON allows it, and readers of JSON refuse it.
        "lone-surrogates" => return assert!(!is_json && heard.text().contains(".\\ud83d\"")),
        "json-as-events" | "error-as-events" => assert_eq!(heard.kind, "text/event-stream"),
        _ => {}
    }
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
        "error-flat" => assert!(body["code"].is_string() && body["message"].is_string()),
        "error-base-resp" => assert_eq!(body["base_resp"]["status_code"], 1004),
        "error-empty" => {
            assert_eq!(body["error"]["message"], "");
            whole();
        }
        "finish-model-length" => assert_eq!(choice["finish_reason"], "model_length"),
        "finish-null-text" => {
            assert_eq!(choice["finish_reason"], "null");
            whole();
        }
        "error-body" | "error-as-events" | "error-field" => assert_eq!(
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
        | "misfit"
        | "misfit-once"
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
        | "content-after-finish"
        | "empty-data"
        | "one-line-end"
        | "no-blank-line"
        | "events-as-json"
        | "json-as-events"
        | "calls-in-second-choice"
        | "calls-under-one-index" => whole(),
        "thought-parts" => assert_eq!(choice["message"]["content"][0]["type"], "thinking"),
        "large-picture" => assert!(heard.bytes.len() > 8 << 20),
        other => panic!("nobody checks what {other} does without streaming"),
    }
}

fn check_stream(name: &str, heard: &Heard) {
    if ["html", "empty-body", "json-as-events", "error-as-events"].contains(&name) {
        return check_plain(name, heard);
    }
    let kind = match name {
        "events-as-json" => "application/json",
        _ => "text/event-stream",
    };
    assert_eq!(heard.kind, kind, "{name}");
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
        "leading-whitespace" | "split-utf8" | "events-as-json" => whole(heard),
        "empty-data" => assert!(heard.text().matches("data: \n\n").count() > 60 && heard.is_done()),
        "one-line-end" => {
            assert!(!heard.text().contains("}\n\n"));
            whole(heard);
        }
        "no-blank-line" => {
            assert!(heard.text().ends_with("}\n") && !heard.is_done() && heard.words() == 60);
        }
        "byte-order-mark" => {
            assert!(heard.text().starts_with("\u{feff}: "));
            whole(heard);
        }
        "lone-surrogates" => {
            let halves = ["\"\\ud83d\"", "\"\\ude00\""];
            assert!(
                halves
                    .iter()
                    .all(|half| heard.text().matches(half).count() == 1)
            );
        }
        "thought-parts" => assert!(heard.text().contains(r#""type":"thinking""#)),
        "calls-in-second-choice" | "calls-under-one-index" => whole(heard),
        "error-field" => assert!(heard.text().starts_with("error: {\"code\":502")),
        "error-flat" | "error-base-resp" => {
            assert!(heard.text().starts_with("event: error\ndata: {"));
        }
        "error-empty" => {
            assert!(heard.chunks().iter().all(|c| c["error"]["message"] == ""));
            whole(heard);
        }
        "finish-model-length" => {
            assert_eq!(finishes(&heard.chunks()), ["model_length"]);
            assert_eq!(heard.words(), 40);
        }
        "finish-null-text" => {
            assert!(finishes(&heard.chunks()).iter().all(|word| *word == "null"));
            assert_eq!(heard.words(), 40);
        }
        "large-picture" => {
            let longest = heard.text().lines().map(str::len).max();
            assert!(longest > Some(8 << 20));
            whole(heard);
        }
        "steady-200ms" | "slow" | "slow-first-token" | "no-prefill" | "misfit" | "misfit-once" => {
            assert!(heard.is_done() && heard.words() > 5)
        }
        other => panic!("nobody checks what {other} does in a stream"),
    }
}
