//! Splitting of imports: a `use` with many names becomes many with one name.

use quote::ToTokens;
use syn::UseTree;

use super::items::{DeclaredName, ItemKey, ItemPlace, Namespaces};
use super::reachability::{Reach, ReachedBy};

/// Splits a `use` into one `use` for each name, so that one of them can be replaced later.
pub(super) fn imports(import: &syn::ItemUse) -> Vec<DeclaredName> {
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
        let mut parts = path.split([':', ' ']).filter(|part| !part.is_empty());
        let first = parts.find(|part| !matches!(*part, "crate" | "self"));
        let first = first.filter(|_| start.is_empty()).unwrap_or_default();
        let by = ReachedBy::Import {
            first: first.to_owned(),
            name: name.clone(),
        };
        found.push(DeclaredName {
            key: name.map_or_else(|| ItemKey::Text(text.clone()), ItemKey::Name),
            spaces: Namespaces::UNKNOWN,
            is_conditional: false,
            place: ItemPlace::Nowhere,
            states: Vec::new(),
            reach: Reach::new(&text, by),
            shape: text.clone(),
            text,
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
