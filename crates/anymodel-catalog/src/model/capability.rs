//! Capabilities, use cases and model families: the criteria for choosing a model.

use std::fmt;
use std::str::FromStr;

use super::Model;
use anymodel_types::{Error, ErrorKind, Language, Result, words};

/// A capability of some models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// It reasons before it answers.
    Reasoning,
    /// It accepts images.
    Vision,
    /// It calls tools.
    Tools,
    /// It supports a JSON schema for its answer.
    Schema,
}

impl Capability {
    /// All capabilities.
    pub const ALL: [Capability; 4] = [
        Capability::Reasoning,
        Capability::Vision,
        Capability::Tools,
        Capability::Schema,
    ];

    /// Its name for programs, one word: always in English.
    pub fn as_str(self) -> &'static str {
        self.name_in(Language::English)
    }

    /// Its name for people, in their language. A `Capability` displays as the one in the language of the process.
    pub fn name_in(self, language: Language) -> &'static str {
        let words = &language.words().capability_names;
        match self {
            Capability::Reasoning => words.reasoning(),
            Capability::Vision => words.vision(),
            Capability::Tools => words.tools(),
            Capability::Schema => words.schema(),
        }
    }
}

/// Parses the name of a capability, or a synonym.
///
/// ```
/// use anymodel::model::Capability;
///
/// assert_eq!("function-calling".parse::<Capability>()?, Capability::Tools);
/// # Ok::<(), anymodel::Error>(())
/// ```
impl FromStr for Capability {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Ok(
            match word.trim().to_lowercase().replace('_', "-").as_str() {
                "reasoning" | "reason" | "thinking" => Capability::Reasoning,
                "vision" | "images" | "image" | "pictures" => Capability::Vision,
                "tools" | "tool" | "functions" | "function-calling" | "tool-calling" => {
                    Capability::Tools
                }
                "schema" | "json" | "json-schema" | "structured-output" | "structured-outputs" => {
                    Capability::Schema
                }
                _ => {
                    return Err(unknown(
                        "ability",
                        word,
                        &Capability::ALL.map(Capability::as_str),
                    ));
                }
            },
        )
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name_in(Language::current()))
    }
}

/// A use case: what a model is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UseCase {
    /// Everyday work of every kind.
    General,
    /// Hard tasks that need reasoning before an answer.
    Reasoning,
    /// Writing, reading and fixing programs.
    Programming,
    /// A conversation with people who wait for the next sentence.
    Conversation,
    /// Short answers with low latency.
    Quick,
}

impl UseCase {
    /// All use cases.
    pub const ALL: [UseCase; 5] = [
        UseCase::General,
        UseCase::Reasoning,
        UseCase::Programming,
        UseCase::Conversation,
        UseCase::Quick,
    ];

    /// Its name, one word.
    pub fn as_str(self) -> &'static str {
        match self {
            UseCase::General => "general",
            UseCase::Reasoning => "reasoning",
            UseCase::Programming => "programming",
            UseCase::Conversation => "conversation",
            UseCase::Quick => "quick",
        }
    }

    /// Its display name.
    pub fn title(self) -> &'static str {
        match self {
            UseCase::General => words::model_tables().daily_work(),
            UseCase::Reasoning => words::model_tables().hard_tasks(),
            UseCase::Programming => words::model_tables().programming(),
            UseCase::Conversation => words::model_tables().conversation(),
            UseCase::Quick => words::model_tables().quick_replies(),
        }
    }
}

/// Parses the name of a use case, or a synonym: `daily`, `hard`, `coding`, `chat`, `fast`, …
impl FromStr for UseCase {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Ok(match word.trim().to_lowercase().as_str() {
            "general" | "daily" | "everyday" => UseCase::General,
            "reasoning" | "hard" | "mathematics" | "math" => UseCase::Reasoning,
            "programming" | "coding" | "code" => UseCase::Programming,
            "conversation" | "chat" | "dialogue" => UseCase::Conversation,
            "quick" | "fast" => UseCase::Quick,
            _ => return Err(unknown("use", word, &UseCase::ALL.map(UseCase::as_str))),
        })
    }
}

impl fmt::Display for UseCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

fn unknown(what: &str, word: &str, known: &[&str]) -> Error {
    let shown: String = word.chars().take(40).collect();
    Error::new(
        ErrorKind::InvalidRequest,
        words::model_tables().nothing_is_called(&what, &format_args!("{shown:?}")),
    )
    .with_hint(words::model_tables().there_are(&known.join(", ")))
}

/// Parts of a model's name, and the family that they mean. A model derived from another belongs to that one's family, so
/// the name counts more than the author.
const FAMILIES: [(&str, &str); 17] = [
    ("claude", "Claude"),
    ("gemini", "Gemini"),
    ("gemma", "Gemma"),
    ("llama", "Llama"),
    ("mistral", "Mistral"),
    ("mixtral", "Mistral"),
    ("devstral", "Mistral"),
    ("command", "Cohere"),
    ("deepseek", "DeepSeek"),
    ("qwen", "Qwen"),
    ("qwq", "Qwen"),
    ("glm", "GLM"),
    ("grok", "Grok"),
    ("kimi", "Kimi"),
    ("nova", "Nova"),
    ("phi-", "Phi"),
    ("gpt", "GPT"),
];

/// The families of authors whose model names do not contain it, such as `o4-mini`.
const AUTHORS: [(&str, &str); 4] = [
    ("openai", "GPT"),
    ("cohere", "Cohere"),
    ("mistralai", "Mistral"),
    ("anthropic", "Claude"),
];

impl Model {
    /// Whether it has the capability.
    pub fn can(&self, ability: Capability) -> bool {
        match ability {
            Capability::Reasoning => self.supports_reasoning(),
            Capability::Vision => self.accepts_images(),
            Capability::Tools => self.supports_tools(),
            Capability::Schema => self.supports_json_schema(),
        }
    }

    /// Its capabilities, in the order of [`Capability::ALL`].
    pub fn abilities(&self) -> impl Iterator<Item = Capability> + '_ {
        Capability::ALL
            .into_iter()
            .filter(|ability| self.can(*ability))
    }

    /// Its family: Claude, GPT, Gemini, Llama, Mistral, Cohere, …; without a known family, its author.
    ///
    /// ```
    /// let model = anymodel::model::catalogue().get("openai/o4-mini").unwrap();
    /// assert_eq!(model.family(), "GPT");
    /// ```
    pub fn family(&self) -> &str {
        let slug = self.id.split_once('/').map_or(&*self.id, |(_, slug)| slug);
        let slug = slug.to_lowercase();
        let by_name = FAMILIES.iter().find(|(part, _)| slug.contains(part));
        let known = by_name.or_else(|| AUTHORS.iter().find(|(author, _)| *author == self.author()));
        match known {
            Some((_, family)) => family,
            None if self.author().is_empty() => "other",
            None => self.author(),
        }
    }

    /// The part of the id after the author, without `:free`.
    pub(super) fn slug(&self) -> &str {
        let slug = self.id.split_once('/').map_or(&*self.id, |(_, slug)| slug);
        slug.split(':').next().unwrap_or(slug)
    }

    /// Whether it answers in text, and is one model and no router.
    pub fn answers_in_text(&self) -> bool {
        !self.is_router() && self.output_modalities.iter().any(|kind| kind == "text")
    }
}
