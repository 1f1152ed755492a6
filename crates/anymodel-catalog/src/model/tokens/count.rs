//! Token counter: the tokens of a conversation for one model, independent of the vendor's usage report.

use super::{PER_ANSWER, PER_MESSAGE, estimate};
use anymodel_types::Message;

/// A token count, and whether it is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenCount {
    /// The number.
    pub tokens: u64,
    /// Whether the vendor gets the same number: it was counted with the model's own vocabulary, and the conversation
    /// contains nothing whose token format is unpublished.
    pub exact: bool,
    /// The vocabulary, such as `o200k_base`; `None` for the estimate of this crate.
    pub vocabulary: Option<&'static str>,
}

/// Counts the tokens of `messages` for `model`, with the chat template.
///
/// Models of OpenAI are counted with their own vocabularies when the feature `tokens` is on; the first count loads the
/// vocabulary, which takes some tenths of a second. For all others the count is an [`estimate`], and not exact. The template
/// is the one OpenAI published for GPT-3.5, GPT-4 and GPT-4o, three tokens around a message and three before the answer.
/// Reasoning models and models with open weights have other templates: the vocabulary is right and the number may be off by
/// some tokens, so it is not exact. It is not exact either with tool calls, whose format is not published, or with images,
/// which are not counted.
/// Source: OpenAI's cookbook "How to count tokens with tiktoken", read in August 2026.
///
/// ```
/// use anymodel::{Message, model::tokens};
///
/// let count = tokens::count("openai/gpt-4o-mini", &[Message::user("Hello world")]);
/// if let Some(vocabulary) = count.vocabulary {
///     assert_eq!((vocabulary, count.tokens, count.exact), ("o200k_base", 9, true));
/// }
/// assert!(!tokens::count("mistralai/mistral-nemo", &[Message::user("Hello world")]).exact);
/// ```
pub fn count(model: &str, messages: &[Message]) -> TokenCount {
    let name = vendors_own(model);
    let vocabulary = Vocabulary::of(name);
    let length = |text: &str| match vocabulary {
        Some(vocabulary) => vocabulary.count(text),
        None => estimate(text),
    };
    let tokens = messages
        .iter()
        .map(|message| {
            let calls = message.tool_calls.iter();
            let calls = calls.map(|call| length(&call.name) + length(&call.arguments));
            PER_MESSAGE
                + length(message.role.as_str())
                + length(&message.content)
                + calls.sum::<u64>()
        })
        .sum::<u64>()
        + PER_ANSWER;
    let is_plain = |message: &Message| {
        message.images.is_empty() && message.tool_calls.is_empty() && message.tool_call_id.is_none()
    };
    TokenCount {
        tokens,
        exact: vocabulary.is_some() && has_known_template(name) && messages.iter().all(is_plain),
        vocabulary: vocabulary.map(Vocabulary::name),
    }
}

/// OpenAI's own name of a model: without author, routing suffix, and fine-tuning marks.
fn vendors_own(model: &str) -> &str {
    let name = model.strip_prefix("openai/").unwrap_or(model);
    let name = name.strip_prefix("ft:").unwrap_or(name);
    name.split(':').next().unwrap_or(name)
}

/// Models with the chat template that OpenAI published.
fn has_known_template(name: &str) -> bool {
    ["gpt-3.5", "gpt-35", "gpt-4", "chatgpt-4o"]
        .iter()
        .any(|family| name.starts_with(family))
}

/// A vocabulary of OpenAI's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vocabulary {
    #[cfg(feature = "tokens")]
    O200k,
    #[cfg(feature = "tokens")]
    Cl100k,
}

#[cfg(feature = "tokens")]
impl Vocabulary {
    fn of(name: &str) -> Option<Self> {
        use tiktoken_rs::tokenizer::{Tokenizer, get_tokenizer};
        match get_tokenizer(name)? {
            // Harmony's vocabulary differs only in special tokens that no text contains.
            Tokenizer::O200kBase | Tokenizer::O200kHarmony => Some(Vocabulary::O200k),
            Tokenizer::Cl100kBase => Some(Vocabulary::Cl100k),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Vocabulary::O200k => "o200k_base",
            Vocabulary::Cl100k => "cl100k_base",
        }
    }

    fn count(self, text: &str) -> u64 {
        let encoder = match self {
            Vocabulary::O200k => tiktoken_rs::o200k_base_singleton(),
            Vocabulary::Cl100k => tiktoken_rs::cl100k_base_singleton(),
        };
        encoder.count_ordinary(text) as u64
    }
}

#[cfg(not(feature = "tokens"))]
impl Vocabulary {
    fn of(_: &str) -> Option<Self> {
        None
    }

    fn name(self) -> &'static str {
        match self {}
    }

    fn count(self, _: &str) -> u64 {
        match self {}
    }
}
