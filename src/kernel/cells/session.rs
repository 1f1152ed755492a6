//! What a session knows between two cells.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Failure;
use super::diagnostics::{self, Texts};
use super::items::Items;
use super::source::Source;
use super::syntax;
use super::variables::Variables;

/// What is known between cells.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub items: Items,
    pub variables: Variables,
    pub texts: Texts,
    /// Generated files by name, for errors that come later.
    pub sources: BTreeMap<String, Source>,
    /// Crates whose types variables have, though no cell can name the crate.
    pub named_crates: BTreeSet<String>,
}

/// What a session declared and computed: enough to analyse a cell that was not run yet.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    items: Items,
    variables: Variables,
}

impl Session {
    /// What was declared and computed so far, to be kept while the engine is busy.
    pub fn outline(&self) -> Outline {
        Outline {
            items: self.items.clone(),
            variables: self.variables.clone(),
        }
    }

    /// A panic or an early return, with the learner's line.
    pub fn told(&self, told: &Value) -> Failure {
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
            Some((cell, at)) => diagnostics::place(first, cell, at, &self.texts),
            None => diagnostics::place(first, 0, 0, &self.texts),
        };
        traceback.extend(rest.lines().map(str::to_owned));
        if let (Some(file), Some(line)) = (told["place"][0].as_str(), told["place"][1].as_u64())
            && !self.sources.contains_key(base(file))
            && name == "Panic"
        {
            traceback.push(format!("the panic happened at {file}:{line}"));
        }
        Failure {
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
            .and_then(|file| self.sources.get(base(file)))
            && let Some(found) = source.origin_of_place(number(&place[1])?, number(&place[2])?)
        {
            return Some(found);
        }
        let calls = told["calls"].as_array()?;
        calls.iter().find_map(|call| {
            let source = self.sources.get(base(call[0].as_str()?))?;
            source.origin_of_line(number(&call[1])?)
        })
    }
}

impl Outline {
    /// One source file for an analyser, with `code` inside, and the place in it of the byte `offset`
    /// of `code`.
    pub fn around(&self, code: &str, offset: usize) -> (String, usize) {
        let (rust, _) = syntax::without_commands(code);
        let mut text = String::from("#![allow(warnings)]\n");
        for (_, entry) in self.items.beside(&[]) {
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
