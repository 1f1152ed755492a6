//! The ledger on disk: every attempt, in a SQLite file that many processes may share.
//!
//! A call that finds the writer free writes at once, which takes some 25 µs of copying into the operating system's memory.
//! A call that finds it in use, by another call or by another process, hands over to a thread. The thread writes all that
//! waits in one transaction, and it alone waits for locks and for the disk. So no call holds a thread of the runtime for
//! long, and a call returns its answer only after its attempt has been given to the operating system. The process may be
//! killed at any moment: no attempt of a returned answer is missing. When the machine loses its power, the last moments
//! may be missing (write-ahead log, `synchronous=NORMAL`), and the file is intact nevertheless.
//!
//! - this file: the handle, and the thread
//! - [`writer`]: writes what waits, in transactions; [`queries`]: the statements
//! - [`open`]: creates the file, recognises it, or sets it aside when it is damaged
//! - [`process_lease`]: reservations per process, and detection of dead processes
//! - [`report`]: reads the ledger

mod open;
mod process_lease;
mod queries;
mod report;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use rust_decimal::Decimal;
use tokio::sync::{Notify, oneshot};

use super::budget_counter::{ReserveError, Sums};
use super::budget_guard::ReservationRequest;
use super::record::AttemptRecord;
use super::{Budget, Fingerprint};
use anymodel_types::{Error, ErrorKind, Result, is_simulated, words};
pub use report::{LedgerFile, SpendBy, SpendRow};
use writer::LedgerWriter;

/// The most commands in one transaction.
const MOST_AT_ONCE: usize = 256;
/// How long the caller's thread waits for the sums: another program may keep the file locked.
const FOR_THE_SUMS: Duration = Duration::from_secs(2);

/// A ledger on disk, open for writing.
#[derive(Debug)]
pub(crate) struct LedgerStore {
    desk: Arc<Mutex<LedgerWriter>>,
    commands: Option<mpsc::Sender<StoreCommand>>,
    writer: Option<JoinHandle<()>>,
    /// Notified when a reservation of this process was released.
    freed: Arc<Notify>,
}

/// A reservation on disk. Dropping it releases the money.
#[derive(Debug)]
pub(crate) struct Reserved {
    id: i64,
    /// `None` when it was settled.
    commands: Option<mpsc::Sender<StoreCommand>>,
}

/// A command for the writer.
enum StoreCommand {
    Settle(PendingWrite),
    Ask(StoreQuery),
    /// The write-ahead log has grown: a checkpoint is due.
    Tidy,
}

/// A write that may be done later if it fails now.
#[derive(Debug)]
struct PendingWrite {
    /// The attempt; `None` when no request was made.
    record: Option<Box<AttemptRecord>>,
    /// The reservation for it.
    reserved: Option<i64>,
    /// Notified after the first try.
    reply: Option<oneshot::Sender<()>>,
}

/// A query that waits for its result.
enum StoreQuery {
    Reserve {
        limits: Box<Budget>,
        usd: Option<Decimal>,
        line: queries::ReservationRow,
        reply: oneshot::Sender<std::result::Result<Reserved, ReserveError>>,
        commands: mpsc::Sender<StoreCommand>,
    },
    Sums {
        simulated: bool,
        reply: mpsc::Sender<std::result::Result<Sums, String>>,
    },
}

