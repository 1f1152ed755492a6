//! No word is lost, in whatever field and form it comes.

use std::time::Duration;

use serde_json::{Value, json};

use super::wire::{client, streamed, text};
use crate::support::{Play, Server, events, json as whole, pieces};

/// A stream of OpenAI's form whose deltas are these, written as they are.
fn deltas(deltas: &[&str]) -> Play {
    let chunk =
        |delta: &&str| format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{delta}}}]}}\n\n");
    let mut body: String = deltas.iter().map(chunk).collect();
    body += "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    events(&body)
}

#[tokio::test]
async fn halves_of_a_character_in_two_chunks_are_joined() {
    // https://github.com/elie222/rakazo/issues/416
    for (said, expected) in [
        (
            &[r#""One ""#, r#""a \ud83d""#, r#""\ude00 b""#, r#"" end.""#][..],
            "One a 😀 b end.",
        ),
        (&[r#""\uD83D""#, r#""\uDE00""#], "😀"),
        (&[r#""a \ud83d""#, r#""""#, "null", r#""\ude00""#], "a 😀"),
        (&[r#""\ud83d\ude00\ud83d""#, r#""\ude00""#], "😀😀"),
        // Without its other half it is a character that is lost, and no word is.
        (&[r#""a \ud83d""#, r#""b""#], "a \u{fffd}b"),
        (&[r#""a \ud83d""#], "a \u{fffd}"),
        (&[r#""a \ude00 b""#], "a \u{fffd} b"),
        (&[r#""\ud83d\ud83d""#, r#""\ude00""#], "\u{fffd}😀"),
        (&[r#""\\ud83d""#, r#""\ude00""#], "\\ud83d\u{fffd}"),
    ] {
        let said: Vec<String> = said
            .iter()
            .map(|text| format!("{{\"content\":{text}}}"))
            .collect();
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        assert_eq!(text(deltas(&said)).await, expected);
    }
}

#[tokio::test]
async fn halves_are_joined_within_what_they_belong_to() {
    let play = deltas(&[
        r#"{"reasoning_content":"hm \ud83d"}"#,
        r#"{"content":"a \ud83d"}"#,
        r#"{"reasoning_content":"\ude01"}"#,
        r#"{"content":"\ude00"}"#,
        r#"{"tool_calls":[{"index":0,"id":"1","function":{"name":"f","arguments":"{\"a\":\"\ud83d"}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"arguments":"\ude02\"}"}}]}"#,
    ]);
    for reply in streamed(play).await {
        let reply = reply.unwrap();
        assert_eq!(reply.reasoning.as_deref(), Some("hm 😁"));
        assert_eq!(reply.text, "a 😀");
        assert_eq!(reply.tool_calls[0].arguments, "{\"a\":\"😂\"}");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_after_a_half_keeps_its_words() {
    let body = "data: {\"choices\":[{\"delta\":{\"content\":\"a \\ud83d\"}}]}\n\n";
    for ends in [true, false] {
        let play = pieces([body.as_bytes().to_vec()], Duration::ZERO, ends);
        for result in streamed(play).await {
            assert_eq!(result.unwrap_err().partial(), Some("a \u{fffd}"));
        }
    }
}

#[tokio::test]
async fn every_platform_joins_halves() {
    let block = |text: &str| {
        format!(
            "data: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{text}\"}}}}\n\n"
        )
    };
    let end = "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n";
    let anthropic = format!("{}{}{end}", block("a \\ud83d"), block("\\ude00."));
    let part = |text: &str, end: &str| {
        format!(
            "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{text}\"}}]}}{end}}}]}}\n\n"
        )
    };
    let gemini = part("a \\ud83d", "") + &part("\\ude00.", ",\"finishReason\":\"STOP\"");
    for (platform, body) in [("anthropic", anthropic), ("gemini", gemini)] {
        let server = Server::play([events(&body)]);
        let reply = client(platform, &server)
            .chat("m")
            .user("Hi")
            .stream()
            .final_reply()
            .await;
        assert_eq!(reply.unwrap().text, "a 😀.", "{platform}");
    }
}

#[tokio::test]
async fn a_lone_half_in_a_whole_answer_is_one_lost_character() {
    // https://github.com/elizaOS/eliza/issues/30904
    for (platform, body) in [
        (
            "openai",
            r#"{"choices":[{"message":{"content":"a \ud83d b"},"finish_reason":"stop"}]}"#,
        ),
        (
            "openrouter",
            r#"{"choices":[{"message":{"content":"a \ud83d b"},"finish_reason":"stop"}]}"#,
        ),
        (
            "anthropic",
            r#"{"content":[{"type":"text","text":"a \ud83d b"}],"stop_reason":"end_turn"}"#,
        ),
        (
            "gemini",
            r#"{"candidates":[{"content":{"parts":[{"text":"a \ud83d b"}]},"finishReason":"STOP"}]}"#,
        ),
    ] {
        let server = Server::play([whole(200, body)]);
        let reply = client(platform, &server).ask("m", "Hi").await.unwrap();
        assert_eq!(reply.text, "a \u{fffd} b", "{platform}");
        let refusal = r#"{"error":{"message":"no such model: \ud83d"}}"#;
        let server = Server::play([whole(404, refusal)]);
        let error = client(platform, &server).ask("m", "Hi").await.unwrap_err();
        assert!(
            error.to_string().contains("no such model: \u{fffd}"),
            "{platform}: {error}"
        );
    }
}

#[tokio::test]
async fn names_and_causes_with_a_half_in_them_are_told_with_one_lost_character() {
    let name =
        r#"{"tool_calls":[{"index":0,"id":"1","function":{"name":"f\ud83d","arguments":"{}"}}]}"#;
    for reply in streamed(deltas(&[name])).await {
        assert_eq!(reply.unwrap().tool_calls[0].name, "f\u{fffd}");
    }
    let cause = "data: {\"error\":{\"message\":\"no such model: \\ud83d\"}}\n\n";
    for result in streamed(events(cause)).await {
        let told = result.unwrap_err().to_string();
        assert!(told.contains("no such model: \u{fffd}"), "{told}");
    }
}

#[tokio::test]
async fn geminis_text_is_read_in_whatever_form_it_comes() {
    for content in [
        r#"{"parts":[{"text":"Hello."}]}"#,
        r#"{"parts":["Hel",{"text":"lo."}]}"#,
        r#"{"parts":{"text":"Hello."}}"#,
        r#"{"parts":"Hello."}"#,
        r#""Hello.""#,
    ] {
        let body =
            format!("{{\"candidates\":[{{\"content\":{content},\"finishReason\":\"STOP\"}}]}}");
        let server = Server::play([whole(200, &body), events(&format!("data: {body}\n\n"))]);
        let client = client("gemini", &server);
        assert_eq!(
            client.ask("m", "Hi").await.unwrap().text,
            "Hello.",
            "{content}"
        );
        let watched = client.chat("m").user("Hi").stream().final_reply().await;
        assert_eq!(watched.unwrap().text, "Hello.", "{content}");
    }
}

/// Messages that say "Hello.", each in its own way.
const MESSAGES: [&str; 12] = [
    r#"{"content":"Hello."}"#,
    r#"{"content":null,"content":"Hello."}"#,
    r#"{"content":"Hello.","content":null}"#,
    r#"{"content":"","content":"Hello.","content":""}"#,
    r#"{"content":["Hel","lo."]}"#,
    r#"{"content":[{"type":"text","text":"Hel"},"lo."]}"#,
    r#"{"content":{"type":"text","text":"Hello."}}"#,
    r#"{"content":{"content":"Hello."}}"#,
    r#"{"content":[{"type":"output_text","content":"Hello."}]}"#,
    r#"{"content":"Hello.","tool_calls":{}}"#,
    r#"{"content":"Hello.","tool_calls":"","refusal":false,"reasoning":7}"#,
    r#"{"content":"Hello.","extra":1e999,"reasoning_details":{"a":1e999}}"#,
];

#[tokio::test]
async fn text_is_read_in_whatever_form_it_comes() {
    for message in MESSAGES {
        for name in ["message", "delta"] {
            let body =
                format!("{{\"choices\":[{{\"{name}\":{message},\"finish_reason\":\"stop\"}}]}}");
            assert_eq!(
                text(events(&format!("data: {body}\n\n"))).await,
                "Hello.",
                "{body}"
            );
            let server = Server::play([whole(200, &body)]);
            let reply = client("openai", &server).ask("m", "Hi").await;
            assert_eq!(
                reply.unwrap_or_else(|error| panic!("{body}: {error}")).text,
                "Hello.",
                "{body}"
            );
        }
    }
    for body in [
        // https://platform.openai.com/docs/api-reference/completions
        r#"{"choices":[{"text":"Hello.","finish_reason":"stop"}]}"#,
        r#"{"choices":{"message":{"content":"Hello."},"finish_reason":"stop"}}"#,
        r#"{"choices":[null,{"message":{"content":"Hello."},"finish_reason":"stop"}]}"#,
        r#"{"id":7,"model":null,"choices":null,"choices":[{"message":{"content":"Hello."},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"delta":{},"message":{"content":"Hello."},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"delta":{"content":""},"message":{"content":"Hello."},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"message":"Hello.","finish_reason":"stop"}]}"#,
    ] {
        assert_eq!(
            text(events(&format!("data: {body}\n\n"))).await,
            "Hello.",
            "{body}"
        );
        let server = Server::play([whole(200, body)]);
        assert_eq!(
            client("openai", &server).ask("m", "Hi").await.unwrap().text,
            "Hello.",
            "{body}"
        );
    }
}

#[tokio::test]
async fn content_that_is_data_is_its_json() {
    // Servers that hold an answer to a schema give the object itself.
    let body = r#"{"choices":[{"message":{"content":{"name":"Oslo","inhabitants":7}},"finish_reason":"stop"}]}"#;
    let server = Server::play([whole(200, body)]);
    let text = client("openai", &server).ask("m", "Hi").await.unwrap().text;
    let read: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(read, json!({ "name": "Oslo", "inhabitants": 7 }));
}

#[tokio::test]
async fn anthropics_text_is_read_in_whatever_form_it_comes() {
    for content in [
        r#""Hello.""#,
        r#"["Hel","lo."]"#,
        r#"{"type":"text","text":"Hello."}"#,
        r#"[{"text":"Hello."}]"#,
        r#"[null,{"type":"text","text":"Hello."}]"#,
    ] {
        let body =
            format!("{{\"type\":\"message\",\"content\":{content},\"stop_reason\":\"end_turn\"}}");
        let server = Server::play([whole(200, &body), events(&format!("data: {body}\n\n"))]);
        let client = client("anthropic", &server);
        assert_eq!(
            client.ask("m", "Hi").await.unwrap().text,
            "Hello.",
            "{content}"
        );
        let watched = client.chat("m").user("Hi").stream().final_reply().await;
        assert_eq!(watched.unwrap().text, "Hello.", "{content}");
    }
}

#[tokio::test]
async fn tokens_are_counted_when_they_are_written_as_text() {
    let usage = r#""usage":{"prompt_tokens":"10","completion_tokens":"5.0","total_tokens":15}"#;
    let body = format!(
        "{{\"choices\":[{{\"message\":{{\"content\":\"Hello.\"}},\"finish_reason\":\"stop\"}}],{usage}}}"
    );
    let server = Server::play([whole(200, &body), events(&format!("data: {body}\n\n"))]);
    let client = client("openai", &server);
    let asked = client.ask("m", "Hi").await.unwrap();
    let watched = client
        .chat("m")
        .user("Hi")
        .stream()
        .final_reply()
        .await
        .unwrap();
    for reply in [asked, watched] {
        let usage = reply.usage.unwrap();
        assert_eq!(
            (
                usage.prompt_tokens,
                usage.completion_tokens,
                usage.total_tokens
            ),
            (10, 5, 15)
        );
    }
}

/// MiniMax ends a stream with the whole answer, and Perplexity writes all of it so far beside each delta.
#[tokio::test]
async fn an_answer_that_is_said_again_at_the_end_of_its_stream_is_said_once() {
    let delta = |delta: Value| json!({ "choices": [{ "index": 0, "delta": delta }] });
    let beside = |so_far: &str, more: &str, end: Value| json!({ "choices": [{ "index": 0, "message": { "content": so_far }, "delta": { "content": more }, "finish_reason": end }] });
    let whole = json!({ "role": "assistant", "content": "Hello.", "reasoning_content": "hm hm" });
    let all = json!({ "object": "chat.completion", "choices": [{ "index": 0, "message": whole, "finish_reason": "stop" }] });
    let thought = |text: &str| delta(json!({ "reasoning_content": text }));
    for (chunks, reasoning) in [
        (
            vec![
                thought("hm "),
                thought("hm"),
                delta(json!({ "content": "Hel" })),
                delta(json!({ "content": "lo." })),
                all.clone(),
            ],
            Some("hm hm"),
        ),
        // What did not come before is more.
        (
            vec![delta(json!({ "content": "Hel" })), all.clone()],
            Some("hm hm"),
        ),
        (vec![all], Some("hm hm")),
        (
            vec![
                beside("Hel", "Hel", json!(null)),
                beside("Hello.", "lo.", json!(null)),
                beside("Hello.", "", json!("stop")),
            ],
            None,
        ),
        // A server that writes each piece as a message says nothing twice.
        (
            vec![
                json!({ "choices": [{ "message": { "content": "Hel" } }] }),
                json!({ "choices": [{ "message": { "content": "lo." }, "finish_reason": "stop" }] }),
            ],
            None,
        ),
    ] {
        let body: String = chunks
            .iter()
            .map(|chunk| format!("data: {chunk}\n\n"))
            .collect();
        for reply in streamed(events(&body)).await {
            let reply = reply.unwrap();
            assert_eq!(reply.text, "Hello.", "{body}");
            assert_eq!(reply.reasoning.as_deref(), reasoning, "{body}");
        }
    }
}

/// Python's own writer of JSON gives `NaN`; other programs write theirs by hand.
#[tokio::test]
async fn json_that_is_written_carelessly_loses_no_words() {
    for (content, beside, expected) in [
        (
            r"Hello.",
            r#","logprobs":{"content":[{"logprob":NaN}]}"#,
            "Hello.",
        ),
        (
            r"Hello.",
            r#","logprobs":{"content":[{"logprob":-Infinity}]}"#,
            "Hello.",
        ),
        ("Hel\tlo.", "", "Hel\tlo."),
        ("One\u{0}two", "", "One\u{0}two"),
        (r"C:\dir isn\'t", "", r"C:\dir isn't"),
        (r"Hello.", ",", "Hello."),
    ] {
        let choice = |name: &str| {
            format!(
                r#"{{"choices":[{{"finish_reason":"stop","{name}":{{"content":"{content}"}}{beside}}}]}}"#
            )
        };
        assert_eq!(
            text(events(&format!("data: {}\n\n", choice("delta")))).await,
            expected,
            "{content}"
        );
        let server = Server::play([whole(200, &choice("message"))]);
        assert_eq!(
            client("openai", &server).ask("m", "Hi").await.unwrap().text,
            expected,
            "{content}"
        );
    }
}

#[tokio::test]
async fn a_refusal_among_the_parts_of_a_content_is_told() {
    let content = json!([{ "type": "refusal", "refusal": "I cannot help with that." }]);
    let body = |name: &str| {
        json!({ "choices": [{ name: { "content": content }, "finish_reason": "stop" }] })
            .to_string()
    };
    let server = Server::play([whole(200, &body("message"))]);
    let asked = client("openai", &server).ask("m", "Hi").await;
    let [one, two] = streamed(events(&format!("data: {}\n\n", body("delta")))).await;
    for result in [asked, one, two] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), anymodel::ErrorKind::ContentRefused);
        assert!(
            error.to_string().contains("I cannot help with that."),
            "{error}"
        );
    }
}
