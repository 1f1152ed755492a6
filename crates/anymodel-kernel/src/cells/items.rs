//! What cells declared: a later cell includes those items that it can reach.
//!
//! An item has a key, and a new item takes the place of an older one with the same key. So a learner
//! can run a cell again, or define a function anew, as in any notebook. [`reachability`](super::reachability) knows
//! which items a cell needs, `shape` which of them a type depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::reachability::Reach;
use super::statics::StaticItem;

/// An item of a cell that is being run.
#[derive(Debug, Clone)]
pub struct Declared {
    /// Where it stands in the cell.
    pub range: Range<usize>,
    /// What later cells see: one entry, or one for each name of a `use`.
    pub entries: Vec<DeclaredName>,
    /// Whether it is a call of a macro that may declare something; otherwise it runs something.
    pub is_call: bool,
    /// The call, when these are the items that it stands for.
    pub call: Option<Box<Declared>>,
}

impl Declared {
    /// Whether it stands in the cell as the compiler gets it.
    pub fn is_as_written(&self) -> bool {
        let is_own = |entry: &DeclaredName| !matches!(entry.place, ItemPlace::For(_));
        let mut entries = self.entries.iter();
        !self.is_call && entries.all(|entry| entry.states.is_empty() && is_own(entry))
    }
}

/// One declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredName {
    /// What it is known by.
    pub key: ItemKey,
    /// The namespaces in which it takes its name.
    pub spaces: Spaces,
    /// Whether it stands under a `cfg`, so that another one of its name can stand beside it.
    pub is_conditional: bool,
    /// Its text.
    pub text: String,
    /// Where in its cell the text stands.
    pub place: ItemPlace,
    /// The statics in it, of which there must be one each in a session.
    pub states: Vec<StaticItem>,
    /// What makes a cell include it, and what it needs itself.
    pub reach: Reach,
    /// What the memory of values depends on: its text without bodies of functions.
    pub shape: String,
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemPlace {
    /// It stands in its cell as it is, from this byte on.
    Whole(usize),
    /// All of it stands for these bytes, such as the call of a macro.
    For(Range<usize>),
    /// Nowhere.
    Nowhere,
}

/// The namespaces of the language: one name can stand for something in each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spaces(u8);

impl Spaces {
    /// Not known, as for an import.
    pub const UNKNOWN: Spaces = Spaces(0);
    /// Types, traits and modules.
    pub const TYPE: Spaces = Spaces(1);
    /// Functions, constants, statics.
    pub const VALUE: Spaces = Spaces(2);
    /// A type that is a constructor, too.
    pub const BOTH: Spaces = Spaces(3);
    /// Macros.
    pub const MACRO: Spaces = Spaces(4);

    fn meets(self, other: Spaces) -> bool {
        self.0 & other.0 != 0
    }
}

impl DeclaredName {
    /// Macros are found only behind their declaration.
    pub fn is_macro(&self) -> bool {
        self.spaces == Spaces::MACRO
    }

    /// Its name, when that stands for a value.
    pub fn value(&self) -> Option<&str> {
        self.name().filter(|_| self.spaces.meets(Spaces::VALUE))
    }

    /// Its name.
    pub fn name(&self) -> Option<&str> {
        match &self.key {
            ItemKey::Name(name) => Some(name),
            _ => None,
        }
    }

    /// What it is, in few words.
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

    /// Whether it takes the place of an older one.
    fn replaces(&self, old: &DeclaredName) -> bool {
        if self.text == old.text && self.key == old.key {
            return true;
        }
        match (&self.key, &old.key) {
            // Where rustc alone knows whether the two collide, it is asked.
            (ItemKey::Name(new), ItemKey::Name(name)) => {
                new == name
                    && self.spaces.meets(old.spaces)
                    && !self.is_conditional
                    && !old.is_conditional
            }
            (ItemKey::Impl(new, members), ItemKey::Impl(header, others)) => {
                // Two blocks for one type stand side by side unless they would define the same twice.
                new == header
                    && (members.is_empty() || new.contains(" for ") || !members.is_disjoint(others))
            }
            _ => false,
        }
    }
}

/// What an item is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemKey {
    /// A name: of a function, a type, a constant, an import.
    Name(String),
    /// A block of methods: its header, and the names of what is inside.
    Impl(String, BTreeSet<String>),
    /// Something without a name: its text.
    Text(String),
}

/// An entry, and the cells that it belongs to.
#[derive(Debug, Clone)]
pub struct KeptItem {
    /// Its number in this session.
    pub number: usize,
    /// The cell in which its text stands.
    pub cell: u32,
    /// The cell whose library holds its statics.
    pub home: u32,
    /// What the types of its statics depended on when they were made.
    pub shapes: Vec<u64>,
    /// The declaration.
    pub entry: DeclaredName,
}

/// Items of earlier cells that do not compile any more, by their numbers, and why.
pub type FailedItems = BTreeMap<usize, String>;

/// All that earlier cells declared.
#[derive(Debug, Clone, Default)]
pub struct Items {
    kept: Vec<KeptItem>,
    /// How many there were so far.
    count: usize,
    /// How often each added crate was compiled anew.
    pub(super) crates: BTreeMap<String, u64>,
}

impl Items {
    /// The entries that stay when these are declared.
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

    /// What an entry is, in few words.
    pub fn title(&self, number: usize) -> String {
        self.get(number).map_or(String::new(), DeclaredName::title)
    }

    /// Whether a new item has the name of this one, or is another implementation of the same for the
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

    /// Whether something that was declared before is declared anew.
    pub fn are_replaced(&self, new: &[Declared]) -> bool {
        let names: BTreeSet<&str> = entries(new).filter_map(DeclaredName::name).collect();
        let is_named = |old: &DeclaredName| old.name().is_some_and(|name| names.contains(name));
        self.beside(new).count() < self.kept.len() || self.all().any(is_named)
    }

    /// Takes in what a cell declared, and gives up what does not fit it.
    pub fn take(&mut self, cell: u32, new: &[Declared], unfit: &FailedItems) {
        self.kept.retain(|old| {
            let is_replaced = entries(new).any(|new| new.replaces(&old.entry));
            !is_replaced && !unfit.contains_key(&old.number)
        });
        for entry in entries(new) {
            // What rustc accepted twice in one cell may stand there twice, but one import is enough.
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

    /// Numbers of the entries whose statics are of other types now.
    pub fn outdated(&self) -> BTreeSet<usize> {
        let all = self.kept.iter();
        all.filter(|kept| kept.shapes != self.shapes_of(kept))
            .map(|kept| kept.number)
            .collect()
    }

    /// Notes that outdated statics live in the library of this cell from now on. Returns their names.
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

/// All entries of what was declared.
pub fn entries(declared: &[Declared]) -> impl Iterator<Item = &DeclaredName> {
    declared.iter().flat_map(|item| &item.entries)
}

/// The words of a text that could be names.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
}
