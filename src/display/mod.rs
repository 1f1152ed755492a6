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
//! - [`Models`](crate::model::Models), and their recommendations, statistics, prices and availability
//! - [`Reply`], [`Trail`], [`Comparison`](crate::Comparison) and [`RouterStatistics`](crate::RouterStatistics)
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

mod caches;
mod comparison;
mod models;
mod platforms;
mod routes;
mod spending;
mod stream;
mod totals;

use std::fmt;
use std::time::Duration;

pub use anymodel_display::{
    BarChart, Diagram, LiveDisplay, Progress, Show, StreamingText, Table, clear, live, show,
};
pub use platforms::platforms;
#[cfg(feature = "ledger")]
pub use spending::spending;
pub use stream::stream;

use crate::chat::{FinishReason, Reply};
use crate::failure::ErrorKind;
use crate::trail::{Attempt, NextAction, Trail, is_simulated};
use anymodel_display::output::{escape, sanitize};
use anymodel_display::paragraph;

/// Formats a span of time: `420 ms`, `1.2 s`.
pub(crate) fn time(span: Duration) -> String {
    match span.as_secs_f64() {
        seconds if seconds < 0.9995 => format!("{:.0} ms", seconds * 1000.0),
        seconds => format!("{seconds:.1} s"),
    }
}

const UNKNOWN: &str = "–";
const SIMULATED: &str = "sandbox (simulated)";

/// A title that marks simulated results.
fn captioned(title: &str, simulated: bool) -> String {
    if simulated {
        format!("{title} · {SIMULATED}")
    } else {
        title.to_owned()
    }
}

fn or_unknown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

impl Reply {
    /// One line about the answer: model, platform, tokens, cost, time.
    pub fn summary(&self) -> String {
        let mut parts = vec![self.model.clone()];
        parts.push(match self.platform.split_once(':') {
            _ if self.platform == "sandbox" => SIMULATED.to_owned(),
            Some((_, played)) if is_simulated(&self.platform) => format!("{played}, {SIMULATED}"),
            _ => self.platform.clone(),
        });
        if let Some(usage) = self.usage {
            parts.push(format!("{} tokens", usage.total_tokens));
        }
        if let Some(cost) = self.spent() {
            parts.push(cost.to_string());
        }
        if let Some(cached) = &self.cached {
            parts.push(format!("not asked: {cached}"));
        }
        parts.push(time(self.latency));
        match &self.finish_reason {
            Some(reason @ (FinishReason::Length | FinishReason::ContentFilter)) => {
                parts.push(format!("cut short: {reason}"));
            }
            Some(FinishReason::Other(word)) => parts.push(format!("not at its end: {word}")),
            _ => {}
        }
        sanitize(&parts.join(" · ")).into_owned()
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

/// The column with the time to first token in a trail's table.
const FIRST_TOKEN: usize = 4;

impl Trail {
    fn is_simulated(&self) -> bool {
        self.iter().any(Attempt::is_simulated)
    }

    /// The trail as a table: one row for each HTTP attempt, and one for each skipped endpoint. For a streamed answer it
    /// contains the time to first token, too.
    pub fn table(&self) -> Table {
        let streamed = self
            .iter()
            .any(|attempt| attempt.time_to_first_token.is_some());
        let first = self.iter().next().map(|attempt| &attempt.platform);
        let several = self.iter().any(|attempt| Some(&attempt.platform) != first);
        let columns = [
            "#",
            "model",
            "result",
            "status",
            "first token",
            "took",
            "tokens",
            "cost",
            "then",
        ];
        let what = match self.routed() {
            Some(routed) => format!("What was tried, {routed}"),
            None => "What was tried".to_owned(),
        };
        let mut table = Table::new(captioned(&what, self.is_simulated()), columns)
            .right_align(&[0, 3, 4, 5, 6, 7]);
        let skipped = |table: &mut Table, after: usize| {
            for skipped in self.skipped().iter().filter(|one| one.after == after) {
                let mut row = [UNKNOWN; 9].map(str::to_owned);
                row[1] = skipped.model.clone();
                row[2] = "not asked".to_owned();
                row[8] = skipped.why.to_string();
                table.push(row);
            }
        };
        skipped(&mut table, 0);
        for (place, attempt) in self.iter().enumerate() {
            let result = attempt.failure.map_or("answered", ErrorKind::as_str);
            table.push([
                (place + 1).to_string(),
                asked_and_answered(attempt, several),
                result.to_owned(),
                or_unknown(attempt.status),
                or_unknown(attempt.time_to_first_token.map(time)),
                time(attempt.duration),
                or_unknown(attempt.usage.map(|usage| usage.total_tokens)),
                or_unknown(attempt.spent()),
                then(attempt.next),
            ]);
            skipped(&mut table, place + 1);
        }
        if streamed {
            table
        } else {
            table.without(FIRST_TOKEN)
        }
    }
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

/// The model, with its platform when the chain contains several platforms.
fn asked_and_answered(attempt: &Attempt, several_platforms: bool) -> String {
    let platform = if several_platforms {
        format!("{}: ", attempt.platform)
    } else {
        String::new()
    };
    let asked = &attempt.model_asked;
    match &attempt.model_answered {
        Some(answered) if answered != asked => format!("{platform}{asked} → {answered}"),
        _ => format!("{platform}{asked}"),
    }
}

fn then(step: NextAction) -> String {
    match step {
        NextAction::Answered => "done".to_owned(),
        NextAction::Retried(wait) => format!("again after {}", time(wait)),
        NextAction::MovedOn => "next model".to_owned(),
        NextAction::GaveUp => "gave up".to_owned(),
    }
}
