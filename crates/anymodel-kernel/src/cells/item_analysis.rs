//! Item analysis: key, namespaces, statics, fingerprint and reach of each item that a cell declares.

use std::collections::BTreeSet;
use std::ops::Range;

use quote::ToTokens;
use syn::{ImplItem, Item, TraitItem};

use super::imports::imports;
use super::items::{Declared, DeclaredName, ItemKey, ItemPlace, Namespaces, words};
use super::reachability::{Reach, ReachedBy};
use super::statics::{SourceText, StaticItem, of_threads, states};
use super::type_fingerprint::type_fingerprint;

/// The declarations of an item at this range.
pub fn declared(item: &Item, range: Range<usize>, written: SourceText<'_>) -> Declared {
    let entries = match item {
        Item::Use(import) => imports(import),
        _ => vec![whole(item, range.clone(), written)],
    };
    Declared {
        range,
        entries,
        is_call: false,
        call: None,
    }
}

/// The declarations of a macro call in item position: thread-local variables, or declarations that only the
/// expansion shows.
pub fn called(call: &syn::Macro, range: Range<usize>, written: SourceText<'_>) -> Declared {
    let text = |range: &Range<usize>| {
        written
            .code
            .get(range.clone())
            .unwrap_or_default()
            .to_owned()
    };
    let of_threads = of_threads(call, written);
    let is_call = of_threads.is_none();
    let entries = match of_threads {
        Some(statics) => statics
            .into_iter()
            .map(|(range, state)| of_thread(text(&range), range.start, state))
            .collect(),
        None => {
            let mut text = text(&range);
            if !text.ends_with([';', '}']) {
                text.push(';');
            }
            vec![DeclaredName {
                key: ItemKey::Text(text.clone()),
                spaces: Namespaces::UNKNOWN,
                is_conditional: false,
                place: ItemPlace::Whole(range.start),
                states: Vec::new(),
                reach: Reach::new(&text, ReachedBy::Words),
                shape: call.to_token_stream().to_string(),
                text,
            }]
        }
    };
    Declared {
        range,
        entries,
        is_call,
        call: None,
    }
}

fn of_thread(text: String, at: usize, state: StaticItem) -> DeclaredName {
    let names = state.names.clone();
    DeclaredName {
        key: ItemKey::Name(names.concat()),
        spaces: Namespaces::VALUE,
        is_conditional: false,
        place: ItemPlace::Whole(at),
        states: vec![state],
        reach: Reach::new(&text, ReachedBy::Names(names)),
        shape: String::new(),
        text,
    }
}

fn whole(item: &Item, range: Range<usize>, written: SourceText<'_>) -> DeclaredName {
    let text = written
        .code
        .get(range.clone())
        .unwrap_or_default()
        .to_owned();
    let (key, spaces) = key(item, &text);
    DeclaredName {
        reach: Reach::new(&text, by(item, &key)),
        spaces,
        is_conditional: attributes(item)
            .iter()
            .any(|one| one.path().is_ident("cfg")),
        place: ItemPlace::Whole(range.start),
        states: states(item, range.start, written),
        shape: type_fingerprint(item),
        key,
        text,
    }
}

/// The key of an item, and the namespaces in which it takes its name.
fn key(item: &Item, text: &str) -> (ItemKey, Namespaces) {
    let named = |name: &syn::Ident, spaces| (ItemKey::Name(name.to_string()), spaces);
    match item {
        Item::Impl(block) => (header(block), Namespaces::UNKNOWN),
        Item::Const(item) if item.ident != "_" => named(&item.ident, Namespaces::VALUE),
        Item::Fn(item) => named(&item.sig.ident, Namespaces::VALUE),
        Item::Static(item) => named(&item.ident, Namespaces::VALUE),
        Item::Struct(item) => match &item.fields {
            syn::Fields::Named(_) => named(&item.ident, Namespaces::TYPE),
            _ => named(&item.ident, Namespaces::BOTH),
        },
        Item::Enum(item) => named(&item.ident, Namespaces::TYPE),
        Item::Union(item) => named(&item.ident, Namespaces::TYPE),
        Item::Trait(item) => named(&item.ident, Namespaces::TYPE),
        Item::TraitAlias(item) => named(&item.ident, Namespaces::TYPE),
        Item::Type(item) => named(&item.ident, Namespaces::TYPE),
        Item::Mod(item) => named(&item.ident, Namespaces::TYPE),
        Item::ExternCrate(item) => match &item.rename {
            Some((_, name)) if name != "_" => named(name, Namespaces::TYPE),
            Some(_) => (ItemKey::Text(text.to_owned()), Namespaces::UNKNOWN),
            None => named(&item.ident, Namespaces::TYPE),
        },
        Item::Macro(item) => match &item.ident {
            Some(name) => named(name, Namespaces::MACRO),
            None => (ItemKey::Text(text.to_owned()), Namespaces::UNKNOWN),
        },
        _ => (ItemKey::Text(text.to_owned()), Namespaces::UNKNOWN),
    }
}

/// The key of an `impl` block: its header and the names of its items.
fn header(block: &syn::ItemImpl) -> ItemKey {
    let mut header = block.clone();
    header.items.clear();
    header.attrs.clear();
    let members = block.items.iter().filter_map(|member| match member {
        ImplItem::Fn(member) => Some(member.sig.ident.to_string()),
        ImplItem::Const(member) => Some(member.ident.to_string()),
        ImplItem::Type(member) => Some(member.ident.to_string()),
        _ => None,
    });
    ItemKey::Impl(header.to_token_stream().to_string(), members.collect())
}

/// The names by which an item is reached.
fn by(item: &Item, key: &ItemKey) -> ReachedBy {
    let bare = |name: String| name.trim_start_matches("r#").to_owned();
    match (item, key) {
        (Item::Impl(block), _) => ReachedBy::Impl {
            of: words_of(&block.self_ty),
            as_: (block.trait_.as_ref()).map_or_else(BTreeSet::new, |(_, path, _)| words_of(path)),
        },
        (Item::Trait(item), _) => {
            let members = item.items.iter().filter_map(|member| match member {
                TraitItem::Fn(member) => Some(member.sig.ident.to_string()),
                TraitItem::Const(member) => Some(member.ident.to_string()),
                TraitItem::Type(member) => Some(member.ident.to_string()),
                _ => None,
            });
            let names = members.chain([item.ident.to_string()]);
            ReachedBy::Names(names.map(bare).collect())
        }
        (Item::ExternCrate(_), ItemKey::Name(name)) => ReachedBy::Crate(bare(name.clone())),
        (_, ItemKey::Name(name)) => ReachedBy::Names(vec![bare(name.clone())]),
        _ => ReachedBy::Words,
    }
}

fn words_of(node: &impl ToTokens) -> BTreeSet<String> {
    let text = node.to_token_stream().to_string();
    words(&text).map(str::to_owned).collect()
}

fn attributes(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        _ => &[],
    }
}
