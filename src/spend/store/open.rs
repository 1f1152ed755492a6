//! The file of a ledger: made, recognised, or set aside when it is damaged.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::output;

/// Marks a SQLite file as a ledger of ours: "anym".
const APPLICATION: i64 = 0x616e_796d;
/// The form of the tables below.
const VERSION: i64 = 1;
/// How long one process waits for another that writes.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// Every page of a file up to this size, in bytes, is looked at when it is opened.
const LOOKED_THROUGH: u64 = 64 * 1024 * 1024;

/// What each SQLite file begins with.
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// Amounts are whole billionths of a thousandth of a US dollar; times milliseconds since 1970, spans microseconds.
const TABLES: &str = "
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
";

/// Why a file cannot be used.
enum Trouble {
    Damaged(String),
    /// It is a database of somebody else.
    Foreign,
    /// It is no database at all: perhaps somebody's own file.
    NoDatabase,
    /// A later version of this crate wrote it.
    Later(i64),
    Other(rusqlite::Error),
}

/// Opens a ledger for writing, or makes it.
///
/// # Errors
/// [`ErrorKind::Config`], when it cannot be opened, or is something else.
pub(super) fn open(path: &Path) -> Result<Connection> {
    let damage = match attempt(path).map_err(|trouble| looked_at(path, trouble)) {
        Ok(connection) => return Ok(connection),
        Err(Trouble::Damaged(damage)) => damage,
        Err(other) => return Err(explain(path, other)),
    };
    // Only one process sets it aside: who comes second finds a new file.
    let lock = sibling(path, "-repair");
    let held = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock);
    let held = held.and_then(|file| file.lock().map(|()| file));
    if let Ok(connection) = attempt(path) {
        return Ok(connection);
    }
    let kept = set_aside(path).map_err(|error| {
        let what = format!("the ledger {} is damaged ({damage})", path.display());
        Error::new(ErrorKind::Config, what).with_hint(format!(
            "move it away by hand: it cannot be renamed here ({error})"
        ))
    })?;
    output::say(&format!(
        "anymodel: the ledger {} was damaged ({damage}); it is kept as {}, and a new one begins: budgets start from nothing",
        path.display(),
        kept.display()
    ));
    let fresh = attempt(path).map_err(|trouble| explain(path, trouble));
    drop(held);
    let _ = fs::remove_file(lock);
    fresh
}

/// Opens a ledger that is there, to read it.
///
/// # Errors
/// [`ErrorKind::Config`], when it cannot be read, or is none.
pub(super) fn open_to_read(path: &Path) -> Result<Connection> {
    let opened = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    );
    let recognised = opened.map_err(trouble).and_then(|connection| {
        connection.busy_timeout(PATIENCE).map_err(trouble)?;
        match is_ours(&connection)? {
            true => Ok(connection),
            false => Err(Trouble::Foreign),
        }
    });
    recognised.map_err(|trouble| explain(path, looked_at(path, trouble)))
}

fn attempt(path: &Path) -> std::result::Result<Connection, Trouble> {
    make_private(path);
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(trouble)?;
    connection.busy_timeout(PATIENCE).map_err(trouble)?;
    // All that is looked at is of one moment: another process may be making the tables.
    let moment = connection.unchecked_transaction().map_err(trouble)?;
    let is_known = is_ours(&moment)?;
    drop(moment);
    let journal: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(trouble)?;
    // Where the file system knows no such log (SQLite says so by naming another), only more care keeps the file whole.
    let care = match journal.as_str() {
        "wal" => "NORMAL",
        _ => "FULL",
    };
    connection
        .pragma_update(None, "synchronous", care)
        // That waits for the disk, so the writer's thread does it.
        .and_then(|()| connection.pragma_update(None, "wal_autocheckpoint", 0))
        .map_err(trouble)?;
    if !is_known {
        make(&connection)?;
    } else if fs::metadata(path).is_ok_and(|file| file.len() <= LOOKED_THROUGH) {
        let found: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(trouble)?;
        if found != "ok" {
            return Err(Trouble::Damaged(found));
        }
    }
    // Tables that are missing are damage too.
    connection
        .prepare("SELECT 1 FROM attempt, spent, owner, reservation LIMIT 0")
        .map_err(|error| match error.to_string() {
            words if words.contains("no such table") => Trouble::Damaged(words),
            _ => trouble(error),
        })?;
    Ok(connection)
}

