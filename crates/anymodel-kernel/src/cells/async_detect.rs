//! Detection of `.await`: whether statements need an async executor.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Item, Stmt};

/// Whether a statement uses `.await`.
pub fn awaits(statement: &Stmt) -> bool {
    let mut awaiting = Awaiting(false);
    awaiting.visit_stmt(statement);
    awaiting.0
}

/// Visitor that finds `.await` outside of nested functions and async blocks, and macros
/// that contain one.
struct Awaiting(bool);

/// Macros that await their arguments.
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
