//! Who has money set aside in a ledger, and whether he lives.
//!
//! Each process that sets money aside holds a lock on a small file beside the ledger. The operating system frees the lock
//! when the process ends, however it ends: so what a killed process had set aside is found by the first one that wants the
//! money, and what a living one has is never taken for lost, however slow it is.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use crate::spend::record::KILLED;

/// The place of this process.
#[derive(Debug)]
pub(super) struct ProcessLease {
    id: i64,
    path: PathBuf,
    /// Locked for as long as it is open.
    _lock: File,
}

impl ProcessLease {
    /// Takes a place. The row is seen by others only after the lock is held.
    ///
    /// Its number is a random one: a ledger that is deleted and begun anew counts from one again, and the owners of the
    /// old one may still live. For a lock that somebody holds nobody waits, because the whole ledger would wait too.
    pub fn enter(connection: &Connection, ledger: &Path) -> rusqlite::Result<Self> {
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
                format!("{} cannot be locked: {error}", path.display()).into(),
            )),
        }
    }

    pub fn id(&self) -> i64 {
        self.id
    }

    /// The row was rolled back, so nobody has seen it, and the file beside it goes too.
    pub fn withdraw(self) {
        let _ = fs::remove_file(&self.path);
    }

    /// Gives the place up. Failing that, it is found empty later.
    pub fn leave(self, connection: &Connection) {
        let free = connection.execute("DELETE FROM reservation WHERE owner = ?1", [self.id]);
        if free
            .and_then(|_| connection.execute("DELETE FROM owner WHERE id = ?1", [self.id]))
            .is_ok()
        {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Books what dead processes had set aside, and tells whether there was any. What their requests cost nobody knows, but no
/// more than that; so it counts as spent, on the day on which they were made.
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

/// Whether somebody holds the lock. When that cannot be found out, he lives.
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