impl LedgerStore {
    /// Opens the file, or creates it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when it cannot be opened, or is another file. A damaged one is set aside, and a new one begun.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = open::open(path)?;
        // The locks of the processes are files beside the ledger, whatever the working folder and whichever link was given.
        let place = path.canonicalize().or_else(|_| std::path::absolute(path));
        let freed = Arc::new(Notify::new());
        let place = place.unwrap_or_else(|_| path.to_owned());
        let desk = LedgerWriter::new(connection, place, Arc::clone(&freed));
        let desk = Arc::new(Mutex::new(desk));
        let shared = Arc::clone(&desk);
        let (commands, queue) = mpsc::channel();
        let writer = std::thread::Builder::new()
            .name("anymodel-ledger".to_owned())
            .spawn(move || {
                let desk = || shared.lock().unwrap_or_else(PoisonError::into_inner);
                desk().reclaim_orphans();
                while let Ok(first) = queue.recv() {
                    let more = queue.try_iter().take(MOST_AT_ONCE - 1);
                    desk().serve(std::iter::once(first).chain(more).collect());
                }
                desk().close();
            })
            .map_err(|error| {
                let what = words::ledgers().ledger_gets_no_thread(&path.display(), &error);
                Error::new(ErrorKind::Config, what)
                    .with_hint(words::ledgers().end_some_other_programs())
            })?;
        Ok(LedgerStore {
            desk,
            commands: Some(commands),
            writer: Some(writer),
            freed,
        })
    }

    /// Notified when a reservation of this process was released.
    pub fn freed(&self) -> &Notify {
        &self.freed
    }

    /// Reserves money, if the limits allow it: as much as the request may cost, if that is known.
    ///
    /// # Errors
    /// Which limit is too small, or what is wrong with the ledger.
    pub async fn reserve(
        &self,
        limits: &Budget,
        usd: Option<Decimal>,
        wanted: &ReservationRequest<'_>,
    ) -> std::result::Result<Reserved, ReserveError> {
        let (reply, answer) = oneshot::channel();
        let Some(commands) = &self.commands else {
            return Err(ReserveError::Failed(gone()));
        };
        self.send(StoreCommand::Ask(StoreQuery::Reserve {
            limits: Box::new(limits.clone()),
            usd,
            line: queries::ReservationRow {
                platform: wanted.sent.platform.to_owned(),
                model: wanted.sent.candidate.model.clone(),
                label: wanted.label.map(str::to_owned),
                simulated: is_simulated(wanted.sent.platform),
                fingerprint: Fingerprint::of(wanted.sent.request),
            },
            reply,
            commands: commands.clone(),
        }));
        match tokio::time::timeout(wanted.patience, answer).await {
            Ok(answer) => answer.unwrap_or_else(|_| Err(ReserveError::Failed(gone()))),
            // A later reservation is released at once, because no call receives it.
            Err(_) => Err(ReserveError::Failed(
                words::ledgers().another_program_has_kept_it_locked(&wanted.patience.as_secs_f64()),
            )),
        }
    }

    /// Sends an attempt to be written, in place of its reservation. The future ends when it is written; the attempt is
    /// written even if the future is dropped.
    pub fn settle(
        &self,
        record: AttemptRecord,
        reserved: Option<Reserved>,
    ) -> impl Future<Output = ()> + 'static {
        let (reply, answer) = oneshot::channel();
        let reserved = reserved.map(|mut reserved| {
            reserved.commands = None;
            reserved.id
        });
        self.send(StoreCommand::Settle(PendingWrite {
            record: Some(Box::new(record)),
            reserved,
            reply: Some(reply),
        }));
        async move {
            let _ = answer.await;
        }
    }

    /// What is spent and reserved by all processes that write to this ledger.
    ///
    /// # Errors
    /// What is wrong with the ledger.
    pub fn sums(&self, simulated: bool) -> std::result::Result<Sums, String> {
        let (reply, answer) = mpsc::channel();
        self.send(StoreCommand::Ask(StoreQuery::Sums { simulated, reply }));
        let sums = answer.recv_timeout(FOR_THE_SUMS);
        sums.unwrap_or_else(|error| Err(error.to_string()))
    }

    /// Runs the command at once if no other writer is at work, or hands it to the thread.
    fn send(&self, command: StoreCommand) {
        let Some(commands) = &self.commands else {
            return;
        };
        let mut left = Some(command);
        let mut untidy = false;
        if let Ok(mut desk) = self.desk.try_lock() {
            left = left.and_then(|command| desk.serve_at_once(command));
            untidy = desk.is_untidy();
        }
        for command in left.into_iter().chain(untidy.then_some(StoreCommand::Tidy)) {
            let _ = commands.send(command);
        }
    }
}

/// Waits until everything that was sent is written.
impl Drop for LedgerStore {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if let Some(commands) = &self.commands {
            let _ = commands.send(StoreCommand::Settle(PendingWrite {
                record: None,
                reserved: Some(self.id),
                reply: None,
            }));
        }
    }
}

fn gone() -> String {
    words::ledgers().its_writer_has_ended().to_owned()
}
