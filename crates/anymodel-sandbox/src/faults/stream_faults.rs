//! Stream faults: the same faults in a streamed answer, applied to the events of a good one.

use serde_json::{Value, json};

use super::ResponseFault;
use super::message_faults::bend_events;
use super::protocol_quirks::{
    CUT_AT, HIGH, LOW, STALL, bend, empty_usage, foreign_error, parts, picture, provider_error,
    remove, set_finish, strange_annotations,
};
use crate::sse_writer::{SseEvent, StreamFormat};

/// A stalled answer stops after this many words.
const STALL_AT: usize = 20;
/// The index of the event that is no JSON.
const MALFORMED_AT: usize = 10;

fn content(event: &SseEvent) -> Option<&str> {
    match event {
        SseEvent::Chunk(chunk) => chunk.pointer("/choices/0/delta/content")?.as_str(),
        _ => None,
    }
}

/// Applies a fault to a streamed answer.
pub(crate) fn quirk_events(
    quirk: ResponseFault,
    mut events: Vec<SseEvent>,
) -> (Vec<SseEvent>, StreamFormat) {
    let mut dialect = StreamFormat::default();
    // A word is a chunk with text in it.
    let after_word = |events: &[SseEvent], nth: usize| {
        let spoken = events
            .iter()
            .enumerate()
            .filter(|(_, e)| content(e).is_some_and(|t| !t.is_empty()));
        spoken
            .map(|(at, _)| at + 1)
            .nth(nth - 1)
            .unwrap_or(events.len())
    };
    let finish_at = |events: &[SseEvent]| {
        let finishes = |e: &SseEvent| matches!(e, SseEvent::Chunk(c) if c.pointer("/choices/0/finish_reason").is_some_and(|f| !f.is_null()));
        events.iter().position(finishes).unwrap_or(events.len())
    };
    let template = events.iter().find_map(|e| match e {
        SseEvent::Chunk(chunk) => Some(chunk.clone()),
        _ => None,
    });
    let mut chunk = template.unwrap_or_else(|| json!({}));
    match quirk {
        ResponseFault::StreamCut | ResponseFault::StreamReset | ResponseFault::Stall => {
            let words = if quirk == ResponseFault::Stall {
                STALL_AT
            } else {
                CUT_AT
            };
            events.truncate(after_word(&events, words));
            if quirk == ResponseFault::Stall {
                events.push(SseEvent::Pause(STALL));
            }
            events.push(if quirk == ResponseFault::StreamReset {
                SseEvent::Reset
            } else {
                SseEvent::Cut
            });
        }
        ResponseFault::MalformedChunk => {
            let chunks = events
                .iter()
                .enumerate()
                .filter(|(_, e)| matches!(e, SseEvent::Chunk(_)));
            let at = chunks.map(|(at, _)| at).nth(MALFORMED_AT - 1).unwrap_or(0);
            if let Some(SseEvent::Chunk(twin)) = events.get(at).cloned() {
                events.insert(at, SseEvent::Half(twin));
            }
        }
        ResponseFault::BrokenJson => {
            for event in &mut events {
                if let SseEvent::Chunk(chunk) = event {
                    *event = SseEvent::Half(chunk.take());
                }
            }
        }
        ResponseFault::NoDone => events.retain(|e| !matches!(e, SseEvent::Done)),
        ResponseFault::CutAfterFinish => {
            events.truncate(finish_at(&events) + 1);
            events.push(SseEvent::Cut);
        }
        ResponseFault::ErrorMidStream
        | ResponseFault::ErrorInChoice
        | ResponseFault::ErrorMidStreamNoChoices
        | ResponseFault::ErrorMidStreamTextCode => {
            events.truncate(after_word(&events, CUT_AT));
            let text = quirk == ResponseFault::ErrorMidStreamTextCode;
            chunk["error"] = provider_error(if text {
                json!("server_error")
            } else {
                json!(502)
            });
            chunk["choices"] = match quirk {
                ResponseFault::ErrorMidStreamNoChoices => json!([]),
                _ => {
                    json!([{ "index": 0, "delta": { "content": "" }, "finish_reason": "error", "native_finish_reason": "error" }])
                }
            };
            events.push(SseEvent::Chunk(chunk));
        }
        ResponseFault::ErrorBody => {
            events = vec![SseEvent::Chunk(
                json!({ "error": provider_error(json!(502)) }),
            )];
        }
        ResponseFault::EmptyCompletion => {
            events.retain(|e| content(e).is_none_or(str::is_empty));
            for event in &mut events {
                if let SseEvent::Chunk(chunk) = event {
                    if chunk.pointer("/choices/0").is_some() {
                        set_finish(chunk, Value::Null);
                    }
                    if chunk["usage"].is_object() {
                        empty_usage(&mut chunk["usage"]);
                    }
                }
            }
        }
        ResponseFault::Comments | ResponseFault::LeadingSpace => {
            let many = if quirk == ResponseFault::Comments {
                events.len()
            } else {
                1
            };
            for at in (0..many).rev() {
                events.insert(at, SseEvent::Comment("OPENROUTER PROCESSING"));
            }
        }
        ResponseFault::ErrorFlat | ResponseFault::ErrorBaseResp => {
            events = vec![SseEvent::Error(foreign_error(quirk))];
        }
        ResponseFault::ErrorEmpty => dialect.empty_error = true,
        ResponseFault::FinishModelLength => {
            let end = finish_at(&events);
            let words = after_word(&events, CUT_AT).min(end);
            events.drain(words..end);
            if let Some(SseEvent::Chunk(chunk)) = events.get_mut(words) {
                set_finish(chunk, json!("model_length"));
            }
        }
        ResponseFault::FinishNullText => {
            events.truncate(after_word(&events, CUT_AT));
            for event in &mut events {
                if let SseEvent::Chunk(chunk) = event {
                    bend(quirk, chunk);
                }
            }
            events.push(SseEvent::Cut);
        }
        ResponseFault::EmptyData => dialect.empty_data = true,
        ResponseFault::OneLineEnd => dialect.blank_lines = false,
        ResponseFault::NoBlankLine => {
            events.retain(|e| !matches!(e, SseEvent::Done));
            dialect.last_blank_line = false;
        }
        ResponseFault::ByteOrderMark => dialect.mark = true,
        ResponseFault::EventsAsJson => dialect.kind = "application/json",
        ResponseFault::LoneSurrogates => {
            let at = finish_at(&events);
            for half in [LOW, HIGH] {
                let delta = json!({ "content": half });
                chunk["choices"] = json!([{ "index": 0, "delta": delta, "finish_reason": null }]);
                events.insert(at.min(events.len()), SseEvent::Chunk(chunk.clone()));
            }
            dialect.halves = true;
        }
        ResponseFault::LargePicture => {
            let delta = json!({ "content": "", "images": picture() });
            chunk["choices"] = json!([{ "index": 0, "delta": delta, "finish_reason": null }]);
            let at = finish_at(&events).min(events.len());
            events.insert(at, SseEvent::Chunk(chunk));
        }
        ResponseFault::ErrorField => {
            let error = provider_error(json!(502));
            events = vec![SseEvent::Chunk(json!({ "error": error })), SseEvent::Done];
            dialect.error_field = true;
        }
        ResponseFault::Crlf => dialect.newline = "\r\n",
        ResponseFault::NoSpace => dialect.space = false,
        ResponseFault::SeveralLines => dialect.several_lines = true,
        ResponseFault::Split => dialect.split = true,
        ResponseFault::UsageOldForm | ResponseFault::UsageOnFinish | ResponseFault::UsageTwice => {
            move_usage(quirk, &mut events, finish_at)
        }
        ResponseFault::ContentAfterFinish => {
            chunk["choices"] = json!([{ "index": 0, "delta": { "content": " (and one more thing)" }, "finish_reason": null }]);
            events.insert(
                (finish_at(&events) + 1).min(events.len()),
                SseEvent::Chunk(chunk),
            );
        }
        ResponseFault::ChoicesEmpty | ResponseFault::ChoicesMissing => {
            for event in &mut events {
                if let SseEvent::Chunk(chunk) = event {
                    match quirk {
                        ResponseFault::ChoicesEmpty => chunk["choices"] = json!([]),
                        _ => remove(chunk, "choices"),
                    }
                }
            }
        }
        ResponseFault::ThoughtParts
        | ResponseFault::CallsInSecondChoice
        | ResponseFault::CallsUnderOneIndex => {
            bend_events(quirk, &mut events);
        }
        ResponseFault::ContentParts | ResponseFault::Annotations => {
            for event in &mut events {
                let SseEvent::Chunk(chunk) = event else {
                    continue;
                };
                let Some(delta) = chunk.pointer_mut("/choices/0/delta") else {
                    continue;
                };
                if quirk == ResponseFault::ContentParts {
                    delta["content"] = parts(delta["content"].take());
                } else {
                    delta["annotations"] = strange_annotations();
                }
            }
        }
        other => {
            for event in &mut events {
                if let SseEvent::Chunk(chunk) = event
                    && !(other == ResponseFault::UsageNull && chunk.get("usage").is_none())
                {
                    bend(other, chunk);
                }
            }
        }
    }
    (events, dialect)
}

/// Moves usage to the fields of other versions of OpenRouter.
fn move_usage(
    quirk: ResponseFault,
    events: &mut Vec<SseEvent>,
    finish_at: impl Fn(&[SseEvent]) -> usize,
) {
    let at = events
        .iter()
        .position(|e| matches!(e, SseEvent::Chunk(c) if c["usage"].is_object()));
    let Some(at) = at else { return };
    let SseEvent::Chunk(mut last) = events[at].clone() else {
        return;
    };
    let finish = finish_at(events);
    match quirk {
        ResponseFault::UsageOldForm => {
            last["choices"] = json!([{ "index": 0, "delta": { "role": "assistant", "content": "" }, "finish_reason": null }]);
            events[at] = SseEvent::Chunk(last);
        }
        ResponseFault::UsageTwice => events.insert(at, SseEvent::Chunk(last)),
        _ => {
            if let Some(SseEvent::Chunk(chunk)) = events.get_mut(finish) {
                chunk["usage"] = last["usage"].take();
            }
            events.remove(at);
        }
    }
}
