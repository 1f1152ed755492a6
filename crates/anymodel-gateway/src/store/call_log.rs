//! Call log: its rows, pages of them, and their sums.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::database::{Database, Failure, Operation, Row, Value};
use super::{BudgetAccount, CallFilter, Page, UsageBy, UsageRow};
use crate::model::{Call, Outcome};
use crate::money::Usd;

/// The columns of a call, in the order of [`call_values`] and [`read_call`].
const COLUMNS: &str =
    "id, at, key_id, group_id, route, model, tried, outcome, status, code, prompt_tokens,
    completion_tokens, cached_tokens, cost, seconds, first_token_seconds, unsettled, accounts";

/// How many rows a page has when the caller does not say.
const PAGE: usize = 100;

/// A quarter of an hour, in microseconds. Every zone's days begin at one.
const QUARTER: i64 = 15 * 60 * 1_000_000;

/// The columns of a call. A call that is not settled keeps its accounts, so that it can be released.
pub fn call_values(call: &Call, accounts: Option<&[BudgetAccount]>) -> Result<Vec<Value>, Failure> {
    Ok(vec![
        (&call.id).into(),
        call.at.into(),
        (&call.key).into(),
        call.group.as_ref().into(),
        (&call.route).into(),
        (&call.model).into(),
        Value::json(&call.tried)?,
        call.outcome.as_str().into(),
        call.status.into(),
        call.code.as_ref().into(),
        call.prompt_tokens.into(),
        call.completion_tokens.into(),
        call.cached_tokens.into(),
        call.cost.into(),
        call.seconds.into(),
        call.first_token_seconds.into(),
        call.unsettled.into(),
        accounts.map_or(Ok(Value::Null), |accounts| Value::json(&accounts))?,
    ])
}

/// Writes the row of a call.
pub async fn insert_call<D: Database>(database: &mut D, values: &[Value]) -> Result<(), Failure> {
    let sql = format!(
        "INSERT INTO call_log ({COLUMNS}) VALUES
        ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
    );
    database.execute(&sql, values).await.map(|_| ())
}

fn read_call(row: &Row) -> Result<Call, Failure> {
    Ok(Call {
        id: row.text(0)?,
        at: row.moment(1)?,
        key: row.text(2)?,
        group: row.optional_text(3)?,
        route: row.text(4)?,
        model: row.text(5)?,
        tried: row.json(6)?,
        outcome: outcome(&row.text(7)?)?,
        status: u16::try_from(row.integer(8)?).map_err(Failure::new)?,
        code: row.optional_text(9)?,
        prompt_tokens: row.count(10)?,
        completion_tokens: row.count(11)?,
        cached_tokens: row.count(12)?,
        cost: row.usd(13)?,
        seconds: row.optional_real(14)?.unwrap_or_default(),
        first_token_seconds: row.optional_real(15)?,
        unsettled: row.boolean(16)?,
    })
}

fn outcome(name: &str) -> Result<Outcome, Failure> {
    serde_json::from_value(name.into()).map_err(Failure::new)
}

/// One page of the call log, the newest first.
pub struct Calls {
    pub filter: CallFilter,
}

impl Operation for Calls {
    type Output = Page<Call>;

    async fn run<D: Database>(&self, database: &mut D) -> Result<Page<Call>, Failure> {
        let filter = &self.filter;
        let mut conditions = Conditions::default();
        conditions.add("key_id =", filter.key.as_ref());
        conditions.add("model =", filter.model.as_ref());
        conditions.add("status =", filter.status);
        let answered = filter.only_failed.then_some(Outcome::Ok.as_str());
        conditions.add("outcome <>", answered);
        conditions.add("at >=", filter.from);
        conditions.add("n <", filter.after);
        page(
            database,
            COLUMNS,
            "call_log",
            conditions,
            filter.limit,
            read_call,
        )
        .await
    }
}

/// Conditions of a statement, joined by AND, with their values.
#[derive(Default)]
pub struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition, such as `n <`, if there is a value for it.
    pub fn add(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.values.push(value.into());
            self.texts
                .push(format!("{condition} ${}", self.values.len()));
        }
    }

    fn sql(&self) -> String {
        match self.texts.is_empty() {
            true => String::new(),
            false => format!("WHERE {}", self.texts.join(" AND ")),
        }
    }
}

