//! Platform specs: plain data about every platform known by name, no I/O.
//!
//! - this file: [`PlatformSpec`], the data that is needed to connect to a platform
//! - `table`: all platform specs; `overview`: the same as a table to show
//!
//! The adapters for their protocols are in the module `platform`; their environment variables are read in `config`.

use anymodel_types::{Language, words::PlatformSpecsWords};

mod overview;
mod table;

pub use overview::platforms;

/// A text about a platform, in the language of these words.
type Text = fn(&'static PlatformSpecsWords) -> &'static str;

/// A platform spec: name, base URL, variables, protocol and capabilities of one platform.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PlatformSpec {
    /// The name in `LLM`, in `ClientBuilder::platform` and before the colon of a
    /// target.
    pub name: &'static str,
    /// The display name.
    pub title: &'static str,
    /// The base URL, without a slash at its end. A placeholder, such as `{region}`, is filled in from one of the
    /// [`places`](Self::places).
    pub base_url: &'static str,
    /// The environment variables that may hold its key; the first that is set counts. Empty: it needs no key.
    pub key_variables: &'static [&'static str],
    /// The environment variables that may hold another base URL.
    pub url_variables: &'static [&'static str],
    /// The placeholders of the base URL.
    pub places: &'static [UrlVariable],
    naming: Text,
    /// The protocol it speaks.
    pub protocol: Protocol,
    /// How a request authenticates.
    pub auth: Auth,
    /// Its capabilities.
    pub can: PlatformCapabilities,
    differs: Text,
}

impl PlatformSpec {
    /// The format of its model names.
    pub fn naming(&self, language: Language) -> &'static str {
        (self.naming)(&language.words().platform_specs)
    }

    /// Its main differences from the others, in a few words.
    pub fn differs(&self, language: Language) -> &'static str {
        (self.differs)(&language.words().platform_specs)
    }

    /// Whether requests need a key. A server on this machine needs none; signed requests and fetched tokens have other
    /// credentials.
    pub fn needs_key(&self) -> bool {
        !self.base_url.starts_with("http://") && !matches!(self.auth, Auth::Aws | Auth::Google)
    }
}

impl PlatformSpec {
    /// The base URL of requests: the configured one, else its own with the placeholders filled in.
    ///
    /// # Errors
    /// The first placeholder without a value.
    pub fn address(
        &self,
        configured: Option<&str>,
        places: &[(&'static str, String)],
    ) -> Result<String, &'static str> {
        match configured {
            Some(url) if self.name == "ollama" => Ok(ollamas(url)),
            Some(url) => Ok(url.to_owned()),
            None => self.filled_in(places),
        }
    }

    fn filled_in(&self, places: &[(&'static str, String)]) -> Result<String, &'static str> {
        let mut url = self.base_url.to_owned();
        for known in self.places {
            let value = self.place(known.word, places).ok_or(known.word)?;
            let value = value.trim_end_matches('/');
            // Vertex AI's location `global` stands in the path, and not before the host.
            if value == "global" {
                url = url.replace("{location}-", "");
            }
            url = url.replace(&format!("{{{}}}", known.word), value);
        }
        Ok(url)
    }

    /// The value of a placeholder: the given one, or its default.
    pub fn place<'a>(&self, word: &str, places: &'a [(&'static str, String)]) -> Option<&'a str> {
        let given = places.iter().find(|(known, _)| *known == word);
        let known = || self.places.iter().find(|known| known.word == word);
        match given {
            Some((_, value)) => Some(value),
            None => known()?.default,
        }
    }
}

/// Ollama prints its address without a path. Its own API is below `/api`; only `/v1` speaks OpenAI's format.
fn ollamas(url: &str) -> String {
    const OWN: [&str; 3] = ["/api/chat", "/api/generate", "/api"];
    let own = OWN.iter().find_map(|path| url.strip_suffix(path));
    let base = own.unwrap_or(url);
    let is_host = base
        .split_once("://")
        .is_some_and(|(_, host)| !host.contains('/'));
    match own.is_some() || is_host {
        true => format!("{base}/v1"),
        false => url.to_owned(),
    }
}

/// A placeholder in a base URL, and the variables that fill it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UrlVariable {
    /// Its name, such as `region`.
    pub word: &'static str,
    /// The environment variables that may hold it; the first that is set counts.
    pub variables: &'static [&'static str],
    /// The value when none is set.
    pub default: Option<&'static str>,
}

/// The protocol of a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// OpenAI chat completions, through `async-openai`.
    OpenAi,
    /// OpenAI chat completions with OpenRouter's own fields, through `reqwest`.
    OpenRouter,
    /// Anthropic Messages.
    Anthropic,
    /// Google's `generateContent`.
    Gemini,
    /// Amazon Bedrock's Converse.
    Converse,
}

impl Protocol {
    /// The display name.
    pub fn title(self, language: Language) -> &'static str {
        let words = &language.words().platform_tables;
        match self {
            Protocol::OpenAi => words.openai_compatible(),
            Protocol::OpenRouter => words.native(),
            Protocol::Anthropic => words.native_messages(),
            Protocol::Gemini => words.native_generatecontent(),
            Protocol::Converse => words.native_converse(),
        }
    }
}

/// How a request authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Auth {
    /// `Authorization: Bearer KEY`; without a key no header is sent.
    Bearer,
    /// The key without a prefix, in this header.
    Header(&'static str),
    /// AWS: a bearer key, else a signature (SigV4) with an access key.
    Aws,
    /// Google: an OAuth token, fetched and renewed.
    Google,
}

impl Auth {
    /// The environment variables that may hold other credentials than a key.
    pub fn variables(self) -> &'static [&'static str] {
        match self {
            Auth::Bearer | Auth::Header(_) => &[],
            Auth::Aws => &[
                "AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
                "AWS_PROFILE",
                "AWS_SHARED_CREDENTIALS_FILE",
                "HOME",
                "USERPROFILE",
            ],
            Auth::Google => &[
                "GOOGLE_APPLICATION_CREDENTIALS",
                "CLOUDSDK_CONFIG",
                "HOME",
                "APPDATA",
            ],
        }
    }
}

/// The capabilities of a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformCapabilities {
    /// It streams answers.
    pub streaming: bool,
    /// It supports tool calls.
    pub tools: bool,
    /// Its support for structured output.
    pub json: JsonSupport,
    /// It reports the cost in the answer.
    pub cost_in_answer: bool,
    /// It falls back to another host or model by itself.
    pub server_fallback: bool,
}

/// A platform's support for structured output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonSupport {
    /// A JSON schema.
    Schema,
    /// JSON of any form.
    Object,
    /// None, but a tool's arguments have a schema.
    Tool,
}

impl JsonSupport {
    /// Its name in tables: `schema`, `object` or `tool`.
    pub fn as_str(self) -> &'static str {
        match self {
            JsonSupport::Schema => "schema",
            JsonSupport::Object => "object",
            JsonSupport::Tool => "tool",
        }
    }
}

/// All platform specs.
///
/// ```
/// let names: Vec<_> = anymodel::platform_specs().iter().map(|preset| preset.name).collect();
/// assert!(names.contains(&"openrouter") && names.contains(&"bedrock"));
/// ```
pub fn platform_specs() -> &'static [PlatformSpec] {
    table::TABLE
}

/// The platform spec of this name.
pub fn find(name: &str) -> Option<&'static PlatformSpec> {
    platform_specs().iter().find(|preset| preset.name == name)
}
