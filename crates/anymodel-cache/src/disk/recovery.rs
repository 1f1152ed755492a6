//! Recovery: reads what is readable of a damaged cache file.

use std::path::Path;

use rusqlite::Connection;

use super::rows::{COLUMNS, Record, stored};

/// The readable records of a damaged file: from its beginning up to the first unreadable page, and from its end.
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
