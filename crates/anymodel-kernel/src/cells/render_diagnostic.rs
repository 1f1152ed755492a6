//! Diagnostics renderer: the learner's text with marks under it.
//!
//! It uses `annotate-snippets`, the library that renders rustc's own errors.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use super::advice;
use super::diagnostics::{Diagnostic, Mark};
use super::{CellError, UNCOUNTED};

/// The texts of all cells so far, for errors that point into an earlier one.
pub type Texts = BTreeMap<u32, String>;

/// The reasons why variables no longer exist, by their names.
pub type DroppedNames = BTreeMap<String, String>;

impl Diagnostic {
    /// Renders the diagnostic as lines.
    pub fn render(&self, texts: &Texts) -> String {
        let level = level(&self.level);
        let mut title = level.primary_title(self.message.clone());
        if let Some(code) = &self.code {
            title = title.id(code.clone());
        }
        let mut main = Group::with_title(title);
        for snippet in snippets(&self.marks, texts) {
            main = main.element(snippet);
        }
        let mut report = Vec::new();
        for note in &self.notes {
            let has_place = !note.marks.is_empty() || !note.changes.is_empty();
            if !has_place {
                main = main.element(self::level(&note.level).message(note.message.clone()));
                continue;
            }
            let title = self::level(&note.level).secondary_title(note.message.clone());
            let group = Group::with_title(title);
            let group = match note.changes.is_empty() {
                true => group.elements(snippets(&note.marks, texts)),
                false => {
                    let changes = note.changes.iter();
                    group.elements(changes.filter_map(|parts| changed(parts, texts)))
                }
            };
            report.push(group);
        }
        report.insert(0, main);
        Renderer::styled().render(&report).to_string()
    }
}

/// The error of a cell that does not compile.
pub fn failure(errors: &[&Diagnostic], texts: &Texts, gone: &DroppedNames) -> CellError {
    let value = match errors.first() {
        Some(first) => match &first.code {
            Some(code) => format!("{} [{code}]", first.message),
            None => first.message.clone(),
        },
        None => "the cell does not compile".to_owned(),
    };
    let traceback = errors
        .iter()
        .flat_map(|error| {
            let mut lines: Vec<String> = error.render(texts).lines().map(str::to_owned).collect();
            lines.extend(error.advice(gone));
            lines
        })
        .collect();
    CellError {
        name: "CompileError".to_owned(),
        value,
        traceback,
    }
}

/// One line of a cell, with a mark under a position in it.
pub fn place(title: &str, cell: u32, at: usize, texts: &Texts) -> Vec<String> {
    let mut group = Group::with_title(Level::ERROR.primary_title(title.to_owned()));
    if let Some(text) = texts.get(&cell) {
        let at = text.floor_char_boundary(at);
        let rest = &text[at..];
        let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '!'));
        let length = word
            .filter(|length| *length > 0)
            .unwrap_or_else(|| rest.chars().next().map_or(0, char::len_utf8));
        let mark = AnnotationKind::Primary.span(at..at + length);
        group = group.element(
            Snippet::source(text.clone())
                .path(name(cell))
                .annotation(mark),
        );
    }
    let text = Renderer::styled().render(&[group]).to_string();
    text.lines().map(str::to_owned).collect()
}

/// The name of a cell in messages.
pub fn name(cell: u32) -> String {
    if cell > UNCOUNTED {
        "this cell".to_owned()
    } else {
        format!("cell [{cell}]")
    }
}

fn snippets(
    marks: &[Mark],
    texts: &Texts,
) -> Vec<Snippet<'static, annotate_snippets::Annotation<'static>>> {
    let mut cells: Vec<u32> = marks.iter().map(|mark| mark.cell).collect();
    // The cell of the primary span comes first.
    cells.sort_by_key(|cell| {
        !marks
            .iter()
            .any(|mark| mark.is_primary && mark.cell == *cell)
    });
    cells.dedup();
    let one = |cell: u32| {
        let text = texts.get(&cell)?;
        let marks = marks.iter().filter(|mark| mark.cell == cell);
        let annotations = marks.map(|mark| {
            let kind = if mark.is_primary {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            kind.span(fit(&mark.range, text)).label(mark.label.clone())
        });
        Some(
            Snippet::source(text.clone())
                .path(name(cell))
                .annotations(annotations),
        )
    };
    cells.into_iter().filter_map(one).collect()
}

/// The text with a suggested edit.
fn changed(parts: &[advice::Patch], texts: &Texts) -> Option<Snippet<'static, Patch<'static>>> {
    let cell = parts.first()?.cell;
    let text = texts.get(&cell)?;
    let parts = parts.iter().filter(|part| part.cell == cell);
    let patches = parts.map(|part| Patch::new(fit(&part.range, text), part.new.clone()));
    Some(
        Snippet::source(text.clone())
            .path(name(cell))
            .patches(patches),
    )
}

/// The range, moved to character boundaries: `annotate-snippets` accepts no other.
fn fit(range: &Range<usize>, text: &str) -> Range<usize> {
    text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end)
}

fn level(name: &str) -> Level<'static> {
    match name {
        "warning" => Level::WARNING,
        "note" => Level::NOTE,
        "help" => Level::HELP,
        _ => Level::ERROR,
    }
}
