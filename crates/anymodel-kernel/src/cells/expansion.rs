//! Items that the call of a macro stands for.
//!
//! A later cell could hold the call again, and then its statics would begin anew. So the compiler is
//! asked once what such a call stands for, and that is treated as any other text of items. It is written
//! as macros of the standard library write it, with what is not for everybody: the compiler names what
//! has to be allowed.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::watch;

use super::compile_attempt::CompileAttempt;
use super::compiler::CompileTarget;
use super::declare::declared;
use super::diagnostics::{self, Diagnostic};
use super::engine::Engine;
use super::items::{Declared, DeclaredName, ItemPlace, words};
use super::session::CellSession;
use super::statics::{SourceText, StaticSegment};
use super::{CellError, recursion_limit};

/// How often calls are marked again, with fewer of them.
const TRIES: usize = 3;
/// The number of the first such attempt: its files must have names of their own.
const FIRST: usize = 200;

/// What the macros of the standard library use beyond what everybody may.
const FEATURES: [&str; 14] = [
    "coverage_attribute",
    "derive_clone_copy_internals",
    "derive_eq_internals",
    "fmt_helpers_for_derive",
    "fmt_internals",
    "liballoc_internals",
    "never_type",
    "panic_internals",
    "print_internals",
    "rustc_attrs",
    "structural_match",
    "thread_local",
    "thread_local_internals",
    "trivial_clone",
];

/// Features of the compiler that expansions need.
#[derive(Debug)]
pub(super) struct Features(BTreeSet<String>);

impl Default for Features {
    fn default() -> Features {
        Features(FEATURES.iter().map(|name| (*name).to_owned()).collect())
    }
}

impl Features {
    /// Learns from the compiler which ones it wants, and which it does not know. Says whether that is new.
    pub fn learn(&mut self, messages: &str) -> bool {
        let wanted = between(messages, "add `#![feature(", ")]`");
        let unknown = between(messages, "unknown feature `", "`");
        let before = self.0.clone();
        self.0.extend(wanted);
        for name in unknown {
            self.0.remove(&name);
        }
        self.0 != before
    }

    /// All of them, as in a list.
    pub fn list(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
        names.join(",")
    }

    /// The lines at the top of a file that allow them.
    pub fn lines(&self) -> String {
        let list = self.list();
        format!("#![feature({list})]\n#![allow(internal_features)]\n")
    }
}

fn between(text: &str, start: &str, end: &str) -> Vec<String> {
    let parts = text.split(start).skip(1);
    let inner = parts.filter_map(|part| Some(part.split_once(end)?.0.to_owned()));
    inner.collect()
}

/// What stands before the call of a macro and behind it, for its expansion to be found.
pub(super) fn marks(number: usize) -> (String, String) {
    let mark = |side: &str| format!("const __{side}_{number}: () = ();\n");
    (mark("BEFORE"), mark("BEHIND"))
}

impl Engine {
    /// Puts what calls of macros stand for in their place, where that holds statics.
    pub(super) async fn expand(
        &mut self,
        attempt: &mut CompileAttempt<'_>,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<(), CellError> {
        for number in FIRST..FIRST + TRIES {
            if !attempt.may_hold_statics(&self.session) {
                return Ok(());
            }
            attempt.plan.is_marked = true;
            let source = self.source(attempt);
            attempt.plan.is_marked = false;
            let source = source?;
            let (count, want) = (attempt.count, CompileTarget::Expanded);
            let compiled = self.call(&source, count, number, want, interrupts).await?;
            if compiled.success {
                attempt.take_expanded(&compiled.text);
                return Ok(());
            }
            let found = diagnostics::read(&compiled.messages, &source);
            let errors: Vec<&Diagnostic> = found.iter().filter(|one| one.is_error()).collect();
            if !attempt.needs_more(&errors, &source) && !attempt.runs_calls(&errors, &source) {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl CompileAttempt<'_> {
    /// Whether a call of a macro may stand for a static: when its text or that of its macro has one, or
    /// when the macro is not known.
    fn may_hold_statics(&self, session: &CellSession) -> bool {
        let own = self.cell.items.iter().flat_map(|item| &item.entries);
        let all = own.chain(session.items.all());
        let macros: Vec<&DeclaredName> = all.filter(|entry| entry.is_macro()).collect();
        let calls = self.cell.items.iter().filter(|item| item.is_call);
        let mut open: Vec<&str> = calls
            .flat_map(|call| call.entries.iter().map(|entry| entry.text.as_str()))
            .collect();
        let mut seen = BTreeSet::new();
        while let Some(text) = open.pop() {
            let callee = text.split('!').next().and_then(|path| words(path).last());
            let is_known = macros.iter().any(|entry| entry.name() == callee);
            if has_static(text) || (seen.is_empty() && !is_known) {
                return true;
            }
            for entry in &macros {
                let is_named = words(text).any(|word| Some(word) == entry.name());
                if is_named && seen.insert(&entry.text) {
                    open.push(&entry.text);
                }
            }
        }
        false
    }

    fn take_expanded(&mut self, text: &str) {
        for (number, item) in self.cell.items.iter_mut().enumerate() {
            let (before, behind) = marks(number);
            let inner = text
                .split_once(before.trim_end())
                .and_then(|(_, rest)| rest.split_once(behind.trim_end()));
            if let (true, Some((inner, _))) = (item.is_call, inner)
                && let Some(entries) = expanded(inner, item)
            {
                let call = Declared {
                    range: item.range.clone(),
                    entries: std::mem::replace(&mut item.entries, entries),
                    is_call: true,
                    call: None,
                };
                item.is_call = false;
                item.call = Some(Box::new(call));
            }
        }
    }
}

/// Whether a text has the word that begins a static, and not only a lifetime of that name.
fn has_static(text: &str) -> bool {
    let is_word = |(at, _): (usize, &str)| !text[..at].ends_with('\'');
    text.match_indices("static ").any(is_word)
}

/// The items that a call stands for, when there is a static among them.
fn expanded(text: &str, call: &Declared) -> Option<Vec<DeclaredName>> {
    let hidden = BTreeMap::new();
    let written = SourceText {
        code: text,
        hidden: &hidden,
    };
    let read = || {
        let file = syn::parse_file(text).ok()?;
        let items = file.items.iter().map(|item| {
            let range = syn::spanned::Spanned::span(item).byte_range();
            declared(item, range, written).entries
        });
        Some(items.flatten().collect::<Vec<DeclaredName>>())
    };
    let mut entries = recursion_limit::reading(text, read)??;
    let has_state = entries.iter().any(|entry| !entry.states.is_empty());
    for entry in &mut entries {
        entry.place = ItemPlace::For(call.range.clone());
        for state in &mut entry.states {
            for piece in state.first.iter_mut().chain(&mut state.later) {
                if let StaticSegment::Text(text) = piece {
                    let own = format!("__static_m{}_", call.range.start);
                    *text = text.replace("__static_", &own);
                }
            }
        }
    }
    has_state.then_some(entries)
}
