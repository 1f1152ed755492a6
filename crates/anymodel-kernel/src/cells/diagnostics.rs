//! Compiler diagnostics, mapped back from the generated source to the text of the cell.
//!
//! The compiler's spans point into a generated file. Each span is mapped to the cell it
//! came from; a span in generated code is left out. `render_diagnostic` shows
//! them.

use std::ops::Range;

use serde_json::Value;

use super::advice::{self, Note};
use super::render_diagnostic::DroppedNames;
use super::rewrite_messages;
use super::source::{CellSource, StoreVariable};

/// One diagnostic of the compiler.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    pub(super) level: String,
    pub(super) code: Option<String>,
    pub(super) message: String,
    pub(super) marks: Vec<Mark>,
    pub(super) notes: Vec<Note>,
    /// Its spans in the generated file, each with whether it is a primary one.
    pub(super) spans: Vec<(Range<usize>, bool)>,
    /// The spans of its notes.
    inner: Vec<Range<usize>>,
}

/// A span in a cell.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub cell: u32,
    pub range: Range<usize>,
    pub label: String,
    pub is_primary: bool,
}

/// Reads the compiler's messages, one JSON object a line; other lines are skipped.
pub fn read(messages: &str, source: &CellSource) -> Vec<Diagnostic> {
    let objects = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    objects
        .filter_map(|object: Value| Diagnostic::read(&object, source))
        .collect()
}

impl Diagnostic {
    fn read(object: &Value, source: &CellSource) -> Option<Diagnostic> {
        let message = object["message"].as_str()?.to_owned();
        let level = object["level"].as_str()?.to_owned();
        let is_summary = message.starts_with("aborting due to")
            || message.starts_with("For more information")
            || message.starts_with("Some errors have detailed");
        if is_summary || level == "failure-note" {
            return None;
        }
        let spans = array(&object["spans"]);
        let is_around =
            |span: &Value| rewrite_messages::is_around(span) && mark(span, source).is_none();
        let in_cell = spans.iter().any(is_around);
        let marks = spans.iter().map(|span| mark(span, source));
        let worded = |mark: Option<Mark>| {
            let mark = mark?;
            Some(Mark {
                label: rewrite_messages::label(&mark.label, in_cell),
                ..mark
            })
        };
        let inner = array(&object["children"])
            .iter()
            .flat_map(|child| array(&child["spans"]));
        Some(Diagnostic {
            inner: inner.filter_map(bytes).map(|(range, _)| range).collect(),
            code: object["code"]["code"].as_str().map(str::to_owned),
            marks: marks.filter_map(worded).collect(),
            notes: array(&object["children"])
                .iter()
                .filter_map(|child| advice::read(child, source))
                .collect(),
            spans: spans.iter().filter_map(bytes).collect(),
            message: rewrite_messages::message(&message, in_cell),
            level,
        })
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.level.starts_with("error")
    }

    /// The compiler's error code, such as `E0382`.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Rewrites a message about the bracket after a text of this length to name the end of the text.
    pub fn end_at(&mut self, length: usize) {
        let is_end = |mark: &Mark| mark.range.start >= length;
        if !self.marks.iter().any(is_end) {
            return;
        }
        self.message = rewrite_messages::end(&self.message);
        for mark in &mut self.marks {
            mark.label = rewrite_messages::end(&mark.label);
        }
        // A primary span after the text already says it.
        let is_main = |mark: &Mark| mark.is_primary && is_end(mark);
        let has_main = self.marks.iter().any(is_main);
        self.marks.retain(|mark| has_main || !is_end(mark));
    }

    /// The first line of its message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether it points at the learner's own text.
    pub fn is_about_a_cell(&self) -> bool {
        !self.marks.is_empty()
    }

    /// Whether it is about unbalanced brackets or quotes.
    pub fn is_about_what_is_open(&self) -> bool {
        self.message.contains("delimiter") || self.message.contains("unterminated")
    }

    /// Whether a future is used in place of its output.
    pub fn is_about_a_future(&self) -> bool {
        let is_future = |text: &str| text.contains("Future") || text.contains("found future");
        is_future(&self.message) || self.marks.iter().any(|mark| is_future(&mark.label))
    }

    fn is_about_a_crate(&self) -> bool {
        let is_named = |text: &str| text.contains("crate");
        is_named(&self.message) || self.marks.iter().any(|mark| is_named(&mark.label))
    }

    /// Removes the compiler's suggestions.
    pub fn drop_advice(&mut self) {
        self.notes.retain(|note| note.level != "help");
    }

    /// Rewrites the message: the function around a cell is called a cell.
    pub fn call_it_a_cell(&mut self) {
        self.message = rewrite_messages::of_cell(&self.message);
        for mark in &mut self.marks {
            mark.label = rewrite_messages::of_cell(&mark.label);
        }
    }

