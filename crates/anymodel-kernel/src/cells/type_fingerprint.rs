//! Type fingerprint: what the memory layout of a value depends on, the texts of its type and of all its parts.
//!
//! A value stays in memory as it was created. When its type changes in any way (a field, an
//! alias, a constant in the length of an array, a macro, an associated type, a crate compiled again), the
//! old value must never be read as one of the new type.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use quote::ToTokens;
use syn::{ImplItem, Item, TraitItem};

use super::items::{DeclaredName, Items};
use super::reachability::{ReachedBy, by_name, triggers};

/// The part of an item that the memory layout depends on, without spaces and comments.
pub fn type_fingerprint(item: &Item) -> String {
    if matches!(item, Item::Fn(function) if function.sig.constness.is_none()) {
        return String::new();
    }
    let mut item = item.clone();
    match reduce(&mut item) {
        true => item.to_token_stream().to_string(),
        false => String::new(),
    }
}

/// Removes what does not affect the layout: bodies of functions, documentation. Returns whether any part
/// is left.
fn reduce(item: &mut Item) -> bool {
    match item {
        Item::Fn(function) => return function.sig.constness.is_some(),
        Item::Static(_) | Item::ForeignMod(_) => return false,
        Item::Impl(block) => {
            block.attrs.clear();
            block.items.retain(|member| match member {
                ImplItem::Fn(function) => function.sig.constness.is_some(),
                _ => true,
            });
            return !block.items.is_empty();
        }
        Item::Mod(module) => {
            undocument(&mut module.attrs);
            if let Some((_, items)) = &mut module.content {
                items.retain_mut(reduce);
            }
        }
        Item::Trait(item) => {
            undocument(&mut item.attrs);
            for member in &mut item.items {
                if let TraitItem::Fn(function) = member {
                    function.attrs.clear();
                    if let Some(block) = &mut function.default {
                        block.stmts.clear();
                    }
                }
            }
        }
        Item::Struct(item) => {
            undocument(&mut item.attrs);
            undocument_fields(&mut item.fields);
        }
        Item::Enum(item) => {
            undocument(&mut item.attrs);
            for variant in &mut item.variants {
                undocument(&mut variant.attrs);
                undocument_fields(&mut variant.fields);
            }
        }
        _ => {}
    }
    true
}

fn undocument(attributes: &mut Vec<syn::Attribute>) {
    attributes.retain(|one| !one.path().is_ident("doc"));
}

fn undocument_fields(fields: &mut syn::Fields) {
    for field in fields {
        undocument(&mut field.attrs);
    }
}

/// Words that can name items of cells: the first segment of a path. `Result` in
/// `std::result::Result` is not one of them.
pub fn own_words(text: &str) -> impl Iterator<Item = &str> {
    let starts = |word: &&str| {
        let at = word.as_ptr() as usize - text.as_ptr() as usize;
        !text[..at].trim_end().ends_with("::")
    };
    super::items::words(text).filter(starts)
}

impl Items {
    /// A hash that changes when these types mean something else.
    pub fn shape_of(&self, types: &str) -> u64 {
        let found = self.types_below(types);
        let mut shapes: BTreeSet<&str> = found.iter().map(|entry| entry.shape.as_str()).collect();
        shapes.remove("");
        let mut hasher = DefaultHasher::new();
        shapes.hash(&mut hasher);
        let is_named = |name: &str| {
            let texts = shapes.iter().copied().chain([types]);
            texts.flat_map(super::items::words).any(|word| word == name)
        };
        for (name, times) in &self.crates {
            if is_named(name) || (!found.is_empty() && self.has_glob(name)) {
                (name, times).hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// Whether there is a glob import of a crate.
    fn has_glob(&self, name: &str) -> bool {
        self.all().any(
            |entry| matches!(&entry.reach.by, ReachedBy::Import { first, name: None } if first == name),
        )
    }

    /// The items that the memory layout of a type depends on.
    fn types_below<'a>(&'a self, types: &'a str) -> Vec<&'a DeclaredName> {
        let session = by_name(self.all());
        let mut open: Vec<&str> = own_words(types)
            .filter(|word| session.contains_key(word) || self.has_globs())
            .collect();
        if open.is_empty() {
            return Vec::new();
        }
        let mut by_word: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let all: Vec<&DeclaredName> = self.all().filter(|one| !one.shape.is_empty()).collect();
        for (number, entry) in all.iter().enumerate() {
            for word in triggers(entry, &session).unwrap_or_default() {
                by_word.entry(word).or_default().push(number);
            }
            if let (ReachedBy::Import { .. }, Some(name)) = (&entry.reach.by, entry.name()) {
                by_word.entry(name).or_default().push(number);
            }
        }
        let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
        while let Some(word) = open.pop() {
            if !seen.insert(word) {
                continue;
            }
            for number in by_word.get(word).into_iter().flatten() {
                if found.insert(*number) {
                    open.extend(own_words(&all[*number].shape));
                }
            }
        }
        found.into_iter().map(|number| all[number]).collect()
    }

    fn has_globs(&self) -> bool {
        let is_glob =
            |entry: &DeclaredName| matches!(entry.reach.by, ReachedBy::Import { name: None, .. });
        self.all().any(is_glob)
    }
}
