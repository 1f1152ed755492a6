//! Any bytes can be read, and any answer can be written.

use anymodel_sandbox::protocol::chat::{self, ChatStream};
use anymodel_sandbox::protocol::messages::{self, MessageStream};
use anymodel_sandbox::protocol::responses::{self, ResponseStream};
use anymodel_sandbox::protocol::{ErrorBody, Invalid, StreamWriter};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::parts::{call, part, said, text_of, thought, whole, write};
use super::support::{data, events, head};

/// Names of fields, and words of the protocols, so that invented requests look like real ones.
const WORDS: [&str; 60] = [
    "model",
    "models",
    "messages",
    "role",
    "user",
    "assistant",
    "system",
    "tool",
    "content",
    "type",
    "text",
    "image_url",
    "url",
    "tool_calls",
    "id",
    "function",
    "name",
    "arguments",
    "tool_call_id",
    "tools",
    "parameters",
    "tool_choice",
    "response_format",
    "json_schema",
    "schema",
    "stream",
    "stream_options",
    "include_usage",
    "max_tokens",
    "stop",
    "reasoning",
    "effort",
    "provider",
    "only",
    "max_price",
    "prompt",
    "completion",
    "tool_use",
    "tool_result",
    "tool_use_id",
    "input",
    "input_schema",
    "thinking",
    "budget_tokens",
    "source",
    "data",
    "media_type",
    "output_config",
    "format",
    "instructions",
    "input_text",
    "call_id",
    "output",
    "message",
    "function_call",
    "function_call_output",
    "input_image",
    "enabled",
    "data:image/png;base64,AA",
    "auto",
];

fn json_value() -> impl Strategy<Value = Value> {
    let word = || proptest::sample::select(&WORDS[..]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(word(), inner, 0..5).prop_map(|fields| {
                let fields = fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value));
                Value::Object(fields.collect::<Map<_, _>>())
            }),
        ]
    })
}

type Outcome = Result<(), Invalid>;

fn read_all(body: &[u8]) -> [Outcome; 4] {
    [
        chat::read(body).map(|_| ()),
        messages::read(body).map(|_| ()),
        messages::read_to_count(body).map(|_| ()),
        responses::read(body).map(|_| ()),
    ]
}

/// A request that is right in all protocols.
fn right() -> Value {
    json!({
        "model": "m", "max_tokens": 5, "temperature": 0.5, "top_p": 0.5, "stream": false,
        "messages": [{ "role": "user", "content": [{ "type": "text", "text": "Hello" }] }],
        "input": [{ "role": "user", "content": [{ "type": "input_text", "text": "Hello" }] }],
    })
}

