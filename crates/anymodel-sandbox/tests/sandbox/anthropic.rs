//! Anthropic's face: the bytes of its Messages.

use anymodel::sandbox::faults;
use serde_json::{Value, json};

use super::support::{Said, Talk, talk};

const HEADERS: [(&str, &str); 2] = [
    ("x-api-key", "sk-ant-0123456789abcdef"),
    ("anthropic-version", "2023-06-01"),
];

fn question(model: &str, stream: bool) -> Value {
    json!({
        "model": model, "max_tokens": 500, "stream": stream,
        "messages": [{ "role": "user", "content": "Explain recursion in one sentence." }],
    })
}

async fn ask(talk: &Talk, body: &Value) -> Said {
    let request = talk.guest("/anthropic/v1/messages", &HEADERS, body);
    Said::by(request).await.unwrap()
}

async fn fault(name: &str, stream: bool) -> Option<Said> {
    let talk = talk();
    let body = question(&format!("sandbox/{name}"), stream);
    Said::by(talk.guest("/anthropic/v1/messages", &HEADERS, &body)).await
}

fn names(said: &Said) -> Vec<String> {
    said.events().into_iter().map(|(name, _)| name).collect()
}

fn words(said: &Said) -> usize {
    let text: String = said
        .events()
        .iter()
        .filter_map(|(_, data)| serde_json::from_str::<Value>(data).ok())
        .filter_map(|data| Some(data["delta"]["text"].as_str()?.to_owned()))
        .collect();
    text.split_whitespace().count()
}

#[tokio::test]
async fn a_message_has_the_vendors_shape_and_says_that_it_is_simulated() {
    let said = ask(&talk(), &question("claude-sonnet-4-5-20250929", false)).await;
    assert_eq!(said.status, 200);
    assert_eq!(said.headers["x-anymodel-sandbox"], "simulated");
    assert!(
        said.headers["request-id"]
            .to_str()
            .unwrap()
            .starts_with("req_")
    );
    let message = said.json();
    assert_eq!(message["model"], "claude-sonnet-4.5");
    assert_eq!(message["content"].as_array().unwrap().len(), 1);
    assert_eq!(message["stop_reason"], "end_turn");
    assert!(message["stop_sequence"].is_null());
    let usage = message["usage"].as_object().unwrap();
    assert!(usage["input_tokens"].as_u64() > Some(5) && usage["output_tokens"].as_u64() > Some(5));
    assert_eq!(usage["cache_read_input_tokens"], 0);
    assert_eq!(usage["cache_creation_input_tokens"], 0);
    assert!(
        !message.to_string().contains("cost"),
        "this vendor tells no price"
    );
    assert!(message.get("choices").is_none());
}

#[tokio::test]
async fn a_streamed_message_opens_grows_and_closes_in_the_vendors_order() {
    let said = ask(&talk(), &question("claude-sonnet-4.5", true)).await;
    assert_eq!(said.headers["content-type"], "text/event-stream");
    let mut order = names(&said);
    order.dedup();
    assert_eq!(
        order,
        [
            "message_start",
            "ping",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ]
    );
    for (name, data) in said.events() {
        let data: Value = serde_json::from_str(&data).unwrap();
        assert_eq!(
            data["type"], name,
            "the line and the data name the same event"
        );
    }
    let data = said.data();
    let message = &data[0]["message"];
    assert_eq!(message["content"], json!([]));
    assert!(message["usage"]["input_tokens"].as_u64() > Some(5));
    assert_eq!(
        data[2]["content_block"],
        json!({ "type": "text", "text": "" })
    );
    let end = &data[data.len() - 2];
    assert_eq!(end["delta"]["stop_reason"], "end_turn");
    assert!(end["usage"]["output_tokens"].as_u64() > Some(5));
    assert!(!said.text.contains("[DONE]"));
}

