//! What people see: tables, charts, diagrams and live text, in a terminal and in a Jupyter notebook.
//!
//! Each value shows in three ways: as text in a terminal, as HTML in a notebook, and as the notebook's plain text for front
//! ends (and readers) without HTML. Nothing depends on colour.
//!
//! - [`Show`], [`show`]: what can be shown, and showing it
//! - [`Table`]: any rows, drawn by `tabled` in a terminal
//! - [`BarChart`], [`Diagram`]: a few values side by side; the N × M problem
//! - [`live`], [`StreamingText`], [`Progress`]: what changes in place
//! - [`output`]: where output goes, and foreign text made harmless for it

#![forbid(unsafe_code)]

mod chart;
mod diagram;
mod live;
pub mod output;
mod progress;
mod streaming_text;
mod table;
mod throttled_redraw;
mod wrap;

use std::fmt;

pub use chart::BarChart;
pub use diagram::Diagram;
pub use live::{LiveDisplay, live};
use output::{OutputTarget, escape};
pub use progress::{Progress, progress_html};
pub use streaming_text::StreamingText;
pub use table::Table;
pub use throttled_redraw::{REST, Redraw, ThrottledRedraw};

/// Something that has a picture besides its text.
pub trait Show: fmt::Display {
    /// The picture as HTML, every foreign text in it escaped.
    fn to_html(&self) -> String;

    /// The text that stands beside the picture in a notebook, for front ends and readers without HTML.
    fn to_twin(&self) -> String {
        self.to_string()
    }

    /// Called by the notebook kernel for the last value of a cell.
    #[doc(hidden)]
    fn evcxr_display(&self) {
        output::show(&self.to_html(), &self.to_twin());
    }
}

/// Shows a value: as text in a terminal, as a picture in a notebook.
///
/// ```
/// use anymodel::prelude::*;
///
/// show(&Diagram::gateway(3, &["OpenAI", "Google"]));
/// ```
pub fn show(value: &impl Show) {
    if OutputTarget::here().is_notebook() {
        value.evcxr_display()
    } else {
        println!("{value}")
    }
}

/// Takes away what the cell showed so far, on the course's kernel.
///
/// Elsewhere nothing happens: what was printed to a terminal or a file stays, and evcxr's own kernel cannot take back.
///
/// ```
/// use anymodel::prelude::*;
///
/// display::clear();
/// ```
pub fn clear() {
    output::clear();
}

/// What a model said, with its line breaks.
pub fn paragraph(text: &str) -> String {
    format!("<p style=\"white-space:pre-wrap\">{}</p>", escape(text))
}
