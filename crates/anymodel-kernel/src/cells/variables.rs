//! Variables of a session: names, and types as they can be written in source.
//!
//! The types come from the compiler. Beside the library of a cell it writes the cell's MIR, its own
//! form of the code, in which each call of `put` has the type of its argument:
//! `anymodel_cell::put::<0, std::vec::Vec<i32>>(…)`. So no type is inferred a second time.

use std::collections::{BTreeMap, BTreeSet};

use super::items::{Items, words};
use super::source::StoreVariable;

/// A variable in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its type, as the learner sees it.
    pub type_name: String,
    /// Its type, as the engine writes it.
    pub type_in_source: String,
    /// Whether it can be changed.
    pub is_mut: bool,
    /// The fingerprint of its type at its creation.
    pub shape: u64,
}

/// All variables in the store.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    known: BTreeMap<String, Variable>,
    /// Crates that appear in types but that a cell cannot name.
    hidden_crates: BTreeSet<String>,
}

impl Variables {
    /// An empty set of variables; only types can name these crates.
    pub fn new(hidden_crates: BTreeSet<String>) -> Variables {
        Variables {
            known: BTreeMap::new(),
            hidden_crates,
        }
    }

    /// Replaces the set of crates that only types may name.
    pub fn hide(&mut self, crates: BTreeSet<String>) {
        self.hidden_crates = crates;
    }

    /// The crates in a type that only types may name.
    pub fn hidden_crates_of(&self, type_name: &str) -> Vec<String> {
        let words = words_before_colons(type_name);
        words
            .filter(|word| self.hidden_crates.contains(*word))
            .map(str::to_owned)
            .collect()
    }

    /// Iterates in order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.known
            .iter()
            .map(|(name, variable)| (name.as_str(), variable))
    }

    /// Adds a variable of this type. Returns false when the type cannot be written in source.
    pub fn insert(&mut self, name: &str, type_name: &str, is_mut: bool, shape: u64) -> bool {
        if !can_be_written(type_name) {
            self.known.remove(name);
            return false;
        }
        let type_in_source = if self.hidden_crates_of(type_name).is_empty() {
            type_name.to_owned()
        } else {
            format!("__types::{name}")
        };
        self.known.insert(
            name.to_owned(),
            Variable {
                type_name: type_name.to_owned(),
                type_in_source,
                is_mut,
                shape,
            },
        );
        true
    }

    /// Removes a variable; returns whether it existed.
    pub fn remove(&mut self, name: &str) -> bool {
        self.known.remove(name).is_some()
    }

    /// Removes all of them; returns their names.
    pub fn clear(&mut self) -> Vec<String> {
        std::mem::take(&mut self.known).into_keys().collect()
    }

    /// The variables whose types differ with these items.
    pub fn changed(&self, items: &Items) -> BTreeSet<String> {
        let mut shapes: BTreeMap<&str, u64> = BTreeMap::new();
        let mut changed = BTreeSet::new();
        for (name, known) in &self.known {
            let shape = shapes.entry(&known.type_name);
            if *shape.or_insert_with_key(|name| items.shape_of(name)) != known.shape {
                changed.insert(name.clone());
            }
        }
        changed
    }

    /// A module that declares names for the types that a cell cannot name itself.
    pub fn hidden_types<'a>(&self, names: impl Iterator<Item = &'a str>) -> String {
        let (mut crates, mut types) = (BTreeSet::new(), String::new());
        for name in names {
            let Some(variable) = self.known.get(name) else {
                continue;
            };
            if variable.type_in_source != variable.type_name {
                let words = words_before_colons(&variable.type_name);
                crates.extend(words.filter(|word| self.hidden_crates.contains(*word)));
                types += &format!("pub type {name} = {};\n", variable.type_name);
            }
        }
        if types.is_empty() {
            return types;
        }
        let crates: String = crates
            .iter()
            .map(|name| format!("extern crate {name};\n"))
            .collect();
        format!("mod __types {{\nuse super::*;\n{crates}{types}}}\n")
    }
}

/// Words before `::`, as in a path that starts with a crate.
fn words_before_colons(text: &str) -> impl Iterator<Item = &str> {
    text.split("::").filter_map(|part| words(part).last())
}

/// Whether a type has a name: closures, async blocks, functions and `impl Trait` have none.
fn can_be_written(type_name: &str) -> bool {
    let nameless = type_name.contains(['{', '}', '@'])
        || type_name.contains("impl ")
        || type_name.contains("[type error]");
    !nameless
}

/// Whether a name is a variable in a cell's MIR, and not a constant.
pub fn is_variable(mir: &str, name: &str) -> bool {
    mir.contains(&format!("debug {name} =>"))
}

/// The types that a cell puts into the store, by the number of the `put`.
pub fn types_in_mir(mir: &str, puts: &[StoreVariable]) -> BTreeMap<usize, String> {
    const CALL: &str = "put::<";
    let mut types = BTreeMap::new();
    for (at, _) in mir.match_indices(CALL) {
        if !mir[..at].ends_with("anymodel_cell::") {
            continue;
        }
        let rest = &mir[at + CALL.len()..];
        let Some((number, rest)) = rest.split_once(',') else {
            continue;
        };
        let number = number.trim().trim_end_matches("_usize");
        let (Ok(number), Some(end)) = (number.parse::<usize>(), end_of_type(rest)) else {
            continue;
        };
        if number < puts.len() {
            types.insert(number, rest[..end].trim().replace("__crate_", ""));
        }
    }
    types
}

/// The position of the `>` that closes a list of types.
fn end_of_type(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '<' | '(' | '[' | '{' => depth += 1,
            '>' if before == '-' => {}
            '>' if depth == 0 => return Some(at),
            '>' | ')' | ']' | '}' => depth -= 1,
            '\n' => return None,
            _ => {}
        }
        before = c;
    }
    None
}
