//! OpenAI's Responses in OpenRouter's place: the bytes of plain and streamed answers, their faults and prices.

use anymodel::sandbox::faults;
use serde_json::{Value, json};

use super::support::{KEY, Said, Talk, question, talk};

const MODEL: &str = "openai/gpt-4o-mini";

async fn ask(talk: &Talk, body: &Value) -> Said {
    let request = talk.http.post(talk.url("/responses"));
    Said::by(request.bearer_auth(KEY).json(body)).await.unwrap()
}

fn asks(model: &str, stream: bool) -> Value {
    json!({ "model": model, "stream": stream, "input": "Explain recursion in one sentence." })
}

#[tokio::test]
async fn a_response_says_and_costs_what_a_chat_completion_does() {
    let talk = talk();
    let (_, chat) = talk
        .ask(&question(MODEL, "Explain recursion in one sentence."))
        .await;
    let said = ask(&talk, &asks(MODEL, false)).await;
    assert_eq!(said.status, 200);
    assert_eq!(said.headers["x-anymodel-sandbox"], "simulated");
    let response = said.json();
    assert_eq!(response["object"], "response");
    assert_eq!(response["status"], "completed");
    assert_eq!(response["model"], MODEL);
    assert!(response["id"].as_str().unwrap().starts_with("resp_"));
    assert_eq!(
        response["output"][0]["content"][0]["text"],
        chat["choices"][0]["message"]["content"]
    );
    let (usage, wanted) = (&response["usage"], &chat["usage"]);
    assert_eq!(usage["input_tokens"], wanted["prompt_tokens"]);
    assert_eq!(usage["output_tokens"], wanted["completion_tokens"]);
    assert_eq!(usage["total_tokens"], wanted["total_tokens"]);
    assert_eq!(usage["cost"], wanted["cost"]);
    assert!(usage["cost"].as_f64() > Some(0.0));
}

#[tokio::test]
async fn a_streamed_response_holds_the_same_answer() {
    let talk = talk();
    let whole = ask(&talk, &asks(MODEL, false)).await.json();
    let said = ask(&talk, &asks(MODEL, true)).await;
    assert_eq!(said.headers["content-type"], "text/event-stream");
    let mut events = said.events();
    events.retain(|(_, data)| !data.is_empty());
    assert_eq!(events.pop().unwrap().1, "[DONE]");
    let mut text = String::new();
    for (at, (name, data)) in events.iter().enumerate() {
        let event: Value = serde_json::from_str(data).unwrap();
        assert_eq!(event["type"], **name);
        assert_eq!(event["sequence_number"], json!(at));
        if name == "response.output_text.delta" {
            text += event["delta"].as_str().unwrap();
        }
    }
    let end: Value = serde_json::from_str(&events.last().unwrap().1).unwrap();
    assert_eq!(end["type"], "response.completed");
    let parts = |response: &Value| response["output"][0]["content"].clone();
    assert_eq!(parts(&end["response"]), parts(&whole));
    assert_eq!(parts(&whole)[0]["text"], text);
    assert_eq!(end["response"]["usage"], whole["usage"]);
}

#[tokio::test]
async fn a_call_and_its_result_go_round() {
    let talk = talk();
    let mut body = json!({
        "model": MODEL, "input": [{ "role": "user", "content": "What is the weather in Lisbon?" }],
        "tools": [{ "type": "function", "name": "current_weather", "description": "Weather of a city",
            "parameters": { "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] } }],
    });
    let first = ask(&talk, &body).await.json();
    let call = &first["output"][0];
    assert_eq!(
        (&call["type"], &call["name"]),
        (&json!("function_call"), &json!("current_weather"))
    );
    assert!(call["arguments"].as_str().unwrap().contains("Lisbon"));
    assert_eq!(
        first["tools"], body["tools"],
        "the response repeats the request"
    );
    let input = body["input"].as_array_mut().unwrap();
    input.push(call.clone());
    input.push(
        json!({ "type": "function_call_output", "call_id": call["call_id"], "output": "sunny" }),
    );
    body["stream"] = json!(true);
    let last = ask(&talk, &body).await;
    assert!(
        last.text.contains("The tool returned: sunny"),
        "{}",
        last.text
    );
}

#[tokio::test]
async fn settings_of_a_response_mean_what_they_mean_in_a_chat() {
    let talk = talk();
    let mut short = asks(MODEL, false);
    short["max_output_tokens"] = json!(2);
    let cut = ask(&talk, &short).await.json();
    assert_eq!(cut["status"], "incomplete");
    assert_eq!(cut["incomplete_details"]["reason"], "max_output_tokens");
    let mut typed = asks(MODEL, false);
    typed["text"] = json!({ "format": { "type": "json_schema", "name": "a", "schema": {
        "type": "object", "properties": { "answer": { "type": "string" } }, "required": ["answer"], "additionalProperties": false,
    } } });
    let said = ask(&talk, &typed).await.json();
    let text = said["output"][0]["content"][0]["text"].as_str().unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    assert!(value["answer"].is_string());
    let chain = json!({ "models": ["sandbox/503", MODEL], "input": "Hello" });
    assert_eq!(ask(&talk, &chain).await.json()["model"], MODEL);
}

#[tokio::test]
async fn a_response_that_needs_stored_answers_is_refused() {
    let mut body = asks(MODEL, false);
    body["previous_response_id"] = json!("resp_1");
    let said = ask(&talk(), &body).await;
    assert_eq!(said.status, 400);
    assert_eq!(said.json()["error"]["param"], "previous_response_id");
}

#[tokio::test]
async fn every_fault_also_comes_by_responses() {
    for fault in faults() {
        // Another connection for each, since some faults break it.
        let talk = talk();
        let request = talk.http.post(talk.url("/responses")).bearer_auth(KEY);
        let said = Said::by(request.json(&asks(&format!("sandbox/{}", fault.name), true))).await;
        let status = said.as_ref().map(|said| said.status);
        assert_eq!(status, fault.status, "{}", fault.name);
    }
}

#[tokio::test]
async fn a_stream_that_breaks_has_no_good_end() {
    let talk = talk();
    for name in ["stream-cut", "error-mid-stream"] {
        assert!(faults().iter().any(|fault| fault.name == name), "{name}");
        let said = ask(&talk, &asks(&format!("sandbox/{name}"), true)).await;
        assert!(said.text.contains("response.output_text.delta"), "{name}");
        assert!(!said.text.contains("response.completed"), "{name}");
        assert_eq!(
            said.text.contains("response.failed"),
            name == "error-mid-stream"
        );
    }
}
