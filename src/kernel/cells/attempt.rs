//! A cell on its way to a library: compiled, and if need be changed and compiled again.
//!
//! The first attempt puts every new variable into the store. The compiler refuses that for a variable
//! that the cell moved away or that borrows; such a variable is left out, and the cell is compiled
//! again. Any other complaint is the learner's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use tokio::sync::watch;

use super::compiler::{self, Want};
use super::diagnostics::{self, Diagnostic};
use super::drawing;
use super::engine::Engine;
use super::source::{Parts, Put, Source};
use super::syntax::Cell;
use super::variables::types_in_mir;
use super::{Failure, items};

/// How often a cell is changed and compiled again before the compiler's word is final.
const TRIES: usize = 12;

/// A cell that compiled.
pub(super) struct Ran {
    pub source: Source,
    pub library: PathBuf,
    /// New variables and their types, as the compiler writes them.
    pub types: BTreeMap<usize, String>,
    pub left_out: BTreeSet<(String, bool)>,
    pub notes: Vec<String>,
    /// Items of earlier cells that do not fit this one, by their numbers.
    pub unfit: BTreeSet<usize>,
}

impl Engine {
    /// A text that `syn` cannot read: the compiler says why.
    pub(super) async fn unreadable(
        &mut self,
        rust: &str,
        count: u32,
        interrupts: &mut watch::Receiver<u64>,
    ) -> Failure {
        let is_open = rust.parse::<proc_macro2::TokenStream>().is_err();
        let source = Source::raw(count, rust, is_open);
        let compiled = self.call(&source, count, 0, Want::Check, interrupts).await;
        let messages = match compiled {
            Ok(compiled) => compiled.messages,
            Err(failure) => return failure,
        };
        let mut found = diagnostics::read(&messages, &source);
        found
            .iter_mut()
            .for_each(|one| one.end_at(rust.trim_end().len()));
        let errors: Vec<&Diagnostic> = found
            .iter()
            .filter(|one| one.is_error() && one.is_about_a_cell())
            .collect();
        if errors.is_empty() {
            let is_word = |line: &&str| !line.trim().is_empty() && !line.starts_with('{');
            let words = messages.lines().rfind(is_word).unwrap_or_default();
            let text = format!("this text cannot be read as Rust\n{words}");
            return Failure::plain("CompileError", text.trim_end());
        }
        // One mistake in the form of a text makes the compiler complain about all that follows.
        let shown = &errors[..errors.len().min(2)];
        let mut failure = drawing::failure(shown, &self.session.texts, &self.session.gone);
        if rust.lines().any(|line| line.trim().starts_with(":dep ")) {
            let hint = "hint: lines such as `:dep` stand at the top of their cell";
            failure.traceback.push(hint.to_owned());
        }
        failure
    }

