//! SQLite files: opened, recognised by application id and version, brought to the present version, set aside when damaged.
//!
//! The ledger, the cache and the gateway's store open their files here, so that all have the same pragmas, file permissions
//! and error messages: write-ahead log, a busy timeout, readable by the user alone.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod identity;
mod quarantine;

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use anymodel_types::{Error, ErrorKind, Result, words};
pub use identity::FileIdentity;
use quarantine::RepairLock;

/// The busy timeout: how long one process waits for another that writes.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// A file up to this size, in bytes, has every page checked when it is opened.
const LOOKED_THROUGH: u64 = 64 * 1024 * 1024;

/// The first bytes of each SQLite file.
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// Kind of file: its name, its application id and its tables.
#[derive(Debug)]
pub struct FileKind {
    /// In messages, such as `ledger`.
    pub name: fn() -> &'static str,
    /// Marks a SQLite file as one of this kind.
    pub application_id: i64,
    /// The statements that make the tables: the first of an empty file, each further one of the version before it. Their
    /// number is the version of the tables, `user_version`.
    pub migrations: &'static [&'static str],
    /// A statement that names all tables, and fails where one is missing.
    pub probe: &'static str,
    /// The first bytes of files of earlier versions, which were no databases.
    pub old_format: Option<&'static [u8]>,
}

/// A file that is open for writing.
pub struct Opened {
    /// The connection, with its tables made and its journal set.
    pub connection: Connection,
    /// The damaged or old file that was set aside for it.
    pub aside: Option<QuarantinedFile>,
}

/// A file that was set aside, and where it is now.
pub struct QuarantinedFile {
    /// The reason.
    pub why: QuarantineReason,
    /// Its path now.
    pub kept: PathBuf,
}

/// Why a file was set aside.
pub enum QuarantineReason {
    /// It is damaged, with what was found.
    Damaged(String),
    /// An earlier version wrote it, and it was no database.
    OldFormat,
}

/// Why a file cannot be used.
enum OpenFailure {
    Damaged(String),
    /// A database of another program.
    Foreign,
    /// No database at all: perhaps a file of the user's own.
    NoDatabase,
    /// An earlier version of this crate wrote it, not as a database.
    OldFormat,
    /// A later version of this crate wrote it.
    Later(i64),
    Other(rusqlite::Error),
}

type Attempt<T> = std::result::Result<T, OpenFailure>;

impl FileKind {
    /// Opens a file for writing, or creates it. A damaged one is set aside, and a new one begins.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when it cannot be opened, or is a file of another kind.
    pub fn open(&self, path: &Path) -> Result<Opened> {
        let why = match self
            .attempt(path)
            .map_err(|trouble| self.looked_at(path, trouble))
        {
            Ok(connection) => {
                return Ok(Opened {
                    connection,
                    aside: None,
                });
            }
            Err(OpenFailure::Damaged(what)) => QuarantineReason::Damaged(what),
            Err(OpenFailure::OldFormat) => QuarantineReason::OldFormat,
            Err(other) => return Err(self.explain(path, other)),
        };
        // Only one process sets it aside: the second one finds a new file.
        let lock = RepairLock::take(path);
        if let Ok(connection) = self.attempt(path) {
            return Ok(Opened {
                connection,
                aside: None,
            });
        }
        self.begin_anew(path, why, lock)
    }

    /// Opens a file for writing, or creates it. A damaged one stays where it is, because what it held cannot be begun anew.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when it is damaged, cannot be opened, or is a file of another kind.
    pub fn open_undamaged(&self, path: &Path) -> Result<Connection> {
        self.attempt(path)
            .map_err(|trouble| match self.looked_at(path, trouble) {
                OpenFailure::Damaged(damage) => {
                    let what = words::files().is_damaged(&(self.name)(), &path.display(), &damage);
                    Error::new(ErrorKind::Config, what)
                        .with_hint(words::files().restore_a_backup_or_move_it(&(self.name)()))
                }
                other => self.explain(path, other),
            })
    }

