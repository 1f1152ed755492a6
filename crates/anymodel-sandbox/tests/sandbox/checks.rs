//! The sandbox refuses what hosts refuse before a model sees it.

use serde_json::{Value, json};

use crate::support::{question, talk};

const MODEL: &str = "openai/gpt-4o-mini";

async fn refused(change: impl FnOnce(&mut Value)) -> (u16, String) {
    let mut body = question(MODEL, "What is recursion?");
    change(&mut body);
    let (status, answer) = talk().ask(&body).await;
    (
        status,
        answer["error"]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    )
}

fn schema(field: Value) -> Value {
    json!({ "type": "object", "properties": { "home": field }, "required": ["home"], "additionalProperties": false })
}

#[tokio::test]
async fn a_schema_that_is_called_strict_and_is_not_is_refused_with_its_path() {
    let form = |strict: bool, schema: Value| json!({ "type": "json_schema", "json_schema": { "name": "City", "strict": strict, "schema": schema } });
    let open = schema(json!({ "type": ["object", "null"], "properties": {} }));
    let (status, message) =
        refused(|body| body["response_format"] = form(true, open.clone())).await;
    assert_eq!(status, 400);
    assert_eq!(
        message,
        "Invalid schema for response_format 'City': In context=('properties', 'home', 'type', '0'), 'additionalProperties' is required to be supplied and to be false."
    );
    assert_eq!(
        refused(|body| body["response_format"] = form(false, open))
            .await
            .0,
        200
    );
    assert_eq!(
        refused(|body| body["response_format"] = form(true, schema(json!({ "type": "string" }))))
            .await
            .0,
        200
    );
    let tool = |strict: bool| json!([{ "type": "function", "function": { "name": "add", "strict": strict, "parameters": { "type": "object", "properties": { "a": { "type": "integer" } } } } }]);
    let (status, message) = refused(|body| body["tools"] = tool(true)).await;
    assert_eq!(status, 400);
    assert!(
        message.starts_with("Invalid schema for function 'add': In context=()"),
        "{message}"
    );
    assert_eq!(refused(|body| body["tools"] = tool(false)).await.0, 200);
}

#[tokio::test]
async fn names_that_no_host_takes_are_refused() {
    let tool = |name: &str| json!([{ "type": "function", "function": { "name": name, "parameters": { "type": "object", "properties": {} } } }]);
    for (name, status) in [
        ("has space", 400),
        ("städte", 400),
        ("a.b", 400),
        (&*"x".repeat(65), 400),
        ("get_weather-2", 200),
    ] {
        let (found, message) = refused(|body| body["tools"] = tool(name)).await;
        assert_eq!(found, status, "{name}: {message}");
        assert_eq!(
            message.contains("tools[0].function.name"),
            status == 400,
            "{message}"
        );
    }
}

fn call(id: &str, arguments: &str) -> Value {
    json!({ "id": id, "type": "function", "function": { "name": "weather", "arguments": arguments } })
}

fn result(id: &str) -> Value {
    json!({ "role": "tool", "tool_call_id": id, "content": "rain" })
}

#[tokio::test]
async fn calls_and_results_that_do_not_pair_are_refused() {
    let said =
        |calls: &[Value]| json!({ "role": "assistant", "content": null, "tool_calls": calls });
    let user = || json!({ "role": "user", "content": "So?" });
    let one = || said(&[call("a", "{}")]);
    for (messages, words) in [
        (vec![user(), one(), result("a")], ""),
        (
            vec![
                user(),
                said(&[call("a", "{}"), call("b", "{}")]),
                result("b"),
                result("a"),
                user(),
            ],
            "",
        ),
        (
            vec![user(), result("x")],
            "must be a response to a preceeding message with 'tool_calls'",
        ),
        (
            vec![user(), one(), result("a"), result("a")],
            "must be a response to a preceeding message with 'tool_calls'",
        ),
        (
            vec![user(), one(), user()],
            "did not have response messages: a",
        ),
        (vec![user(), one()], "did not have response messages: a"),
        (
            vec![
                user(),
                said(&[call("a", "{}"), call("a", "{}")]),
                result("a"),
                result("a"),
            ],
            "messages[1].tool_calls[1].id",
        ),
        (
            vec![user(), said(&[call("a", "")]), result("a")],
            "messages[1].tool_calls[0].function.arguments",
        ),
        (
            vec![user(), said(&[call("a", "[1]")]), result("a")],
            "messages[1].tool_calls[0].function.arguments",
        ),
        (
            vec![user(), said(&[call("a", "{\"city\": \"Os")]), result("a")],
            "messages[1].tool_calls[0].function.arguments",
        ),
    ] {
        let (status, message) = refused(|body| body["messages"] = messages.clone().into()).await;
        assert_eq!(
            status,
            if words.is_empty() { 200 } else { 400 },
            "{messages:?}: {message}"
        );
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn a_picture_that_cannot_be_decoded_is_refused() {
    for (url, status) in [
        ("data:image/png;base64,aGVsbG8=", 200),
        ("https://example.org/cat.png", 200),
        ("data:image/png;base64,!!!", 400),
        ("data:image/png;base64,aGVsbG8", 400),
        ("data:image/png;base64,", 400),
        ("data:text/plain;base64,aGVsbG8=", 400),
    ] {
        let content = json!([{ "type": "text", "text": "What is it?" }, { "type": "image_url", "image_url": { "url": url } }]);
        let (found, message) = refused(|body| body["messages"][0]["content"] = content).await;
        assert_eq!(found, status, "{url}: {message}");
        assert_eq!(
            message.contains("messages[0].content[1].image_url.url"),
            status == 400,
            "{message}"
        );
    }
}
