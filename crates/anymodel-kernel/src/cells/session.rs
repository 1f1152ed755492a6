//! Session state between two cells: items, variables, sources.

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

/// The file name of the store; a panic there is the engine's.
const STORE: &str = "anymodel_cell.rs";

/// The state of a session.
#[derive(Debug, Default)]
pub(super) struct CellSession {
    pub items: Items,
    pub variables: Variables,
    pub texts: Texts,
    /// Generated files by their cells, for later errors.
    pub sources: BTreeMap<u32, CellSource>,
    /// Crates that appear in the types of variables but that a cell cannot name.
    pub named_crates: BTreeSet<String>,
    /// The reasons why variables no longer exist.
    pub gone: DroppedNames,
    /// Statics whose values the compiler reads.
    pub copied: BTreeSet<String>,
    /// The unstable features that macro expansions need.
    pub features: Features,
    /// The libraries that hold statics, by their cells.
    pub libraries: BTreeMap<u32, PathBuf>,
}

/// Declarations and variables of a session: enough to analyse a cell that has not run yet.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    items: Items,
    variables: Variables,
}

impl CellSession {
    /// A snapshot of the declarations and variables, for use while the engine is busy.
    pub fn outline(&self) -> Outline {
        Outline {
            items: self.items.clone(),
            variables: self.variables.clone(),
        }
    }

    /// The parse context: what the text of a cell alone does not show.
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

    /// The items as they will be after a cell has run.
    pub fn after(&self, count: u32, cell: &Cell, unfit: &FailedItems) -> Cow<'_, Items> {
        if cell.items.is_empty() && unfit.is_empty() {
            return Cow::Borrowed(&self.items);
        }
        let mut after = self.items.clone();
        after.take(count, &cell.items, unfit);
        Cow::Owned(after)
    }

    /// The variables that a cell cannot take out of the store, because its declarations change their
    /// types or take their names.
    pub fn replaced(&self, cell: &Cell, after: &Items) -> BTreeSet<String> {
        let mut replaced = self.variables.changed(after);
        let names = items::entries(&cell.items).filter_map(|entry| entry.value());
        replaced.extend(names.map(str::to_owned));
        replaced
    }

    /// A message about the items of earlier cells that do not compile with a cell.
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

    /// Adds a cell's declarations. Returns a message about what is lost.
    pub fn declare(&mut self, count: u32, cell: &Cell, unfit: &FailedItems) -> Option<String> {
        let mut told = String::new();
        // Replacing one of two equal implementations is intended, so it is not reported.
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

    /// Registers that crates were compiled again: old values of their types do not fit the new types. Returns a message
    /// about what is lost.
    pub fn compiled_anew<'a>(&mut self, crates: impl Iterator<Item = &'a str>) -> Option<String> {
        for name in crates {
            *self.items.crates.entry(name.to_owned()).or_default() += 1;
        }
        self.drop_changed("a crate they use was compiled anew")
    }

    /// Removes the variables whose types have changed; the message gives this reason.
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

    /// Removes a variable whose type no cell can name. Returns the message.
    pub fn out_of_reach(&mut self, name: &str) -> String {
        let known = self.variables.iter().find(|(known, _)| *known == name);
        let type_name = known.map_or(String::new(), |(_, known)| known.type_name.clone());
        let why = format!(
            "ended with its cell, because its type `{type_name}` has no name that other cells can use"
        );
        self.forget(name, &why);
        format!("note: `{name}` {why}\n")
    }

    /// Removes a variable, and stores the reason.
    pub fn forget(&mut self, name: &str, why: &str) {
        self.variables.remove(name);
        self.gone.insert(name.to_owned(), why.to_owned());
    }

    /// Removes all variables; returns their names.
    pub fn forget_all(&mut self, why: &str) -> Vec<String> {
        let lost = self.variables.clear();
        for name in &lost {
            self.gone.insert(name.clone(), why.to_owned());
        }
        lost
    }

    /// The error of a panic or an early return, with the learner's line.
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

    /// The cell and byte of an event: its own position, or that of the call in a cell that led to it.
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
    /// One source file for an analyser, with `code` inside, and the position in it of the byte `offset`
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
