//! Tool call accumulator: joins the deltas of tool calls into calls, by their content.
//!
//! By the protocol, deltas with one index are one call. Servers break this rule: they give every call the first index, give
//! no index, give each delta another id, or send a name twice. So the content of the deltas decides: a call goes on until
//! its arguments are complete JSON, and another id or name after that begins another call.

use serde_json::Value;

use anymodel_providers::StreamDelta;
use anymodel_types::ToolCall;

/// The tool calls, as far as they have arrived.
#[derive(Debug, Default)]
pub(super) struct ToolCallAccumulator {
    calls: Vec<PartialCall>,
    was_the_servers: bool,
}

/// One tool call, as far as it has arrived.
#[derive(Debug)]
struct PartialCall {
    /// The index that its deltas carry.
    index: Option<usize>,
    call: ToolCall,
    json: JsonScanner,
    /// Whether the server runs it itself.
    is_the_servers: bool,
}

/// One delta of a tool call.
#[derive(Clone, Copy)]
struct CallDelta<'a> {
    index: Option<usize>,
    id: &'a str,
    name: &'a str,
    arguments: &'a str,
}

impl ToolCallAccumulator {
    /// Adds a delta of a call; returns whether the call is the caller's.
    pub fn add(&mut self, delta: &StreamDelta) -> bool {
        let StreamDelta::ToolCall {
            index,
            id,
            name,
            arguments,
            state,
        } = delta
        else {
            return false;
        };
        let said = CallDelta {
            index: *index,
            id: id.as_deref().unwrap_or_default(),
            name: name.as_deref().unwrap_or_default(),
            arguments,
        };
        let at = self.place_of(said).unwrap_or_else(|| {
            self.calls
                .push(PartialCall::new(*index, self.name_of_the_first(said)));
            self.calls.len() - 1
        });
        if let Some(part) = self.calls.get_mut(at) {
            part.add(said, state.as_ref());
            self.was_the_servers = part.is_the_servers;
        }
        !self.was_the_servers
    }

    /// A call begins that the server runs itself: its arguments arrive as those of other calls do.
    pub fn begin_server_tool(&mut self, index: Option<usize>) {
        let mut part = PartialCall::new(index, String::new());
        part.is_the_servers = true;
        self.calls.push(part);
        self.was_the_servers = true;
    }

    pub fn was_server_tool(&self) -> bool {
        self.was_the_servers
    }

    /// The caller's calls.
    pub fn into_calls(self) -> Vec<ToolCall> {
        let ours = self.calls.into_iter().filter(|part| !part.is_the_servers);
        ours.map(|part| part.call).collect()
    }

    /// The call that a delta continues; `None` when it begins a call.
    fn place_of(&self, said: CallDelta<'_>) -> Option<usize> {
        let at = self.candidate(said)?;
        (!self.calls.get(at)?.is_ended_by(said)).then_some(at)
    }

    /// The last call with this index; without an index, the last with this id, or the last of all.
    fn candidate(&self, said: CallDelta<'_>) -> Option<usize> {
        let counted = said
            .index
            .and_then(|_| self.calls.iter().rposition(|part| part.index == said.index));
        if counted.is_some() {
            return counted;
        }
        let uncounted = |part: &PartialCall| {
            said.index.is_none() || (part.index.is_none() && said.name.is_empty())
        };
        if !said.id.is_empty() {
            return self
                .calls
                .iter()
                .rposition(|part| part.call.id == said.id && uncounted(part));
        }
        let last = self.calls.len().checked_sub(1)?;
        uncounted(self.calls.get(last)?).then_some(last)
    }

    /// The name for a call that begins without one under the index of another: the same function is called again.
    fn name_of_the_first(&self, said: CallDelta<'_>) -> String {
        let counted = said
            .index
            .and_then(|_| self.calls.iter().rfind(|part| part.index == said.index));
        match counted {
            Some(part) if said.name.is_empty() => part.call.name.clone(),
            _ => String::new(),
        }
    }
}

impl PartialCall {
    fn new(index: Option<usize>, name: String) -> Self {
        PartialCall {
            index,
            call: ToolCall::new("", name, ""),
            json: JsonScanner::default(),
            is_the_servers: false,
        }
    }

