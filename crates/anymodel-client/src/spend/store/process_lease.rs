//! Process lease: budget reservations per process, and detection of dead processes.
//!
//! Each process with a reservation holds a lock on a small file beside the ledger. The operating system frees the lock when
//! the process ends, however it ends. So the reservations of a killed process are reclaimed by the first process that needs
//! the money, and those of a living process are never taken for lost, however slow it is.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use crate::spend::record::KILLED;
use anymodel_types::words;

/// Process lease of this process.
#[derive(Debug)]
pub(super) struct ProcessLease {
    id: i64,
    path: PathBuf,
    /// Locked for as long as it is open.
    _lock: File,
}

impl ProcessLease {
    /// Takes a lease. Other processes see the row only after the lock is held.
    ///
    /// Its id is random: a ledger that is deleted and begun anew would count from one again, and the processes of the old
    /// one may still live. A lock that is held is not waited for, because the whole ledger would wait too.
    pub fn acquire(connection: &Connection, ledger: &Path) -> rusqlite::Result<Self> {
        let insert = "INSERT INTO owner VALUES (abs(random() >> 1)) RETURNING id";
        let id = connection.query_row(insert, [], |row| row.get(0))?;
        let path = place(ledger, id);
        let locked = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .and_then(|file| file.try_lock().map(|()| file).map_err(io::Error::from));
        match locked {
            Ok(lock) => Ok(ProcessLease {
                id,
                path,
                _lock: lock,
            }),
            Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(
                words::ledgers()
                    .cannot_be_locked(&path.display(), &error)
                    .into(),
            )),
        }
    }

    pub fn id(&self) -> i64 {
        self.id
    }

    /// The row was rolled back, so no process has seen it, and the file beside it is deleted too.
    pub fn abort(self) {
        let _ = fs::remove_file(&self.path);
    }

    /// Gives the lease up. If that fails, another process finds it orphaned later.
    pub fn release(self, connection: &Connection) {
        let free = connection.execute("DELETE FROM reservation WHERE owner = ?1", [self.id]);
        if free
            .and_then(|_| connection.execute("DELETE FROM owner WHERE id = ?1", [self.id]))
            .is_ok()
        {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Books the reservations of dead processes, and returns whether there were any. The cost of their requests is not known,
/// but it is at most the reservation; so the reservation counts as spent, on the day of the request.
pub(super) fn reclaim_orphans(
    connection: &Connection,
    ledger: &Path,
    own: Option<i64>,
) -> rusqlite::Result<bool> {
    let mut owners = connection.prepare_cached("SELECT id FROM owner")?;
    let owners = owners.query_map([], |row| row.get(0))?;
    let owners: Vec<i64> = owners.collect::<rusqlite::Result<_>>()?;
    let mut buried = 0;
    for id in owners.into_iter().filter(|id| Some(*id) != own) {
        let path = place(ledger, id);
        if is_alive(&path) {
            continue;
        }
        connection.execute(
            "INSERT INTO attempt (at, platform, asked, label, simulated, outcome, booked, reserved, duration, fingerprint)
             SELECT at, platform, asked, label, simulated, ?2, amount, amount, 0, fingerprint FROM reservation WHERE owner = ?1",
            params![id, KILLED],
        )?;
        connection.execute(
            "INSERT INTO spent (day, simulated, amount)
             SELECT at / 86400000, simulated, sum(amount) FROM reservation WHERE owner = ?1 GROUP BY 1, 2
             ON CONFLICT (day, simulated) DO UPDATE SET amount = amount + excluded.amount",
            [id],
        )?;
        buried += connection.execute("DELETE FROM reservation WHERE owner = ?1", [id])?;
        connection.execute("DELETE FROM owner WHERE id = ?1", [id])?;
        let _ = fs::remove_file(&path);
    }
    Ok(buried > 0)
}

/// Whether a process holds the lock. When that cannot be found out, the process counts as alive.
fn is_alive(path: &Path) -> bool {
    match File::open(path) {
        Ok(file) => file.try_lock().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn place(ledger: &Path, id: i64) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(format!("-owner-{id}"));
    PathBuf::from(name)
}
