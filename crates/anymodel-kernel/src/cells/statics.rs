//! Statics across cells: each one exists once in a session.
//!
//! A static lives in the library of the cell that declared it, under its own symbol. When a later
//! cell includes the item around it, the static is replaced by a declaration of that symbol:
//!
//! ```text
//! #[unsafe(export_name = "__static_1_40_1")] static COUNT: AtomicU32 = AtomicU32::new(0);
//! unsafe extern "C" { #[link_name = "__static_1_40_1"] safe static COUNT: AtomicU32; }
//! ```
//!
//! A thread-local variable is a static, too: one that holds its key.

use std::ops::Range;

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream, Parser};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Attribute, Item, Type, Visibility};

pub use super::lifetimes::SourceText;
use super::lifetimes::{outlives, text, within};

/// Statics in the text of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticItem {
    /// Their range in that text.
    pub range: Range<usize>,
    /// The code in the cell that declares them.
    pub first: Vec<StaticSegment>,
    /// The code in later cells.
    pub later: Vec<StaticSegment>,
    /// Their names.
    pub names: Vec<String>,
    /// Their types, as written.
    pub types: String,
}

/// A part of the code that replaces a static.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaticSegment {
    /// This text of the item.
    Own(Range<usize>),
    /// Another text. [`CELL`] is replaced by the cell that holds the text, [`HOME`] by the cell whose library
    /// holds the static.
    Text(String),
}

/// Placeholder for the cell in which an item was written.
pub const CELL: char = '\u{0}';
/// Placeholder for the cell whose library holds a static.
pub const HOME: char = '\u{1}';

/// The statics in an item whose text begins at the byte `start` of a cell.
pub fn states(item: &Item, start: usize, written: SourceText<'_>) -> Vec<StaticItem> {
    let mut finding = StaticFinder {
        start,
        written,
        found: Vec::new(),
    };
    finding.visit_item(item);
    finding.found
}

/// The statics of a call of `thread_local!`, each with its range; `None` for another macro.
pub fn of_threads(
    call: &syn::Macro,
    written: SourceText<'_>,
) -> Option<Vec<(Range<usize>, StaticItem)>> {
    let statics = thread_locals(call)?;
    let one = |one: &ThreadLocal| {
        let range = one.range();
        let state = one.state(range.start, written);
        (range, state)
    };
    Some(statics.iter().map(one).collect())
}

fn thread_locals(call: &syn::Macro) -> Option<Vec<ThreadLocal>> {
    let is_one = call.path.segments.last()?.ident == "thread_local";
    is_one.then(|| ThreadLocal::all.parse2(call.tokens.clone()).ok())?
}

struct StaticFinder<'a> {
    start: usize,
    written: SourceText<'a>,
    found: Vec<StaticItem>,
}

impl StaticFinder<'_> {
    fn threads(&mut self, call: &syn::Macro, whole: Range<usize>) {
        let Some(statics) = thread_locals(call) else {
            return;
        };
        let mut all = StaticItem {
            range: within(&whole, self.start),
            first: Vec::new(),
            later: Vec::new(),
            names: Vec::new(),
            types: String::new(),
        };
        for one in statics {
            let one = one.state(self.start, self.written);
            all.first.extend(one.first);
            all.later.extend(one.later);
            all.names.extend(one.names);
            all.types = all.types + &one.types + "\n";
        }
        self.found.push(all);
    }
}

impl<'ast> Visit<'ast> for StaticFinder<'_> {
    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        let at = |span: Span| within(&span.byte_range(), self.start);
        let range = at(item.span());
        let is_mut = matches!(item.mutability, syn::StaticMutability::Mut(_));
        let (symbol, name) = (symbol(item.span()), &item.ident);
        let mut first = conditions(&item.attrs, self.start);
        let conditions = first.clone();
        first.push(StaticSegment::Text(format!(
            "#[unsafe(export_name = \"{symbol}\")] "
        )));
        let others = item
            .attrs
            .last()
            .map_or(range.start, |last| at(last.span()).end);
        first.push(StaticSegment::Own(others..range.end));
        let later = foreign(
            &symbol,
            conditions,
            visible(&item.vis, self.start),
            if is_mut { "static mut" } else { "safe static" },
            (at(name.span()), outlives(&item.ty, self.written)),
        );
        self.found.push(StaticItem {
            range,
            first,
            later,
            names: vec![name.to_string()],
            types: text(&item.ty, self.written.code).to_owned(),
        });
    }
    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        self.threads(&item.mac, item.span().byte_range());
    }
    fn visit_stmt_macro(&mut self, statement: &'ast syn::StmtMacro) {
        self.threads(&statement.mac, statement.span().byte_range());
    }
}

