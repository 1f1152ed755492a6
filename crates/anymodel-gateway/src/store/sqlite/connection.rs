//! Connection: runs the statements of an operation, each of them prepared once.

use std::future::{Future, ready};

use futures_util::FutureExt;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode, ToSql};

use crate::store::database::{Database, Dialect, Failure, Operation, Row, Value};

/// Statements that are kept prepared.
const STATEMENTS: usize = 64;

/// A connection to the file.
#[derive(Debug)]
pub struct SqliteConnection(Connection);

impl SqliteConnection {
    pub fn new(connection: Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        SqliteConnection(connection)
    }

    /// How long a statement waits for other processes.
    pub fn wait_at_most(&self, span: std::time::Duration) -> Result<(), Failure> {
        self.0.busy_timeout(span).map_err(failure)
    }

    /// Runs a statement that has neither values nor rows.
    pub fn batch(&self, sql: &str) -> Result<(), Failure> {
        let mut statement = self.0.prepare_cached(sql).map_err(failure)?;
        statement.raw_execute().map(|_| ()).map_err(failure)
    }

    /// Whether no transaction is open: after the gravest errors SQLite rolls back by itself.
    pub fn is_idle(&self) -> bool {
        self.0.is_autocommit()
    }

    /// Runs an operation within the open transaction. Nothing in it waits, as each statement is done when it returns.
    pub fn run<O: Operation>(&mut self, operation: &O) -> Result<O::Output, Failure> {
        let done = operation.run(self).now_or_never();
        done.unwrap_or_else(|| Err(Failure::new("an operation on SQLite waited for something")))
    }

    fn rows(&self, sql: &str, values: &[Value]) -> rusqlite::Result<Vec<Row>> {
        let mut statement = self.0.prepare_cached(sql)?;
        let columns = statement.column_count();
        bind(&mut statement, values)?;
        let mut found = statement.raw_query();
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let cells = (0..columns).map(|column| row.get_ref(column).map(value));
            rows.push(Row(cells.collect::<rusqlite::Result<_>>()?));
        }
        Ok(rows)
    }
}

/// Binds each placeholder `$n` to the n-th value.
fn bind(statement: &mut CachedStatement<'_>, values: &[Value]) -> rusqlite::Result<()> {
    for index in 1..=statement.parameter_count() {
        let name = statement.parameter_name(index).unwrap_or_default();
        let number: usize = name.trim_start_matches('$').parse().unwrap_or(0);
        let value = number.checked_sub(1).and_then(|at| values.get(at));
        let value = value.ok_or(rusqlite::Error::InvalidParameterName(name.to_owned()))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

impl Database for SqliteConnection {
    const DIALECT: Dialect = Dialect {
        now: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
        for_update: "",
        skip_locked: "",
        many_writers: false,
    };

    fn query(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> impl Future<Output = Result<Vec<Row>, Failure>> + Send {
        ready(self.rows(sql, values).map_err(failure))
    }

    fn query_each(
        &mut self,
        sql: &str,
        sets: &[Vec<Value>],
    ) -> impl Future<Output = Result<Vec<Vec<Row>>, Failure>> + Send {
        let rows = sets.iter().map(|values| self.rows(sql, values));
        ready(rows.collect::<rusqlite::Result<_>>().map_err(failure))
    }

    fn execute(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> impl Future<Output = Result<u64, Failure>> + Send {
        let changed = self.rows(sql, values).map(|_| self.0.changes());
        ready(changed.map_err(failure))
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(value) => ValueRef::Integer(*value),
            Value::Real(value) => ValueRef::Real(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Integer(value),
        ValueRef::Real(value) => Value::Real(value),
        ValueRef::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned()),
        ValueRef::Blob(value) => Value::Bytes(value.to_vec()),
    }
}

fn failure(error: rusqlite::Error) -> Failure {
    Failure {
        again: error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy),
        message: format!("the gateway's database failed: {error}"),
    }
}
