//! Automatic repair of a cell that the compiler refused, where the learner need not change anything.

use super::compile_attempt::CompileAttempt;
use super::diagnostics::{Diagnostic, is_inside};
use super::source::{CellSource, StoreVariable};
use super::{CellError, render_diagnostic, syntax};
use crate::cells::session::CellSession;

/// The reaction to a compile error.
pub(super) enum Repair {
    /// The cell is compiled again, with the changed plan.
    Again,
    /// The errors are the learner's.
    Explained(Vec<Diagnostic>),
    /// The error is the learner's, and its message is already known.
    Final(CellError),
}

impl CompileAttempt<'_> {
    /// Changes the plan, if that can help.
    pub fn repair(
        &mut self,
        errors: &[&Diagnostic],
        source: &CellSource,
        session: &mut CellSession,
    ) -> Repair {
        let has_changed = self.needs_executor(errors)
            || self.needs_any_error(errors, session)
            || self.needs_copies(errors)
            || self.loses_variables(errors, source, session)
            || self.runs_calls(errors, source)
            || self.needs_more(errors, source);
        if has_changed {
            return Repair::Again;
        }
        let is_older = |error: &&&Diagnostic| error.conflicting_item(source).is_some();
        let (older, others): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
            errors.iter().copied().partition(|error| is_older(&error));
        let (about_puts, others): (Vec<_>, Vec<_>) = others
            .into_iter()
            .partition(|error| error.unstorable_variable(&source.puts).is_some());
        if !others.is_empty() {
            let is_lost = others.iter().all(|error| error.is_without_a_place());
            if is_lost && !self.plan.is_bare {
                self.first.get_or_insert(failure(&others, session));
                self.plan.is_bare = true;
                return Repair::Again;
            }
            return self.told(&others, session);
        }
        // An item counts as broken only when all other items are in the file.
        if !older.is_empty() && source.is_partial && !self.plan.all {
            self.plan.all = true;
            return Repair::Again;
        }
        if !older.is_empty() {
            self.first.get_or_insert(failure(&older, session));
            for error in older {
                if let Some(number) = error.conflicting_item(source) {
                    let why = error.message().to_owned();
                    self.plan.unfit.entry(number).or_insert(why);
                }
            }
            return Repair::Again;
        }
        let mut has_changed = false;
        for error in about_puts {
            if let Some(put) = error.unstorable_variable(&source.puts) {
                let variable = (put.name.clone(), put.is_new);
                if self.plan.left_out.insert(variable) {
                    has_changed = true;
                    self.notes.extend(why_left_out(put, error));
                }
            }
        }
        match has_changed {
            true => Repair::Again,
            false => self.told(errors, session),
        }
    }

    fn needs_executor(&mut self, errors: &[&Diagnostic]) -> bool {
        let awaits = errors.iter().any(|error| error.code() == Some("E0728"));
        awaits && !std::mem::replace(&mut self.plan.awaits, true)
    }

    /// Whether a constant uses statics: those never change, so a copy is equal.
    fn needs_copies(&mut self, errors: &[&Diagnostic]) -> bool {
        let known = self.plan.copied.len();
        let names = errors
            .iter()
            .filter_map(|error| error.static_out_of_reach());
        self.plan.copied.extend(names.map(str::to_owned));
        self.plan.copied.len() > known
    }

    /// Whether `?` must accept other error types. The usual type is kept where possible, because the compiler's messages
    /// about it are easier to understand.
    fn needs_any_error(&mut self, errors: &[&Diagnostic], session: &CellSession) -> bool {
        let is_refused = errors
            .iter()
            .any(|error| error.is_refused_by_question_mark());
        if is_refused && !self.plan.any_error {
            self.refused = Some(failure(&own(errors), session));
        }
        is_refused && !std::mem::replace(&mut self.plan.any_error, true)
    }

    /// Removes variables whose types no cell can name.
    fn loses_variables(
        &mut self,
        errors: &[&Diagnostic],
        source: &CellSource,
        session: &mut CellSession,
    ) -> bool {
        if self.needs_more(errors, source) {
            return true;
        }
        let takes: Vec<&str> = errors
            .iter()
            .filter_map(|one| one.unavailable_variable(source))
            .collect();
        for name in &takes {
            self.notes.push(session.out_of_reach(name));
        }
        !takes.is_empty()
    }

    /// Finds macro calls that declare nothing after all.
    pub(super) fn runs_calls(&mut self, errors: &[&Diagnostic], source: &CellSource) -> bool {
        let is_about = |range| {
            let mut spans = errors.iter().flat_map(|error| &error.spans);
            spans.any(|(span, _)| is_inside(span, range))
        };
        let calls = source.calls.iter().filter(|(range, _)| is_about(range));
        // An expansion that does not compile by itself is replaced by the call.
        let mut is_back = false;
        for (_, number) in calls.clone() {
            if let Some(item) = self.cell.items.get_mut(*number)
                && let Some(call) = item.call.take()
            {
                *item = *call;
                is_back = true;
            }
        }
        if is_back {
            return true;
        }
        let calls = calls.filter_map(|(_, number)| self.cell.items.get(*number));
        let known = self.context.statements.len();
        let starts: Vec<usize> = calls.map(|call| call.range.start).collect();
        self.context.statements.extend(starts);
        if self.context.statements.len() == known {
            return false;
        }
        self.read_again()
    }

    /// Parses the cell again, with what is known now.
    pub(super) fn read_again(&mut self) -> bool {
        let Some(mut cell) = syntax::read_in(self.code, &self.context) else {
            return false;
        };
        self.plan.awaits |= cell.awaits;
        // The expansions of macro calls are still the same.
        for old in self.cell.items.drain(..).filter(|old| old.call.is_some()) {
            let mut new = cell.items.iter_mut();
            if let Some(new) = new.find(|new| new.is_call && new.range == old.range) {
                *new = old;
            }
        }
        self.cell = cell;
        true
    }

    /// Whether the error may come from an item that the cell did not seem to reach.
    pub(super) fn needs_more(&mut self, errors: &[&Diagnostic], source: &CellSource) -> bool {
        let is_missing = errors.iter().any(|error| error.misses_something());
        source.is_partial && is_missing && !std::mem::replace(&mut self.plan.all, true)
    }

    /// The errors that the learner sees.
    fn told(&mut self, errors: &[&Diagnostic], session: &CellSession) -> Repair {
        let mut all = errors.iter();
        if all.any(|error| error.is_refused_by_question_mark())
            && let Some(refused) = self.refused.take()
        {
            return Repair::Final(refused);
        }
        if !session.items.are_replaced(&self.cell.items)
            && let Some(first) = self.first.take()
        {
            // The missing item is one that was left out before, so the first error is the real one.
            return Repair::Final(first);
        }
        Repair::Explained(own(errors).into_iter().cloned().collect())
    }
}