/// One static of `thread_local!`.
struct ThreadLocal {
    attrs: Vec<Attribute>,
    vis: Visibility,
    name: syn::Ident,
    ty: Type,
    init: syn::Expr,
}

impl Parse for ThreadLocal {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        input.parse::<syn::Token![static]>()?;
        let name = input.parse()?;
        input.parse::<syn::Token![:]>()?;
        let ty = input.parse()?;
        input.parse::<syn::Token![=]>()?;
        Ok(ThreadLocal {
            attrs,
            vis,
            name,
            ty,
            init: input.parse()?,
        })
    }
}

impl ThreadLocal {
    fn all(input: ParseStream<'_>) -> syn::Result<Vec<ThreadLocal>> {
        let all = input.parse_terminated(ThreadLocal::parse, syn::Token![;])?;
        Ok(all.into_iter().collect())
    }

    fn range(&self) -> Range<usize> {
        let (vis, name) = (self.vis.span().byte_range(), self.name.span().byte_range());
        let begin = match (self.attrs.first(), &self.vis) {
            (Some(first), _) => first.span().byte_range(),
            (None, Visibility::Inherited) => name,
            (None, _) => vis,
        };
        begin.start..self.init.span().byte_range().end
    }

    fn state(&self, start: usize, written: SourceText<'_>) -> StaticItem {
        let at = |span: Span| within(&span.byte_range(), start);
        let range = within(&self.range(), start);
        let (symbol, type_) = (symbol(self.name.span()), text(&self.ty, written.code));
        let mut first = conditions(&self.attrs, start);
        let conditions = first.clone();
        first.push(StaticSegment::Text(format!(
            "#[unsafe(export_name = \"{symbol}\")] "
        )));
        first.extend(visible(&self.vis, start));
        first.extend([
            StaticSegment::Text("static ".to_owned()),
            StaticSegment::Own(at(self.name.span())),
            StaticSegment::Text(": ::std::thread::LocalKey<".to_owned()),
            StaticSegment::Own(at(self.ty.span())),
            StaticSegment::Text(format!(
                "> = {{ ::std::thread_local! {{ static __KEY: {type_} = "
            )),
            StaticSegment::Own(at(self.init.span())),
            StaticSegment::Text("; } __KEY };".to_owned()),
        ]);
        let key = format!("::std::thread::LocalKey<{}>", outlives(&self.ty, written));
        let name = at(self.name.span());
        let vis = visible(&self.vis, start);
        let later = foreign(&symbol, conditions, vis, "safe static", (name, key));
        StaticItem {
            range,
            first,
            later,
            names: vec![self.name.to_string()],
            types: type_.to_owned(),
        }
    }
}

/// The declaration of a static in another library.
fn foreign(
    symbol: &str,
    conditions: Vec<StaticSegment>,
    vis: Vec<StaticSegment>,
    kind: &str,
    (name, type_): (Range<usize>, String),
) -> Vec<StaticSegment> {
    let link = format!("#[link_name = \"{symbol}\"] ");
    let mut pieces = vec![StaticSegment::Text("unsafe extern \"C\" { ".to_owned())];
    pieces.extend(conditions);
    pieces.push(StaticSegment::Text(link));
    pieces.extend(vis);
    pieces.push(StaticSegment::Text(format!("{kind} ")));
    pieces.push(StaticSegment::Own(name));
    pieces.push(StaticSegment::Text(format!(": {type_}; }}")));
    pieces
}

fn visible(vis: &Visibility, start: usize) -> Vec<StaticSegment> {
    match vis {
        Visibility::Inherited => Vec::new(),
        vis => vec![
            StaticSegment::Own(within(&vis.span().byte_range(), start)),
            StaticSegment::Text(" ".to_owned()),
        ],
    }
}

/// The attributes that decide whether a static exists, and whether each thread has one.
fn conditions(attributes: &[Attribute], start: usize) -> Vec<StaticSegment> {
    let conditions = attributes
        .iter()
        .filter(|one| one.path().is_ident("cfg") || one.path().is_ident("thread_local"));
    let piece = |one: &Attribute| StaticSegment::Own(within(&one.span().byte_range(), start));
    conditions
        .flat_map(|one| [piece(one), StaticSegment::Text(" ".to_owned())])
        .collect()
}

/// The symbol of a static, unique by its position.
fn symbol(span: Span) -> String {
    format!("__static_{CELL}_{}_{HOME}", span.byte_range().start)
}
