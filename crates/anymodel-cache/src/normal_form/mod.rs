//! Normal form of a question: the same text for all wordings that are known to ask the same.
//!
//! The words of a question are brought into one order and one wording, by rules and by lists (`english.txt`, `chinese.txt`).
//! Each rule is safe in nearly any question, and all other words stay as they are written. So a word that is in no list
//! counts, as does every number, name and tense. Two questions with equal forms ask the same, as far as the rules are right.
//! A question that is not known to ask the same is another question: that costs hits, not wrong answers. The steps:
//!
//! 1. `text`: words, numbers, signs; nothing that distinguishes two questions is lost
//! 2. polite words go; what is asked (how, why, when, how much …) gets one name and stands first
//! 3. `synonyms`: words and phrases that say the same get one name
//! 4. phrases that may stand elsewhere are put in one place: *in Git, how …*, *a list in Python*, *the area of a circle*;
//!    `把密码修改`
//! 5. questions that are asked in several constructions get one: *what does it cost*, *what is the price of it*
//!
//! Steps 2 to 5 are `english`, `english_*` and `kinds` for English, `chinese`, `chinese_*` for Chinese; `stem` and `numbers`
//! help. `tests/data/` holds pairs of questions that the rules were made from and are measured by. The rules are an experiment
//! that has ended: errors are corrected, and no rule is added for more hits.

mod chinese;
mod chinese_order;
mod chinese_rules;
mod english;
mod english_moves;
mod english_order;
mod english_polite;
mod english_verbs;
mod english_words;
mod kinds;
mod numbers;
mod stem;
mod synonyms;
mod text;

/// The longest question that has a normal form, in words or Chinese characters: a longer one could hide a difference.
const MAX_WORDS: usize = 160;
/// The same in bytes, for a text of one endless word.
const MAX_BYTES: usize = 64 << 10;

/// The normal form of a question, by which [`Cache::semantic`](crate::Cache::semantic) finds answers: two questions with the same
/// form share one.
///
/// English and Chinese questions have different forms. `None` for a text of more than 160 words or Chinese characters, and
/// for one that says nothing: such questions share no answer.
///
/// A form may look different in any version; only whether two forms are equal has a meaning.
///
/// ```
/// use anymodel::normal_form;
///
/// let form = normal_form("How do I rename a branch?");
/// assert!(form.is_some());
/// assert_eq!(normal_form("How can I rename a branch, please?"), form);
/// assert_ne!(normal_form("How do I rename a tag?"), form);
/// assert_eq!(normal_form("怎么修改登录密码？"), normal_form("如何更改登录密码？"));
/// assert_eq!(normal_form("?"), None);
/// ```
pub fn normal_form(question: &str) -> Option<String> {
    if question.len() > MAX_BYTES || text::length(question) > MAX_WORDS {
        return None;
    }
    let (language, form) = if question.chars().any(text::is_han) {
        ("zh", chinese::form(question))
    } else {
        ("en", english::form(question))
    };
    if form.is_empty() {
        return None;
    }
    // *How do illness and disease differ?* asks about words that the lists take for the same.
    let form = if halves_alike(&form) {
        question.to_lowercase()
    } else {
        form
    };
    Some(format!("{language}: {form}"))
}

/// Whether the question asks for a difference between words that the lists take for one thing.
fn halves_alike(form: &str) -> bool {
    let halves = form
        .strip_prefix("<differ>")
        .and_then(|rest| rest.split_once(" and ").or_else(|| rest.split_once('和')));
    halves.is_some_and(|(a, b)| a.trim() == b.trim())
}

/// Words for a question about a word, not about what it names: there no synonym stands for the word.
const OF_WORDS: [&str; 46] = [
    "spell",
    "spelled",
    "spelt",
    "spelling",
    "pronounce",
    "pronounced",
    "pronunciation",
    "plural",
    "singular",
    "synonym",
    "synonyms",
    "antonym",
    "antonyms",
    "opposite",
    "rhyme",
    "rhymes",
    "syllable",
    "syllables",
    "letters",
    "tense",
    "etymology",
    "abbreviation",
    "acronym",
    "stand",
    "stands",
    "word",
    "words",
    "noun",
    "verb",
    "adjective",
    "adverb",
    "participle",
    "mean",
    "means",
    "meaning",
    "translate",
    "translation",
    "say",
    "called",
    "conjugate",
    "comparative",
    "superlative",
    "slang",
    "grammar",
    "hyphenated",
    "capitalized",
];
const OF_WORDS_HAN: [&str; 20] = [
    "近义词",
    "反义词",
    "同义词",
    "拼音",
    "怎么读",
    "怎么念",
    "怎么写",
    "怎么拼",
    "笔画",
    "部首",
    "英文",
    "英语",
    "日语",
    "法语",
    "德语",
    "造句",
    "翻译",
    "量词",
    "词性",
    "组词",
];

/// Whether a question asks about a word itself.
fn of_words(words: &[text::Token]) -> bool {
    let han: String = words.iter().map(|word| word.text.as_str()).collect();
    words
        .iter()
        .any(|word| OF_WORDS.contains(&word.text.as_str()))
        || OF_WORDS_HAN.iter().any(|asks| han.contains(asks))
}
