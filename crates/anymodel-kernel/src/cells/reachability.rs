//! Reachability analysis: which items of earlier cells a cell needs, followed by name from item to item.
//!
//! So a cell compiles only what it uses, and a broken item affects only the cells that use it. Where
//! names are not enough (a method of a trait that is not mentioned), rustc reports an error, and
//! the cell is compiled again with all items.

use std::collections::{BTreeMap, BTreeSet};

use super::items::{DeclaredName, KeptItem, words};

/// How an item is reached, and the names that it needs itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// The words of its text, which are names that it may need.
    pub words: BTreeSet<String>,
    /// The names that reach it.
    pub by: ReachedBy,
}

/// The condition that makes a cell include an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ReachedBy {
    /// By one of these names.
    Names(Vec<String>),
    /// By the name of a crate.
    Crate(String),
    /// An import, by its name; in any case when what it imports is not of this session.
    Import {
        /// The first name of its path.
        first: String,
        /// The name that it declares; none for a glob import.
        name: Option<String>,
    },
    /// An `impl`, with its type; when that is not of this session, with its trait.
    Impl {
        /// The words of the type.
        of: BTreeSet<String>,
        /// The words of the trait.
        as_: BTreeSet<String>,
    },
    /// By any of its words: a macro call can declare any name.
    #[default]
    Words,
}

impl Reach {
    /// The reach of an item with this text.
    pub fn new(text: &str, by: ReachedBy) -> Reach {
        let names = words(text).filter(|word| !is_common(word));
        Reach {
            words: names.map(str::to_owned).collect(),
            by,
        }
    }
}

/// Whether a word is a keyword or a number, which no item has as its name.
fn is_common(word: &str) -> bool {
    const WORDS: [&str; 56] = [
        "as", "async", "await", "bool", "box", "break", "char", "const", "continue", "crate",
        "dyn", "else", "enum", "extern", "f32", "f64", "false", "fn", "for", "i128", "i16", "i32",
        "i64", "i8", "if", "impl", "in", "isize", "let", "loop", "match", "mod", "move", "mut",
        "pub", "r", "ref", "return", "self", "Self", "static", "str", "struct", "super", "trait",
        "true", "type", "u128", "u16", "u32", "u64", "u8", "unsafe", "use", "usize", "where",
    ];
    WORDS.contains(&word) || word == "while" || word.starts_with(|c: char| c.is_ascii_digit())
}

/// Items by their names.
pub(super) type SessionNames<'a> = BTreeMap<&'a str, Vec<&'a DeclaredName>>;

/// Groups the named items by name.
pub(super) fn by_name<'a>(all: impl Iterator<Item = &'a DeclaredName>) -> SessionNames<'a> {
    let mut session = SessionNames::new();
    for entry in all {
        if let Some(name) = entry.name() {
            let name = name.trim_start_matches("r#");
            session.entry(name).or_default().push(entry);
        }
    }
    session
}

/// What reaches an item in a session with these names: any of some words, or anything.
pub(super) fn triggers<'a>(
    entry: &'a DeclaredName,
    session: &SessionNames<'a>,
) -> Option<BTreeSet<&'a str>> {
    let of_session = |words: &'a BTreeSet<String>| -> BTreeSet<&'a str> {
        let words = words.iter().map(String::as_str);
        words.filter(|word| session.contains_key(word)).collect()
    };
    let all_words = |name: &str| -> BTreeSet<&'a str> {
        let found = session.get(name).into_iter().flatten();
        found
            .flat_map(|entry| entry.reach.words.iter().map(String::as_str))
            .collect()
    };
    match &entry.reach.by {
        ReachedBy::Names(names) => Some(names.iter().map(String::as_str).collect()),
        ReachedBy::Crate(name) => Some(BTreeSet::from([name.as_str()])),
        ReachedBy::Import { first, name } => {
            // A path that is only its own name, `use rand;`, is a crate.
            let is_item = |one: &&DeclaredName| {
                !matches!(one.reach.by, ReachedBy::Crate(_)) && !std::ptr::eq(*one, entry)
            };
            session.get(first.as_str())?.iter().copied().find(is_item)?;
            Some(match name {
                Some(name) => BTreeSet::from([name.as_str(), first.as_str()]),
                None => all_words(first),
            })
        }
        ReachedBy::Impl { of, as_ } => {
            let (of, as_) = (of_session(of), of_session(as_));
            match (of.is_empty(), as_.is_empty()) {
                (false, _) => Some(of),
                (true, false) => Some(as_),
                (true, true) => None,
            }
        }
        ReachedBy::Words => {
            let own = entry.reach.words.iter().map(String::as_str);
            let macros = own.clone().flat_map(all_words);
            Some(own.chain(macros).collect())
        }
    }
}

/// The items and words that a text reaches.
#[derive(Debug, Default)]
pub struct Reached {
    /// The items of earlier cells, by their numbers.
    pub numbers: BTreeSet<usize>,
    /// All words on the way, which are names that the items may need.
    pub words: BTreeSet<String>,
}

/// The items reached from a text with these words; the items `start` are always included.
pub fn reached<'a>(
    all: impl Iterator<Item = &'a KeptItem> + Clone,
    wanted: impl Iterator<Item = &'a str>,
    start: &BTreeSet<usize>,
) -> Reached {
    let session = by_name(all.clone().map(|kept| &kept.entry));
    let mut by_word: BTreeMap<&str, Vec<&KeptItem>> = BTreeMap::new();
    let mut found = Reached::default();
    let mut open: Vec<&str> = wanted.collect();
    for kept in all {
        match triggers(&kept.entry, &session) {
            Some(words) if !start.contains(&kept.number) => {
                for word in words {
                    by_word.entry(word).or_default().push(kept);
                }
            }
            Some(_) => {
                found.numbers.insert(kept.number);
                open.extend(kept.entry.reach.words.iter().map(String::as_str));
            }
            None => {
                found.numbers.insert(kept.number);
            }
        }
    }
    while let Some(word) = open.pop() {
        if !found.words.insert(word.to_owned()) {
            continue;
        }
        for kept in by_word.get(word).into_iter().flatten() {
            if found.numbers.insert(kept.number) {
                open.extend(kept.entry.reach.words.iter().map(String::as_str));
            }
        }
    }
    found
}
