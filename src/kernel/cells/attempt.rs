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
}

impl Engine {
    /// A text that `syn` cannot read: the compiler says why.
    pub(super) async fn unreadable(
        &mut self,
        rust: &str,
        count: u32,
        interrupts: &mut watch::Receiver<u64>,
    ) -> Failure {
        let source = Source::raw(count, rust);
        let compiled = self.call(&source, count, 0, Want::Check, interrupts).await;
        let messages = match compiled {
            Ok(compiled) => compiled.messages,
            Err(failure) => return failure,
        };
        let found = diagnostics::read(&messages, &source);
        let errors: Vec<&Diagnostic> = found
            .iter()
            .filter(|one| one.is_error() && one.is_about_a_cell())
            .collect();
        if errors.is_empty() {
            let words = messages.trim().lines().last().unwrap_or_default();
            let text = format!("this text cannot be read as Rust\n{words}");
            return Failure::plain("CompileError", text.trim_end());
        }
        // One mistake in the form of a text makes the compiler complain about all that follows.
        diagnostics::failure(&errors[..errors.len().min(2)], &self.session.texts)
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
        let mut notes = Vec::new();
        let mut awaits = cell.awaits;
        for attempt in 0..TRIES {
            let bundle = self.ready()?.linked.bundle(&items::words(code).collect());
            let source = Source::of(&Parts {
                count,
                code,
                cell,
                items: &self.session.items,
                variables: &self.session.variables,
                left_out: &left_out,
                awaits,
                bundle,
                named_crates: &self.session.named_crates,
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
                return Err(diagnostics::failure(&shown, &self.session.texts));
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
    (put.is_new && error.code() != Some("E0382")).then(|| {
        format!(
            "note: `{name}` ends with this cell, because it borrows from something that does ({})\n",
            error.message()
        )
    })
}
