//! Tables of spending, budgets and duplicates.

use std::fmt;

use rust_decimal::Decimal;

use super::{BudgetStatus, Duplicate, Duplicates, Stats};
#[cfg(feature = "ledger")]
use super::{SpendBy, SpendRow};
use anymodel_display::{Show, Table, UNKNOWN, or_unknown};
use anymodel_types::{captioned, usd, words};

/// The most characters of a question in a table.
const SHOWN: usize = 40;

impl Stats {
    /// The amounts spent and left, and the limits.
    pub fn table(&self) -> Table {
        let caption = captioned(
            words::spending().what_was_spent_and_what_is_left(),
            self.simulated,
        );
        let mut table = Table::new(
            caption,
            [
                "",
                words::spending().spent(),
                words::spending().on_its_way(),
                words::spending().left(),
                words::spending().limit(),
            ],
        )
        .right_align(&[1, 2, 3, 4]);
        table.push([
            words::spending().calls_answers(&self.calls, &self.answers),
            self.cost.to_string(),
            UNKNOWN.to_owned(),
            UNKNOWN.to_owned(),
            UNKNOWN.to_owned(),
        ]);
        if let Some(limit) = self.per_call {
            let [none, one, two] = [UNKNOWN; 3].map(str::to_owned);
            table.push([
                words::spending().one_call().to_owned(),
                none,
                one,
                two,
                usd(limit),
            ]);
        }
        for (name, status) in [
            (words::spending().today_utc(), self.today),
            (words::spending().in_all(), self.total),
        ] {
            if let Some(status) = status {
                table.push(row(name, status));
            }
        }
        table
    }
}

fn row(name: &str, status: BudgetStatus) -> [String; 5] {
    [
        name.to_owned(),
        usd(status.spent),
        usd(status.reserved),
        or_unknown(status.left().map(usd)),
        or_unknown(status.limit.map(usd)),
    ]
}

impl Duplicates {
    /// One row for each duplicate: a question that was paid for more than once.
    pub fn table(&self) -> Table {
        let caption = captioned(
            words::spending().questions_that_were_paid_for_more_than_once(),
            self.is_simulated(),
        );
        let headers = [
            words::spending().question(),
            words::columns().model(),
            words::spending().times(),
            words::spending().paid(),
            words::spending().could_be_saved(),
        ];
        let mut table = Table::new(caption, headers).right_align(&[2, 3, 4]);
        for one in &self.questions {
            table.push([
                name(one),
                format!("{}:{}", one.platform, one.model),
                one.times.to_string(),
                usd(one.cost),
                usd(one.wasted),
            ]);
        }
        if self.questions.len() > 1 {
            let paid: Decimal = self.questions.iter().map(|one| one.cost).sum();
            let times: u64 = self.questions.iter().map(|one| one.times).sum();
            table.push([
                words::columns().all().to_owned(),
                UNKNOWN.to_owned(),
                times.to_string(),
                usd(paid),
                usd(self.wasted()),
            ]);
        }
        table
    }
}

/// The beginning of the question when it was kept, else the beginning of its fingerprint.
fn name(one: &Duplicate) -> String {
    let Some(question) = &one.question else {
        return format!("{:.8}", one.fingerprint);
    };
    let words: Vec<&str> = question.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() > SHOWN {
        line.chars().take(SHOWN - 1).chain(['…']).collect()
    } else {
        line
    }
}

/// Sums of a ledger on disk, with a total where there are several. Simulated answers are separate.
///
/// Made from [`LedgerFile::sums`](crate::LedgerFile::sums); `anymodel spend` prints it.
#[cfg(feature = "ledger")]
pub fn spending(by: SpendBy, rows: &[SpendRow]) -> Table {
    let (first, title) = match by {
        SpendBy::Day => (
            words::spending().day_utc(),
            words::spending().what_was_spent_by_day(),
        ),
        SpendBy::Model => (
            words::columns().model(),
            words::spending().what_was_spent_by_model(),
        ),
        SpendBy::Label => (
            words::spending().label(),
            words::spending().what_was_spent_by_label(),
        ),
    };
    let headers = [
        first,
        words::spending().requests(),
        words::columns().answered(),
        words::columns().failed(),
        words::columns().tokens(),
        words::columns().cost(),
    ];
    let mut table = Table::new(title, headers).right_align(&[1, 2, 3, 4, 5]);
    for row in rows {
        let mut name = if row.name.is_empty() {
            words::spending().none().to_owned()
        } else {
            row.name.clone()
        };
        // A sandbox model's name already says so.
        if row.simulated && by != SpendBy::Model {
            name += words::spending().simulated();
        }
        table.push(cells(name, std::slice::from_ref(row)));
    }
    for simulated in [false, true] {
        let these: Vec<SpendRow> = rows
            .iter()
            .filter(|row| row.simulated == simulated)
            .cloned()
            .collect();
        if these.len() > 1 {
            let name = if simulated {
                words::spending().all_that_was_simulated()
            } else {
                words::columns().all()
            };
            table.push(cells(name.to_owned(), &these));
        }
    }
    table
}

#[cfg(feature = "ledger")]
fn cells(name: String, rows: &[SpendRow]) -> [String; 6] {
    let sum = |of: fn(&SpendRow) -> u64| rows.iter().map(of).sum::<u64>();
    let money = |of: fn(&SpendRow) -> Decimal| rows.iter().map(of).sum::<Decimal>();
    let (reported, estimated) = (money(|row| row.reported), money(|row| row.estimated));
    let mut cost = match (reported.is_zero(), estimated.is_zero()) {
        (_, true) => usd(reported),
        (true, false) => format!("≈ {}", usd(estimated)),
        (false, false) => format!("{} + ≈ {}", usd(reported), usd(estimated)),
    };
    let (killed, at_most) = (sum(|row| row.killed), money(|row| row.at_most));
    if killed > 0 {
        cost += &words::spending().at_most_for_killed(&usd(at_most), &killed);
    }
    [
        name,
        sum(|row| row.attempts).to_string(),
        sum(|row| row.answered).to_string(),
        sum(|row| row.failed() + row.cancelled + row.killed).to_string(),
        format!(
            "{} → {}",
            sum(|row| row.prompt_tokens),
            sum(|row| row.completion_tokens)
        ),
        cost,
    ]
}

impl Show for Stats {
    fn to_html(&self) -> String {
        self.table().to_html()
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Show for Duplicates {
    fn to_html(&self) -> String {
        self.table().to_html()
    }
}

impl fmt::Display for Duplicates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            f.write_str(words::spending().no_question_was_paid_for_twice())
        } else {
            self.table().fmt(f)
        }
    }
}
