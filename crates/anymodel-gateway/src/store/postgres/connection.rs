//! Connection: runs the statements of an operation, each of them prepared once on each connection.

use std::error::Error as _;
use std::fmt::Write as _;
use std::io;

use deadpool_postgres::Transaction;
use futures_util::future::try_join_all;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::store::database::{Database, Dialect, Failure, Row, Value};

/// An open transaction.
pub struct PostgresTransaction<'a>(pub Transaction<'a>);

impl Database for PostgresTransaction<'_> {
    const DIALECT: Dialect = Dialect {
        now: "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        for_update: "FOR UPDATE",
        skip_locked: "FOR UPDATE SKIP LOCKED",
        many_writers: true,
    };

    async fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, Failure> {
        let statement = self.0.prepare_cached(sql).await;
        let statement = statement.map_err(|error| failure(&error))?;
        let found = self.0.query(&statement, &parameters(values)).await;
        rows(found)
    }

    async fn query_each(
        &mut self,
        sql: &str,
        sets: &[Vec<Value>],
    ) -> Result<Vec<Vec<Row>>, Failure> {
        if sets.is_empty() {
            return Ok(Vec::new());
        }
        let statement = self.0.prepare_cached(sql).await;
        let statement = statement.map_err(|error| failure(&error))?;
        // All are sent before the first answer comes, in this order.
        let sent = sets.iter().map(|values| {
            let (transaction, statement) = (&self.0, &statement);
            async move { rows(transaction.query(statement, &parameters(values)).await) }
        });
        try_join_all(sent).await
    }

    async fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, Failure> {
        let statement = self.0.prepare_cached(sql).await;
        let statement = statement.map_err(|error| failure(&error))?;
        let changed = self.0.execute(&statement, &parameters(values)).await;
        changed.map_err(|error| failure(&error))
    }
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

fn rows(found: Result<Vec<tokio_postgres::Row>, Error>) -> Result<Vec<Row>, Failure> {
    let found = found.map_err(|error| failure(&error))?;
    let row = |row: &tokio_postgres::Row| {
        let values = (0..row.len()).map(|column| value(row, column));
        values.collect::<Result<_, Error>>().map(Row)
    };
    let rows = found.iter().map(row).collect::<Result<_, Error>>();
    rows.map_err(|error| failure(&error))
}

fn value(row: &tokio_postgres::Row, column: usize) -> Result<Value, Error> {
    let value = match *row.columns()[column].type_() {
        Type::INT4 => row
            .try_get::<_, Option<i32>>(column)?
            .map(|value| Value::Integer(i64::from(value))),
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(column)?.map(Value::Real),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(column)?.map(Value::Bytes),
        Type::TEXT => row.try_get::<_, Option<String>>(column)?.map(Value::Text),
        _ => row.try_get::<_, Option<i64>>(column)?.map(Value::Integer),
    };
    Ok(value.unwrap_or(Value::Null))
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Integer(value) => value.to_sql(kind, out),
            Value::Real(value) => value.to_sql(kind, out),
            // PostgreSQL knows no character 0, and a row is worth more than it.
            Value::Text(value) if value.contains('\0') => {
                value.replace('\0', "\u{fffd}").to_sql(kind, out)
            }
            Value::Text(value) => value.to_sql(kind, out),
            Value::Bytes(value) => value.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// What went wrong, with its causes; without what the statement was about.
pub fn message(error: &Error) -> String {
    if let Some(refused) = error.as_db_error() {
        return format!("{} ({})", refused.message(), refused.code().code());
    }
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let _ = write!(message, ": {inner}");
        cause = inner.source();
    }
    message
}

/// A failure before the commit. Nothing was done then, so it is done again, when another transaction was met or the
/// connection has ended: the server was started anew.
pub fn failure(error: &Error) -> Failure {
    let ended = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN];
    let is_ended = match error.code() {
        Some(code) => ended.contains(code),
        None => error.is_closed() || error.source().is_some_and(|cause| cause.is::<io::Error>()),
    };
    let met = commit_failure(error);
    Failure {
        again: met.again || is_ended,
        ..met
    }
}

/// A failure of the commit. When the connection has ended it may have been done.
pub fn commit_failure(error: &Error) -> Failure {
    let met = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ];
    Failure {
        again: error.code().is_some_and(|code| met.contains(code)),
        message: format!("the gateway's database failed: {}", message(error)),
    }
}
