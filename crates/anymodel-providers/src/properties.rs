//! Property tests of all decoders: they hold for any bytes.

use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::anthropic::Anthropic;
use super::completeness::check_complete;
use super::connect::adapter;
use super::gemini::Gemini;
use super::{Adapter, PlatformRequest, error_response, openai};
use anymodel_catalog::platform_spec::{JsonSupport, Protocol, platform_specs};
use anymodel_types::{ChatRequest, Message, ToolCall};

/// Values with a meaning in one of the fields.
const WORDS: [&str; 18] = [
    "text",
    "tool_use",
    "thinking",
    "redacted_thinking",
    "message_start",
    "content_block_start",
    "content_block_delta",
    "message_delta",
    "error",
    "end_turn",
    "STOP",
    "SAFETY",
    "stop",
    "reasoning.text",
    "17.5s",
    "-1s",
    "1e99s",
    "PerDay",
];

/// The adapters under test, each with the name of an event.
fn adapters() -> [(Box<dyn Adapter>, &'static str); 3] {
    let openai = openai::OpenAi {
        title: "OpenAI",
        dialect: openai::Dialect::Plain,
        key_header: None,
        json: JsonSupport::Schema,
        author: None,
        is_raw: false,
    };
    [
        (Box::new(openai), ""),
        (
            Box::new(Anthropic {
                key_header: None,
                is_raw: false,
            }),
            "content_block_delta",
        ),
        (Box::new(Gemini { key_header: None }), ""),
    ]
}

/// Any JSON, with the known field names mixed in.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(WORDS.to_vec()).prop_map(Value::from),
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
        // Anthropic's
        "message",
        "stop_reason",
        "content_block",
        "delta",
        "index",
        "partial_json",
        "thinking",
        "signature",
        "input",
        "input_tokens",
        "cache_read_input_tokens",
        // Google's
        "candidates",
        "parts",
        "functionCall",
        "args",
        "name",
        "thought",
        "thoughtSignature",
        "finishReason",
        "promptFeedback",
        "blockReason",
        "usageMetadata",
        "promptTokenCount",
        "details",
        "violations",
        "quotaId",
        "retryDelay",
        "reason",
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
        match openai::read(&json.to_string()).and_then(check_complete) {
            Ok(answer) => prop_assert!(!answer.text.is_empty() || answer.finish_reason.is_some() || !answer.tool_calls.is_empty()),
            Err(failure) => prop_assert!(!failure.message.is_empty()),
        }
    }

    #[test]
    fn any_body_is_an_answer_or_a_failure_with_a_message(json in any_json(), text in ".{0,200}") {
        for (adapter, _) in adapters() {
            for body in [json.to_string(), text.clone(), format!("[{json}]")] {
                if let Err(failure) = adapter.answer(&body).and_then(check_complete) {
                    prop_assert!(!failure.message.is_empty());
                }
            }
        }
    }

    #[test]
    fn any_event_is_pieces_or_a_failure_with_a_message(json in any_json(), text in ".{0,200}", kind in prop::sample::select(WORDS.to_vec())) {
        let mut typed = json.clone();
        if let Some(event) = typed.as_object_mut() {
            event.insert("type".to_owned(), kind.into());
        }
        for (adapter, name) in adapters() {
            for data in [json.to_string(), typed.to_string(), text.clone(), format!("[{json}]")] {
                let mut deltas = Vec::new();
                if let Err(failure) = adapter.event(name, &data, &mut deltas) {
                    prop_assert!(!failure.message.is_empty());
                }
            }
        }
    }

    #[test]
    fn whatever_a_vendor_wanted_back_can_be_written_into_the_next_question(state in any_json(), arguments in ".{0,20}") {
        let mut said = Message::assistant("Four.");
        said.state = Some(state);
        said.tool_calls.push(ToolCall::new("1", "add", arguments));
        let request = ChatRequest {
            messages: vec![Message::user("2+2?"), said, Message::tool("1", "4")],
            ..ChatRequest::default()
        };
        for (adapter, _) in adapters() {
            prop_assert!(adapter.body(&PlatformRequest::new(&request, "m")).is_ok());
        }
        for preset in platform_specs() {
            if let Ok(adapter) = adapter(preset) {
                prop_assert!(adapter.body(&PlatformRequest::new(&request, "m")).is_ok(), "{}", preset.name);
            }
        }
    }

    #[test]
    fn any_refusal_has_a_message_of_bounded_length(status in 300_u16..600, json in any_json(), text in ".{0,400}") {
        for body in [json.to_string(), text] {
            let failure = error_response::read(status, &HeaderMap::new(), &body);
            prop_assert!(!failure.message.is_empty() && failure.message.chars().count() <= 2_000);
            prop_assert_eq!(failure.status, Some(status));
        }
    }

    #[test]
    fn any_header_gives_a_bounded_wait_or_none(value in "[ -~]{0,24}") {
        for name in ["retry-after", "retry-after-ms"] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_str(&value).unwrap());
            let _ = error_response::read(429, &headers, "{}");
        }
    }

    #[test]
    fn an_answer_cut_at_any_byte_is_never_read_as_an_answer(cut in 0..good().len()) {
        let whole = good();
        let cut = String::from_utf8_lossy(&whole.as_bytes()[..cut]).into_owned();
        prop_assert!(openai::read(&cut).is_err());
    }
}

