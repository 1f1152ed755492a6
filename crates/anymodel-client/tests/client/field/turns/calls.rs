//! Calls of functions are put together by evidence: what the pieces say, not how they are counted.

use std::sync::{Arc, Mutex};

use anymodel::prelude::*;
use anymodel::{Event, FinishReason};
use serde_json::{Value, json};

use super::{ask, called, chunks, client, next_turn, streamed, whole};
use crate::support::{self, Server};

const OSLO: &str = r#"{"city":"Oslo"}"#;
const ROME: &str = r#"{"city":"Rome"}"#;

fn piece(call: Value) -> Value {
    json!({ "tool_calls": [call] })
}

/// Source: <https://github.com/dyedd/lens/issues/49>
#[tokio::test]
async fn a_second_set_of_arguments_under_the_first_index_is_a_second_call() {
    let first = || {
        piece(
            json!({ "index": 0, "id": "call_a", "type": "function", "function": { "name": "weather", "arguments": OSLO } }),
        )
    };
    let more =
        |arguments: &str| piece(json!({ "index": 0, "function": { "arguments": arguments } }));
    let both = [OSLO, ROME].concat();
    for way in [
        streamed(&[first(), more(ROME)], "tool_calls"),
        streamed(
            &[first(), more(r#"{"ci"#), more(r#"ty":"Rome"}"#)],
            "tool_calls",
        ),
        streamed(
            &[piece(
                json!({ "index": 0, "id": "call_a", "function": { "name": "weather", "arguments": both } }),
            )],
            "tool_calls",
        ),
        whole(
            json!({ "tool_calls": [{ "id": "call_a", "type": "function", "function": { "name": "weather", "arguments": both } }] }),
            "tool_calls",
        ),
    ] {
        let (reply, next) = next_turn("openai", way).await;
        assert_eq!(called(&reply), [("weather", OSLO), ("weather", ROME)]);
        let ids: Vec<&str> = reply
            .tool_calls
            .iter()
            .map(|call| call.id.as_str())
            .collect();
        assert_eq!(ids, ["call_a", "call_a_2"]);
        assert_eq!(next["messages"][2]["tool_call_id"], "call_a");
        assert_eq!(next["messages"][3]["tool_call_id"], "call_a_2");
    }
}

#[tokio::test]
async fn another_name_or_id_under_the_first_index_is_another_call() {
    let call = |id: Value, name: Value, arguments: &str| {
        piece(json!({ "index": 0, "id": id, "function": { "name": name, "arguments": arguments } }))
    };
    for second in [
        call(json!("b"), json!("time"), ROME),
        call(json!(null), json!("time"), ROME),
        call(json!(""), json!("time"), ROME),
    ] {
        let way = streamed(&[call(json!("a"), json!("weather"), OSLO), second], "stop");
        let (reply, _) = next_turn("openai", way).await;
        assert_eq!(called(&reply), [("weather", OSLO), ("time", ROME)]);
        assert_eq!(reply.finish_reason, Some(FinishReason::ToolCalls));
    }
    let way = streamed(
        &[
            call(json!("a"), json!("weather"), OSLO),
            call(json!("b"), json!(null), ROME),
        ],
        "tool_calls",
    );
    let (reply, _) = next_turn("openai", way).await;
    assert_eq!(called(&reply), [("weather", OSLO), ("weather", ROME)]);
}

#[tokio::test]
async fn whole_calls_in_one_chunk_and_arguments_that_are_an_object_are_calls() {
    let list = json!([
        { "function": { "name": "weather", "arguments": { "city": "Oslo" } } },
        null,
        { "id": 7, "type": "function", "function": { "name": "weather", "arguments": { "city": "Rome" } } },
    ]);
    for way in [
        whole(json!({ "content": "", "tool_calls": list }), "stop"),
        streamed(&[json!({ "tool_calls": list })], "stop"),
    ] {
        let (reply, next) = next_turn("openai", way).await;
        assert_eq!(called(&reply), [("weather", OSLO), ("weather", ROME)]);
        assert_eq!(reply.finish_reason, Some(FinishReason::ToolCalls));
        assert_eq!(next["messages"][1]["tool_calls"][1]["id"], "7");
    }
}

/// Source: <https://github.com/karthink/gptel/pull/1336>
#[tokio::test]
async fn calls_in_a_later_choice_are_run() {
    let text = json!({ "role": "assistant", "content": "I will look." });
    let call = json!({ "id": "call_a", "type": "function", "function": { "name": "weather", "arguments": OSLO } });
    let calls = json!({ "role": "assistant", "tool_calls": [call] });
    let body = json!({ "choices": [
        { "finish_reason": "tool_calls", "message": text },
        { "finish_reason": "tool_calls", "message": calls },
    ] });
    #[derive(Deserialize, JsonSchema)]
    struct Place {
        city: String,
    }
    let server = Server::play([
        support::json(200, &body.to_string()),
        support::json(200, &support::answer("Rain.")),
    ]);
    let ran = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&ran);
    let weather = move |place: Place| {
        log.lock().unwrap().push(place.city);
        async { Ok::<_, String>("rain".to_owned()) }
    };
    let chat = client("openai", &server).chat("copilot").user("Oslo?");
    let reply = chat.tool("weather", "", weather).send().await.unwrap();
    assert_eq!(reply.text, "Rain.");
    assert_eq!(*ran.lock().unwrap(), ["Oslo"]);
    assert_eq!(server.body(1)["messages"][1]["content"], "I will look.");

    let choice = |index: u32, delta: Value, finish: Value| json!({ "choices": [{ "index": index, "delta": delta, "finish_reason": finish }] });
    let streamed = chunks([
        choice(0, text, json!(null)),
        choice(0, json!({}), json!("tool_calls")),
        choice(
            1,
            json!({ "tool_calls": [{ "index": 0, "id": "call_a", "function": { "name": "weather", "arguments": "{\"city\":" } }] }),
            json!(null),
        ),
        choice(
            1,
            json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "\"Oslo\"}" } }] }),
            json!(null),
        ),
        choice(
            2,
            json!({ "tool_calls": [{ "index": 0, "id": "call_b", "function": { "name": "weather", "arguments": ROME } }] }),
            json!("tool_calls"),
        ),
    ]);
    let (reply, _) = next_turn("openai", (streamed, true)).await;
    assert_eq!(reply.text, "I will look.");
    assert_eq!(called(&reply), [("weather", OSLO), ("weather", ROME)]);
}

