//! What holds for every decoder of foreign bytes, whatever the bytes.

use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::{fault, openai, whole};

/// Any JSON, with the field names that matter strewn in.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let field = prop::sample::select(vec![
        "id",
        "model",
        "choices",
        "message",
        "content",
        "text",
        "finish_reason",
        "refusal",
        "tool_calls",
        "usage",
        "cost",
        "prompt_tokens",
        "completion_tokens_details",
        "error",
        "code",
        "type",
        "metadata",
        "raw",
        "headers",
        "Retry-After",
        "availability",
    ]);
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(field.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn good() -> String {
    json!({
        "id": "gen-1",
        "choices": [{ "finish_reason": "stop", "message": { "content": "Zwölf Boxkämpfer 你好 🦀" } }],
        "usage": { "prompt_tokens": 3, "completion_tokens": 2, "cost": 0.0000171 },
    })
    .to_string()
}

proptest! {
    #[test]
    fn any_object_is_an_answer_with_something_in_it_or_a_failure_with_a_message(json in any_json()) {
        match openai::read(&json.to_string()).and_then(whole) {
            Ok(answer) => prop_assert!(!answer.text.is_empty() || answer.finish_reason.is_some() || !answer.tool_calls.is_empty()),
            Err(failure) => prop_assert!(!failure.message.is_empty()),
        }
    }

    #[test]
    fn any_refusal_has_a_message_of_bounded_length(status in 300_u16..600, json in any_json(), text in ".{0,400}") {
        for body in [json.to_string(), text] {
            let failure = fault::read(status, &HeaderMap::new(), &body);
            prop_assert!(!failure.message.is_empty() && failure.message.chars().count() < 320);
            prop_assert_eq!(failure.status, Some(status));
        }
    }

    #[test]
    fn any_header_gives_a_bounded_wait_or_none(value in "[ -~]{0,24}") {
        for name in ["retry-after", "retry-after-ms"] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_str(&value).unwrap());
            let _ = fault::read(429, &headers, "{}");
        }
    }

    #[test]
    fn an_answer_cut_at_any_byte_is_never_read_as_an_answer(cut in 0..good().len()) {
        let whole = good();
        let cut = String::from_utf8_lossy(&whole.as_bytes()[..cut]).into_owned();
        prop_assert!(openai::read(&cut).is_err());
    }
}
