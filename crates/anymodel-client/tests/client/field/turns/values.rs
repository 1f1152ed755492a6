//! Answers that are Rust values: a schema is strict as OpenAI checks it, and no value is guessed.

use std::collections::HashMap;

use anymodel::prelude::*;
use serde_json::Value;

use super::client;
use crate::support::{self, Server};

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
struct City {
    name: String,
    inhabitants: u64,
}

/// An answer that fits where only some of the fields are said.
#[derive(Debug, Default, Deserialize, JsonSchema, PartialEq)]
struct Person {
    name: String,
    /// Where they live.
    home: Option<City>,
    #[serde(default)]
    nicknames: Vec<String>,
    #[serde(default = "five")]
    stars: u32,
    kind: Option<Kind>,
    friends: Option<Vec<City>>,
}

fn five() -> u32 {
    5
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
enum Kind {
    Child,
    Adult { job: Option<String> },
}

fn schema<T: JsonSchema>() -> (bool, Value) {
    let server = Server::play([]);
    let chat = client("openai", &server).chat("gpt-4o-mini").user("q");
    let body = chat.preview_json::<T>().unwrap().body;
    let form = body["response_format"]["json_schema"].clone();
    (form["strict"] == true, form["schema"].clone())
}

/// Every object in a schema, wherever it stands.
fn objects<'a>(schema: &'a Value, found: &mut Vec<&'a Value>) {
    let is_object = schema["type"] == "object"
        || schema["type"]
            .as_array()
            .is_some_and(|kinds| kinds.contains(&"object".into()));
    if is_object {
        found.push(schema);
    }
    match schema {
        Value::Object(fields) => fields.values().for_each(|part| objects(part, found)),
        Value::Array(parts) => parts.iter().for_each(|part| objects(part, found)),
        _ => {}
    }
}

/// Source: <https://github.com/dottxt-ai/outlines/pull/1918>
#[test]
fn every_object_of_a_strict_schema_is_closed_and_names_all_its_fields() {
    for (strict, schema) in [
        schema::<Option<City>>(),
        schema::<Person>(),
        schema::<Vec<Option<Person>>>(),
        schema::<(City, Option<Kind>)>(),
    ] {
        let mut all = Vec::new();
        objects(&schema, &mut all);
        assert!(!all.is_empty());
        if !strict {
            // A tuple has no strict form; all others have.
            assert!(schema.to_string().contains("prefixItems"), "{schema}");
            continue;
        }
        for object in all {
            assert_eq!(object["additionalProperties"], false, "{object}");
            let fields: Vec<&String> = object["properties"].as_object().unwrap().keys().collect();
            let required: Vec<&Value> = object["required"].as_array().unwrap().iter().collect();
            assert_eq!(fields.len(), required.len(), "{object}");
        }
    }
}

#[test]
fn what_cannot_be_strict_is_not_called_so() {
    #[derive(JsonSchema)]
    #[expect(dead_code)]
    struct Loose {
        any: Value,
    }
    assert!(!schema::<HashMap<String, u32>>().0);
    assert!(!schema::<Option<HashMap<String, City>>>().0);
    assert!(!schema::<Loose>().0);
    assert!(schema::<City>().0);
}

/// Source: <https://github.com/openai/openai-agents-python/issues/4114>
#[tokio::test]
async fn an_optional_value_takes_one_request_and_null_stands_for_what_is_absent() {
    let told = r#"{"name":"Ada","home":null,"nicknames":null,"stars":null,"kind":{"Adult":{"job":null}},"friends":[{"name":"Oslo","inhabitants":7e5}]}"#;
    let server = Server::play([support::json(200, &support::answer(told))]);
    let person: Person = client("openai", &server)
        .chat("gpt-4o-mini")
        .user("q")
        .json()
        .await
        .unwrap();
    let oslo = City {
        name: "Oslo".to_owned(),
        inhabitants: 700_000,
    };
    let expected = Person {
        name: "Ada".to_owned(),
        stars: 5,
        kind: Some(Kind::Adult { job: None }),
        friends: Some(vec![oslo]),
        ..Person::default()
    };
    assert_eq!(person, expected);
    assert_eq!(server.requests().len(), 1);
    let absent = Server::play([support::json(200, &support::answer(r#"{"value":null}"#))]);
    let none: Option<City> = client("openai", &absent)
        .chat("gpt-4o-mini")
        .user("q")
        .json()
        .await
        .unwrap();
    assert_eq!((none, absent.requests().len()), (None, 1));
}

const EXAMPLE: &str = r#"For example {"name": "Name of the city here", "inhabitants": 123456789}. The answer: {"name":"Oslo","inhabitants":7}"#;

#[tokio::test]
async fn an_example_before_the_answer_is_asked_about_and_not_taken_for_it() {
    let plain = r#"{"name":"Oslo","inhabitants":7}"#;
    for second in [plain, EXAMPLE] {
        let server =
            Server::play([EXAMPLE, second].map(|text| support::json(200, &support::answer(text))));
        let city: City = client("openai", &server)
            .chat("m")
            .user("q")
            .json()
            .await
            .unwrap();
        assert_eq!((city.name.as_str(), city.inhabitants), ("Oslo", 7));
        let body = server.body(1);
        let told = body["messages"].as_array().unwrap().last().unwrap()["content"]
            .as_str()
            .unwrap();
        assert!(
            told.contains("several values that fit and differ"),
            "{told}"
        );
    }
    // What does not fit, or is the same again, is nothing to ask about.
    for text in [
        r#"{"name": "string", "inhabitants": "number"} {"name":"Oslo","inhabitants":7}"#,
        r#"{"name":"Oslo","inhabitants":7} That is: {"inhabitants": 7, "name": "Oslo"}"#,
        r#"{"name":"Oslo","inhabitants":7} {"source": "census"} [1]"#,
    ] {
        let server = Server::play([support::json(200, &support::answer(text))]);
        let city: City = client("openai", &server)
            .chat("m")
            .user("q")
            .json()
            .await
            .unwrap();
        assert_eq!((city.name.as_str(), city.inhabitants), ("Oslo", 7));
    }
}
