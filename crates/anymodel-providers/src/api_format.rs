//! API formats: the same request as the JSON body of each vendor.
//!
//! This shows the N × M problem: three vendors, three bodies, and no vendor accepts another's body. The bodies are real:
//! they come from this crate's own adapters.

use serde_json::Value;

use super::connect::adapter;
use super::{Adapter, PlatformRequest};
use anymodel_catalog::platform_spec::{Auth, PlatformSpec, find};
use anymodel_types::ChatRequest;

/// An API format: the request format of one vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiFormat {
    /// OpenAI chat completions, spoken by most platforms.
    OpenAi,
    /// Anthropic Messages.
    Anthropic,
    /// Google Gemini `generateContent`.
    Gemini,
}

impl ApiFormat {
    /// All formats, for comparison.
    pub const ALL: [ApiFormat; 3] = [ApiFormat::OpenAi, ApiFormat::Anthropic, ApiFormat::Gemini];

    /// The vendor's name.
    pub fn vendor(self) -> &'static str {
        match self {
            ApiFormat::OpenAi => "OpenAI",
            ApiFormat::Anthropic => "Anthropic",
            ApiFormat::Gemini => "Google Gemini",
        }
    }

    /// The URL of a request for `model`.
    pub fn url(self, model: &str) -> String {
        self.spoken(model, &ChatRequest::default(), |adapter, preset, ask| {
            adapter.url(preset.base_url, ask)
        })
    }

    /// The header of the key.
    pub fn key_header(self) -> &'static str {
        match self.preset().map(|preset| preset.auth) {
            Some(Auth::Header(name)) => name,
            _ => "authorization: Bearer",
        }
    }

    /// The request body.
    ///
    /// ```
    /// use anymodel::{ChatRequest, Message, ApiFormat};
    ///
    /// let request = ChatRequest { messages: vec![Message::user("Hello")], ..Default::default() };
    /// let body = ApiFormat::Gemini.body("gemini-2.0-flash", &request);
    /// assert_eq!(body["contents"][0]["parts"][0]["text"], "Hello");
    /// ```
    ///
    /// When the vendor cannot serve the request, the error message takes the place of the body.
    pub fn body(self, model: &str, request: &ChatRequest) -> Value {
        self.spoken(model, request, |adapter, _, ask| {
            let body = adapter.body(ask);
            body.unwrap_or_else(|error| Value::String(error.to_string()))
        })
    }

    fn preset(self) -> Option<&'static PlatformSpec> {
        find(match self {
            ApiFormat::OpenAi => "openai",
            ApiFormat::Anthropic => "anthropic",
            ApiFormat::Gemini => "gemini",
        })
    }

    /// Encodes with the same adapter as a real call.
    fn spoken<T: Default>(
        self,
        model: &str,
        request: &ChatRequest,
        speak: impl Fn(&dyn Adapter, &PlatformSpec, &PlatformRequest<'_>) -> T,
    ) -> T {
        let speaker = self
            .preset()
            .and_then(|preset| Some((adapter(preset).ok()?, preset)));
        speaker.map_or_else(T::default, |(adapter, preset)| {
            speak(&*adapter, preset, &PlatformRequest::new(request, model))
        })
    }
}