    async fn call(
        &mut self,
        source: &Source,
        count: u32,
        attempt: usize,
        want: Want,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<compiler::Compiled, Failure> {
        let path = self
            .settings
            .folder
            .join(format!("cell-{count}-{attempt}.rs"));
        std::fs::write(&path, &source.text).map_err(|error| {
            let what = format!("{} cannot be written: {error}", path.display());
            Failure::kernel(&anyhow::anyhow!(what))
        })?;
        let linked = &self.ready()?.linked;
        tokio::select! {
            compiled = compiler::compile(linked, &path, want) => compiled.map_err(|error| Failure::kernel(&error)),
            _ = interrupts.changed() => Err(Failure::interrupted("")),
        }
    }

    /// Compiles a cell; leaves out of the store what cannot be put there.
    pub(super) async fn compile(
        &mut self,
        code: &str,
        cell: &Cell,
        count: u32,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<Ran, Failure> {
        let mut left_out = BTreeSet::new();
        let mut unfit = BTreeSet::new();
        let mut notes = Vec::new();
        let mut awaits = cell.awaits;
        for attempt in 0..TRIES {
            let bundle = self.ready()?.linked.bundle(&items::words(code).collect());
            let session = &self.session;
            let source = Source::of(&Parts {
                count,
                code,
                cell,
                items: &session.items,
                variables: &session.variables,
                left_out: &left_out,
                out_of_reach: &session.replaced(cell, &unfit),
                unfit: &unfit,
                awaits,
                bundle,
                named_crates: &session.named_crates,
            });
            let want = match (source.runs, source.puts.iter().any(|put| put.is_new)) {
                (false, _) => Want::Check,
                (true, false) => Want::Library,
                (true, true) => Want::LibraryAndTypes,
            };
            let compiled = self.call(&source, count, attempt, want, interrupts).await?;
            let found = diagnostics::read(&compiled.messages, &source);
            if compiled.success {
                let types = types_in_mir(&compiled.mir, &source.puts);
                let hidden = types
                    .values()
                    .flat_map(|name| self.session.variables.hidden_crates_of(name));
                let before = self.session.named_crates.len();
                self.session.named_crates.extend(hidden.collect::<Vec<_>>());
                if self.session.named_crates.len() > before {
                    continue;
                }
                let warnings = found
                    .iter()
                    .filter(|one| one.is_about_a_cell() && one.code() == Some("unused_must_use"));
                notes.extend(warnings.map(|one| format!("{}\n", one.render(&self.session.texts))));
                return Ok(Ran {
                    source,
                    library: compiled.library,
                    types,
                    left_out,
                    notes,
                    unfit,
                });
            }
            let errors: Vec<&Diagnostic> = found.iter().filter(|one| one.is_error()).collect();
            if errors.is_empty() {
                // The compiler did not come to the cell itself.
                let words = format!("rustc failed\n{}", compiled.messages.trim());
                return Err(Failure::plain("KernelError", words));
            }
            if !awaits && errors.iter().any(|error| error.code() == Some("E0728")) {
                awaits = true;
                continue;
            }
            let takes: Vec<&str> = errors.iter().filter_map(|one| one.take(&source)).collect();
            if !takes.is_empty() {
                for name in takes {
                    notes.push(self.session.out_of_reach(name));
                }
                continue;
            }
            // What earlier cells declared makes room for what this one declares.
            let (older, errors): (Vec<_>, Vec<_>) = errors
                .into_iter()
                .partition(|error| !cell.items.is_empty() && error.older(&source).is_some());
            if errors.is_empty() {
                unfit.extend(older.iter().filter_map(|error| error.older(&source)));
                continue;
            }
            let (about_puts, others): (Vec<_>, Vec<_>) = errors
                .into_iter()
                .partition(|error| error.put(&source.puts).is_some());
            if !others.is_empty() || about_puts.is_empty() {
                let own: Vec<&Diagnostic> = others
                    .iter()
                    .copied()
                    .filter(|error| error.is_about_a_cell())
                    .collect();
                let shown = if own.is_empty() { others } else { own };
                let session = &self.session;
                let mut failure = drawing::failure(&shown, &session.texts, &session.gone);
                if !unfit.is_empty() {
                    let words = format!("note: {}", session.misfits(&unfit));
                    failure.traceback.push(words);
                }
                return Err(failure);
            }
            for error in about_puts {
                if let Some(put) = error.put(&source.puts)
                    && left_out.insert((put.name.clone(), put.is_new))
                {
                    notes.extend(why_left_out(put, error));
                }
            }
        }
        Err(Failure::plain("CompileError", "the cell does not compile"))
    }
}

/// Why a variable does not last, unless the learner moved it, which they know.
fn why_left_out(put: &Put, error: &Diagnostic) -> Option<String> {
    let name = &put.name;
    let why = match error.code() {
        Some("E0382") => return None,
        Some("E0373") => "it is a closure that borrows".to_owned(),
        _ => format!("it borrows from something that does ({})", error.message()),
    };
    (put.is_new).then(|| format!("note: `{name}` ends with this cell, because {why}\n"))
}
