//! Property tests of the server-sent events reader: any bytes, cut anywhere.

use std::sync::Arc;

use futures_util::{FutureExt, StreamExt, stream};
use proptest::prelude::*;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::json;

use super::Batch;
use super::content_sniffer::ContentSniffer;
use super::event_reader::Events;
use crate::openai::{Dialect, OpenAi};
use crate::{Framing, StreamDelta};
use anymodel_catalog::platform_spec::JsonSupport;

/// Decodes a body of this type that arrives in these chunks.
fn read(kind: Option<&'static str>, pieces: Vec<Vec<u8>>) -> Batch {
    let adapter = OpenAi {
        title: "OpenAI",
        dialect: Dialect::Plain,
        key_header: None,
        json: JsonSupport::Schema,
        author: None,
        is_raw: false,
    };
    let mut headers = HeaderMap::new();
    if let Some(kind) = kind {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    let opening = ContentSniffer::new(Framing::Sse, &headers, true);
    let body = stream::iter(pieces.into_iter().map(Ok)).boxed();
    let batches = Events::new(Arc::new(adapter), opening, body).collect::<Vec<_>>();
    let mut all = Batch::default();
    for batch in batches.now_or_never().unwrap() {
        // After a failure nothing is decoded.
        if all.failure.is_none() && all.answer.is_none() {
            all.deltas.extend(batch.deltas);
            all.failure = batch.failure;
            all.answer = batch.answer;
        }
    }
    all
}

fn text(batch: &Batch) -> String {
    let text = batch.deltas.iter().filter_map(|delta| match delta {
        StreamDelta::Text(text) => Some(text.as_str()),
        _ => None,
    });
    text.chain(batch.answer.iter().map(|answer| answer.text.as_str()))
        .collect()
}

/// The bytes, cut at these positions.
fn cut(bytes: &[u8], places: &[prop::sample::Index]) -> Vec<Vec<u8>> {
    let mut ends: Vec<usize> = places
        .iter()
        .map(|place| place.index(bytes.len() + 1))
        .collect();
    ends.extend([0, bytes.len()]);
    ends.sort_unstable();
    ends.windows(2)
        .map(|pair| bytes[pair[0]..pair[1]].to_vec())
        .collect()
}

/// The syntax of events, and other bytes that may stand between them.
fn any_part() -> impl Strategy<Value = Vec<u8>> {
    let chunk = |text: &str| json!({ "choices": [{ "delta": { "content": text } }] });
    let written = vec![
        "data: ".to_owned(),
        "data:".to_owned(),
        "data".to_owned(),
        "event: a\n".to_owned(),
        ": comment\n".to_owned(),
        "id: 7\n".to_owned(),
        "\n".to_owned(),
        "\r".to_owned(),
        "\r\n".to_owned(),
        "\n\n".to_owned(),
        "\u{feff}".to_owned(),
        "[DONE]".to_owned(),
        "{".to_owned(),
        "}".to_owned(),
        "\"".to_owned(),
        chunk("one ").to_string(),
        format!("data: {}\n", chunk("zwei ")),
        format!("data: {}\n\n", chunk("三 ")),
        format!("data: {}\r\n\r\n", chunk("🦀 ")),
        format!("{:#}\n", chunk("five ")),
        format!("data: {:#}\n\n", chunk("six ")).replace("\n ", "\ndata:  "),
        r#"{"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}]}"#.to_owned(),
    ];
    prop_oneof![
        8 => prop::sample::select(written).prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 1..6),
    ]
}

/// A JSON string of these UTF-16 units, some of them escaped.
fn json_of(units: &[u16]) -> String {
    let escaped: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{escaped}\"")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn wherever_bytes_are_cut_they_give_the_same_text(
        parts in prop::collection::vec(any_part(), 0..14),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        kind in prop::sample::select(vec![None, Some("text/event-stream"), Some("application/json")]),
    ) {
        let bytes = parts.concat();
        let whole = read(kind, vec![bytes.clone()]);
        let single = bytes.iter().map(|byte| vec![*byte]).collect();
        for cut in [cut(&bytes, &places), single] {
            let read = read(kind, cut);
            prop_assert_eq!(text(&read), text(&whole));
            prop_assert_eq!(read.failure.is_some(), whole.failure.is_some());
        }
    }

    #[test]
    fn every_text_that_json_can_hold_is_read_without_a_loss(
        units in prop::collection::vec(prop_oneof![0xd7f0_u16..0xe010, Just(0xd83d), Just(0xde00), 0x20_u16..0x7f], 0..24),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let mut ends: Vec<usize> = places.iter().map(|place| place.index(units.len() + 1)).collect();
        ends.extend([0, units.len()]);
        ends.sort_unstable();
        let chunk = |pair: &[usize]| {
            let text = json_of(&units[pair[0]..pair[1]]);
            format!("data: {{\"choices\":[{{\"delta\":{{\"content\":{text}}}}}]}}\n\n")
        };
        let mut body: String = ends.windows(2).map(chunk).collect();
        body += "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
        let read = read(None, vec![body.into_bytes()]);
        prop_assert!(read.failure.is_none());
        prop_assert_eq!(text(&read), String::from_utf16_lossy(&units));
    }
}

#[test]
fn a_byte_order_mark_may_come_in_pieces() {
    for body in [
        "\u{feff}[DONE]",
        "\u{feff}data: {\"choices\":[]}",
        "\u{feff}",
    ] {
        let whole = read(None, vec![body.as_bytes().to_vec()]);
        let read = read(None, body.bytes().map(|byte| vec![byte]).collect());
        assert_eq!(read.failure.is_some(), whole.failure.is_some(), "{body}");
    }
}
