//! Answers under status 200 that are broken or unusual: how a good answer is bent.

use std::time::Duration;

use serde_json::{Value, json};

use super::Quirk;
use crate::sandbox::script::{Dialect, Event};

/// Words after which a cut answer ends, of sixty.
const CUT_AT: usize = 40;
/// Words after which a stalled answer goes silent.
const STALL_AT: usize = 20;
const STALL: Duration = Duration::from_secs(30);
/// The event that is no JSON.
const MALFORMED_AT: usize = 10;

fn provider_error(code: Value) -> Value {
    json!({ "code": code, "message": "Provider disconnected", "metadata": { "error_type": "provider_unavailable", "provider_name": "Sandbox" } })
}

/// A plain answer, bent.
pub(in crate::sandbox) enum Plain {
    Json(Value),
    /// Bytes of another kind, with their content type; then, perhaps, silence and the end of the connection.
    Bytes {
        kind: &'static str,
        bytes: Vec<u8>,
        split: bool,
        then: Option<Event>,
    },
    Silence(Vec<u8>, Duration),
}

const JSON: &str = "application/json";
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>One moment</title></head><body><h1>We are having trouble</h1></body></html>\n";

/// A plain answer with `quirk`.
pub(in crate::sandbox) fn quirk_plain(quirk: Quirk, mut body: Value) -> Plain {
    let part = |body: &Value, of_three: usize| {
        let text = body.to_string();
        text.as_bytes()[..text.len() * of_three / 3].to_vec()
    };
    let bytes = |bytes: Vec<u8>, split, then| Plain::Bytes {
        kind: JSON,
        bytes,
        split,
        then,
    };
    match quirk {
        Quirk::StreamCut => return bytes(part(&body, 2), false, Some(Event::Cut)),
        Quirk::StreamReset => return bytes(part(&body, 2), false, Some(Event::Reset)),
        Quirk::Stall => return Plain::Silence(part(&body, 1), STALL),
        Quirk::MalformedChunk | Quirk::BrokenJson => return bytes(part(&body, 2), false, None),
        Quirk::EmptyBody => return bytes(Vec::new(), false, None),
        Quirk::Split => return bytes(body.to_string().into_bytes(), true, None),
        Quirk::Comments | Quirk::LeadingSpace => {
            return bytes(format!("\n\n         \n{body}").into_bytes(), false, None);
        }
        Quirk::Html => {
            return Plain::Bytes {
                kind: "text/html; charset=utf-8",
                bytes: PAGE.into(),
                split: false,
                then: None,
            };
        }
        Quirk::ErrorBody => return Plain::Json(json!({ "error": provider_error(json!(502)) })),
        Quirk::ErrorMidStream | Quirk::ErrorMidStreamNoChoices | Quirk::ErrorInChoice => {
            fail_in_choice(&mut body, json!(502));
        }
        Quirk::ErrorMidStreamTextCode => fail_in_choice(&mut body, json!("server_error")),
        Quirk::EmptyCompletion => {
            body["choices"][0]["message"]["content"] = json!("");
            set_finish(&mut body, Value::Null);
            empty_usage(&mut body["usage"]);
        }
        Quirk::ChoicesEmpty => body["choices"] = json!([]),
        Quirk::ChoicesMissing => remove(&mut body, "choices"),
        Quirk::ContentParts => {
            let text = body["choices"][0]["message"]["content"].take();
            body["choices"][0]["message"]["content"] = parts(text);
        }
        Quirk::Annotations => {
            body["choices"][0]["message"]["annotations"] = strange_annotations();
        }
        other => bend(other, &mut body),
    }
    Plain::Json(body)
}

fn parts(text: Value) -> Value {
    json!([{ "type": "text", "text": text }])
}

fn strange_annotations() -> Value {
    json!([{ "type": "file", "file": { "hash": "0", "content": [] } }])
}

fn fail_in_choice(body: &mut Value, code: Value) {
    let text = body["choices"][0]["message"]["content"]
        .as_str()
        .unwrap_or_default();
    let half: Vec<&str> = text.split_inclusive(' ').take(CUT_AT).collect();
    body["choices"][0]["message"]["content"] = json!(half.concat());
    set_finish(body, json!("error"));
    body["choices"][0]["error"] = provider_error(code);
}

