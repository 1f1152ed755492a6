//! A stream that is passed through, event by event.

use std::time::Duration;

use anymodel::{RawApi, RawRequest};

use super::{chat, client, watch};
use crate::support::{Play, Server, events, json, pieces};

const BODY: &str = r#"{"model":"m","messages":[],"stream":true}"#;
const ROLE: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
const WORD: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
const END: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"cost\":0.5}}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// Comments, names, two ends of lines, many scripts, odd numbers, unknown fields, several lines of data.
fn strange() -> String {
    let lf = ": hello 你\n\nid: 7\nevent: chunk\ndata: {\"x\":1.0,\"choices\":[{\"delta\":{\"content\":\"你好\"}}]}\n\n";
    let crlf = "retry: 10\r\ndata:  {\"big\":12345678901234567890123, \"choices\":[{\"delta\":{\"content\":\" 😀\\u00e9\"}}]}\r\n\r\n";
    let lines =
        ": PROCESSING\n\ndata: {\"choices\":[{\"delta\":\ndata: {\"content\":\"!\"}}]}\n\n\n";
    format!("{lf}{ROLE}{crlf}{lines}{END}{USAGE}{DONE}: bye\n\n")
}

#[tokio::test]
async fn wherever_a_body_is_cut_each_byte_comes_through_and_each_event_is_one() {
    let body = strange();
    let cuts = 1..body.len();
    let steps = cuts.clone().map(|at| {
        let (one, other) = body.as_bytes().split_at(at);
        pieces([one.to_vec(), other.to_vec()], Duration::ZERO, true)
    });
    let server = Server::play(steps.collect::<Vec<_>>());
    let client = client("openrouter", &server).build().unwrap();
    for at in cuts {
        let seen = watch(client.chat("m").user("Hi").raw(chat(BODY))).await;
        let raw = String::from_utf8(seen.raw).unwrap();
        assert_eq!(raw, body, "cut at {at}");
        let reply = seen.end.unwrap();
        assert_eq!(reply.text, "你好 😀é!", "cut at {at}");
        let frames = seen.events.iter().filter(|event| *event == "raw").count();
        assert_eq!(frames, 11, "cut at {at}: {:?}", seen.events);
    }
}

#[tokio::test]
async fn an_events_bytes_come_before_its_words_and_usage_and_cost_are_read_along() {
    let body = [ROLE, WORD, END, USAGE, DONE].concat();
    let server = Server::play([events(&body)]);
    let client = client("openrouter", &server).build().unwrap();
    let seen = watch(client.chat("m").user("Hi").raw(chat(BODY))).await;
    let expected = ["started m", "raw", "raw", "text Hi", "raw", "raw", "raw"];
    assert_eq!(&seen.events[..7], expected);
    let reply = seen.end.unwrap();
    assert_eq!(reply.usage.unwrap().completion_tokens, 2);
    assert_eq!(reply.trail.last().unwrap().cost.unwrap().to_string(), "0.5");
    assert_eq!(reply.raw, None);
}

#[tokio::test]
async fn nothing_of_a_model_that_failed_before_its_first_content_is_seen() {
    let error = "data: {\"error\":{\"message\":\"no capacity\",\"code\":503}}\n\n";
    let silent = [ROLE, END, DONE].concat();
    for first in [
        events(&format!(": wait\n\n{ROLE}{error}{DONE}")),
        pieces([ROLE.as_bytes().to_vec()], Duration::ZERO, false),
        events(ROLE),
        events(&silent),
        json(503, "{}"),
    ] {
        let good = [": b\n\n", ROLE, WORD, END, USAGE, DONE].concat();
        let server = Server::play([first, events(&good)]);
        let client = client("openai", &server).build().unwrap();
        let seen = watch(client.chat(["a", "b"]).user("Hi").raw(chat(BODY))).await;
        assert_eq!(String::from_utf8(seen.raw).unwrap(), good);
        assert_eq!(seen.end.unwrap().trail.len(), 2);
    }
}

