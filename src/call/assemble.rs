//! The pieces of a streamed answer → the answer.

use crate::chat::ToolCall;
use crate::platform::{Answer, Piece};
use crate::usage::Usage;
use serde_json::Value;

/// An answer as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    answer: Answer,
    reasoning: String,
    refusal: String,
    /// The calls of functions, each with the index that its pieces carry.
    calls: Vec<(Option<usize>, ToolCall)>,
    states: Vec<Value>,
    usage: Option<Usage>,
}

impl Assembly {
    /// Adds a piece; tells whether it is content: something that a caller may have seen.
    pub fn add(&mut self, piece: &Piece) -> bool {
        match piece {
            Piece::Id(id) => self.answer.id = Some(id.clone()),
            Piece::Model(model) => self.answer.model = Some(model.clone()),
            Piece::Text(text) => self.answer.text.push_str(text),
            Piece::Reasoning(text) => self.reasoning.push_str(text),
            Piece::Refusal(text) => self.refusal.push_str(text),
            Piece::ToolCall {
                index,
                id,
                name,
                arguments,
            } => self.add_call(*index, id.as_deref(), name.as_deref(), arguments),
            Piece::Usage { .. } => self.add_usage(piece),
            Piece::Cost(cost) => self.answer.cost = Some(*cost),
            Piece::Finish(reason) => self.answer.finish_reason = Some(reason.clone()),
            Piece::State(state) => self.states.push(state.clone()),
        }
        matches!(
            piece,
            Piece::Text(_) | Piece::Reasoning(_) | Piece::Refusal(_) | Piece::ToolCall { .. }
        )
    }

    /// The model that answers, once it has said so.
    pub fn model(&self) -> Option<&str> {
        self.answer.model.as_deref()
    }

    pub fn text(&self) -> &str {
        &self.answer.text
    }

    /// Whether the end was said.
    pub fn is_finished(&self) -> bool {
        self.answer.finish_reason.is_some()
    }

    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    pub fn cost(&self) -> Option<rust_decimal::Decimal> {
        self.answer.cost
    }

    /// The answer; whether it is whole is not judged here.
    pub fn into_answer(self) -> Answer {
        let some = |text: String| (!text.is_empty()).then_some(text);
        Answer {
            reasoning: some(self.reasoning),
            refusal: some(self.refusal),
            tool_calls: self.calls.into_iter().map(|(_, call)| call).collect(),
            usage: self.usage,
            state: (!self.states.is_empty()).then_some(Value::Array(self.states)),
            ..self.answer
        }
    }

    /// Id and name may come late, or only once; arguments come in pieces.
    fn add_call(
        &mut self,
        index: Option<usize>,
        id: Option<&str>,
        name: Option<&str>,
        arguments: &str,
    ) {
        let id = id.unwrap_or_default();
        let name = name.unwrap_or_default();
        let at = self.place_of(index, id, name).unwrap_or_else(|| {
            self.calls.push((index, ToolCall::new("", "", "")));
            self.calls.len() - 1
        });
        let Some((_, call)) = self.calls.get_mut(at) else {
            return;
        };
        if !id.is_empty() {
            call.id = id.to_owned();
        }
        if !name.is_empty() {
            call.name = name.to_owned();
        }
        call.arguments.push_str(arguments);
    }

    /// Which call a piece goes on with; none when it begins one.
    fn place_of(&self, index: Option<usize>, id: &str, name: &str) -> Option<usize> {
        let Some(index) = index else {
            // Servers that count nothing say the id again, or nothing at all.
            return match (id, name) {
                ("", "") => self.calls.len().checked_sub(1),
                ("", _) => None,
                _ => self.calls.iter().rposition(|(_, call)| call.id == id),
            };
        };
        let at = self
            .calls
            .iter()
            .rposition(|(other, _)| *other == Some(index))?;
        // Some servers count every call as the first: another id and a name begin another call.
        let begins_another = |known: &ToolCall| {
            !id.is_empty() && !name.is_empty() && !known.id.is_empty() && known.id != id
        };
        let (_, known) = self.calls.get(at)?;
        (!begins_another(known)).then_some(at)
    }

    fn add_usage(&mut self, piece: &Piece) {
        let Piece::Usage {
            prompt_tokens,
            completion_tokens,
            reasoning_tokens,
            cached_tokens,
        } = piece
        else {
            return;
        };
        if prompt_tokens.is_none() && completion_tokens.is_none() {
            return;
        }
        let usage = self.usage.get_or_insert_default();
        usage.prompt_tokens = prompt_tokens.unwrap_or(usage.prompt_tokens);
        usage.completion_tokens = completion_tokens.unwrap_or(usage.completion_tokens);
        usage.reasoning_tokens = reasoning_tokens.or(usage.reasoning_tokens);
        usage.cached_tokens = cached_tokens.or(usage.cached_tokens);
        usage.total_tokens = usage.prompt_tokens.saturating_add(usage.completion_tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn call(index: Option<usize>, id: &str, name: &str, arguments: &str) -> Piece {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Piece::ToolCall {
            index,
            id: some(id),
            name: some(name),
            arguments: arguments.to_owned(),
        }
    }

    fn assembled(pieces: &[Piece]) -> Answer {
        let mut assembly = Assembly::default();
        for piece in pieces {
            assembly.add(piece);
        }
        assembly.into_answer()
    }

    fn calls(pieces: &[Piece]) -> Vec<(String, String, String)> {
        let calls = assembled(pieces).tool_calls.into_iter();
        calls
            .map(|call| (call.id, call.name, call.arguments))
            .collect()
    }

    #[test]
    fn a_call_whose_number_and_name_come_late_is_one_call() {
        let pieces = [
            call(Some(0), "", "", "{\"a\""),
            call(Some(0), "", "add", ":1"),
            call(Some(0), "call_1", "", "}"),
        ];
        assert_eq!(
            calls(&pieces),
            [("call_1".into(), "add".into(), "{\"a\":1}".into())]
        );
    }

    #[test]
    fn calls_that_are_all_counted_as_the_first_are_kept_apart() {
        let pieces = [
            call(Some(0), "call_1", "add", "{\"a\":"),
            call(Some(0), "", "", "1}"),
            call(Some(0), "call_2", "add", "{\"a\":"),
            call(Some(0), "", "", "2}"),
        ];
        assert_eq!(
            calls(&pieces),
            [
                ("call_1".into(), "add".into(), "{\"a\":1}".into()),
                ("call_2".into(), "add".into(), "{\"a\":2}".into())
            ]
        );
    }

    #[test]
    fn calls_that_are_not_counted_go_on_by_their_number_or_with_the_last() {
        let pieces = [
            call(None, "call_1", "add", "{\"a\":"),
            call(None, "", "", "1}"),
            call(None, "call_2", "sub", "{"),
            call(None, "call_2", "", "}"),
        ];
        assert_eq!(
            calls(&pieces),
            [
                ("call_1".into(), "add".into(), "{\"a\":1}".into()),
                ("call_2".into(), "sub".into(), "{}".into())
            ]
        );
    }

    /// Pieces of an answer: text, thoughts, and the arguments of three calls, each piece with its kind.
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
            // Id and name of each call come with one of its pieces, whichever.
            let mut pieces = Vec::new();
            let mut seen = [0; 3];
            for (kind, text) in &parts {
                pieces.push(match kind {
                    0 => Piece::Text(text.clone()),
                    1 => Piece::Reasoning(text.clone()),
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
            let answer = assembled(&pieces);
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
