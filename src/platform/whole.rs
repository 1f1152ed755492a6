//! Tells a whole answer from everything else that looks like one, in one place for all platforms.

use super::tool_calls::settle;
use super::{Answer, Failure, Outcome};
use crate::chat::FinishReason;
use crate::failure::ErrorKind;

/// Words for an end that came too early. Sources: DeepSeek's and GLM's references, Google's `FinishReason`, and what
/// vLLM's and SGLang's servers say of a request that was given up; read in 2026.
const BROKE_OFF: [&str; 8] = [
    "error",
    "insufficient_system_resource",
    "network_error",
    "abort",
    "aborted",
    "other",
    "malformed_function_call",
    "unexpected_tool_call",
];
/// Words for an end by a filter: GLM's, and Bedrock's.
const FILTERED: [&str; 2] = ["sensitive", "guardrail_intervened"];

/// Lets a whole answer pass.
///
/// # Errors
/// A [`Failure`] for an answer that is empty, was refused, or ended with an error. What it cost stays with it.
pub(crate) fn whole(answer: Answer) -> Outcome<Answer> {
    let mut answer = answer;
    answer.tool_calls = settle(std::mem::take(&mut answer.tool_calls));
    let (usage, cost) = (answer.usage, answer.cost);
    let failed = |kind, message: &str| {
        Err(Box::new(Failure {
            usage,
            cost,
            ..Failure::new(kind, message)
        }))
    };
    if let Some(FinishReason::Other(word)) = &answer.finish_reason {
        let word = word.to_lowercase();
        if BROKE_OFF.contains(&word.as_str()) {
            let message = match word.as_str() {
                "error" => "the model broke off with an error".to_owned(),
                word => format!("the model broke off: {word}"),
            };
            // A call of a function that cannot be read is the model's fault, not its server's.
            let kind = match word.contains("call") {
                true => ErrorKind::BadReply,
                false => ErrorKind::Server,
            };
            return failed(kind, &message);
        }
        if FILTERED.contains(&word.as_str()) {
            answer.finish_reason = Some(FinishReason::ContentFilter);
        }
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