    /// Sets aside a file in which its owner has found damage, and begins a new one. No connection may have it open.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn replace(&self, path: &Path, what: String) -> Result<Opened> {
        self.begin_anew(
            path,
            QuarantineReason::Damaged(what),
            RepairLock::take(path),
        )
    }

    fn begin_anew(&self, path: &Path, why: QuarantineReason, _lock: RepairLock) -> Result<Opened> {
        let kept = quarantine::set_aside(path, &why).map_err(|error| {
            let why = match &why {
                QuarantineReason::Damaged(what) => words::files().cannot_set_aside_damaged(&what),
                QuarantineReason::OldFormat => {
                    words::files().cannot_set_aside_old_format().to_owned()
                }
            };
            let what = words::files().cannot_be_set_aside(&(self.name)(), &path.display(), &why);
            Error::new(ErrorKind::Config, what)
                .with_hint(words::files().move_it_away_by_hand(&error))
        })?;
        let connection = self
            .attempt(path)
            .map_err(|trouble| self.explain(path, trouble))?;
        let aside = Some(QuarantinedFile { why, kept });
        Ok(Opened { connection, aside })
    }

    /// Opens an existing file for reading.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when it cannot be read, or is a file of another kind.
    pub fn open_to_read(&self, path: &Path) -> Result<Connection> {
        let opened = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        );
        let recognised = opened.map_err(trouble).and_then(|connection| {
            connection.busy_timeout(BUSY_TIMEOUT).map_err(trouble)?;
            match self.version_now(&connection)? {
                0 => Err(OpenFailure::Foreign),
                _ => {
                    self.migrate(&connection)?;
                    Ok(connection)
                }
            }
        });
        recognised.map_err(|trouble| self.explain(path, self.looked_at(path, trouble)))
    }

    /// Opens the file; again when another process is making it, which SQLite reports at once at some steps, whatever the
    /// busy timeout.
    fn attempt(&self, path: &Path) -> Attempt<Connection> {
        let begun = Instant::now();
        loop {
            match self.attempt_once(path) {
                Err(OpenFailure::Other(error))
                    if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                        && begun.elapsed() < BUSY_TIMEOUT =>
                {
                    std::thread::yield_now(); // the other one takes milliseconds
                }
                opened => return opened,
            }
        }
    }

    fn attempt_once(&self, path: &Path) -> Attempt<Connection> {
        make_private(path);
        let connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(trouble)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(trouble)?;
        let version = self.version_now(&connection)?;
        set_pragmas(&connection).map_err(trouble)?;
        if version > 0 && fs::metadata(path).is_ok_and(|file| file.len() <= LOOKED_THROUGH) {
            let found: String = connection
                .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
                .map_err(trouble)?;
            if found != "ok" {
                return Err(OpenFailure::Damaged(found));
            }
        }
        self.migrate(&connection)?;
        // Tables that are missing are damage too.
        connection
            .prepare(self.probe)
            .map_err(|error| match error.to_string() {
                words if words.contains("no such table") => OpenFailure::Damaged(words),
                _ => trouble(error),
            })?;
        Ok(connection)
    }

    /// The version of this program's tables.
    fn version(&self) -> i64 {
        i64::try_from(self.migrations.len()).unwrap_or(i64::MAX)
    }

    /// As [`version_of`](Self::version_of), all of it read at one moment: another process may be making the tables.
    fn version_now(&self, connection: &Connection) -> Attempt<i64> {
        let moment = connection.unchecked_transaction().map_err(trouble)?;
        self.version_of(&moment)
    }

    /// The version of the file's tables; 0 when it is empty.
    fn version_of(&self, connection: &Connection) -> Attempt<i64> {
        let number = |pragma: &str| {
            connection
                .query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
                .map_err(trouble)
        };
        let application_id = number("application_id")?;
        if application_id == self.application_id {
            return match number("user_version")? {
                version if (1..=self.version()).contains(&version) => Ok(version),
                other => Err(OpenFailure::Later(other)),
            };
        }
        if application_id != 0 {
            return Err(OpenFailure::Foreign);
        }
        let tables = "SELECT count(*) FROM sqlite_master";
        match connection
            .query_row(tables, [], |row| row.get(0))
            .map_err(trouble)?
        {
            0 => Ok(0),
            _ => Err(OpenFailure::Foreign),
        }
    }

    /// Makes the tables, or brings those of an earlier version to the present one, unless another process has just done it.
    fn migrate(&self, connection: &Connection) -> Attempt<()> {
        if self.version_now(connection)? == self.version() {
            return Ok(());
        }
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)
            .map_err(trouble)?;
        let version = usize::try_from(self.version_of(&transaction)?).unwrap_or(usize::MAX);
        for migration in self.migrations.iter().skip(version) {
            transaction.execute_batch(migration).map_err(trouble)?;
        }
        transaction
            .pragma_update(None, "application_id", self.application_id)
            .and_then(|()| transaction.pragma_update(None, "user_version", self.version()))
            .and_then(|()| transaction.commit())
            .map_err(trouble)
    }

    /// A file that does not begin as a database may never have been one, so it stays where it is.
    fn looked_at(&self, path: &Path, trouble: OpenFailure) -> OpenFailure {
        let OpenFailure::Damaged(_) = trouble else {
            return trouble;
        };
        // A database is never read like this: closing it would release the locks that this process has on it.
        let mut begins = Vec::new();
        let read = File::open(path)
            .and_then(|file| file.take(HEADER.len() as u64).read_to_end(&mut begins));
        match self.old_format {
            // An empty one is being made by another process at this moment.
            _ if read.is_err() || begins.is_empty() || begins == HEADER => trouble,
            Some(format) if begins.starts_with(&format[..format.len().min(HEADER.len())]) => {
                OpenFailure::OldFormat
            }
            _ => OpenFailure::NoDatabase,
        }
    }

    fn explain(&self, path: &Path, trouble: OpenFailure) -> Error {
        let (name, file) = ((self.name)(), path.display());
        let (what, hint) = match trouble {
            OpenFailure::Foreign => (
                words::files().is_a_database(&file, &name),
                words::files().name_another_file().to_owned(),
            ),
            OpenFailure::NoDatabase => (
                words::files().is_no_database(&file, &name),
                words::files().name_another_file_or_move_it(&name),
            ),
            OpenFailure::OldFormat => (
                words::files().has_the_format_of_an_earlier_version(&name, &file),
                words::files()
                    .next_program_that_writes_there_sets_it_aside()
                    .to_owned(),
            ),
            OpenFailure::Later(version) => (
                words::files().has_a_later_form(&name, &file, &version, &self.version()),
                words::files().use_a_later_anymodel().to_owned(),
            ),
            OpenFailure::Damaged(damage) => (
                words::files().is_damaged(&name, &file, &damage),
                words::files()
                    .next_program_that_writes_there_sets_it_aside()
                    .to_owned(),
            ),
            OpenFailure::Other(error) => (
                words::files().cannot_be_opened(&name, &file, &error),
                words::files().check_that_its_folder_is_there().to_owned(),
            ),
        };
        Error::new(ErrorKind::Config, what).with_hint(hint)
    }
}

fn set_pragmas(connection: &Connection) -> rusqlite::Result<()> {
    let journal: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    // Without a write-ahead log (some file systems have none) only full synchronisation keeps the file intact.
    let care = match journal.as_str() {
        "wal" => "NORMAL",
        _ => "FULL",
    };
    connection.pragma_update(None, "synchronous", care)?;
    // A checkpoint waits for the disk, so the owner of the file makes it on its own.
    connection.pragma_update(None, "wal_autocheckpoint", 0)
}

/// Creates an empty file that only its user may read: questions and spending are private. SQLite gives its log the same
/// permissions. SQLite reports a failure of this itself, with a better message.
fn make_private(path: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(path);
}

fn trouble(error: rusqlite::Error) -> OpenFailure {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            OpenFailure::Damaged(error.to_string())
        }
        _ => OpenFailure::Other(error),
    }
}
