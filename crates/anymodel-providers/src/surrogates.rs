//! Lone surrogates in JSON: one half of a UTF-16 pair, which a Rust string cannot hold.
//!
//! A model writes tokens, and a token may end in the middle of an emoji. Servers that cut there write half of it as
//! `\ud83d` at the end of one event and the other half as `\ude00` at the beginning of the next. JSON allows this, but JSON
//! parsers refuse it, and the text around it would be lost. So a surrogate is marked before an event is parsed, and
//! `SurrogateJoiner` joins the marks. A surrogate without its other half becomes U+FFFD.

use std::borrow::Cow;

use serde_json::Value;

use super::StreamDelta;

/// Stands before the sign of a surrogate: a noncharacter, which Unicode reserves for internal use.
const MARK: char = '\u{10fffe}';
/// The sign of the first surrogate; the others follow. Private use, and a sign only after [`MARK`].
const SIGNS: u32 = 0xf_0000;
/// Replaces a lost character.
const LOST: char = char::REPLACEMENT_CHARACTER;

const HIGH: std::ops::Range<u32> = 0xd800..0xdc00;
const LOW: std::ops::Range<u32> = 0xdc00..0xe000;

/// JSON without lone surrogates: each becomes U+FFFD.
pub fn repair(json: &str) -> Cow<'_, str> {
    rewritten(json, |_, text| text.push(LOST))
}

/// JSON in which each lone surrogate is marked, for [`SurrogateJoiner::join`].
pub(super) fn marked(json: &str) -> Cow<'_, str> {
    rewritten(json, |half, text| {
        text.push(MARK);
        text.extend(char::from_u32(SIGNS + half - HIGH.start));
    })
}

fn rewritten(json: &str, write: impl Fn(u32, &mut String)) -> Cow<'_, str> {
    let mut text = String::new();
    // `text` contains everything before this position.
    let mut kept = 0;
    let mut at = 0;
    while let Some(found) = json
        .as_bytes()
        .get(at..)
        .and_then(|rest| memchr::memchr(b'\\', rest))
    {
        at += found;
        let Some(half) = escaped(json, at) else {
            // The escaped character may be a backslash.
            at += 2;
            continue;
        };
        let is_pair =
            HIGH.contains(&half) && escaped(json, at + 6).is_some_and(|next| LOW.contains(&next));
        if is_pair {
            at += 12;
            continue;
        }
        text.push_str(json.get(kept..at).unwrap_or_default());
        write(half, &mut text);
        at += 6;
        kept = at;
    }
    if kept == 0 {
        return Cow::Borrowed(json);
    }
    text.push_str(json.get(kept..).unwrap_or_default());
    Cow::Owned(text)
}

/// The surrogate that is escaped at this position.
fn escaped(json: &str, at: usize) -> Option<u32> {
    let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    (HIGH.start..LOW.end).contains(&number).then_some(number)
}

/// The text in which a surrogate waits for its other half.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Channel {
    Text,
    Reasoning,
    Refusal,
    Arguments(usize),
    /// An opaque state of a vendor, with the path inside it.
    State(String),
}

/// Pending surrogates, whose other half may come with the next event.
#[derive(Debug, Default)]
pub(super) struct SurrogateJoiner {
    waiting: Vec<(Channel, u32)>,
}

impl SurrogateJoiner {
    /// Whether no surrogate is pending.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Replaces marks with characters. At the end of the answer, pending surrogates become U+FFFD.
    pub fn join(&mut self, deltas: &mut Vec<StreamDelta>) {
        for mut delta in std::mem::take(deltas) {
            match &mut delta {
                StreamDelta::Text(text) => self.join_text(Channel::Text, text),
                StreamDelta::Reasoning(text) => self.join_text(Channel::Reasoning, text),
                StreamDelta::Refusal(text) => self.join_text(Channel::Refusal, text),
                StreamDelta::ToolCall {
                    index,
                    name,
                    arguments,
                    ..
                } => {
                    match index {
                        Some(index) => self.join_text(Channel::Arguments(*index), arguments),
                        None => *arguments = settled(arguments),
                    }
                    if let Some(name) = name {
                        *name = settled(name);
                    }
                }
                StreamDelta::State(state) => self.join_state(state),
                StreamDelta::Repeated(said) => settle_again(said),
                StreamDelta::Finish(_) => deltas.extend(self.give_up()),
                StreamDelta::Id(text) | StreamDelta::Model(text) => *text = settled(text),
                StreamDelta::Usage { .. }
                | StreamDelta::Cost(_)
                | StreamDelta::Media
                | StreamDelta::ServerTool { .. } => {}
            }
            let is_empty = matches!(&delta, StreamDelta::Text(text) | StreamDelta::Reasoning(text) | StreamDelta::Refusal(text) if text.is_empty());
            if !is_empty {
                deltas.push(delta);
            }
        }
    }

