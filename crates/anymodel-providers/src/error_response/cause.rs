//! Cause extraction: collects the texts, code words and status from an error body of any format.
//!
//! Error bodies have no common format. The cause is a text, an object, a list or a number, under one of some forty names, at
//! any depth, and often as JSON in a text, because a gateway puts the answer of the host behind it there. So the known
//! names are followed down to their end, wherever they stand. Unknown names are ignored: FastAPI and others repeat the
//! request beside the error.

use serde_json::{Map, Value};

use super::html_page;
use super::nested_error::{TEXTS, json_in};

/// Names of fields with an error code or type.
const CODES: [&str; 10] = [
    "code",
    "type",
    "errortype",
    "errorcode",
    "status",
    "statuscode",
    "httpstatus",
    "error",
    "reason",
    "@type",
];
/// Names of fields with an HTTP status.
const STATUSES: [&str; 6] = [
    "code",
    "httpstatus",
    "statuscode",
    "status",
    "errorcode",
    "error",
];
/// Objects that contain only codes.
const CODED: [&str; 2] = ["availability", "innererror"];
/// The deepest level of a cause; JSON in a text counts as one level.
const DEEPEST: usize = 40;
/// The most texts that are kept.
const MOST: usize = 64;

/// The cause of an error: texts, code words, status.
#[derive(Debug, Default)]
pub(super) struct Cause {
    /// From the outermost to the innermost, each with its depth.
    pub texts: Vec<(usize, String)>,
    /// Code words of the error itself, in lower case.
    pub words: Vec<String>,
    /// Code words of an error inside it, such as that of the host behind a gateway.
    pub inner_words: Vec<String>,
    /// The outermost number that is an HTTP error status.
    pub status: Option<u16>,
}

impl Cause {
    /// From a body of any kind: JSON, a web page, a text.
    pub fn of_text(body: &str) -> Cause {
        let mut cause = Cause::default();
        cause.text(body, 0, false);
        cause
    }

    /// From an error object, or from the body around it.
    pub fn of(error: &Value) -> Cause {
        let mut cause = Cause::default();
        cause.value(error, 0, false);
        cause
    }