#[test]
fn a_form_that_a_platform_cannot_hold_is_refused_with_what_to_do_instead() {
    use anymodel_types::ResponseFormat;
    let schema = ResponseFormat::JsonSchema {
        name: "n".to_owned(),
        schema: json!({ "type": "object" }),
    };
    let body = |preset: &anymodel_catalog::platform_spec::PlatformSpec, format: &ResponseFormat| {
        let request = ChatRequest {
            messages: vec![Message::user("Hi")],
            response_format: format.clone(),
            ..ChatRequest::default()
        };
        adapter(preset)
            .ok()
            .map(|adapter| adapter.body(&PlatformRequest::new(&request, "m")))
    };
    // Converse supports a schema for some of its models, so the table promises less than its encoder can do.
    let others = platform_specs()
        .iter()
        .filter(|preset| preset.protocol != Protocol::Converse);
    for preset in others {
        let Some(held) = body(preset, &schema) else {
            continue;
        };
        let Some(object) = body(preset, &ResponseFormat::JsonObject) else {
            continue;
        };
        assert_eq!(
            held.is_ok(),
            preset.can.json == JsonSupport::Schema,
            "{}",
            preset.name
        );
        assert_eq!(
            object.is_ok(),
            preset.can.json != JsonSupport::Tool,
            "{}",
            preset.name
        );
        if let Err(error) = held {
            assert_eq!(error.kind(), anymodel_types::ErrorKind::InvalidRequest);
            assert!(
                error.hint().is_some_and(|hint| hint.contains("tool")),
                "{error:?}"
            );
        }
    }
}

#[test]
fn white_space_is_no_message() {
    let said = |body: &str| error_response::read(502, &HeaderMap::new(), body).message;
    for body in [
        r#"["\t"]"#,
        r#"{"error":{"message":" \n"}}"#,
        r#"{"error":{"message":"","metadata":{"provider_name":" ","raw":" "}}}"#,
    ] {
        assert_eq!(said(body), "HTTP 502 without a message", "{body}");
    }
    let behind = r#"{"error":{"message":" ","metadata":{"provider_name":"Acme","raw":" down\n"}}}"#;
    assert_eq!(said(behind), "Acme: down");
}

#[test]
fn a_server_that_says_whether_to_try_again_is_heard() {
    for (value, expected) in [
        ("true", Some(true)),
        ("false", Some(false)),
        ("maybe", None),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("x-should-retry", HeaderValue::from_static(value));
        assert_eq!(
            error_response::read(500, &headers, "{}").may_retry,
            expected
        );
    }
}
