//! Panic handling: runs a learner's function and turns a panic into a sentence.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether this thread is running a learner's function.
    static TRYING: Cell<bool> = const { Cell::new(false) };
}

const NOT_YET: &str =
    "not yet: replace the todo!() with your own code, run that cell, then this one";

/// Calls `f`; a panic in it is returned as the sentence to show.
pub(super) fn tried<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    keep_quiet();
    TRYING.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    TRYING.set(false);
    result.map_err(|payload| explain(&*payload))
}

/// As [`tried`], for one of several cases: a panic's sentence begins with the case.
pub(super) fn tried_on<T>(case: &str, f: impl FnOnce() -> T) -> Result<T, String> {
    tried(f).map_err(|reason| match reason.as_str() {
        NOT_YET => reason,
        _ => format!("{case}: {reason}"),
    })
}

/// Suppresses the report of a panic that becomes a verdict: in a notebook it would look like a second failure.
///
/// The panic hook is global, so the previous one still handles every other panic.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |report| {
            if !TRYING.get() {
                earlier(report);
            }
        }));
    });
}

fn explain(payload: &(dyn Any + Send)) -> String {
    let said = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given");
    if said.starts_with("not yet implemented") || said.starts_with("not implemented") {
        NOT_YET.to_owned()
    } else {
        format!("the function panicked: {said}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_todo_reads_not_yet_and_any_other_panic_is_quoted() {
        let todo: Result<(), String> = tried(|| todo!("later"));
        assert!(todo.unwrap_err().starts_with("not yet"));
        let other: Result<(), String> = tried(|| panic!("no {}", "luck"));
        assert_eq!(other.unwrap_err(), "the function panicked: no luck");
        assert_eq!(tried(|| 7), Ok(7));
    }
}
