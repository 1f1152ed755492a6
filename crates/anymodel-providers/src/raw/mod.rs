//! Raw requests: the JSON of a caller, passed through unchanged to a platform that speaks the caller's API.
//!
//! A gateway that decodes a request and encodes it again loses what its types do not know. So a [`RawRequest`] keeps the
//! bytes. For each endpoint only those top-level fields change that must: the model's name, the request for the usage of a
//! stream, and an output limit that is above what may be spent. All other bytes stay, down to white space, duplicates and
//! the form of numbers.
//!
//! [`members`] finds the fields of an object, and replaces their values.

mod members;
#[cfg(test)]
mod properties;

use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::Adapter;
use anymodel_types::{Error, ErrorKind, Result, words};
use members::{Edits, Member, members};

/// API of a raw request: which protocol its JSON and its answer have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RawApi {
    /// OpenAI's chat completions.
    ChatCompletions,
    /// Anthropic Messages.
    Messages,
    /// Anthropic's count of the tokens of a message.
    CountTokens,
    /// OpenAI's embeddings.
    Embeddings,
    /// OpenAI's Responses.
    Responses,
}

impl RawApi {
    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            RawApi::ChatCompletions => "Chat Completions",
            RawApi::Messages => "Anthropic Messages",
            RawApi::CountTokens => "Anthropic's count of tokens",
            RawApi::Embeddings => "Embeddings",
            RawApi::Responses => "Responses",
        }
    }

    /// Platforms that have it, in the names of targets.
    pub fn platforms(self) -> &'static str {
        match self {
            RawApi::Messages | RawApi::CountTokens => "anthropic",
            RawApi::ChatCompletions | RawApi::Embeddings | RawApi::Responses => {
                "openai, openrouter"
            }
        }
    }

    /// Whether its answers are no output of a model, so that only the input is paid for.
    pub fn has_no_output(self) -> bool {
        matches!(self, RawApi::CountTokens | RawApi::Embeddings)
    }

    /// The fields that limit the length of the answer.
    fn limits(self) -> &'static [&'static str] {
        match self {
            RawApi::ChatCompletions => &["max_tokens", "max_completion_tokens"],
            RawApi::Messages => &["max_tokens"],
            RawApi::Responses => &["max_output_tokens"],
            RawApi::CountTokens | RawApi::Embeddings => &[],
        }
    }

    /// Whether an endpoint that does not speak this API is asked in its own, unless the request says otherwise.
    fn is_translated(self) -> bool {
        matches!(self, RawApi::ChatCompletions | RawApi::Messages)
    }
}

/// Raw request: the JSON of a caller in the API it was written for.
///
/// ```
/// use anymodel::{RawApi, RawRequest};
///
/// let body = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}],"stream":true,"x_new":1.0}"#;
/// let raw = RawRequest::new(RawApi::ChatCompletions, body)?;
/// assert!(raw.is_stream());
/// assert!(RawRequest::new(RawApi::ChatCompletions, "[1]").is_err());
/// # Ok::<(), anymodel::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RawRequest {
    api: RawApi,
    body: Bytes,
    members: Vec<Member>,
    stream: bool,
    answers: u32,
    is_translated: bool,
    headers: HeaderMap,
}

/// Headers that belong to an API, and are passed on: which version and which features the caller speaks.
const PASSED_ON: [&str; 3] = ["anthropic-version", "anthropic-beta", "openai-beta"];

impl RawRequest {
    /// A request with this body.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when the body is no JSON object.
    pub fn new(api: RawApi, body: impl Into<Bytes>) -> Result<Self> {
        let body = body.into();
        let members = members(&body).map_err(|error| {
            let place = (error.line(), error.column());
            let message = words::requests().body_is_no_json_object(&place.0, &place.1);
            Error::new(ErrorKind::InvalidRequest, message)
                .with_hint(words::requests().send_one_json_object())
        })?;
        let values = |name: &'static str| {
            let is_named = move |member: &&Member| member.name.eq_ignore_ascii_case(name);
            let named = members.iter().filter(is_named);
            named.filter_map(|member| {
                serde_json::from_slice::<Value>(body.get(member.value.clone())?).ok()
            })
        };
        let stream = values("stream").last().is_some_and(|value| value == true);
        let answers = match api {
            RawApi::ChatCompletions => values("n").map(|value| number(&value)).max(),
            _ => None,
        };
        Ok(RawRequest {
            is_translated: api.is_translated(),
            headers: HeaderMap::new(),
            api,
            stream,
            answers: answers.unwrap_or(1).max(1),
            members,
            body,
        })
    }

    /// The request without its members of these names, in any case of their letters. Each other one keeps its bytes.
    ///
    /// ```
    /// use anymodel::{RawApi, RawRequest};
    ///
    /// let raw = RawRequest::new(RawApi::ChatCompletions, r#"{"Models":["a"],"model":"b", "x":1.0}"#)?;
    /// assert_eq!(raw.without(&["models"])?.body(), r#"{"model":"b","x":1.0}"#);
    /// # Ok::<(), anymodel::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new), which excludes them.
    pub fn without(self, names: &[&str]) -> Result<Self> {
        let is_named = |member: &Member| {
            names
                .iter()
                .any(|name| member.name.eq_ignore_ascii_case(name))
        };
        if !self.members.iter().any(is_named) {
            return Ok(self);
        }
        let body = members::without(&self.body, &self.members, is_named);
        let fresh = RawRequest::new(self.api, body)?;
        Ok(RawRequest {
            is_translated: self.is_translated,
            headers: self.headers,
            ..fresh
        })
    }

    /// The API that the body was written for.
    pub fn api(&self) -> RawApi {
        self.api
    }

    /// The body as it was given.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Whether the body asks for a stream (`"stream": true`).
    pub fn is_stream(&self) -> bool {
        self.stream
    }

    /// How many answers the body asks for (`"n"`); each has the length of the output limit.
    pub fn answers(&self) -> u32 {
        self.answers
    }

    /// Whether an endpoint that does not speak this API gets the chat's decoded request in its own: so it is for chat
    /// completions and Messages, and not for the others, unless the caller decodes them, too. An endpoint that
    /// gets neither is passed over.
    pub fn translated(mut self, is_translated: bool) -> Self {
        self.is_translated = is_translated;
        self
    }

    /// As [`translated`](Self::translated) has set it.
    pub fn is_translated(&self) -> bool {
        self.is_translated
    }

    /// Passes on those of the caller's headers that belong to the API: `anthropic-version`, `anthropic-beta`, `openai-beta`.
    /// All others stay behind: keys, cookies, addresses.
    ///
    /// ```
    /// use anymodel::{RawApi, RawRequest};
    ///
    /// let headers = [("anthropic-beta", "context-1m-2025-08-07"), ("x-api-key", "sk-of-the-caller")];
    /// let raw = RawRequest::new(RawApi::Messages, r#"{"model":"m","max_tokens":9}"#)?.headers(headers);
    /// assert_eq!(raw.passed_on().keys().map(|name| name.as_str()).collect::<Vec<_>>(), ["anthropic-beta"]);
    /// # Ok::<(), anymodel::Error>(())
    /// ```
    pub fn headers<N, V>(mut self, headers: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: TryInto<HeaderName>,
        V: TryInto<HeaderValue>,
    {
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (name.try_into(), value.try_into())
                && PASSED_ON.contains(&name.as_str())
            {
                self.headers.append(name, value);
            }
        }
        self
    }

    /// The headers that are passed on.
    pub fn passed_on(&self) -> &HeaderMap {
        &self.headers
    }

    /// The members of this name, in any case of its letters: some servers, such as those in Go, read them all as one.
    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Member> {
        let is_named = move |member: &&Member| member.name.eq_ignore_ascii_case(name);
        self.members.iter().filter(is_named)
    }
}

