//! Protocol faults: answers under status 200 that are broken or unusual, made from a good plain answer.

use std::time::Duration;

use serde_json::{Value, json};

use super::ResponseFault;
use super::message_faults::bend_plain;
use crate::sse_writer::SseEvent;

/// A cut answer ends after this many of sixty words.
pub(super) const CUT_AT: usize = 40;
pub(super) const STALL: Duration = Duration::from_secs(30);

pub(super) fn provider_error(code: Value) -> Value {
    json!({ "code": code, "message": "Provider disconnected", "metadata": { "error_type": "provider_unavailable", "provider_name": "Sandbox" } })
}

/// A plain answer with a fault.
pub(crate) enum Plain {
    Json(Value),
    /// Bytes in another format, with their content type; `then` may be silence or the end of the connection.
    Bytes {
        kind: &'static str,
        bytes: Vec<u8>,
        split: bool,
        then: Option<SseEvent>,
    },
    Silence(Vec<u8>, Duration),
}

const JSON: &str = "application/json";
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>One moment</title></head><body><h1>We are having trouble</h1></body></html>\n";

/// Applies a fault to a plain answer. `write` encodes it in the vendor API's format: content faults are applied before, wire
/// faults after.
pub(crate) fn quirk_plain(
    quirk: ResponseFault,
    mut body: Value,
    write: impl Fn(Value) -> Value,
) -> Plain {
    let whole = |body: Value| write(body).to_string();
    let part = |body: Value, of_three: usize| {
        let text = whole(body);
        text.as_bytes()[..text.len() * of_three / 3].to_vec()
    };
    let bytes = |bytes: Vec<u8>, split, then| Plain::Bytes {
        kind: JSON,
        bytes,
        split,
        then,
    };
    match quirk {
        ResponseFault::StreamCut => return bytes(part(body, 2), false, Some(SseEvent::Cut)),
        ResponseFault::StreamReset => return bytes(part(body, 2), false, Some(SseEvent::Reset)),
        ResponseFault::Stall => return Plain::Silence(part(body, 1), STALL),
        ResponseFault::MalformedChunk | ResponseFault::BrokenJson => {
            return bytes(part(body, 2), false, None);
        }
        ResponseFault::EmptyBody => return bytes(Vec::new(), false, None),
        ResponseFault::Split => return bytes(whole(body).into_bytes(), true, None),
        ResponseFault::Comments | ResponseFault::LeadingSpace => {
            let text = format!("\n\n         \n{}", whole(body));
            return bytes(text.into_bytes(), false, None);
        }
        ResponseFault::Html => {
            return Plain::Bytes {
                kind: "text/html; charset=utf-8",
                bytes: PAGE.into(),
                split: false,
                then: None,
            };
        }
        ResponseFault::ByteOrderMark => {
            let text = format!("\u{feff}{}", whole(body));
            return bytes(text.into_bytes(), false, None);
        }
        ResponseFault::LoneSurrogates => {
            let said = body["choices"][0]["message"]["content"].as_str();
            body["choices"][0]["message"]["content"] =
                json!(format!("{}{HIGH}", said.unwrap_or_default()));
            return bytes(truncated(&whole(body)).into_bytes(), false, None);
        }
        ResponseFault::JsonAsEvents | ResponseFault::ErrorAsEvents => {
            if quirk == ResponseFault::ErrorAsEvents {
                body = json!({ "error": provider_error(json!(502)) });
            }
            return Plain::Bytes {
                kind: "text/event-stream",
                bytes: whole(body).into_bytes(),
                split: false,
                then: None,
            };
        }
        ResponseFault::ThoughtParts
        | ResponseFault::CallsInSecondChoice
        | ResponseFault::CallsUnderOneIndex => {
            bend_plain(quirk, &mut body);
        }
        ResponseFault::LargePicture => body["choices"][0]["message"]["images"] = picture(),
        ResponseFault::ErrorFlat | ResponseFault::ErrorBaseResp => {
            return bytes(foreign_error(quirk).to_string().into_bytes(), false, None);
        }
        ResponseFault::ErrorEmpty => {
            let mut written = write(body);
            written["error"] = empty_error();
            return Plain::Json(written);
        }
        ResponseFault::FinishModelLength => {
            halve(&mut body);
            set_finish(&mut body, json!("model_length"));
        }
        ResponseFault::ErrorBody | ResponseFault::ErrorField => {
            body = json!({ "error": provider_error(json!(502)) })
        }
        ResponseFault::ErrorMidStream
        | ResponseFault::ErrorMidStreamNoChoices
        | ResponseFault::ErrorInChoice => {
            fail_in_choice(&mut body, json!(502));
        }
        ResponseFault::ErrorMidStreamTextCode => fail_in_choice(&mut body, json!("server_error")),
        ResponseFault::EmptyCompletion => {
            body["choices"][0]["message"]["content"] = json!("");
            set_finish(&mut body, Value::Null);
            empty_usage(&mut body["usage"]);
        }
        ResponseFault::ChoicesEmpty => body["choices"] = json!([]),
        ResponseFault::ChoicesMissing => remove(&mut body, "choices"),
        ResponseFault::ContentParts => {
            let text = body["choices"][0]["message"]["content"].take();
            body["choices"][0]["message"]["content"] = parts(text);
        }
        ResponseFault::Annotations => {
            body["choices"][0]["message"]["annotations"] = strange_annotations();
        }
        other => bend(other, &mut body),
    }
    Plain::Json(write(body))
}