/// What bends a plain body and a chunk alike.
fn bend(quirk: Quirk, body: &mut Value) {
    let finishes = body
        .pointer("/choices/0/finish_reason")
        .is_some_and(|f| !f.is_null());
    match quirk {
        Quirk::FinishNull if finishes => set_finish(body, Value::Null),
        Quirk::FinishBlank if finishes => set_finish(body, json!("")),
        Quirk::FinishUnknown if finishes => set_finish(body, json!("tea_break")),
        Quirk::FinishError if finishes => set_finish(body, json!("error")),
        Quirk::ContentFilter if finishes => set_finish(body, json!("content_filter")),
        Quirk::UsageMissing => remove(body, "usage"),
        Quirk::UsageNull => body["usage"] = Value::Null,
        Quirk::CostMissing if body["usage"].is_object() => {
            remove(&mut body["usage"], "cost");
            remove(&mut body["usage"], "cost_details");
        }
        Quirk::OtherModel => body["model"] = json!("openai/gpt-4o-mini-2024-07-18"),
        Quirk::ForeignId => body["id"] = json!("chatcmpl-sandbox1"),
        Quirk::FieldsMissing => {
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
        Quirk::Floats => {
            for key in ["prompt_tokens", "completion_tokens", "total_tokens"] {
                if let Some(count) = body
                    .pointer(&format!("/usage/{key}"))
                    .and_then(Value::as_f64)
                {
                    body["usage"][key] = json!(count);
                }
            }
        }
        Quirk::TierUnknown => body["service_tier"] = json!("leisurely"),
        _ => {}
    }
}

fn set_finish(body: &mut Value, finish: Value) {
    body["choices"][0]["native_finish_reason"] = finish.clone();
    body["choices"][0]["finish_reason"] = finish;
}

fn remove(body: &mut Value, key: &str) {
    if let Some(map) = body.as_object_mut() {
        map.remove(key);
    }
}

fn empty_usage(usage: &mut Value) {
    for key in ["completion_tokens", "total_tokens", "prompt_tokens", "cost"] {
        usage[key] = json!(0);
    }
}

fn content(event: &Event) -> Option<&str> {
    match event {
        Event::Chunk(chunk) => chunk.pointer("/choices/0/delta/content")?.as_str(),
        _ => None,
    }
}

/// A streamed answer with `quirk`.
pub(in crate::sandbox) fn quirk_events(
    quirk: Quirk,
    mut events: Vec<Event>,
) -> (Vec<Event>, Dialect) {
    let mut dialect = Dialect::default();
    // A word here is a chunk with text in it.
    let after_word = |events: &[Event], nth: usize| {
        let spoken = events
            .iter()
            .enumerate()
            .filter(|(_, e)| content(e).is_some_and(|t| !t.is_empty()));
        spoken
            .map(|(at, _)| at + 1)
            .nth(nth - 1)
            .unwrap_or(events.len())
    };
    let finish_at = |events: &[Event]| {
        let finishes = |e: &Event| matches!(e, Event::Chunk(c) if c.pointer("/choices/0/finish_reason").is_some_and(|f| !f.is_null()));
        events.iter().position(finishes).unwrap_or(events.len())
    };
    let template = events.iter().find_map(|e| match e {
        Event::Chunk(chunk) => Some(chunk.clone()),
        _ => None,
    });
    let mut chunk = template.unwrap_or_else(|| json!({}));
    match quirk {
        Quirk::StreamCut | Quirk::StreamReset | Quirk::Stall => {
            let words = if quirk == Quirk::Stall {
                STALL_AT
            } else {
                CUT_AT
            };
            events.truncate(after_word(&events, words));
            if quirk == Quirk::Stall {
                events.push(Event::Pause(STALL));
            }
            events.push(if quirk == Quirk::StreamReset {
                Event::Reset
            } else {
                Event::Cut
            });
        }
        Quirk::MalformedChunk => {
            let chunks = events
                .iter()
                .enumerate()
                .filter(|(_, e)| matches!(e, Event::Chunk(_)));
            let at = chunks.map(|(at, _)| at).nth(MALFORMED_AT - 1).unwrap_or(0);
            events.insert(
                at,
                Event::Raw("{\"id\":\"gen-broken\",\"choices\":[{\"delta\":{\"con".into()),
            );
        }
        Quirk::BrokenJson => {
            for event in &mut events {
                if let Event::Chunk(chunk) = event {
                    let text = chunk.to_string();
                    *event = Event::Raw(text.chars().take(text.chars().count() / 2).collect());
                }
            }
        }
        Quirk::NoDone => events.retain(|e| !matches!(e, Event::Done)),
        Quirk::CutAfterFinish => {
            events.truncate(finish_at(&events) + 1);
            events.push(Event::Cut);
        }
        Quirk::ErrorMidStream
        | Quirk::ErrorInChoice
        | Quirk::ErrorMidStreamNoChoices
        | Quirk::ErrorMidStreamTextCode => {
            events.truncate(after_word(&events, CUT_AT));
            let text = quirk == Quirk::ErrorMidStreamTextCode;
            chunk["error"] = provider_error(if text {
                json!("server_error")
            } else {
                json!(502)
            });
            chunk["choices"] = match quirk {
                Quirk::ErrorMidStreamNoChoices => json!([]),
                _ => {
                    json!([{ "index": 0, "delta": { "content": "" }, "finish_reason": "error", "native_finish_reason": "error" }])
                }
            };
            events.push(Event::Chunk(chunk));
        }
        Quirk::ErrorBody => {
            events = vec![Event::Raw(
                json!({ "error": provider_error(json!(502)) }).to_string(),
            )];
        }
        Quirk::EmptyCompletion => {
            events.retain(|e| content(e).is_none_or(str::is_empty));
            for event in &mut events {
                if let Event::Chunk(chunk) = event {
                    if chunk.pointer("/choices/0").is_some() {
                        set_finish(chunk, Value::Null);
                    }
                    if chunk["usage"].is_object() {
                        empty_usage(&mut chunk["usage"]);
                    }
                }
            }
        }
        Quirk::Comments | Quirk::LeadingSpace => {
            let many = if quirk == Quirk::Comments {
                events.len()
            } else {
                1
            };
            for at in (0..many).rev() {
                events.insert(at, Event::Comment("OPENROUTER PROCESSING"));
            }
        }
        Quirk::Crlf => dialect.newline = "\r\n",
        Quirk::NoSpace => dialect.space = false,
        Quirk::SeveralLines => dialect.several_lines = true,
        Quirk::Split => dialect.split = true,
        Quirk::UsageOldForm | Quirk::UsageOnFinish | Quirk::UsageTwice => {
            move_usage(quirk, &mut events, finish_at)
        }
        Quirk::ContentAfterFinish => {
            chunk["choices"] = json!([{ "index": 0, "delta": { "content": " (and one more thing)" }, "finish_reason": null }]);
            events.insert(
                (finish_at(&events) + 1).min(events.len()),
                Event::Chunk(chunk),
            );
        }
        Quirk::ChoicesEmpty | Quirk::ChoicesMissing => {
            for event in &mut events {
                if let Event::Chunk(chunk) = event {
                    match quirk {
                        Quirk::ChoicesEmpty => chunk["choices"] = json!([]),
                        _ => remove(chunk, "choices"),
                    }
                }
            }
        }
        Quirk::ContentParts | Quirk::Annotations => {
            for event in &mut events {
                let Event::Chunk(chunk) = event else { continue };
                let Some(delta) = chunk.pointer_mut("/choices/0/delta") else {
                    continue;
                };
                if quirk == Quirk::ContentParts {
                    delta["content"] = parts(delta["content"].take());
                } else {
                    delta["annotations"] = strange_annotations();
                }
            }
        }
        other => {
            for event in &mut events {
                if let Event::Chunk(chunk) = event
                    && !(other == Quirk::UsageNull && chunk.get("usage").is_none())
                {
                    bend(other, chunk);
                }
            }
        }
    }
    (events, dialect)
}

/// Puts usage where other versions of the service had it.
fn move_usage(quirk: Quirk, events: &mut Vec<Event>, finish_at: impl Fn(&[Event]) -> usize) {
    let at = events
        .iter()
        .position(|e| matches!(e, Event::Chunk(c) if c["usage"].is_object()));
    let Some(at) = at else { return };
    let Event::Chunk(mut last) = events[at].clone() else {
        return;
    };
    let finish = finish_at(events);
    match quirk {
        Quirk::UsageOldForm => {
            last["choices"] = json!([{ "index": 0, "delta": { "role": "assistant", "content": "" }, "finish_reason": null }]);
            events[at] = Event::Chunk(last);
        }
        Quirk::UsageTwice => events.insert(at, Event::Chunk(last)),
        _ => {
            if let Some(Event::Chunk(chunk)) = events.get_mut(finish) {
                chunk["usage"] = last["usage"].take();
            }
            events.remove(at);
        }
    }
}