#[tokio::test]
async fn the_older_function_call_is_a_call() {
    let legacy = |name: Value, arguments: &str| json!({ "function_call": { "name": name, "arguments": arguments } });
    for way in [
        whole(legacy(json!("weather"), OSLO), "stop"),
        whole(legacy(json!("weather"), OSLO), "function_call"),
        streamed(
            &[
                legacy(json!("weather"), ""),
                legacy(json!(null), "{\"city\":"),
                legacy(json!(null), "\"Oslo\"}"),
            ],
            "stop",
        ),
        streamed(
            &[
                legacy(json!("weather"), "{\"city\":"),
                legacy(json!("weather"), "\"Oslo\"}"),
            ],
            "stop",
        ),
    ] {
        let (reply, next) = next_turn("openai", way).await;
        assert_eq!(called(&reply), [("weather", OSLO)]);
        assert_eq!(reply.finish_reason, Some(FinishReason::ToolCalls));
        assert_eq!(
            next["messages"][1]["tool_calls"][0]["id"],
            next["messages"][2]["tool_call_id"]
        );
    }
}

#[tokio::test]
async fn the_sandbox_plays_calls_in_odd_places_and_each_is_run_once() {
    #[derive(Deserialize, JsonSchema)]
    struct Place {
        #[expect(dead_code)]
        city: String,
    }
    let sandbox = anymodel::Client::builder().platform("sandbox");
    let sandbox = sandbox.sandbox_time_scale(0.0).build().unwrap();
    for (fault, runs) in [("calls-in-second-choice", 1), ("calls-under-one-index", 2)] {
        let chat = sandbox
            .chat(format!("sandbox/{fault}"))
            .user("What is the weather in Oslo?");
        let weather = |_: Place| async { Ok::<_, String>("rain") };
        let reply = chat
            .tool("get_weather", "The weather of a city.", weather)
            .send()
            .await
            .unwrap();
        assert_eq!(reply.tool_runs.len(), runs, "{fault}");
        assert!(reply.tool_runs.iter().all(|run| !run.failed));
    }
    let reply = sandbox
        .chat("sandbox/thought-parts")
        .user("q")
        .stream()
        .final_reply()
        .await
        .unwrap();
    assert_eq!(reply.reasoning.as_deref(), Some("Let me think. "));
}

