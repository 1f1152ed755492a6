//! Database: what SQLite and PostgreSQL have in common, so that each operation of the store is written once.
//!
//! Both speak the same SQL, with placeholders `$1`, `$2`, …; what differs is in [`Dialect`]. Whole numbers have 64 bits, a
//! boolean is 0 or 1, a moment is a number of microseconds since 1970, and an amount of money of 10⁻¹² dollars.

use std::fmt;
use std::future::Future;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use crate::money::Usd;

/// What is written differently in SQLite and in PostgreSQL.
#[derive(Debug)]
pub struct Dialect {
    /// The present moment in milliseconds since 1970, by the one clock that all processes share.
    pub now: &'static str,
    /// Locks the selected rows until the transaction ends. SQLite has one writer at a time, and needs none.
    pub for_update: &'static str,
    /// The same, but passes over rows that another transaction has locked.
    pub skip_locked: &'static str,
    /// Whether several transactions write at the same time.
    pub many_writers: bool,
}

/// A connection within a transaction.
pub trait Database: Send {
    /// How this database writes what differs.
    const DIALECT: Dialect;

    /// Runs one statement, and returns its rows.
    fn query(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> impl Future<Output = Result<Vec<Row>, Failure>> + Send;

    /// Runs one statement, once for each set of values, and returns the rows of each.
    fn query_each(
        &mut self,
        sql: &str,
        sets: &[Vec<Value>],
    ) -> impl Future<Output = Result<Vec<Vec<Row>>, Failure>> + Send;

    /// Runs one statement, and returns how many rows it has changed.
    fn execute(
        &mut self,
        sql: &str,
        values: &[Value],
    ) -> impl Future<Output = Result<u64, Failure>> + Send;
}

/// An operation of the store: all of it or nothing, in one transaction. One that is refused has written nothing before.
pub trait Operation: Send + Sync + 'static {
    /// What it returns.
    type Output: Send + 'static;

    /// Runs it within a transaction.
    fn run<D: Database>(
        &self,
        database: &mut D,
    ) -> impl Future<Output = Result<Self::Output, Failure>> + Send;
}

/// A database with its connections.
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Runs an operation in a transaction that writes.
    fn write<O: Operation>(
        &self,
        operation: O,
    ) -> impl Future<Output = Result<O::Output, Failure>> + Send + 'static;

    /// Runs an operation that only reads; all its statements see one moment.
    fn read<O: Operation>(
        &self,
        operation: O,
    ) -> impl Future<Output = Result<O::Output, Failure>> + Send + 'static;
}

/// Why an operation failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What happened, without secrets.
    pub message: String,
    /// Whether the transaction met another one, and may be run again at once.
    pub again: bool,
}

impl Failure {
    /// A failure that the same operation would meet again.
    pub fn new(message: impl fmt::Display) -> Self {
        Failure {
            message: message.to_string(),
            again: false,
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        StoreError {
            message: failure.message,
        }
    }
}

/// A value of a column or of a placeholder.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Value {
    /// As JSON.
    pub fn json(value: &impl Serialize) -> Result<Value, Failure> {
        serde_json::to_string(value)
            .map(Value::Text)
            .map_err(Failure::new)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Value::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<u16> for Value {
    fn from(value: u16) -> Self {
        Value::Integer(i64::from(value))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Integer(i64::from(value))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Real(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Value::Text(value.clone())
    }
}

impl From<&[u8; 32]> for Value {
    fn from(value: &[u8; 32]) -> Self {
        Value::Bytes(value.to_vec())
    }
}

impl From<Usd> for Value {
    fn from(value: Usd) -> Self {
        Value::Integer(value.units())
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Value::Integer(value.as_microsecond())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// A row of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub Vec<Value>);

impl Row {
    fn wrong(&self, column: usize, what: &str) -> Failure {
        Failure::new(format_args!(
            "the gateway's database holds no {what} in column {column} of a row"
        ))
    }

    /// A whole number.
    pub fn integer(&self, column: usize) -> Result<i64, Failure> {
        self.optional_integer(column)?
            .ok_or_else(|| self.wrong(column, "whole number"))
    }

    /// A whole number, or nothing.
    pub fn optional_integer(&self, column: usize) -> Result<Option<i64>, Failure> {
        match self.0.get(column) {
            Some(Value::Integer(value)) => Ok(Some(*value)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.wrong(column, "whole number")),
        }
    }

    /// A count.
    pub fn count(&self, column: usize) -> Result<u64, Failure> {
        Ok(self.integer(column)?.unsigned_abs())
    }

    /// A boolean.
    pub fn boolean(&self, column: usize) -> Result<bool, Failure> {
        Ok(self.integer(column)? != 0)
    }

    /// An amount of money.
    pub fn usd(&self, column: usize) -> Result<Usd, Failure> {
        self.integer(column).map(Usd::from_units)
    }

    /// A moment.
    pub fn moment(&self, column: usize) -> Result<Timestamp, Failure> {
        self.optional_moment(column)?
            .ok_or_else(|| self.wrong(column, "moment"))
    }

    /// A moment, or nothing.
    pub fn optional_moment(&self, column: usize) -> Result<Option<Timestamp>, Failure> {
        let moment = self
            .optional_integer(column)?
            .map(Timestamp::from_microsecond);
        moment.transpose().map_err(Failure::new)
    }

    /// A number, or nothing.
    pub fn optional_real(&self, column: usize) -> Result<Option<f64>, Failure> {
        match self.0.get(column) {
            Some(Value::Real(value)) => Ok(Some(*value)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.wrong(column, "number")),
        }
    }

    /// A text.
    pub fn text(&self, column: usize) -> Result<String, Failure> {
        self.optional_text(column)?
            .ok_or_else(|| self.wrong(column, "text"))
    }

    /// A text, or nothing.
    pub fn optional_text(&self, column: usize) -> Result<Option<String>, Failure> {
        match self.0.get(column) {
            Some(Value::Text(value)) => Ok(Some(value.clone())),
            Some(Value::Null) => Ok(None),
            _ => Err(self.wrong(column, "text")),
        }
    }

    /// A value that stands there as JSON.
    pub fn json<T: DeserializeOwned>(&self, column: usize) -> Result<T, Failure> {
        match self.0.get(column) {
            Some(Value::Text(text)) => serde_json::from_str(text).map_err(Failure::new),
            _ => Err(self.wrong(column, "JSON")),
        }
    }

    /// A hash of 32 bytes, or nothing.
    pub fn optional_hash(&self, column: usize) -> Result<Option<[u8; 32]>, Failure> {
        match self.0.get(column) {
            Some(Value::Bytes(bytes)) => match bytes.as_slice().try_into() {
                Ok(hash) => Ok(Some(hash)),
                Err(_) => Err(self.wrong(column, "hash")),
            },
            Some(Value::Null) => Ok(None),
            _ => Err(self.wrong(column, "hash")),
        }
    }
}
