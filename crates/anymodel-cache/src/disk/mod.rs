//! Cache file: kept answers in a SQLite file that several processes share (feature `sqlite`; `ledger` of `anymodel`).
//!
//! A row has a checksum, since SQLite has none: a byte that the disk has changed loses an answer and never gives a wrong
//! one. Rows are only added and deleted, so the rows behind the last known one are those that other processes have added.
//! `clears` counts how often all answers were forgotten, so that the other processes forget theirs, too.
//!
//! It holds questions and answers in plain text: only its owner may read it (on Unix). What is deleted is overwritten.
//!
//! - this file: the open file; [`rows`]: its rows; [`recovery`]: damaged files

mod recovery;
mod rows;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::store::RowId;
use anymodel_sqlite::{FileIdentity, FileKind, Opened, QuarantineReason, QuarantinedFile};
use anymodel_types::{Error, ErrorKind, Result, words};
pub(super) use rows::{Added, News, Record, Stored};
use rows::{FileState, UNKNOWN, data_version, insert, next_row, read_news};

const KIND: FileKind = FileKind {
    name: || words::cache().file_of_answers(),
    // "answ"
    application_id: 0x616e_7377,
    migrations: &["
CREATE TABLE answer (
  id INTEGER PRIMARY KEY,
  request BLOB NOT NULL UNIQUE,
  context TEXT NOT NULL,
  question TEXT NOT NULL,
  answer TEXT NOT NULL,
  kept INTEGER NOT NULL,
  checksum BLOB NOT NULL
);
CREATE TABLE state (clears INTEGER NOT NULL);
INSERT INTO state VALUES (0);
"],
    probe: "SELECT 1 FROM answer, state LIMIT 0",
    old_format: Some(b"anymodel answers "),
};

/// How long a write waits for other processes.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(1);
/// After so many writes, or so many bytes, a checkpoint of the write-ahead log is due.
const TIDY_AFTER: u32 = 300;
const TIDY_AFTER_BYTES: usize = 256 << 10;

/// The open file, and its last known state.
#[derive(Debug)]
pub(super) struct Disk {
    path: PathBuf,
    connection: Connection,
    identity: Option<FileIdentity>,
    known: FileState,
    /// Rows and bytes that were written since the last checkpoint.
    written: (u32, usize),
}

impl Disk {
    /// Opens the file, or creates it: its answers, and a message about a file that was set aside.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when it is another file, or cannot be written.
    pub fn open(path: &Path) -> Result<(Self, Vec<Stored>, Option<String>)> {
        let Opened { connection, aside } = KIND
            .open(path)
            .map_err(|error| error.with_hint(words::cache().name_a_file_of_its_own()))?;
        let mut disk = Disk::new(path, connection);
        if let Some(aside) = aside {
            return disk.in_place_of(&aside);
        }
        let news = disk.news().map_err(|error| unreadable(path, &error))?;
        if news.damaged == 0 {
            return Ok((disk, news.added, None));
        }
        drop(disk);
        let what = words::cache().rows_have_wrong_checksums(&news.damaged);
        let Opened { connection, aside } = KIND.replace(path, what)?;
        let disk = Disk::new(path, connection);
        match aside {
            Some(aside) => disk.in_place_of(&aside),
            None => Ok((disk, Vec::new(), None)),
        }
    }

    fn new(path: &Path, connection: Connection) -> Self {
        // Without it deleted text stays readable; nothing else depends on it.
        let _ = connection.pragma_update(None, "secure_delete", true);
        Disk {
            path: path.to_owned(),
            connection,
            identity: FileIdentity::of(path),
            known: UNKNOWN,
            written: (0, 0),
        }
    }

    /// Copies what can be read of the damaged file that this one replaces.
    fn in_place_of(
        mut self,
        aside: &QuarantinedFile,
    ) -> Result<(Self, Vec<Stored>, Option<String>)> {
        let (file, kept) = (self.path.display(), aside.kept.display());
        let QuarantineReason::Damaged(what) = &aside.why else {
            let told = words::cache().file_of_answers_was_written_by_an_earlier(&file, &kept);
            return Ok((self, Vec::new(), Some(told)));
        };
        let records = recovery::salvage(&aside.kept);
        let told = words::cache().file_of_answers_was_damaged(&file, &what, &records.len(), &kept);
        let moved = self.move_in(&records);
        let news = moved
            .and_then(|()| self.news())
            .map_err(|error| unreadable(&self.path, &error))?;
        Ok((self, news.added, Some(told)))
    }

    fn move_in(&self, records: &[Record]) -> rusqlite::Result<()> {
        let transaction = self.begin(BUSY_TIMEOUT)?;
        let mut last: i64 =
            transaction.query_row("SELECT ifnull(max(id), 0) FROM answer", [], |row| {
                row.get(0)
            })?;
        for record in records {
            last = next_row(last);
            insert(&transaction, record, last)?;
        }
        transaction.commit()
    }

    /// Whether the file at the path is still the open one.
    pub fn is_in_place(&self) -> bool {
        FileIdentity::of(&self.path) == self.identity
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether other processes seem to have written. It never waits.
    pub fn has_news(&self) -> bool {
        let version = self
            .connection
            .busy_timeout(Duration::ZERO)
            .and_then(|()| data_version(&self.connection));
        // While one of them writes, the news waits for the next call.
        version.is_ok_and(|version| version != self.known.2) || !self.is_in_place()
    }

    /// What other processes have written since.
    ///
    /// # Errors
    /// When the file can no longer be read.
    pub fn news(&mut self) -> rusqlite::Result<News> {
        self.connection.busy_timeout(BUSY_TIMEOUT)?;
        let moment = self.connection.unchecked_transaction()?;
        let (news, known) = read_news(&moment, self.known)?;
        drop(moment);
        self.known = known;
        Ok(news)
    }

    /// Adds a record; waits for other processes up to `patience`.
    ///
    /// # Errors
    /// When the file can no longer be written. It is then unchanged.
    pub fn append(&mut self, record: &Record, patience: Duration) -> rusqlite::Result<Added> {
        let transaction = self.begin(patience)?;
        let (news, (last, clears, data_version)) = read_news(&transaction, self.known)?;
        let row = next_row(last);
        let bytes = insert(&transaction, record, row)?;
        transaction.commit()?;
        self.known = (row, clears, data_version);
        self.written = (self.written.0 + 1, self.written.1 + bytes);
        let row = RowId(row);
        Ok(Added { news, row, bytes })
    }

    /// Deletes all rows but these. If other processes have written meanwhile, their news is returned instead and no row is
    /// deleted: their answers would be lost.
    ///
    /// # Errors
    /// When it cannot be written. The file is then unchanged.
    pub fn retain(&mut self, rows: &[RowId]) -> rusqlite::Result<News> {
        let transaction = self.begin(BUSY_TIMEOUT)?;
        let (news, known) = read_news(&transaction, self.known)?;
        if news.cleared || !news.added.is_empty() {
            drop(transaction);
            self.known = known;
            return Ok(news);
        }
        transaction.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS wanted (id INTEGER PRIMARY KEY); DELETE FROM wanted;",
        )?;
        {
            let mut insert = transaction.prepare_cached("INSERT INTO wanted VALUES (?1)")?;
            for RowId(row) in rows {
                insert.execute([row])?;
            }
        }
        transaction.execute(
            "DELETE FROM answer WHERE id NOT IN (SELECT id FROM wanted)",
            [],
        )?;
        transaction.commit()?;
        Ok(news)
    }

    /// Deletes all rows, so that other processes forget their answers, too.
    ///
    /// # Errors
    /// When it cannot be written. The file is then unchanged.
    pub fn clear(&mut self) -> rusqlite::Result<()> {
        let transaction = self.begin(BUSY_TIMEOUT)?;
        let (_, (last, clears, data_version)) = read_news(&transaction, self.known)?;
        transaction.execute_batch("DELETE FROM answer; UPDATE state SET clears = clears + 1;")?;
        transaction.commit()?;
        self.known = (last, clears + 1, data_version);
        // The log must not keep forgotten answers either. It still does while another process reads it.
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    /// Bytes of the file that are in use.
    ///
    /// # Errors
    /// When the file can no longer be read.
    pub fn bytes(&self) -> rusqlite::Result<u64> {
        let number = |pragma: &str| {
            let mut statement = self.connection.prepare_cached(pragma)?;
            statement.query_row([], |row| row.get::<_, i64>(0))
        };
        let pages = number("PRAGMA page_count")? - number("PRAGMA freelist_count")?;
        Ok((pages * number("PRAGMA page_size")?)
            .try_into()
            .unwrap_or(0))
    }

    /// Whether a checkpoint is due, counted from the last time that this was true.
    pub fn take_untidy(&mut self) -> bool {
        let untidy = self.written.0 >= TIDY_AFTER || self.written.1 >= TIDY_AFTER_BYTES;
        if untidy {
            self.written = (0, 0);
        }
        untidy
    }

    /// Only one process at a time writes.
    fn begin(&self, patience: Duration) -> rusqlite::Result<Transaction<'_>> {
        self.connection.busy_timeout(patience)?;
        Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
    }
}

/// Checkpoint: copies the write-ahead log into the file, by its own connection, so that other writes go on meanwhile.
///
/// # Errors
/// When it cannot be written; the answers are then still in the log.
pub(super) fn checkpoint(path: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)?.query_row(
        "PRAGMA wal_checkpoint(PASSIVE)",
        [],
        |_| Ok(()),
    )
}

fn unreadable(path: &Path, error: &rusqlite::Error) -> Error {
    let what = words::cache().file_of_answers_cannot_be_read(&path.display(), &error);
    Error::new(ErrorKind::Config, what).with_hint(words::cache().move_it_away())
}
