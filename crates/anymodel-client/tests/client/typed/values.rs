//! Answers as Rust values.

use std::collections::HashMap;

use anymodel::adapter::{Answer, PlatformRequest, PlatformResult, StreamDelta};
use anymodel::prelude::*;
use anymodel::{Adapter, FinishReason, NextAction, Reasoning};
use serde_json::{Value, json};

use super::{calls, said, sandbox, text};
use crate::support::{self, Server};

/// What a cook needs.
#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Recipe {
    title: String,
    /// How many eat of it.
    servings: u8,
    course: Course,
    steps: Vec<Step2>,
    note: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Course {
    Starter,
    Main,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Step2 {
    text: String,
    #[serde(default)]
    minutes: u32,
}

const SOUP: &str = r#"{"title":"Soup","servings":2,"course":"main","steps":[{"text":"Boil.","minutes":20}],"note":null}"#;

fn soup() -> Recipe {
    Recipe {
        title: "Soup".into(),
        servings: 2,
        course: Course::Main,
        steps: vec![Step2 {
            text: "Boil.".into(),
            minutes: 20,
        }],
        note: None,
    }
}

#[tokio::test]
async fn a_type_goes_out_as_a_schema_that_strict_mode_takes_and_comes_back_as_a_value() {
    let server = Server::play([text(SOUP)]);
    let chat = server.client().chat("openai/gpt-4o-mini").user("Soup?");
    assert_eq!(chat.json::<Recipe>().await.unwrap(), soup());
    let format = &server.body(0)["response_format"];
    let step = json!({
        "type": "object", "additionalProperties": false, "required": ["text", "minutes"],
        "properties": { "text": { "type": "string" }, "minutes": { "type": ["integer", "null"], "minimum": 0 } },
    });
    let expected = json!({
        "type": "json_schema",
        "json_schema": { "name": "Recipe", "strict": true, "schema": {
            "title": "Recipe", "description": "What a cook needs.",
            "type": "object", "additionalProperties": false,
            "required": ["title", "servings", "course", "steps", "note"],
            "properties": {
                "title": { "type": "string" },
                "servings": { "type": "integer", "minimum": 0, "maximum": 255, "description": "How many eat of it." },
                "course": { "type": "string", "enum": ["starter", "main"] },
                "steps": { "type": "array", "items": step },
                "note": { "type": ["string", "null"] },
            },
        } },
    });
    assert_eq!(sorted(format), sorted(&expected), "{format:#}");
}

/// The order of names in `required` is not part of the meaning.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let fields = map.iter().map(|(name, value)| {
                let mut value = sorted(value);
                if let (true, Some(names)) = (name == "required", value.as_array_mut()) {
                    names.sort_by_key(Value::to_string);
                }
                (name.clone(), value)
            });
            Value::Object(fields.collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn each_model_is_held_to_the_form_as_strictly_as_it_can_be() {
    // By the catalogue: a schema, JSON of any form, a tool, nothing; and a model that it does not know.
    let answer = calls(&[("final_answer", SOUP)]);
    for (model, play, has) in [
        ("openai/gpt-4o-mini", text(SOUP), "json_schema"),
        ("acme/unknown", text(SOUP), "json_schema"),
        ("mistralai/mistral-7b-instruct", answer.clone(), "tool"),
        ("anthropic/claude-3-haiku", answer, "tool"),
        ("qwen/qwen-2.5-7b-instruct:free", text(SOUP), "json_object"),
        (
            "cognitivecomputations/dolphin3.0-mistral-24b:free",
            text(&format!("Here you are:\n```json\n{SOUP}\n```\nEnjoy!")),
            "words",
        ),
    ] {
        let server = Server::play([play]);
        let chat = server
            .client()
            .chat(model)
            .system("Be brief.")
            .user("Soup?");
        let (recipe, reply) = chat.json_with_reply::<Recipe>().await.unwrap();
        assert_eq!(recipe, soup(), "{model}");
        assert_eq!(reply.trail.len(), 1);
        assert!(reply.tool_calls.is_empty() && reply.text.contains("Boil."));
        let body = server.body(0);
        let format = body["response_format"]["type"].as_str();
        let orders = body["messages"][0]["content"].as_str().unwrap();
        let in_words =
            orders.contains("\"How many eat of it.\"") && orders.starts_with("Be brief.");
        match has {
            "tool" => {
                assert_eq!(format, None, "{model}");
                let tool = &body["tools"][0]["function"];
                assert_eq!(tool["parameters"]["properties"]["title"]["type"], "string");
                assert_eq!(body["tool_choice"]["function"]["name"], "final_answer");
                assert!(!in_words);
            }
            "words" => assert!(format.is_none() && in_words, "{body:#}"),
            "json_object" => assert!(format == Some("json_object") && in_words, "{body:#}"),
            schema => assert!(format == Some(schema) && !in_words, "{body:#}"),
        }
    }
}

/// A platform of the table at the address of a test's server.
fn at(server: &Server, platform: &str) -> Client {
    let builder = Client::builder().platform(platform);
    let builder = builder.base_url(server.url()).key("sk-test-0123456789");
    builder.build().unwrap()
}

#[tokio::test]
async fn each_platform_is_asked_for_the_form_that_it_knows() {
    let by_tool = calls(&[("final_answer", SOUP)]);
    let input: Value = serde_json::from_str(SOUP).unwrap();
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "tool_use",
        "content": [{ "type": "tool_use", "id": "toolu_1", "name": "final_answer", "input": input }],
        "usage": { "input_tokens": 9, "output_tokens": 4 },
    });
    for (platform, play, format, forced) in [
        ("openai", text(SOUP), json!("json_schema"), json!(null)),
        ("deepseek", text(SOUP), json!("json_object"), json!(null)),
        ("glm", text(SOUP), json!("json_object"), json!(null)),
        (
            "anthropic-compatible",
            by_tool,
            json!(null),
            json!({ "type": "function", "function": { "name": "final_answer" } }),
        ),
        (
            "anthropic",
            support::json(200, &message.to_string()),
            json!(null),
            json!({ "type": "tool", "name": "final_answer" }),
        ),
    ] {
        let server = Server::play([play]);
        let chat = at(&server, platform).chat("some-model").user("Soup?");
        let (recipe, reply) = chat.json_with_reply::<Recipe>().await.unwrap();
        assert_eq!(recipe, soup(), "{platform}");
        assert_eq!(reply.finish_reason, Some(FinishReason::Stop), "{platform}");
        assert!(reply.text.starts_with('{') && reply.tool_calls.is_empty());
        let body = server.body(0);
        assert_eq!(body["response_format"]["type"], format, "{platform}");
        assert_eq!(body["tool_choice"], forced, "{platform}");
    }
}