/// Makes an empty file that only its user may read: it says what was asked when, and perhaps the questions. SQLite gives
/// its log the same rights. What goes wrong here SQLite finds as well, and says better.
fn make_private(path: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let _ = options.open(path);
}

/// What does not even begin as a database was perhaps never a ledger, and is left where it is.
fn looked_at(path: &Path, trouble: Trouble) -> Trouble {
    let mut begins = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(HEADER.len() as u64).read_to_end(&mut begins));
    match trouble {
        // An empty one is being made by somebody else at this moment.
        Trouble::Damaged(_) if read.is_ok() && !begins.is_empty() && begins != HEADER => {
            Trouble::NoDatabase
        }
        other => other,
    }
}

/// Whether the file is a ledger; `false` when it is empty.
fn is_ours(connection: &Connection) -> std::result::Result<bool, Trouble> {
    let number = |pragma: &str| {
        connection
            .query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i64>(0))
            .map_err(trouble)
    };
    match number("application_id")? {
        APPLICATION => match number("user_version")? {
            VERSION => Ok(true),
            other => Err(Trouble::Later(other)),
        },
        0 => {
            let tables = "SELECT count(*) FROM sqlite_master";
            match connection
                .query_row(tables, [], |row| row.get(0))
                .map_err(trouble)?
            {
                0 => Ok(false),
                _ => Err(Trouble::Foreign),
            }
        }
        _ => Err(Trouble::Foreign),
    }
}

/// Makes the tables, unless another process has just done it.
fn make(connection: &Connection) -> std::result::Result<(), Trouble> {
    let transaction =
        Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(trouble)?;
    if is_ours(&transaction)? {
        return Ok(());
    }
    transaction
        .execute_batch(TABLES)
        .and_then(|()| transaction.pragma_update(None, "application_id", APPLICATION))
        .and_then(|()| transaction.pragma_update(None, "user_version", VERSION))
        .and_then(|()| transaction.commit())
        .map_err(trouble)
}

fn trouble(error: rusqlite::Error) -> Trouble {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            Trouble::Damaged(error.to_string())
        }
        _ => Trouble::Other(error),
    }
}

/// Renames the file and its log to the first name that is free.
fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let free = (1..).map(|number| sibling(path, &format!(".damaged-{number}")));
    let mut free = free.filter(|kept| !kept.exists());
    let kept = free.next().unwrap_or_else(|| sibling(path, ".damaged"));
    fs::rename(path, &kept)?;
    let log = sibling(path, "-wal");
    if log.exists() {
        fs::rename(&log, sibling(&kept, "-wal"))?;
    }
    let _ = fs::remove_file(sibling(path, "-shm"));
    Ok(kept)
}

fn explain(path: &Path, trouble: Trouble) -> Error {
    let file = path.display();
    let (what, hint) = match trouble {
        Trouble::Foreign => (
            format!("{file} is a database, and no ledger"),
            "name another file".to_owned(),
        ),
        Trouble::NoDatabase => (
            format!("{file} is no ledger, and no database at all"),
            "name another file; if this was a ledger once, move it away by hand".to_owned(),
        ),
        Trouble::Later(version) => (
            format!("the ledger {file} has form {version}, and this program knows form {VERSION}"),
            "use a later anymodel, or name another file".to_owned(),
        ),
        Trouble::Damaged(damage) => (
            format!("the ledger {file} is damaged: {damage}"),
            "the next program that writes there sets it aside and begins a new one".to_owned(),
        ),
        Trouble::Other(error) => (
            format!("the ledger {file} cannot be opened: {error}"),
            "check that its folder is there, and that the file can be read and written".to_owned(),
        ),
    };
    Error::new(ErrorKind::Config, what).with_hint(hint)
}

fn sibling(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
