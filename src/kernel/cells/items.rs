//! What cells declared: each item is included again in every later cell.
//!
//! An item has a key, and a new item takes the place of an older one with the same key. So a learner
//! can run a cell again, or define a function anew, as in any notebook.

use std::collections::BTreeSet;
use std::ops::Range;

use quote::ToTokens;
use syn::{ImplItem, Item, UseTree};

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
    /// The entries that stay when these are declared, each with the number of its cell.
    pub fn beside<'a>(&'a self, new: &'a [Declared]) -> impl Iterator<Item = &'a (u32, Entry)> {
        let new: Vec<&Key> = entries(new).map(|entry| &entry.key).collect();
        self.entries
            .iter()
            .filter(move |(_, old)| !new.iter().any(|new| replaces(new, &old.key)))
    }

    /// Takes in what a cell declared. Returns the names of types that mean something else now.
    pub fn take(&mut self, count: u32, new: &[Declared]) -> BTreeSet<String> {
        let mut changed = BTreeSet::new();
        for entry in entries(new) {
            self.entries.retain(|(_, old)| {
                let stays = !replaces(&entry.key, &old.key);
                if let (false, Key::Name(name)) = (stays, &old.key)
                    && old.text != entry.text
                {
                    changed.insert(name.clone());
                }
                stays
            });
            let mut entry = entry.clone();
            entry.text = entry.text.replace(CELL, &count.to_string());
            self.entries.push((count, entry));
        }
        // A type that holds a changed one is changed too.
        loop {
            let more: Vec<String> = self
                .entries
                .iter()
                .filter_map(|(_, entry)| match &entry.key {
                    Key::Name(name) if !changed.contains(name) => words(&entry.text)
                        .any(|word| changed.contains(word))
                        .then(|| name.clone()),
                    _ => None,
                })
                .collect();
            if changed.is_empty() || more.is_empty() {
                return changed;
            }
            changed.extend(more);
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

fn entries(declared: &[Declared]) -> impl Iterator<Item = &Entry> {
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

/// Each name of a `use`, as a `use` of its own, so that one of them can be replaced later.
fn imports(import: &syn::ItemUse) -> Vec<Entry> {
    let mut found = Vec::new();
    let start = if import.leading_colon.is_some() {
        "::"
    } else {
        ""
    };
    let attributes: String = import
        .attrs
        .iter()
        .map(|a| a.to_token_stream().to_string())
        .collect();
    leaves(&import.tree, &mut Vec::new(), &mut |path, name| {
        let text = format!("{attributes}use {start}{path};");
        let key = match name {
            Some(name) => Key::Name(name),
            None => Key::Text(text.clone()),
        };
        found.push(Entry {
            key,
            text,
            at: None,
        });
    });
    found
}

fn leaves(tree: &UseTree, path: &mut Vec<String>, found: &mut impl FnMut(String, Option<String>)) {
    let joined = |path: &[String], last: &str| {
        let mut all = path.to_vec();
        all.push(last.to_owned());
        all.join("::")
    };
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.to_string());
            leaves(&part.tree, path, found);
            path.pop();
        }
        UseTree::Name(leaf) if leaf.ident == "self" => {
            found(path.join("::"), path.last().cloned());
        }
        UseTree::Name(leaf) => {
            let name = leaf.ident.to_string();
            found(joined(path, &name), Some(name));
        }
        UseTree::Rename(leaf) => {
            let (old, new) = (leaf.ident.to_string(), leaf.rename.to_string());
            let from = if old == "self" {
                path.join("::")
            } else {
                joined(path, &old)
            };
            let name = (new != "_").then(|| new.clone());
            found(format!("{from} as {new}"), name);
        }
        UseTree::Glob(_) => found(joined(path, "*"), None),
        UseTree::Group(group) => {
            for tree in &group.items {
                leaves(tree, path, found);
            }
        }
    }
}
