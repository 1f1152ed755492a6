//! Ledger report: sums by day, model or label, and questions that were paid for more than once.

use std::path::Path;

use rusqlite::{Connection, Row, params};
use rust_decimal::Decimal;

use super::open;
use super::queries::from_pico;
use crate::spend::record::{ANSWERED, CANCELLED, KILLED};
use crate::spend::{Duplicate, Duplicates, Fingerprint};
use anymodel_types::{Error, ErrorKind, Result, words};

/// Ledger file: a ledger on disk, open for reading, while other processes may write to it.
///
/// ```
/// use anymodel::prelude::*;
/// use anymodel::{LedgerFile, SpendBy};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anymodel::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("anymodel-ledger-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// # let path = folder.join("spend.sqlite");
/// let client = Client::builder().platform("sandbox").ledger(&path).build()?;
/// client.with_label("lesson 11").ask("openai/gpt-4o-mini", "What is recursion?").await?;
///
/// let ledger = LedgerFile::open(&path)?;
/// let rows = ledger.sums(SpendBy::Label, None)?;
/// assert_eq!((rows[0].name.as_str(), rows[0].answered), ("lesson 11", 1));
/// # drop(client);
/// # std::fs::remove_dir_all(folder).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct LedgerFile {
    connection: Connection,
}

/// Grouping of the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpendBy {
    /// The day, from midnight to midnight UTC, in order.
    Day,
    /// The platform and the model that was asked, the dearest first.
    Model,
    /// The label, such as a lesson; the dearest first.
    Label,
}

/// Sum of a group of attempts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SpendRow {
    /// The day (`2026-08-31`), the model (`openrouter:openai/gpt-4o-mini`) or the label; empty without one.
    pub name: String,
    /// Whether it is the sandbox's simulated money.
    pub simulated: bool,
    /// HTTP requests.
    pub attempts: u64,
    /// Whole answers.
    pub answered: u64,
    /// Requests that the caller cancelled.
    pub cancelled: u64,
    /// Requests that were in flight when their process ended. Their cost is not known, so they count as the most that they
    /// may have cost, …
    pub killed: u64,
    /// … which is this, in US dollars: a part of `estimated`.
    pub at_most: Decimal,
    /// Tokens sent, as reported.
    pub prompt_tokens: u64,
    /// Tokens received, as reported.
    pub completion_tokens: u64,
    /// US dollars as platforms reported them.
    pub reported: Decimal,
    /// US dollars by price × tokens, for what was not reported.
    pub estimated: Decimal,
}

impl SpendRow {
    /// Requests that failed.
    pub fn failed(&self) -> u64 {
        self.attempts - self.answered - self.cancelled - self.killed
    }

    /// US dollars, reported and estimated together.
    pub fn cost(&self) -> Decimal {
        self.reported + self.estimated
    }
}

impl LedgerFile {
    /// Opens an existing ledger.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when it does not exist, is damaged, or is another file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let connection = open::open_to_read(path.as_ref())?;
        Ok(LedgerFile { connection })
    }

    /// Sums of all attempts since a day (`2026-08-31`, midnight UTC), or of all.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when the day is invalid or the file cannot be read.
    pub fn sums(&self, by: SpendBy, since: Option<&str>) -> Result<Vec<SpendRow>> {
        let (name, order) = match by {
            SpendBy::Day => ("date(at / 1000, 'unixepoch')", "1, 2"),
            SpendBy::Model => ("platform || ':' || asked", "2, sum(booked) DESC, 1"),
            SpendBy::Label => ("coalesce(label, '')", "2, sum(booked) DESC, 1"),
        };
        let text = format!(
            "SELECT {name}, simulated, count(*),
               count(*) FILTER (WHERE outcome = ?2), count(*) FILTER (WHERE outcome = ?3),
               count(*) FILTER (WHERE outcome = ?4), coalesce(sum(reserved), 0),
               coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0),
               coalesce(sum(reported), 0), coalesce(sum(booked) FILTER (WHERE reported IS NULL), 0)
             FROM attempt WHERE at >= ?1 GROUP BY 1, 2 ORDER BY {order}"
        );
        let since = self.since(since)?;
        self.rows(&text, params![since, ANSWERED, CANCELLED, KILLED], |row| {
            Ok(SpendRow {
                name: row.get(0)?,
                simulated: row.get(1)?,
                attempts: count(row, 2)?,
                answered: count(row, 3)?,
                cancelled: count(row, 4)?,
                killed: count(row, 5)?,
                at_most: from_pico(row.get(6)?),
                prompt_tokens: count(row, 7)?,
                completion_tokens: count(row, 8)?,
                reported: from_pico(row.get(9)?),
                estimated: from_pico(row.get(10)?),
            })
        })
    }

    /// The questions that one model answered more than once for money since a day, or ever.
    ///
    /// # Errors
    /// As [`sums`](Self::sums).
    pub fn duplicates(&self, since: Option<&str>) -> Result<Duplicates> {
        let since = self.since(since)?;
        // The first answer had to be paid for; the others would have come from a cache.
        // Beside one min(…) SQLite returns the other columns of the row that has it.
        let text = "SELECT fingerprint, question, platform, asked, count(*), sum(booked),
               sum(booked) - booked, min(id)
             FROM attempt WHERE at >= ?1 AND outcome = ?2
             GROUP BY fingerprint, platform, asked HAVING count(*) > 1 AND sum(booked) > 0";
        let rows = self.rows(text, params![since, ANSWERED], |row| {
            Ok(Duplicate {
                fingerprint: Fingerprint::from_bytes(row.get(0)?),
                question: row.get(1)?,
                platform: row.get(2)?,
                model: row.get(3)?,
                times: count(row, 4)?,
                cost: from_pico(row.get(5)?),
                wasted: from_pico(row.get(6)?),
            })
        })?;
        Ok(Duplicates::of(rows))
    }

    /// The first millisecond of a day.
    fn since(&self, day: Option<&str>) -> Result<i64> {
        let Some(day) = day else { return Ok(0) };
        let text = "SELECT CASE WHEN date(?1) = ?1 THEN unixepoch(?1) * 1000 END";
        let found: Option<i64> = self
            .connection
            .query_row(text, [day], |row| row.get(0))
            .map_err(unreadable)?;
        found.ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                words::ledgers().is_no_day(&format_args!("{day:?}")),
            )
            .with_hint(words::ledgers().write_it_as_a_date())
        })
    }

    fn rows<T>(
        &self,
        text: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut select = self.connection.prepare(text).map_err(unreadable)?;
        let rows = select.query_map(values, read).map_err(unreadable)?;
        rows.collect::<rusqlite::Result<_>>().map_err(unreadable)
    }
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let count: i64 = row.get(column)?;
    Ok(count.unsigned_abs())
}

fn unreadable(error: rusqlite::Error) -> Error {
    Error::new(
        ErrorKind::Config,
        words::ledgers().ledger_cannot_be_read(&error),
    )
    .with_hint(words::ledgers().next_program_that_writes_there_sets_a_damaged())
}