/// One page of a table whose rows are numbered by `n`, the newest first.
pub async fn page<D: Database, T>(
    database: &mut D,
    columns: &str,
    table: &str,
    mut conditions: Conditions,
    limit: usize,
    read: impl Fn(&Row) -> Result<T, Failure> + Send,
) -> Result<Page<T>, Failure> {
    let limit = if limit == 0 { PAGE } else { limit };
    let filter = conditions.sql();
    // One more row tells whether there is another page.
    conditions.values.push(Value::Integer(
        i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX),
    ));
    let last = conditions.values.len();
    let sql = format!("SELECT {columns}, n FROM {table} {filter} ORDER BY n DESC LIMIT ${last}");
    let found = database.query(&sql, &conditions.values).await?;
    let has_more = found.len() > limit;
    let shown = &found[..found.len().min(limit)];
    let next = match shown.last() {
        Some(row) if has_more => Some(row.integer(row.0.len() - 1)?),
        _ => None,
    };
    let rows = shown.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Page { rows, next })
}

/// Sums of the call log.
pub struct Spend {
    pub by: UsageBy,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    pub zone: String,
}

impl Operation for Spend {
    type Output = Vec<UsageRow>;

    async fn run<D: Database>(&self, database: &mut D) -> Result<Vec<UsageRow>, Failure> {
        let name = match self.by {
            UsageBy::Key => "key_id".to_owned(),
            UsageBy::Group => "COALESCE(group_id, '')".to_owned(),
            UsageBy::Model => "model".to_owned(),
            // Days of a zone have 23 to 25 hours, so the database adds up quarters of an hour.
            UsageBy::Day => format!("CAST(at / {QUARTER} AS TEXT)"),
        };
        let mut conditions = Conditions::default();
        conditions.add("at >=", self.from);
        conditions.add("at <", self.to);
        // The cost in two parts, neither of which can overflow.
        let sql = format!(
            "SELECT {name}, COUNT(*), CAST(SUM(prompt_tokens) AS BIGINT), CAST(SUM(completion_tokens) AS BIGINT),
            CAST(SUM(cost / 1000000) AS BIGINT), CAST(SUM(cost % 1000000) AS BIGINT)
            FROM call_log {} GROUP BY 1",
            conditions.sql()
        );
        let found = database.query(&sql, &conditions.values).await?;
        let zone = TimeZone::get(&self.zone).map_err(Failure::new)?;
        let mut sums = BTreeMap::<String, UsageRow>::new();
        for row in &found {
            let part = read_sums(row)?;
            let name = match self.by {
                UsageBy::Day => day(&part.name, &zone)?,
                _ => part.name.clone(),
            };
            add(
                sums.entry(name.clone()).or_insert_with(|| empty(name)),
                &part,
            );
        }
        Ok(sums.into_values().collect())
    }
}

/// The day of a quarter of an hour, as `2026-12-01`.
fn day(quarter: &str, zone: &TimeZone) -> Result<String, Failure> {
    let quarter: i64 = quarter.parse().map_err(Failure::new)?;
    let moment =
        Timestamp::from_microsecond(quarter.saturating_mul(QUARTER)).map_err(Failure::new)?;
    Ok(zone.to_datetime(moment).date().to_string())
}

fn read_sums(row: &Row) -> Result<UsageRow, Failure> {
    let cost = i128::from(row.integer(4)?) * 1_000_000 + i128::from(row.integer(5)?);
    Ok(UsageRow {
        name: row.text(0)?,
        calls: row.count(1)?,
        prompt_tokens: row.count(2)?,
        completion_tokens: row.count(3)?,
        cost: Usd::from_units(i64::try_from(cost).unwrap_or(i64::MAX)),
    })
}

fn empty(name: String) -> UsageRow {
    UsageRow {
        name,
        calls: 0,
        prompt_tokens: 0,
        completion_tokens: 0,
        cost: Usd::ZERO,
    }
}

fn add(sum: &mut UsageRow, part: &UsageRow) {
    sum.calls = sum.calls.saturating_add(part.calls);
    sum.prompt_tokens = sum.prompt_tokens.saturating_add(part.prompt_tokens);
    sum.completion_tokens = sum.completion_tokens.saturating_add(part.completion_tokens);
    sum.cost = sum.cost + part.cost;
}
