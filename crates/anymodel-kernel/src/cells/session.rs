//! What a session knows between two cells.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use super::CellError;
use super::command_lines;
use super::compiler::cell_of;
use super::declaring_macros::makers_among;
use super::expansion::Features;
use super::items::{self, FailedItems, Items};
use super::render_diagnostic::{self, DroppedNames, Texts};
use super::source::CellSource;
use super::syntax::{Cell, Context};
use super::variables::Variables;

/// The file of the store; its panics are the engine's words.
const STORE: &str = "anymodel_cell.rs";

/// What is known between cells.
#[derive(Debug, Default)]
pub(super) struct CellSession {
    pub items: Items,
    pub variables: Variables,
    pub texts: Texts,
    /// Generated files by their cells, for errors that come later.
    pub sources: BTreeMap<u32, CellSource>,
    /// Crates whose types variables have, though no cell can name the crate.
    pub named_crates: BTreeSet<String>,
    /// Why variables are not there any more.
    pub gone: DroppedNames,
    /// Statics whose values the compiler reads.
    pub copied: BTreeSet<String>,
    /// What the expansions of macros need.
    pub features: Features,
    /// The libraries that hold statics, by their cells.
    pub libraries: BTreeMap<u32, PathBuf>,
}

/// What a session declared and computed: enough to analyse a cell that was not run yet.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    items: Items,
    variables: Variables,
}

impl CellSession {
    /// What was declared and computed so far, to be kept while the engine is busy.
    pub fn outline(&self) -> Outline {
        Outline {
            items: self.items.clone(),
            variables: self.variables.clone(),
        }
    }

    /// What the text of a cell alone does not tell.
    pub fn context(&self) -> Context {
        let macros = self.items.all().filter(|entry| entry.is_macro());
        let macros = macros.filter_map(|entry| Some((entry.name()?, entry.text.as_str())));
        let names = macros.clone().map(|(name, _)| name.to_owned()).collect();
        let variables = self.variables.iter();
        Context {
            variables: variables.map(|(name, _)| name.to_owned()).collect(),
            macros: names,
            makers: makers_among(macros),
            ..Context::default()
        }
    }

