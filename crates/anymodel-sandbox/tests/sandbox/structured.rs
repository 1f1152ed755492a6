//! Answers that obey a schema, and tool calls.

use serde_json::{Value, json};

use super::support::{Talk, chunks, question, talk};

const MINI: &str = "openai/gpt-4o-mini";

async fn obey(talk: &Talk, text: &str, schema: Value) -> Value {
    let mut asked = question(MINI, text);
    asked["response_format"] =
        json!({ "type": "json_schema", "json_schema": { "name": "x", "schema": schema } });
    let (status, body) = talk.ask(&asked).await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(body["choices"][0]["message"]["content"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn an_answer_obeys_types_ranges_lengths_and_choices() {
    let talk = talk();
    let schema = json!({
        "type": "object",
        "properties": {
            "answer": { "type": "string", "maxLength": 20 },
            "code": { "type": "string", "minLength": 30 },
            "mood": { "enum": ["glad", "sad"] },
            "fixed": { "const": 7 },
            "count": { "type": "integer", "minimum": 10, "maximum": 12 },
            "ratio": { "type": "number", "exclusiveMinimum": 0, "maximum": 1 },
            "even": { "type": "integer", "multipleOf": 2, "minimum": 5 },
            "yes": { "type": "boolean" },
            "maybe": { "type": ["null", "string"] },
            "list": { "type": "array", "items": { "type": "integer" }, "minItems": 3, "maxItems": 3 },
            "nested": { "type": "object", "properties": { "day": { "type": "string", "format": "date" } }, "required": ["day"] },
            "either": { "anyOf": [{ "type": "null" }, { "type": "boolean" }] }
        },
        "required": ["answer", "other"],
        "additionalProperties": { "type": "integer" }
    });
    let value = obey(&talk, "How are you, glad?", schema).await;
    assert!(value["answer"].as_str().unwrap().chars().count() <= 20);
    assert!(value["code"].as_str().unwrap().chars().count() >= 30);
    assert_eq!(value["mood"], "glad");
    assert_eq!(value["fixed"], 7);
    assert!((10..=12).contains(&value["count"].as_i64().unwrap()));
    let ratio = value["ratio"].as_f64().unwrap();
    assert!(ratio > 0.0 && ratio <= 1.0, "{ratio}");
    assert_eq!(value["even"].as_i64().unwrap() % 2, 0);
    assert!(value["even"].as_i64().unwrap() >= 5);
    assert!(
        value["yes"].is_boolean() && value["maybe"].is_string() && value["either"].is_boolean()
    );
    assert_eq!(value["list"].as_array().unwrap().len(), 3);
    assert_eq!(value["nested"]["day"].as_str().unwrap().len(), 10);
    assert!(value["other"].is_i64(), "{value}");
}

#[tokio::test]
async fn references_are_followed_and_schemas_that_contain_themselves_come_to_an_end() {
    let schema = json!({
        "$defs": { "node": { "type": "object", "properties": {
            "name": { "type": "string" },
            "next": { "anyOf": [{ "$ref": "#/$defs/node" }, { "type": "null" }] },
            "children": { "type": "array", "items": { "$ref": "#/$defs/node" } }
        }, "required": ["name", "next", "children"] } },
        "allOf": [{ "$ref": "#/$defs/node" }, { "properties": { "extra": { "type": "integer" } }, "required": ["extra"] }]
    });
    let value = obey(&talk(), "Hello", schema).await;
    assert!(value["name"].is_string() && value["extra"].is_i64());
    assert!(value["children"][0]["name"].is_string());
}

#[tokio::test]
async fn no_schema_keeps_the_sandbox_busy_for_ever() {
    let talk = talk();
    let loops =
        json!({ "$defs": { "a": { "allOf": [{ "$ref": "#/$defs/a" }] } }, "$ref": "#/$defs/a" });
    obey(&talk, "Hello", loops).await;
    let properties: serde_json::Map<String, Value> = (0..50)
        .map(|n| (format!("p{n}"), json!({ "$ref": "#" })))
        .collect();
    let required: Vec<&String> = properties.keys().collect();
    let wide = json!({ "type": "object", "required": required, "properties": properties });
    assert!(obey(&talk, "Hello", wide).await.is_object());
}

#[tokio::test]
async fn the_numbers_and_the_answer_of_a_question_find_their_way_into_the_value() {
    let schema = json!({ "type": "object", "properties": { "answer": { "type": "string" }, "result": { "type": "number" } } });
    let value = obey(&talk(), "What is 12 percent of 250?", schema).await;
    assert!(value["answer"].as_str().unwrap().contains("30"), "{value}");
    let object = {
        let mut asked = question(MINI, "Hello");
        asked["response_format"] = json!({ "type": "json_object" });
        talk().ask(&asked).await.1
    };
    let text = object["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(
        serde_json::from_str::<Value>(text).unwrap()["sandbox"]
            .as_bool()
            .unwrap()
    );
}

fn weather() -> Value {
    json!([
        { "type": "function", "function": { "name": "send_mail", "description": "Sends a mail", "parameters": { "type": "object" } } },
        { "type": "function", "function": { "name": "get_weather", "description": "查询一个城市的天气", "parameters": {
            "type": "object", "properties": { "city": { "type": "string" }, "unit": { "enum": ["celsius", "fahrenheit"] } }, "required": ["city"]
        } } }
    ])
}

#[tokio::test]
async fn a_tool_is_called_when_the_question_is_about_it_and_not_otherwise() {
    let talk = talk();
    for (text, wanted) in [
        ("What is the weather in Paris in fahrenheit?", true),
        ("北京的天气怎么样？", true),
        ("Introduce Rust in one sentence.", false),
    ] {
        let mut asked = question(MINI, text);
        asked["tools"] = weather();
        let (_, body) = talk.ask(&asked).await;
        let choice = &body["choices"][0];
        if wanted {
            assert_eq!(choice["finish_reason"], "tool_calls", "{text}");
            assert_eq!(
                choice["message"]["tool_calls"][0]["function"]["name"],
                "get_weather"
            );
            assert!(choice["message"]["content"].is_null());
        } else {
            assert_eq!(choice["finish_reason"], "stop");
        }
        asked["tool_choice"] = json!("none");
        assert_eq!(
            talk.ask(&asked).await.1["choices"][0]["finish_reason"],
            "stop"
        );
    }
}

#[tokio::test]
async fn the_arguments_come_from_the_question_in_fragments_when_streamed() {
    let mut asked = question(MINI, "What is the weather in Paris in fahrenheit?");
    asked["tools"] = weather();
    let talk = talk();
    let chunks = chunks(&talk.stream(&asked).await);
    let calls: Vec<&Value> = chunks
        .iter()
        .filter_map(|c| c.pointer("/choices/0/delta/tool_calls/0"))
        .collect();
    assert_eq!(calls[0]["function"]["name"], "get_weather");
    assert!(
        calls.len() > 3
            && calls[1..]
                .iter()
                .all(|c| c.get("id").is_none() && c["index"] == 0)
    );
    let arguments: String = calls
        .iter()
        .map(|c| c["function"]["arguments"].as_str().unwrap())
        .collect();
    let arguments: Value = serde_json::from_str(&arguments).unwrap();
    assert_eq!(arguments, json!({ "city": "Paris", "unit": "fahrenheit" }));
}

#[tokio::test]
async fn a_named_or_required_tool_is_always_called_and_its_result_ends_in_words() {
    let talk = talk();
    let mut asked = question(MINI, "Introduce Rust in one sentence.");
    asked["tools"] = weather();
    asked["tool_choice"] = json!({ "type": "function", "function": { "name": "send_mail" } });
    let (_, body) = talk.ask(&asked).await;
    let call = body["choices"][0]["message"]["tool_calls"][0].clone();
    assert_eq!(call["function"]["name"], "send_mail");
    asked["tool_choice"] = json!("required");
    assert_eq!(
        talk.ask(&asked).await.1["choices"][0]["finish_reason"],
        "tool_calls"
    );
    asked["tool_choice"] = json!("auto");
    let more = [
        json!({ "role": "assistant", "content": null, "tool_calls": [call] }),
        json!({ "role": "tool", "tool_call_id": call["id"], "content": "sent at 9" }),
    ];
    asked["messages"].as_array_mut().unwrap().extend(more);
    let (_, body) = talk.ask(&asked).await;
    assert!(
        body["choices"][0]["message"]["content"]
            .as_str()
            .unwrap()
            .contains("sent at 9"),
        "{body}"
    );
    asked["tool_choice"] = json!({ "type": "function", "function": { "name": "nothing" } });
    assert_eq!(talk.ask(&asked).await.0, 400);
}

#[tokio::test]
async fn a_misfit_writes_words_for_numbers_until_it_is_told_or_never_keeps_to_the_form() {
    let talk = talk();
    let schema = json!({ "type": "object", "properties": { "guests": { "type": "integer" } } });
    let mut asked = question("sandbox/misfit-once", "A table for 4.");
    asked["response_format"] =
        json!({ "type": "json_schema", "json_schema": { "name": "x", "schema": schema } });
    let said = |body: &Value| {
        let text = body["choices"][0]["message"]["content"].as_str();
        text.unwrap().to_owned()
    };
    let (_, body) = talk.ask(&asked).await;
    assert_eq!(said(&body), r#"{"guests":"about 4"}"#);
    let mut told = asked.clone();
    let messages = told["messages"].as_array_mut().unwrap();
    messages.push(json!({ "role": "assistant", "content": said(&body) }));
    messages.push(json!({ "role": "user", "content": "Your answer does not fit: 12 is missing." }));
    let (_, body) = talk.ask(&told).await;
    assert_eq!(said(&body), r#"{"guests":4}"#);
    asked["model"] = json!("sandbox/misfit");
    let (_, body) = talk.ask(&asked).await;
    assert!(!said(&body).contains('{'), "{body}");
}
