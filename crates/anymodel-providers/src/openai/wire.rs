//! Decoding of a whole chat completion into an [`Answer`].

use serde_json::Value;

use super::completion::{Choice, Completion};
use super::content;
use super::reasoning::SavedReasoning;
use super::tool_calls::{self, WireCall};
use crate::completeness::withheld;
use crate::{Answer, PlatformError, PlatformResult, error_response};
use anymodel_types::FinishReason;

impl Completion {
    /// The answer in the body, or the error that came under HTTP 2xx.
    pub(super) fn into_answer(self, body: &str) -> PlatformResult<Answer> {
        let (of_groq, error_of_groq) = self.x_groq.map(|groq| groq.parts()).unwrap_or_default();
        let usage = self.usage.or(of_groq);
        let cost = usage.as_ref().and_then(|usage| usage.cost);
        let usage = usage.and_then(|usage| usage.tokens().usage());
        let failed = |failure: PlatformError| {
            Box::new(PlatformError {
                usage,
                cost,
                ..failure
            })
        };
        let Some((choice, calls)) = merged(self.choices.into_iter().flatten()) else {
            let missing = "the answer holds no choices";
            return Err(failed(error_response::instead_of_answer(body, missing)));
        };
        let inner = error_response::beside(choice.error, None, None);
        if let Some(error) =
            error_response::beside(self.error, self.base_resp, error_of_groq).or(inner)
        {
            return Err(failed(error_response::read_error(None, &error)));
        }
        let message = choice.delta.unwrap_or_default();
        let is_wordless = message.has_media();
        let content = content::read(message.content.as_ref(), message.extra_content.as_ref());
        let thoughts = SavedReasoning {
            reasoning: message
                .reasoning
                .or(message.reasoning_text)
                .or(message.thinking),
            reasoning_content: message.reasoning_content,
            details: message.reasoning_details,
            extra: message.extra_content,
            in_content: content.thoughts,
        };
        let state = thoughts.kept();
        Ok(Answer {
            id: self.id,
            model: self.model,
            text: content.text,
            reasoning: thoughts.words(),
            tool_calls: calls
                .into_iter()
                .filter(|call| !call.is_server_tool())
                .map(WireCall::into_call)
                .collect(),
            refusal: message
                .refusal
                .or((!content.refusal.is_empty()).then_some(content.refusal))
                .or_else(|| withheld(choice.finish_reason.as_deref(), None)),
            finish_reason: choice
                .finish_reason
                .as_deref()
                .and_then(FinishReason::parse),
            usage,
            cost,
            state: (!state.is_empty()).then_some(Value::Array(state)),
            is_wordless,
            raw: None,
        })
    }
}

/// Merges all choices into one, with its message in the field for deltas, and its calls. No request asks for several
/// answers, so every choice is a part of one answer: Copilot writes Claude's text into the first choice, and its calls into
/// the next.
fn merged(choices: impl Iterator<Item = Choice>) -> Option<(Choice, Vec<WireCall>)> {
    let mut merged: Option<Choice> = None;
    let mut calls = Vec::new();
    for mut choice in choices {
        let (said, _) = choice.said();
        let message = choice.delta.insert(said);
        calls.extend(tool_calls::read(
            message.tool_calls.take(),
            message.function_call.take(),
        ));
        match &mut merged {
            Some(first) => first.add(choice),
            None => merged = Some(choice),
        }
    }
    Some((merged?, calls))
}

impl Choice {
    /// Adds the fields that are still missing.
    fn add(&mut self, other: Choice) {
        let into = self.delta.get_or_insert_default();
        let from = other.delta.unwrap_or_default();
        if content::read(into.content.as_ref(), None).is_empty() {
            into.content = from.content;
        }
        into.audio |= from.audio;
        into.images |= from.images;
        into.refusal = into.refusal.take().or(from.refusal);
        into.reasoning = into.reasoning.take().or(from.reasoning);
        into.reasoning_content = into.reasoning_content.take().or(from.reasoning_content);
        into.reasoning_details = into.reasoning_details.take().or(from.reasoning_details);
        self.finish_reason = self.finish_reason.take().or(other.finish_reason);
        self.error = self.error.take().or(other.error);
    }
}
