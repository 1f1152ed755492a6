//! The ledger on disk: every attempt, in a SQLite file that many processes may share.
//!
//! Who finds the desk free writes at once, which takes some 25 µs of copying into the operating system's memory. Who finds
//! it taken, by another call or by another process, hands over to a thread, which writes all that waits in one go, and which
//! alone waits for locks and for the disk. So no call holds a thread of the runtime for long, and a call is answered only
//! after its attempt has been given to the operating system. What that guards against: the process may be killed at any moment, and
//! nothing that was answered is missing. When the machine itself loses its power, the last moments may be missing
//! (write-ahead log, `synchronous=NORMAL`), and the file is whole all the same.
//!
//! - this file: the handle, and the thread
//! - [`writer`]: writes what waits, in transactions; [`queries`]: the statements
//! - [`open`]: the file: made, recognised, or set aside when it is damaged
//! - [`process_lease`]: who has money set aside, and whether he lives
//! - [`report`]: what stands in a file

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
use crate::error::{Error, Result};
use crate::failure::ErrorKind;
use crate::trail::is_simulated;
pub use report::{LedgerFile, SpendBy, SpendRow};
use writer::LedgerWriter;

/// What was asked to be written in one go at most.
const MOST_AT_ONCE: usize = 256;
/// So long a thread of the caller's waits for the sums: another program may keep the file locked.
const FOR_THE_SUMS: Duration = Duration::from_secs(2);

/// A ledger on disk, open for writing.
#[derive(Debug)]
pub(crate) struct LedgerStore {
    desk: Arc<Mutex<LedgerWriter>>,
    commands: Option<mpsc::Sender<StoreCommand>>,
    writer: Option<JoinHandle<()>>,
    /// Told when money that this process had set aside has come back.
    freed: Arc<Notify>,
}

/// Money that is set aside on disk. Dropped, it is free again.
#[derive(Debug)]
pub(crate) struct Reserved {
    id: i64,
    /// None when it was settled.
    commands: Option<mpsc::Sender<StoreCommand>>,
}

/// What the writer does.
enum StoreCommand {
    Settle(PendingWrite),
    Ask(StoreQuery),
    /// The log has grown: it is to be worked into the file.
    Tidy,
}

/// What has to be written, if not now then later.
#[derive(Debug)]
struct PendingWrite {
    /// The attempt; none when no request was made.
    record: Option<Box<AttemptRecord>>,
    /// What was set aside for it.
    reserved: Option<i64>,
    /// Told after the first try.
    reply: Option<oneshot::Sender<()>>,
}

/// What somebody wants to know.
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
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`ErrorKind::Config`], when it cannot be opened, or is something else. A damaged one is set aside, and a new one begun.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = open::open(path)?;
        // The locks of the owners stand beside the file, wherever this process goes and by whichever link it came.
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
                let what = format!("the ledger {} gets no thread: {error}", path.display());
                Error::new(ErrorKind::Config, what).with_hint("end some other programs")
            })?;
        Ok(LedgerStore {
            desk,
            commands: Some(commands),
            writer: Some(writer),
            freed,
        })
    }

    /// Told when money that this process had set aside has come back.
    pub fn freed(&self) -> &Notify {
        &self.freed
    }

    /// Sets money aside, if the limits allow it: as much as the request may cost, if anybody knows that.
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
            // What is set aside later is free again at once, because nobody takes it.
            Err(_) => Err(ReserveError::Failed(format!(
                "another program has kept it locked for the {:.1} s that the call had",
                wanted.patience.as_secs_f64()
            ))),
        }
    }

    /// Sends an attempt to be written, in place of what was set aside for it. To be waited for; it is written all the same
    /// when nobody waits.
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

    /// What is spent and set aside, by everybody who writes here.
    ///
    /// # Errors
    /// What is wrong with the ledger.
    pub fn sums(&self, simulated: bool) -> std::result::Result<Sums, String> {
        let (reply, answer) = mpsc::channel();
        self.send(StoreCommand::Ask(StoreQuery::Sums { simulated, reply }));
        let sums = answer.recv_timeout(FOR_THE_SUMS);
        sums.unwrap_or_else(|error| Err(error.to_string()))
    }

    /// Does it at once where nobody else writes, or hands it to the writer.
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
    "its writer has ended".to_owned()
}