#[tokio::test]
async fn a_streamed_tool_call_comes_as_fragments_of_its_input() {
    let mut body = question("claude-sonnet-4.5", true);
    body["tools"] = json!([{ "name": "lookup", "input_schema": { "type": "object", "properties": { "q": { "type": "string" } }, "required": ["q"] } }]);
    body["tool_choice"] = json!({ "type": "any" });
    let data = ask(&talk(), &body).await.data();
    let start = data
        .iter()
        .find(|d| d["type"] == "content_block_start")
        .unwrap();
    let block = &start["content_block"];
    assert_eq!(
        (&block["type"], &block["name"], &block["input"]),
        (&json!("tool_use"), &json!("lookup"), &json!({}))
    );
    assert!(block["id"].as_str().unwrap().starts_with("toolu_"));
    let fragments: Vec<&str> = data
        .iter()
        .filter_map(|d| d["delta"]["partial_json"].as_str())
        .collect();
    assert_eq!(fragments[0], "");
    let input: Value = serde_json::from_str(&fragments.concat()).unwrap();
    assert!(fragments.len() > 2 && input["q"].is_string(), "{input}");
    assert_eq!(data[data.len() - 2]["delta"]["stop_reason"], "tool_use");
}

#[tokio::test]
async fn a_request_the_vendor_would_refuse_is_refused_and_says_why() {
    let talk = talk();
    let turn = |role: &str, content: Value| json!({ "role": role, "content": content });
    let call = json!([{ "type": "tool_use", "id": "toolu_1", "name": "add", "input": {} }]);
    let answer = |id: &str| json!({ "type": "tool_result", "tool_use_id": id, "content": "4" });
    let result = json!([answer("toolu_1"), answer("toolu_2")]);
    let cases = [
        (json!({ "max_tokens": null }), "max_tokens: Field required"),
        (json!({ "model": null }), "model: Field required"),
        (json!({ "seed": 7 }), "seed: Extra inputs"),
        (
            json!({ "temperature": 1.5 }),
            "temperature: must be from 0 to 1",
        ),
        (json!({ "messages": [] }), "at least one message"),
        (
            json!({ "messages": [turn("system", json!("Be brief."))] }),
            "top-level `system`",
        ),
        (
            json!({ "messages": [turn("user", json!([{ "type": "text", "text": "" }]))] }),
            "non-empty",
        ),
        (
            json!({ "messages": [turn("user", json!("2+2")), turn("assistant", call.clone())] }),
            "no `tool_result`",
        ),
        (
            json!({ "messages": [turn("assistant", call), turn("user", result)] }),
            "toolu_2",
        ),
        (
            json!({ "thinking": { "type": "enabled", "budget_tokens": 2000 } }),
            "greater than `thinking.budget_tokens`",
        ),
        (
            json!({ "tools": [{ "name": "add", "parameters": {} }] }),
            "input_schema: Field required",
        ),
        (
            json!({ "tool_choice": "auto" }),
            "tool_choice: must be an object",
        ),
    ];
    for (change, why) in cases {
        let mut body = question("claude-sonnet-4.5", false);
        for (key, value) in change.as_object().unwrap() {
            body[key] = value.clone();
        }
        let said = ask(&talk, &body).await;
        let error = said.json();
        assert_eq!(
            (said.status, &error["type"]),
            (400, &json!("error")),
            "{change}"
        );
        assert_eq!(error["error"]["type"], "invalid_request_error");
        assert!(
            error["error"]["message"].as_str().unwrap().contains(why),
            "{error}"
        );
        assert_eq!(
            error["request_id"],
            said.headers["request-id"].to_str().unwrap()
        );
    }
}

#[tokio::test]
async fn a_call_without_key_or_version_is_refused() {
    let talk = talk();
    let body = question("claude-sonnet-4.5", false);
    for (headers, status, kind) in [
        (&HEADERS[1..], 401, "authentication_error"),
        (&HEADERS[..1], 400, "invalid_request_error"),
    ] {
        let said = Said::by(talk.guest("/anthropic/v1/messages", headers, &body))
            .await
            .unwrap();
        assert_eq!(
            (said.status, &said.json()["error"]["type"]),
            (status, &json!(kind))
        );
    }
    let said = Said::by(talk.guest("/anthropic/v1/complete", &HEADERS, &body))
        .await
        .unwrap();
    assert_eq!(said.status, 404);
    assert!(
        said.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("v1/messages")
    );
}