/// The way of a raw request through a platform that speaks its API.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Passthrough {
    /// Gives the address and the headers, and reads the answer along.
    pub adapter: Arc<dyn Adapter>,
    /// The field that gets the output limit when the body has none; `None` when the API has no such field.
    pub limit: Option<&'static str>,
    /// The caller's headers that are passed on.
    pub headers: HeaderMap,
}

impl Passthrough {
    /// Passes requests through to this adapter's address.
    pub fn new(adapter: impl Adapter, limit: Option<&'static str>) -> Self {
        Passthrough {
            adapter: Arc::new(adapter),
            limit,
            headers: HeaderMap::new(),
        }
    }

    /// The body for `model`, with at most `most` tokens of output in all.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when it is no JSON, which the constructor of the request excludes.
    pub fn body(&self, raw: &RawRequest, model: &str, most: Option<u32>) -> Result<RequestBody> {
        let mut edits = Edits::of(&raw.body);
        edits.set(raw.named("model"), "model", |_| Some(json(model)));
        if raw.api == RawApi::ChatCompletions && raw.stream {
            edits.set(raw.named("stream_options"), "stream_options", with_usage);
        }
        if let Some(most) = most {
            self.set_limit(raw, (most / raw.answers).max(1), &mut edits);
        }
        let body = edits.apply().and_then(RawValue::from_string);
        body.map(RequestBody::Raw).map_err(|error| {
            let message = words::connections().question_cannot_be_written_as_json(&error);
            Error::new(ErrorKind::InvalidRequest, message)
        })
    }

    /// Sets each output limit that is above `most`, or that a platform may read as none (0, -1, a text), and adds one where
    /// there is none.
    fn set_limit(&self, raw: &RawRequest, most: u32, edits: &mut Edits<'_>) {
        let lower = |value: &[u8]| {
            let asked = serde_json::from_slice::<Value>(value).ok();
            let fits = asked
                .and_then(|asked| asked.as_f64())
                .is_some_and(|asked| (1.0..=f64::from(most)).contains(&asked));
            (!fits).then(|| most.to_string())
        };
        let mut has_limit = false;
        for name in raw.api.limits() {
            for member in raw.named(name) {
                has_limit = true;
                edits.replace(member, lower);
            }
        }
        if let (false, Some(name)) = (has_limit, self.limit) {
            edits.insert(name, most.to_string());
        }
    }
}

/// The options of a stream with the usage in it. Options that are no object stay: the platform says what is wrong.
fn with_usage(options: &[u8]) -> Option<String> {
    if options.is_empty() || options == b"null" {
        return Some(r#"{"include_usage":true}"#.to_owned());
    }
    let known = members(options).ok()?;
    let mut edits = Edits::of(options);
    let named = known.iter().filter(|member| member.name == "include_usage");
    edits.set(named, "include_usage", |_| Some("true".to_owned()));
    edits.apply().ok()
}

/// A count, also where a lax platform would read one out of a text.
fn number(value: &Value) -> u32 {
    let text = value.as_str().and_then(|text| text.trim().parse().ok());
    let number: f64 = value.as_f64().or(text).unwrap_or_default();
    // A cast of a float keeps to the range of the integer.
    number.ceil() as u32
}

fn json(text: &str) -> String {
    Value::from(text).to_string()
}

/// Body of a request: encoded by an adapter, or passed through.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum RequestBody {
    /// The adapter's encoding of the request.
    Encoded(Value),
    /// The caller's own JSON.
    Raw(Box<RawValue>),
}
