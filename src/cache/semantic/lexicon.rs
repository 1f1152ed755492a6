//! The words that the guard knows: what says the same, what never does, and what is asked for.
//!
//! Two plain lists, English and Chinese (`lexicon/en.txt`, `lexicon/zh.txt`), compiled in and read once. A word that stands in
//! neither list counts as itself. They say why two questions are not one; which are one, the normal forms say (`form`).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::hash;
use super::words::{Script, Words, stem};

/// What a phrase stands for; one phrase may be several things, as `every month` is a unit and an amount.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    pub content: Content,
    /// A bit of [`ASKS`].
    pub asks: u32,
    pub not: bool,
    /// Turns the sense of the rest: `stop`, `cancel`.
    pub turns: bool,
    /// A bit of the units, 0 for none.
    pub unit: u128,
    pub amounts: u8,
    pub times: u8,
}

/// What a phrase adds to the content of a question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Content {
    #[default]
    Nothing,
    Light(u32),
    Same(u32),
}

impl Content {
    fn key(self) -> Option<u32> {
        match self {
            Content::Nothing => None,
            Content::Light(key) | Content::Same(key) => Some(key),
        }
    }
}

/// What can be asked for; the position is the bit.
pub(super) const ASKS: [&str; 25] = [
    "howto",
    "why",
    "when",
    "duration",
    "often",
    "count",
    "price",
    "much",
    "limit",
    "size",
    "distance",
    "where",
    "who",
    "which",
    "can",
    "should",
    "meaning",
    "purpose",
    "difference",
    "is",
    "effect",
    "usage",
    "title",
    "what",
    "whom",
];
const AMOUNTS: [&str; 7] = ["all", "some", "one", "half", "most", "over", "under"];
const TIMES: [&str; 3] = ["past", "future", "mine"];

/// Both lists, ready to look up.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    phrases: HashMap<Box<str>, Entry>,
    /// Single English words by their stems, for forms that the list does not spell out.
    stems: HashMap<Box<str>, Entry>,
    /// How many tokens the longest phrase has that begins with this one.
    longest: HashMap<Box<str>, usize>,
    apart: HashSet<(u32, u32)>,
    polar: HashSet<u32>,
}

static ENGLISH: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::read(include_str!("lexicon/en.txt")));
static CHINESE: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::read(include_str!("lexicon/zh.txt")));

/// The lexicon for questions with Chinese in them, and for those without.
pub(super) fn lexicon(han: bool) -> &'static Lexicon {
    if han { &CHINESE } else { &ENGLISH }
}

impl Lexicon {
    fn read(list: &str) -> Self {
        let mut lexicon = Lexicon::default();
        let mut units = Vec::new();
        let entries = || list.lines().filter_map(|line| line.split_once(": "));
        for (head, phrases) in entries().filter(|(head, _)| *head != "apart") {
            let (class, name) = head.split_once(' ').unwrap_or((head, ""));
            for phrase in phrases.split(", ") {
                let mut entry = Entry::default();
                match class {
                    "ask" => entry.asks = bit(&ASKS, name),
                    "not" => entry.not = true,
                    "turn" => entry.turns = true,
                    "amount" => entry.amounts = bit(&AMOUNTS, name) as u8,
                    "time" => entry.times = bit(&TIMES, name) as u8,
                    "light" => entry.content = Content::Light(hash(stem(phrase))),
                    "same" => entry.content = Content::Same(hash(stem(name))),
                    "unit" => {
                        let at = units
                            .iter()
                            .position(|unit| *unit == name)
                            .unwrap_or(units.len());
                        if at == units.len() {
                            units.push(name);
                        }
                        entry.unit = 1 << at.min(127);
                        entry.content = Content::Light(hash(stem(name)));
                    }
                    _ => {}
                }
                lexicon.add(phrase, entry);
            }
        }
        // What turns the sense does so in all its wordings.
        let turning: HashSet<u32> = lexicon
            .phrases
            .values()
            .filter(|entry| entry.turns)
            .filter_map(|entry| entry.content.key())
            .collect();
        for entry in lexicon
            .phrases
            .values_mut()
            .chain(lexicon.stems.values_mut())
        {
            entry.turns |= entry
                .content
                .key()
                .is_some_and(|key| turning.contains(&key));
        }
        for (_, pair) in entries().filter(|(head, _)| *head == "apart") {
            if let Some((a, b)) = pair.split_once(", ") {
                let (a, b) = (lexicon.key(a), lexicon.key(b));
                lexicon.apart.extend([(a, b), (b, a)]);
                lexicon.polar.extend([a, b]);
            }
        }
        lexicon
    }

    fn add(&mut self, phrase: &str, entry: Entry) {
        let words = Words::of(phrase);
        let Some(first) = words.tokens.first() else {
            return;
        };
        let longest = self
            .longest
            .entry(words.text[first.start..first.end].into())
            .or_default();
        *longest = (*longest).max(words.tokens.len());
        if words.tokens.len() == 1 && first.script == Script::Latin && entry.unit == 0 {
            merge(
                self.stems.entry(stem(&words.text).into()).or_default(),
                entry,
            );
        }
        merge(self.phrases.entry(words.text.into()).or_default(), entry);
    }

    /// The longest phrase that begins at a token, and how many tokens it has.
    pub fn find(&self, words: &Words, at: usize) -> Option<(usize, Entry)> {
        let word = words.slice(at, at);
        let longest = self
            .longest
            .get(word)
            .copied()
            .unwrap_or(0)
            .min(words.tokens.len() - at);
        let exact = (1..=longest)
            .rev()
            .find_map(|n| Some((n, *self.phrases.get(words.slice(at, at + n - 1))?)));
        exact.or_else(|| match words.tokens[at].script {
            Script::Latin => Some((1, *self.stems.get(stem(word))?)),
            _ => None,
        })
    }

    /// Whether two words never say the same.
    pub fn apart(&self, a: u32, b: u32) -> bool {
        self.apart.contains(&(a, b))
    }

    /// Whether a word has an opposite.
    pub fn has_opposite(&self, key: u32) -> bool {
        self.polar.contains(&key)
    }

    /// The key under which a word of the list of opposites stands in questions.
    fn key(&self, word: &str) -> u32 {
        match self.phrases.get(word).map(|entry| entry.content) {
            Some(Content::Same(key) | Content::Light(key)) => key,
            _ => hash(stem(word)),
        }
    }
}

/// Adds what a further line says of a phrase; what it stands for as content is said by the first line that says so.
fn merge(entry: &mut Entry, more: Entry) {
    if entry.content == Content::Nothing {
        entry.content = more.content;
    }
    entry.asks |= more.asks;
    entry.not |= more.not;
    entry.turns |= more.turns;
    entry.unit |= more.unit;
    entry.amounts |= more.amounts;
    entry.times |= more.times;
}

fn bit(names: &[&str], name: &str) -> u32 {
    names
        .iter()
        .position(|known| *known == name)
        .map_or(0, |at| 1 << at)
}
