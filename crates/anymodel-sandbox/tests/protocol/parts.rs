//! Answers of any parts, in any order, for properties of what is written.

use anymodel_sandbox::protocol::{StreamWriter, ToolCallDelta};
use anymodel_types::FinishReason;
use proptest::prelude::*;
use serde_json::json;

use super::support::tokens;

/// A call: its id, name, and the pieces of its arguments.
pub fn call() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-z天\"]{0,4}", 0..4).prop_map(|pieces| {
        let text = json!({ "a": pieces }).to_string();
        let letters: Vec<char> = text.chars().collect();
        letters
            .chunks(3)
            .map(|piece| piece.iter().collect())
            .collect()
    })
}

/// What an answer is made of: texts, thoughts and calls whose pieces come in any order.
#[derive(Debug, Clone)]
pub enum Part {
    Text(String),
    Reasoning(String),
    /// The next piece of the call of this number.
    Call(usize),
    Ping,
}

pub fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        "[ -~\n\r天😀]{0,6}".prop_map(Part::Text),
        any::<String>().prop_map(Part::Reasoning),
        (0usize..3).prop_map(Part::Call),
        (0usize..3).prop_map(Part::Call),
        Just(Part::Ping),
    ]
}

/// Writes an answer; all calls are complete in it.
pub fn write(stream: &mut dyn StreamWriter, parts: &[Part], calls: &[Vec<String>]) -> String {
    let mut next = vec![0; calls.len()];
    let mut sent = String::new();
    let mut more = |stream: &mut dyn StreamWriter, at: usize| {
        let id = format!("call_{at}");
        let first = next[at] == 0;
        let Some(arguments) = calls[at].get(next[at]) else {
            return String::new();
        };
        next[at] += 1;
        stream.tool_call(&ToolCallDelta {
            index: at,
            id: first.then_some(&id),
            name: first.then_some("look"),
            arguments,
        })
    };
    for part in parts {
        sent += &match part {
            Part::Text(text) => stream.text(text),
            Part::Reasoning(text) => stream.reasoning(text),
            Part::Call(at) => more(stream, *at),
            Part::Ping => stream.ping(),
        };
    }
    for (at, pieces) in calls.iter().enumerate() {
        for _ in pieces {
            sent += &more(stream, at);
        }
    }
    stream.usage(tokens());
    sent + &stream.finish(&FinishReason::Stop)
}

pub fn text_of(parts: &[Part], wanted: impl Fn(&Part) -> Option<&str>) -> String {
    parts.iter().filter_map(wanted).collect()
}

pub fn said(part: &Part) -> Option<&str> {
    match part {
        Part::Text(text) => Some(text),
        _ => None,
    }
}

pub fn thought(part: &Part) -> Option<&str> {
    match part {
        Part::Reasoning(text) => Some(text),
        _ => None,
    }
}

pub fn whole(calls: &[Vec<String>]) -> Vec<String> {
    calls.iter().map(|pieces| pieces.concat()).collect()
}
