//! What cells declared: each item is included again in every later cell.
//!
//! An item has a key, and a new item takes the place of an older one with the same key. So a learner
//! can run a cell again, or define a function anew, as in any notebook.

use std::collections::BTreeSet;
use std::ops::Range;

use quote::ToTokens;
use syn::{ImplItem, Item};

use super::imports::imports;

/// An item of a cell that is being run.
#[derive(Debug, Clone)]
pub struct Declared {
    /// Where it stands in the cell.
    pub range: Range<usize>,
    /// The symbol under which later cells find it, but for the cell's number: for a static, of which
    /// there must be one.
    pub symbol: Option<String>,
    /// What later cells see: one entry, or one for each name of a `use`.
    pub entries: Vec<Entry>,
}

/// One declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is known by.
    pub key: Key,
    /// Its text.
    pub text: String,
    /// Where in its cell the text stands, when it stands there as it is.
    pub at: Option<usize>,
    /// What it can mean for the variables.
    pub kind: Kind,
}

/// What a declaration can mean for variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A type, or something that types are made of: when it changes, older values do not fit.
    Type,
    /// The same, and a name for a value, too: a constant, a type without named fields.
    TypeAndValue,
    /// A name for a value: a function, a static.
    Value,
    /// Nothing.
    Other,
}

impl Entry {
    /// Macros are found only behind their declaration.
    pub fn is_macro(&self) -> bool {
        matches!(&self.key, Key::Name(name) if name.ends_with('!'))
    }

    fn shapes_types(&self) -> bool {
        matches!(self.kind, Kind::Type | Kind::TypeAndValue)
    }

    /// Its name, when that stands for a value.
    pub fn value(&self) -> Option<&str> {
        match (&self.key, self.kind) {
            (Key::Name(name), Kind::Value | Kind::TypeAndValue) => Some(name),
            _ => None,
        }
    }

    /// What it is, in few words.
    pub fn title(&self) -> String {
        match &self.key {
            Key::Name(name) => name.clone(),
            _ => {
                let end = self.text.find(['{', '\n']).unwrap_or(self.text.len());
                self.text[..end].trim().to_owned()
            }
        }
    }
}

/// What an item is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A name: of a function, a type, a constant, an import.
    Name(String),
    /// A block of methods: its header, and the names of what is inside.
    Impl(String, BTreeSet<String>),
    /// Something without a name: its text.
    Text(String),
}

/// All that earlier cells declared.
#[derive(Debug, Clone, Default)]
pub struct Items {
    entries: Vec<(u32, Entry)>,
}

impl Items {
    /// The entries that stay when these are declared, each with its number here and that of its cell.
    pub fn beside<'a>(
        &'a self,
        new: &'a [Declared],
    ) -> impl Iterator<Item = (usize, &'a (u32, Entry))> {
        let new: Vec<&Key> = entries(new).map(|entry| &entry.key).collect();
        self.entries
            .iter()
            .enumerate()
            .filter(move |(_, (_, old))| !new.iter().any(|new| replaces(new, &old.key)))
    }

    /// What an entry is, in few words.
    pub fn title(&self, number: usize) -> String {
        self.entries
            .get(number)
            .map_or(String::new(), |(_, entry)| entry.title())
    }

    /// Whether a new item is another implementation of the same for the same type.
    pub fn is_replaced(&self, number: usize, new: &[Declared]) -> bool {
        let Some((_, old)) = self.entries.get(number) else {
            return false;
        };
        let subject = |entry: &Entry| entry.title().split_whitespace().last().map(str::to_owned);
        let is_block = |entry: &Entry| matches!(entry.key, Key::Impl(..));
        is_block(old) && entries(new).any(|new| is_block(new) && subject(new) == subject(old))
    }

    /// The types that mean something else once these are declared and those are gone.
    pub fn changed(&self, new: &[Declared], gone: &BTreeSet<usize>) -> BTreeSet<String> {
        let name = |entry: &Entry| match &entry.key {
            Key::Name(name) if entry.shapes_types() => Some(name.clone()),
            _ => None,
        };
        let is_changed = |(number, (_, old)): &(usize, &(u32, Entry))| {
            gone.contains(number)
                || entries(new).any(|new| replaces(&new.key, &old.key) && new.text != old.text)
        };
        let old = self.entries.iter().enumerate().filter(is_changed);
        let mut changed: BTreeSet<String> = old.filter_map(|(_, (_, old))| name(old)).collect();
        // A type that holds a changed one is changed too.
        loop {
            let before = changed.len();
            for (_, entry) in &self.entries {
                if words(&entry.text).any(|word| changed.contains(word)) {
                    changed.extend(name(entry));
                }
            }
            if changed.len() == before {
                return changed;
            }
        }
    }

    /// Takes in what a cell declared, and gives up what does not fit it.
    pub fn take(&mut self, count: u32, new: &[Declared], gone: &BTreeSet<usize>) {
        let mut number = 0;
        self.entries.retain(|(_, old)| {
            number += 1;
            !gone.contains(&(number - 1)) && !entries(new).any(|new| replaces(&new.key, &old.key))
        });
        for entry in entries(new) {
            // An import may stand in a cell twice.
            self.entries
                .retain(|(cell, old)| *cell != count || !replaces(&entry.key, &old.key));
            let mut entry = entry.clone();
            entry.text = entry.text.replace(CELL, &count.to_string());
            self.entries.push((count, entry));
        }
    }

    /// The names that were declared.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries
            .iter()
            .filter_map(|(_, entry)| match &entry.key {
                Key::Name(name) => Some(name.as_str()),
                _ => None,
            })
    }
}

