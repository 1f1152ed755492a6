//! A cell as one source file. `origin` knows the way back to the learner's text.
//!
//! ```text
//! older items, the cell's items
//! pub fn __cell_7() {
//!     let client = take::<anymodel::Client>("client");     variables that the cell mentions
//!     run(Box::new(|| {                                    panics and `?` end here
//!         … the cell's statements …
//!         put::<0, _>("reply", reply);                     variables that the cell makes
//!         Ok(())
//!     }));
//!     put::<1, _>("client", client);                       what it did not move
//! }
//! ```

use std::collections::BTreeSet;
use std::ops::Range;

use super::items::{Declared, Items, entries, words};
use super::syntax::Cell;
use super::variables::Variables;

/// A generated file.
#[derive(Debug, Default)]
pub struct Source {
    /// Its text.
    pub text: String,
    pub(super) segments: Vec<Segment>,
    /// Where each variable is put into the store.
    pub puts: Vec<Put>,
    /// Where each variable is taken out of the store.
    pub takes: Vec<(Range<usize>, String)>,
    /// Where items of earlier cells stand, by their number among all items.
    pub older: Vec<(Range<usize>, usize)>,
    /// Whether there is anything to run; a cell of items is only checked.
    pub runs: bool,
}

/// The place at which a variable is put into the store.
#[derive(Debug, Clone)]
pub struct Put {
    /// The statement in the generated text.
    pub range: Range<usize>,
    /// The variable.
    pub name: String,
    /// Whether the cell makes it; otherwise it was taken out of the store before.
    pub is_new: bool,
}

/// A piece of a cell in the generated text.
#[derive(Debug)]
pub(super) struct Segment {
    pub at: usize,
    pub length: usize,
    pub cell: u32,
    pub from: usize,
    /// How many bytes before and behind the piece are there for its sake alone.
    pub around: (usize, usize),
}

/// What to make a file of.
pub struct Parts<'a> {
    /// The cell's number.
    pub count: u32,
    /// Its text.
    pub code: &'a str,
    /// What it consists of.
    pub cell: &'a Cell,
    /// What earlier cells declared.
    pub items: &'a Items,
    /// What earlier cells computed.
    pub variables: &'a Variables,
    /// Variables that cannot be put into the store.
    pub left_out: &'a BTreeSet<(String, bool)>,
    /// Variables that cannot be taken out of it.
    pub out_of_reach: &'a BTreeSet<String>,
    /// Items of earlier cells that do not fit this one, by their numbers.
    pub unfit: &'a BTreeSet<usize>,
    /// Whether the statements need an executor.
    pub awaits: bool,
    /// What makes the cell link added crates.
    pub bundle: &'static str,
    /// Crates below the crate whose types are named in full only when the cell names the crate.
    pub named_crates: &'a BTreeSet<String>,
}

/// In a notebook much is declared that is not used yet. A future that nobody awaits is a mistake.
const ALLOWED: &str = "#![allow(unused)]\n#![warn(unused_must_use)]\n";

