//! The rows of the cache's file: one kept answer each, with a checksum.

use std::sync::Arc;
use std::time::SystemTime;

use ring::digest::{Context, SHA256};
use rusqlite::{Connection, Row, params};

use crate::answer::CachedAnswer;
use crate::key::CacheKey;
use crate::store::RowId;

/// About the bytes of a row beside its texts.
const ROW: usize = 100;
/// The columns that [`stored`] reads.
pub(super) const COLUMNS: &str = "id, request, context, question, answer, kept, checksum";

/// One kept answer.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub key: CacheKey,
    pub answer: Arc<CachedAnswer>,
    /// Seconds since 1970.
    pub kept: u64,
}

/// A record in the file, and about how many bytes it takes.
pub(crate) struct Stored {
    pub record: Record,
    pub row: RowId,
    pub bytes: usize,
}

/// The outcome of adding a record.
pub(crate) struct Added {
    /// What other processes have written since the last look.
    pub news: News,
    pub row: RowId,
    pub bytes: usize,
}

/// News: what other processes have done since the last look.
#[derive(Default)]
pub(crate) struct News {
    /// All earlier answers were forgotten.
    pub cleared: bool,
    pub added: Vec<Stored>,
    /// Rows that cannot be read.
    pub damaged: usize,
}

/// Last known state of the file: the last row, the number of clears, and the version of the data, which changes with each
/// write of another connection.
pub(super) type FileState = (i64, i64, i64);
/// The state before the first look.
pub(super) const UNKNOWN: FileState = (0, 0, -1);

pub(super) fn read_news(
    moment: &Connection,
    known: FileState,
) -> rusqlite::Result<(News, FileState)> {
    let (last, clears, data) = known;
    let version = data_version(moment)?;
    if version == data {
        return Ok((News::default(), known));
    }
    let clears_now: i64 = moment
        .prepare_cached("SELECT clears FROM state")?
        .query_row([], |row| row.get(0))?;
    let mut news = News {
        // A file that was never read has nothing to forget.
        cleared: clears_now != clears && last > 0,
        ..News::default()
    };
    let mut known = (last, clears_now, version);
    let mut statement = moment.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM answer WHERE id > ?1 ORDER BY id"
    ))?;
    let mut rows = statement.query([last])?;
    while let Some(row) = rows.next()? {
        known.0 = row.get(0)?;
        match stored(row) {
            Some(stored) => news.added.push(stored),
            None => news.damaged += 1,
        }
    }
    Ok((news, known))
}

pub(super) fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached("PRAGMA data_version")?;
    statement.query_row([], |row| row.get(0))
}

/// A row, if its checksum is right.
pub(super) fn stored(row: &Row<'_>) -> Option<Stored> {
    let (request, checksum): (Vec<u8>, Vec<u8>) = (row.get(1).ok()?, row.get(6).ok()?);
    let key = CacheKey {
        context: row.get(2).ok()?,
        question: row.get(3).ok()?,
    };
    let (answer, kept): (String, i64) = (row.get(4).ok()?, row.get(5).ok()?);
    if request != request_digest(&key) || checksum != row_checksum(&request, &answer, kept) {
        return None;
    }
    let bytes = key.context.len() + key.question.len() + answer.len() + ROW;
    let record = Record {
        key,
        answer: Arc::new(serde_json::from_str(&answer).ok()?),
        kept: kept.try_into().ok()?,
    };
    let row = RowId(row.get(0).ok()?);
    Some(Stored { record, row, bytes })
}

/// The id of the next row: larger than those of all earlier rows, whichever were deleted since.
pub(super) fn next_row(last: i64) -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = since.unwrap_or_default().as_micros();
    i64::try_from(now).unwrap_or(0).max(last + 1)
}

/// Adds a record in place of an earlier one of the same request; returns about how many bytes it takes.
pub(super) fn insert(
    transaction: &Connection,
    record: &Record,
    row: i64,
) -> rusqlite::Result<usize> {
    let Record { key, answer, kept } = record;
    let answer = serde_json::to_string(&**answer)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let kept = i64::try_from(*kept).unwrap_or(i64::MAX);
    let request = request_digest(key);
    let checksum = row_checksum(&request, &answer, kept);
    let mut statement = transaction.prepare_cached(
        "INSERT OR REPLACE INTO answer (id, request, context, question, answer, kept, checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    statement.execute(params![
        row,
        request,
        key.context,
        key.question,
        answer,
        kept,
        checksum
    ])?;
    Ok(key.context.len() + key.question.len() + answer.len() + ROW)
}

fn request_digest(key: &CacheKey) -> Vec<u8> {
    digest(&[key.context.as_bytes(), &[0], key.question.as_bytes()])
}

fn row_checksum(request: &[u8], answer: &str, kept: i64) -> Vec<u8> {
    digest(&[request, &kept.to_le_bytes(), answer.as_bytes()])
}

/// The first half of a SHA-256.
fn digest(parts: &[&[u8]]) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish().as_ref()[..16].to_vec()
}
