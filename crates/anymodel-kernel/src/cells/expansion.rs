//! Macro expansion: the items that a macro call declares.
//!
//! If a later cell contained the call again, the call's statics would start again with new values. So the compiler
//! expands such a call once, and the expansion is treated as any other items. Macros of the standard library
//! expand to code that uses unstable features: the compiler names the features
//! to allow.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::watch;

use super::compile_attempt::CompileAttempt;
use super::compiler::CompileTarget;
use super::diagnostics::{self, Diagnostic};
use super::engine::Engine;
use super::item_analysis::declared;
use super::items::{Declared, DeclaredName, ItemPlace, words};
use super::session::CellSession;
use super::statics::{SourceText, StaticSegment};
use super::{CellError, recursion_limit};

/// How often calls are marked again, each time fewer of them.
const TRIES: usize = 3;
/// The number of the first such attempt: its file names must be unique.
const FIRST: usize = 200;

/// Unstable features that the macros of the standard library use.
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
    /// Reads from the compiler's messages which features it wants and which it does not know. Returns whether that is new.
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

    /// All features, as a comma-separated list.
    pub fn list(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
        names.join(",")
    }

    /// The lines at the top of a file that enable them.
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

/// The markers before and after a macro call, by which its expansion is found.
pub(super) fn marks(number: usize) -> (String, String) {
    let mark = |side: &str| format!("const __{side}_{number}: () = ();\n");
    (mark("BEFORE"), mark("BEHIND"))
}

impl Engine {
    /// Replaces macro calls by their expansions, where those contain statics.
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
    /// Whether a macro call may expand to a static: when its text or that of its macro has one, or
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

/// Whether a text has the keyword `static`, not only the lifetime `'static`.
fn has_static(text: &str) -> bool {
    let is_word = |(at, _): (usize, &str)| !text[..at].ends_with('\'');
    text.match_indices("static ").any(is_word)
}

/// The items that a call expands to, when one of them is a static.
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
    let mut entries = recursion_limit::parse_limited(text, read)??;
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
