//! Tells a whole answer from everything else that looks like one, in one place for all platforms.

use super::{Answer, Failure, Outcome};
use crate::chat::FinishReason;
use crate::failure::ErrorKind;

/// Lets a whole answer pass.
///
/// # Errors
/// A [`Failure`] for an answer that is empty, was refused, or ended with an error. What it cost stays with it.
pub(crate) fn whole(answer: Answer) -> Outcome<Answer> {
    let mut answer = answer;
    let (usage, cost) = (answer.usage, answer.cost);
    let failed = |kind, message: &str| {
        Err(Box::new(Failure {
            usage,
            cost,
            ..Failure::new(kind, message)
        }))
    };
    if matches!(&answer.finish_reason, Some(FinishReason::Other(word)) if word == "error") {
        return failed(ErrorKind::Server, "the model broke off with an error");
    }
    let silent = answer.text.is_empty() && answer.tool_calls.is_empty();
    let filtered = answer.finish_reason == Some(FinishReason::ContentFilter);
    if silent && (filtered || answer.refusal.is_some()) {
        let words = answer
            .refusal
            .as_deref()
            .unwrap_or("a filter withheld the answer");
        return failed(ErrorKind::ContentRefused, words);
    }
    if silent && answer.finish_reason != Some(FinishReason::Length) {
        return failed(ErrorKind::BadReply, "the answer is empty");
    }
    // Google and local servers end a call of a function as they end a text.
    if answer.finish_reason == Some(FinishReason::Stop) && !answer.tool_calls.is_empty() {
        answer.finish_reason = Some(FinishReason::ToolCalls);
    }
    Ok(answer)
}
