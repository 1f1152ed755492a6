//! Conversation history in the order that every host requires: each tool call has a unique id, and its result follows
//! directly.
//!
//! Hosts refuse a conversation that has a call without a result, a result without a call, or two calls with one id. They
//! then refuse every later request of it, too. So, just before a request is sent:
//!
//! - calls with the same id, or with none, get different ids; their results follow them, in order
//! - a result that stands later is moved behind its call
//! - a call without a result, and a result without a call, are removed; no replacement is invented

use std::collections::HashSet;

use super::tool_calls::unique;
use anymodel_types::{Message, Role};

/// Whether a conversation is already in order.
pub(super) fn is_in_order(messages: &[Message]) -> bool {
    let mut ids = HashSet::new();
    let mut open: HashSet<&str> = HashSet::new();
    for message in messages {
        let answers = message.tool_call_id.as_deref().unwrap_or_default();
        match message.role {
            Role::Tool if !open.remove(answers) => return false,
            Role::Tool => {}
            _ if !open.is_empty() => return false,
            Role::Assistant => {
                for call in &message.tool_calls {
                    if call.id.is_empty() || !ids.insert(call.id.as_str()) {
                        return false;
                    }
                    open.insert(&call.id);
                }
            }
            _ => {}
        }
    }
    open.is_empty()
}

/// The conversation in the required order.
pub(super) fn ordered(messages: &[Message]) -> Vec<Message> {
    let mut ordered = Vec::with_capacity(messages.len());
    let mut taken = HashSet::new();
    let mut used = HashSet::new();
    for (at, message) in messages.iter().enumerate() {
        match message.role {
            // Results are already placed behind their calls.
            Role::Tool => {}
            Role::Assistant if !message.tool_calls.is_empty() => {
                let mut said = message.clone();
                said.tool_calls.clear();
                let mut results = Vec::new();
                for (number, call) in message.tool_calls.iter().enumerate() {
                    let Some(found) = result_of(&call.id, messages, at, &used) else {
                        continue;
                    };
                    used.insert(found);
                    let mut call = call.clone();
                    call.id = unique(&call.id, number, &mut taken);
                    results.push(Message {
                        tool_call_id: Some(call.id.clone()),
                        ..messages[found].clone()
                    });
                    said.tool_calls.push(call);
                }
                let silent = said.tool_calls.is_empty() && said.content.trim().is_empty();
                if !silent {
                    ordered.push(said);
                }
                ordered.append(&mut results);
            }
            _ => ordered.push(message.clone()),
        }
    }
    ordered
}

/// The index of a call's result: the first unused one before another turn has a call with the same id.
fn result_of(id: &str, messages: &[Message], at: usize, used: &HashSet<usize>) -> Option<usize> {
    for (place, message) in messages.iter().enumerate().skip(at + 1) {
        let answers = message.tool_call_id.as_deref().unwrap_or_default();
        if message.role == Role::Tool && answers == id && !used.contains(&place) {
            return Some(place);
        }
        if message.tool_calls.iter().any(|call| call.id == id) {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use anymodel_types::ToolCall;
    use proptest::prelude::*;

    fn calling(ids: &[&str]) -> Message {
        Message {
            tool_calls: ids.iter().map(|id| ToolCall::new(*id, "f", "{}")).collect(),
            ..Message::assistant("")
        }
    }

    /// A conversation as letters: the role, the ids of calls, the id that a result belongs to.
    fn written(messages: &[Message]) -> String {
        let words = messages.iter().map(|message| {
            let ids: Vec<&str> = message
                .tool_calls
                .iter()
                .map(|call| call.id.as_str())
                .collect();
            match message.role {
                Role::Tool => format!(
                    "{}={}",
                    message.tool_call_id.as_deref().unwrap_or_default(),
                    message.content
                ),
                Role::Assistant => format!("[{}{}]", message.content, ids.join(",")),
                _ => message.content.clone(),
            }
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn results_follow_their_calls_and_what_has_no_counterpart_is_left_out() {
        for (messages, expected) in [
            // Two calls with one id: the results keep their order.
            (
                vec![
                    calling(&["a", "a"]),
                    Message::tool("a", "1"),
                    Message::tool("a", "2"),
                ],
                "[a,a_2] a=1 a_2=2",
            ),
            // Without an id.
            (
                vec![
                    calling(&["", ""]),
                    Message::tool("", "1"),
                    Message::tool("", "2"),
                ],
                "[call_0,call_1] call_0=1 call_1=2",
            ),
            // The same id in two turns.
            (
                vec![
                    calling(&["a"]),
                    Message::tool("a", "1"),
                    calling(&["a"]),
                    Message::tool("a", "2"),
                ],
                "[a] a=1 [a_2] a_2=2",
            ),
            // A call without a result; then its id again, with one.
            (
                vec![
                    calling(&["a"]),
                    Message::user("so?"),
                    calling(&["a"]),
                    Message::tool("a", "2"),
                ],
                "so? [a] a=2",
            ),
            (
                vec![calling(&["a", "b"]), Message::tool("b", "2")],
                "[b] b=2",
            ),
            // A result without a call.
            (vec![Message::user("q"), Message::tool("x", "1")], "q"),
            // A message between call and result.
            (
                vec![
                    calling(&["a"]),
                    Message::user("well?"),
                    Message::tool("a", "1"),
                ],
                "[a] a=1 well?",
            ),
        ] {
            assert!(!is_in_order(&messages), "{expected}");
            assert_eq!(written(&ordered(&messages)), expected);
        }
    }

    fn turn() -> impl Strategy<Value = Message> {
        prop_oneof![
            "[pq]{1,2}".prop_map(Message::user),
            "[pq]{0,2}".prop_map(Message::assistant),
            prop::collection::vec("[ab]?", 1..3)
                .prop_map(|ids| calling(&ids.iter().map(String::as_str).collect::<Vec<_>>())),
            ("[ab]?", "[12]").prop_map(|(id, result)| Message::tool(id, result)),
        ]
    }

    proptest! {
        #[test]
        fn any_conversation_comes_into_an_order_that_stays(messages in prop::collection::vec(turn(), 0..12)) {
            let once = ordered(&messages);
            prop_assert!(is_in_order(&once), "{}", written(&once));
            prop_assert_eq!(&ordered(&once), &once);
            if is_in_order(&messages) {
                prop_assert_eq!(&once, &messages);
            }
        }
    }
}
