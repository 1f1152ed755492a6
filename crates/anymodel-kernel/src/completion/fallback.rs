//! Completion without rust-analyzer: the keywords of Rust, and the names in the text.

use super::{Completions, Match, SymbolKind, text};

const KEYWORDS: [&str; 38] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "Self", "static", "struct", "super", "trait", "true", "type",
    "unsafe", "use", "where", "while",
];

/// The words that start with the word at `offset`.
pub(super) fn completions(source: &str, offset: usize) -> Completions {
    let start = text::name_start(source, offset);
    let prefix = &source[start..offset];
    let mut matches = Vec::new();
    if prefix.starts_with(|c: char| !c.is_numeric()) && !prefix.is_empty() {
        let mut names = names(source, start);
        names.sort_unstable();
        names.dedup();
        let fits = |word: &str| word.len() > prefix.len() && word.starts_with(prefix);
        let one = |word: &str, kind| Match {
            text: word.to_owned(),
            kind,
            signature: String::new(),
        };
        let known = names
            .iter()
            .filter(|name| fits(name) && !KEYWORDS.contains(name) && !name.starts_with("__"));
        matches.extend(known.map(|name| one(name, SymbolKind::Name)));
        if !source[..start].ends_with(['.', ':']) {
            let words = KEYWORDS.iter().filter(|word| fits(word));
            matches.extend(words.map(|word| one(word, SymbolKind::Keyword)));
        }
    }
    Completions {
        matches,
        start,
        end: offset,
    }
}

/// The names in a text, except the one that is being typed at `open`, and those in comments and strings.
fn names(source: &str, open: usize) -> Vec<&str> {
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        let rest = &source[at..];
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if c == '"' {
            string(rest)
        } else if text::in_name(c) {
            let name = &rest[..rest.find(|c| !text::in_name(c)).unwrap_or(rest.len())];
            if at != open && !c.is_numeric() {
                names.push(name);
            }
            name.len()
        } else {
            c.len_utf8()
        };
        at += length;
    }
    names
}

/// The length of the string literal at the start of `text`; an unfinished one ends with its line.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.find('\n').unwrap_or(text.len())
}
