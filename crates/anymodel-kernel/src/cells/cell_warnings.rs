//! Warnings about code that has an effect in a program but none in a cell.

use proc_macro2::{TokenStream, TokenTree};

use super::command_lines::without_commands;
use super::items::entries;
use super::syntax::Cell;

const TESTS: &str = "note: tests in cells are not run yet; a call of the function runs its body\n";
const INPUT: &str = "note: a cell cannot ask for a line yet: its standard input (stdin) is empty, and \
                     `read_line` gives 0 bytes; write the text into the cell\n";

impl Cell {
    /// Notes about `main`, about tests, and about reading from standard input.
    pub fn notes(&self, code: &str) -> Vec<String> {
        let mut notes: Vec<String> = self.start().into_iter().collect();
        let is_test = |text: &str| text.contains("#[test]") || text.contains("::test]");
        if entries(&self.items).any(|entry| is_test(&entry.text)) {
            notes.push(TESTS.to_owned());
        }
        let tokens = without_commands(code).0.parse();
        if tokens.is_ok_and(calls_stdin) {
            notes.push(INPUT.to_owned());
        }
        notes
    }

    /// The note for a cell that declares only `main`. It looks like a program, which would call `main`.
    fn start(&self) -> Option<String> {
        let mut entries = entries(&self.items);
        let main = entries.find(|entry| entry.value() == Some("main"))?;
        let is_task = main.text.contains("async fn main") && !main.text.contains("::main]");
        let call = if is_task { "main().await" } else { "main()" };
        let is_all = self.statements.is_empty() && self.value.is_none();
        is_all.then(|| {
            format!("note: a cell does not start at `main`; the line `{call}` starts it\n")
        })
    }

    /// The start of the first line of Rust.
    pub(super) fn start_of_rust(&self, code: &str) -> Option<usize> {
        let items = self.items.iter().map(|item| &item.range);
        let ranges = items.chain(&self.statements).chain(&self.value);
        let start = ranges.map(|range| range.start).min()?;
        Some(code.get(..start)?.rfind('\n').map_or(0, |end| end + 1))
    }
}

/// Whether code calls the free function `stdin()`, not a method of that name.
fn calls_stdin(tokens: TokenStream) -> bool {
    let (mut is_method, mut is_stdin) = (false, false);
    tokens.into_iter().any(|token| {
        let was_stdin = std::mem::take(&mut is_stdin);
        match token {
            TokenTree::Ident(word) => is_stdin = !is_method && word == "stdin",
            TokenTree::Group(group) => {
                return was_stdin && group.stream().is_empty() || calls_stdin(group.stream());
            }
            TokenTree::Punct(mark) => {
                is_method = mark.as_char() == '.';
                return false;
            }
            TokenTree::Literal(_) => {}
        }
        is_method = false;
        false
    })
}
