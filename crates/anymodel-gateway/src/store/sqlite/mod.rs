//! SQLite: the store in one file, for all processes of one machine.
//!
//! A call costs two commits, so these decide the speed. A write that finds the writer free is done at once, by the caller's
//! thread: it copies a few pages into the operating system's memory. A write that finds it busy goes to a thread, which
//! commits all that wait in one transaction, and which alone waits for other processes.
//!
//! A process may be killed at any moment: what was written before an answer is there. When the machine loses its power, the
//! last moments may be missing (write-ahead log, `synchronous=NORMAL`), and the file is intact.
//!
//! - this file: opening; [`connection`]: statements; [`writer`]: transactions that write; [`checkpoint`]: the write-ahead log

mod checkpoint;
mod connection;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anymodel_sqlite::{FileIdentity, FileKind};
use anymodel_types::{Error, ErrorKind, Result};

use super::database::{Backend, Failure, Operation};
use super::database_store::{DatabaseStore, LEASE};
use super::schema::{MIGRATIONS, PROBE};
use connection::SqliteConnection;
use writer::WriterThread;

const KIND: FileKind = FileKind {
    name: || "database of the gateway",
    // "gate"
    application_id: 0x6761_7465,
    migrations: MIGRATIONS,
    probe: PROBE,
    old_format: None,
};

/// The most connections that are kept for reading.
const READERS: usize = 4;

/// The store in a SQLite file.
pub type SqliteStore = DatabaseStore<Sqlite>;

/// A SQLite file with its connections.
#[derive(Debug)]
pub struct Sqlite {
    writer: WriterThread,
    readers: Arc<Readers>,
    place: Arc<Place>,
}

/// The path of the file, and which file was opened there.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    identity: Option<FileIdentity>,
}

impl Place {
    /// What is written to a file that was deleted or replaced is lost with it.
    fn check(&self) -> std::result::Result<(), Failure> {
        if FileIdentity::of(&self.path) == self.identity {
            return Ok(());
        }
        Err(Failure::new(format_args!(
            "the gateway's database {} was deleted, moved or replaced: stop the gateway, put the file back, and start it again",
            self.path.display()
        )))
    }
}

impl SqliteStore {
    /// Opens the file, or creates it so that only its user may read it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when it is damaged, cannot be opened, or is another file. It is never replaced: it holds money.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with_lease(path, LEASE)
    }

    /// The same, with another time after which a process that shows no sign of life counts as dead.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with_lease(path: &Path, lease: Duration) -> Result<Self> {
        let connection = KIND.open_undamaged(path)?;
        let backend = Sqlite {
            writer: WriterThread::start(path, connection)?,
            readers: Arc::new(Readers {
                path: path.to_owned(),
                idle: Mutex::default(),
            }),
            place: Arc::new(Place {
                path: path.to_owned(),
                identity: FileIdentity::of(path),
            }),
        };
        let store = DatabaseStore::new(backend, lease);
        store.map_err(|failure| Error::new(ErrorKind::Config, failure.message))
    }
}

impl Backend for Sqlite {
    fn write<O: Operation>(
        &self,
        operation: O,
    ) -> impl Future<Output = std::result::Result<O::Output, Failure>> + Send + 'static {
        let begun = self.place.check().map(|()| self.writer.write(operation));
        async move { begun?.await }
    }

    fn read<O: Operation>(
        &self,
        operation: O,
    ) -> impl Future<Output = std::result::Result<O::Output, Failure>> + Send + 'static {
        let (readers, place) = (Arc::clone(&self.readers), Arc::clone(&self.place));
        let read = tokio::task::spawn_blocking(move || {
            place.check()?;
            readers.read(&operation)
        });
        async move { read.await.map_err(Failure::new)? }
    }
}

/// The connections for reading. With a write-ahead log they wait for no writer.
#[derive(Debug)]
struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<SqliteConnection>>,
}

impl Readers {
    fn read<O: Operation>(&self, operation: &O) -> std::result::Result<O::Output, Failure> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().pop();
        let mut connection = match kept {
            Some(connection) => connection,
            None => SqliteConnection::new(KIND.open_to_read(&self.path).map_err(Failure::new)?),
        };
        connection.batch("BEGIN")?;
        let result = connection.run(operation);
        // One whose transaction does not end is closed.
        connection.batch("COMMIT")?;
        let mut idle = idle();
        if idle.len() < READERS {
            idle.push(connection);
        }
        result
    }
}
