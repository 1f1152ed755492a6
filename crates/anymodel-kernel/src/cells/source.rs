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

use super::compile_plan::CompilePlan;
use super::items::{Items, entries};
use super::reachability::Reached;
use super::render_diagnostic::Texts;
use super::syntax::Cell;
use super::variables::{Variable, Variables};

/// A generated file.
#[derive(Debug, Default)]
pub struct CellSource {
    /// Its text.
    pub text: String,
    pub(super) segments: Vec<Segment>,
    /// Where each variable is put into the store.
    pub puts: Vec<StoreVariable>,
    /// Where each variable is taken out of the store.
    pub takes: Vec<(Range<usize>, String)>,
    /// Where items of earlier cells stand, by their numbers.
    pub older: Vec<(Range<usize>, usize)>,
    /// Where calls of macros stand that may declare something, by their places in the cell.
    pub calls: Vec<(Range<usize>, usize)>,
    /// Statics of earlier cells of which the file holds a copy.
    pub copied: BTreeSet<String>,
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
pub struct StoreVariable {
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
    /// The texts of all cells.
    pub texts: &'a Texts,
    /// What earlier cells declared.
    pub items: &'a Items,
    /// What earlier cells computed.
    pub variables: &'a Variables,
    /// Variables that cannot be taken out of the store.
    pub out_of_reach: &'a BTreeSet<String>,
    /// Items of earlier cells whose statics begin anew in this one, by their numbers.
    pub anew: &'a BTreeSet<usize>,
    /// What was learned from earlier attempts.
    pub plan: &'a CompilePlan,
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

impl CellSource {
    /// The file that runs a cell.
    pub fn of(parts: &Parts<'_>) -> CellSource {
        let mut source = CellSource::default();
        let cell = parts.cell;
        let taken = parts.taken();
        let has_state = entries(&cell.items).any(|entry| !entry.states.is_empty());
        source.runs = !cell.statements.is_empty()
            || cell.value.is_some()
            || has_state
            || !parts.anew.is_empty();
        source.reached = parts.reached(&taken);
        source.copied.clone_from(&parts.plan.copied);

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
        let macros = parts.position_macros();
        source.add(&macros);
        source.add_older(parts, true);
        source.add_items(parts, true);
        source.add_older(parts, false);
        source.add_items(parts, false);
        if source.runs {
            source.add_function(parts, &taken);
        }
        if !macros.is_empty() {
            let table = source.positions(parts.texts);
            source.add(&table);
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
    pub fn raw(count: u32, rust: &str, in_function: bool) -> CellSource {
        let mut source = CellSource::default();
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
}

/// Shows the value of the last expression: by its own `evcxr_display`, else by `Debug`, else by the name of its type.
const SHOW: &str = ") { __value => { \
use ::anymodel_cell::{ByDebug as _, ByName as _, Finish as _, NoDisplay as _, Peel as _}; \
::anymodel_cell::value_follows(); let __value = __value.__peel(); \
(&::anymodel_cell::Shown(__value.evcxr_display(), __value)).__finish(); \
::anymodel_cell::value_ends(); } };\n";
