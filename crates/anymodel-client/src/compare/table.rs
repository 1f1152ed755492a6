//! Comparison display: a table that fills as models answer, and bar charts.

use std::fmt;

use super::{Compare, Comparison, ModelOutcome};
use anymodel_display::{BarChart, Show, Table, UNKNOWN, live, or_unknown, time};
use anymodel_types::{captioned, usd, words};

fn headers() -> [&'static str; 5] {
    let words = words::columns();
    [
        words.model(),
        words.answer(),
        words.tokens(),
        words.cost(),
        words.time(),
    ]
}

impl Compare {
    /// Runs the comparison as `.await` does, and shows a live table: a row says "waiting…" until its model has finished.
    ///
    /// The last state equals the output of [`show`](anymodel_display::show), so it need not be shown again. Where output cannot change
    /// in place, only the last state is shown: on evcxr's own kernel, and when output goes to a file.
    ///
    /// ```
    /// # use anymodel::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anymodel::Result<()> {
    /// # let client = Client::sandbox()?;
    /// let comparison = client.compare(["openai/gpt-4o-mini", "sandbox/down"], "Hello").live().await;
    /// assert_eq!(comparison.replies().count(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn live(self) -> Comparison {
        let caption = captioned(self.prompt(), self.is_simulated());
        let mut rows: Vec<_> = self.models().iter().map(|model| waiting(model)).collect();
        let mut shown = live(&table(&caption, &rows));
        let comparison = self
            .watch(|place, contestant| {
                rows[place] = row(contestant);
                shown.update(&table(&caption, &rows));
            })
            .await;
        shown.update(&comparison);
        comparison
    }
}

fn table(caption: &str, rows: &[[String; 5]]) -> Table {
    let mut table = Table::new(caption, headers()).right_align(&[2, 3, 4]);
    for row in rows {
        table.push(row.clone());
    }
    table
}

fn waiting(model: &str) -> [String; 5] {
    [
        model,
        words::comparisons().waiting(),
        UNKNOWN,
        UNKNOWN,
        UNKNOWN,
    ]
    .map(str::to_owned)
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

    /// A table with every model's answer or failure.
    pub fn table(&self) -> Table {
        let rows: Vec<_> = self.into_iter().map(row).collect();
        table(&captioned(&self.prompt, self.is_simulated()), &rows)
    }

    /// A bar chart of the latency of each answer.
    pub fn latency_chart(&self) -> BarChart {
        self.replies().fold(
            BarChart::new(captioned(
                words::comparisons().time_to_the_whole_answer(),
                self.is_simulated(),
            )),
            |chart, reply| {
                chart.bar(
                    &reply.model,
                    reply.latency.as_secs_f64(),
                    time(reply.latency),
                )
            },
        )
    }

    /// A bar chart of the cost of each answer. Models whose cost is not known are left out.
    pub fn cost_chart(&self) -> BarChart {
        use rust_decimal::prelude::ToPrimitive;
        self.replies()
            .filter_map(|reply| Some((reply, reply.cost?)))
            .fold(
                BarChart::new(captioned(
                    words::comparisons().cost_of_the_answer_in_us_dollars(),
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

fn row(contestant: &ModelOutcome) -> [String; 5] {
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
            words::comparisons().failed(&error.kind()),
            UNKNOWN.to_owned(),
            UNKNOWN.to_owned(),
            latency,
        ],
    }
}
