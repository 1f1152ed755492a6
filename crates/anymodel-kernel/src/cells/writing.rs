//! Writer of a generated file: pieces of text, each with its origin.

use std::ops::Range;

use super::expansion;
use super::items::{DeclaredName, ItemPlace};
use super::source::{CellSource, Parts, Segment, StoreVariable};
use super::statics::{CELL, HOME, StaticSegment};

impl CellSource {
    /// Adds items of earlier cells: macros, or all others.
    pub(super) fn add_older(&mut self, parts: &Parts<'_>, macros: bool) {
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
    pub(super) fn add_items(&mut self, parts: &Parts<'_>, macros: bool) {
        for (number, item) in parts.cell.items.iter().enumerate() {
            if item.entries.iter().any(DeclaredName::is_macro) != macros {
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

    /// Adds an entry from the first of two cells; its statics live in the library of the second.
    pub(super) fn add_entry(
        &mut self,
        entry: &DeclaredName,
        (cell, home): (u32, u32),
        is_first: bool,
    ) {
        let start = self.text.len();
        self.has_expanded |= matches!(entry.place, ItemPlace::For(_));
        let (cell_text, home_text) = (cell.to_string(), home.to_string());
        let mut done = 0;
        for state in &entry.states {
            self.add_own(entry, cell, done..state.range.start);
            let copy = [StaticSegment::Own(state.range.clone())];
            let is_copied = state.names.iter().any(|name| self.copied.contains(name));
            let pieces = match (is_first, is_copied) {
                (true, _) => &state.first[..],
                (false, true) => &copy,
                (false, false) => &state.later,
            };
            for piece in pieces {
                match piece {
                    StaticSegment::Own(range) => self.add_own(entry, cell, range.clone()),
                    StaticSegment::Text(text) => {
                        self.add(&text.replace(CELL, &cell_text).replace(HOME, &home_text));
                    }
                }
            }
            done = state.range.end;
        }
        self.add_own(entry, cell, done..entry.text.len());
        if let ItemPlace::For(range) = &entry.place {
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

    fn add_own(&mut self, entry: &DeclaredName, cell: u32, range: Range<usize>) {
        let text = entry.text.get(range.clone()).unwrap_or_default();
        if let ItemPlace::Whole(at) = entry.place
            && !text.is_empty()
        {
            self.note(cell, text.len(), at + range.start);
        }
        self.add(text);
    }

    pub(super) fn note(&mut self, cell: u32, length: usize, from: usize) {
        self.segments.push(Segment {
            at: self.text.len(),
            length,
            cell,
            from,
            stands_for: None,
            around: (0, 0),
        });
    }

    pub(super) fn put(&mut self, parts: &Parts<'_>, name: &str, is_new: bool, condition: &str) {
        if parts.plan.left_out.contains(&(name.to_owned(), is_new)) {
            return;
        }
        let start = self.text.len();
        let number = self.puts.len();
        self.add(&format!(
            "{condition}{{ ::anymodel_cell::put::<{number}, _>(\"{name}\", {name}); }}\n"
        ));
        self.puts.push(StoreVariable {
            range: start..self.text.len(),
            name: name.to_owned(),
            is_new,
        });
    }

    pub(super) fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Copies a piece of the cell, on its own lines.
    pub(super) fn copy(&mut self, parts: &Parts<'_>, range: Range<usize>) {
        let text = parts.code.get(range.clone()).unwrap_or_default();
        self.add_from(parts.count, text, range.start);
    }

    pub(super) fn add_from(&mut self, cell: u32, text: &str, from: usize) {
        self.note(cell, text.len(), from);
        self.text.push_str(text);
        self.text.push('\n');
    }
}