/// Source: <https://github.com/strands-agents/harness-sdk/pull/3568>
#[tokio::test]
async fn tools_that_anthropic_runs_itself_are_no_calls() {
    for kind in ["server_tool_use", "mcp_tool_use"] {
        let events = [
            json!({ "type": "message_start", "message": { "id": "msg_1", "model": "claude", "usage": { "input_tokens": 5, "output_tokens": 1 } } }),
            json!({ "type": "content_block_start", "index": 0, "content_block": { "type": kind, "id": "srvtoolu_1", "name": "web_search", "input": {} } }),
            json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "input_json_delta", "partial_json": "{\"query\":\"Oslo\"}" } }),
            json!({ "type": "content_block_stop", "index": 0 }),
            json!({ "type": "content_block_start", "index": 1, "content_block": { "type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [] } }),
            json!({ "type": "content_block_start", "index": 2, "content_block": { "type": "text", "text": "" } }),
            json!({ "type": "content_block_delta", "index": 2, "delta": { "type": "text_delta", "text": "Rain." } }),
            json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": { "output_tokens": 9 } }),
            json!({ "type": "message_stop" }),
        ];
        let body: String = events
            .iter()
            .map(|event| {
                format!(
                    "event: {}\ndata: {event}\n\n",
                    event["type"].as_str().unwrap()
                )
            })
            .collect();
        let server = Server::play([support::events(&body)]);
        let mut stream = client("anthropic", &server)
            .chat("claude-sonnet-4-5")
            .user("Oslo?")
            .stream();
        let mut reply = None;
        while let Some(event) = stream.next().await {
            match event.unwrap() {
                Event::ToolCall { .. } => panic!("the caller sees a call of the server's own"),
                Event::Finished(whole) => reply = Some(whole),
                _ => {}
            }
        }
        let reply = reply.unwrap();
        assert_eq!((reply.text.as_str(), called(&reply)), ("Rain.", vec![]));
        assert_eq!(reply.finish_reason, Some(FinishReason::Stop));
    }
}

#[tokio::test]
async fn calls_of_another_type_are_the_servers_own() {
    let own = json!({ "index": 0, "id": "ws_1", "type": "web_search", "web_search": {}, "function": { "name": "web_search", "arguments": "{\"q\":" } });
    let more = json!({ "index": 0, "function": { "arguments": "1}" } });
    let ours = json!({ "index": 1, "id": "c", "type": "function", "function": { "name": "weather", "arguments": OSLO } });
    for way in [
        whole(
            json!({ "content": "Rain.", "tool_calls": [own, ours] }),
            "tool_calls",
        ),
        streamed(
            &[
                piece(own.clone()),
                piece(more),
                piece(ours),
                json!({ "content": "Rain." }),
            ],
            "tool_calls",
        ),
    ] {
        let (play, is_streamed) = way;
        let server = Server::play([play]);
        let reply = ask(&client("openai", &server), is_streamed).await;
        assert_eq!(
            (reply.text.as_str(), called(&reply)),
            ("Rain.", vec![("weather", OSLO)])
        );
    }
}

/// Cloudflare's calls have nothing around name and arguments; Llama's own form calls the arguments parameters.
#[tokio::test]
async fn calls_without_a_function_around_them_are_calls() {
    let city = json!({ "city": "Oslo" });
    for call in [
        json!({ "name": "weather", "arguments": city }),
        json!({ "name": "weather", "arguments": OSLO }),
        json!({ "id": "a", "function": { "name": "weather", "parameters": city } }),
    ] {
        for way in [
            whole(piece(call.clone()), "tool_calls"),
            streamed(&[piece(call)], "tool_calls"),
        ] {
            let (reply, _) = next_turn("openai", way).await;
            assert_eq!(called(&reply), [("weather", OSLO)]);
        }
    }
}
