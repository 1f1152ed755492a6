//! Declared items of a session: a later cell includes those that it can reach.
//!
//! An item has a key, and a new item replaces an older one with the same key. So a learner
//! can run a cell again, or define a function again, as in any notebook. [`reachability`](super::reachability) decides
//! which items a cell needs, `type_fingerprint` which of them a type depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::reachability::Reach;
use super::statics::StaticItem;

/// A declaration in a cell that is being run.
#[derive(Debug, Clone)]
pub struct Declared {
    /// Its range in the cell.
    pub range: Range<usize>,
    /// The names that later cells see: one entry, or one for each name of a `use`.
    pub entries: Vec<DeclaredName>,
    /// Whether it is a macro call that may declare an item; otherwise it runs code.
    pub is_call: bool,
    /// The macro call, when these items are its expansion.
    pub call: Option<Box<Declared>>,
}

impl Declared {
    /// Whether the compiler gets it as it stands in the cell.
    pub fn is_as_written(&self) -> bool {
        let is_own = |entry: &DeclaredName| !matches!(entry.place, ItemPlace::For(_));
        let mut entries = self.entries.iter();
        !self.is_call && entries.all(|entry| entry.states.is_empty() && is_own(entry))
    }
}

/// One declared name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredName {
    /// Its key.
    pub key: ItemKey,
    /// The namespaces in which it takes its name.
    pub spaces: Namespaces,
    /// Whether it has a `cfg` attribute, so that another item of its name can exist beside it.
    pub is_conditional: bool,
    /// Its text.
    pub text: String,
    /// The position of the text in its cell.
    pub place: ItemPlace,
    /// Its statics, each of which must exist once in a session.
    pub states: Vec<StaticItem>,
    /// The names that make a cell include it, and the names that it needs itself.
    pub reach: Reach,
    /// The text that the memory layout depends on: without bodies of functions.
    pub shape: String,
}

/// The origin of an item's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemPlace {
    /// The text is in its cell unchanged, from this byte on.
    Whole(usize),
    /// The text comes from these bytes, such as a macro call.
    For(Range<usize>),
    /// No position in a cell.
    Nowhere,
}

/// The namespaces of the language: one name can have a meaning in each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Namespaces(u8);

impl Namespaces {
    /// Not known, as for an import.
    pub const UNKNOWN: Namespaces = Namespaces(0);
    /// Types, traits and modules.
    pub const TYPE: Namespaces = Namespaces(1);
    /// Functions, constants, statics.
    pub const VALUE: Namespaces = Namespaces(2);
    /// A type that is also a constructor.
    pub const BOTH: Namespaces = Namespaces(3);
    /// Macros.
    pub const MACRO: Namespaces = Namespaces(4);

    fn meets(self, other: Namespaces) -> bool {
        self.0 & other.0 != 0
    }
}

impl DeclaredName {
    /// Whether it is a macro, which is found only after its declaration.
    pub fn is_macro(&self) -> bool {
        self.spaces == Namespaces::MACRO
    }

    /// Its name, when it is a value.
    pub fn value(&self) -> Option<&str> {
        self.name().filter(|_| self.spaces.meets(Namespaces::VALUE))
    }

    /// Its name.
    pub fn name(&self) -> Option<&str> {
        match &self.key {
            ItemKey::Name(name) => Some(name),
            _ => None,
        }
    }

    /// A short description.
    pub fn title(&self) -> String {
        match &self.key {
            ItemKey::Name(name) if self.is_macro() => format!("{name}!"),
            ItemKey::Name(name) => name.clone(),
            _ => {
                let end = self.text.find(['{', '\n']).unwrap_or(self.text.len());
                self.text[..end].trim().to_owned()
            }
        }
    }

    /// Whether it replaces an older one.
    fn replaces(&self, old: &DeclaredName) -> bool {
        if self.text == old.text && self.key == old.key {
            return true;
        }
        match (&self.key, &old.key) {
            // Where only rustc knows whether the two collide, rustc decides.
            (ItemKey::Name(new), ItemKey::Name(name)) => {
                new == name
                    && self.spaces.meets(old.spaces)
                    && !self.is_conditional
                    && !old.is_conditional
            }
            (ItemKey::Impl(new, members), ItemKey::Impl(header, others)) => {
                // Two `impl` blocks for one type exist side by side unless both define the same name.
                new == header
                    && (members.is_empty() || new.contains(" for ") || !members.is_disjoint(others))
            }
            _ => false,
        }
    }
}

/// The key that identifies an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKey {
    /// A name: of a function, a type, a constant, an import.
    Name(String),
    /// An `impl` block: its header, and the names of its items.
    Impl(String, BTreeSet<String>),
    /// An item without a name: its text.
    Text(String),
}

/// An entry that the session keeps, with its cells.
#[derive(Debug, Clone)]
pub struct KeptItem {
    /// Its number in this session.
    pub number: usize,
    /// The cell that contains its text.
    pub cell: u32,
    /// The cell whose library holds its statics.
    pub home: u32,
    /// The fingerprints of the types of its statics at their creation.
    pub shapes: Vec<u64>,
    /// The declaration.
    pub entry: DeclaredName,
}