    /// Whether a delta that might continue this call begins another one.
    fn is_ended_by(&self, said: CallDelta<'_>) -> bool {
        let known = &self.call;
        let (blank, fresh) = (
            said.arguments.trim().is_empty(),
            said.arguments.trim_start().starts_with('{'),
        );
        let another_id = !said.id.is_empty() && !known.id.is_empty() && said.id != known.id;
        let same_name = said.name == known.name;
        if self.is_the_servers {
            return !said.name.is_empty();
        }
        if said.name.is_empty() || known.name.is_empty() {
            // Some servers send another id with each delta.
            return another_id && self.json.is_whole() && !blank;
        }
        if another_id {
            let goes_on = self.json.is_open() && !blank && !fresh;
            return !(same_name && goes_on);
        }
        let counted = said.index.is_some() || !said.id.is_empty();
        match (same_name, counted) {
            (true, true) => false,
            (true, false) => self.json.is_whole() && (fresh || blank),
            // Names come in deltas too, but not once there are arguments.
            (false, true) => self.json.has_begun() || !blank,
            (false, false) => true,
        }
    }

    fn add(&mut self, said: CallDelta<'_>, state: Option<&Value>) {
        let call = &mut self.call;
        if call.id.is_empty() {
            call.id = said.id.to_owned();
        }
        if said.name.starts_with(&call.name) {
            call.name = said.name.to_owned();
        } else {
            call.name.push_str(said.name);
        }
        call.arguments.push_str(said.arguments);
        self.json.read(said.arguments);
        match (&mut call.state, state) {
            (Some(Value::Object(known)), Some(Value::Object(more))) => known.extend(more.clone()),
            (known, Some(more)) => *known = Some(more.clone()),
            (_, None) => {}
        }
    }
}

/// Finds the end of a JSON text; reads each character once.
#[derive(Debug, Default)]
struct JsonScanner {
    begun: bool,
    depth: usize,
    in_text: bool,
    escaped: bool,
}

