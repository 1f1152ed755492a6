//! Display: tables, cards, charts and diagrams, static and live.
//!
//! Each renders the same values in three ways: as text in a terminal, as HTML in a notebook, and as plain text in the
//! notebook for front ends (and readers) without HTML. Nothing depends on colour.
//!
//! [`show`] displays static output:
//!
//! - [`Table`]: any rows; drawn by `tabled` in a terminal
//! - [`BarChart`]: a few values side by side
//! - [`Diagram`]: the N × M problem
//! - [`platforms()`]: every platform known by name
//! - [`Models`](anymodel_catalog::model::Models), and their recommendations, statistics, prices and availability
//! - [`Reply`](anymodel_types::Reply), [`Trail`](anymodel_types::Trail), [`Comparison`](crate::Comparison) and [`RouterStatistics`](crate::RouterStatistics)
//!
//! Live output changes in place on the course's kernel and in a terminal. On evcxr's own kernel, which shows nothing before
//! a cell has ended, and in a file only the last state is shown:
//!
//! - [`live`]: a live region: any value, replaced by the next one
//! - [`StreamingText`]: an answer that arrives in pieces
//! - [`stream`](stream()): a streamed answer, shown until its end
//! - [`Progress`]: a progress bar
//! - [`Compare::live`](crate::Compare::live): a comparison whose table fills as models answer
//! - [`clear`]: removes the cell's output so far

pub use crate::client::stream;
#[cfg(feature = "ledger")]
pub use crate::spend::spending;
pub use anymodel_catalog::platform_spec::platforms;
pub use anymodel_display::{
    BarChart, Diagram, LiveDisplay, Progress, Show, StreamingText, Table, clear, live, show,
};
