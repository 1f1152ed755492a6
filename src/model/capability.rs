//! What a model can do, what it is wanted for, and which family it belongs to: the words that people choose models by.

use std::fmt;
use std::str::FromStr;

use super::Model;
use crate::error::{Error, Result};
use crate::failure::ErrorKind;

/// An ability that not every model has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// It reasons before it answers.
    Reasoning,
    /// It reads pictures.
    Vision,
    /// It calls functions.
    Tools,
    /// It can be held to a JSON schema.
    Schema,
}

impl Capability {
    /// All of them.
    pub const ALL: [Capability; 4] = [
        Capability::Reasoning,
        Capability::Vision,
        Capability::Tools,
        Capability::Schema,
    ];

    /// One word.
    pub fn as_str(self) -> &'static str {
        match self {
            Capability::Reasoning => "reasoning",
            Capability::Vision => "vision",
            Capability::Tools => "tools",
            Capability::Schema => "schema",
        }
    }
}

/// Reads the word, and other words that people have for the same.
///
/// ```
/// use anymodel::model::Can;
///
/// assert_eq!("function-calling".parse::<Can>()?, Capability::Tools);
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
        f.pad(self.as_str())
    }
}

/// What a model is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UseCase {
    /// Daily work of every kind.
    General,
    /// Hard tasks, that want thought before an answer.
    Reasoning,
    /// Writing, reading and mending programs.
    Programming,
    /// A talk with people who wait for the next sentence.
    Conversation,
    /// Short answers, as soon as possible.
    Quick,
}

impl UseCase {
    /// All of them.
    pub const ALL: [UseCase; 5] = [
        UseCase::General,
        UseCase::Reasoning,
        UseCase::Programming,
        UseCase::Conversation,
        UseCase::Quick,
    ];

    /// One word.
    pub fn as_str(self) -> &'static str {
        match self {
            UseCase::General => "general",
            UseCase::Reasoning => "reasoning",
            UseCase::Programming => "programming",
            UseCase::Conversation => "conversation",
            UseCase::Quick => "quick",
        }
    }

    /// The same for people.
    pub fn title(self) -> &'static str {
        match self {
            UseCase::General => "daily work",
            UseCase::Reasoning => "hard tasks",
            UseCase::Programming => "programming",
            UseCase::Conversation => "conversation",
            UseCase::Quick => "quick replies",
        }
    }
}

/// Reads the word, and other words that people have for the same: `daily`, `hard`, `coding`, `chat`, `fast`, …
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
        format!("no {what} is called {shown:?}"),
    )
    .with_hint(format!("there are {}", known.join(", ")))
}

/// Parts of a model's name, and the family that they tell. A model that was made out of another belongs to that one's
/// family, so the name counts more than the author.
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

/// The families of authors whose models have names that do not tell it, such as `o4-mini`.
const AUTHORS: [(&str, &str); 4] = [
    ("openai", "GPT"),
    ("cohere", "Cohere"),
    ("mistralai", "Mistral"),
    ("anthropic", "Claude"),
];

impl Model {
    /// Whether it can.
    pub fn can(&self, ability: Capability) -> bool {
        match ability {
            Capability::Reasoning => self.reasons(),
            Capability::Vision => self.sees(),
            Capability::Tools => self.calls_tools(),
            Capability::Schema => self.obeys_schemas(),
        }
    }

    /// What it can, of [`Capability::ALL`].
    pub fn abilities(&self) -> impl Iterator<Item = Capability> + '_ {
        Capability::ALL
            .into_iter()
            .filter(|ability| self.can(*ability))
    }

    /// The family it belongs to: Claude, GPT, Gemini, Llama, Mistral, Cohere, …; a model of no known family belongs to its
    /// author's.
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
