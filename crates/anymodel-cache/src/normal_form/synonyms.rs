//! Synonym lists: phrases that say the same, and how they are found in a question.
//!
//! A list is plain text (`english.txt`, `chinese.txt`): `class name: phrase, phrase`. Looking up takes the longest phrase.

use super::text::Token;
use std::collections::HashMap;

/// The phrases of one class.
#[derive(Debug, Default)]
pub(super) struct Phrases {
    names: HashMap<String, &'static str>,
    /// How many words the longest phrase has that begins with a word.
    longest: HashMap<String, usize>,
}

impl Phrases {
    /// Adds a phrase, its words in normal form; an earlier name of the same phrase stays.
    pub fn add(&mut self, words: &[Token], name: &'static str) {
        let Some(first) = words.first() else { return };
        let longest = self.longest.entry(first.text.clone()).or_default();
        *longest = (*longest).max(words.len());
        self.names.entry(joined(words)).or_insert(name);
    }

    /// The longest phrase that begins at a word: its name, and how many words it has.
    pub fn find(&self, words: &[Token], at: usize) -> Option<(&'static str, usize)> {
        let longest = *self.longest.get(&words.get(at)?.text)?;
        (1..=longest.min(words.len() - at)).rev().find_map(|n| {
            let name = match n {
                1 => self.names.get(&words[at].text),
                _ => self.names.get(&joined(&words[at..at + n])),
            };
            Some((*name?, n))
        })
    }

    /// What a single word is called.
    pub fn name(&self, word: &str) -> Option<&'static str> {
        self.names.get(word).copied()
    }
}

pub(super) fn joined(words: &[Token]) -> String {
    let mut all = String::with_capacity(words.len() * 8);
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            all.push(' ');
        }
        all.push_str(&word.text);
    }
    all
}

/// A line of a list: class, name, phrases.
pub(super) type Entry = (
    &'static str,
    &'static str,
    std::str::Split<'static, &'static str>,
);

/// The lines of a list.
pub(super) fn entries(list: &'static str) -> impl Iterator<Item = Entry> {
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(head, phrases)| {
            let (class, name) = head.split_once(' ').unwrap_or((head, ""));
            (class, name, phrases.split(", "))
        })
}