    /// The primary position: the cell, and the byte in it.
    pub fn start(&self) -> Option<(u32, usize)> {
        let main = self.marks.iter().find(|mark| mark.is_primary);
        main.map(|mark| (mark.cell, mark.range.start))
    }

    /// The name that the compiler cannot find.
    pub fn missing(&self) -> Option<&str> {
        let is_missing = ["cannot find", "failed to resolve", "unresolved"]
            .iter()
            .any(|start| self.message.starts_with(start));
        is_missing.then(|| self.message.split('`').nth(1))?
    }

    /// The variable that cannot be put into the store, when that is the real error: the
    /// last such secondary span, else the primary one.
    pub fn unstorable_variable<'a>(&self, puts: &'a [StoreVariable]) -> Option<&'a StoreVariable> {
        let at = |span: &Range<usize>| puts.iter().find(|put| is_inside(span, &put.range));
        let touched = |wanted: bool| {
            self.spans
                .iter()
                .filter(move |(_, primary)| *primary == wanted)
                .filter_map(move |(span, _)| at(span))
        };
        // An error about a closure that borrows points at the closure, and its reason is a note.
        let notes = || self.inner.iter().rev().find_map(at);
        let is_about_a_closure = self.code() == Some("E0373");
        touched(false)
            .next_back()
            .or_else(|| touched(true).next_back())
            .or_else(|| is_about_a_closure.then(notes).flatten())
    }

    /// The variable that cannot be taken out of the store.
    pub fn unavailable_variable<'a>(&self, source: &'a CellSource) -> Option<&'a str> {
        let main = || self.spans.iter().filter(|(_, is_primary)| *is_primary);
        let takes = source.takes.iter();
        takes
            .filter(|(range, _)| main().any(|(span, _)| is_inside(span, range)))
            .map(|(_, name)| name.as_str())
            .next()
    }

    /// The item of an earlier cell that causes the error: the primary span, or the first definition of an item
    /// that the cell defines again.
    pub fn conflicting_item(&self, source: &CellSource) -> Option<usize> {
        let is_second = matches!(
            self.code(),
            Some("E0119" | "E0201" | "E0252" | "E0255" | "E0428" | "E0592")
        );
        let spans = self
            .spans
            .iter()
            .filter(|(_, is_primary)| *is_primary || is_second);
        let older = |(span, _): &(Range<usize>, bool)| {
            let mut older = source.older.iter();
            let found = older.find(|(range, _)| is_inside(span, range));
            found.map(|(_, number)| *number)
        };
        spans.clone().find_map(older)
    }

    /// A hint about how notebooks differ from programs. `gone` holds the reasons why variables no longer exist.
    pub(super) fn advice(&self, gone: &DroppedNames) -> Option<String> {
        let advice = match self.code()? {
            "E0425" => {
                let name = self.message.split('`').nth(1)?;
                return gone.get(name).map(|why| format!("hint: `{name}` {why}"));
            }
            "E0384" | "E0596" | "E0594" if self.notes.is_empty() => {
                "hint: a variable of an earlier cell can be made changeable: `let mut x = x;`"
            }
            "E0432" | "E0433" | "E0463" if self.is_about_a_crate() => {
                "hint: a crate is added by a line such as `:dep rand = \"0.9\"`"
            }
            _ => return None,
        };
        Some(advice.to_owned())
    }
}

pub(super) fn mark(span: &Value, source: &CellSource) -> Option<Mark> {
    let (bytes, is_primary) = bytes(span)?;
    let (cell, range) = source.origin_of_range(&bytes)?;
    Some(Mark {
        cell,
        range,
        label: span["label"].as_str().unwrap_or_default().to_owned(),
        is_primary,
    })
}

/// The bytes of a span in the generated file; for a span inside a macro, those of the macro's call.
fn bytes(span: &Value) -> Option<(Range<usize>, bool)> {
    let is_ours = span["file_name"].as_str().is_some_and(|file| {
        let name = file.rsplit('/').next().unwrap_or_default();
        name.starts_with("cell-")
    });
    let outer = match is_desugared(span) {
        true => &Value::Null,
        false => &span["expansion"]["span"],
    };
    if outer.is_object() && (!is_ours || outer["file_name"] == span["file_name"]) {
        // A span in the learner's own macro is shown at the call.
        let (range, _) = bytes(outer)?;
        return Some((range, span["is_primary"].as_bool().unwrap_or(false)));
    }
    if !is_ours {
        return None;
    }
    let number = |key: &str| {
        span[key]
            .as_u64()
            .and_then(|value| usize::try_from(value).ok())
    };
    Some((
        number("byte_start")?..number("byte_end")?,
        span["is_primary"].as_bool().unwrap_or(false),
    ))
}

/// Whether a span comes from desugaring (`?`, `for`, `.await`), not from a macro.
pub(super) fn is_desugared(span: &Value) -> bool {
    let name = span["expansion"]["macro_decl_name"].as_str();
    name.is_some_and(|name| name.starts_with("desugaring of"))
}

pub(super) fn is_inside(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

pub(super) fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