    /// The items as they will be once a cell ran.
    pub fn after(&self, count: u32, cell: &Cell, unfit: &FailedItems) -> Cow<'_, Items> {
        if cell.items.is_empty() && unfit.is_empty() {
            return Cow::Borrowed(&self.items);
        }
        let mut after = self.items.clone();
        after.take(count, &cell.items, unfit);
        Cow::Owned(after)
    }

    /// The variables that a cell cannot take out of the store, because what it declares changes their
    /// types or takes their names.
    pub fn replaced(&self, cell: &Cell, after: &Items) -> BTreeSet<String> {
        let mut replaced = self.variables.changed(after);
        let names = items::entries(&cell.items).filter_map(|entry| entry.value());
        replaced.extend(names.map(str::to_owned));
        replaced
    }

    /// Says which items of earlier cells do not fit a cell.
    pub fn misfits(&self, cell: &Cell, unfit: &FailedItems) -> String {
        let titles: Vec<String> = unfit
            .keys()
            .map(|number| format!("`{}`", self.items.title(*number)))
            .collect();
        let titles = titles.join(", ");
        match unfit.values().next() {
            Some(why) if !self.items.are_replaced(&cell.items) => {
                format!("does not compile any more: {titles} ({why})")
            }
            _ => format!("does not fit what this cell declares: {titles}"),
        }
    }

    /// Takes in what a cell declared. Returns what that costs, in words.
    pub fn declare(&mut self, count: u32, cell: &Cell, unfit: &FailedItems) -> Option<String> {
        let mut told = String::new();
        // That one of two like implementations goes was the wish.
        let mut unfit_told = unfit.clone();
        unfit_told.retain(|number, _| !self.items.is_replaced(*number, &cell.items));
        if !unfit_told.is_empty() {
            told += &format!("dropped, because it {}\n", self.misfits(cell, &unfit_told));
        }
        self.items.take(count, &cell.items, unfit);
        if let Some(lost) = self.drop_changed("their type was declared anew") {
            told.insert_str(0, &lost);
        }
        let anew = self.items.begin_anew(count);
        if !anew.is_empty() {
            let names: Vec<String> = anew.iter().map(|name| format!("`{name}`")).collect();
            let names = names.join(", ");
            told += &format!("begins anew, because its type was declared anew: {names}\n");
        }
        for entry in items::entries(&cell.items) {
            for name in entry.states.iter().flat_map(|state| &state.names) {
                self.copied.remove(name);
            }
            if let Some(name) = entry.value() {
                self.variables.remove(name);
            }
        }
        (!told.is_empty()).then_some(told)
    }

    /// Notes that crates were compiled anew: values of their types are none of the new ones. Returns what
    /// that costs, in words.
    pub fn compiled_anew<'a>(&mut self, crates: impl Iterator<Item = &'a str>) -> Option<String> {
        for name in crates {
            *self.items.crates.entry(name.to_owned()).or_default() += 1;
        }
        self.drop_changed("a crate they use was compiled anew")
    }

    /// Forgets the variables whose types are other ones now; says that it was for this reason.
    fn drop_changed(&mut self, reason: &str) -> Option<String> {
        let changed: Vec<String> = self.variables.changed(&self.items).into_iter().collect();
        for name in &changed {
            let why =
                "was dropped when its type was declared anew; run the cell that makes it again";
            self.forget(name, why);
        }
        let names = changed.join(", ");
        (!changed.is_empty()).then(|| format!("dropped, because {reason}: {names}\n"))
    }

    /// Forgets a variable whose type no cell can name. Returns what to say.
    pub fn out_of_reach(&mut self, name: &str) -> String {
        let known = self.variables.iter().find(|(known, _)| *known == name);
        let type_name = known.map_or(String::new(), |(_, known)| known.type_name.clone());
        let why = format!(
            "ended with its cell, because its type `{type_name}` has no name that other cells can use"
        );
        self.forget(name, &why);
        format!("note: `{name}` {why}\n")
    }

    /// Forgets a variable, and keeps in mind why.
    pub fn forget(&mut self, name: &str, why: &str) {
        self.variables.remove(name);
        self.gone.insert(name.to_owned(), why.to_owned());
    }

    /// Forgets all variables; returns their names.
    pub fn forget_all(&mut self, why: &str) -> Vec<String> {
        let lost = self.variables.clear();
        for name in &lost {
            self.gone.insert(name.clone(), why.to_owned());
        }
        lost
    }

    /// A panic or an early return, with the learner's line.
    pub fn panic_error(&self, told: &Value) -> CellError {
        let message = told["message"].as_str().unwrap_or_default();
        let name = match told["kind"].as_str() {
            Some("panic") => "Panic",
            Some("error") => "Error",
            _ => "KernelError",
        };
        let title = match name {
            "Panic" => format!("panicked: {message}"),
            _ => message.to_owned(),
        };
        let (first, rest) = title.split_once('\n').unwrap_or((&title, ""));
        let mut traceback = match self.origin(told) {
            Some((cell, at)) => render_diagnostic::place(first, cell, at, &self.texts),
            None => render_diagnostic::place(first, 0, 0, &self.texts),
        };
        traceback.extend(rest.lines().map(str::to_owned));
        if let (Some(file), Some(line)) = (told["place"][0].as_str(), told["place"][1].as_u64())
            && cell_of(file).is_none()
            && name == "Panic"
            && base(file) != STORE
        {
            traceback.push(format!("the panic happened at {file}:{line}"));
        }
        CellError {
            name: name.to_owned(),
            value: message.to_owned(),
            traceback,
        }
    }

    /// Where in a cell something happened: there itself, or in something that the cell called.
    fn origin(&self, told: &Value) -> Option<(u32, usize)> {
        let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
        let place = &told["place"];
        if let Some(source) = place[0]
            .as_str()
            .and_then(|file| self.sources.get(&cell_of(file)?))
            && let Some(found) = source.origin_of_place(number(&place[1])?, number(&place[2])?)
        {
            return Some(found);
        }
        let calls = told["calls"].as_array()?;
        calls.iter().find_map(|call| {
            let source = self.sources.get(&cell_of(call[0].as_str()?)?)?;
            source.origin_of_line(number(&call[1])?)
        })
    }
}

impl Outline {
    /// One source file for an analyser, with `code` inside, and the place in it of the byte `offset`
    /// of `code`.
    pub fn around(&self, code: &str, offset: usize) -> (String, usize) {
        let (rust, _) = command_lines::without_commands(code);
        let mut text = String::from("#![allow(warnings)]\n");
        for entry in self.items.all() {
            text.push_str(&entry.text);
            text.push('\n');
        }
        text.push_str("async fn __cell(\n");
        for (name, known) in self.variables.iter() {
            let is_mut = if known.is_mut { "mut " } else { "" };
            text.push_str(&format!("{is_mut}{name}: {},\n", known.type_name));
        }
        text.push_str(") {\n");
        let at = text.len() + offset;
        text.push_str(&rust);
        text.push_str("\n}\n");
        (text, at)
    }
}

fn base(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}
