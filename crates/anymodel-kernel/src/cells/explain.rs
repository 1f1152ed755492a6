//! Compile errors for the learner: each one once, at the learner's own text.
//!
//! The compiler's errors about the file that runs a cell differ from those about the same text in
//! a program: after a syntax error it also reports consequences, and it has
//! no suggestions for the closure around a cell. So a text with a syntax error is only
//! parsed by the compiler, and some errors are compiled again as the body of an ordinary function.

use std::collections::BTreeSet;

use tokio::sync::watch;

use super::compile_attempt::CompileAttempt;
use super::compile_plan::CompilePlan;
use super::compiler::CompileTarget;
use super::diagnostics::{self, Diagnostic};
use super::engine::Engine;
use super::render_diagnostic::Texts;
use super::source::CellSource;
use super::syntax::{Cell, Context};
use super::{CellError, command_lines, habit_hints, render_diagnostic};

/// The first attempt number of these files; lower ones are attempts to run the cell.
const ATTEMPT: usize = 100;

impl CompileAttempt<'_> {
    /// Whether a byte of the cell is inside an item that it declares.
    fn is_in_item(&self, at: usize) -> bool {
        self.cell.items.iter().any(|item| item.range.contains(&at))
    }
}

impl Engine {
    /// The error for a text that `syn` cannot parse; the compiler gives the reason.
    pub(super) async fn unreadable(
        &mut self,
        rust: &str,
        count: u32,
        interrupts: &mut watch::Receiver<u64>,
    ) -> CellError {
        let found = match self.mistake_of_form(rust, count, interrupts).await {
            Ok(found) => found,
            Err(failure) => return failure,
        };
        let Some(mut first) = found else {
            let text = "this text cannot be read as Rust by the kernel\n\
                hint: split the cell, or put what is special in it into a function of its own";
            return CellError::plain("CompileError", text);
        };
        let hint = habit_hints::hint(rust, &mut first);
        let mut failure =
            render_diagnostic::failure(&[&first], &self.session.texts, &self.session.gone);
        failure.traceback.extend(hint);
        failure
    }

