//! Elided lifetimes in the types of statics: a declaration in another library must write them out.

use std::collections::BTreeMap;
use std::ops::Range;

use syn::Type;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// A cell's text, and elided lifetimes that only rustc finds: `Cow<str>`.
#[derive(Debug, Clone, Copy)]
pub struct SourceText<'a> {
    /// The text.
    pub code: &'a str,
    /// The insertions, by byte position.
    pub hidden: &'a BTreeMap<usize, String>,
}

/// The text of a static's type with its elided lifetimes written out.
pub(super) fn outlives(ty: &Type, written: SourceText<'_>) -> String {
    let range = ty.span().byte_range();
    let mut elided = Elided::default();
    elided.visit_type(ty);
    let hidden = written.hidden.range(range.start..=range.end);
    let is_own = |at: &usize| !elided.others.iter().any(|other| other.contains(at));
    let hidden = hidden.filter(|(at, _)| is_own(at));
    elided
        .found
        .extend(hidden.map(|(at, new)| (*at..*at, new.clone())));
    elided.found.sort_by_key(|(at, _)| at.start);
    let mut whole = text(ty, written.code).to_owned();
    for (at, new) in elided.found.iter().rev() {
        let inside = within(at, range.start);
        if whole.get(inside.clone()).is_some() {
            whole.replace_range(inside, new);
        }
    }
    whole
}

/// Visitor that finds elided lifetimes, and what to insert.
#[derive(Default)]
struct Elided {
    found: Vec<(Range<usize>, String)>,
    /// Ranges in which an elided lifetime is not `'static`: the types of functions.
    others: Vec<Range<usize>>,
}

impl<'ast> Visit<'ast> for Elided {
    fn visit_type_reference(&mut self, reference: &'ast syn::TypeReference) {
        if reference.lifetime.is_none() {
            let end = reference.and_token.span().byte_range().end;
            self.found.push((end..end, "'static ".to_owned()));
        }
        visit::visit_type_reference(self, reference);
    }
    fn visit_lifetime(&mut self, lifetime: &'ast syn::Lifetime) {
        if lifetime.ident == "_" {
            let range = lifetime.span().byte_range();
            self.found.push((range, "'static".to_owned()));
        }
    }
    fn visit_type_bare_fn(&mut self, function: &'ast syn::TypeBareFn) {
        self.others.push(function.span().byte_range());
    }
    fn visit_parenthesized_generic_arguments(
        &mut self,
        arguments: &'ast syn::ParenthesizedGenericArguments,
    ) {
        self.others.push(arguments.span().byte_range());
    }
}

/// A range of a text that begins at this byte.
pub(super) fn within(range: &Range<usize>, start: usize) -> Range<usize> {
    range.start.saturating_sub(start)..range.end.saturating_sub(start)
}

/// The text of a part of a cell.
pub(super) fn text<'a>(node: &impl Spanned, code: &'a str) -> &'a str {
    code.get(node.span().byte_range()).unwrap_or_default()
}