/// Placeholders for the halves of an emoji until they are written; no answer here contains these characters.
pub(super) const HIGH: char = '\u{e83d}';
pub(super) const LOW: char = '\u{e600}';

/// A JSON text with the surrogate escapes of the emoji.
pub(crate) fn truncated(json: &str) -> String {
    json.replace(HIGH, "\\ud83d").replace(LOW, "\\ude00")
}

/// An image of 8 MB, of one colour.
pub(super) fn picture() -> Value {
    let url = format!("data:image/png;base64,{}", "iVBORw0K".repeat(1 << 20));
    json!([{ "type": "image_url", "image_url": { "url": url } }])
}

pub(super) fn parts(text: Value) -> Value {
    json!([{ "type": "text", "text": text }])
}

pub(super) fn strange_annotations() -> Value {
    json!([{ "type": "file", "file": { "hash": "0", "content": [] } }])
}

/// An error in the format of DashScope, or of MiniMax.
pub(super) fn foreign_error(quirk: ResponseFault) -> Value {
    match quirk {
        ResponseFault::ErrorBaseResp => {
            json!({ "choices": null, "base_resp": { "status_code": 1004, "status_msg": "login fail: carry the key in the header" } })
        }
        _ => {
            json!({ "code": "InvalidParameter", "message": "Range of max_tokens should be [1, 8192]", "request_id": "sandbox" })
        }
    }
}

/// The empty error that Go servers add to each answer.
pub(crate) fn empty_error() -> Value {
    json!({ "message": "", "type": "", "param": "", "code": null })
}

/// Keeps only the first words of an answer.
fn halve(body: &mut Value) {
    let text = body["choices"][0]["message"]["content"]
        .as_str()
        .unwrap_or_default();
    let half: Vec<&str> = text.split_inclusive(' ').take(CUT_AT).collect();
    body["choices"][0]["message"]["content"] = json!(half.concat());
}

fn fail_in_choice(body: &mut Value, code: Value) {
    halve(body);
    set_finish(body, json!("error"));
    body["choices"][0]["error"] = provider_error(code);
}

/// Applies faults that are the same in a plain body and a chunk.
pub(super) fn bend(quirk: ResponseFault, body: &mut Value) {
    let finishes = body
        .pointer("/choices/0/finish_reason")
        .is_some_and(|f| !f.is_null());
    match quirk {
        ResponseFault::FinishNull if finishes => set_finish(body, Value::Null),
        ResponseFault::FinishBlank if finishes => set_finish(body, json!("")),
        ResponseFault::FinishNullText => set_finish(body, json!("null")),
        ResponseFault::FinishUnknown if finishes => set_finish(body, json!("tea_break")),
        ResponseFault::FinishError if finishes => set_finish(body, json!("error")),
        ResponseFault::ContentFilter if finishes => set_finish(body, json!("content_filter")),
        ResponseFault::UsageMissing => remove(body, "usage"),
        ResponseFault::UsageNull => body["usage"] = Value::Null,
        ResponseFault::CostMissing if body["usage"].is_object() => {
            remove(&mut body["usage"], "cost");
            remove(&mut body["usage"], "cost_details");
        }
        ResponseFault::OtherModel => body["model"] = json!("openai/gpt-4o-mini-2024-07-18"),
        ResponseFault::ForeignId => body["id"] = json!("chatcmpl-sandbox1"),
        ResponseFault::FieldsMissing => {
            for key in [
                "object",
                "created",
                "system_fingerprint",
                "provider",
                "service_tier",
            ] {
                remove(body, key);
            }
        }
        ResponseFault::Floats => {
            for key in ["prompt_tokens", "completion_tokens", "total_tokens"] {
                if let Some(count) = body
                    .pointer(&format!("/usage/{key}"))
                    .and_then(Value::as_f64)
                {
                    body["usage"][key] = json!(count);
                }
            }
        }
        ResponseFault::TierUnknown => body["service_tier"] = json!("leisurely"),
        _ => {}
    }
}

pub(super) fn set_finish(body: &mut Value, finish: Value) {
    body["choices"][0]["native_finish_reason"] = finish.clone();
    body["choices"][0]["finish_reason"] = finish;
}

pub(super) fn remove(body: &mut Value, key: &str) {
    if let Some(map) = body.as_object_mut() {
        map.remove(key);
    }
}

pub(super) fn empty_usage(usage: &mut Value) {
    for key in ["completion_tokens", "total_tokens", "prompt_tokens", "cost"] {
        usage[key] = json!(0);
    }
}
