//! Completeness check: one place that decides for all platforms whether an answer is complete.
//!
//! Only a short list of finish reasons (`chat/finish.rs`) means a complete answer. A cut, a filter and a pause pass with
//! their reason, so that the caller can continue from the partial text. Any other reason is an error that names it.

use serde_json::Value;

use super::tool_calls::normalize;
use super::{Answer, PlatformError, PlatformResult, error_response};
use anymodel_types::{ErrorKind, FinishReason, words};

/// Finish reasons for an interruption by the server or a service behind it: a retry may succeed. Sources: DeepSeek's,
/// GLM's and watsonx's references, Google's `FinishReason`, and the reasons that vLLM's and SGLang's servers give for an
/// aborted request; read in 2026.
const BROKE_OFF: [&str; 11] = [
    "error",
    "insufficient_system_resource",
    "network_error",
    "abort",
    "aborted",
    "cancelled",
    "other",
    "error_limit",
    "time_limit",
    "timeout",
    "user_cancel",
];
/// Google's finish reasons for model output that cannot be parsed.
const UNREADABLE: [&str; 4] = [
    "malformed_function_call",
    "unexpected_tool_call",
    "malformed_response",
    "too_many_tool_calls",
];
/// Google's newer filter reasons, which leave no usable text.
const REFUSED: [&str; 3] = [
    "model_armor",
    "image_prohibited_content",
    "image_recitation",
];

/// Returns a complete answer, and turns any other into an error.
///
/// # Errors
/// A [`PlatformError`] for an answer that is empty, was refused, or ended with an error. It keeps the usage and the cost.
pub fn check_complete(answer: Answer) -> PlatformResult<Answer> {
    let mut answer = answer;
    answer.tool_calls = normalize(std::mem::take(&mut answer.tool_calls));
    let silent = is_silent(&answer) && !answer.is_wordless;
    let failed = |failure: PlatformError| {
        Err(Box::new(PlatformError {
            usage: answer.usage,
            cost: answer.cost,
            ..failure
        }))
    };
    let pauses = answer
        .finish_reason
        .as_ref()
        .is_some_and(FinishReason::is_pause);
    if let Some(FinishReason::Other(word)) = &answer.finish_reason
        && (silent || !pauses)
    {
        return failed(bad_end(word, &answer));
    }
    let filtered = answer.finish_reason == Some(FinishReason::ContentFilter);
    if silent && (filtered || answer.refusal.is_some()) {
        let words = answer
            .refusal
            .as_deref()
            .unwrap_or_else(|| words::answers().filter_withheld_the_answer());
        return failed(PlatformError::new(
            ErrorKind::ContentRefused,
            error_response::clean(words),
        ));
    }
    if silent && answer.finish_reason != Some(FinishReason::Length) {
        return failed(PlatformError::bad_reply(words::answers().answer_is_empty()));
    }
    // Google and local servers end a tool call with the finish reason of a text.
    if answer.finish_reason == Some(FinishReason::Stop) && !answer.tool_calls.is_empty() {
        answer.finish_reason = Some(FinishReason::ToolCalls);
    }
    Ok(answer)
}

/// An empty answer: the same body may contain the cause.
///
/// # Errors
/// A [`PlatformError`] with that cause.
pub(super) fn or_its_cause(answer: Answer, body: &str) -> PlatformResult<Answer> {
    let explained =
        || answer.refusal.is_some() || answer.finish_reason == Some(FinishReason::Length);
    if !is_silent(&answer) || answer.is_wordless || explained() {
        return Ok(answer);
    }
    let failure = error_response::instead_of_answer(body, "");
    match failure.message.is_empty() {
        true => Ok(answer),
        false => Err(Box::new(PlatformError {
            usage: answer.usage,
            cost: answer.cost,
            ..failure
        })),
    }
}

/// The refusal text for an answer that was withheld with this finish reason, in the platform's own words.
pub(super) fn withheld(word: Option<&str>, said: Option<&Value>) -> Option<String> {
    let word = word?;
    let said = said.and_then(error_response::said);
    match FinishReason::parse(word)? {
        FinishReason::ContentFilter => Some(match said {
            Some(said) => format!(
                "{}: {said}",
                words::answers().filter_withheld_the_answer_for(&word)
            ),
            None => words::answers().filter_withheld_the_answer_for(&word),
        }),
        FinishReason::Other(_) => said,
        _ => None,
    }
}

fn is_silent(answer: &Answer) -> bool {
    answer.text.is_empty() && answer.tool_calls.is_empty()
}

/// The failure for an unknown or bad finish reason, which the message names.
fn bad_end(word: &str, answer: &Answer) -> PlatformError {
    let said = answer.refusal.as_deref().map(|said| format!(": {said}"));
    let said = said.unwrap_or_default();
    let known = word.trim().to_lowercase();
    let is_one_of = |words: &[&str]| words.contains(&known.as_str());
    let (kind, message) = match answer.text.chars().count() {
        _ if known == "error" => (
            ErrorKind::Server,
            words::answers().model_broke_off_with_an_error().to_owned(),
        ),
        _ if is_one_of(&BROKE_OFF) => (ErrorKind::Server, words::answers().model_broke_off(&word)),
        _ if is_one_of(&UNREADABLE) => {
            (ErrorKind::BadReply, words::answers().model_broke_off(&word))
        }
        _ if is_one_of(&REFUSED) => (
            ErrorKind::ContentRefused,
            words::answers().filter_withheld_the_answer_for(&word),
        ),
        0 => (
            ErrorKind::BadReply,
            words::answers().answer_is_empty_and_its_end_is(&word),
        ),
        so_far => (
            ErrorKind::BrokenStream,
            words::answers().answer_ended_after_characters(&so_far, &word),
        ),
    };
    let may_mend = is_one_of(&BROKE_OFF) || is_one_of(&UNREADABLE);
    PlatformError {
        // The meaning of an unknown reason is not known. A retry could cost money each time, so it is not allowed.
        may_retry: (!may_mend).then_some(false),
        ..PlatformError::new(kind, error_response::clean(&format!("{message}{said}")))
    }
}
