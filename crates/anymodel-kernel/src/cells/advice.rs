//! Compiler notes and suggestions: the text that the compiler adds to an error, and the edits that it proposes.

use std::ops::Range;

use serde_json::Value;

use super::diagnostics::{Mark, array, is_desugared, mark};
use super::rewrite_messages;
use super::source::CellSource;

/// A note or a suggestion.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub level: String,
    pub message: String,
    pub marks: Vec<Mark>,
    /// Alternative edits, of which the learner chooses one.
    pub changes: Vec<Vec<Patch>>,
}

/// One edit: a range and its replacement.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    pub cell: u32,
    pub range: Range<usize>,
    pub new: String,
}

/// Reads a note; `None` for one that is of no use to a reader of the cell alone.
pub(super) fn read(child: &Value, source: &CellSource) -> Option<Note> {
    let message = child["message"].as_str()?;
    if rewrite_messages::is_foreign(message) {
        return None;
    }
    let spans = array(&child["spans"]);
    let mut marks: Vec<Mark> = spans.iter().filter_map(|span| mark(span, source)).collect();
    for mark in &mut marks {
        mark.label = rewrite_messages::label(&mark.label, false);
    }
    let is_advice = (spans.iter()).any(|span| span["suggested_replacement"].is_string());
    let changes = changes(spans, source);
    // A suggestion about a place outside the cells is of no use to the learner.
    if !spans.is_empty() && (changes.is_empty() && (marks.is_empty() || is_advice)) {
        return None;
    }
    Some(Note {
        level: child["level"].as_str().unwrap_or("note").to_owned(),
        message: rewrite_messages::plain(message),
        marks,
        changes,
    })
}

/// The suggested edits that lie in cells. The compiler lists the parts of all suggestions in one row; two parts
/// of one suggestion never begin at the same place.
fn changes(spans: &[Value], source: &CellSource) -> Vec<Vec<Patch>> {
    let mut changes: Vec<Vec<&Value>> = Vec::new();
    let at = |span: &Value| span["byte_start"].as_u64();
    for span in spans {
        match changes.last_mut() {
            Some(parts) if parts.iter().all(|part| at(part) != at(span)) => parts.push(span),
            _ => changes.push(vec![span]),
        }
    }
    let whole = |parts: &Vec<&Value>| parts.iter().map(|part| patch(part, source)).collect();
    changes.iter().filter_map(whole).collect()
}

fn patch(span: &Value, source: &CellSource) -> Option<Patch> {
    let new = span["suggested_replacement"].as_str()?;
    // An edit inside a macro's expansion cannot be made at its call.
    (span["expansion"].is_null() || is_desugared(span)).then_some(())?;
    // The compiler would put an import above the first item, which may be another cell's.
    let line = new.trim_end();
    if line.starts_with("use ") && line.ends_with(';') && new.ends_with('\n') {
        let (cell, top) = source.top?;
        return Some(Patch {
            cell,
            range: top..top,
            new: format!("{line}\n"),
        });
    }
    let place = mark(span, source)?;
    Some(Patch {
        cell: place.cell,
        range: place.range,
        new: new.to_owned(),
    })
}
