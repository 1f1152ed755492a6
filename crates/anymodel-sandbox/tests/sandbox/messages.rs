//! Anthropic's Messages in OpenRouter's place: its models, fields and keys; and the count of tokens.

use anymodel::sandbox::faults;
use serde_json::{Value, json};

use super::support::{KEY, Said, Talk, question, talk};

const MODEL: &str = "openai/gpt-4o-mini";
const HEADERS: [(&str, &str); 2] = [
    ("x-api-key", "sk-ant-0123456789abcdef"),
    ("anthropic-version", "2023-06-01"),
];

fn asks(model: &str, stream: bool) -> Value {
    json!({
        "model": model, "max_tokens": 500, "stream": stream,
        "messages": [{ "role": "user", "content": "Explain recursion in one sentence." }],
    })
}

async fn ask(talk: &Talk, path: &str, body: &Value) -> Said {
    let request = talk.http.post(talk.url(path));
    Said::by(request.bearer_auth(KEY).json(body)).await.unwrap()
}

#[tokio::test]
async fn a_message_of_any_model_says_what_a_chat_completion_does() {
    let talk = talk();
    let (_, chat) = talk
        .ask(&question(MODEL, "Explain recursion in one sentence."))
        .await;
    let said = ask(&talk, "/messages", &asks(MODEL, false)).await;
    assert_eq!(said.status, 200, "{}", said.text);
    let message = said.json();
    assert_eq!(message["type"], "message");
    assert_eq!(message["model"], MODEL, "OpenRouter's name of the model");
    assert_eq!(
        message["content"][0]["text"],
        chat["choices"][0]["message"]["content"]
    );
    assert_eq!(
        message["usage"]["input_tokens"],
        chat["usage"]["prompt_tokens"]
    );
    let streamed = ask(&talk, "/messages", &asks(MODEL, true)).await;
    let data = streamed.data();
    let text: String = data
        .iter()
        .filter_map(|event| event["delta"]["text"].as_str())
        .collect();
    assert_eq!(message["content"][0]["text"], text);
    assert_eq!(data.last().unwrap()["type"], "message_stop");
    let end = &data[data.len() - 2];
    assert_eq!(
        end["usage"]["output_tokens"],
        message["usage"]["output_tokens"]
    );
    assert_eq!(
        end["usage"]["input_tokens"],
        message["usage"]["input_tokens"]
    );
}

#[tokio::test]
async fn a_chain_of_models_and_either_header_for_the_key_are_accepted() {
    let talk = talk();
    let mut body = asks("sandbox/503", false);
    body["models"] = json!([MODEL]);
    body["provider"] = json!({ "sort": "price" });
    let request = talk.http.post(talk.url("/messages"));
    let said = Said::by(request.header("x-api-key", "sk-or-v1-1").json(&body))
        .await
        .unwrap();
    assert_eq!((said.status, &said.json()["model"]), (200, &json!(MODEL)));
    body["seed"] = json!(7);
    let refused = ask(&talk, "/messages", &body).await;
    assert!(
        refused.text.contains("seed: Extra inputs"),
        "{}",
        refused.text
    );
    let vendor = talk.guest(
        "/anthropic/v1/messages",
        &HEADERS,
        &json!({
            "model": "claude-haiku-4.5", "max_tokens": 5, "messages": [], "models": ["a"],
        }),
    );
    let refused = Said::by(vendor).await.unwrap();
    assert!(
        refused.text.contains("models: Extra inputs"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn every_fault_also_comes_by_messages_in_anthropics_format() {
    for fault in faults() {
        let talk = talk();
        let body = asks(&format!("sandbox/{}", fault.name), true);
        let request = talk.http.post(talk.url("/messages")).bearer_auth(KEY);
        let said = Said::by(request.json(&body)).await;
        assert_eq!(said.is_some(), fault.status.is_some(), "{}", fault.name);
        let Some(said) = said.filter(|said| said.status >= 400) else {
            continue;
        };
        assert!(
            fault.status.is_some_and(|status| status >= 400),
            "{}",
            fault.name
        );
        let error = said.json();
        assert_eq!(error["type"], "error", "{}", fault.name);
        assert!(
            error["error"]["type"].as_str().unwrap().ends_with("_error")
                || error["error"]["type"] == "request_too_large"
        );
        assert!(error["request_id"].as_str().unwrap().starts_with("req_"));
    }
}

#[tokio::test]
async fn tokens_are_counted_as_the_answer_counts_them_and_cost_nothing() {
    let talk = talk();
    let mut body = asks(MODEL, false);
    body["system"] = json!("Be brief.");
    body["tools"] = json!([{ "name": "add", "input_schema": { "type": "object" } }]);
    body["tool_choice"] = json!({ "type": "none" });
    let mut to_count = body.clone();
    to_count.as_object_mut().unwrap().remove("max_tokens");
    let counted = ask(&talk, "/messages/count_tokens", &to_count).await;
    assert_eq!(counted.status, 200, "{}", counted.text);
    assert!(counted.headers.contains_key("request-id"));
    let (_, key) = talk.get("/key").await;
    assert_eq!(key["data"]["usage"], 0);
    let message = ask(&talk, "/messages", &body).await.json();
    let tokens = &message["usage"]["input_tokens"];
    assert_eq!(counted.json(), json!({ "input_tokens": tokens }));
    to_count["model"] = json!("claude-haiku-4.5");
    let vendor = talk.guest("/anthropic/v1/messages/count_tokens", &HEADERS, &to_count);
    assert_eq!(
        &Said::by(vendor).await.unwrap().json()["input_tokens"],
        tokens
    );
}

#[tokio::test]
async fn counting_tokens_can_fail_too() {
    let talk = talk();
    for (model, status) in [("no/such-model", 404), ("sandbox/429-always", 429)] {
        let said = ask(&talk, "/messages/count_tokens", &asks(model, false)).await;
        assert_eq!(
            (said.status, &said.json()["type"]),
            (status, &json!("error"))
        );
    }
    let wrong = json!({ "model": MODEL, "messages": [{ "role": "user", "content": 7 }] });
    let said = ask(&talk, "/messages/count_tokens", &wrong).await;
    assert_eq!(said.status, 400);
    assert!(said.text.contains("messages.0.content"), "{}", said.text);
    let nobody = talk
        .http
        .post(talk.url("/messages/count_tokens"))
        .json(&wrong);
    assert_eq!(Said::by(nobody).await.unwrap().status, 401);
}
