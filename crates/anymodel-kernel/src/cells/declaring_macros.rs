//! Heuristic for macro calls that may declare items: they are compiled in item position first.
//!
//! `make!(Thing);` looks the same whether it declares a type or prints a line. The text of the macro
//! and of the call allow a good guess, which the compiler then confirms or refutes.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Item, Stmt};

use super::items::words;

/// Keywords that begin an item.
const ITEMS: [&str; 12] = [
    "macro_rules",
    "struct",
    "enum",
    "union",
    "fn",
    "static",
    "const",
    "type",
    "trait",
    "impl",
    "mod",
    "use",
];

/// The macros of this cell and of earlier cells whose calls may declare an item.
pub(super) fn declaring_macros(
    statements: &[Stmt],
    earlier: &BTreeSet<String>,
) -> BTreeSet<String> {
    let mut makers = earlier.clone();
    // A macro may call a macro that is declared after it.
    for _ in 0..2 {
        for statement in statements {
            if let Stmt::Item(Item::Macro(item)) = statement
                && let Some(name) = &item.ident
            {
                let name = name.to_string();
                match is_maker(&item.mac.tokens, &makers) {
                    true => makers.insert(name),
                    false => makers.remove(&name),
                };
            }
        }
    }
    makers
}

/// The macros that a cell declares.
pub(super) fn declared_macros(statements: &[Stmt]) -> impl Iterator<Item = String> {
    statements.iter().filter_map(|statement| match statement {
        Stmt::Item(Item::Macro(item)) => item.ident.as_ref().map(ToString::to_string),
        _ => None,
    })
}

/// The names of those macros among these that may declare an item.
pub(super) fn makers_among<'a>(
    macros: impl Iterator<Item = (&'a str, &'a str)>,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (name, text) in macros {
        let is_one = syn::parse_str::<syn::ItemMacro>(text)
            .is_ok_and(|item| is_maker(&item.mac.tokens, &found));
        if is_one {
            found.insert(name.to_owned());
        }
    }
    found
}

/// Whether a macro has an expansion that begins an item.
fn is_maker(rules: &TokenStream, makers: &BTreeSet<String>) -> bool {
    let mut behind_arrow = false;
    let mut before = ' ';
    rules.clone().into_iter().any(|token| match token {
        TokenTree::Punct(mark) => {
            behind_arrow = before == '=' && mark.as_char() == '>';
            before = mark.as_char();
            false
        }
        TokenTree::Group(body) => {
            std::mem::take(&mut behind_arrow) && begins_item(body.stream(), makers)
        }
        _ => false,
    })
}

/// Whether a keyword that begins an item is at the top level of a text or in a repetition.
fn begins_item(text: TokenStream, makers: &BTreeSet<String>) -> bool {
    let mut before = None;
    let mut is_callee = false;
    text.into_iter().any(|token| {
        let found = match &token {
            TokenTree::Ident(word) => {
                let word = word.to_string();
                is_callee = makers.contains(&word) || is_known(&word);
                before != Some('$') && ITEMS.contains(&word.as_str())
            }
            TokenTree::Punct(mark) => mark.as_char() == '!' && std::mem::take(&mut is_callee),
            TokenTree::Group(group) => {
                before == Some('$')
                    && group.delimiter() == Delimiter::Parenthesis
                    && begins_item(group.stream(), makers)
            }
            TokenTree::Literal(_) => false,
        };
        before = match &token {
            TokenTree::Punct(mark) => Some(mark.as_char()),
            _ => None,
        };
        found
    })
}

/// Whether this is a declaring macro of a well-known crate.
fn is_known(name: &str) -> bool {
    matches!(name, "thread_local" | "lazy_static" | "bitflags")
}

/// Whether a call may declare an item; `own` are all macros of the session.
pub(super) fn may_declare(
    call: &syn::Macro,
    makers: &BTreeSet<String>,
    own: &BTreeSet<String>,
) -> bool {
    let Some(name) = call.path.segments.last().map(|last| last.ident.to_string()) else {
        return false;
    };
    let is_bare = call.path.segments.len() == 1;
    if (is_bare && makers.contains(&name)) || is_known(&name) {
        return true;
    }
    // `counter!(HITS)` of another crate: the macro may declare a capitalised name.
    let is_given_name = matches!(
        call.tokens.clone().into_iter().next(),
        Some(TokenTree::Ident(word)) if word.to_string().starts_with(char::is_uppercase)
    );
    let is_another = !is_of_std(&name) && !own.contains(&name) && !awaits_something(&name);
    if is_another && is_given_name {
        return true;
    }
    let text = call.tokens.to_string();
    let has_item = words(&text).any(|word| ITEMS.contains(&word));
    has_item && !is_of_std(&name) && holds_item(call.tokens.clone(), makers)
}

/// Whether a keyword that begins an item is at the top level of a text or in one of its blocks.
fn holds_item(text: TokenStream, makers: &BTreeSet<String>) -> bool {
    let in_block = |token: TokenTree| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            holds_item(group.stream(), makers)
        }
        _ => false,
    };
    begins_item(text.clone(), makers) || text.into_iter().any(in_block)
}

/// Whether this macro awaits its arguments.
fn awaits_something(name: &str) -> bool {
    matches!(name, "join" | "try_join" | "select" | "pin")
}

/// Whether this is a macro of the standard library, none of which declares an item.
fn is_of_std(name: &str) -> bool {
    [
        "print",
        "write",
        "assert",
        "debug_assert",
        "format",
        "eprint",
    ]
    .iter()
    .any(|start| name.starts_with(start))
        || matches!(
            name,
            "vec" | "dbg" | "panic" | "matches" | "todo" | "unreachable" | "stringify" | "concat"
        )
}
