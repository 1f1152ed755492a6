//! What earlier cells computed: names, and types as they can be written in source.
//!
//! The types come from the compiler. Beside the library of a cell it writes the cell's MIR, its own
//! form of the code, in which each call of `put` stands with the type of what is put:
//! `anymodel_cell::put::<0, std::vec::Vec<i32>>(…)`. So nobody has to infer a type a second time.

use std::collections::{BTreeMap, BTreeSet};

use super::items::{Items, words};
use super::source::StoreVariable;

/// A variable in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its type, for the learner.
    pub type_name: String,
    /// Its type, as the engine writes it.
    pub type_in_source: String,
    /// Whether it can be changed.
    pub is_mut: bool,
    /// What its type depended on when it was made.
    pub shape: u64,
}

/// All variables in the store.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    known: BTreeMap<String, Variable>,
    /// Crates that types may name and cells may not.
    hidden_crates: BTreeSet<String>,
}

impl Variables {
    /// No variables yet; these crates can be named by types alone.
    pub fn new(hidden_crates: BTreeSet<String>) -> Variables {
        Variables {
            known: BTreeMap::new(),
            hidden_crates,
        }
    }

    /// Changes which crates types alone may name.
    pub fn hide(&mut self, crates: BTreeSet<String>) {
        self.hidden_crates = crates;
    }

    /// The crates of a type that types alone may name.
    pub fn hidden_crates_of(&self, type_name: &str) -> Vec<String> {
        let words = words_before_colons(type_name);
        words
            .filter(|word| self.hidden_crates.contains(*word))
            .map(str::to_owned)
            .collect()
    }

    /// Name by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.known
            .iter()
            .map(|(name, variable)| (name.as_str(), variable))
    }

    /// Notes a variable of this type. Returns false when the type cannot be written in source.
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

    /// Forgets a variable; says whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        self.known.remove(name).is_some()
    }

    /// Forgets all of them; returns their names.
    pub fn clear(&mut self) -> Vec<String> {
        std::mem::take(&mut self.known).into_keys().collect()
    }

    /// The variables whose types are other ones when these are the items.
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

    /// A module that names the types which a cell could not name by itself.
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

/// Words that are followed by `::`, as the name of a crate is.
fn words_before_colons(text: &str) -> impl Iterator<Item = &str> {
    text.split("::").filter_map(|part| words(part).last())
}

/// Closures, futures of async blocks, functions and `impl Trait` have types without a name.
fn can_be_written(type_name: &str) -> bool {
    let nameless = type_name.contains(['{', '}', '@'])
        || type_name.contains("impl ")
        || type_name.contains("[type error]");
    !nameless
}

/// Whether a name stands for a variable in a cell, and not for a constant.
pub fn is_variable(mir: &str, name: &str) -> bool {
    mir.contains(&format!("debug {name} =>"))
}

/// The types of what a cell puts into the store, by the number of the `put`.
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

/// Where the `>` stands that closes a list of types.
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
