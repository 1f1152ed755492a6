//! Progress bar of a long step.

use std::fmt;
use std::time::Duration;

use super::Show;
use super::throttled_redraw::{REST, Redraw, ThrottledRedraw};
use crate::output::{LiveRegion, Stream, escape, sanitize};

/// Width of the bar in text, in columns.
const WIDTH: u64 = 24;

/// A progress bar of a long step.
///
/// A notebook on the course's kernel updates it in place; a terminal redraws its line, on stderr; evcxr's own kernel
/// and a file get the last state once, at the end. It uses no colour, so `NO_COLOR` changes nothing.
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
pub struct Progress(ThrottledRedraw<Drawn>);

impl Progress {
    /// Shows an empty bar for so many steps.
    pub fn new(label: impl Into<String>, total: u64) -> Self {
        let surface = LiveRegion::for_words(Stream::Err);
        let is_live = surface.is_live();
        let bar = Bar {
            label: label.into(),
            done: 0,
            total,
        };
        let progress = Progress(ThrottledRedraw::new(Drawn { surface, bar }, is_live));
        progress.0.change(|_| ());
        progress
    }

    /// Counts one more step as done.
    pub fn advance(&mut self) {
        self.0
            .change(|drawn| drawn.bar.set(drawn.bar.done.saturating_add(1)));
    }

    /// Sets the number of steps that are done, at most all.
    pub fn set(&mut self, done: u64) {
        self.0.change(|drawn| drawn.bar.set(done));
    }

    /// Keeps the bar as it is. Dropping it does the same, so a failed step shows its progress.
    pub fn finish(self) {}

    /// The notebook kernel calls this for the last value of a cell. It does nothing, because the value is already shown.
    #[doc(hidden)]
    pub fn evcxr_display(&self) {}
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

struct Drawn {
    surface: LiveRegion,
    bar: Bar,
}

impl Redraw for Drawn {
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
        progress_html(&self.label, Some((self.done, self.total)), "")
    }
}

/// A progress bar in HTML: `done` of all steps, and the current step `doing`. Without numbers the bar is indeterminate.
pub fn progress_html(label: &str, done: Option<(u64, u64)>, doing: &str) -> String {
    let (label, doing) = (escape(label), escape(doing));
    // The words repeat the bar's value, because some front ends remove the bar.
    let (bar, words) = match done {
        None => ("<progress></progress>".to_owned(), doing),
        Some((done, all)) => {
            // Zero steps count as complete.
            let (value, max) = if all == 0 { (1, 1) } else { (done, all) };
            let comma = if doing.is_empty() { "" } else { ", " };
            (
                format!("<progress value=\"{value}\" max=\"{max}\"></progress>"),
                format!("{done} of {all}{comma}{doing}"),
            )
        }
    };
    format!("<p><label>{label} {bar} {words}</label></p>")
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
            sanitize(&self.label),
            "█".repeat(filled as usize),
            "░".repeat((WIDTH - filled) as usize),
            self.done,
            self.total
        )
    }
}

#[cfg(test)]
mod tests {
    use super::progress_html;

    #[test]
    fn a_bar_says_what_goes_on_and_none_of_it_can_act() {
        assert_eq!(
            progress_html("adding <b>\"x\"</b>", Some((3, 40)), "compiling a & b"),
            "<p><label>adding &lt;b&gt;&quot;x&quot;&lt;/b&gt; <progress value=\"3\" max=\"40\"></progress> \
             3 of 40, compiling a &amp; b</label></p>"
        );
    }

    #[test]
    fn a_bar_that_knows_no_numbers_only_moves() {
        assert_eq!(
            progress_html("building", None, "downloading"),
            "<p><label>building <progress></progress> downloading</label></p>"
        );
    }
}
