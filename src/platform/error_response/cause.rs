//! A foreign error → what it says: its texts from the outermost to the innermost, its code words, its status.
//!
//! Servers agree on no form. The cause is a text, an object, a list or a number, under one of some forty names, below any
//! number of others, and often as JSON in a text, because a gateway puts the answer of the host behind it there. So the
//! known names are followed down to their end, wherever they stand. Names that are not known are passed over: FastAPI and
//! others repeat the question beside the error, and nobody wants to read that again.

use serde_json::{Map, Value};

use super::html_page;
use super::nested_error::{TEXTS, json_in};

/// Names of words that tell what kind of error it is.
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
/// Names under which a status of HTTP may stand.
const STATUSES: [&str; 6] = [
    "code",
    "httpstatus",
    "statuscode",
    "status",
    "errorcode",
    "error",
];
/// Objects that hold codes alone.
const CODED: [&str; 2] = ["availability", "innererror"];
/// How far down a cause is looked for; JSON in texts counts as one level more.
const DEEPEST: usize = 40;
/// The most texts that are kept: no reader wants more.
const MOST: usize = 64;

/// What an error says.
#[derive(Debug, Default)]
pub(super) struct Cause {
    /// From the outermost to the innermost, each with how deep it stood.
    pub texts: Vec<(usize, String)>,
    /// Words of the error itself, in lower case.
    pub words: Vec<String>,
    /// Words of an error inside it, such as that of the host behind a gateway.
    pub inner_words: Vec<String>,
    /// The outermost number that is an HTTP status of an error.
    pub status: Option<u16>,
}

impl Cause {
    /// Reads a body of any kind: JSON, a web page, a text.
    pub fn of_text(body: &str) -> Cause {
        let mut cause = Cause::default();
        cause.text(body, 0, false);
        cause
    }

    /// Reads an error, or the body that one stands in.
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

    /// A text is told as it is, unless it is JSON, or has JSON in it that says more.
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
            // What looks like JSON says nothing by itself, so it is a part of the sentence around it.
            self.texts.truncate(known);
            return self.tell(text, depth);
        }
        self.tell(after, depth);
    }

    fn object(&mut self, fields: &Map<String, Value>, depth: usize, inner: bool) {
        let first = self.texts.len();
        self.codes(fields, inner);
        // What this object says itself comes before what stands deeper.
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

    /// The words that tell what kind of error it is, and its status.
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
        // A sentence is no word, and a text of the server's may be of any length.
        if word.is_empty() || word.len() > 100 {
            return;
        }
        match inner {
            false => self.words.push(word.to_lowercase()),
            true => self.inner_words.push(word.to_lowercase()),
        }
    }

    /// Tells a text once: gateways repeat what the host behind them said.
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
            // The innermost one is told in any case.
            *last = (depth, text.to_owned());
        }
    }
}

/// Whether a key is this name, however it is spelled.
pub(super) fn is_named(key: &str, name: &str) -> bool {
    let letters = key.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
    letters
        .map(|byte| byte.to_ascii_lowercase())
        .eq(name.bytes())
}

/// MiniMax's way to say how a request went, whatever the HTTP status.
pub(super) fn base_resp(fields: &Map<String, Value>) -> Option<&Map<String, Value>> {
    fields.get("base_resp")?.as_object()
}

fn is_deep(value: &Value) -> bool {
    match value {
        Value::String(text) => json_in(text.trim()).is_some(),
        other => other.is_object() || other.is_array(),
    }
}

/// Where in the request the error is: FastAPI's `loc`, the `path` of others, Google's `field`.
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
    /// The same, or what an error says that has none of the known names: every text in it.
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
