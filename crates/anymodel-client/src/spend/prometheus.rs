//! Prometheus exporter: totals in the text exposition format, version 0.0.4.
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>, read in August 2026.

use std::fmt::{Display, Write as _};

use super::LatencySummary;
use super::totals::{ModelTotals, Totals};

impl Totals {
    /// The totals as Prometheus text, to be served as `text/plain; version=0.0.4`.
    ///
    /// Every name begins with `anymodel_` and ends with its unit; each sample carries `platform` and `model`. The platform
    /// of a simulated answer is `sandbox`. The quantiles of times are those of the last 1,024, their sum and count those of
    /// all.
    pub fn prometheus(&self) -> String {
        let mut page = PrometheusPage(String::new());
        let rows = &self.models;
        for (name, help, value) in COUNTERS {
            page.head(name, "counter", help);
            for row in rows {
                page.sample(name, row, &[], value(row));
            }
        }
        let name = "anymodel_failures_total";
        page.head(
            name,
            "counter",
            "HTTP requests that failed, by kind of failure.",
        );
        for row in rows {
            for (kind, count) in &row.failures {
                let kind = kind.as_str().replace(' ', "_");
                page.sample(name, row, &[("kind", &kind)], count);
            }
        }
        let name = "anymodel_cost_dollars_total";
        page.head(
            name,
            "counter",
            "US dollars, as platforms reported them or else estimated as price times usage; of what was cancelled, as far as it was heard.",
        );
        for row in rows {
            page.sample(
                name,
                row,
                &[("source", "reported")],
                row.reported.normalize(),
            );
            page.sample(
                name,
                row,
                &[("source", "estimated")],
                row.estimated.normalize(),
            );
        }
        page.times(
            "anymodel_latency_seconds",
            "Time of a successful attempt, from request to whole answer.",
            rows.iter().map(|row| (row, row.latency)),
        );
        page.times(
            "anymodel_time_to_first_token_seconds",
            "Time to the first token of a streamed answer.",
            rows.iter().map(|row| (row, row.time_to_first_token)),
        );
        page.0
    }
}

type Counter = (&'static str, &'static str, fn(&ModelTotals) -> u64);

const COUNTERS: [Counter; 9] = [
    (
        "anymodel_calls_total",
        "Calls in which the model was asked at least once.",
        |row| row.calls,
    ),
    (
        "anymodel_attempts_total",
        "HTTP requests: successes, failures and cancelled ones.",
        |row| row.attempts,
    ),
    ("anymodel_successes_total", "Whole answers.", |row| {
        row.successes
    }),
    (
        "anymodel_cancelled_total",
        "HTTP requests that the caller gave up.",
        |row| row.cancelled,
    ),
    ("anymodel_prompt_tokens_total", "Tokens sent.", |row| {
        row.prompt_tokens
    }),
    (
        "anymodel_completion_tokens_total",
        "Tokens received, reasoning included.",
        |row| row.completion_tokens,
    ),
    (
        "anymodel_reasoning_tokens_total",
        "The part of the tokens received that was reasoning.",
        |row| row.reasoning_tokens,
    ),
    (
        "anymodel_cached_prompt_tokens_total",
        "The part of the tokens sent that a cache held.",
        |row| row.cached_tokens,
    ),
    (
        "anymodel_unpriced_answers_total",
        "Whole answers whose cost is neither reported nor estimated.",
        |row| row.unpriced,
    ),
];

struct PrometheusPage(String);

impl PrometheusPage {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(
        &mut self,
        name: &str,
        row: &ModelTotals,
        more: &[(&str, &str)],
        value: impl Display,
    ) {
        let _ = write!(
            self.0,
            "{name}{{platform=\"{}\",model=\"{}\"",
            escaped(&row.platform),
            escaped(&row.model)
        );
        for (label, text) in more {
            let _ = write!(self.0, ",{label}=\"{}\"", escaped(text));
        }
        let _ = writeln!(self.0, "}} {value}");
    }

    fn times<'a>(
        &mut self,
        name: &str,
        help: &str,
        rows: impl Iterator<Item = (&'a ModelTotals, Option<LatencySummary>)>,
    ) {
        self.head(name, "summary", help);
        for (row, spread) in rows {
            let Some(spread) = spread else { continue };
            self.sample(
                name,
                row,
                &[("quantile", "0.5")],
                spread.median.as_secs_f64(),
            );
            self.sample(name, row, &[("quantile", "0.95")], spread.p95.as_secs_f64());
            self.sample(&format!("{name}_sum"), row, &[], spread.sum.as_secs_f64());
            self.sample(&format!("{name}_count"), row, &[], spread.count);
        }
    }
}

/// A label's value with backslash, quote and end of line escaped.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
