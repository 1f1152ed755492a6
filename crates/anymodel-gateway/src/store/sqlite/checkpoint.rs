//! Checkpoints: copy the write-ahead log into the file, beside the writer, because that waits for the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::KIND;
use super::connection::SqliteConnection;
use crate::store::database::{Database, Value};

/// Transactions after which a checkpoint is due.
const DUE_AFTER: u32 = 300;
/// Pages of 4 KiB from which on the log may not grow: under a steady load it is never copied whole beside the writer.
const MOST_PAGES: i64 = 4_096;
const CHECKPOINT: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// The thread that makes checkpoints, and when one is due.
#[derive(Debug)]
pub struct Checkpoints {
    transactions: u32,
    /// Whether the log has grown too large, and the writer has to wait for a checkpoint.
    is_large: Arc<AtomicBool>,
    due: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    pub fn start(path: &Path) -> std::io::Result<Self> {
        let (due, asked) = sync_channel(1);
        let is_large = Arc::new(AtomicBool::new(false));
        let (path, flag) = (path.to_owned(), Arc::clone(&is_large));
        let thread = std::thread::Builder::new()
            .name("anymodel-checkpoint".to_owned())
            .spawn(move || run(path, &asked, &flag))?;
        Ok(Checkpoints {
            transactions: 0,
            is_large,
            due: Some(due),
            thread: Some(thread),
        })
    }

    /// Counts a transaction of the writer.
    pub fn count_transaction(&mut self, writer: &SqliteConnection) {
        self.transactions += 1;
        if self.transactions < DUE_AFTER {
            return;
        }
        self.transactions = 0;
        if self.is_large.swap(false, Ordering::Relaxed) {
            // One that fails is made next time.
            let _ = writer.batch(CHECKPOINT);
        }
        if let Some(due) = &self.due {
            let _ = due.try_send(());
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.due = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(path: PathBuf, due: &Receiver<()>, is_large: &AtomicBool) {
    let mut connection = None;
    while due.recv().is_ok() {
        if connection.is_none() {
            connection = KIND.open_to_read(&path).ok().map(SqliteConnection::new);
        }
        let pages = connection.as_mut().and_then(|connection| {
            let rows = futures_util::FutureExt::now_or_never(connection.query(CHECKPOINT, &[]));
            match rows?.ok()?.first()?.0.get(1)? {
                Value::Integer(pages) => Some(*pages),
                _ => None,
            }
        });
        if pages.is_some_and(|pages| pages > MOST_PAGES) {
            is_large.store(true, Ordering::Relaxed);
        }
    }
}
