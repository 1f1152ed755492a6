//! Compilation of a cell into a library, repeated with changes when the compiler requires them.
//!
//! The first attempt puts every new variable into the store. The compiler refuses that for a variable
//! that the cell moved away or that borrows. Such a variable is left out, and the cell is compiled
//! again. Every other error is shown to the learner.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use tokio::sync::watch;

use super::CellError;
use super::compile_plan::CompilePlan;
use super::compiler::{self, CompileTarget, CompiledCell};
use super::diagnostics::{self, Diagnostic};
use super::engine::Engine;
use super::items::FailedItems;
use super::repair::Repair;
use super::source::{CellSource, Parts};
use super::syntax::{Cell, Context};
use super::variables::{is_variable, types_in_mir};

/// The number of attempts before the compiler's error is final.
const TRIES: usize = 16;

/// A compiled cell, ready to run.
pub(super) struct CellRun {
    /// The cell as the compiler read it.
    pub cell: Cell,
    pub source: CellSource,
    pub library: PathBuf,
    /// New variables and their types, as the compiler writes them.
    pub types: BTreeMap<usize, String>,
    pub left_out: BTreeSet<(String, bool)>,
    pub notes: Vec<String>,
    /// Items of earlier cells that do not compile with this one, by their numbers.
    pub unfit: FailedItems,
}

/// The state of the attempts to compile one cell.
pub(super) struct CompileAttempt<'a> {
    pub code: &'a str,
    pub count: u32,
    pub cell: Cell,
    pub context: Context,
    pub plan: CompilePlan,
    pub notes: Vec<String>,
    /// The first error, when it was about items of earlier cells.
    pub first: Option<CellError>,
    /// The error about a `?` whose error type cannot be returned.
    pub refused: Option<CellError>,
}

impl CompileAttempt<'_> {
    /// The state before the first attempt.
    pub fn new(
        code: &str,
        count: u32,
        cell: Cell,
        context: Context,
        plan: CompilePlan,
    ) -> CompileAttempt<'_> {
        CompileAttempt {
            code,
            count,
            cell,
            context,
            plan,
            notes: Vec::new(),
            first: None,
            refused: None,
        }
    }
}

