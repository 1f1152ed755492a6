//! What goes back in the next turn is what hosts take: arguments that are JSON, ids that differ, results with their calls.

use anymodel::{Message, Reply, ToolCall};
use serde_json::{Value, json};

use super::{Way, client, next_turn, streamed, whole};
use crate::support::{self, Server};

fn call(arguments: Value) -> Value {
    json!({ "tool_calls": [{ "index": 0, "id": "call_a", "type": "function", "function": { "name": "weather", "arguments": arguments } }] })
}

fn both(call: Value) -> [Way; 2] {
    [
        whole(call.clone(), "tool_calls"),
        streamed(&[call], "tool_calls"),
    ]
}

fn arguments_back(next: &Value) -> &str {
    next["messages"][1]["tool_calls"][0]["function"]["arguments"]
        .as_str()
        .unwrap()
}

/// Source: <https://github.com/ogx-ai/ogx/issues/3456>
#[tokio::test]
async fn a_call_without_arguments_goes_back_with_an_empty_object() {
    for none in [json!(""), json!("  "), json!(null), json!({})] {
        for way in both(call(none)) {
            let (reply, next) = next_turn("openai", way).await;
            assert_eq!(arguments_back(&next), "{}");
            assert_eq!(reply.tool_calls[0].arguments, "{}");
        }
    }
}

/// Source: <https://github.com/vllm-project/vllm/pull/48922>
#[tokio::test]
async fn arguments_that_are_no_json_object_go_back_as_one() {
    for broken in [
        "{\"city\": \"Os",
        "Oslo",
        "[1, 2]",
        "\"Oslo\"",
        "null",
        "{\"city\": NaN}",
        "{'city': 'Oslo'}",
    ] {
        for way in both(call(json!(broken))) {
            let (reply, next) = next_turn("openai", way).await;
            assert_eq!(
                reply.tool_calls[0].arguments, broken,
                "the caller sees what the model wrote"
            );
            let back: Value = serde_json::from_str(arguments_back(&next)).unwrap();
            assert_eq!(back, json!({ "arguments": broken }));
        }
    }
    // What is an object goes back letter by letter.
    let odd = "{ \"city\" : \"Oslo\", \"n\": 1.50 }";
    for way in both(call(json!(odd))) {
        assert_eq!(arguments_back(&next_turn("openai", way).await.1), odd);
    }
}

#[tokio::test]
async fn calls_with_one_id_or_none_get_their_own_and_results_follow_them() {
    for id in [json!(""), json!("same"), json!(null)] {
        let one = |city: &str, index: usize| json!({ "index": index, "id": id, "type": "function", "function": { "name": "weather", "arguments": format!("{{\"city\":\"{city}\"}}") } });
        for way in both(json!({ "tool_calls": [one("Oslo", 0), one("Rome", 1)] })) {
            let (_, next) = next_turn("openai", way).await;
            let calls = &next["messages"][1]["tool_calls"];
            assert_ne!(calls[0]["id"], calls[1]["id"]);
            assert_ne!(calls[0]["id"], "");
            for at in 0..2 {
                assert_eq!(next["messages"][2 + at]["tool_call_id"], calls[at]["id"]);
                assert_eq!(next["messages"][2 + at]["content"], format!("result {at}"));
            }
        }
    }
}

/// A turn of the model with calls of these ids.
async fn calling(ids: &[&str]) -> Reply {
    let calls: Vec<Value> = ids.iter().map(|id| json!({ "id": id, "type": "function", "function": { "name": "weather", "arguments": "{}" } })).collect();
    let (play, _) = whole(
        json!({ "content": null, "tool_calls": calls }),
        "tool_calls",
    );
    let server = Server::play([play]);
    client("openai", &server)
        .chat("m")
        .user("q")
        .send()
        .await
        .unwrap()
}

/// The messages as each platform's server gets them, in a few letters.
async fn sent(messages: Vec<Message>) -> String {
    let server = Server::play([support::json(200, &support::answer("Rain."))]);
    client("openai", &server)
        .chat("m")
        .history(messages)
        .user("end")
        .send()
        .await
        .unwrap();
    let body = server.body(0);
    let word = |message: &Value| {
        let ids: Vec<&str> = message["tool_calls"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|call| call["id"].as_str())
            .collect();
        match message["role"].as_str().unwrap() {
            "tool" => format!(
                "{}={}",
                message["tool_call_id"].as_str().unwrap(),
                message["content"].as_str().unwrap()
            ),
            "assistant" => format!(
                "[{}{}]",
                message["content"].as_str().unwrap_or_default(),
                ids.join(",")
            ),
            _ => message["content"].as_str().unwrap().to_owned(),
        }
    };
    let words: Vec<String> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(word)
        .collect();
    words.join(" ")
}

#[tokio::test]
async fn a_call_without_a_result_and_a_result_without_a_call_never_go_out() {
    let turn = calling(&["a", "b"]).await.to_message();
    let with_result = vec![turn.clone(), Message::tool("b", "2")];
    assert_eq!(sent(with_result).await, "[b] b=2 end");
    assert_eq!(sent(vec![turn.clone()]).await, "end");
    assert_eq!(
        sent(vec![Message::user("q"), Message::tool("x", "1")]).await,
        "q end"
    );
    let late = vec![
        turn,
        Message::user("well?"),
        Message::tool("b", "2"),
        Message::tool("a", "1"),
    ];
    assert_eq!(sent(late).await, "[a,b] a=1 b=2 well? end");
}

#[tokio::test]
async fn an_id_that_comes_again_in_a_later_turn_is_made_another() {
    let turn = calling(&["call_0"]).await.to_message();
    let history = vec![
        turn.clone(),
        Message::tool("call_0", "1"),
        turn,
        Message::tool("call_0", "2"),
    ];
    assert_eq!(
        sent(history).await,
        "[call_0] call_0=1 [call_0_2] call_0_2=2 end"
    );
}

#[tokio::test]
async fn a_call_that_a_caller_made_up_is_written_as_json_on_every_platform() {
    let mut said = Message::assistant("");
    said.tool_calls
        .push(ToolCall::new("a.1:x", "weather", "no json"));
    for platform in ["anthropic", "gemini", "openai"] {
        let server = Server::play([]);
        let chat = client(platform, &server)
            .chat("m")
            .message(said.clone())
            .message(Message::tool("a.1:x", "1"));
        let body = chat.preview().unwrap().body.to_string();
        assert!(body.contains("no json"), "{platform}: {body}");
        assert!(!body.contains(r#""input":"no json""#), "{platform}: {body}");
        // Anthropic takes no id with other characters than these.
        assert_eq!(body.contains("a_1_x"), platform == "anthropic", "{body}");
    }
}
