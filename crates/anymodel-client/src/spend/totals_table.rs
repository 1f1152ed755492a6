//! Table of a client's usage and cost.

use std::fmt;
use std::time::Duration;

use super::{LatencySummary, ModelTotals, Totals};
use anymodel_display::{Show, Table, UNKNOWN, time};
use anymodel_types::{ErrorKind, Language, captioned, is_simulated, usd, words};

fn headers() -> [&'static str; 9] {
    let words = words::columns();
    [
        words.model(),
        words.calls(),
        words.answered(),
        words.failed(),
        words.tokens(),
        words.cost(),
        words.median(),
        words.p95(),
        words.first_token(),
    ]
}

impl Totals {
    /// One row for each model on each platform, and a total where there are several.
    ///
    /// `≈` marks a cost that is price × usage. Where a reported cost differs by more than a hundredth from price × usage,
    /// the difference follows.
    pub fn table(&self) -> Table {
        let simulated = self.models.iter().any(|row| is_simulated(&row.platform));
        let caption = captioned(words::spending().what_was_spent(), simulated);
        let mut table = Table::new(caption, headers()).right_align(&[1, 2, 4, 5, 6, 7, 8]);
        for row in &self.models {
            table.push([
                format!("{}:{}", row.platform, row.model),
                row.calls.to_string(),
                words::spending().successes_of_attempts(&row.successes, &row.attempts),
                failed(&row.failures, row.cancelled),
                tokens(row.prompt_tokens, row.completion_tokens),
                cost(row),
                span(row.latency, |spread| spread.median),
                span(row.latency, |spread| spread.p95),
                span(row.time_to_first_token, |spread| spread.median),
            ]);
        }
        if self.models.len() > 1 {
            table.push(self.all());
        }
        table
    }

    fn all(&self) -> [String; 9] {
        let sum = |of: fn(&ModelTotals) -> u64| self.models.iter().map(of).sum::<u64>();
        [
            words::columns().all().to_owned(),
            // A call with a fallback counts for two models, so calls cannot be added.
            UNKNOWN.to_owned(),
            words::spending()
                .successes_of_attempts(&sum(|row| row.successes), &sum(|row| row.attempts)),
            sum(|row| row.failed() + row.cancelled).to_string(),
            tokens(
                sum(|row| row.prompt_tokens),
                sum(|row| row.completion_tokens),
            ),
            self.cost().to_string(),
            UNKNOWN.to_owned(),
            UNKNOWN.to_owned(),
            UNKNOWN.to_owned(),
        ]
    }
}

fn failed(failures: &[(ErrorKind, u64)], cancelled: u64) -> String {
    let kinds = failures
        .iter()
        .map(|(kind, count)| (kind.name_in(Language::current()), *count));
    let parts: Vec<String> = kinds
        .chain((cancelled > 0).then_some((words::spending().cancelled(), cancelled)))
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() {
        UNKNOWN.to_owned()
    } else {
        parts.join(", ")
    }
}

fn tokens(sent: u64, received: u64) -> String {
    format!("{sent} → {received}")
}

/// `$0.2`, `≈ $0.1`, or `$0.2 + ≈ $0.1 + ? for 3` when three answers have no known cost; then the difference of
/// the reported part from price × usage.
fn cost(row: &ModelTotals) -> String {
    let mut parts = Vec::new();
    let is_known = row.unpriced < row.successes;
    if !row.reported.is_zero() || (row.estimated.is_zero() && is_known) {
        parts.push(usd(row.reported));
    }
    if !row.estimated.is_zero() {
        parts.push(format!("≈ {}", usd(row.estimated)));
    }
    if is_known && row.unpriced > 0 {
        parts.push(words::spending().unknown_cost_of(&row.unpriced));
    }
    let mut text = if parts.is_empty() {
        UNKNOWN.to_owned()
    } else {
        parts.join(" + ")
    };
    if let Some(difference) = row.difference() {
        let direction = if difference.is_sign_negative() {
            words::spending().below()
        } else {
            words::spending().above()
        };
        text +=
            &words::spending().differs_from_price_times_usage(&usd(difference.abs()), &direction);
    }
    text
}

fn span(spread: Option<LatencySummary>, which: fn(LatencySummary) -> Duration) -> String {
    spread.map_or_else(|| UNKNOWN.to_owned(), |spread| time(which(spread)))
}

impl Show for Totals {
    fn to_html(&self) -> String {
        self.table().to_html()
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}
