//! Message content: a text, or a list of parts, some of which may be reasoning.
//!
//! Magistral's reasoning is a part of the content (`type: thinking`), other servers write `type: reasoning`. Gemini marks a
//! whole delta of content as reasoning, in `extra_content`.

use serde_json::Value;

/// Content, split into text, reasoning and refusal.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub text: String,
    pub thoughts: String,
    pub refusal: String,
}

/// Splits the reasoning of a content from its text.
pub(super) fn read(content: Option<&Value>, extra: Option<&Value>) -> Content {
    let mut read = Content::default();
    match content {
        None | Some(Value::Null) => {}
        Some(Value::Array(parts)) if parts.is_empty() => {}
        Some(Value::Array(parts)) if parts.iter().any(is_part) => {
            parts.iter().for_each(|part| read.add(part));
        }
        Some(one) if is_part(one) => read.add(one),
        // Servers with structured output may send the JSON value itself.
        Some(data) => read.text = data.to_string(),
    }
    let is_thought = extra.is_some_and(|extra| extra["google"]["thought"] == true);
    if is_thought {
        let thought = std::mem::take(&mut read.text);
        let thought = thought
            .trim_start_matches("<thought>")
            .trim_end_matches("</thought>");
        read.thoughts.push_str(thought);
    }
    read
}

impl Content {
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.thoughts.is_empty() && self.refusal.is_empty()
    }

    fn add(&mut self, part: &Value) {
        let kind = part["type"].as_str().unwrap_or_default();
        let is_thought = ["think", "thought", "reason"]
            .iter()
            .any(|word| kind.contains(word));
        match is_thought {
            true => words(part, &mut self.thoughts),
            false => self.text.push_str(text_of(part).unwrap_or_default()),
        }
        self.refusal
            .push_str(part["refusal"].as_str().unwrap_or_default());
    }
}

/// Whether the value is a part of a message, and not data.
fn is_part(value: &Value) -> bool {
    value.get("type").is_some() || text_of(value).is_some()
}

fn text_of(part: &Value) -> Option<&str> {
    let text = &part["text"];
    let text = text.as_str().or(text["value"].as_str());
    part.as_str().or(text).or(part["content"].as_str())
}

/// The text of a reasoning part, which may be a list of parts again.
fn words(part: &Value, into: &mut String) {
    match part {
        Value::String(text) => into.push_str(text),
        Value::Array(parts) => parts.iter().for_each(|part| words(part, into)),
        Value::Object(fields) => {
            let told = [
                "thinking",
                "text",
                "reasoning",
                "reasoning_text",
                "content",
                "summary",
            ];
            let first = told
                .iter()
                .find_map(|field| fields.get(*field).filter(|value| !value.is_null()));
            if let Some(first) = first {
                words(first, into);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn thoughts_among_the_parts_are_thoughts() {
        for (content, text, thoughts) in [
            (json!("Hello."), "Hello.", ""),
            (json!([{ "type": "text", "text": "Hello." }]), "Hello.", ""),
            (json!(["Hel", "lo."]), "Hello.", ""),
            (json!({ "type": "text", "text": "Hello." }), "Hello.", ""),
            (
                json!([{ "type": "thinking", "thinking": [{ "type": "text", "text": "hm " }], "closed": true }, { "type": "text", "text": "Hello." }]),
                "Hello.",
                "hm ",
            ),
            (json!([{ "type": "thinking", "thinking": "hm" }]), "", "hm"),
            (
                json!([{ "type": "reasoning", "text": "hm" }, "Hello."]),
                "Hello.",
                "hm",
            ),
            (
                json!([{ "type": "reasoning", "summary": [{ "type": "summary_text", "text": "hm" }] }]),
                "",
                "hm",
            ),
            (
                json!([{ "type": "reasoning", "reasoning": "hm" }]),
                "",
                "hm",
            ),
            (json!(null), "", ""),
        ] {
            let read = read(Some(&content), None);
            assert_eq!(
                (read.text.as_str(), read.thoughts.as_str()),
                (text, thoughts),
                "{content}"
            );
        }
        let marked = json!({ "google": { "thought": true } });
        let read = read(Some(&json!("<thought>hm")), Some(&marked));
        assert_eq!((read.text.as_str(), read.thoughts.as_str()), ("", "hm"));
    }
}