#[tokio::test]
async fn a_stream_that_breaks_after_words_ends_in_an_error_without_an_end_marker() {
    let error = "data: {\"error\":{\"message\":\"gone\",\"code\":502}}\n\n";
    let bad = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"network_error\"}]}\n\n";
    let half = "data: {\"choices\":[{\"delta\":{\"content\":\" there\"}}]}\n";
    for (body, given) in [
        ([ROLE, WORD].concat(), [ROLE, WORD].concat()),
        ([ROLE, WORD, DONE].concat(), [ROLE, WORD].concat()),
        ([ROLE, WORD, error, DONE].concat(), [ROLE, WORD].concat()),
        ([ROLE, WORD, bad, DONE].concat(), [ROLE, WORD, bad].concat()),
        // An event without its blank line would swallow the next one.
        ([ROLE, WORD, half].concat(), [ROLE, WORD].concat()),
    ] {
        for ends in [true, false] {
            let server = Server::play([pieces([body.clone().into_bytes()], Duration::ZERO, ends)]);
            let client = client("openai", &server).build().unwrap();
            let seen = watch(client.chat(["a", "b"]).user("Hi").raw(chat(BODY))).await;
            assert_eq!(String::from_utf8(seen.raw).unwrap(), given);
            let partial = seen.end.unwrap_err();
            assert!(partial.partial().unwrap().starts_with("Hi"));
            assert_eq!(server.requests().len(), 1);
        }
    }
}

#[tokio::test]
async fn an_end_marker_that_comes_late_is_waited_for_and_so_are_events_without_blank_lines() {
    let late = |piece: &str, pause: u64| (Duration::from_millis(pause), piece.as_bytes().to_vec());
    let server = Server::play([Play::Pieces {
        head: "content-type: text/event-stream\r\n".to_owned(),
        pieces: vec![late(&[WORD, END, USAGE].concat(), 0), late(DONE, 300)],
        ends: true,
    }]);
    let openai = client("openai", &server).build().unwrap();
    let seen = watch(openai.chat("m").user("Hi").raw(chat(BODY))).await;
    assert!(seen.raw.ends_with(DONE.as_bytes()));
    seen.end.unwrap();
    let lines = [WORD, END, USAGE, DONE].concat().replace("\n\n", "\n");
    let server = Server::play([events(&lines)]);
    let openai = client("openai", &server).build().unwrap();
    let seen = watch(openai.chat("m").user("Hi").raw(chat(BODY))).await;
    assert_eq!(String::from_utf8(seen.raw).unwrap(), lines);
    assert_eq!(seen.end.unwrap().text, "Hi");
}

#[tokio::test]
async fn anthropics_events_pass_with_their_names_and_pings() {
    let body = concat!(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude-haiku-4-5\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n",
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    );
    let server = Server::play([events(body)]);
    let client = client("anthropic", &server).build().unwrap();
    let raw = RawRequest::new(
        RawApi::Messages,
        r#"{"model":"m","max_tokens":9,"stream":true}"#,
    );
    let seen = watch(client.chat("claude-haiku-4-5").user("Hi").raw(raw.unwrap())).await;
    assert_eq!(String::from_utf8(seen.raw).unwrap(), body);
    let reply = seen.end.unwrap();
    assert_eq!(
        (reply.text.as_str(), reply.usage.unwrap().total_tokens),
        ("Hi", 5)
    );
    assert!(server.body(0).get("stream_options").is_none());
}

#[tokio::test]
async fn a_chat_that_is_cut_at_its_limit_without_a_word_is_whole() {
    let cut = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n";
    let body = [ROLE, cut, USAGE, DONE].concat();
    let server = Server::play([events(&body)]);
    let client = client("openai", &server).build().unwrap();
    let seen = watch(client.chat("m").user("Hi").raw(chat(BODY))).await;
    assert_eq!(String::from_utf8(seen.raw).unwrap(), body);
    assert_eq!(seen.events[0], "started m");
    assert_eq!(
        seen.end.unwrap().finish_reason,
        Some(anymodel::FinishReason::Length)
    );
}

#[tokio::test]
async fn a_long_stream_comes_whole_and_is_not_kept_in_memory() {
    let word = |number: usize| {
        let text = format!("{number} 你").repeat(20);
        format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
    };
    let words: String = (0..20_000).map(word).collect();
    let body = [&words, END, USAGE, DONE].concat();
    let server = Server::play([events(&body)]);
    let client = client("openrouter", &server).build().unwrap();
    let seen = watch(client.chat("m").user("Hi").raw(chat(BODY))).await;
    assert!(seen.raw == body.as_bytes());
    let reply = seen.end.unwrap();
    assert_eq!(reply.usage.unwrap().completion_tokens, 2);
    assert!(
        (65_000..=65_536).contains(&reply.text.len()),
        "{}",
        reply.text.len()
    );
}
