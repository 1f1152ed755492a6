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

use super::expansion;
use super::items::{Entry, Items, Place, entries};
use super::plan::Plan;
use super::reach::Reached;
use super::state::{CELL, HOME, Piece};
use super::syntax::Cell;
use super::variables::{Variable, Variables};

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
    /// Where items of earlier cells stand, by their numbers.
    pub older: Vec<(Range<usize>, usize)>,
    /// Where calls of macros stand that may declare something, by their places in the cell.
    pub calls: Vec<(Range<usize>, usize)>,
    /// What the cell reaches.
    pub reached: Reached,
    /// Whether items of earlier cells are not there, because it seems to reach none of them.
    pub is_partial: bool,
    /// Whether it holds what macros of the compiler stand for, which uses what is not for everybody.
    pub has_expanded: bool,
    /// Whether there is anything to run; a cell of items is only compiled.
    pub runs: bool,
    /// Where an import would stand: the cell, and the byte of its first line of Rust.
    pub(super) top: Option<(u32, usize)>,
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
    /// How many bytes of the cell all of it stands for, when it is no copy.
    pub stands_for: Option<usize>,
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
    /// Variables that cannot be taken out of the store.
    pub out_of_reach: &'a BTreeSet<String>,
    /// Items of earlier cells whose statics begin anew in this one, by their numbers.
    pub anew: &'a BTreeSet<usize>,
    /// What was learned from earlier attempts.
    pub plan: &'a Plan,
    /// Crates below the crate whose types are named in full only when the cell names the crate.
    pub named_crates: &'a BTreeSet<String>,
    /// What makes a file of this text link crates.
    pub bundle: &'a dyn Fn(&str) -> String,
    /// Whether a word is the name of a crate that cells can link.
    pub is_crate: &'a dyn Fn(&str) -> bool,
}

/// In a notebook much is declared that is not used yet. A future that nobody awaits is a mistake.
const ALLOWED: &str = "#![allow(unused)]\n#![warn(unused_must_use)]\n";
/// A lifetime that the type of a static leaves out must be written in later cells.
const HIDDEN: &str = "#![warn(elided_lifetimes_in_paths)]\n";

impl Source {
    /// The file that runs a cell.
    pub fn of(parts: &Parts<'_>) -> Source {
        let mut source = Source::default();
        let cell = parts.cell;
        let taken = parts.taken();
        let has_state = entries(&cell.items).any(|entry| !entry.states.is_empty());
        source.runs = !cell.statements.is_empty()
            || cell.value.is_some()
            || has_state
            || !parts.anew.is_empty();
        source.reached = parts.reached(&taken);

        source.top = cell.start_of_rust(parts.code).map(|at| (parts.count, at));
        source.add(ALLOWED);
        if has_state {
            source.add(HIDDEN);
        }
        for attribute in &cell.attributes {
            source.copy(parts, attribute.clone());
        }
        if source.runs && !cell.variables.is_empty() {
            for name in parts.named_crates {
                source.add(&format!("extern crate {name} as __crate_{name};\n"));
            }
        }
        // A macro is found only by what stands behind it.
        source.add_older(parts, true);
        source.add_items(parts, true);
        source.add_older(parts, false);
        source.add_items(parts, false);
        if source.runs {
            source.add_function(parts, &taken);
        }
        // Behind all that it is to be judged by.
        let bundle = (parts.bundle)(&source.text);
        source.add(&bundle);
        source
    }

    /// Adds the function that the runner calls.
    fn add_function(&mut self, parts: &Parts<'_>, taken: &[(&str, &Variable)]) {
        let (cell, plan) = (parts.cell, parts.plan);
        self.add(
            &parts
                .variables
                .hidden_types(taken.iter().map(|(name, _)| *name)),
        );
        self.add(&plan.head(parts.count));
        for (name, variable) in taken {
            let mutable = if variable.is_mut { "mut " } else { "" };
            let named = &variable.type_in_source;
            let start = self.text.len();
            self.add(&format!(
                "let {mutable}{name} = ::anymodel_cell::take::<{named}>(\"{name}\");\n"
            ));
            let end = self.text.len();
            self.takes.push((start..end, (*name).to_owned()));
        }
        // What a crate offers may need an executor though nothing is awaited.
        if !plan.awaits && parts.reaches_crates(&self.reached) {
            self.add("let __entered = ::anymodel_task::enter();\n");
        }
        let (before, behind) = plan.around();
        self.add(before);
        for statement in &cell.statements {
            self.copy(parts, statement.clone());
            self.add(";\n");
        }
        if let Some(value) = &cell.value {
            self.add("match &(");
            self.copy(parts, value.clone());
            self.add(SHOW);
            if let Some(segment) = self.segments.last_mut() {
                segment.around = ("&(".len(), SHOW.len() + 1);
            }
        }
        for (name, _) in &cell.variables {
            if !plan.is_function && !parts.is_constant(name) {
                self.put(parts, name, true, "");
            }
        }
        self.add(behind);
        let kept = if plan.is_function { &[] } else { taken };
        for (name, _) in kept {
            // Of two variables of one name the new one stays, unless the cell failed before it was there.
            let is_shadowed = cell.variables.iter().any(|(new, _)| new == name)
                && !plan.left_out.contains(&((*name).to_owned(), true));
            let condition = match is_shadowed {
                true => "if ::anymodel_cell::failed() ",
                false => "",
            };
            self.put(parts, name, false, condition);
        }
        self.add("}\n");
    }

