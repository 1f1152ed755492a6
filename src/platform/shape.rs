//! The same question in the shape each vendor wants.
//!
//! This is the N × M problem in one file: three vendors, three bodies, and none of them accepts another's. A gateway
//! that speaks one shape for all is what the rest of this crate talks to.

use serde_json::{Map, Value, json};

use crate::chat::{ChatRequest, Message, Role};

/// A vendor's request format.
///
/// Sources: OpenAI's chat completions reference, Anthropic's Messages API (version 2023-06-01), and Google's
/// `generateContent`, as documented in August 2026.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// OpenAI chat completions, spoken by most platforms.
    OpenAi,
    /// Anthropic Messages.
    Anthropic,
    /// Google Gemini `generateContent`.
    Gemini,
}

/// Anthropic refuses a request that does not say how long the answer may be.
const ANTHROPIC_MAX_TOKENS: u32 = 1024;

impl Shape {
    /// Every shape, for comparison.
    pub const ALL: [Shape; 3] = [Shape::OpenAi, Shape::Anthropic, Shape::Gemini];

    /// The vendor's name.
    pub fn vendor(self) -> &'static str {
        match self {
            Shape::OpenAi => "OpenAI",
            Shape::Anthropic => "Anthropic",
            Shape::Gemini => "Google Gemini",
        }
    }

    /// Where the vendor wants the request for `model`.
    pub fn url(self, model: &str) -> String {
        match self {
            Shape::OpenAi => "https://api.openai.com/v1/chat/completions".to_owned(),
            Shape::Anthropic => "https://api.anthropic.com/v1/messages".to_owned(),
            Shape::Gemini => format!(
                "https://generativelanguage.googleapis.com/v1beta/models/{model}:generateContent"
            ),
        }
    }

    /// The header that carries the key.
    pub fn key_header(self) -> &'static str {
        match self {
            Shape::OpenAi => "authorization: Bearer",
            Shape::Anthropic => "x-api-key",
            Shape::Gemini => "x-goog-api-key",
        }
    }

    /// The JSON that goes out.
    ///
    /// ```
    /// use anymodel::{ChatRequest, Message, Shape};
    ///
    /// let request = ChatRequest { messages: vec![Message::user("Hello")], ..Default::default() };
    /// let body = Shape::Gemini.body("gemini-2.0-flash", &request);
    /// assert_eq!(body["contents"][0]["parts"][0]["text"], "Hello");
    /// ```
    pub fn body(self, model: &str, request: &ChatRequest) -> Value {
        match self {
            Shape::OpenAi => openai(model, request),
            Shape::Anthropic => anthropic(model, request),
            Shape::Gemini => gemini(request),
        }
    }
}

fn openai(model: &str, request: &ChatRequest) -> Value {
    let mut body = json!({ "model": model, "messages": plain(&request.messages) });
    set(&mut body, "temperature", request.temperature);
    set(&mut body, "max_tokens", request.max_tokens);
    body
}

/// Standing orders stand outside the conversation, and the length of the answer is not optional.
fn anthropic(model: &str, request: &ChatRequest) -> Value {
    let (system, turns) = split(request);
    let mut body = json!({
        "model": model,
        "max_tokens": request.max_tokens.unwrap_or(ANTHROPIC_MAX_TOKENS),
        "messages": plain(turns),
    });
    set(&mut body, "system", system);
    set(&mut body, "temperature", request.temperature);
    body
}

/// The model is in the address, a turn is a list of parts, and the assistant is called `model`.
fn gemini(request: &ChatRequest) -> Value {
    let (system, turns) = split(request);
    let contents: Vec<Value> = turns
        .iter()
        .map(|turn| {
            let role = match turn.role {
                Role::Assistant => "model",
                _ => "user",
            };
            json!({ "role": role, "parts": [{ "text": turn.content }] })
        })
        .collect();
    let mut body = json!({ "contents": contents });
    let orders = system.map(|text| json!({ "parts": [{ "text": text }] }));
    set(&mut body, "systemInstruction", orders);
    let mut options = json!({});
    set(&mut options, "temperature", request.temperature);
    set(&mut options, "maxOutputTokens", request.max_tokens);
    if options.as_object().is_some_and(|map| !map.is_empty()) {
        set(&mut body, "generationConfig", Some(options));
    }
    body
}

/// Role and text of each turn.
fn plain<'a>(turns: impl IntoIterator<Item = &'a Message>) -> Value {
    turns
        .into_iter()
        .map(|turn| json!({ "role": turn.role.as_str(), "content": turn.content }))
        .collect()
}

/// Parts the standing orders from the turns of the conversation.
fn split(request: &ChatRequest) -> (Option<String>, Vec<&Message>) {
    let (system, turns): (Vec<&Message>, Vec<&Message>) = request
        .messages
        .iter()
        .partition(|message| message.role == Role::System);
    let text: Vec<&str> = system
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    ((!text.is_empty()).then(|| text.join("\n")), turns)
}

fn set<T: Into<Value>>(body: &mut Value, field: &str, value: Option<T>) {
    if let (Some(value), Some(map)) = (value, body.as_object_mut()) {
        let map: &mut Map<String, Value> = map;
        map.insert(field.to_owned(), value.into());
    }
}
