//! A cell as one source file, and the way back from the file to the learner's text.
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

use super::items::{Items, words};
use super::syntax::Cell;
use super::variables::Variables;

/// A generated file.
#[derive(Debug, Default)]
pub struct Source {
    /// Its text.
    pub text: String,
    segments: Vec<Segment>,
    /// Where each variable is put into the store.
    pub puts: Vec<Put>,
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
struct Segment {
    at: usize,
    length: usize,
    cell: u32,
    from: usize,
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
            .filter(|(name, _)| mentioned.contains(name))
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
        for (count, entry) in parts.items.beside(&cell.items) {
            source.add_from(*count, &entry.text, entry.at);
        }
        for item in &cell.items {
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
            source.add(&format!(
                "let {mutable}{name} = ::anymodel_cell::take::<{named}>(\"{name}\");\n"
            ));
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
        }
        for (name, _) in &cell.variables {
            source.put(parts, name, true, "");
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

    /// The file that shows a compiler what it must complain about: the text as it is.
    pub fn raw(count: u32, rust: &str) -> Source {
        let mut source = Source::default();
        source.add(ALLOWED);
        source.add("async fn __cell() {\n");
        source.add_from(count, rust, Some(0));
        source.add("}\n");
        source
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
            });
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// The cell, and the byte in it, that a byte of the file comes from. The byte just behind a piece
    /// belongs to it too.
    pub fn origin(&self, byte: usize) -> Option<(u32, usize)> {
        let inside = |segment: &&Segment| byte >= segment.at && byte <= segment.at + segment.length;
        let segment = self.segments.iter().find(inside)?;
        Some((segment.cell, segment.from + byte - segment.at))
    }

    /// As [`Source::origin`], for a line and a column, both from 1, the column in characters.
    pub fn origin_of_place(&self, line: u32, column: u32) -> Option<(u32, usize)> {
        let mut start = 0;
        for (number, text) in self.text.split_inclusive('\n').enumerate() {
            if number + 1 == line as usize {
                let column = (column as usize).saturating_sub(1);
                let inside = text.char_indices().nth(column).map_or(0, |(at, _)| at);
                return self.origin(start + inside);
            }
            start += text.len();
        }
        None
    }

    /// The first byte of a line that comes from a cell, for a line without a column.
    pub fn origin_of_line(&self, line: u32) -> Option<(u32, usize)> {
        let text = self.text.split('\n').nth((line as usize).checked_sub(1)?)?;
        (1..=u32::try_from(text.chars().count()).ok()? + 1)
            .find_map(|column| self.origin_of_place(line, column))
    }
}

/// Shows the value of the last expression: by its own `evcxr_display`, else by `Debug`, else by the name of its type.
const SHOW: &str = ") { __value => { \
use ::anymodel_cell::{ByDebug as _, ByName as _, Finish as _, NoDisplay as _, Peel as _}; \
::anymodel_cell::value_follows(); let __value = __value.peel(); \
(&::anymodel_cell::Shown(__value.evcxr_display(), __value)).finish(); \
::anymodel_cell::value_ends(); } };\n";