/// The errors about the learner's own text, if there are any.
fn own<'a>(errors: &[&'a Diagnostic]) -> Vec<&'a Diagnostic> {
    let is_own = |error: &&&Diagnostic| error.is_about_a_cell();
    let own: Vec<&Diagnostic> = errors.iter().filter(is_own).copied().collect();
    if own.is_empty() { errors.to_vec() } else { own }
}

fn failure(errors: &[&Diagnostic], session: &CellSession) -> CellError {
    render_diagnostic::failure(errors, &session.texts, &session.gone)
}

impl Diagnostic {
    /// Whether it has no span in the file.
    fn is_without_a_place(&self) -> bool {
        self.spans.is_empty()
    }

    fn is_refused_by_question_mark(&self) -> bool {
        self.message().contains("`?` couldn't convert the error")
    }

    /// The static of an earlier cell whose value the compiler needs.
    fn static_out_of_reach(&self) -> Option<&str> {
        let (_, name) = self.message().split_once("cannot access extern static `")?;
        name.split('`').next()?.rsplit("::").next()
    }

    /// Whether a name, a method or an implementation is missing.
    fn misses_something(&self) -> bool {
        const MISSING: [&str; 16] = [
            "E0220", "E0276", "E0277", "E0282", "E0283", "E0369", "E0404", "E0405", "E0407",
            "E0412", "E0423", "E0425", "E0432", "E0433", "E0599", "E0608",
        ];
        match self.code() {
            Some(code) => MISSING.contains(&code),
            None => self.message().starts_with("cannot find"),
        }
    }

    /// Elided lifetimes in paths: the position in the cell, and what a static needs there.
    pub(super) fn hidden_lifetimes(&self) -> Vec<(usize, String)> {
        if self.code() != Some("elided_lifetimes_in_paths") {
            return Vec::new();
        }
        let changes = self.notes.iter().flat_map(|note| &note.changes);
        changes
            .flatten()
            .filter(|patch| patch.range.is_empty())
            .map(|patch| (patch.range.start, patch.new.replace("'_", "'static")))
            .collect()
    }
}

/// Why a variable is not kept; `None` when the learner moved it.
fn why_left_out(put: &StoreVariable, error: &Diagnostic) -> Option<String> {
    let name = &put.name;
    let why = match error.code() {
        Some("E0382") => return None,
        Some("E0381") => "it was given no value".to_owned(),
        Some("E0373") => "it is a closure that borrows".to_owned(),
        _ => format!("it borrows from something that does ({})", error.message()),
    };
    (put.is_new).then(|| format!("note: `{name}` ends with this cell, because {why}\n"))
}