/// All entries of what was declared.
pub fn entries(declared: &[Declared]) -> impl Iterator<Item = &Entry> {
    declared.iter().flat_map(|item| &item.entries)
}

/// The words of a text that could be names.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
}

fn replaces(new: &Key, old: &Key) -> bool {
    match (new, old) {
        (Key::Name(new), Key::Name(old)) => new == old,
        (Key::Impl(new, members), Key::Impl(old, others)) => {
            // Two blocks for one type stand side by side unless they would define the same twice.
            new == old
                && (members.is_empty() || new.contains(" for ") || !members.is_disjoint(others))
        }
        (Key::Text(new), Key::Text(old)) => new == old,
        _ => false,
    }
}

/// What an item declares.
pub fn declared(item: &Item, range: Range<usize>, code: &str) -> Declared {
    let text = code.get(range.clone()).unwrap_or_default().to_owned();
    let whole = |key: Key| {
        vec![Entry {
            key,
            text: text.clone(),
            at: Some(range.start),
            kind: kind(item),
        }]
    };
    let named = |name: &syn::Ident| whole(Key::Name(name.to_string()));
    let entries = match item {
        Item::Use(import) => imports(import),
        Item::Impl(block) => {
            let mut header = block.clone();
            header.items.clear();
            header.attrs.clear();
            let members = block.items.iter().filter_map(|member| match member {
                ImplItem::Fn(member) => Some(member.sig.ident.to_string()),
                ImplItem::Const(member) => Some(member.ident.to_string()),
                ImplItem::Type(member) => Some(member.ident.to_string()),
                _ => None,
            });
            whole(Key::Impl(
                header.to_token_stream().to_string(),
                members.collect(),
            ))
        }
        Item::Const(item) if item.ident != "_" => named(&item.ident),
        Item::Enum(item) => named(&item.ident),
        Item::ExternCrate(item) => {
            let (name, _) = item
                .rename
                .as_ref()
                .map_or((&item.ident, ()), |(_, name)| (name, ()));
            whole(Key::Text(format!("extern crate {name}")))
        }
        Item::Fn(item) => named(&item.sig.ident),
        Item::Macro(item) => match &item.ident {
            Some(name) => whole(Key::Name(format!("{name}!"))),
            None => whole(Key::Text(text.clone())),
        },
        Item::Mod(item) => named(&item.ident),
        Item::Static(item) => vec![Entry {
            key: Key::Name(item.ident.to_string()),
            text: foreign(item),
            at: None,
            kind: Kind::Value,
        }],
        Item::Struct(item) => named(&item.ident),
        Item::Trait(item) => named(&item.ident),
        Item::TraitAlias(item) => named(&item.ident),
        Item::Type(item) => named(&item.ident),
        Item::Union(item) => named(&item.ident),
        _ => whole(Key::Text(text.clone())),
    };
    let symbol = match item {
        Item::Static(item) => Some(symbol(&item.ident)),
        _ => None,
    };
    Declared {
        range,
        symbol,
        entries,
    }
}

fn kind(item: &Item) -> Kind {
    match item {
        // A constant function can stand in the length of an array.
        Item::Fn(item) if item.sig.constness.is_none() => Kind::Value,
        Item::Fn(_) | Item::Const(_) => Kind::TypeAndValue,
        Item::Struct(item) if !matches!(item.fields, syn::Fields::Named(_)) => Kind::TypeAndValue,
        Item::Macro(_) | Item::Impl(_) => Kind::Other,
        _ => Kind::Type,
    }
}

/// A static of an earlier cell: it lives in the library of that cell.
fn foreign(item: &syn::ItemStatic) -> String {
    let (name, type_) = (&item.ident, item.ty.to_token_stream());
    let kind = match item.mutability {
        syn::StaticMutability::Mut(_) => "static mut",
        _ => "safe static",
    };
    let symbol = symbol(name);
    format!("unsafe extern \"C\" {{ #[link_name = \"{symbol}{CELL}\"] {kind} {name}: {type_}; }}")
}

fn symbol(name: &syn::Ident) -> String {
    format!("__static_{name}_")
}

/// Stands for the number of the cell until that is known.
const CELL: char = '\0';
