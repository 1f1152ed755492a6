//! Prepared answers: the lessons' answers from `answers.json`, and a line that says what the sandbox is for any other.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use anymodel_types::hash::fnv64;

/// The prepared answers.
#[derive(Debug, Default, Deserialize)]
struct AnswerBook {
    /// The variant of each model; models of one lesson differ.
    variants: HashMap<String, usize>,
    topics: Vec<Topic>,
}

#[derive(Debug, Deserialize)]
struct Topic {
    prompts: Vec<String>,
    en: Vec<String>,
    zh: Vec<String>,
}

/// The prepared answers, and an index from prompt to topic and language.
struct AnswerIndex {
    book: AnswerBook,
    prompts: HashMap<String, (usize, TextLanguage)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextLanguage {
    English,
    Chinese,
}

static INDEX: LazyLock<AnswerIndex> = LazyLock::new(|| {
    // A test checks that the file can be parsed.
    let book: AnswerBook = serde_json::from_str(include_str!("answers.json")).unwrap_or_default();
    let mut prompts = HashMap::new();
    for (at, topic) in book.topics.iter().enumerate() {
        for prompt in &topic.prompts {
            prompts.insert(normal(prompt), (at, language(prompt)));
        }
    }
    AnswerIndex { book, prompts }
});

/// The sixty words of faults that cut, stall or garble an answer.
const SIXTY_WORDS: &str = "This answer has sixty words so that a fault can cut it anywhere and everybody \
    can see what is missing now. The sandbox plays a real server whose line fails while it speaks. A careful client \
    notices the missing end and asks again or says so plainly. A careless client shows half an answer as if it were the \
    whole.";

/// The same for a question in Chinese, where a word is a character.
const SIXTY_WORDS_ZH: &str = "这段回答刚好有六十多个字，故障可以在任何地方把它切断，谁都看得出少了什么。细心的程序会发现结尾不见了，然后重新提问，或者老实说明；粗心的程序会把半句话当成完整的回答。";

/// The long answer for stream faults, in the language of the question.
pub(super) fn sixty_words(question: &str) -> &'static str {
    match language(question) {
        TextLanguage::Chinese => SIXTY_WORDS_ZH,
        TextLanguage::English => SIXTY_WORDS,
    }
}

/// The answer of `model` to `question`. The same question always gets the same answer.
pub(super) fn answer(model: &str, question: &str) -> String {
    let index = &*INDEX;
    let Some((topic, language)) = index.prompts.get(&normal(question)) else {
        return honest(model, question);
    };
    let Some(topic) = index.book.topics.get(*topic) else {
        return honest(model, question);
    };
    let variants = match language {
        TextLanguage::English => &topic.en,
        TextLanguage::Chinese => &topic.zh,
    };
    let chosen = index.book.variants.get(model).copied();
    let at = chosen.unwrap_or_else(|| fnv64(model.as_bytes()) as usize) % variants.len().max(1);
    variants
        .get(at)
        .cloned()
        .unwrap_or_else(|| honest(model, question))
}

/// An answer that names the sandbox, the requested model, and the question.
fn honest(model: &str, question: &str) -> String {
    let question = question.trim();
    match language(question) {
        TextLanguage::Chinese => format!(
            "这是 anymodel 的本地沙盒，并没有真正的模型在回答。你向 {model} 提问：“{question}”。设置 OPENROUTER_API_KEY 之后，就会由真实的模型来回答。"
        ),
        TextLanguage::English => format!(
            "This is anymodel's sandbox, so no real model has read this. You asked {model}: \"{question}\" Set OPENROUTER_API_KEY and the real model will answer."
        ),
    }
}

/// The model's answer after a tool result.
pub(super) fn from_tool(question: &str, result: &str) -> String {
    match language(question) {
        TextLanguage::Chinese => format!("工具返回的结果是：{}", result.trim()),
        TextLanguage::English => format!("The tool returned: {}", result.trim()),
    }
}

/// Chinese when the text has a Chinese character, English otherwise.
pub(super) fn language(text: &str) -> TextLanguage {
    if text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c)) {
        TextLanguage::Chinese
    } else {
        TextLanguage::English
    }
}

/// The normal form of a prompt for comparison: letters and digits, in lower case, full-width ones converted.
fn normal(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            c => c,
        })
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}
