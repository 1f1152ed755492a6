//! Files of the cache that were damaged, or written by an earlier version.

use std::path::Path;

use rusqlite::Connection;

use super::rows::{COLUMNS, Record, stored};
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::sqlite::{RepairLock, begins_with, sibling};

/// What files of earlier versions begin with, which were no databases.
const OLD_FORMAT: &[u8] = b"anymodel answers ";

/// What can be read of a damaged file: from its beginning up to the first page that cannot, and from its end.
pub(super) fn salvage(path: &Path) -> Vec<Record> {
    let mut records: Vec<(i64, Record)> = Vec::new();
    let Ok(connection) = Connection::open(path) else {
        return Vec::new();
    };
    for order in ["ASC", "DESC"] {
        let _ = connection
            .prepare(&format!(
                "SELECT {COLUMNS} FROM answer NOT INDEXED ORDER BY id {order}"
            ))
            .and_then(|mut statement| {
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    let found = stored(row).map(|stored| (stored.row.0, stored.record));
                    records.extend(found);
                }
                Ok(())
            });
    }
    records.sort_by_key(|(row, _)| *row);
    records.dedup_by_key(|(row, _)| *row);
    records.into_iter().map(|(_, record)| record).collect()
}

/// A file of an earlier version is kept under another name; gives what is to be told of it.
pub(super) fn set_old_format_aside(path: &Path) -> Result<Option<String>> {
    let is_old = || begins_with(path, OLD_FORMAT.len() as u64) == OLD_FORMAT;
    if !is_old() {
        return Ok(None);
    }
    // Only one process sets it aside: the second one finds a new file.
    let _lock = RepairLock::take(path);
    if !is_old() {
        return Ok(None);
    }
    let names = (1..).map(|number| match number {
        1 => ".old".to_owned(),
        _ => format!(".old-{number}"),
    });
    let mut names = names.map(|end| sibling(path, &end));
    let kept = names
        .find(|kept| !kept.exists())
        .unwrap_or_else(|| sibling(path, ".old"));
    std::fs::rename(path, &kept).map_err(|error| {
        let what = format!(
            "the file of answers {} was written by an earlier version of anymodel, and cannot be renamed: {error}",
            path.display()
        );
        Error::new(ErrorKind::Config, what).with_hint("move it away by hand")
    })?;
    Ok(Some(format!(
        "the file of answers {} was written by an earlier version of anymodel; it is kept as {}, and a new one begins",
        path.display(),
        kept.display()
    )))
}
