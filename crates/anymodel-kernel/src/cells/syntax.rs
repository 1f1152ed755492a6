//! Parsing of a cell into commands, items, statements, and an optional value at its end.
//!
//! `syn` parses the text; every part is a range of it, so that errors can point at the learner's
//! text.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Item, Pat, Stmt};

use super::async_detect::awaits;
use super::command_lines::{cut_attributes, without_commands_beside};
use super::declaring_macros::{declared_macros, declaring_macros, may_declare};
use super::item_analysis::{called, declared};
use super::items::Declared;
use super::recursion_limit;
use super::statics::SourceText;

/// A parsed cell.
#[derive(Debug, Default)]
pub struct Cell {
    /// Lines such as `:dep …`, with their ranges.
    pub commands: Vec<(String, Range<usize>)>,
    /// Declarations, which later cells also see.
    pub items: Vec<Declared>,
    /// Inner attributes (`#![…]`).
    pub attributes: Vec<Range<usize>>,
    /// Statements, without the value at the end.
    pub statements: Vec<Range<usize>>,
    /// The expression whose value the cell shows.
    pub value: Option<Range<usize>>,
    /// The variables that the statements create, in order, and whether each is `mut`.
    pub variables: Vec<(String, bool)>,
    /// Whether the statements need an async executor.
    pub awaits: bool,
}

/// The parse context: what the text alone does not show.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The names of variables.
    pub variables: BTreeSet<String>,
    /// Macros of earlier cells.
    pub macros: BTreeSet<String>,
    /// Those of them whose calls may declare an item.
    pub makers: BTreeSet<String>,
    /// The positions of macro calls that run code after all.
    pub statements: BTreeSet<usize>,
    /// Elided lifetimes in the types of statics, by position.
    pub hidden: BTreeMap<usize, String>,
}

/// Parses a cell. `None` when `syn` cannot parse it: then the compiler decides.
pub fn read(code: &str) -> Option<Cell> {
    read_in(code, &Context::default())
}

/// The same, with a context.
pub fn read_in(code: &str, context: &Context) -> Option<Cell> {
    recursion_limit::parse_limited(code, || parsed(code, context))?
}

fn parsed(code: &str, context: &Context) -> Option<Cell> {
    let (rust, commands) = without_commands_beside(code, &context.variables);
    let mut cell = Cell {
        commands,
        ..Cell::default()
    };
    let rust = cut_attributes(&rust, &mut cell.attributes);
    let statements = Block::parse_within.parse_str(&rust).ok()?;
    let written = SourceText {
        code: &rust,
        hidden: &context.hidden,
    };
    let makers = declaring_macros(&statements, &context.makers);
    let mut own = context.macros.clone();
    own.extend(declared_macros(&statements));
    let last = statements.len().saturating_sub(1);
    let mut variables = BTreeSet::new();
    for (position, statement) in statements.iter().enumerate() {
        let range = range(statement);
        match statement {
            Stmt::Item(item) if !is_statement(item) => {
                cell.items.push(declared(item, range, written));
                continue;
            }
            Stmt::Macro(syn::StmtMacro { mac: call, .. })
            | Stmt::Expr(Expr::Macro(syn::ExprMacro { mac: call, .. }), _)
                if may_declare(call, &makers, &own)
                    && !context.statements.contains(&range.start) =>
            {
                cell.items.push(called(call, range, written));
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
        cell.awaits |= awaits(statement);
    }
    Some(cell)
}

fn range(node: &impl Spanned) -> Range<usize> {
    node.span().byte_range()
}

/// Whether a macro call in item position is run like a statement.
fn is_statement(item: &Item) -> bool {
    matches!(item, Item::Macro(call) if call.ident.is_none())
}

/// Whether an expression is a block that always has the value `()`: a loop, or an `if` without `else`.
fn is_block_of_unit(expression: &Expr) -> bool {
    match expression {
        Expr::ForLoop(_) | Expr::While(_) => true,
        Expr::If(choice) => choice.else_branch.is_none(),
        _ => false,
    }
}

/// The names that a pattern binds.
fn bindings(pattern: &Pat, found: &mut Vec<(String, bool)>) {
    struct PatternNames<'a>(&'a mut Vec<(String, bool)>);
    impl<'ast> Visit<'ast> for PatternNames<'_> {
        fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
            let name = pattern.ident.to_string();
            // For other names in capitals, the compiler decides whether they are constants.
            if name != "None" {
                self.0.push((name, pattern.mutability.is_some()));
            }
            visit::visit_pat_ident(self, pattern);
        }
        fn visit_expr(&mut self, _: &'ast Expr) {}
    }
    PatternNames(found).visit_pat(pattern);
}
