//! The same oddities in a stream: how the events of a good answer are bent.

use serde_json::{Value, json};

use super::Quirk;
use super::oddities::{
    CUT_AT, HIGH, LOW, STALL, bend, empty_usage, foreign_error, parts, picture, provider_error,
    remove, set_finish, strange_annotations,
};
use super::turns::bend_events;
use crate::sandbox::script::{Dialect, Event};

/// Words after which a stalled answer goes silent.
const STALL_AT: usize = 20;
/// The event that is no JSON.
const MALFORMED_AT: usize = 10;

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
            if let Some(Event::Chunk(twin)) = events.get(at).cloned() {
                events.insert(at, Event::Half(twin));
            }
        }
        Quirk::BrokenJson => {
            for event in &mut events {
                if let Event::Chunk(chunk) = event {
                    *event = Event::Half(chunk.take());
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
            events = vec![Event::Chunk(json!({ "error": provider_error(json!(502)) }))];
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
        Quirk::ErrorFlat | Quirk::ErrorBaseResp => {
            events = vec![Event::Error(foreign_error(quirk))];
        }
        Quirk::ErrorEmpty => dialect.empty_error = true,
        Quirk::FinishModelLength => {
            let end = finish_at(&events);
            let words = after_word(&events, CUT_AT).min(end);
            events.drain(words..end);
            if let Some(Event::Chunk(chunk)) = events.get_mut(words) {
                set_finish(chunk, json!("model_length"));
            }
        }
        Quirk::FinishNullText => {
            events.truncate(after_word(&events, CUT_AT));
            for event in &mut events {
                if let Event::Chunk(chunk) = event {
                    bend(quirk, chunk);
                }
            }
            events.push(Event::Cut);
        }
        Quirk::EmptyData => dialect.empty_data = true,
        Quirk::OneLineEnd => dialect.blank_lines = false,
        Quirk::NoBlankLine => {
            events.retain(|e| !matches!(e, Event::Done));
            dialect.last_blank_line = false;
        }
        Quirk::ByteOrderMark => dialect.mark = true,
        Quirk::EventsAsJson => dialect.kind = "application/json",
        Quirk::LoneSurrogates => {
            let at = finish_at(&events);
            for half in [LOW, HIGH] {
                let delta = json!({ "content": half });
                chunk["choices"] = json!([{ "index": 0, "delta": delta, "finish_reason": null }]);
                events.insert(at.min(events.len()), Event::Chunk(chunk.clone()));
            }
            dialect.halves = true;
        }
        Quirk::LargePicture => {
            let delta = json!({ "content": "", "images": picture() });
            chunk["choices"] = json!([{ "index": 0, "delta": delta, "finish_reason": null }]);
            let at = finish_at(&events).min(events.len());
            events.insert(at, Event::Chunk(chunk));
        }
        Quirk::ErrorField => {
            let error = provider_error(json!(502));
            events = vec![Event::Chunk(json!({ "error": error })), Event::Done];
            dialect.error_field = true;
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
        Quirk::ThoughtParts | Quirk::CallsInSecondChoice | Quirk::CallsUnderOneIndex => {
            bend_events(quirk, &mut events);
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
