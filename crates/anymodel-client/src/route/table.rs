//! Table of a router's statistics for each model.

use std::fmt;

use super::{RouteStatistics, RouterStatistics};
use anymodel_display::{Show, Table, or_unknown, time};
use anymodel_types::captioned;

const HEADERS: [&str; 6] = [
    "model",
    "answered",
    "success",
    "mean time",
    "under way",
    "last failure",
];

impl RouterStatistics {
    /// One row for each model, in the order of the router.
    pub fn table(&self) -> Table {
        let simulated = self.models.iter().any(RouteStatistics::is_simulated);
        let caption = captioned(
            &format!("How the models fare, {}", self.strategy),
            simulated,
        );
        let mut table = Table::new(caption, HEADERS).right_align(&[1, 2, 3, 4]);
        for one in &self.models {
            table.push([
                one.model.to_string(),
                format!("{} of {}", one.successes, one.requests),
                or_unknown(
                    one.success_rate()
                        .map(|rate| format!("{:.0} %", rate * 100.0)),
                ),
                or_unknown(one.mean_time().map(time)),
                one.in_flight.to_string(),
                last_failure(one),
            ]);
        }
        table
    }
}

fn last_failure(one: &RouteStatistics) -> String {
    let kind = or_unknown(one.last_failure);
    match one.suspended_for() {
        Some(_) => format!("{kind}, left alone now"),
        None => kind,
    }
}

impl Show for RouterStatistics {
    fn to_html(&self) -> String {
        self.table().to_html()
    }
}

impl fmt::Display for RouterStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}
