//! Property tests of the Converse decoders: they hold for any bytes.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Converse;
use crate::{Adapter, StreamDelta};

/// Any JSON, with the known field names mixed in.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let field = prop::sample::select(vec![
        "output",
        "message",
        "content",
        "text",
        "toolUse",
        "toolUseId",
        "name",
        "input",
        "reasoningContent",
        "reasoningText",
        "signature",
        "stopReason",
        "usage",
        "inputTokens",
        "outputTokens",
        "cacheReadInputTokens",
        "cacheWriteInputTokens",
        "contentBlockIndex",
        "delta",
        "start",
        "trace",
        "promptRouter",
        "invokedModelId",
    ]);
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(field.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_event() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "messageStart",
        "contentBlockStart",
        "contentBlockDelta",
        "contentBlockStop",
        "messageStop",
        "metadata",
        "somethingNew",
        "",
    ])
}

proptest! {
    #[test]
    fn any_json_is_read_without_a_panic(json in any_json(), name in any_event()) {
        let text = json.to_string();
        let _ = Converse.answer(&text);
        let mut deltas = Vec::new();
        let _ = Converse.event(name, &text, &mut deltas);
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in ".{0,200}", name in any_event()) {
        let _ = Converse.answer(&text);
        let mut deltas = Vec::new();
        let _ = Converse.event(name, &text, &mut deltas);
        prop_assert!(!deltas.iter().any(|delta| matches!(delta, StreamDelta::Finish(_))));
    }

    #[test]
    fn the_text_of_an_answer_is_never_lost(texts in prop::collection::vec(".{0,20}", 0..5)) {
        let content: Vec<_> = texts.iter().map(|text| json!({ "text": text })).collect();
        let body = json!({ "output": { "message": { "content": content } }, "stopReason": "end_turn" });
        prop_assert_eq!(Converse.answer(&body.to_string()).unwrap().text, texts.concat());
        let mut deltas = Vec::new();
        for text in &texts {
            let event = json!({ "contentBlockIndex": 0, "delta": { "text": text } });
            Converse.event("contentBlockDelta", &event.to_string(), &mut deltas).unwrap();
        }
        let together: String = deltas.iter().map(|delta| match delta {
            StreamDelta::Text(text) => text.as_str(),
            other => panic!("{other:?}"),
        }).collect();
        prop_assert_eq!(together, texts.concat());
    }

    #[test]
    fn a_whole_answer_cut_short_is_no_answer(cut in 1_usize..80) {
        let body = json!({ "output": { "message": { "content": [{ "text": "Zwölf 🦀" }] } }, "stopReason": "end_turn" }).to_string();
        let cut = body.floor_char_boundary(cut.min(body.len() - 1));
        prop_assert!(Converse.answer(&body[..cut]).is_err());
    }
}

#[test]
fn numbers_that_cannot_be_read_do_not_cost_the_answer() {
    for usage in [
        json!({ "inputTokens": "12" }),
        json!([1]),
        json!({ "inputTokens": -1, "outputTokens": 1 }),
    ] {
        let body = json!({
            "output": { "message": { "content": [{ "text": "Hello." }] } }, "stopReason": 7, "usage": usage,
        });
        let answer = Converse.answer(&body.to_string()).unwrap();
        assert_eq!((answer.text.as_str(), answer.usage), ("Hello.", None));
    }
    let float = json!({ "usage": { "inputTokens": 12.0, "outputTokens": 1e1 } });
    let mut deltas = Vec::new();
    Converse
        .event("metadata", &float.to_string(), &mut deltas)
        .unwrap();
    assert!(matches!(
        deltas[..],
        [StreamDelta::Usage {
            prompt_tokens: Some(12),
            completion_tokens: Some(10),
            ..
        }]
    ));
}