#[tokio::test]
async fn who_thinks_before_answering_is_asked_to_call_and_not_forced() {
    let server = Server::play([calls(&[("final_answer", SOUP)])]);
    let chat = at(&server, "anthropic-compatible").chat("some-model");
    let chat = chat.user("Soup?").reasoning(Reasoning::Low);
    assert_eq!(chat.json::<Recipe>().await.unwrap(), soup());
    let body = server.body(0);
    assert!(body.get("tool_choice").is_none());
    let orders = body["messages"][0]["content"].as_str().unwrap();
    assert!(orders.contains("calling the tool final_answer"), "{orders}");
}

#[tokio::test]
async fn a_platform_that_is_not_known_is_asked_in_words() {
    let server = Server::play([text(SOUP)]);
    let builder = Client::builder().adapter("acme", server.url(), None, Acme);
    let client = builder.platform("acme").build().unwrap();
    let recipe: Recipe = client.chat("theirs").user("Soup?").json().await.unwrap();
    assert_eq!(recipe, soup());
    let said = server.body(0)["said"].as_str().unwrap().to_owned();
    assert!(
        said.contains("JSON schema") && said.ends_with("Soup?"),
        "{said}"
    );
}

/// Knows nothing but words.
#[derive(Debug)]
struct Acme;

impl Adapter for Acme {
    fn url(&self, base_url: &str, _: &PlatformRequest<'_>) -> String {
        format!("{base_url}/say")
    }

    fn body(&self, ask: &PlatformRequest<'_>) -> anymodel::Result<Value> {
        assert!(ask.request.tools.is_empty());
        let said: Vec<&str> = ask
            .request
            .messages
            .iter()
            .map(|message| message.content.as_str())
            .collect();
        Ok(json!({ "said": said.join("\n") }))
    }

    fn answer(&self, body: &str) -> PlatformResult<Answer> {
        let body: Value = serde_json::from_str(body).unwrap();
        let text = body["choices"][0]["message"]["content"].as_str().unwrap();
        Ok(Answer {
            text: text.to_owned(),
            finish_reason: Some(FinishReason::Stop),
            ..Answer::default()
        })
    }