#[tokio::test]
async fn every_refusal_has_the_vendors_envelope() {
    for refusal in faults()
        .iter()
        .filter(|fault| fault.status.is_some_and(|status| status >= 400))
    {
        for stream in [false, true] {
            let said = fault(refusal.name, stream).await.unwrap();
            let body = said.json();
            let kind = body["error"]["type"].as_str().unwrap();
            let status = match kind {
                "overloaded_error" => 529,
                "not_found_error" => 404,
                _ => refusal.status.unwrap(),
            };
            assert_eq!(said.status, status, "{}: {body}", refusal.name);
            assert_eq!(body["type"], "error");
            assert!(!body["error"]["message"].as_str().unwrap().is_empty());
            let overloaded = refusal.name.starts_with("503")
                || matches!(refusal.name, "down" | "529" | "outage-60s");
            assert_eq!(
                kind == "overloaded_error",
                overloaded,
                "{}: {body}",
                refusal.name
            );
            let hinted = refusal.name.contains("hint") || refusal.name.contains("retry-after");
            assert!(
                !hinted || said.headers.contains_key("retry-after"),
                "{}",
                refusal.name
            );
        }
    }
}

#[tokio::test]
async fn broken_streams_break_here_too() {
    for (name, spoken, broken) in [
        ("stream-cut", 40, true),
        ("stall", 20, true),
        ("error-mid-stream", 40, false),
    ] {
        let said = fault(name, true).await.unwrap();
        assert_eq!((words(&said), said.broken), (spoken, broken), "{name}");
        assert!(
            !names(&said).contains(&"message_delta".to_owned()),
            "{name}: no stop reason"
        );
    }
    let said = fault("error-mid-stream", true).await.unwrap();
    let (name, data) = said.events().pop().unwrap();
    assert_eq!(name, "error");
    assert_eq!(
        serde_json::from_str::<Value>(&data).unwrap()["error"]["type"],
        "api_error"
    );
    assert!(fault("connection-reset", true).await.is_none());
    let said = fault("cut-after-finish", true).await.unwrap();
    assert_eq!(
        (names(&said).pop().unwrap().as_str(), said.broken),
        ("message_delta", true)
    );
    let said = fault("no-done", true).await.unwrap();
    assert_eq!(
        (names(&said).pop().unwrap().as_str(), said.broken),
        ("message_delta", false)
    );
    let said = fault("malformed-chunk", true).await.unwrap();
    let bad = said
        .events()
        .iter()
        .filter(|(_, data)| serde_json::from_str::<Value>(data).is_err())
        .count();
    assert_eq!((bad, words(&said)), (1, 60));
}

#[tokio::test]
async fn odd_endings_are_odd_here_too() {
    for (name, reason) in [
        ("finish-null", Value::Null),
        ("finish-unknown", json!("tea_break")),
        ("content-filter", json!("refusal")),
        ("empty-completion", Value::Null),
    ] {
        assert_eq!(
            fault(name, false).await.unwrap().json()["stop_reason"],
            reason,
            "{name}"
        );
        let data = fault(name, true).await.unwrap().data();
        assert_eq!(
            data[data.len() - 2]["delta"]["stop_reason"],
            reason,
            "{name}"
        );
    }
    assert_eq!(
        fault("empty-completion", false).await.unwrap().json()["content"],
        json!([])
    );
    assert!(
        fault("usage-missing", false)
            .await
            .unwrap()
            .json()
            .get("usage")
            .is_none()
    );
    assert!(
        fault("choices-missing", false)
            .await
            .unwrap()
            .json()
            .get("content")
            .is_none()
    );
    assert!(
        fault("html", true)
            .await
            .unwrap()
            .text
            .starts_with("<!DOCTYPE html>")
    );
    assert!(
        fault("broken-json", false)
            .await
            .unwrap()
            .text
            .starts_with('{')
    );
    let error = fault("error-body", false).await.unwrap();
    assert_eq!(
        (error.status, &error.json()["type"]),
        (200, &json!("error"))
    );
}
