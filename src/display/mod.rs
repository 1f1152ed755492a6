//! What people see: tables, cards, charts and diagrams.
//!
//! Each shows in three ways from the same values: as text in a terminal, as HTML in a notebook, and as the notebook's
//! text twin for front ends (and readers) without HTML. Nothing depends on colour.
//!
//! - [`Table`]: any rows; drawn by `tabled` in a terminal
//! - [`BarChart`]: a few values side by side
//! - [`Diagram`]: the N × M problem
//! - [`wrap`]: long text in a narrow column
//! - this file: how replies, trails and comparisons become these

mod chart;
mod diagram;
mod table;
mod wrap;

use std::fmt;
use std::time::Duration;

pub use chart::BarChart;
pub use diagram::Diagram;
pub use table::Table;

use crate::chat::{FinishReason, Reply};
use crate::compare::{Comparison, Contestant};
use crate::config::SANDBOX;
use crate::failure::ErrorKind;
use crate::output::{self, escape, harmless};
use crate::trail::{Attempt, Step, Trail};
use crate::usage::usd;

/// Something that has a picture besides its text.
pub trait Show: fmt::Display {
    /// The picture as HTML, every foreign text in it escaped.
    fn to_html(&self) -> String;

    /// Called by the notebook kernel for the last value of a cell.
    #[doc(hidden)]
    fn evcxr_display(&self) {
        output::show(&self.to_html(), &self.to_string());
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
    if output::is_notebook() {
        value.evcxr_display();
    } else {
        println!("{value}");
    }
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

fn or_unknown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

impl Reply {
    /// One line about the answer: who answered, on which platform, tokens, cost, time.
    pub fn summary(&self) -> String {
        let mut parts = vec![self.model.clone()];
        parts.push(match self.platform.as_str() {
            SANDBOX => SIMULATED.to_owned(),
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
            "<p style=\"white-space:pre-wrap\">{}</p><p><small>{}</small></p>",
            escape(&self.text),
            escape(&self.summary())
        )
    }

    fn evcxr_display(&self) {
        let text = format!("{}\n[{}]", self.text, self.summary());
        output::show(&self.to_html(), &text);
    }
}

impl Trail {
    fn is_simulated(&self) -> bool {
        self.iter().any(|attempt| attempt.platform == SANDBOX)
    }

    /// What was tried, as a table: one row for each HTTP attempt.
    pub fn table(&self) -> Table {
        let mut table = Table::new(
            captioned("What was tried", self.is_simulated()),
            [
                "#", "model", "result", "status", "took", "tokens", "cost", "then",
            ],
        )
        .right_align(&[0, 3, 4, 5, 6]);
        for (place, attempt) in self.iter().enumerate() {
            table.push([
                (place + 1).to_string(),
                asked_and_answered(attempt),
                attempt
                    .failure
                    .map_or("answered", ErrorKind::as_str)
                    .to_owned(),
                or_unknown(attempt.status),
                time(attempt.duration),
                or_unknown(attempt.usage.map(|usage| usage.total_tokens)),
                or_unknown(attempt.cost.map(usd)),
                then(attempt.next),
            ]);
        }
        table
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

impl Comparison {
    fn is_simulated(&self) -> bool {
        self.contestants
            .iter()
            .any(|contestant| match &contestant.result {
                Ok(reply) => reply.trail.is_simulated(),
                Err(error) => error.trail().is_simulated(),
            })
    }

    /// Every model's answer or failure, as a table.
    pub fn table(&self) -> Table {
        let mut table = Table::new(
            captioned(&self.prompt, self.is_simulated()),
            ["model", "answer", "tokens", "cost", "time"],
        )
        .right_align(&[2, 3, 4]);
        for contestant in self {
            table.push(row(contestant));
        }
        table
    }

    /// How long each answer took, as bars.
    pub fn latency_chart(&self) -> BarChart {
        self.replies().fold(
            BarChart::new(captioned("Time to the whole answer", self.is_simulated())),
            |chart, reply| {
                chart.bar(
                    &reply.model,
                    reply.latency.as_secs_f64(),
                    time(reply.latency),
                )
            },
        )
    }

    /// What each answer cost, as bars. Models whose cost is not known are left out.
    pub fn cost_chart(&self) -> BarChart {
        use rust_decimal::prelude::ToPrimitive;
        self.replies()
            .filter_map(|reply| Some((reply, reply.cost?)))
            .fold(
                BarChart::new(captioned(
                    "Cost of the answer in US dollars",
                    self.is_simulated(),
                )),
                |chart, (reply, cost)| {
                    chart.bar(&reply.model, cost.to_f64().unwrap_or(0.0), usd(cost))
                },
            )
    }
}

impl Show for Comparison {
    fn to_html(&self) -> String {
        self.table().to_html()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

fn row(contestant: &Contestant) -> [String; 5] {
    let latency = time(contestant.latency);
    match &contestant.result {
        Ok(reply) => [
            reply.model.clone(),
            reply.text.clone(),
            or_unknown(reply.usage.map(|usage| usage.total_tokens)),
            or_unknown(reply.cost.map(usd)),
            latency,
        ],
        Err(error) => [
            contestant.model.clone(),
            format!("failed: {}", error.kind()),
            UNKNOWN.to_owned(),
            UNKNOWN.to_owned(),
            latency,
        ],
    }
}
