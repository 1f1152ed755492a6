//! Every fault in the list is asked for, plainly and streamed, and has to do what its line says.

use std::time::{Duration, Instant};

use anymodel::sandbox::{Fault, Sandbox, faults};
use serde_json::json;

use super::oddities::{ASKED, Heard, check_answer};
use super::support::{KEY, Talk, chunks, question, talk, talk_to, text};

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
    match name {
        "404-error-beside-detail" => {
            assert!(body["error"].is_string() && body["detail"].is_string());
            return;
        }
        "422-detail-list" => return assert!(body["detail"][0]["loc"].is_array()),
        _ => {}
    }
    let error = &body["error"];
    assert!(!error["message"].as_str().unwrap().is_empty(), "{name}");
    assert_eq!(body["user_id"], "user_sandbox");
    let code = &error["code"];
    match name {
        _ if name.ends_with("-text-code") || name == "413-tokens-per-minute" => {
            assert!(code.is_string(), "{name}: {body}")
        }
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

fn scaled(scale: f64) -> Talk {
    talk_to(Sandbox::builder().time_scale(scale).start().unwrap())
}

#[tokio::test]
async fn slow_faults_are_slow_in_scaled_time() {
    let talk = scaled(0.01);
    for (fault, least) in [("slow", 200), ("silence", 1190), ("stall", 300)] {
        let started = Instant::now();
        let heard = hear(&talk, fault, true).await;
        let took = started.elapsed();
        assert!(took >= Duration::from_millis(least), "{fault}: {took:?}");
        assert_eq!(heard.is_some_and(|h| !h.broken), fault == "slow", "{fault}");
    }
}

#[tokio::test]
async fn a_slow_first_token_comes_long_after_the_headers() {
    let talk = scaled(0.05);
    for stream in [false, true] {
        let mut asked = question("sandbox/slow-first-token", "Hello");
        asked["stream"] = json!(stream);
        let started = Instant::now();
        let response = talk.chat(&asked).send().await.unwrap();
        let headers = started.elapsed();
        response.bytes().await.unwrap();
        let all = started.elapsed();
        assert!(headers < Duration::from_millis(700), "{headers:?}");
        assert!(all >= Duration::from_secs(1), "{all:?}");
    }
}

#[tokio::test]
async fn an_outage_lasts_its_time_and_then_is_over_for_good() {
    let talk = scaled(0.03);
    let started = Instant::now();
    for _ in 0..3 {
        assert_eq!(hear(&talk, "outage-60s", false).await.unwrap().status, 503);
    }
    assert!(
        started.elapsed() < Duration::from_millis(1800),
        "too slow a machine for this test"
    );
    tokio::time::sleep(Duration::from_millis(1850)).await;
    for _ in 0..3 {
        assert_eq!(hear(&talk, "outage-60s", false).await.unwrap().status, 200);
    }
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
