//! Decoding of one chunk: one event of a streamed chat completion.

use super::completion::{Completion, Message};
use super::content;
use super::reasoning::SavedReasoning;
use super::tool_calls;
use crate::adapter::read_json;
use crate::completeness::withheld;
use crate::{PlatformResult, StreamDelta, error_response};
use anymodel_types::FinishReason;

/// Decodes one event; `is_raw` means that the caller gets its bytes, too. An error inside the stream comes under HTTP 200, beside the choices, in one of them, or alone.
pub(super) fn read(
    name: &str,
    data: &str,
    is_raw: bool,
    deltas: &mut Vec<StreamDelta>,
) -> PlatformResult<()> {
    if error_response::names_an_error(name) {
        return Err(Box::new(error_response::in_event(data)));
    }
    let chunk: Completion = read_json(data)?;
    if chunk.choices.as_ref().is_none_or(Vec::is_empty)
        && let Some(failure) = error_response::in_other_event(name, data)
    {
        return Err(Box::new(failure));
    }
    deltas.extend(chunk.id.map(StreamDelta::Id));
    deltas.extend(
        chunk
            .model
            .filter(|model| !model.is_empty())
            .map(StreamDelta::Model),
    );
    // Several choices are parts of one answer, as in `wire`: this crate never requests several answers.
    let (of_groq, error_of_groq) = chunk.x_groq.map(|groq| groq.parts()).unwrap_or_default();
    let mut usage = chunk.usage.or(of_groq);
    let (mut finish, mut inner_error) = (None, None);
    for (at, mut choice) in chunk.choices.into_iter().flatten().enumerate() {
        let counted = choice.index.and_then(|index| usize::try_from(index).ok());
        let (delta, is_whole) = choice.said();
        let first = deltas.len();
        // Whose caller does not get the bytes has nothing of it.
        deltas.extend((is_raw && delta.has_media()).then_some(StreamDelta::Media));
        read_delta(delta, counted.unwrap_or(at), deltas);
        if is_whole {
            deltas.iter_mut().skip(first).for_each(say_again);
        }
        let says = |word: &String| FinishReason::parse(word).is_some();
        finish = finish.or(choice.finish_reason.filter(says));
        inner_error = inner_error.or(choice.error);
        usage = usage.or(choice.usage);
    }
    if let Some(usage) = usage {
        deltas.extend(usage.cost.map(StreamDelta::Cost));
        deltas.push(usage.tokens().into_delta());
    }
    let inner = error_response::beside(inner_error, None, None);
    if let Some(error) =
        error_response::beside(chunk.error, chunk.base_resp, error_of_groq).or(inner)
    {
        return Err(Box::new(error_response::read_error(None, &error)));
    }
    deltas.extend(withheld(finish.as_deref(), None).map(StreamDelta::Refusal));
    let finish = finish.as_deref().and_then(FinishReason::parse);
    deltas.extend(finish.map(StreamDelta::Finish));
    Ok(())
}

/// Marks a delta that may repeat earlier content.
fn say_again(delta: &mut StreamDelta) {
    let is_said_in_pieces = matches!(
        delta,
        StreamDelta::Text(_)
            | StreamDelta::Reasoning(_)
            | StreamDelta::Refusal(_)
            | StreamDelta::State(_)
    );
    if is_said_in_pieces {
        *delta = StreamDelta::Repeated(Box::new(delta.clone()));
    }
}

/// Decodes the delta of one choice; `choice` is its index.
fn read_delta(delta: Message, choice: usize, deltas: &mut Vec<StreamDelta>) {
    let content = content::read(delta.content.as_ref(), delta.extra_content.as_ref());
    let thoughts = SavedReasoning {
        reasoning: delta.reasoning.or(delta.reasoning_text).or(delta.thinking),
        reasoning_content: delta.reasoning_content,
        details: delta.reasoning_details,
        extra: delta.extra_content,
        in_content: content.thoughts,
    };
    deltas.extend(thoughts.kept().into_iter().map(StreamDelta::State));
    deltas.extend(thoughts.words().map(StreamDelta::Reasoning));
    let said = |text: String| (!text.is_empty()).then_some(text);
    deltas.extend(said(content.text).map(StreamDelta::Text));
    let refusal = delta.refusal.and_then(said).or(said(content.refusal));
    deltas.extend(refusal.map(StreamDelta::Refusal));
    let calls = tool_calls::read(delta.tool_calls, delta.function_call).into_iter();
    deltas.extend(calls.map(|call| call.into_delta(choice)));
}
