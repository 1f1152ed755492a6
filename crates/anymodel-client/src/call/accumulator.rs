//! Accumulator: joins the deltas of a streamed answer into one answer.

use super::tool_calls::ToolCallAccumulator;
use anymodel_providers::{Answer, RawUsage, StreamDelta};
use anymodel_types::Usage;
use serde_json::Value;

/// The part of an answer that has arrived so far.
#[derive(Debug, Default)]
pub(super) struct Accumulator {
    answer: Answer,
    reasoning: String,
    refusal: String,
    calls: ToolCallAccumulator,
    states: Vec<Value>,
    tokens: RawUsage,
    /// Whether only the beginning of a long text is kept.
    is_bounded: bool,
}

/// Bytes that are kept of a text whose caller has all of it: some streams are megabytes long, and there may be a thousand.
const KEPT: usize = 64 * 1024;

impl Accumulator {
    /// Of a raw stream: its caller has the bytes, so only the beginnings of its texts are kept.
    pub fn bounded() -> Self {
        Accumulator {
            is_bounded: true,
            ..Accumulator::default()
        }
    }

    /// The part of this delta that has not arrived yet.
    pub fn rest_of(&self, delta: StreamDelta) -> Option<StreamDelta> {
        let StreamDelta::Repeated(said) = delta else {
            return Some(delta);
        };
        match *said {
            StreamDelta::Text(text) => rest(&self.answer.text, text).map(StreamDelta::Text),
            StreamDelta::Reasoning(text) => rest(&self.reasoning, text).map(StreamDelta::Reasoning),
            StreamDelta::Refusal(text) => rest(&self.refusal, text).map(StreamDelta::Refusal),
            StreamDelta::State(_) if !self.states.is_empty() => None,
            other => Some(other),
        }
    }

    /// Adds a delta. Returns whether it is content: something that a caller may have seen.
    pub fn add(&mut self, delta: &StreamDelta) -> bool {
        match delta {
            StreamDelta::Id(id) => keep(&mut self.answer.id, id),
            StreamDelta::Model(model) => keep(&mut self.answer.model, model),
            StreamDelta::Text(text) => add_to(&mut self.answer.text, text, self.is_bounded),
            StreamDelta::Reasoning(text) => add_to(&mut self.reasoning, text, self.is_bounded),
            StreamDelta::Refusal(text) => add_to(&mut self.refusal, text, self.is_bounded),
            StreamDelta::ToolCall { .. } => return self.calls.add(delta),
            StreamDelta::ServerTool { index } => self.calls.begin_server_tool(*index),
            StreamDelta::Usage { .. } => self.tokens.add(RawUsage::of(delta).unwrap_or_default()),
            StreamDelta::Cost(cost) => self.answer.cost = Some(*cost),
            StreamDelta::Finish(reason) => self.answer.finish_reason = Some(reason.clone()),
            StreamDelta::State(state) => self.states.push(state.clone()),
            StreamDelta::Media => self.answer.is_wordless = true,
            StreamDelta::Repeated(_) => {}
        }
        matches!(
            delta,
            StreamDelta::Text(_)
                | StreamDelta::Reasoning(_)
                | StreamDelta::Refusal(_)
                | StreamDelta::Media
        )
    }

    /// The model that answers, once the stream has named it.
    pub fn model(&self) -> Option<&str> {
        self.answer.model.as_deref()
    }

    /// Whether this delta, the last one added, belongs to a call that the server runs itself and the caller does not get.
    pub fn is_server_tool(&self, delta: &StreamDelta) -> bool {
        matches!(delta, StreamDelta::ToolCall { .. }) && self.calls.was_server_tool()
    }

    pub fn text(&self) -> &str {
        &self.answer.text
    }

    /// Whether the stream has given a finish reason.
    pub fn is_finished(&self) -> bool {
        self.answer.finish_reason.is_some()
    }

    pub fn usage(&self) -> Option<Usage> {
        self.tokens.usage()
    }

    pub fn cost(&self) -> Option<rust_decimal::Decimal> {
        self.answer.cost
    }

    /// The answer. Whether it is complete is not checked here.
    pub fn into_answer(self) -> Answer {
        let some = |text: String| (!text.is_empty()).then_some(text);
        Answer {
            reasoning: some(self.reasoning),
            refusal: some(self.refusal),
            tool_calls: self.calls.into_calls(),
            usage: self.tokens.usage(),
            state: (!self.states.is_empty()).then_some(Value::Array(self.states)),
            ..self.answer
        }
    }
}

/// Adds to a text, of which only the beginning may be kept.
fn add_to(known: &mut String, more: &str, is_bounded: bool) {
    let room = match is_bounded {
        true => KEPT.saturating_sub(known.len()),
        false => more.len(),
    };
    known.push_str(&more[..more.floor_char_boundary(room)]);
}

/// What a text that is repeated from its beginning adds to what is known of it.
fn rest(known: &str, said: String) -> Option<String> {
    if known.trim() == said.trim() {
        return None;
    }
    let rest = said.strip_prefix(known).unwrap_or(&said);
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// Keeps a value that most servers repeat with each word, nearly always unchanged.
fn keep(known: &mut Option<String>, told: &str) {
    if known.as_deref() != Some(told) {
        *known = Some(told.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::tool_calls::tests::call;
    use proptest::prelude::*;

    fn assembled(deltas: &[StreamDelta]) -> Answer {
        let mut assembly = Accumulator::default();
        for delta in deltas {
            assembly.add(delta);
        }
        assembly.into_answer()
    }

    /// Deltas of an answer: text, reasoning, and the arguments of three calls, each delta with its kind.
    fn parts() -> impl Strategy<Value = Vec<(u8, String)>> {
        prop::collection::vec((0_u8..5, "\\PC{0,6}"), 0..60)
    }

    fn joined(parts: &[(u8, String)], kind: u8) -> String {
        let of_kind = parts.iter().filter(|(other, _)| *other == kind);
        of_kind.map(|(_, text)| text.as_str()).collect()
    }

    proptest! {
        #[test]
        fn pieces_in_any_order_make_the_same_answer(parts in parts(), named_at in 0_usize..60) {
            // The id and the name of each call come with any one of its deltas.
            let mut deltas = Vec::new();
            let mut seen = [0; 3];
            for (kind, text) in &parts {
                deltas.push(match kind {
                    0 => StreamDelta::Text(text.clone()),
                    1 => StreamDelta::Reasoning(text.clone()),
                    kind => {
                        let index = usize::from(kind - 2);
                        let named = seen[index] == named_at % 4;
                        seen[index] += 1;
                        match named {
                            true => call(Some(index), &format!("call_{index}"), "f", text),
                            false => call(Some(index), "", "", text),
                        }
                    }
                });
            }
            let answer = assembled(&deltas);
            prop_assert_eq!(&answer.text, &joined(&parts, 0));
            prop_assert_eq!(answer.reasoning.unwrap_or_default(), joined(&parts, 1));
            let mut expected: Vec<_> = (2..5).filter(|kind| parts.iter().any(|(other, _)| other == kind)).map(|kind| joined(&parts, kind)).collect();
            let mut got: Vec<_> = answer.tool_calls.into_iter().map(|call| call.arguments).collect();
            expected.sort();
            got.sort();
            prop_assert_eq!(got, expected);
        }
    }
}
