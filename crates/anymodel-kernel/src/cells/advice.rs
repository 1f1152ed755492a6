//! What the compiler adds to an error: notes, and changes of the text that would mend it.

use std::ops::Range;

use serde_json::Value;

use super::diagnostics::{Mark, array, is_desugared, mark};
use super::rewrite_messages;
use super::source::CellSource;

/// A note or an advice.
#[derive(Debug, Clone)]
pub(super) struct Note {
    pub level: String,
    pub message: String,
    pub marks: Vec<Mark>,
    /// Ways to change the text, of which one is to be chosen.
    pub changes: Vec<Vec<Patch>>,
}

/// A text to put in place of another.
#[derive(Debug, Clone)]
pub(super) struct Patch {
    pub cell: u32,
    pub range: Range<usize>,
    pub new: String,
}

/// Reads a note; `None` for one that says nothing to somebody who sees only the cell.
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
    // Advice about places that a learner cannot see is no advice.
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

/// The changes that can be made in cells. The compiler lists the parts of all of them in one row; two parts
/// of one change never begin at the same place.
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
    // A change inside a macro is none that can be made at its call.
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
