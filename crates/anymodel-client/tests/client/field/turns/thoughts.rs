//! What a model thought and signed: shown as thoughts, given back to where it came from, and proof that it is not silent.

use std::time::Duration;

use anymodel::Message;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{ask, called, client, next_turn, streamed, whole};
use crate::support::{self, Server};

const CALL: &str = r#"{"city":"Oslo"}"#;

fn with_call(mut message: Value) -> Value {
    message["tool_calls"] = json!([{ "index": 0, "id": "call_a", "type": "function", "function": { "name": "weather", "arguments": CALL } }]);
    message
}

/// Source: <https://github.com/THU-MAIC/OpenMAIC/issues/1556>
#[tokio::test]
async fn gemini_gets_its_thought_signature_back_through_openais_form() {
    let signed = json!({ "google": { "thought_signature": "SIGNED==" } });
    for field in ["extra_content", "provider_specific_fields"] {
        let mut call = with_call(json!({ "role": "assistant" }));
        call["tool_calls"][0][field] = signed.clone();
        let late = json!({ "tool_calls": [{ "index": 0, field: signed }] });
        for way in [
            whole(call.clone(), "tool_calls"),
            streamed(&[call], "tool_calls"),
            streamed(&[with_call(json!({})), late], "tool_calls"),
        ] {
            let (reply, next) = next_turn("gemini-compatible", way).await;
            assert_eq!(called(&reply), [("weather", CALL)]);
            assert_eq!(next["messages"][1]["tool_calls"][0][field], signed);
            assert_eq!(next["messages"][1]["tool_calls"][0]["id"], "call_a");
        }
    }
    // The signature of a text, on the message.
    let text = json!({ "content": "Rain.", "extra_content": signed });
    for way in [
        whole(text.clone(), "stop"),
        streamed(
            &[
                json!({ "content": "Rain." }),
                json!({ "content": "", "extra_content": signed }),
            ],
            "stop",
        ),
    ] {
        let (_, next) = next_turn("gemini-compatible", way).await;
        assert_eq!(next["messages"][1]["extra_content"], signed);
    }
}

/// Source: <https://github.com/anomalyco/opencode/issues/10996>
#[tokio::test]
async fn thoughts_go_back_with_the_call_to_any_server_that_sent_them() {
    for platform in ["openai", "deepseek", "glm", "qwen", "ollama"] {
        for way in [
            whole(
                with_call(json!({ "reasoning_content": "I look it up." })),
                "tool_calls",
            ),
            streamed(
                &[
                    json!({ "reasoning_content": "I look " }),
                    json!({ "reasoning_content": "it up." }),
                    with_call(json!({})),
                ],
                "tool_calls",
            ),
        ] {
            let (reply, next) = next_turn(platform, way).await;
            assert_eq!(reply.reasoning.as_deref(), Some("I look it up."));
            assert_eq!(
                next["messages"][1]["reasoning_content"], "I look it up.",
                "{platform}"
            );
        }
    }
}

#[tokio::test]
async fn thoughts_go_to_no_other_place_than_where_they_came_from() {
    let (first, _) = whole(
        with_call(
            json!({ "reasoning_content": "I look it up.", "reasoning_details": [{ "type": "reasoning.text", "text": "t", "signature": "s" }] }),
        ),
        "tool_calls",
    );
    let server = Server::play([first]);
    let reply = ask(&client("deepseek", &server), false).await;
    let chat = |platform: &str, model: &str| {
        let chat = client(platform, &server)
            .chat(model)
            .user("q")
            .message(reply.to_message());
        chat.message(Message::tool("call_a", "rain"))
            .preview()
            .unwrap()
            .body["messages"][1]
            .clone()
    };
    let elsewhere = Server::play([]);
    let foreign = client("deepseek", &elsewhere)
        .chat("acme/thinker")
        .user("q")
        .message(reply.to_message());
    let foreign = foreign
        .message(Message::tool("call_a", "rain"))
        .preview()
        .unwrap()
        .body["messages"][1]
        .clone();
    assert!(
        foreign.get("reasoning_content").is_none() && foreign.get("reasoning_details").is_none(),
        "{foreign}"
    );
    // Another model there reads what was thought, and knows no signature of the first.
    let other_model = chat("deepseek", "acme/other");
    assert_eq!(other_model["reasoning_content"], "I look it up.");
    assert!(other_model.get("reasoning_details").is_none());
    let same = chat("deepseek", "acme/thinker");
    assert_eq!(same["reasoning_details"][0]["signature"], "s");
}

