//! Ledger file: its tables, and how it is opened.

use std::path::Path;

use rusqlite::Connection;

use anymodel_display::output;
use anymodel_sqlite::{FileKind, Opened, QuarantineReason, QuarantinedFile};
use anymodel_types::{Result, words};

/// Amounts are integers in units of 10⁻¹² US dollars; times milliseconds since 1970, spans microseconds.
const LEDGER: FileKind = FileKind {
    name: || words::ledgers().ledger(),
    // "anym"
    application_id: 0x616e_796d,
    migrations: &["
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  platform TEXT NOT NULL,
  asked TEXT NOT NULL,
  answered TEXT,
  label TEXT,
  simulated INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  status INTEGER,
  prompt_tokens INTEGER,
  completion_tokens INTEGER,
  reasoning_tokens INTEGER,
  cached_tokens INTEGER,
  reported INTEGER,
  estimate INTEGER,
  booked INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  duration INTEGER NOT NULL,
  first_token INTEGER,
  fingerprint BLOB NOT NULL,
  question TEXT
);
CREATE TABLE spent (
  day INTEGER NOT NULL,
  simulated INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (day, simulated)
) WITHOUT ROWID;
CREATE TABLE owner (id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE reservation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner INTEGER NOT NULL,
  at INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  simulated INTEGER NOT NULL,
  platform TEXT NOT NULL,
  asked TEXT NOT NULL,
  label TEXT,
  fingerprint BLOB NOT NULL
);
"],
    probe: "SELECT 1 FROM attempt, spent, owner, reservation LIMIT 0",
    old_format: None,
};

/// Opens a ledger for writing, or creates it. A damaged one is set aside, and a new one begins.
///
/// # Errors
/// [`ErrorKind::Config`](anymodel_types::ErrorKind::Config), when it cannot be opened, or is another file.
pub(super) fn open(path: &Path) -> Result<Connection> {
    let Opened { connection, aside } = LEDGER.open(path)?;
    if let Some(QuarantinedFile {
        why: QuarantineReason::Damaged(what),
        kept,
    }) = aside
    {
        output::notify(&words::ledgers().ledger_was_damaged(
            &path.display(),
            &what,
            &kept.display(),
        ));
    }
    Ok(connection)
}

/// Opens an existing ledger for reading.
///
/// # Errors
/// [`ErrorKind::Config`](anymodel_types::ErrorKind::Config), when it cannot be read, or is not a ledger.
pub(super) fn open_to_read(path: &Path) -> Result<Connection> {
    LEDGER.open_to_read(path)
}