impl JsonScanner {
    fn read(&mut self, more: &str) {
        for byte in more.bytes() {
            self.begun |= !byte.is_ascii_whitespace();
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_text => self.escaped = true,
                b'"' => self.in_text = !self.in_text,
                _ if self.in_text => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
    }

    fn has_begun(&self) -> bool {
        self.begun
    }

    fn is_open(&self) -> bool {
        self.begun && (self.depth > 0 || self.in_text)
    }

    fn is_whole(&self) -> bool {
        self.begun && !self.is_open()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use anymodel_providers::normalize;

    pub fn call(index: Option<usize>, id: &str, name: &str, arguments: &str) -> StreamDelta {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        StreamDelta::ToolCall {
            index,
            id: some(id),
            name: some(name),
            arguments: arguments.to_owned(),
            state: None,
        }
    }

    fn calls(deltas: &[StreamDelta]) -> Vec<(String, String, String)> {
        let mut calls = ToolCallAccumulator::default();
        for delta in deltas {
            match delta {
                StreamDelta::ServerTool { index } => calls.begin_server_tool(*index),
                delta => _ = calls.add(delta),
            }
        }
        let calls = normalize(calls.into_calls()).into_iter();
        calls
            .map(|call| (call.id, call.name, call.arguments))
            .collect()
    }

    #[test]
    fn a_call_whose_number_and_name_come_late_is_one_call() {
        let deltas = [
            call(Some(0), "", "", "{\"a\""),
            call(Some(0), "", "add", ":1"),
            call(Some(0), "call_1", "", "}"),
        ];
        assert_eq!(
            calls(&deltas),
            [("call_1".into(), "add".into(), "{\"a\":1}".into())]
        );
    }

    #[test]
    fn calls_that_are_all_counted_as_the_first_are_kept_apart() {
        let deltas = [
            call(Some(0), "call_1", "add", "{\"a\":"),
            call(Some(0), "", "", "1}"),
            call(Some(0), "call_2", "add", "{\"a\":"),
            call(Some(0), "", "", "2}"),
        ];
        assert_eq!(
            calls(&deltas),
            [
                ("call_1".into(), "add".into(), "{\"a\":1}".into()),
                ("call_2".into(), "add".into(), "{\"a\":2}".into())
            ]
        );
    }

    #[test]
    fn calls_that_are_not_counted_go_on_by_their_number_or_with_the_last() {
        let deltas = [
            call(None, "call_1", "add", "{\"a\":"),
            call(None, "", "", "1}"),
            call(None, "call_2", "sub", "{"),
            call(None, "call_2", "", "}"),
        ];
        assert_eq!(
            calls(&deltas),
            [
                ("call_1".into(), "add".into(), "{\"a\":1}".into()),
                ("call_2".into(), "sub".into(), "{}".into())
            ]
        );
    }

    #[test]
    fn another_call_under_the_first_index_is_another_call() {
        let two = |calls: Vec<(String, String, String)>| -> Vec<(String, String)> {
            calls
                .into_iter()
                .map(|(_, name, arguments)| (name, arguments))
                .collect()
        };
        let expect = |names: [&str; 2]| {
            [
                (names[0].to_owned(), r#"{"a":1}"#.to_owned()),
                (names[1].to_owned(), r#"{"b":2}"#.to_owned()),
            ]
        };
        let (one, other) = (r#"{"a":1}"#, r#"{"b":2}"#);
        for (names, deltas) in [
            // A second set of arguments, at once or in deltas.
            (
                ["add", "add"],
                vec![call(Some(0), "c", "add", one), call(Some(0), "", "", other)],
            ),
            (
                ["add", "add"],
                vec![
                    call(Some(0), "c", "add", "{\"a\":"),
                    call(Some(0), "", "", "1}{\"b\""),
                    call(Some(0), "", "", ":2}"),
                ],
            ),
            // A second name, with or without ids.
            (
                ["add", "sub"],
                vec![
                    call(Some(0), "c", "add", one),
                    call(Some(0), "d", "sub", other),
                ],
            ),
            (
                ["add", "sub"],
                vec![
                    call(Some(0), "", "add", one),
                    call(Some(0), "", "sub", ""),
                    call(Some(0), "", "", other),
                ],
            ),
            // A second id.
            (
                ["add", "add"],
                vec![
                    call(Some(0), "c", "add", one),
                    call(Some(0), "d", "", other),
                ],
            ),
            // No index, and each call is complete.
            (
                ["add", "add"],
                vec![call(None, "", "add", one), call(None, "", "add", other)],
            ),
            (
                ["add", "sub"],
                vec![call(None, "", "add", one), call(None, "", "sub", other)],
            ),
        ] {
            assert_eq!(two(calls(&deltas)), expect(names), "{deltas:?}");
        }
    }

    #[test]
    fn a_call_whose_pieces_are_named_oddly_is_one_call() {
        for deltas in [
            // Another id with each delta.
            vec![
                call(Some(0), "x1", "add", ""),
                call(Some(0), "x2", "", "{\"a\""),
                call(Some(0), "x3", "", ":1}"),
                call(Some(0), "x4", "", ""),
            ],
            // The name again with each delta.
            vec![
                call(None, "", "add", "{\"a\""),
                call(None, "", "add", ":1}"),
            ],
            vec![
                call(Some(0), "c", "add", "{\"a\""),
                call(Some(0), "c", "add", ":1}"),
            ],
            // The name in deltas.
            vec![
                call(Some(0), "c", "a", ""),
                call(Some(0), "", "dd", ""),
                call(Some(0), "", "", "{\"a\":1}"),
            ],
            // The index only at first, or only later.
            vec![
                call(Some(0), "c", "add", "{\"a\""),
                call(None, "", "", ":1}"),
            ],
            vec![
                call(None, "c", "add", "{\"a\""),
                call(Some(0), "", "", ":1}"),
            ],
            // The whole call again at the end.
            vec![
                call(Some(0), "c", "add", "{\"a\":1}"),
                call(Some(0), "c", "add", "{\"a\":1}"),
            ],
        ] {
            let calls = calls(&deltas);
            assert_eq!(calls.len(), 1, "{deltas:?} {calls:?}");
            assert_eq!(
                (calls[0].1.as_str(), calls[0].2.as_str()),
                ("add", "{\"a\":1}"),
                "{deltas:?}"
            );
        }
    }

    #[test]
    fn a_call_that_the_server_runs_itself_is_none_for_the_caller() {
        let deltas = [
            StreamDelta::ServerTool { index: Some(0) },
            call(Some(0), "", "", "{\"query\":\"x\"}"),
            call(Some(1), "c", "add", "{\"a\":1}"),
        ];
        assert_eq!(
            calls(&deltas),
            [("c".into(), "add".into(), "{\"a\":1}".into())]
        );
    }
}
