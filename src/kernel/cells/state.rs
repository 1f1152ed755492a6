//! Statics: there is one of each in a session, wherever it is declared.
//!
//! A static lives in the library of the cell that declared it, under a symbol of its own. When a later
//! cell includes the item around it, what stands in its place is a declaration of that symbol:
//!
//! ```text
//! #[unsafe(export_name = "__static_1_40_1")] static COUNT: AtomicU32 = AtomicU32::new(0);
//! unsafe extern "C" { #[link_name = "__static_1_40_1"] safe static COUNT: AtomicU32; }
//! ```
//!
//! A variable of a thread is a static, too: one that holds the key to it.

use std::collections::BTreeMap;
use std::ops::Range;

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream, Parser};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Type, Visibility};

/// Statics that stand in the text of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Where they stand in that text.
    pub range: Range<usize>,
    /// What stands there in the cell that declares them.
    pub first: Vec<Piece>,
    /// What stands there in later cells.
    pub later: Vec<Piece>,
    /// Their names.
    pub names: Vec<String>,
    /// Their types, as written.
    pub types: String,
}

/// A part of what stands in the place of a static.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// This text of the item.
    Own(Range<usize>),
    /// Another text. [`CELL`] stands for the cell that holds the text, [`HOME`] for the one whose library
    /// holds the static.
    Text(String),
}

/// Stands for the cell in which an item was written.
pub const CELL: char = '\u{0}';
/// Stands for the cell whose library holds a static.
pub const HOME: char = '\u{1}';

/// A cell's text, and lifetimes that its types leave out unseen: `Cow<str>`. Only rustc knows those.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    /// The text.
    pub code: &'a str,
    /// What to add to it, and where.
    pub hidden: &'a BTreeMap<usize, String>,
}

/// The statics in an item whose text begins at the byte `start` of a cell.
pub fn states(item: &Item, start: usize, written: Written<'_>) -> Vec<State> {
    let mut finding = Finding {
        start,
        written,
        found: Vec::new(),
    };
    finding.visit_item(item);
    finding.found
}

/// The statics of a call of `thread_local!`, each with the place of its text, when it is one.
pub fn of_threads(call: &syn::Macro, written: Written<'_>) -> Option<Vec<(Range<usize>, State)>> {
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

struct Finding<'a> {
    start: usize,
    written: Written<'a>,
    found: Vec<State>,
}

impl Finding<'_> {
    fn threads(&mut self, call: &syn::Macro, whole: Range<usize>) {
        let Some(statics) = thread_locals(call) else {
            return;
        };
        let mut all = State {
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

impl<'ast> Visit<'ast> for Finding<'_> {
    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        let at = |span: Span| within(&span.byte_range(), self.start);
        let range = at(item.span());
        let is_mut = matches!(item.mutability, syn::StaticMutability::Mut(_));
        let (symbol, name) = (symbol(item.span()), &item.ident);
        let mut first = conditions(&item.attrs, self.start);
        let mut later = first.clone();
        first.push(Piece::Text(format!(
            "#[unsafe(export_name = \"{symbol}\")] "
        )));
        let others = item
            .attrs
            .last()
            .map_or(range.start, |last| at(last.span()).end);
        first.push(Piece::Own(others..range.end));
        later.extend(foreign(
            &symbol,
            (&item.vis, self.start),
            if is_mut { "static mut" } else { "safe static" },
            (at(name.span()), outlives(&item.ty, self.written)),
        ));
        self.found.push(State {
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

    fn state(&self, start: usize, written: Written<'_>) -> State {
        let at = |span: Span| within(&span.byte_range(), start);
        let range = within(&self.range(), start);
        let (symbol, type_) = (symbol(self.name.span()), text(&self.ty, written.code));
        let mut first = conditions(&self.attrs, start);
        let mut later = first.clone();
        first.push(Piece::Text(format!(
            "#[unsafe(export_name = \"{symbol}\")] "
        )));
        first.extend(visible(&self.vis, start));
        first.extend([
            Piece::Text("static ".to_owned()),
            Piece::Own(at(self.name.span())),
            Piece::Text(": ::std::thread::LocalKey<".to_owned()),
            Piece::Own(at(self.ty.span())),
            Piece::Text(format!(
                "> = {{ ::std::thread_local! {{ static __KEY: {type_} = "
            )),
            Piece::Own(at(self.init.span())),
            Piece::Text("; } __KEY };".to_owned()),
        ]);
        let key = format!("::std::thread::LocalKey<{}>", outlives(&self.ty, written));
        let name = at(self.name.span());
        later.extend(foreign(
            &symbol,
            (&self.vis, start),
            "safe static",
            (name, key),
        ));
        State {
            range,
            first,
            later,
            names: vec![self.name.to_string()],
            types: type_.to_owned(),
        }
    }
}

/// What names a static of another library.
fn foreign(
    symbol: &str,
    (vis, start): (&Visibility, usize),
    kind: &str,
    (name, type_): (Range<usize>, String),
) -> Vec<Piece> {
    let mut pieces = vec![Piece::Text(format!(
        "unsafe extern \"C\" {{ #[link_name = \"{symbol}\"] "
    ))];
    pieces.extend(visible(vis, start));
    pieces.push(Piece::Text(format!("{kind} ")));
    pieces.push(Piece::Own(name));
    pieces.push(Piece::Text(format!(": {type_}; }}")));
    pieces
}

fn visible(vis: &Visibility, start: usize) -> Vec<Piece> {
    match vis {
        Visibility::Inherited => Vec::new(),
        vis => vec![
            Piece::Own(within(&vis.span().byte_range(), start)),
            Piece::Text(" ".to_owned()),
        ],
    }
}

/// The attributes that decide whether an item is there.
fn conditions(attributes: &[Attribute], start: usize) -> Vec<Piece> {
    let conditions = attributes.iter().filter(|one| one.path().is_ident("cfg"));
    let piece = |one: &Attribute| Piece::Own(within(&one.span().byte_range(), start));
    conditions
        .flat_map(|one| [piece(one), Piece::Text(" ".to_owned())])
        .collect()
}

/// The symbol of a static: its place makes it one of its own.
fn symbol(span: Span) -> String {
    format!("__static_{CELL}_{}_{HOME}", span.byte_range().start)
}

fn within(range: &Range<usize>, start: usize) -> Range<usize> {
    range.start.saturating_sub(start)..range.end.saturating_sub(start)
}

fn text<'a>(node: &impl Spanned, code: &'a str) -> &'a str {
    code.get(node.span().byte_range()).unwrap_or_default()
}

/// The text of a static's type with the lifetimes that may be left out there and nowhere else.
fn outlives(ty: &Type, written: Written<'_>) -> String {
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

/// Finds where a lifetime is left out, and what to put there instead.
#[derive(Default)]
struct Elided {
    found: Vec<(Range<usize>, String)>,
    /// Where a lifetime that is left out means another one: in the types of functions.
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