impl Engine {
    pub(super) async fn call(
        &mut self,
        source: &CellSource,
        count: u32,
        attempt: usize,
        want: CompileTarget,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<compiler::CompiledCell, CellError> {
        let path = self
            .settings
            .folder
            .join(format!("cell-{count}-{attempt}.rs"));
        std::fs::write(&path, &source.text).map_err(|error| {
            let what = format!("{} cannot be written: {error}", path.display());
            CellError::kernel(&anyhow::anyhow!(what))
        })?;
        let features = match source.has_expanded {
            true => self.session.features.list(),
            false => String::new(),
        };
        let linked = &self.ready()?.linked;
        tokio::select! {
            compiled = compiler::compile(linked, &path, want, &features) => compiled.map_err(|error| CellError::kernel(&error)),
            _ = interrupts.changed() => Err(CellError::interrupted("")),
        }
    }

    /// Compiles a cell; leaves out variables that cannot be put into the store.
    pub(super) async fn compile(
        &mut self,
        code: &str,
        cell: Cell,
        context: Context,
        count: u32,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<CellRun, CellError> {
        let plan = CompilePlan {
            awaits: cell.awaits,
            copied: self.session.copied.clone(),
            ..CompilePlan::default()
        };
        let mut attempt = CompileAttempt::new(code, count, cell, context, plan);
        self.expand(&mut attempt, interrupts).await?;
        for number in 0..TRIES {
            let source = self.source(&attempt)?;
            let want = match (source.runs, source.puts.iter().any(|put| put.is_new)) {
                (false, _) => CompileTarget::Check,
                (true, false) => CompileTarget::Library,
                (true, true) => CompileTarget::LibraryAndTypes,
            };
            let compiled = self.call(&source, count, number, want, interrupts).await?;
            let found = diagnostics::read(&compiled.messages, &source);
            if compiled.success {
                match self.compiled(attempt, source, compiled, &found) {
                    Ok(ran) => return Ok(*ran),
                    Err(again) => attempt = *again,
                }
                continue;
            }
            let errors: Vec<&Diagnostic> = found.iter().filter(|one| one.is_error()).collect();
            if errors.is_empty() {
                // The compiler failed before it read the cell.
                let words = format!("rustc failed\n{}", compiled.messages.trim());
                return Err(CellError::plain("KernelError", words));
            }
            if source.has_expanded && self.session.features.learn(&compiled.messages) {
                continue;
            }
            match attempt.repair(&errors, &source, &mut self.session) {
                Repair::Again => {}
                Repair::Final(failure) => return Err(failure),
                Repair::Explained(errors) => {
                    return Err(self.explained(attempt, errors, interrupts).await);
                }
            }
        }
        Err(CellError::plain(
            "CompileError",
            "the cell does not compile",
        ))
    }

    pub(super) fn source(
        &self,
        attempt: &CompileAttempt<'_>,
    ) -> std::result::Result<CellSource, CellError> {
        let linked = &self.ready.as_ref().ok_or_else(CellError::not_ready)?.linked;
        let session = &self.session;
        let after = session.after(attempt.count, &attempt.cell, &attempt.plan.unfit);
        let mut source = CellSource::of(&Parts {
            count: attempt.count,
            code: attempt.code,
            cell: &attempt.cell,
            texts: &session.texts,
            items: &session.items,
            variables: &session.variables,
            out_of_reach: &session.replaced(&attempt.cell, &after),
            anew: &after.outdated(),
            plan: &attempt.plan,
            named_crates: &session.named_crates,
            bundle: &|text| linked.bundle(text),
            is_crate: &|word| linked.names(word),
        });
        if source.has_expanded {
            source.put_first(&session.features.lines());
            source.text.push_str("extern crate alloc;\n");
        }
        Ok(source)
    }

    /// Accepts the compiler's output, unless it shows that another attempt is needed.
    fn compiled<'a>(
        &mut self,
        mut attempt: CompileAttempt<'a>,
        source: CellSource,
        compiled: CompiledCell,
        found: &[Diagnostic],
    ) -> std::result::Result<Box<CellRun>, Box<CompileAttempt<'a>>> {
        let types = types_in_mir(&compiled.text, &source.puts);
        let named = self.session.named_crates.len();
        for name in types.values() {
            let hidden = self.session.variables.hidden_crates_of(name);
            self.session.named_crates.extend(hidden);
        }
        let new = source.puts.iter().filter(|put| put.is_new);
        let names = new.map(|put| &put.name);
        let constants = names.filter(|name| {
            name.starts_with(char::is_uppercase) && !is_variable(&compiled.text, name)
        });
        let known = attempt.plan.constants.len();
        attempt.plan.constants.extend(constants.cloned());
        if attempt.plan.constants.len() > known || self.session.named_crates.len() > named {
            return Err(Box::new(attempt));
        }
        self.session.copied.clone_from(&attempt.plan.copied);
        let hidden = found.iter().flat_map(Diagnostic::hidden_lifetimes);
        attempt.context.hidden.extend(hidden);
        if !attempt.context.hidden.is_empty() {
            attempt.read_again();
        }
        let unused = found
            .iter()
            .filter(|one| one.is_about_a_cell() && one.code() == Some("unused_must_use"));
        let notes = unused.map(|one| format!("{}\n", one.render(&self.session.texts)));
        attempt.notes.extend(notes);
        Ok(Box::new(CellRun {
            cell: attempt.cell,
            source,
            library: compiled.library,
            types,
            left_out: attempt.plan.left_out,
            notes: attempt.notes,
            unfit: attempt.plan.unfit,
        }))
    }
}