    fn value(&mut self, value: &Value, depth: usize, inner: bool) {
        if depth > DEEPEST {
            return;
        }
        match value {
            Value::String(text) => self.text(text, depth, inner),
            Value::Array(list) => {
                for one in list {
                    self.value(one, depth + 1, inner);
                }
            }
            Value::Object(fields) => self.object(fields, depth, inner),
            Value::Number(number) => self.word(&number.to_string(), inner),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Keeps a text as it is, unless it is JSON, or contains JSON with more information.
    fn text(&mut self, text: &str, depth: usize, inner: bool) {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if let Some(page) = html_page::text(text) {
            return self.tell(&page, depth);
        }
        let Some((before, json, after)) = json_in(text) else {
            return self.tell(text, depth);
        };
        let known = self.texts.len();
        self.tell(before, depth);
        let own = self.texts.len();
        self.value(&json, depth + 1, inner || depth > 0);
        if self.texts.len() == own && !before.is_empty() {
            // This JSON contains no message, so it is a part of the sentence around it.
            self.texts.truncate(known);
            return self.tell(text, depth);
        }
        self.tell(after, depth);
    }

    fn object(&mut self, fields: &Map<String, Value>, depth: usize, inner: bool) {
        let first = self.texts.len();
        self.codes(fields, inner);
        // The object's own texts come before deeper ones.
        for deeper in [false, true] {
            for name in TEXTS {
                for (key, value) in fields.iter().filter(|(key, _)| is_named(key, name)) {
                    // Google's reasons are words such as API_KEY_INVALID.
                    let is_word =
                        key == "reason" && value.as_str().is_some_and(|text| !text.contains(' '));
                    if !is_word && is_deep(value) == deeper {
                        self.value(value, depth + 1, inner);
                    }
                }
            }
        }
        let host = fields.get("provider_name").and_then(Value::as_str);
        for prefix in [place(fields).as_deref(), host].into_iter().flatten() {
            match self.texts.get_mut(first) {
                Some((_, text)) => *text = format!("{}: {text}", prefix.trim()),
                None if first > 0 => self.tell(prefix, depth),
                None => {}
            }
        }
    }

    /// Collects the code words and the status.
    fn codes(&mut self, fields: &Map<String, Value>, inner: bool) {
        if let Some(code) = base_resp(fields).and_then(|resp| resp.get("status_code")) {
            self.word(&format!("base_resp {code}"), inner);
        }
        for (key, value) in fields {
            if CODES.iter().any(|name| is_named(key, name)) {
                match value {
                    Value::String(word) => self.word(word, inner),
                    Value::Number(number) => self.word(&number.to_string(), inner),
                    _ => {}
                }
            }
            if CODED.iter().any(|name| is_named(key, name))
                && let Some(word) = value["code"].as_str()
            {
                self.word(word, inner);
            }
        }
        if fields.get("loc").is_some_and(Value::is_array) {
            self.word("invalid_request", inner);
        }
        let status = STATUSES.iter().find_map(|name| {
            let mut values = fields.iter().filter(|(key, _)| is_named(key, name));
            values.find_map(|(_, value)| status(value))
        });
        self.status = self.status.or(status);
    }

    fn word(&mut self, word: &str, inner: bool) {
        let word = word.trim();
        // A sentence is no code word, and a server's text may have any length.
        if word.is_empty() || word.len() > 100 {
            return;
        }
        match inner {
            false => self.words.push(word.to_lowercase()),
            true => self.inner_words.push(word.to_lowercase()),
        }
    }

    /// Keeps each text once: gateways repeat the error of the host behind them.
    fn tell(&mut self, text: &str, depth: usize) {
        let text = text.trim();
        if !text.chars().any(char::is_alphanumeric) {
            return;
        }
        if let Some((known, _)) = self
            .texts
            .iter_mut()
            .find(|(_, known)| known.contains(text))
        {
            *known = (*known).max(depth);
        } else if self.texts.len() < MOST {
            self.texts.push((depth, text.to_owned()));
        } else if let Some(last) = self.texts.last_mut().filter(|(known, _)| *known < depth) {
            // The innermost text is always kept.
            *last = (depth, text.to_owned());
        }
    }
}

/// Whether a key equals this name, ignoring case and separators.
pub(super) fn is_named(key: &str, name: &str) -> bool {
    let letters = key.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
    letters
        .map(|byte| byte.to_ascii_lowercase())
        .eq(name.bytes())
}

/// MiniMax's result object, present with every HTTP status.
pub(super) fn base_resp(fields: &Map<String, Value>) -> Option<&Map<String, Value>> {
    fields.get("base_resp")?.as_object()
}

fn is_deep(value: &Value) -> bool {
    match value {
        Value::String(text) => json_in(text.trim()).is_some(),
        other => other.is_object() || other.is_array(),
    }
}

/// The field of the request that is wrong: FastAPI's `loc`, the `path` of others, Google's `field`.
fn place(fields: &Map<String, Value>) -> Option<String> {
    let list = ["loc", "path"]
        .into_iter()
        .find_map(|name| fields.get(name)?.as_array());
    if let Some(list) = list.filter(|list| !list.is_empty()) {
        let steps = list.iter().map(|step| match step {
            Value::String(name) => name.clone(),
            other => other.to_string(),
        });
        return Some(steps.collect::<Vec<_>>().join("."));
    }
    let field = fields.get("field")?.as_str()?.trim();
    (!field.is_empty()).then(|| field.to_owned())
}

fn status(value: &Value) -> Option<u16> {
    let number = value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok())?;
    u16::try_from(number)
        .ok()
        .filter(|number| (400..600).contains(number))
}

impl Cause {
    /// The same; without any known name, every text in the error.
    pub fn or_leaves(mut self, error: &Value) -> Cause {
        if self.texts.is_empty() && self.words.is_empty() && self.inner_words.is_empty() {
            self.leaves(error, 0);
        }
        self
    }

    fn leaves(&mut self, value: &Value, depth: usize) {
        match value {
            _ if depth > DEEPEST => {}
            Value::String(text) => self.text(text, depth, false),
            Value::Array(list) => list.iter().for_each(|one| self.leaves(one, depth + 1)),
            Value::Object(fields) => fields.values().for_each(|one| self.leaves(one, depth + 1)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}