impl Source {
    /// The file that runs a cell.
    pub fn of(parts: &Parts<'_>) -> Source {
        let mut source = Source::default();
        let cell = parts.cell;
        let mentioned: BTreeSet<&str> = words(parts.code).collect();
        let taken: Vec<_> = parts
            .variables
            .iter()
            .filter(|(name, _)| mentioned.contains(name.trim_start_matches("r#")))
            .filter(|(name, _)| !parts.out_of_reach.contains(*name))
            .collect();
        let has_static = cell.items.iter().any(|item| item.symbol.is_some());
        source.runs = !cell.statements.is_empty() || cell.value.is_some() || has_static;

        source.add(ALLOWED);
        for attribute in &cell.attributes {
            source.copy(parts, attribute.clone());
        }
        source.add(parts.bundle);
        if source.runs && !cell.variables.is_empty() {
            for name in parts.named_crates {
                source.add(&format!("extern crate {name} as __crate_{name};\n"));
            }
        }
        // A macro is found only by what stands behind it.
        source.add_older(parts, true);
        let (macros, items): (Vec<&Declared>, Vec<&Declared>) =
            (cell.items.iter()).partition(|item| item.entries.iter().any(|one| one.is_macro()));
        for item in &macros {
            source.copy(parts, item.range.clone());
        }
        source.add_older(parts, false);
        for item in &items {
            if let Some(symbol) = &item.symbol {
                source.add(&format!(
                    "#[unsafe(export_name = \"{symbol}{}\")] ",
                    parts.count
                ));
            }
            source.copy(parts, item.range.clone());
        }
        if !source.runs {
            return source;
        }
        source.add(
            &parts
                .variables
                .hidden_types(taken.iter().map(|(name, _)| *name)),
        );
        source.add(&format!(
            "#[unsafe(no_mangle)]\npub fn __cell_{}() {{\n",
            parts.count
        ));
        for (name, variable) in &taken {
            let mutable = if variable.is_mut { "mut " } else { "" };
            let named = &variable.type_in_source;
            let start = source.text.len();
            source.add(&format!(
                "let {mutable}{name} = ::anymodel_cell::take::<{named}>(\"{name}\");\n"
            ));
            let end = source.text.len();
            source.takes.push((start..end, (*name).to_owned()));
        }
        source.add("::anymodel_cell::run(::std::boxed::Box::new(|| ");
        source.add(if parts.awaits {
            "::anymodel_task::block_on(::std::boxed::Box::pin(async {\n"
        } else {
            "-> ::std::result::Result<(), ::anymodel_cell::Stop> {\n"
        });
        for statement in &cell.statements {
            source.copy(parts, statement.clone());
            source.add(";\n");
        }
        if let Some(value) = &cell.value {
            source.add("match &(");
            source.copy(parts, value.clone());
            source.add(SHOW);
            if let Some(segment) = source.segments.last_mut() {
                segment.around = ("&(".len(), SHOW.len() + 1);
            }
        }
        let is_constant = |name: &str| {
            let older = parts.items.beside(&[]).map(|(_, (_, entry))| entry);
            let mut all = older.chain(entries(&cell.items));
            name.starts_with(char::is_uppercase) && all.any(|entry| entry.value() == Some(name))
        };
        for (name, _) in &cell.variables {
            if !is_constant(name) {
                source.put(parts, name, true, "");
            }
        }
        source.add("::std::result::Result::Ok::<(), ::anymodel_cell::Stop>(())\n}");
        source.add(if parts.awaits { "))));\n" } else { "));\n" });
        for (name, _) in &taken {
            // Of two variables of one name the new one stays, unless the cell failed before it was there.
            let shadowed = cell.variables.iter().any(|(new, _)| new == name);
            source.put(
                parts,
                name,
                false,
                if shadowed {
                    "if ::anymodel_cell::failed() "
                } else {
                    ""
                },
            );
        }
        source.add("}\n");
        source
    }

    /// The file that shows a compiler what it must complain about: the text as it is. When its brackets
    /// or strings are open, nothing stands behind it that could seem to close them.
    pub fn raw(count: u32, rust: &str, is_open: bool) -> Source {
        let mut source = Source::default();
        source.add(ALLOWED);
        if !is_open {
            source.add("async fn __cell() {\n");
        }
        source.add_from(count, rust, Some(0));
        if !is_open {
            source.add("}\n");
        } else if let Some(segment) = source.segments.last_mut() {
            // What is open goes on to the end of the file.
            segment.around.1 = 1;
        }
        source
    }

    /// Adds items of earlier cells: macros, or all others.
    fn add_older(&mut self, parts: &Parts<'_>, macros: bool) {
        for (number, (count, entry)) in parts.items.beside(&parts.cell.items) {
            if entry.is_macro() == macros && !parts.unfit.contains(&number) {
                let start = self.text.len();
                self.add_from(*count, &entry.text, entry.at);
                self.older.push((start..self.text.len(), number));
            }
        }
    }

    fn put(&mut self, parts: &Parts<'_>, name: &str, is_new: bool, condition: &str) {
        if parts.left_out.contains(&(name.to_owned(), is_new)) {
            return;
        }
        let start = self.text.len();
        let number = self.puts.len();
        self.add(&format!(
            "{condition}{{ ::anymodel_cell::put::<{number}, _>(\"{name}\", {name}); }}\n"
        ));
        self.puts.push(Put {
            range: start..self.text.len(),
            name: name.to_owned(),
            is_new,
        });
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds a piece of the cell as it is, on lines of its own.
    fn copy(&mut self, parts: &Parts<'_>, range: Range<usize>) {
        let text = parts.code.get(range.clone()).unwrap_or_default();
        self.add_from(parts.count, text, Some(range.start));
    }

    fn add_from(&mut self, cell: u32, text: &str, from: Option<usize>) {
        if let Some(from) = from {
            self.segments.push(Segment {
                at: self.text.len(),
                length: text.len(),
                cell,
                from,
                around: (0, 0),
            });
        }
        self.text.push_str(text);
        self.text.push('\n');
    }
}

/// Shows the value of the last expression: by its own `evcxr_display`, else by `Debug`, else by the name of its type.
const SHOW: &str = ") { __value => { \
use ::anymodel_cell::{ByDebug as _, ByName as _, Finish as _, NoDisplay as _, Peel as _}; \
::anymodel_cell::value_follows(); let __value = __value.peel(); \
(&::anymodel_cell::Shown(__value.evcxr_display(), __value)).finish(); \
::anymodel_cell::value_ends(); } };\n";
