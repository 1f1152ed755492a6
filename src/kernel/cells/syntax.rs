//! What a cell consists of: commands, items, statements, and perhaps a value at its end.
//!
//! `syn` reads the text; every part is a range of it, so that errors can point at the learner's own
//! words.

use std::collections::BTreeSet;
use std::ops::Range;

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Item, Pat, Stmt};

use super::Completeness;
use super::items::{Declared, declared};

/// A cell, taken apart.
#[derive(Debug, Default)]
pub struct Cell {
    /// Lines such as `:dep …`, with where they stand.
    pub commands: Vec<(String, Range<usize>)>,
    /// Declarations, which later cells see too.
    pub items: Vec<Declared>,
    /// Inner attributes (`#![…]`).
    pub attributes: Vec<Range<usize>>,
    /// Statements, without the value at the end.
    pub statements: Vec<Range<usize>>,
    /// The expression whose value the cell shows.
    pub value: Option<Range<usize>>,
    /// The variables that the statements make, in order, and whether each is `mut`.
    pub variables: Vec<(String, bool)>,
    /// Whether the statements need an executor.
    pub awaits: bool,
}

/// Takes a cell apart. `None` when `syn` cannot read it: then the compiler has the word.
pub fn read(code: &str) -> Option<Cell> {
    let (rust, commands) = without_commands(code);
    let mut cell = Cell {
        commands,
        ..Cell::default()
    };
    let rust = cut_attributes(&rust, &mut cell.attributes);
    let statements = Block::parse_within.parse_str(&rust).ok()?;
    let last = statements.len().saturating_sub(1);
    let mut variables = BTreeSet::new();
    for (position, statement) in statements.iter().enumerate() {
        let range = range(statement);
        match statement {
            Stmt::Item(item) if !is_statement(item) => {
                cell.items.push(declared(item, range, &rust));
                continue;
            }
            Stmt::Expr(expression, None) if position == last && !is_block_of_unit(expression) => {
                cell.value = Some(range);
            }
            Stmt::Macro(call) if position == last && call.semi_token.is_none() => {
                cell.value = Some(range);
            }
            Stmt::Local(local) => {
                let mut found = Vec::new();
                bindings(&local.pat, &mut found);
                for (name, mutable) in found {
                    if variables.insert(name.clone()) {
                        cell.variables.push((name, mutable));
                    } else if let Some(known) =
                        cell.variables.iter_mut().find(|known| known.0 == name)
                    {
                        known.1 = mutable;
                    }
                }
                cell.statements.push(range);
            }
            _ => cell.statements.push(range),
        }
        let mut awaiting = Awaiting(false);
        awaiting.visit_stmt(statement);
        cell.awaits |= awaiting.0;
    }
    Some(cell)
}

/// Whether `code` is a whole cell.
pub fn completeness(code: &str) -> Completeness {
    let (rust, _) = without_commands(code);
    match open_brackets(&rust) {
        Open::Never => return Completeness::Invalid,
        Open::Still(depth) => return Completeness::Incomplete("    ".repeat(depth.min(8))),
        Open::No => {}
    }
    let rust = cut_attributes(&rust, &mut Vec::new());
    match Block::parse_within.parse_str(&rust) {
        Ok(_) => Completeness::Complete,
        // An error at the very end means that something is still to come: `let x =`.
        Err(error)
            if error.span().byte_range().start >= rust.trim_end().len()
                || error.to_string().contains("unexpected end of input") =>
        {
            Completeness::Incomplete(String::new())
        }
        Err(_) => Completeness::Invalid,
    }
}

enum Open {
    No,
    Still(usize),
    Never,
}

/// Whether brackets, strings and comments are closed.
fn open_brackets(code: &str) -> Open {
    if code.parse::<TokenStream>().is_ok() {
        return Open::No;
    }
    // Too many closing brackets can never become right; too few may.
    let (mut depth, mut deepest_fault) = (0_i64, false);
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            '"' => match rest[1..].find('"') {
                Some(end) => {
                    rest = &rest[end + 2..];
                    continue;
                }
                None => return Open::Still(0),
            },
            '/' if rest.starts_with("//") => {
                rest = rest.find('\n').map_or("", |end| &rest[end..]);
                continue;
            }
            '/' if rest.starts_with("/*") => match rest.find("*/") {
                Some(end) => {
                    rest = &rest[end + 2..];
                    continue;
                }
                None => return Open::Still(0),
            },
            _ => {}
        }
        deepest_fault |= depth < 0;
        rest = &rest[c.len_utf8()..];
    }
    match (deepest_fault, usize::try_from(depth)) {
        (false, Ok(depth)) if depth > 0 => Open::Still(depth),
        _ => Open::Never,
    }
}

