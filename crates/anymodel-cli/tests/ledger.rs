//! The ledger on disk: whole after a kill at any moment, exact over many processes.

#[path = "../../../tests/support/mod.rs"]
mod support;

#[path = "ledger/damage.rs"]
mod damage;
#[path = "ledger/kill.rs"]
mod kill;
#[path = "ledger/locked.rs"]
mod locked;
#[path = "ledger/program.rs"]
mod program;
#[path = "ledger/written.rs"]
mod written;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anymodel::{Budget, Client, ClientBuilder};
use rust_decimal::Decimal;

const MINI: &str = "openai/gpt-4o-mini";

/// A folder of its own, gone when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("anymodel-ledger-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn ledger(&self) -> PathBuf {
        self.0.join("spend.sqlite")
    }

    /// The names of the files in it, in order.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap()
        };
        let mut names: Vec<_> = entries.map(name).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A client of a sandbox that never waits, with a ledger.
fn builder(path: &Path) -> ClientBuilder {
    Client::builder()
        .platform("sandbox")
        .sandbox_time_scale(0.0)
        .ledger(path)
}

fn client(path: &Path) -> Client {
    builder(path).build().unwrap()
}

fn limited(path: &Path, budget: Budget) -> Client {
    builder(path).budget(budget).build().unwrap()
}

fn usd(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// What SQLite itself says of the file.
fn checked(path: &Path) -> String {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap()
}