    fn event(&self, _: &str, _: &str, _: &mut Vec<StreamDelta>) -> PlatformResult<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_platform_that_refuses_the_form_is_asked_in_words() {
    for refusal in [
        r#"{"error":{"code":400,"message":"response_format json_schema is not supported by this model"}}"#,
        r#"{"error":{"code":404,"message":"No endpoints found that support the requested schema"}}"#,
    ] {
        let status = if refusal.contains("404") { 404 } else { 400 };
        let server = Server::play([support::json(status, refusal), text(SOUP)]);
        let chat = server.client().chat("acme/old").user("Soup?");
        let (recipe, reply) = chat.json_with_reply::<Recipe>().await.unwrap();
        assert_eq!(recipe, soup());
        assert_eq!(reply.trail.len(), 2, "the refusal is on the record");
        let body = server.body(1);
        assert!(body.get("response_format").is_none());
        assert!(
            body["messages"][0]["content"]
                .as_str()
                .unwrap()
                .contains("JSON schema")
        );
    }
    let other = r#"{"error":{"code":400,"message":"temperature is out of range"}}"#;
    let server = Server::play([support::json(400, other), text(SOUP)]);
    let chat = server.client().chat("acme/old").user("Soup?");
    let error = chat.json::<Recipe>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_sent_back_once_with_what_is_wrong() {
    let wrong = SOUP.replace("20", "\"long\"");
    let server = Server::play([text(&wrong), text(SOUP)]);
    let chat = server.client().chat("acme/one").user("Soup?");
    let (recipe, reply) = chat.json_with_reply::<Recipe>().await.unwrap();
    assert_eq!(recipe, soup());
    let messages = &server.body(1)["messages"];
    assert_eq!(messages[0]["content"], "Soup?");
    assert_eq!(
        (&messages[1]["role"], &messages[1]["content"]),
        (&json!("assistant"), &json!(wrong))
    );
    let told = messages[2]["content"].as_str().unwrap();
    assert!(
        told.contains(r#"steps[0].minutes: invalid type: string "long", expected u32"#),
        "{told}"
    );
    // Both requests are on the record and on the bill.
    let kinds: Vec<_> = reply
        .trail
        .iter()
        .map(|attempt| (attempt.failure, attempt.next))
        .collect();
    assert_eq!(
        kinds,
        [
            (
                Some(ErrorKind::SchemaMismatch),
                NextAction::Retried(std::time::Duration::ZERO)
            ),
            (None, NextAction::Answered),
        ]
    );
    assert_eq!(usd(reply.cost.unwrap()), "$0.002");
    assert_eq!(reply.usage.unwrap().total_tokens, 30);
    assert_eq!(reply.trail.cost(), reply.cost.unwrap());
    let offsets: Vec<_> = reply.trail.iter().map(|attempt| attempt.offset).collect();
    assert!(offsets[0] < offsets[1] && offsets[1] <= reply.latency);
}

#[tokio::test]
async fn a_model_that_cannot_fit_gives_way_to_the_next_one_of_the_chain() {
    let server = Server::play([text("A soup is wet."), text("Very wet."), text(SOUP)]);
    let chat = server.client().chat(["acme/one", "acme/two"]).user("Soup?");
    let (recipe, reply) = chat.json_with_reply::<Recipe>().await.unwrap();
    assert_eq!(recipe, soup());
    let asked: Vec<_> = reply
        .trail
        .iter()
        .map(|attempt| attempt.model_asked.as_str())
        .collect();
    assert_eq!(asked, ["acme/one", "acme/one", "acme/two"]);
    assert_eq!(reply.trail.iter().nth(1).unwrap().next, NextAction::MovedOn);
    let fresh = &server.body(2)["messages"];
    assert_eq!(
        fresh.as_array().unwrap().len(),
        1,
        "the next model starts anew: {fresh}"
    );
}

#[tokio::test]
async fn an_error_shows_the_text_that_did_not_fit() {
    let server = Server::play([text("A soup is wet."), text("Very wet.")]);
    let chat = server.client().chat("acme/one").user("Soup?");
    let error = chat.json::<Recipe>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SchemaMismatch);
    assert_eq!(error.partial(), Some("Very wet."));
    assert!(error.to_string().contains("Very wet."), "{error}");
    assert_eq!(error.trail().len(), 2);
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_cut_answer_says_so_and_is_not_asked_for_again() {
    let cut = said(json!({ "content": &SOUP[..40] }), "length");
    let server = Server::play([cut, text(SOUP)]);
    let chat = server
        .client()
        .chat("acme/one")
        .user("Soup?")
        .max_tokens(16);
    let error = chat.json::<Recipe>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SchemaMismatch);
    assert!(
        error.to_string().contains("cut after the 16 tokens"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains(".max_tokens("));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn what_is_no_object_is_wrapped_on_the_way_and_unwrapped_again() {
    let server = Server::play([
        text(r#"{"value":["a","b"]}"#),
        text(r#"["a","b"]"#),
        text(r#"{"value":7}"#),
        text(r#"{"value":"main"}"#),
    ]);
    let client = server.client();
    let ask = || client.chat("acme/one").user("List?");
    assert_eq!(ask().json::<Vec<String>>().await.unwrap(), ["a", "b"]);
    assert_eq!(ask().json::<Vec<String>>().await.unwrap(), ["a", "b"]);
    assert_eq!(ask().json::<u8>().await.unwrap(), 7);
    assert_eq!(ask().json::<Course>().await.unwrap(), Course::Main);
    let schema = &server.body(0)["response_format"]["json_schema"];
    assert_eq!(schema["strict"], true);
    assert_eq!(schema["schema"]["required"], json!(["value"]));
    assert_eq!(
        schema["schema"]["properties"]["value"]["items"]["type"],
        "string"
    );
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
struct Tree {
    name: String,
    /// What grows on it.
    children: Vec<Tree>,
}

#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Shape {
    Circle { radius: f64 },
    Square { side: f64 },
}

#[tokio::test]
async fn types_that_contain_themselves_choices_and_maps_have_schemas_too() {
    let server = Server::play([
        text(r#"{"name":"a","children":[{"name":"b","children":[]}]}"#),
        text(r#"{"value":{"kind":"circle","radius":1.5}}"#),
        text(r#"{"a":1}"#),
    ]);
    let client = server.client();
    let ask = || client.chat("acme/one").user("Go.");
    let tree: Tree = ask().json().await.unwrap();
    assert_eq!(tree.children[0].name, "b");
    assert_eq!(
        ask().json::<Shape>().await.unwrap(),
        Shape::Circle { radius: 1.5 }
    );
    let map: HashMap<String, u32> = ask().json().await.unwrap();
    assert_eq!(map["a"], 1);

    let tree = server.body(0)["response_format"]["json_schema"].clone();
    assert_eq!(tree["strict"], true, "{tree:#}");
    let target = tree
        .pointer("/schema/properties/children/items/$ref")
        .unwrap();
    let target = target.as_str().unwrap().strip_prefix('#').unwrap();
    let found = tree["schema"].pointer(target).unwrap();
    assert_eq!(found["properties"]["name"]["type"], "string", "{tree:#}");

    let shape = server.body(1)["response_format"]["json_schema"].clone();
    assert_eq!(shape["strict"], true, "{shape:#}");
    assert!(!shape.to_string().contains("oneOf") && !shape.to_string().contains("const"));
    let map = server.body(2)["response_format"]["json_schema"].clone();
    assert_eq!(
        map["strict"], false,
        "a map has keys that no schema names: {map:#}"
    );
}

#[tokio::test]
async fn the_sandbox_fills_a_type_in_every_way_there_is() {
    let client = sandbox();
    for model in [
        "openai/gpt-4o-mini",
        "anthropic/claude-3-haiku",
        "qwen/qwen-2.5-7b-instruct:free",
        "cognitivecomputations/dolphin3.0-mistral-24b:free",
    ] {
        let chat = client.chat(model).user("A recipe for 4 people from Oslo");
        let (recipe, reply) = chat.json_with_reply::<Recipe>().await.unwrap();
        assert_eq!(recipe.servings, 4, "{model}: {}", reply.text);
        assert_eq!(reply.trail.len(), 1, "{model}");
    }
}

#[tokio::test]
async fn a_chain_may_cross_platforms_that_hold_an_answer_to_its_form_in_other_ways() {
    let client = sandbox();
    for last in [
        "anthropic/claude-3-haiku",
        "anthropic:claude-sonnet-4-6",
        "gemini:gemini-2.5-flash",
        "deepseek:deepseek/deepseek-chat",
    ] {
        let chat = client.chat(["sandbox/down", last]).user("A recipe for 4");
        let (recipe, reply) = chat.json_with_reply::<Recipe>().await.unwrap();
        assert_eq!(recipe.servings, 4, "{last}: {}", reply.text);
        let seen: Vec<_> = reply.trail.iter().map(|attempt| attempt.failure).collect();
        assert_eq!(seen, [Some(ErrorKind::Overloaded), None], "{last}");
    }
}
