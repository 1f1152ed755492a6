//! One event of a streamed chat completion.

use serde::Deserialize;
use serde_json::Value;

use super::content;
use super::thoughts::Thoughts;
use super::tool_calls::{self, WireFunction};
use super::usage::{Groq, WireUsage};
use crate::chat::FinishReason;
use crate::platform::adapter::read_json;
use crate::platform::lenient::{count, lenient, list, object, object_or_text, reason, word};
use crate::platform::whole::withheld;
use crate::platform::{Outcome, Piece, fault};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chunk {
    #[serde(deserialize_with = "word")]
    id: Option<String>,
    #[serde(deserialize_with = "word")]
    model: Option<String>,
    #[serde(deserialize_with = "list")]
    choices: Option<Vec<Choice>>,
    #[serde(deserialize_with = "object")]
    usage: Option<WireUsage>,
    #[serde(deserialize_with = "lenient")]
    x_groq: Option<Groq>,
    #[serde(deserialize_with = "lenient")]
    error: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    base_resp: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    /// Moonshot writes it here.
    #[serde(deserialize_with = "lenient")]
    usage: Option<WireUsage>,
    #[serde(deserialize_with = "count")]
    index: Option<u64>,
    #[serde(deserialize_with = "object_or_text")]
    delta: Option<Delta>,
    /// Servers that cannot stream put the whole message into one event.
    #[serde(deserialize_with = "object_or_text")]
    message: Option<Delta>,
    /// The form of before chat completions.
    #[serde(deserialize_with = "word")]
    text: Option<String>,
    #[serde(deserialize_with = "reason")]
    finish_reason: Option<String>,
    #[serde(deserialize_with = "lenient")]
    error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    refusal: Option<String>,
    #[serde(deserialize_with = "word")]
    reasoning: Option<String>,
    #[serde(deserialize_with = "word")]
    reasoning_content: Option<String>,
    /// Other names for thoughts: Copilot's, and Ollama's own.
    #[serde(deserialize_with = "word")]
    reasoning_text: Option<String>,
    #[serde(deserialize_with = "word")]
    thinking: Option<String>,
    #[serde(deserialize_with = "lenient")]
    reasoning_details: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    tool_calls: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    function_call: Option<WireFunction>,
    #[serde(deserialize_with = "lenient")]
    extra_content: Option<Value>,
}

impl From<String> for Delta {
    fn from(text: String) -> Self {
        Delta {
            content: Some(text.into()),
            ..Delta::default()
        }
    }
}

impl Delta {
    fn says_nothing(&self) -> bool {
        let content = match &self.content {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty(),
            Some(_) => false,
        };
        content && self.tool_calls.is_none() && self.function_call.is_none()
    }
}

impl Choice {
    /// What it says, wherever it stands, and whether that is the whole answer so far: MiniMax ends a stream with it, and
    /// Perplexity writes it beside each delta.
    fn said(&mut self) -> (Delta, bool) {
        let is_beside = self.delta.is_some();
        let said = self.delta.take().unwrap_or_default();
        if !said.says_nothing() {
            return (said, false);
        }
        match (self.message.take(), self.text.take()) {
            (Some(whole), _) => (whole, is_beside || self.finish_reason.is_some()),
            (None, Some(text)) if !text.is_empty() => (
                Delta {
                    content: Some(text.into()),
                    ..said
                },
                false,
            ),
            _ => (said, false),
        }
    }
}

/// Reads one event. An error inside the stream comes after HTTP 200, beside the choices, in one of them, or alone.
pub(super) fn read(name: &str, data: &str, pieces: &mut Vec<Piece>) -> Outcome<()> {
    if fault::names_an_error(name) {
        return Err(Box::new(fault::in_event(data)));
    }
    let chunk: Chunk = read_json(data)?;
    if chunk.choices.as_ref().is_none_or(Vec::is_empty)
        && let Some(failure) = fault::in_other_event(name, data)
    {
        return Err(Box::new(failure));
    }
    pieces.extend(chunk.id.map(Piece::Id));
    pieces.extend(
        chunk
            .model
            .filter(|model| !model.is_empty())
            .map(Piece::Model),
    );
    // Several choices are parts of one answer, as in `wire`: none of ours asks for several answers.
    let (of_groq, error_of_groq) = chunk.x_groq.map(Groq::parts).unwrap_or_default();
    let mut usage = chunk.usage.or(of_groq);
    let (mut finish, mut inner_error) = (None, None);
    for (at, mut choice) in chunk.choices.into_iter().flatten().enumerate() {
        let counted = choice.index.and_then(|index| usize::try_from(index).ok());
        let (delta, is_whole) = choice.said();
        let first = pieces.len();
        read_delta(delta, counted.unwrap_or(at), pieces);
        if is_whole {
            pieces.iter_mut().skip(first).for_each(say_again);
        }
        let says = |word: &String| FinishReason::parse(word).is_some();
        finish = finish.or(choice.finish_reason.filter(says));
        inner_error = inner_error.or(choice.error);
        usage = usage.or(choice.usage);
    }
    if let Some(usage) = usage {
        pieces.extend(usage.cost.map(Piece::Cost));
        pieces.push(usage.tokens().piece());
    }
    let inner = fault::beside(inner_error, None, None);
    if let Some(error) = fault::beside(chunk.error, chunk.base_resp, error_of_groq).or(inner) {
        return Err(Box::new(fault::read_error(None, &error)));
    }
    pieces.extend(withheld(finish.as_deref(), None).map(Piece::Refusal));
    let finish = finish.as_deref().and_then(FinishReason::parse);
    pieces.extend(finish.map(Piece::Finish));
    Ok(())
}

/// Marks what may have come before.
fn say_again(piece: &mut Piece) {
    let is_said_in_pieces = matches!(
        piece,
        Piece::Text(_) | Piece::Reasoning(_) | Piece::Refusal(_) | Piece::State(_)
    );
    if is_said_in_pieces {
        *piece = Piece::Again(Box::new(piece.clone()));
    }
}

/// Reads the piece of an answer that one choice brings; `choice` is its number.
fn read_delta(delta: Delta, choice: usize, pieces: &mut Vec<Piece>) {
    let content = content::read(delta.content.as_ref(), delta.extra_content.as_ref());
    let thoughts = Thoughts {
        reasoning: delta.reasoning.or(delta.reasoning_text).or(delta.thinking),
        reasoning_content: delta.reasoning_content,
        details: delta.reasoning_details,
        extra: delta.extra_content,
        in_content: content.thoughts,
    };
    pieces.extend(thoughts.kept().into_iter().map(Piece::State));
    pieces.extend(thoughts.words().map(Piece::Reasoning));
    let said = |text: String| (!text.is_empty()).then_some(text);
    pieces.extend(said(content.text).map(Piece::Text));
    let refusal = delta.refusal.and_then(said).or(said(content.refusal));
    pieces.extend(refusal.map(Piece::Refusal));
    let calls = tool_calls::read(delta.tool_calls, delta.function_call).into_iter();
    pieces.extend(calls.map(|call| call.into_piece(choice)));
}
