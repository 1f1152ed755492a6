//! The platforms known by name: plain data, no I/O.
//!
//! - this file: [`PlatformSpec`], what has to be known of a platform to connect to it
//! - [`table`]: all of them
//!
//! How their protocols are spoken is the room `platform`'s; what the environment says for them is `config`'s.

mod table;

/// What has to be known of a platform to connect to it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PlatformSpec {
    /// The name in `LLM`, in [`ClientBuilder::platform`](crate::ClientBuilder::platform) and before the colon of a
    /// target.
    pub name: &'static str,
    /// The name people use.
    pub title: &'static str,
    /// Where requests go, without a slash at its end. A word in braces, such as `{region}`, is filled in from one of the
    /// [`places`](Self::places).
    pub base_url: &'static str,
    /// The environment variables that may hold its key; the first that is set counts. None: it needs no key.
    pub key_variables: &'static [&'static str],
    /// The environment variables that may hold another base URL.
    pub url_variables: &'static [&'static str],
    /// What fills the words in braces of the base URL.
    pub places: &'static [UrlVariable],
    /// How it names models.
    pub naming: &'static str,
    /// The protocol it speaks.
    pub protocol: Protocol,
    /// How a request proves who sends it.
    pub auth: Auth,
    /// What it can do.
    pub can: PlatformCapabilities,
    /// Where it differs from the others, in a few words.
    pub differs: &'static str,
}

impl PlatformSpec {
    /// Whether nothing can be asked without a key. A server on this machine needs none; where requests are signed, or
    /// tokens fetched, there are other ways to prove who asks.
    pub(crate) fn needs_key(&self) -> bool {
        !self.base_url.starts_with("http://") && !matches!(self.auth, Auth::Aws | Auth::Google)
    }
}

impl PlatformSpec {
    /// The base URL with its words in braces filled in; `None` when one of them is not known.
    pub fn address(&self, places: &[(&'static str, String)]) -> Option<String> {
        self.filled_in(places).ok()
    }

    /// As [`address`](Self::address).
    ///
    /// # Errors
    /// The first word that is not known.
    pub(crate) fn filled_in(
        &self,
        places: &[(&'static str, String)],
    ) -> Result<String, &'static str> {
        let mut url = self.base_url.to_owned();
        for known in self.places {
            let value = self.place(known.word, places).ok_or(known.word)?;
            let value = value.trim_end_matches('/');
            // Vertex AI's location for no place in particular stands in the path, and not before the host.
            if value == "global" {
                url = url.replace("{location}-", "");
            }
            url = url.replace(&format!("{{{}}}", known.word), value);
        }
        Ok(url)
    }

    /// What fills this word in braces: what was given for it, or its default.
    pub(crate) fn place<'a>(
        &self,
        word: &str,
        places: &'a [(&'static str, String)],
    ) -> Option<&'a str> {
        let given = places.iter().find(|(known, _)| *known == word);
        let known = || self.places.iter().find(|known| known.word == word);
        match given {
            Some((_, value)) => Some(value),
            None => known()?.default,
        }
    }
}

/// A word in braces in a base URL, and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UrlVariable {
    /// The word, such as `region`.
    pub word: &'static str,
    /// The environment variables that may hold it; the first that is set counts.
    pub variables: &'static [&'static str],
    /// What stands there when none is set.
    pub default: Option<&'static str>,
}

/// What is spoken on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
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
    /// The name people use.
    pub fn title(self) -> &'static str {
        match self {
            Protocol::OpenAi => "OpenAI-compatible",
            Protocol::OpenRouter => "native",
            Protocol::Anthropic => "native (Messages)",
            Protocol::Gemini => "native (generateContent)",
            Protocol::Converse => "native (Converse)",
        }
    }
}

/// How a request proves who sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Auth {
    /// `Authorization: Bearer KEY`; without a key nothing is sent.
    Bearer,
    /// The key alone in this header.
    Header(&'static str),
    /// AWS: a bearer key, else a signature (SigV4) with an access key.
    Aws,
    /// Google: an OAuth token that is fetched and renewed.
    Google,
}

impl Auth {
    /// The environment variables, beside those of keys, in which a proof is looked for.
    pub(crate) fn variables(self) -> &'static [&'static str] {
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

/// What a platform can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformCapabilities {
    /// Answers word by word.
    pub streaming: bool,
    /// Calls functions.
    pub tools: bool,
    /// Holds an answer to a form.
    pub json: JsonSupport,
    /// Says in the answer what it cost.
    pub cost_in_answer: bool,
    /// Asks another host or model by itself.
    pub server_fallback: bool,
}

/// How far a platform holds an answer to a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonSupport {
    /// To a JSON schema.
    Schema,
    /// To JSON of any form.
    Object,
    /// Not at all, but a tool's arguments have a schema.
    Tool,
}

impl JsonSupport {
    /// The word for tables: `schema`, `object` or `tool`.
    pub fn as_str(self) -> &'static str {
        match self {
            JsonSupport::Schema => "schema",
            JsonSupport::Object => "object",
            JsonSupport::Tool => "tool",
        }
    }
}

/// Every platform known by name.
///
/// ```
/// let names: Vec<_> = anymodel::platform_specs().iter().map(|preset| preset.name).collect();
/// assert!(names.contains(&"openrouter") && names.contains(&"bedrock"));
/// ```
pub fn platform_specs() -> &'static [PlatformSpec] {
    table::TABLE
}

/// The platform called `name`.
pub(crate) fn find(name: &str) -> Option<&'static PlatformSpec> {
    platform_specs().iter().find(|preset| preset.name == name)
}
