//! Table of a trail: one row for each attempt, and one for each skipped endpoint.

use std::fmt;

use super::{Attempt, NextAction, Trail, captioned};
use crate::language::Language;
use crate::words;
use anymodel_display::{Show, Table, UNKNOWN, or_unknown, time};

/// The column with the time to first token in a trail's table.
const FIRST_TOKEN: usize = 4;

impl Trail {
    /// Whether the sandbox answered one of the attempts.
    pub fn is_simulated(&self) -> bool {
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
            words::columns().model(),
            words::columns().result(),
            words::columns().status(),
            words::columns().first_token(),
            words::columns().took(),
            words::columns().tokens(),
            words::columns().cost(),
            words::columns().then(),
        ];
        let what = match self.routed() {
            Some(routed) => words::trail().what_was_tried_by_a_router(&routed),
            None => words::trail().what_was_tried().to_owned(),
        };
        let mut table = Table::new(captioned(&what, self.is_simulated()), columns)
            .right_align(&[0, 3, 4, 5, 6, 7]);
        let skipped = |table: &mut Table, after: usize| {
            for skipped in self.skipped().iter().filter(|one| one.after == after) {
                let mut row = [UNKNOWN; 9].map(str::to_owned);
                row[1] = skipped.model.clone();
                row[2] = words::trail().not_asked().to_owned();
                row[8] = skipped.why.to_string();
                table.push(row);
            }
        };
        skipped(&mut table, 0);
        for (place, attempt) in self.iter().enumerate() {
            let result = attempt.failure.map_or_else(
                || words::columns().answered(),
                |kind| kind.name_in(Language::current()),
            );
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
        NextAction::Answered => words::trail().done().to_owned(),
        NextAction::Retried(wait) => words::trail().again_after(&time(wait)),
        NextAction::MovedOn => words::trail().next_model().to_owned(),
        NextAction::GaveUp => words::trail().gave_up().to_owned(),
    }
}
