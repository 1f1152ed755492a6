//! What people see: tables, cards, charts and diagrams, and what changes while they look.
//!
//! Each shows in three ways from the same values: as text in a terminal, as HTML in a notebook, and as the notebook's
//! text twin for front ends (and readers) without HTML. Nothing depends on colour.
//!
//! What stands still is shown by [`show`]:
//!
//! - [`Table`]: any rows; drawn by `tabled` in a terminal
//! - [`BarChart`]: a few values side by side
//! - [`Diagram`]: the N × M problem
//! - [`Reply`], [`Trail`] and [`Comparison`](crate::Comparison)
//!
//! What changes is shown in place by the course's kernel and in a terminal. On evcxr's own kernel, which shows nothing
//! before a cell has ended, and in a file only the last state is seen:
//!
//! - [`live`]: anything that can be shown, and then the next in its place
//! - [`Growing`]: an answer that arrives in pieces
//! - [`stream`](stream()): a streamed answer, watched to its end
//! - [`Progress`]: how far a long step has come
//! - [`Compare::live`](crate::Compare::live): a comparison whose table fills as models answer
//! - [`clear`]: takes away what the cell showed so far

mod chart;
mod comparison;
mod diagram;
mod growing;
mod live;
mod painter;
mod progress;
mod stream;
mod table;
mod wrap;

use std::fmt;
use std::time::Duration;

pub use chart::BarChart;
pub use diagram::Diagram;
pub use growing::Growing;
pub use live::{Live, live};
pub use progress::Progress;
pub use stream::stream;
pub use table::Table;

use crate::chat::{FinishReason, Reply};
use crate::config::SANDBOX;
use crate::failure::ErrorKind;
use crate::output::{self, Place, escape, harmless};
use crate::trail::{Attempt, Step, Trail};
use crate::usage::usd;

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
    match Place::here().is_notebook() {
        true => value.evcxr_display(),
        false => println!("{value}"),
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

/// Writes a span of time for people: `420 ms`, `1.2 s`.
pub(crate) fn time(span: Duration) -> String {
    match span.as_secs_f64() {
        seconds if seconds < 0.9995 => format!("{:.0} ms", seconds * 1000.0),
        seconds => format!("{seconds:.1} s"),
    }
}

const UNKNOWN: &str = "–";
const SIMULATED: &str = "sandbox (simulated)";

/// What is simulated says so, wherever it is shown.
fn captioned(title: &str, simulated: bool) -> String {
    match simulated {
        true => format!("{title} · {SIMULATED}"),
        false => title.to_owned(),
    }
}

/// Whether it is the sandbox, be it as itself or in the part of another platform, as `sandbox:anthropic`.
fn is_simulated(platform: &str) -> bool {
    platform.split(':').next() == Some(SANDBOX)
}

fn or_unknown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

/// What a model said, with its line breaks.
fn paragraph(text: &str) -> String {
    format!("<p style=\"white-space:pre-wrap\">{}</p>", escape(text))
}

impl Reply {
    /// One line about the answer: who answered, on which platform, tokens, cost, time.
    pub fn summary(&self) -> String {
        let mut parts = vec![self.model.clone()];
        parts.push(match self.platform.as_str() {
            SANDBOX => SIMULATED.to_owned(),
            name if is_simulated(name) => format!("{name} (simulated)"),
            name => name.to_owned(),
        });
        if let Some(usage) = self.usage {
            parts.push(format!("{} tokens", usage.total_tokens));
        }
        if let Some(cost) = self.cost {
            parts.push(usd(cost));
        }
        parts.push(time(self.latency));
        if let Some(reason @ (FinishReason::Length | FinishReason::ContentFilter)) =
            &self.finish_reason
        {
            parts.push(format!("cut short: {reason}"));
        }
        harmless(&parts.join(" · ")).into_owned()
    }
}

impl Show for Reply {
    fn to_html(&self) -> String {
        format!(
            "{}<p><small>{}</small></p>",
            paragraph(&self.text),
            escape(&self.summary())
        )
    }

    fn to_twin(&self) -> String {
        format!("{}\n[{}]", self.text, self.summary())
    }
}

impl Trail {
    fn is_simulated(&self) -> bool {
        self.iter().any(|attempt| is_simulated(&attempt.platform))
    }

    /// What was tried, as a table: one row for each HTTP attempt.
    ///
    /// The platform is shown where there was more than one, and the time to the first word where an answer was streamed.
    pub fn table(&self) -> Table {
        let crosses = self
            .iter()
            .zip(self.iter().skip(1))
            .any(|(one, next)| one.platform != next.platform);
        let streams = self
            .iter()
            .any(|attempt| attempt.time_to_first_token.is_some());
        let mut columns: Vec<Column> = vec![
            ("#", true, |place, _| (place + 1).to_string()),
            ("model", false, |_, attempt| asked_and_answered(attempt)),
        ];
        if crosses {
            columns.push(("platform", false, |_, attempt| attempt.platform.clone()));
        }
        columns.extend([
            ("result", false, result as Cell),
            ("status", true, |_, attempt| or_unknown(attempt.status)),
        ]);
        if streams {
            columns.push(("first word", true, |_, attempt| {
                or_unknown(attempt.time_to_first_token.map(time))
            }));
        }
        columns.extend([
            ("took", true, took as Cell),
            ("tokens", true, |_, attempt| {
                or_unknown(attempt.usage.map(|usage| usage.total_tokens))
            }),
            ("cost", true, |_, attempt| or_unknown(attempt.cost.map(usd))),
            ("then", false, |_, attempt| then(attempt.next)),
        ]);
        let title = captioned("What was tried", self.is_simulated());
        let headers = columns.iter().map(|&(header, is_number, _)| (header, is_number));
        let mut table = Table::with_columns(title, headers);
        for (place, attempt) in self.iter().enumerate() {
            table.push_row(columns.iter().map(|(_, _, cell)| cell(place, attempt)));
        }
        table
    }
}

/// What stands in a column of the trail, by the attempt and its place.
type Cell = fn(usize, &Attempt) -> String;
/// Its header, whether it holds numbers, and what stands in it.
type Column = (&'static str, bool, Cell);

fn result(_: usize, attempt: &Attempt) -> String {
    let failure = attempt.failure.map_or("answered", ErrorKind::as_str);
    failure.to_owned()
}

fn took(_: usize, attempt: &Attempt) -> String {
    time(attempt.duration)
}

impl Show for Trail {
    fn to_html(&self) -> String {
        self.table().to_html()
    }
}

impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

fn asked_and_answered(attempt: &Attempt) -> String {
    match &attempt.model_answered {
        Some(answered) if *answered != attempt.model_asked => {
            format!("{} → {answered}", attempt.model_asked)
        }
        _ => attempt.model_asked.clone(),
    }
}

fn then(step: Step) -> String {
    match step {
        Step::Answered => "done".to_owned(),
        Step::Retried(wait) => format!("again after {}", time(wait)),
        Step::MovedOn => "next model".to_owned(),
        Step::GaveUp => "gave up".to_owned(),
    }
}
