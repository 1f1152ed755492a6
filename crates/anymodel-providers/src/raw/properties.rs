//! Property tests of raw requests: any object, in any way of writing it.

use proptest::prelude::*;

use super::members::{Member, members};
use super::{Passthrough, RawApi, RawRequest, RequestBody};
use crate::openai::{Dialect, OpenAi};
use anymodel_catalog::platform_spec::JsonSupport;

const MODEL: &str = "acme/\"new\"\n你";

fn way() -> Passthrough {
    let adapter = OpenAi {
        title: "OpenAI",
        dialect: Dialect::Plain,
        key_header: None,
        json: JsonSupport::Schema,
        author: None,
        is_raw: true,
    };
    Passthrough::new(adapter, Some("max_tokens"))
}

/// A value, as some program may write it.
fn value() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(vec![
        "1.0",
        "1e3",
        "-0",
        "1E+2",
        "true",
        "null",
        "{}",
        "[ ]",
        r#""""#,
        "12345678901234567890123",
        r#""\ud800""#,
        r#""}{""#,
        r#""\"model\":1""#,
        r#"{"include_usage":false}"#,
        "100",
        "101",
        "-1",
    ]);
    let plain = prop_oneof![
        plain.prop_map(str::to_owned),
        ".*".prop_map(|text| super::json(&text))
    ];
    plain.prop_recursive(3, 16, 4, |inner| {
        let pair = (name(), space(), inner.clone());
        let object = prop::collection::vec(pair, 0..4).prop_map(|pairs| object(&pairs));
        let list =
            prop::collection::vec(inner, 0..4).prop_map(|list| format!("[{}]", list.join(" ,")));
        prop_oneof![object, list]
    })
}

fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "model",
        "mod\\u0065l",
        "stream",
        "stream_options",
        "max_tokens",
        "max_completion_tokens",
        "n",
        "messages",
        "x",
    ]);
    prop_oneof![4 => known.prop_map(|name| format!("\"{name}\"")), 1 => ".{0,4}".prop_map(|name| super::json(&name))]
}

fn space() -> impl Strategy<Value = String> {
    "[ \n\t\r]{0,3}"
}

fn object(pairs: &[(String, String, String)]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, space, value)| format!("{space}{name}{space}:{space}{value}{space}"))
        .collect();
    format!("{{{}}}", pairs.join(","))
}

fn body() -> impl Strategy<Value = String> {
    prop::collection::vec((name(), space(), value()), 0..8).prop_map(|pairs| object(&pairs))
}

/// The text before each value, and after the last one.
fn between<'a>(text: &'a str, members: &[Member]) -> Vec<&'a str> {
    let starts = members
        .iter()
        .map(|member| member.value.start)
        .chain([text.len()]);
    let ends = [0]
        .into_iter()
        .chain(members.iter().map(|member| member.value.end));
    ends.zip(starts)
        .map(|(end, start)| &text[end..start])
        .collect()
}

proptest! {
    #[test]
    fn all_but_the_named_fields_keeps_its_place_and_its_bytes(body in body(), most in prop::option::of(1_u32..200)) {
        let raw = RawRequest::new(RawApi::ChatCompletions, body.clone()).unwrap();
        let RequestBody::Raw(sent) = way().body(&raw, MODEL, most).unwrap() else { panic!("encoded") };
        let sent = sent.get();
        let (before, after) = (members(body.as_bytes()).unwrap(), members(sent.as_bytes()).unwrap());
        let limit = most.map(|most| (most / raw.answers()).max(1));
        for (old, new) in before.iter().zip(&after) {
            prop_assert_eq!(&old.name, &new.name);
            let (old_value, new_value) = (&body[old.value.clone()], &sent[new.value.clone()]);
            match old.name.as_str() {
                "model" => prop_assert_eq!(new_value, super::json(MODEL)),
                "stream_options" if raw.is_stream() => {}
                "max_tokens" | "max_completion_tokens" if limit.is_some() => {
                    let tokens: f64 = new_value.parse().unwrap();
                    prop_assert!(tokens >= 1.0 && tokens <= f64::from(limit.unwrap()));
                }
                _ => prop_assert_eq!(old_value, new_value),
            }
        }
        // What was added stands at the end, and each needed field is there.
        let (gaps, kept) = (between(&body, &before), between(sent, &after));
        prop_assert_eq!(&gaps[..before.len()], &kept[..before.len()]);
        let has = |name: &str| after.iter().any(|member| member.name == name);
        prop_assert!(has("model"));
        prop_assert!(!raw.is_stream() || has("stream_options"));
        prop_assert!(limit.is_none() || has("max_tokens") || has("max_completion_tokens"));
        prop_assert!(after.len() <= before.len() + 3);
    }

    #[test]
    fn what_is_no_object_is_refused(text in ".{0,40}") {
        let is_object = matches!(serde_json::from_str(&text), Ok(serde_json::Value::Object(_)));
        prop_assert!(is_object || RawRequest::new(RawApi::Messages, text).is_err());
    }
}

#[test]
fn a_body_takes_no_more_room_in_a_call_than_an_encoded_one() {
    assert_eq!(size_of::<RequestBody>(), size_of::<serde_json::Value>());
}
