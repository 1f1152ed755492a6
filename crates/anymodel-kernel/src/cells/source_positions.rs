//! Source positions for `dbg!`, `line!` and `column!`: they return those of the learner's text.
//!
//! A cell is compiled as a part of a generated file, and Rust has no `#line` directive. So these three
//! macros are declared again in that file, where it uses them, and look up
//! their position in a table at its end. `file!` is handled by an option of the compiler.

use super::render_diagnostic::Texts;
use super::source::{CellSource, Parts};

const MACROS: [(&str, &str); 3] = [
    (
        "line",
        "macro_rules! line { () => { \
         ::anymodel_cell::place(crate::__PLACES, ::std::line!(), ::std::column!()).1 } }\n",
    ),
    (
        "column",
        "macro_rules! column { () => { \
         ::anymodel_cell::place(crate::__PLACES, ::std::line!(), ::std::column!()).2 } }\n",
    ),
    (
        "dbg",
        "macro_rules! dbg { \
         () => { ::std::eprintln!(\"[{}]\", ::anymodel_cell::at(crate::__PLACES, ::std::line!(), ::std::column!())) }; \
         ($value:expr $(,)?) => { match $value { value => { \
         ::std::eprintln!(\"[{}] {} = {:#?}\", \
         ::anymodel_cell::at(crate::__PLACES, ::std::line!(), ::std::column!()), \
         ::std::stringify!($value), &value); value } } }; \
         ($($value:expr),+ $(,)?) => { ($(dbg!($value)),+,) }; }\n",
    ),
];

impl Parts<'_> {
    /// The macros that the file uses and does not declare; none where `concat!` needs the
    /// built-in ones.
    pub(super) fn position_macros(&self) -> String {
        let older = self.items.beside(&self.cell.items);
        let mut texts: Vec<&str> = older.map(|kept| kept.entry.text.as_str()).collect();
        texts.push(self.code);
        let has = |words: &str| texts.iter().any(|text| text.contains(words));
        if has("concat!") {
            return String::new();
        }
        let is_used =
            |name: &str| has(&format!("{name}!")) && !has(&format!("macro_rules! {name}"));
        let used = MACROS.iter().filter(|(name, _)| is_used(name));
        used.map(|(_, text)| *text).collect()
    }
}

impl CellSource {
    /// The table: line and column in the file, then cell, line and column of the learner's text.
    pub(super) fn positions(&self, texts: &Texts) -> String {
        let mut table = String::from("const __PLACES: &[(u32, u32, u32, u32, u32)] = &[");
        let mut pieces: Vec<_> = self.segments.iter().collect();
        pieces.sort_by_key(|piece| piece.at);
        let (mut at, mut line, mut column) = (0, 1, 1);
        for piece in pieces {
            if piece.stands_for.is_some() {
                continue;
            }
            let Some(before) = texts
                .get(&piece.cell)
                .and_then(|text| text.get(..piece.from))
            else {
                continue;
            };
            let Some(skipped) = self.text.get(at..piece.at) else {
                continue;
            };
            (line, column) = after((line, column), skipped);
            at = piece.at;
            let (from_line, from_column) = after((1, 1), before);
            let cell = piece.cell;
            table += &format!("({line},{column},{cell},{from_line},{from_column}),");
            let text = self.text.get(at..at + piece.length).unwrap_or_default();
            for next in 1..=text.matches('\n').count() {
                table += &format!("({},1,{cell},{},1),", line + next, from_line + next);
            }
        }
        table + "];\n"
    }
}

/// The line and column at the end of a text that begins at a position.
fn after((line, column): (usize, usize), text: &str) -> (usize, usize) {
    match text.rsplit_once('\n') {
        Some((_, last)) => (line + text.matches('\n').count(), last.chars().count() + 1),
        None => (line, column + text.chars().count()),
    }
}