/// Every path of a value.
fn paths(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(at, item)| paths(item, &format!("{here}/{at}"), found)),
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, field)| paths(field, &format!("{here}/{name}"), found)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(body in any::<Vec<u8>>()) {
        for refused in read_all(&body).into_iter().filter_map(Result::err) {
            prop_assert!(!refused.message.is_empty());
        }
    }

    #[test]
    fn any_json_is_read_without_a_panic(body in json_value()) {
        for refused in read_all(body.to_string().as_bytes()).into_iter().filter_map(Result::err) {
            prop_assert_eq!(refused.param.is_none(), !body.is_object());
        }
    }

    #[test]
    fn a_request_with_one_strange_value_is_read_or_refused(at in any::<prop::sample::Index>(), strange in json_value()) {
        let mut body = right();
        prop_assert!(read_all(body.to_string().as_bytes()).iter().all(Result::is_ok));
        let mut all = Vec::new();
        paths(&body, "", &mut all);
        *body.pointer_mut(at.get::<String>(&all)).unwrap() = strange;
        for refused in read_all(body.to_string().as_bytes()).into_iter().filter_map(Result::err) {
            prop_assert!(!refused.message.is_empty());
            prop_assert_eq!(refused.param.is_none(), !body.is_object());
        }
    }

    #[test]
    fn a_chat_stream_holds_every_piece(parts in prop::collection::vec(part(), 0..12), calls in prop::collection::vec(call(), 3)) {
        let sent = write(&mut ChatStream::new(head("c"), true), &parts, &calls);
        let end = events(&sent).pop().unwrap();
        prop_assert_eq!(&end.data, "[DONE]");
        let (mut text, mut reasoning, mut arguments) = (String::new(), String::new(), vec![String::new(); 3]);
        for chunk in data(&sent) {
            let delta = &chunk["choices"][0]["delta"];
            text += delta["content"].as_str().unwrap_or_default();
            reasoning += delta["reasoning_content"].as_str().unwrap_or_default();
            for call in delta["tool_calls"].as_array().into_iter().flatten() {
                let at = call["index"].as_u64().unwrap() as usize;
                arguments[at] += call["function"]["arguments"].as_str().unwrap();
            }
        }
        prop_assert_eq!(text, text_of(&parts, said));
        prop_assert_eq!(reasoning, text_of(&parts, thought));
        prop_assert_eq!(arguments, whole(&calls));
    }

    #[test]
    fn the_blocks_of_a_message_never_overlap_and_hold_every_piece(
        parts in prop::collection::vec(part(), 0..12), calls in prop::collection::vec(call(), 3)
    ) {
        let sent = write(&mut MessageStream::new(head("m"), "r"), &parts, &calls);
        let (mut text, mut reasoning, mut arguments) = (String::new(), String::new(), Vec::new());
        let (mut open, mut next) = (None, 0);
        for event in data(&sent) {
            let index = event["index"].as_u64();
            match event["type"].as_str().unwrap() {
                "content_block_start" => {
                    prop_assert_eq!((open, index), (None, Some(next)));
                    open = index;
                    next += 1;
                    let block = &event["content_block"];
                    if block["type"] == "tool_use" {
                        arguments.push((block["id"].as_str().unwrap().to_owned(), String::new()));
                    }
                }
                "content_block_delta" => {
                    prop_assert_eq!(open, index);
                    let delta = &event["delta"];
                    text += delta["text"].as_str().unwrap_or_default();
                    reasoning += delta["thinking"].as_str().unwrap_or_default();
                    if let Some(piece) = delta["partial_json"].as_str() {
                        arguments.last_mut().unwrap().1 += piece;
                    }
                }
                "content_block_stop" => {
                    prop_assert_eq!(open, index);
                    open = None;
                }
                "message_delta" | "message_stop" => prop_assert_eq!(open, None),
                _ => {}
            }
        }
        prop_assert_eq!(text, text_of(&parts, said));
        prop_assert_eq!(reasoning, text_of(&parts, thought));
        arguments.sort();
        let arguments: Vec<String> = arguments.into_iter().map(|(_, text)| text).collect();
        prop_assert_eq!(arguments, whole(&calls));
    }

    #[test]
    fn the_items_of_a_response_are_whole_at_the_end(
        parts in prop::collection::vec(part(), 0..12), calls in prop::collection::vec(call(), 3)
    ) {
        let sent = write(&mut ResponseStream::new(head("r"), Map::new()), &parts, &calls);
        let all = data(&sent);
        let numbers: Vec<u64> = all.iter().map(|event| event["sequence_number"].as_u64().unwrap()).collect();
        prop_assert_eq!(numbers, (0..all.len() as u64).collect::<Vec<_>>());
        let end = all.last().unwrap();
        prop_assert_eq!(&end["type"], "response.completed");
        let (mut text, mut reasoning, mut arguments) = (String::new(), String::new(), Vec::new());
        for item in end["response"]["output"].as_array().unwrap() {
            text += item["content"][0]["text"].as_str().unwrap_or_default();
            reasoning += item["summary"][0]["text"].as_str().unwrap_or_default();
            if let (Some(id), Some(said)) = (item["call_id"].as_str(), item["arguments"].as_str()) {
                arguments.push((id.to_owned(), said.to_owned()));
            }
        }
        let done = all.iter().filter(|event| event["type"] == "response.output_item.done");
        let done: Vec<&Value> = done.map(|event| &event["item"]).collect();
        prop_assert_eq!(json!(done), end["response"]["output"].clone());
        prop_assert_eq!(text, text_of(&parts, said));
        prop_assert_eq!(reasoning, text_of(&parts, thought));
        arguments.sort();
        let arguments: Vec<String> = arguments.into_iter().map(|(_, text)| text).collect();
        prop_assert_eq!(arguments, whole(&calls));
    }

    #[test]
    fn an_error_message_of_any_text_stays_one_event(message in any::<String>()) {
        let error = ErrorBody::new(500, &*message);
        let sent = ChatStream::new(head("c"), false).error(&error);
        prop_assert_eq!(&data(&sent)[0]["error"]["message"], &message);
        let sent = MessageStream::new(head("m"), "r").error(&error);
        prop_assert_eq!(&data(&sent)[0]["error"]["message"], &message);
        let sent = ResponseStream::new(head("r"), Map::new()).error(&error);
        prop_assert_eq!(&data(&sent)[2]["response"]["error"]["message"], &message);
    }
}