/// Items of earlier cells that no longer compile, by their numbers, with the reasons.
pub type FailedItems = BTreeMap<usize, String>;

/// All declarations of earlier cells.
#[derive(Debug, Clone, Default)]
pub struct Items {
    kept: Vec<KeptItem>,
    /// The number of entries so far.
    count: usize,
    /// How often each added crate was compiled again.
    pub(super) crates: BTreeMap<String, u64>,
}

impl Items {
    /// The entries that remain when these are declared.
    pub fn beside<'a>(&'a self, new: &'a [Declared]) -> impl Iterator<Item = &'a KeptItem> + Clone {
        let is_replaced = |old: &KeptItem| entries(new).any(|new| new.replaces(&old.entry));
        self.kept.iter().filter(move |old| !is_replaced(old))
    }

    /// All entries.
    pub fn all(&self) -> impl Iterator<Item = &DeclaredName> + Clone {
        self.kept.iter().map(|kept| &kept.entry)
    }

    fn get(&self, number: usize) -> Option<&DeclaredName> {
        let found = self.kept.iter().find(|kept| kept.number == number);
        found.map(|kept| &kept.entry)
    }

    /// A short description of an entry.
    pub fn title(&self, number: usize) -> String {
        self.get(number).map_or(String::new(), DeclaredName::title)
    }

    /// Whether a new item has the name of this one, or implements the same trait for the
    /// same type.
    pub fn is_replaced(&self, number: usize, new: &[Declared]) -> bool {
        let Some(old) = self.get(number) else {
            return false;
        };
        let subject =
            |entry: &DeclaredName| entry.title().split_whitespace().last().map(str::to_owned);
        let is_block = |entry: &DeclaredName| matches!(entry.key, ItemKey::Impl(..));
        entries(new).any(|new| match (is_block(old), is_block(new)) {
            (true, true) => subject(new) == subject(old),
            (false, false) => old.name().is_some() && old.name() == new.name(),
            _ => false,
        })
    }

    /// Whether an earlier item is declared again.
    pub fn are_replaced(&self, new: &[Declared]) -> bool {
        let names: BTreeSet<&str> = entries(new).filter_map(DeclaredName::name).collect();
        let is_named = |old: &DeclaredName| old.name().is_some_and(|name| names.contains(name));
        self.beside(new).count() < self.kept.len() || self.all().any(is_named)
    }

    /// Adds a cell's declarations, and removes items that do not compile with them.
    pub fn take(&mut self, cell: u32, new: &[Declared], unfit: &FailedItems) {
        self.kept.retain(|old| {
            let is_replaced = entries(new).any(|new| new.replaces(&old.entry));
            !is_replaced && !unfit.contains_key(&old.number)
        });
        for entry in entries(new) {
            // Duplicates that rustc accepts in one cell may stay, but one import is enough.
            let is_there = |kept: &KeptItem| kept.cell == cell && kept.entry == *entry;
            if !self.kept.iter().any(is_there) {
                self.count += 1;
                self.kept.push(KeptItem {
                    number: self.count,
                    cell,
                    home: cell,
                    shapes: Vec::new(),
                    entry: entry.clone(),
                });
            }
        }
        for at in 0..self.kept.len() {
            if self.kept[at].cell == cell {
                self.kept[at].shapes = self.shapes_of(&self.kept[at]);
            }
        }
    }

    fn shapes_of(&self, kept: &KeptItem) -> Vec<u64> {
        let types = kept.entry.states.iter();
        types.map(|state| self.shape_of(&state.types)).collect()
    }

    /// Numbers of the entries whose statics have other types now.
    pub fn outdated(&self) -> BTreeSet<usize> {
        let all = self.kept.iter();
        all.filter(|kept| kept.shapes != self.shapes_of(kept))
            .map(|kept| kept.number)
            .collect()
    }

    /// Moves outdated statics to the library of this cell. Returns their names.
    pub fn begin_anew(&mut self, cell: u32) -> Vec<String> {
        let mut names = Vec::new();
        for at in 0..self.kept.len() {
            let shapes = self.shapes_of(&self.kept[at]);
            let kept = &mut self.kept[at];
            if kept.shapes != shapes {
                (kept.home, kept.shapes) = (cell, shapes);
                names.extend(
                    kept.entry
                        .states
                        .iter()
                        .flat_map(|state| state.names.clone()),
                );
            }
        }
        names
    }

    /// The cells whose libraries hold statics.
    pub fn homes(&self) -> BTreeSet<u32> {
        let with_state = self
            .kept
            .iter()
            .filter(|kept| !kept.entry.states.is_empty());
        with_state.map(|kept| kept.home).collect()
    }
}

/// All entries of these declarations.
pub fn entries(declared: &[Declared]) -> impl Iterator<Item = &DeclaredName> {
    declared.iter().flat_map(|item| &item.entries)
}

/// The words of a text that could be names.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
}
