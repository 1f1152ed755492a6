//! Display of tables, charts, diagrams and live text, in a terminal and in a Jupyter notebook.
//!
//! Each value has three forms: text in a terminal, HTML in a notebook, and the notebook's plain text for front
//! ends (and readers) without HTML. Nothing depends on colour.
//!
//! - [`Show`], [`show`]: the trait of values with an HTML form, and the function that shows one
//! - [`Table`]: any rows, drawn by `tabled` in a terminal
//! - [`BarChart`], [`Diagram`]: a few values side by side; the N × M problem
//! - [`live`], [`StreamingText`], [`Progress`]: content that is updated in place
//! - [`time`], [`or_unknown`]: text of table cells
//! - [`output`]: the output target, live regions, sanitizing of foreign text

#![cfg_attr(docsrs, feature(doc_cfg))]

mod cell;
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

pub use cell::{UNKNOWN, or_unknown, time};
pub use chart::BarChart;
pub use diagram::Diagram;
pub use live::{LiveDisplay, live};
use output::{OutputTarget, escape};
pub use progress::{Progress, progress_html};
pub use streaming_text::StreamingText;
pub use table::Table;

/// A value that can be shown as HTML as well as text.
pub trait Show: fmt::Display {
    /// The HTML, with all foreign text escaped.
    fn to_html(&self) -> String;

    /// The plain-text form beside the HTML in a notebook, for front ends and readers without HTML.
    fn to_twin(&self) -> String {
        self.to_string()
    }

    /// Called by the notebook kernel for the last value of a cell.
    #[doc(hidden)]
    fn evcxr_display(&self) {
        output::show(&self.to_html(), &self.to_twin());
    }
}

/// Shows a value: as text in a terminal, as HTML in a notebook.
///
/// ```
/// use anymodel::prelude::*;
/// use anymodel::Diagram;
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

/// Clears the cell's output so far, on the course's kernel.
///
/// Elsewhere nothing happens: printed text stays in a terminal or a file, and evcxr's own kernel cannot clear output.
///
/// ```
/// use anymodel::prelude::*;
///
/// display::clear();
/// ```
pub fn clear() {
    output::clear();
}

/// An answer of a model as HTML, with its line breaks.
pub fn paragraph(text: &str) -> String {
    format!("<p style=\"white-space:pre-wrap\">{}</p>", escape(text))
}
