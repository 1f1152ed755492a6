//! Checker of lesson 8: an answer in a foreign format.

use super::Verdict;
use super::tried::tried_on;
use super::verdict::{Cases, failed};
use anymodel_providers::{Answer, PlatformResult};
use anymodel_types::FinishReason;

/// Bolt's bodies; the text in each, and its finish reason. Without a text the body cannot be decoded.
const BODIES: [(&str, &str, Option<&str>, Option<FinishReason>); 7] = [
    (
        "one part",
        r#"{"reply": {"parts": ["Hello."]}, "end": "done"}"#,
        Some("Hello."),
        Some(FinishReason::Stop),
    ),
    (
        "several parts",
        r#"{"reply": {"parts": ["Hel", "lo", "."]}, "end": "done"}"#,
        Some("Hello."),
        Some(FinishReason::Stop),
    ),
    (
        "an answer that was too long",
        r#"{"reply": {"parts": ["Hel"]}, "end": "full"}"#,
        Some("Hel"),
        Some(FinishReason::Length),
    ),
    (
        "no end",
        r#"{"reply": {"parts": ["Hel"]}, "end": null}"#,
        Some("Hel"),
        None,
    ),
    (
        "fields that nobody knows",
        r#"{"version": 7, "reply": {"mood": "good", "parts": ["Hello."]}, "end": "done"}"#,
        Some("Hello."),
        Some(FinishReason::Stop),
    ),
    (
        "no parts",
        r#"{"reply": {}, "end": "done"}"#,
        Some(""),
        Some(FinishReason::Stop),
    ),
    ("a web page", "<html>Busy</html>", None, None),
];

/// Checks a function that decodes the whole answer of an invented vendor, Bolt: the text is in `reply.parts`, and `end` is
/// `done`, `full` or missing.
pub fn read_bolt(learner: fn(&str) -> PlatformResult<Answer>) -> Verdict {
    let mut cases = Cases::default();
    for (what, body, text, end) in BODIES {
        let said = match tried_on(what, || learner(body)) {
            Ok(said) => said,
            Err(reason) => return failed(reason),
        };
        match (said, text) {
            (Err(_), None) => cases.expect(true, String::new),
            (Ok(_), None) => cases.expect(false, || {
                format!("{what}: this is no answer of Bolt's, and should be an error")
            }),
            (Err(failure), Some(_)) => cases.expect(false, || {
                format!(
                    "{what}: this can be read, and the function says {}",
                    failure.message
                )
            }),
            (Ok(answer), Some(text)) => {
                cases.expect(answer.text == text, || {
                    format!(
                        "{what}: the text should be {text:?} and is {:?}",
                        answer.text
                    )
                });
                cases.expect(answer.finish_reason == end, || {
                    format!(
                        "{what}: the finish reason should be {end:?} and is {:?}",
                        answer.finish_reason
                    )
                });
            }
        }
    }
    cases.verdict()
}