#[tokio::test]
async fn openrouter_gets_its_list_back_or_the_plain_text() {
    let details =
        json!([{ "type": "reasoning.text", "text": "I look.", "signature": "s", "index": 0 }]);
    let plain = json!({ "reasoning": "I look." });
    for way in [
        whole(with_call(plain.clone()), "tool_calls"),
        streamed(
            &[
                json!({ "reasoning": "I " }),
                json!({ "reasoning": "look." }),
                with_call(json!({})),
            ],
            "tool_calls",
        ),
    ] {
        let (_, next) = next_turn("openrouter", way).await;
        assert_eq!(next["messages"][1]["reasoning"], "I look.");
    }
    for way in [
        whole(
            with_call(json!({ "reasoning": "I look.", "reasoning_details": details })),
            "tool_calls",
        ),
        // The words stand in the list alone.
        streamed(
            &[
                json!({ "reasoning_details": details }),
                with_call(json!({})),
            ],
            "tool_calls",
        ),
    ] {
        let (reply, next) = next_turn("openrouter", way).await;
        assert_eq!(reply.reasoning.as_deref(), Some("I look."));
        assert_eq!(next["messages"][1]["reasoning_details"], details);
        assert!(next["messages"][1].get("reasoning").is_none());
    }
}

#[tokio::test]
async fn a_signature_that_came_after_the_calls_goes_back_after_them() {
    let event = |parts: Value, finish: Value| json!({ "candidates": [{ "content": { "role": "model", "parts": parts }, "finishReason": finish }] });
    let call = json!({ "functionCall": { "id": "c1", "name": "weather", "args": { "city": "Oslo" } }, "thoughtSignature": "of-the-call" });
    let last = json!({ "text": "", "thoughtSignature": "at-the-end" });
    let events: String = [
        event(json!([{ "text": "I look." }]), json!(null)),
        event(json!([call]), json!(null)),
        event(json!([last]), json!("STOP")),
    ]
    .iter()
    .map(|event| format!("data: {event}\n\n"))
    .collect();
    let (_, next) = next_turn("gemini", (support::events(&events), true)).await;
    assert_eq!(
        next["contents"][1]["parts"],
        json!([{ "text": "I look." }, call, last])
    );
}

/// Source: <https://github.com/BerriAI/litellm/issues/16272>
#[tokio::test]
async fn thoughts_that_are_parts_of_the_content_are_thoughts() {
    for thought in [
        json!({ "type": "thinking", "thinking": [{ "type": "text", "text": "hm " }] }),
        json!({ "type": "thinking", "thinking": "hm " }),
        json!({ "type": "reasoning", "text": "hm " }),
    ] {
        let text = json!({ "type": "text", "text": "Hello." });
        for (play, is_streamed) in [
            whole(json!({ "content": [thought, text] }), "stop"),
            streamed(
                &[
                    json!({ "content": [thought] }),
                    json!({ "content": "Hel" }),
                    json!({ "content": [{ "type": "text", "text": "lo." }] }),
                ],
                "stop",
            ),
        ] {
            let server = Server::play([play]);
            let reply = ask(&client("openai", &server), is_streamed).await;
            assert_eq!(reply.text, "Hello.");
            assert_eq!(reply.reasoning.as_deref(), Some("hm "));
        }
    }
}

/// Source: <https://github.com/symfony/ai/issues/2422>
#[tokio::test]
async fn a_model_that_thinks_aloud_is_not_silent() {
    let thoughts = [
        json!({ "content": [{ "type": "thinking", "thinking": [{ "type": "text", "text": "hm " }] }] }),
        json!({ "reasoning_content": "hm " }),
        json!({ "reasoning_text": "hm " }),
        json!({ "thinking": "hm " }),
        // Encrypted: no word to be shown.
        json!({ "reasoning_details": [{ "type": "reasoning.encrypted", "data": "xyz", "index": 0 }] }),
    ];
    let told = thoughts.map(async |thought| {
        let chunk = |delta: &Value, finish: Value| {
            let chunk =
                json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] });
            format!("data: {chunk}\n\n").into_bytes()
        };
        let mut pieces = vec![chunk(&thought, json!(null)); 7];
        pieces.push(chunk(&json!({ "content": "Hello." }), json!("stop")));
        let server = Server::play([support::pieces(pieces, Duration::from_millis(200), true)]);
        let chat = client("openrouter", &server).chat("m").user("q");
        let reply = chat
            .timeout(Duration::from_millis(700))
            .stream()
            .final_reply()
            .await
            .unwrap();
        assert_eq!(reply.text, "Hello.", "{thought}");
    });
    join_all(told).await;
}