    /// The file that shows a compiler a text whose form it must complain about: as it is, or as the body
    /// of a function. The bracket behind that body is the end of the cell.
    pub fn raw(count: u32, rust: &str, in_function: bool) -> Source {
        let mut source = Source::default();
        source.add(ALLOWED);
        if in_function {
            source.add("async fn __cell() {\n");
        }
        source.add_from(count, rust, 0);
        if !in_function {
            // What is open goes on to the end of the file.
            if let Some(segment) = source.segments.last_mut() {
                segment.around.1 = 1;
            }
            return source;
        }
        source.note(count, 1, rust.trim_end().len());
        source.add("}\n");
        source
    }

    /// Adds items of earlier cells: macros, or all others.
    fn add_older(&mut self, parts: &Parts<'_>, macros: bool) {
        for kept in parts.items.beside(&parts.cell.items) {
            let number = kept.number;
            if kept.entry.is_macro() != macros || parts.plan.unfit.contains_key(&number) {
                continue;
            }
            if parts.plan.is_bare && parts.is_unnamed_import(kept, &self.reached) {
                continue;
            }
            if !parts.plan.all && !self.reached.numbers.contains(&number) {
                self.is_partial = true;
                continue;
            }
            let start = self.text.len();
            match parts.anew.contains(&number) {
                true => self.add_entry(&kept.entry, (kept.cell, parts.count), true),
                false => self.add_entry(&kept.entry, (kept.cell, kept.home), false),
            }
            self.older.push((start..self.text.len(), number));
        }
    }

    /// Adds items of the cell: macros, or all others.
    fn add_items(&mut self, parts: &Parts<'_>, macros: bool) {
        for (number, item) in parts.cell.items.iter().enumerate() {
            if item.entries.iter().any(Entry::is_macro) != macros {
                continue;
            }
            let start = self.text.len();
            if item.is_as_written() {
                self.copy(parts, item.range.clone());
                continue;
            }
            let (before, behind) = expansion::marks(number);
            if parts.plan.is_marked && item.is_call {
                self.add(&before);
            }
            for entry in &item.entries {
                self.add_entry(entry, (parts.count, parts.count), true);
            }
            if parts.plan.is_marked && item.is_call {
                self.add(&behind);
            }
            if item.is_call || item.call.is_some() {
                self.calls.push((start..self.text.len(), number));
            }
        }
    }

    /// Adds an entry that stands in the first of two cells; its statics live in the library of the second.
    fn add_entry(&mut self, entry: &Entry, (cell, home): (u32, u32), is_first: bool) {
        let start = self.text.len();
        self.has_expanded |= matches!(entry.place, Place::For(_));
        let (cell_text, home_text) = (cell.to_string(), home.to_string());
        let mut done = 0;
        for state in &entry.states {
            self.add_own(entry, cell, done..state.range.start);
            let pieces = if is_first { &state.first } else { &state.later };
            for piece in pieces {
                match piece {
                    Piece::Own(range) => self.add_own(entry, cell, range.clone()),
                    Piece::Text(text) => {
                        self.add(&text.replace(CELL, &cell_text).replace(HOME, &home_text));
                    }
                }
            }
            done = state.range.end;
        }
        self.add_own(entry, cell, done..entry.text.len());
        if let Place::For(range) = &entry.place {
            self.segments.push(Segment {
                at: start,
                length: self.text.len() - start,
                cell,
                from: range.start,
                stands_for: Some(range.len()),
                around: (0, 0),
            });
        }
        self.add("\n");
    }

    fn add_own(&mut self, entry: &Entry, cell: u32, range: Range<usize>) {
        let text = entry.text.get(range.clone()).unwrap_or_default();
        if let Place::Whole(at) = entry.place
            && !text.is_empty()
        {
            self.note(cell, text.len(), at + range.start);
        }
        self.add(text);
    }

    fn note(&mut self, cell: u32, length: usize, from: usize) {
        self.segments.push(Segment {
            at: self.text.len(),
            length,
            cell,
            from,
            stands_for: None,
            around: (0, 0),
        });
    }

    fn put(&mut self, parts: &Parts<'_>, name: &str, is_new: bool, condition: &str) {
        if parts.plan.left_out.contains(&(name.to_owned(), is_new)) {
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
        self.add_from(parts.count, text, range.start);
    }

    fn add_from(&mut self, cell: u32, text: &str, from: usize) {
        self.note(cell, text.len(), from);
        self.text.push_str(text);
        self.text.push('\n');
    }
}

/// Shows the value of the last expression: by its own `evcxr_display`, else by `Debug`, else by the name of its type.
const SHOW: &str = ") { __value => { \
use ::anymodel_cell::{ByDebug as _, ByName as _, Finish as _, NoDisplay as _, Peel as _}; \
::anymodel_cell::value_follows(); let __value = __value.__peel(); \
(&::anymodel_cell::Shown(__value.evcxr_display(), __value)).__finish(); \
::anymodel_cell::value_ends(); } };\n";
