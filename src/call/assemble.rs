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
        let known = index.and_then(|index| {
            self.calls
                .iter()
                .position(|(other, _)| *other == Some(index))
        });
        let at = known.unwrap_or_else(|| {
            self.calls.push((index, ToolCall::new("", "", "")));
            self.calls.len() - 1
        });
        let Some((_, call)) = self.calls.get_mut(at) else {
            return;
        };
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            call.id = id.to_owned();
        }
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            call.name = name.to_owned();
        }
        call.arguments.push_str(arguments);
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