/// The text with its command lines blanked out, so that everything else keeps its place.
pub fn without_commands(code: &str) -> (String, Vec<(String, Range<usize>)>) {
    let mut rust = String::with_capacity(code.len());
    let mut commands = Vec::new();
    let mut at_top = true;
    let mut start = 0;
    for line in code.split_inclusive('\n') {
        let text = line.trim();
        let is_command =
            at_top && (text.starts_with(':') || text.starts_with('!')) && !text.starts_with("::");
        at_top &= is_command || text.is_empty() || text.starts_with("//");
        if is_command {
            let blank = line
                .bytes()
                .map(|byte| if byte == b'\n' { '\n' } else { ' ' });
            rust.extend(blank);
            let from = start + line.find(text).unwrap_or(0);
            commands.push((text.to_owned(), from..from + text.len()));
        } else {
            rust.push_str(line);
        }
        start += line.len();
    }
    (rust, commands)
}

/// Blanks out inner attributes at the top, which belong at the top of the compiled file.
fn cut_attributes(rust: &str, found: &mut Vec<Range<usize>>) -> String {
    let mut text = rust.to_owned();
    let mut start = 0;
    for line in rust.split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.starts_with("#![") && trimmed.ends_with(']') {
            let from = start + line.find("#![").unwrap_or(0);
            found.push(from..from + trimmed.len());
            text.replace_range(from..from + trimmed.len(), &" ".repeat(trimmed.len()));
        } else if !(trimmed.is_empty() || trimmed.starts_with("//")) {
            break;
        }
        start += line.len();
    }
    text
}

fn range(node: &impl Spanned) -> Range<usize> {
    node.span().byte_range()
}

/// Macro calls in item position are run like statements.
fn is_statement(item: &Item) -> bool {
    matches!(item, Item::Macro(call) if call.ident.is_none())
}

/// Loops and the like are there for what they do; `if` and `match` may have a value.
fn is_block_of_unit(expression: &Expr) -> bool {
    match expression {
        Expr::ForLoop(_) | Expr::While(_) => true,
        Expr::If(choice) => choice.else_branch.is_none(),
        _ => false,
    }
}

/// The names that a pattern binds.
fn bindings(pattern: &Pat, found: &mut Vec<(String, bool)>) {
    struct Names<'a>(&'a mut Vec<(String, bool)>);
    impl<'ast> Visit<'ast> for Names<'_> {
        fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
            let name = pattern.ident.to_string();
            // `None` in a pattern is a constant, not a variable.
            let is_constant = name.starts_with(char::is_uppercase)
                && pattern.by_ref.is_none()
                && pattern.mutability.is_none()
                && pattern.subpat.is_none();
            if !is_constant {
                self.0.push((name, pattern.mutability.is_some()));
            }
            visit::visit_pat_ident(self, pattern);
        }
        fn visit_expr(&mut self, _: &'ast Expr) {}
    }
    Names(found).visit_pat(pattern);
}

/// Finds what needs an executor: `.await` outside of functions and blocks of their own, and macros
/// that contain one.
struct Awaiting(bool);

/// Macros that await what they are given.
const AWAITING_MACROS: [&str; 4] = ["join", "try_join", "select", "pin"];

impl<'ast> Visit<'ast> for Awaiting {
    fn visit_expr_await(&mut self, _: &'ast syn::ExprAwait) {
        self.0 = true;
    }
    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        if closure.asyncness.is_none() {
            visit::visit_expr_closure(self, closure);
        }
    }
    fn visit_item(&mut self, _: &'ast Item) {}
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let name = call
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string());
        self.0 |= name.is_some_and(|name| AWAITING_MACROS.contains(&name.as_str()))
            || has_await(call.tokens.clone());
    }
    fn visit_path(&mut self, path: &'ast syn::Path) {
        // What tokio offers works in an executor only.
        self.0 |= path
            .segments
            .first()
            .is_some_and(|first| first.ident == "tokio");
        visit::visit_path(self, path);
    }
}

fn has_await(tokens: TokenStream) -> bool {
    let mut after_dot = false;
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => std::mem::take(&mut after_dot) && word == "await",
        TokenTree::Punct(mark) => {
            after_dot = mark.as_char() == '.';
            false
        }
        TokenTree::Group(group) => {
            after_dot = false;
            has_await(group.stream())
        }
        TokenTree::Literal(_) => {
            after_dot = false;
            false
        }
    })
}
