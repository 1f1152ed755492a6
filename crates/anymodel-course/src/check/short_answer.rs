//! Checker of lesson 1: a question with a system prompt.

use serde_json::Value;

use super::tried::tried;
use super::verdict::{Cases, failed, not_checked};
use super::{Verdict, sandbox};
use anymodel_client::{Chat, Client};

const QUESTIONS: [&str; 2] = ["What is recursion?", "什么是递归？"];

/// Checks a function that prepares a question for a help desk: one model, a system prompt, temperature 0, at most 60 tokens.
/// Nothing is sent.
pub fn short_answer(learner: fn(&Client, &str) -> Chat) -> Verdict {
    let client = match sandbox(0.0) {
        Ok(client) => client,
        Err(error) => return not_checked(&error),
    };
    let mut cases = Cases::default();
    for question in QUESTIONS {
        let chat = match tried(|| learner(&client, question)) {
            Ok(chat) => chat,
            Err(reason) => return failed(reason),
        };
        match chat.preview() {
            Ok(preview) => judge(&mut cases, &preview.body, question),
            Err(error) => cases.expect(false, || format!("this request cannot be sent: {error}")),
        }
    }
    cases.verdict()
}

fn judge(cases: &mut Cases, body: &Value, question: &str) {
    let first = &body["messages"][0];
    cases.expect(first["role"] == "system", || {
        "the first message should be standing orders: .system(\"…\")".to_owned()
    });
    let last = body["messages"].as_array().and_then(|all| all.last());
    let asked = last.is_some_and(|last| last["role"] == "user" && last["content"] == question);
    cases.expect(asked, || {
        format!("the last message should be the question itself, {question:?}: .user(question)")
    });
    cases.expect(body["temperature"] == 0.0, || {
        format!("the temperature should be 0 and is {}", body["temperature"])
    });
    cases.expect(body["max_tokens"] == 60, || {
        format!(
            "at most 60 tokens should be allowed, not {}",
            body["max_tokens"]
        )
    });
}
