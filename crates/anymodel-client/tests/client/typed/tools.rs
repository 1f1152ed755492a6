//! Functions that models call.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anymodel::prelude::*;
use anymodel::{Chat, ToolChoice, ToolSpec};
use serde_json::json;

use super::{calls, said, sandbox, text};
use crate::support::{Server, json as respond};

#[derive(Deserialize, JsonSchema)]
struct Place {
    /// Without its country.
    city: String,
    #[serde(default)]
    days: u8,
}

#[derive(Serialize)]
struct Weather {
    degrees: i32,
    sky: &'static str,
}

async fn weather(place: Place) -> Result<Weather, String> {
    match place.city.as_str() {
        "Atlantis" => Err("no such city".to_owned()),
        _ => Ok(Weather {
            degrees: 12 + i32::from(place.days),
            sky: "rain",
        }),
    }
}

fn ask(server: &Server) -> Chat {
    server
        .client()
        .chat("acme/one")
        .user("Weather in Oslo?")
        .tool("get_weather", "The weather of a city.", weather)
}

#[tokio::test]
async fn a_function_is_run_and_the_model_is_told_what_it_gave() {
    let server = Server::play([
        calls(&[("get_weather", r#"{"city":"Oslo","days":2}"#)]),
        text("14 degrees."),
    ]);
    let reply = ask(&server).send().await.unwrap();
    assert_eq!(reply.text, "14 degrees.");
    let tool = &server.body(0)["tools"][0];
    assert_eq!(tool["type"], "function");
    assert_eq!(tool["function"]["name"], "get_weather");
    assert_eq!(tool["function"]["description"], "The weather of a city.");
    let parameters = &tool["function"]["parameters"];
    assert_eq!(
        parameters["properties"]["city"]["description"],
        "Without its country."
    );
    assert_eq!(
        parameters["required"],
        json!(["city"]),
        "what has a default may be left out"
    );

    let messages = &server.body(1)["messages"];
    assert_eq!(messages[1]["tool_calls"][0]["id"], "call_0");
    assert_eq!(messages[1]["content"], json!(null));
    assert_eq!(
        messages[2],
        json!({ "role": "tool", "tool_call_id": "call_0", "content": r#"{"degrees":14,"sky":"rain"}"# })
    );
    // The record, and the bill of both requests.
    assert_eq!(reply.trail.len(), 2);
    assert_eq!(usd(reply.cost.unwrap()), "$0.002");
    let run = &reply.tool_runs[0];
    assert_eq!((run.round, run.failed), (1, false));
    assert_eq!(
        run.to_string(),
        r#"get_weather({"city":"Oslo","days":2}) -> {"degrees":14,"sky":"rain"}"#
    );
}

#[tokio::test]
async fn several_calls_of_one_turn_run_at_once_and_are_answered_in_order() {
    let server = Server::play([
        calls(&[
            ("wait", r#"{"city":"a"}"#),
            ("wait", r#"{"city":"b"}"#),
            ("wait", r#"{"city":"c"}"#),
        ]),
        text("Done."),
    ]);
    let chat = server.client().chat("acme/one").user("Go").tool(
        "wait",
        "Waits.",
        |place: Place| async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            format!("{} waited", place.city)
        },
    );
    let begun = Instant::now();
    let reply = chat.send().await.unwrap();
    assert!(
        begun.elapsed() < Duration::from_millis(800),
        "{:?}",
        begun.elapsed()
    );
    let messages = server.body(1)["messages"].clone();
    let told: Vec<_> = (2..5)
        .map(|at| messages[at]["content"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, ["a waited", "b waited", "c waited"]);
    assert_eq!(reply.tool_runs.len(), 3);
}

#[tokio::test]
async fn what_goes_wrong_in_a_function_is_told_to_the_model() {
    let server = Server::play([
        calls(&[("get_weather", r#"{"city":"Atlantis"}"#)]),
        text("It sank."),
    ]);
    let reply = ask(&server).send().await.unwrap();
    assert_eq!(
        server.body(1)["messages"][2]["content"],
        "error: no such city"
    );
    assert!(reply.tool_runs[0].failed);
    assert_eq!(reply.text, "It sank.");
}

#[tokio::test]
async fn a_tool_that_does_not_exist_is_told_once_and_then_is_an_error() {
    let unknown = || calls(&[("get_whether", r#"{"city":"Oslo"}"#)]);
    let server = Server::play([
        unknown(),
        calls(&[("get_weather", r#"{"city":"Oslo"}"#)]),
        text("Rain."),
    ]);
    assert_eq!(ask(&server).send().await.unwrap().text, "Rain.");
    let told = server.body(1)["messages"][2]["content"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        told,
        "error: there is no tool named \"get_whether\"; the tools are get_weather"
    );

    let server = Server::play([unknown(), unknown(), text("never")]);
    let error = ask(&server).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ToolLoop);
    assert!(error.to_string().contains("get_whether"), "{error}");
    assert_eq!((error.trail().len(), server.requests().len()), (2, 2));
    assert!(!error.is_retryable(), "functions may have had effects");
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_told_with_their_field_and_not_for_ever() {
    let wrong = || calls(&[("get_weather", r#"{"city":"Oslo","days":"two"}"#)]);
    let server = Server::play([
        wrong(),
        wrong(),
        calls(&[("get_weather", r#"{"city":"Oslo"}"#)]),
        text("Rain."),
    ]);
    assert_eq!(ask(&server).send().await.unwrap().text, "Rain.");
    let told = server.body(1)["messages"][2]["content"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        told,
        r#"error: the arguments do not fit: days: invalid type: string "two", expected u8"#
    );

    let server = Server::play([
        wrong(),
        calls(&[("get_weather", "{\"city\":")]),
        wrong(),
        text("never"),
    ]);
    let error = ask(&server).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ToolLoop);
    assert!(error.to_string().contains("days: invalid type"), "{error}");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn arguments_with_more_text_behind_them_are_not_run() {
    let server = Server::play([
        calls(&[("get_weather", r#"{"city":"Oslo"} or Rome"#)]),
        calls(&[("get_weather", r#"{"city":"Oslo"}"#)]),
        text("Rain."),
    ]);
    assert_eq!(ask(&server).send().await.unwrap().text, "Rain.");
    assert_eq!(
        server.body(1)["messages"][2]["content"],
        "error: the arguments do not fit: there is more text after the JSON"
    );
}

#[tokio::test]
async fn a_call_that_was_cut_says_what_to_allow() {
    let cut = said(
        json!({ "content": "", "tool_calls": [{ "id": "x", "function": { "name": "get_weather", "arguments": "{\"ci" } }] }),
        "length",
    );
    let server = Server::play([cut, text("never")]);
    let error = ask(&server).send().await.unwrap_err();
    assert!(
        error.to_string().contains("cut at the limit of tokens"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains(".max_tokens("));
}

#[tokio::test]
async fn a_model_that_never_stops_calling_is_stopped() {
    let again = || calls(&[("get_weather", r#"{"city":"Oslo"}"#)]);
    let server = Server::play((0..20).map(|_| again()));
    let error = ask(&server).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ToolLoop);
    assert!(
        error
            .to_string()
            .contains("8 rounds of tool calls: get_weather 8 times"),
        "{error}"
    );
    assert_eq!((error.trail().len(), server.requests().len()), (9, 9));

    let server = Server::play((0..20).map(|_| again()));
    let ran = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&ran);
    let chat =
        server
            .client()
            .chat("acme/one")
            .user("Hi")
            .tool("get_weather", "", move |_: Place| {
                count.fetch_add(1, Ordering::SeqCst);
                async { "rain" }
            });
    chat.max_rounds(2).send().await.unwrap_err();
    assert_eq!(
        (ran.load(Ordering::SeqCst), server.requests().len()),
        (2, 3)
    );
}

#[tokio::test]
async fn a_forced_choice_counts_for_the_first_round_only() {
    let server = Server::play([
        calls(&[("get_weather", r#"{"city":"Oslo"}"#)]),
        text("Rain."),
    ]);
    let choice = ToolChoice::Named("get_weather".to_owned());
    ask(&server).tool_choice(choice).send().await.unwrap();
    assert_eq!(
        server.body(0)["tool_choice"]["function"]["name"],
        "get_weather"
    );
    assert!(server.body(1).get("tool_choice").is_none());
}

#[tokio::test]
async fn tools_that_the_caller_runs_are_handed_over() {
    let server = Server::play([calls(&[
        ("their_own", "{}"),
        ("get_weather", r#"{"city":"Oslo"}"#),
    ])]);
    let spec = ToolSpec::new(
        "their_own",
        "",
        json!({ "type": "object", "properties": {} }),
    );
    let reply = ask(&server).tool_spec(spec).send().await.unwrap();
    assert_eq!(reply.tool_calls.len(), 2);
    assert!(reply.tool_runs.is_empty());
}

#[tokio::test]
async fn a_call_without_a_number_is_given_one() {
    let call = json!({ "content": "", "tool_calls": [{ "function": { "name": "get_weather", "arguments": { "city": "Oslo" } } }] });
    let server = Server::play([said(call, "tool_calls"), text("Rain.")]);
    ask(&server).send().await.unwrap();
    let messages = &server.body(1)["messages"];
    assert_eq!(messages[1]["tool_calls"][0]["id"], "call_0");
    assert_eq!(messages[2]["tool_call_id"], "call_0");
}

#[tokio::test]
async fn the_next_model_takes_a_conversation_over_without_what_the_first_one_signed() {
    let signed = || {
        said(
            json!({ "content": null, "reasoning_details": [{ "type": "reasoning.encrypted", "data": "SIGNED" }], "tool_calls": [
                { "id": "a", "type": "function", "function": { "name": "get_weather", "arguments": "{\"city\":\"Oslo\"}" } },
            ] }),
            "tool_calls",
        )
    };
    let down = respond(503, r#"{"error":{"code":503,"message":"Down"}}"#);
    let server = Server::play([signed(), down, text("Rain.")]);
    let client = server.client();
    let chain = ["acme/one", "acme/two"];
    let chat = client
        .chat(chain)
        .user("Weather?")
        .tool("get_weather", "", weather);
    let reply = chat.send().await.unwrap();
    assert_eq!(reply.text, "Rain.");
    let asked: Vec<_> = reply
        .trail
        .iter()
        .map(|attempt| attempt.model_asked.as_str())
        .collect();
    assert_eq!(asked, ["acme/one", "acme/one", "acme/two"]);
    let to_the_same = &server.body(1)["messages"][1];
    assert_eq!(to_the_same["reasoning_details"][0]["data"], "SIGNED");
    let to_the_next = &server.body(2)["messages"][1];
    assert!(
        to_the_next.get("reasoning_details").is_none(),
        "{to_the_next}"
    );
    assert_eq!(
        to_the_next["tool_calls"][0]["id"], "a",
        "the call itself is told"
    );

    // The same model on another platform is somebody else, too.
    let (first, other) = (Server::play([signed()]), Server::play([text("Hm.")]));
    let reply = first.client().ask("acme/one", "Hi").await.unwrap();
    let chat = other.client().chat("acme/one").message(reply.to_message());
    chat.user("And?").send().await.unwrap();
    assert!(
        other.body(0)["messages"][0]
            .get("reasoning_details")
            .is_none()
    );
}

#[tokio::test]
async fn a_deadline_counts_for_all_rounds_and_the_functions_in_them() {
    let server = Server::play([calls(&[("sleep", r#"{"city":""}"#)]), text("never")]);
    let chat = server
        .client()
        .chat("acme/one")
        .user("Hi")
        .tool("sleep", "", |_: Place| async {
            tokio::time::sleep(Duration::from_secs(30)).await;
            "late"
        });
    let begun = Instant::now();
    let error = chat
        .deadline(Duration::from_millis(400))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert_eq!(error.trail().len(), 1, "what was paid for is on the record");
}

#[tokio::test]
async fn a_typed_answer_may_need_functions_first() {
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Advice {
        umbrella: bool,
    }
    for (model, last) in [
        ("acme/one", text(r#"{"umbrella":true}"#)),
        (
            "anthropic/claude-3-haiku",
            calls(&[("final_answer", r#"{"umbrella":true}"#)]),
        ),
    ] {
        let server = Server::play([calls(&[("get_weather", r#"{"city":"Oslo"}"#)]), last]);
        let chat = server
            .client()
            .chat(model)
            .user("Umbrella?")
            .tool("get_weather", "", weather);
        let (advice, reply) = chat.json_with_reply::<Advice>().await.unwrap();
        assert!(advice.umbrella, "{model}");
        assert_eq!(reply.tool_runs.len(), 1);
        let names: Vec<_> = server.body(1)["tools"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tool| tool["function"]["name"].clone())
            .collect();
        match model {
            "acme/one" => assert_eq!(names, ["get_weather"]),
            _ => assert_eq!(names, ["get_weather", "final_answer"]),
        }
    }
}

#[tokio::test]
async fn the_sandbox_calls_a_tool_and_says_what_it_gave() {
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Advice {
        summary: String,
    }
    let client = sandbox();
    for model in ["openai/gpt-4o-mini", "anthropic/claude-3-haiku"] {
        let ask = || {
            client
                .chat(model)
                .user("What is the weather in Oslo?")
                .tool("get_weather", "The weather of a city.", weather)
        };
        let reply = ask().send().await.unwrap();
        assert_eq!(reply.tool_runs[0].name, "get_weather");
        assert!(reply.tool_runs[0].arguments.contains("Oslo"));
        assert!(reply.text.contains("degrees"), "{}", reply.text);
        let (advice, reply) = ask().json_with_reply::<Advice>().await.unwrap();
        assert!(!advice.summary.is_empty());
        assert_eq!(reply.tool_runs.len(), 1, "{model}: {:?}", reply.tool_runs);
    }
}

#[tokio::test]
async fn every_protocol_runs_functions() {
    let client = sandbox();
    for model in [
        "zenmux:openai/gpt-4o-mini",
        "anthropic:claude-sonnet-4-6",
        "gemini:gemini-2.5-flash",
    ] {
        let chat = client.chat(model).user("What is the weather in Oslo?");
        let reply = chat
            .tool("get_weather", "The weather of a city.", weather)
            .send()
            .await
            .unwrap();
        assert_eq!(reply.tool_runs.len(), 1, "{model}");
        assert!(reply.text.contains("degrees"), "{model}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_stream_says_that_it_runs_no_functions() {
    let client = sandbox();
    let mut stream = client
        .chat("openai/gpt-4o-mini")
        .user("Weather?")
        .tool("get_weather", "", weather)
        .stream();
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(stream.next().await.is_none());
}
