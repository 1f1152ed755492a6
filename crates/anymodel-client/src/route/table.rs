//! Table of a router's statistics for each model.

use std::fmt;

use super::{RouteStatistics, RouterStatistics};
use anymodel_display::{Show, Table, or_unknown, time};
use anymodel_types::{captioned, words};

fn headers() -> [&'static str; 6] {
    let words = words::routes();
    [
        words::columns().model(),
        words::columns().answered(),
        words.success(),
        words.mean_time(),
        words.under_way(),
        words.last_failure(),
    ]
}

impl RouterStatistics {
    /// One row for each model, in the order of the router.
    pub fn table(&self) -> Table {
        let simulated = self.models.iter().any(RouteStatistics::is_simulated);
        let caption = captioned(
            &words::routes().how_the_models_fare(&self.strategy),
            simulated,
        );
        let mut table = Table::new(caption, headers()).right_align(&[1, 2, 3, 4]);
        for one in &self.models {
            table.push([
                one.model.to_string(),
                words::routes().successes_of_requests(&one.successes, &one.requests),
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
        Some(_) => words::routes().left_alone_now(&kind),
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
