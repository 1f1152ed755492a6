//! What goes back in the next turn, and how calls of functions are put together.

mod calls;
mod history;
mod thoughts;
mod usage;
mod values;

use anymodel::{Client, Message, Reply, ToolSpec};
use serde_json::{Value, json};

use crate::support::{self, Play, Server};

/// A client of this server as one of the platforms.
pub fn client(platform: &str, server: &Server) -> Client {
    let builder = Client::builder().platform(platform);
    let builder = builder
        .base_url(server.url())
        .key("sk-test-0123456789abcdef");
    builder.retries(0).build().unwrap()
}

pub fn tool(name: &str) -> ToolSpec {
    let city = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    ToolSpec::new(name, "", city)
}

/// The same answer, whole or as events: how it is played, and whether it is streamed.
pub type Way = (Play, bool);

/// Asks with tools at hand, whole or streamed.
pub async fn ask(client: &Client, streamed: bool) -> Reply {
    let chat = client.chat("acme/thinker").user("Weather in Oslo?");
    let chat = chat.tool_spec(tool("weather")).tool_spec(tool("time"));
    match streamed {
        true => chat.stream().final_reply().await.unwrap(),
        false => chat.send().await.unwrap(),
    }
}

/// Asks, answers each call, and asks again; gives the answer and the second request.
pub async fn next_turn(platform: &str, (play, streamed): Way) -> (Reply, Value) {
    let last = match platform {
        "anthropic" => support::json(
            200,
            r#"{"content":[{"type":"text","text":"Rain."}],"stop_reason":"end_turn"}"#,
        ),
        "gemini" => support::json(
            200,
            r#"{"candidates":[{"content":{"parts":[{"text":"Rain."}]},"finishReason":"STOP"}]}"#,
        ),
        _ => support::json(200, &support::answer("Rain.")),
    };
    let server = Server::play([play, last]);
    let client = client(platform, &server);
    let reply = ask(&client, streamed).await;
    let mut chat = client.chat("acme/thinker").user("Weather in Oslo?");
    chat = chat.tool_spec(tool("weather")).message(reply.to_message());
    for (at, call) in reply.tool_calls.iter().enumerate() {
        chat = chat.message(Message::tool(&call.id, format!("result {at}")));
    }
    chat.user("So?").send().await.unwrap();
    (reply, server.body(1))
}

/// Name and arguments of each call.
pub fn called(reply: &Reply) -> Vec<(&str, &str)> {
    let calls = reply.tool_calls.iter();
    calls
        .map(|call| (call.name.as_str(), call.arguments.as_str()))
        .collect()
}

/// A whole chat completion of one choice.
pub fn whole(message: Value, finish: &str) -> Way {
    let choice = json!({ "index": 0, "message": message, "finish_reason": finish });
    (
        support::json(
            200,
            &json!({ "model": "acme/thinker", "choices": [choice] }).to_string(),
        ),
        false,
    )
}

/// The same as events: the pieces, then the end.
pub fn streamed(deltas: &[Value], finish: &str) -> Way {
    let mut choices: Vec<Value> = deltas
        .iter()
        .map(|delta| json!({ "index": 0, "delta": delta }))
        .collect();
    choices.push(json!({ "index": 0, "delta": {}, "finish_reason": finish }));
    (
        chunks(
            choices
                .into_iter()
                .map(|choice| json!({ "model": "acme/thinker", "choices": [choice] })),
        ),
        true,
    )
}

/// A stream of these chunks.
pub fn chunks(chunks: impl IntoIterator<Item = Value>) -> Play {
    let events: String = chunks
        .into_iter()
        .map(|chunk| format!("data: {chunk}\n\n"))
        .collect();
    support::events(&(events + "data: [DONE]\n\n"))
}