    /// The first syntax error of a text that `syn` cannot parse. The compiler's later errors are mostly
    /// consequences.
    async fn mistake_of_form(
        &mut self,
        rust: &str,
        count: u32,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<Option<Diagnostic>, CellError> {
        if rust.parse::<proc_macro2::TokenStream>().is_err() {
            // Text after the cell must not seem to close open brackets and strings.
            let source = CellSource::raw(count, rust, false);
            let found = self
                .errors(&source, count, CompileTarget::Form, interrupts)
                .await?;
            if found.iter().any(Diagnostic::is_about_what_is_open) {
                return Ok(found.into_iter().next());
            }
        }
        let source = CellSource::raw(count, rust, true);
        let found = self
            .errors(&source, count, CompileTarget::Form, interrupts)
            .await?;
        if let Some(mut first) = found.into_iter().next() {
            first.end_at(rust.trim_end().len());
            return Ok(Some(first));
        }
        // The compiler can parse it, so its names are checked too.
        let plan = CompilePlan {
            awaits: true,
            is_function: true,
            all: true,
            ..CompilePlan::default()
        };
        let cell = Cell {
            statements: std::iter::once(0..rust.len()).collect(),
            ..Cell::default()
        };
        let attempt = CompileAttempt::new(rust, count, cell, Context::default(), plan);
        let source = self.source(&attempt)?;
        let found = self
            .errors(&source, count, CompileTarget::Check, interrupts)
            .await?;
        Ok(found.into_iter().next())
    }

    /// The errors to show for a cell.
    pub(super) async fn explained(
        &mut self,
        mut attempt: CompileAttempt<'_>,
        errors: Vec<Diagnostic>,
        interrupts: &mut watch::Receiver<u64>,
    ) -> CellError {
        let mut shown = errors;
        if !attempt.cell.statements.is_empty() || attempt.cell.value.is_some() {
            match self.better_told(&mut attempt, &shown, interrupts).await {
                Ok(better) if better.is_empty() => {}
                Ok(better) => shown = better,
                Err(failure) => return failure,
            }
        }
        let session = &self.session;
        let mut shown = distinct(shown, &session.texts);
        let mut hint = None;
        if let [only] = &mut shown[..] {
            let (rust, _) = command_lines::without_commands(attempt.code);
            hint = habit_hints::hint(&rust, only).or_else(|| self.out_of_sight(&attempt, only));
        }
        let shown: Vec<&Diagnostic> = shown.iter().collect();
        let mut failure = render_diagnostic::failure(&shown, &session.texts, &session.gone);
        failure.traceback.extend(hint);
        if !attempt.plan.unfit.is_empty() {
            let words = session.misfits(&attempt.cell, &attempt.plan.unfit);
            failure.traceback.push(format!("note: {words}"));
        }
        failure
    }

    /// The errors of the same statements as the body of an ordinary function, where the compiler knows
    /// all variables and has more suggestions. Empty when there are none.
    async fn better_told(
        &mut self,
        attempt: &mut CompileAttempt<'_>,
        errors: &[Diagnostic],
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<Vec<Diagnostic>, CellError> {
        let session = &self.session;
        // Errors for which the compiler would only suggest another variable, or knows less about this one.
        let is_told = |error: &Diagnostic| match error.missing() {
            Some(name) => name.len() < 3 || session.gone.contains_key(name),
            None => matches!(error.code(), Some("E0594" | "E0596")),
        };
        if errors.iter().all(is_told) {
            return Ok(Vec::new());
        }
        attempt.plan.is_function = true;
        attempt.plan.awaits |= errors.iter().any(Diagnostic::is_about_a_future);
        let source = self.source(attempt)?;
        let mut found =
            (self.errors(&source, attempt.count, CompileTarget::Check, interrupts)).await?;
        // Errors in earlier functions that the cell does not use are not shown.
        found.retain(|error| error.conflicting_item(&source).is_none());
        for error in &mut found {
            let is_in_item = error.start().is_some_and(|(_, at)| attempt.is_in_item(at));
            if !is_in_item {
                error.call_it_a_cell();
            }
        }
        Ok(found)
    }

    /// The reason why a function does not find an existing variable.
    fn out_of_sight(&self, attempt: &CompileAttempt<'_>, error: &Diagnostic) -> Option<String> {
        let name = error.missing()?;
        let (_, at) = error.start()?;
        let made = attempt.cell.variables.iter().map(|(name, _)| name.as_str());
        let mut known = made.chain(self.session.variables.iter().map(|(name, _)| name));
        (attempt.is_in_item(at) && known.any(|known| known == name)).then(|| {
            format!("hint: a function does not see the variables of cells; give it `{name}` as an argument")
        })
    }

    /// The errors about the learner's own text.
    async fn errors(
        &mut self,
        source: &CellSource,
        count: u32,
        want: CompileTarget,
        interrupts: &mut watch::Receiver<u64>,
    ) -> std::result::Result<Vec<Diagnostic>, CellError> {
        let compiled = self.call(source, count, ATTEMPT, want, interrupts).await?;
        let mut found = diagnostics::read(&compiled.messages, source);
        found.retain(|one| one.is_error() && one.is_about_a_cell());
        Ok(found)
    }
}

/// One error for each line, and for each name that is not found: one mistake makes the compiler
/// report several errors in the code that depends on it.
fn distinct(errors: Vec<Diagnostic>, texts: &Texts) -> Vec<Diagnostic> {
    let (mut names, mut lines) = (BTreeSet::new(), BTreeSet::new());
    let mut is_first = |error: &Diagnostic| {
        let name = error.missing().map(str::to_owned);
        let is_new_name = name.is_none_or(|name| names.insert(name));
        let line = error.start().and_then(|(cell, at)| {
            let before = texts.get(&cell)?.get(..at)?;
            Some((cell, before.matches('\n').count()))
        });
        is_new_name && line.is_none_or(|line| lines.insert(line))
    };
    let mut errors = errors;
    errors.retain(|error| is_first(error));
    errors
}
