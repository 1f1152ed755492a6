//! Pattern: one line of the bypass rules, and how it is matched in a question.

/// The most words that a `…` matches, in half words: a Chinese character is half a word.
const GAP: usize = 8;
const WORD: usize = 2;
const CHARACTER: usize = 1;

/// The end of a sentence: a full stop, a question mark, a new line.
pub(super) const STOP: &str = ".";

/// Pattern: one line of a list.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// Whether it matches only at the beginning of a sentence.
    at_start: bool,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    /// One of these, each a few words.
    Any(Vec<Vec<String>>),
    /// A few words, or none.
    Gap,
    /// The end of a sentence.
    End,
}

impl Pattern {
    /// Reads a line; `None` when it holds no word to match.
    pub fn read(line: &str) -> Option<Self> {
        let mut at_start = false;
        let mut parts = Vec::new();
        for piece in line.split_whitespace() {
            match piece {
                "^" if parts.is_empty() => at_start = true,
                "$" => parts.push(Part::End),
                "…" | "..." => parts.push(Part::Gap),
                _ => {
                    let mut any: Vec<Vec<String>> = piece
                        .split('/')
                        .map(|one| words(&one.replace('_', " ")))
                        .map(without_stops)
                        .filter(|one| !one.is_empty())
                        .collect();
                    // The longest first, so that it is taken where several fit.
                    any.sort_by_key(|one| std::cmp::Reverse(one.len()));
                    parts.push(Part::Any(any));
                }
            }
        }
        match parts.first() {
            Some(Part::Any(any)) if !any.is_empty() => Some(Pattern { at_start, parts }),
            _ => None,
        }
    }

    /// The words that a match may begin with.
    pub fn begins_with(&self) -> Vec<String> {
        let Some(Part::Any(any)) = self.parts.first() else {
            return Vec::new();
        };
        let mut first: Vec<String> = any.iter().filter_map(|one| one.first().cloned()).collect();
        first.sort();
        first.dedup();
        first
    }

    /// The end of a match that begins at this word; `None` without a match.
    pub fn end(&self, words: &[String], at: usize) -> Option<usize> {
        let begins = at.checked_sub(1).is_none_or(|before| words[before] == STOP);
        match self.at_start && !begins {
            true => None,
            false => end_of(&self.parts, words, at),
        }
    }
}

fn end_of(parts: &[Part], words: &[String], at: usize) -> Option<usize> {
    let Some((part, rest)) = parts.split_first() else {
        return Some(at);
    };
    match part {
        Part::End => match words.get(at) {
            Some(word) if word != STOP => None,
            _ => end_of(rest, words, at),
        },
        Part::Any(any) => any
            .iter()
            .filter(|one| words[at..].starts_with(one))
            .find_map(|one| end_of(rest, words, at + one.len())),
        Part::Gap => {
            let mut left = GAP;
            let mut at = at;
            loop {
                if let Some(end) = end_of(rest, words, at) {
                    return Some(end);
                }
                let word = words.get(at).filter(|word| *word != STOP)?;
                left = left.checked_sub(weight(word))?;
                at += 1;
            }
        }
    }
}

fn weight(word: &str) -> usize {
    match word.chars().next() {
        Some(first) if is_ideograph(first) => CHARACTER,
        _ => WORD,
    }
}

fn without_stops(mut words: Vec<String>) -> Vec<String> {
    words.retain(|word| word != STOP);
    words
}

/// The words of a text, in small letters; each Chinese character is one, and so is each end of a sentence.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // "what's" → "what", "don't" → "dont".
            '\'' | '’' if !word.is_empty() => {
                let is_s = characters
                    .peek()
                    .is_some_and(|next| matches!(next, 's' | 'S'));
                let mut beyond = characters.clone();
                beyond.next();
                if is_s && !beyond.peek().is_some_and(|next| next.is_alphanumeric()) {
                    characters.next();
                }
            }
            _ if is_ideograph(character) => {
                finish(&mut word, &mut words);
                words.push(character.to_string());
            }
            _ if character.is_alphanumeric() || character == '&' => {
                word.extend(narrow(character).to_lowercase());
            }
            '.' | ','
                if !word.is_empty() && characters.peek().is_some_and(char::is_ascii_digit) =>
            {
                word.push(character);
            }
            '.' | '?' | '!' | ';' | '\n' | '。' | '？' | '！' | '；' | '…' => {
                finish(&mut word, &mut words);
                if words.last().is_some_and(|last| last != STOP) {
                    words.push(STOP.to_owned());
                }
            }
            _ => finish(&mut word, &mut words),
        }
    }
    finish(&mut word, &mut words);
    words
}

fn finish(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// A full-width letter or digit as an ordinary one.
fn narrow(character: char) -> char {
    match character {
        '！'..='～' => char::from_u32(character as u32 - 0xFEE0).unwrap_or(character),
        other => other,
    }
}

fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}
