//! How far a long step has come.

use std::fmt;
use std::time::Duration;

use super::Show;
use super::painter::{Paint, Painter, REST};
use crate::output::{Stream, Surface, escape, harmless};

/// Columns of the bar in text.
const WIDTH: u64 = 24;

/// A bar that fills while a long step goes on.
///
/// A notebook on the course's kernel draws it in place; a terminal writes its line again, on stderr; evcxr's own kernel
/// and a file get the last state, once, at the end. It has no colour of its own, so there is none for `NO_COLOR` to take.
///
/// ```
/// use anymodel::prelude::*;
///
/// let questions = ["What is an API?", "What is recursion?"];
/// let mut progress = display::Progress::new("Asking", questions.len() as u64);
/// for question in questions {
///     // … ask …
/// #   let _ = question;
///     progress.advance();
/// }
/// progress.finish();
/// ```
pub struct Progress(Painter<Drawn>);

impl Progress {
    /// Shows an empty bar for so many steps.
    pub fn new(label: impl Into<String>, total: u64) -> Self {
        let surface = Surface::for_words(Stream::Err);
        let is_live = surface.is_live();
        let bar = Bar {
            label: label.into(),
            done: 0,
            total,
        };
        let progress = Progress(Painter::new(Drawn { surface, bar }, is_live));
        progress.0.change(|_| ());
        progress
    }

    /// One more step is done.
    pub fn advance(&mut self) {
        self.0
            .change(|drawn| drawn.bar.set(drawn.bar.done.saturating_add(1)));
    }

    /// So many steps are done, at most all.
    pub fn set(&mut self, done: u64) {
        self.0.change(|drawn| drawn.bar.set(done));
    }

    /// Leaves the bar standing as far as it came. Dropping it does the same, so a step that fails shows how far it got.
    pub fn finish(self) {}

    /// Called by the notebook kernel for the last value of a cell: this one has shown itself.
    #[doc(hidden)]
    pub fn evcxr_display(&self) {}
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

struct Drawn {
    surface: Surface,
    bar: Bar,
}

impl Paint for Drawn {
    fn paint(&mut self) -> Duration {
        self.surface.set(&self.bar.to_html(), &self.bar.to_string());
        REST
    }

    fn end(&mut self) {
        self.surface.end();
    }
}

struct Bar {
    label: String,
    done: u64,
    total: u64,
}

impl Bar {
    fn set(&mut self, done: u64) {
        self.done = done.min(self.total);
    }
}

impl Show for Bar {
    fn to_html(&self) -> String {
        // The words say the same as the bar: some front ends take the bar out.
        format!(
            "<p><label>{} <progress value=\"{}\" max=\"{}\"></progress> {} of {}</label></p>",
            escape(&self.label),
            // Nothing to do is all done.
            if self.total == 0 { 1 } else { self.done },
            self.total.max(1),
            self.done,
            self.total
        )
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let filled = match self.total {
            0 => WIDTH,
            total => (u128::from(self.done) * u128::from(WIDTH) / u128::from(total)) as u64,
        };
        write!(
            f,
            "{} [{}{}] {} of {}",
            harmless(&self.label),
            "█".repeat(filled as usize),
            "░".repeat((WIDTH - filled) as usize),
            self.done,
            self.total
        )
    }
}