    /// Replaces the pending surrogates, which will not get their other half.
    pub fn give_up(&mut self) -> Vec<StreamDelta> {
        let lost = || LOST.to_string();
        let delta = |(channel, _)| match channel {
            Channel::Text => Some(StreamDelta::Text(lost())),
            Channel::Reasoning => Some(StreamDelta::Reasoning(lost())),
            Channel::Refusal => Some(StreamDelta::Refusal(lost())),
            Channel::Arguments(index) => Some(StreamDelta::ToolCall {
                index: Some(index),
                id: None,
                name: None,
                arguments: lost(),
                state: None,
            }),
            Channel::State(_) => None,
        };
        self.waiting.drain(..).filter_map(delta).collect()
    }

    fn join_text(&mut self, channel: Channel, text: &mut String) {
        let waiting = self.waiting.iter().position(|(other, _)| *other == channel);
        if text.is_empty() || (waiting.is_none() && !text.contains(MARK)) {
            return;
        }
        let before = waiting.map(|at| self.waiting.swap_remove(at).1);
        let (joined, after) = joined(before, text);
        *text = joined;
        self.waiting.extend(after.map(|half| (channel, half)));
    }

    fn join_state(&mut self, state: &mut Value) {
        // The index of the reasoning block.
        let number = ["index", "block"].map(|field| state[field].as_u64());
        self.join_value(&format!("{number:?}"), state);
    }

    fn join_value(&mut self, place: &str, value: &mut Value) {
        match value {
            Value::String(text) => self.join_text(Channel::State(place.to_owned()), text),
            Value::Array(list) => {
                for (at, value) in list.iter_mut().enumerate() {
                    self.join_value(&format!("{place}/{at}"), value);
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.join_value(&format!("{place}/{name}"), value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Repeated content came whole.
fn settle_again(said: &mut StreamDelta) {
    match said {
        StreamDelta::Text(text) | StreamDelta::Reasoning(text) | StreamDelta::Refusal(text) => {
            *text = settled(text)
        }
        StreamDelta::State(state) => SurrogateJoiner::default().join_state(state),
        _ => {}
    }
}

/// A text without a continuation.
fn settled(text: &str) -> String {
    let (mut text, after) = joined(None, text);
    text.extend(after.map(|_| LOST));
    text
}

/// The text with characters in place of marks, after the pending surrogate `before`; and the surrogate at its end.
fn joined(before: Option<u32>, text: &str) -> (String, Option<u32>) {
    let mut joined = String::with_capacity(text.len() + 4);
    let mut waits = before;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let half = match char {
            MARK => chars
                .next_if(|sign| half_of(*sign).is_some())
                .and_then(half_of),
            _ => None,
        };
        let high = waits.take();
        match (high, half) {
            (Some(high), Some(low)) if LOW.contains(&low) => joined.extend(pair(high, low)),
            (high, half) => {
                joined.extend(high.map(|_| LOST));
                match half {
                    Some(half) if HIGH.contains(&half) => waits = Some(half),
                    Some(_) => joined.push(LOST),
                    None => joined.push(char),
                }
            }
        }
    }
    (joined, waits)
}

fn half_of(sign: char) -> Option<u32> {
    let half = u32::from(sign).checked_sub(SIGNS)? + HIGH.start;
    (half < LOW.end).then_some(half)
}

fn pair(high: u32, low: u32) -> Option<char> {
    char::from_u32(0x1_0000 + ((high - HIGH.start) << 10) + (low - LOW.start))
}
